//! `--hash=ALGORITHM:DIGEST`, and the hash in the fragment of a URL.

use pinproof_core::{Hash, HashAlgorithm};

use super::address;
use super::problem::Problem;
use std::ops::Range;

/// Reads the value of `--hash`; the algorithm is in lower case, as pip wants it.
pub(super) fn read(value: &str) -> Result<Hash, Problem> {
    let algorithm = value.split(':').next().unwrap_or("");
    if algorithm.contains(|c: char| c.is_ascii_uppercase()) {
        return Err(Problem::new(
            "pip knows hash algorithms in lower case only, and stops here",
        ));
    }
    value.parse::<Hash>().map_err(|error| {
        Problem::new(error.to_string()).help("write `--hash=sha256:<64 hexadecimal digits>`")
    })
}

/// The hash in a URL's fragment, the first that pip finds, and where `algorithm=digest` stands.
pub(super) fn in_url(url: &str) -> Option<(Range<usize>, Result<Hash, Problem>)> {
    let pip_knows = |algorithm: &HashAlgorithm| *algorithm != HashAlgorithm::Blake2b;
    let found = HashAlgorithm::ALL
        .into_iter()
        .filter(pip_knows)
        .filter_map(|algorithm| {
            let value = address::fragment_value(url, algorithm.name())?;
            Some((value.start - algorithm.name().len() - 1, value, algorithm))
        });
    let (start, value, algorithm) = found.min_by_key(|(start, ..)| *start)?;
    let digest = url.get(value.clone()).unwrap_or("");
    let hash = Hash::new(algorithm, digest).map_err(|error| Problem::new(error.to_string()));
    Some((start..value.end, hash))
}
