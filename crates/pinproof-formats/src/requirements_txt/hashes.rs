//! `--hash=ALGORITHM:DIGEST`, and the hash in the fragment of a URL.

use std::ops::Range;

use pinproof_core::Hash;

use super::problem::Problem;
use crate::address;

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
    let (range, hash) = address::hash(url)?;
    Some((range, hash.map_err(|error| Problem::new(error.to_string()))))
}
