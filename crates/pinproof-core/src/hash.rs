//! Hashes of distributions, as requirements files and indexes write them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Printable;

/// A hash algorithm that a lock or an index may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum HashAlgorithm {
    /// 128 bits, broken.
    Md5,
    /// 160 bits, broken.
    Sha1,
    /// 224 bits; pip does not accept it.
    Sha224,
    /// 256 bits; what PyPI publishes.
    Sha256,
    /// 384 bits.
    Sha384,
    /// 512 bits.
    Sha512,
    /// `BLAKE2b` with 512 bits.
    Blake2b,
}

impl HashAlgorithm {
    /// Every algorithm known here.
    pub const ALL: [Self; 7] = [
        Self::Md5,
        Self::Sha1,
        Self::Sha224,
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
        Self::Blake2b,
    ];

    /// The name used in `--hash=NAME:…`, in URL fragments and by the Simple API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
            Self::Blake2b => "blake2b",
        }
    }

    /// The number of hexadecimal digits of a digest.
    pub fn hex_len(self) -> usize {
        match self {
            Self::Md5 => 32,
            Self::Sha1 => 40,
            Self::Sha224 => 56,
            Self::Sha256 => 64,
            Self::Sha384 => 96,
            Self::Sha512 | Self::Blake2b => 128,
        }
    }

    /// Whether a collision is out of an attacker's reach: 256 bits or more.
    pub fn is_strong(self) -> bool {
        !matches!(self, Self::Md5 | Self::Sha1 | Self::Sha224)
    }
}

/// A digest with its algorithm; the digits are lower case and of the right number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hash {
    algorithm: HashAlgorithm,
    digest: String,
}

/// Why a text is no hash.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HashError {
    /// There is no `:` between algorithm and digest.
    #[error("`{0}` has no algorithm: a hash is written `sha256:<64 hexadecimal digits>`")]
    NoAlgorithm(Printable),
    /// The algorithm is not known here.
    #[error("`{0}` is not a hash algorithm that pip and pinproof know")]
    UnknownAlgorithm(Printable),
    /// The digest has the wrong number of digits, or others than 0–9 and a–f.
    #[error(
        "a {algorithm} digest has {expected} hexadecimal digits, this one does not: `{digest}`"
    )]
    BadDigest {
        /// The algorithm named.
        algorithm: &'static str,
        /// How many digits it has.
        expected: usize,
        /// What was written.
        digest: Printable,
    },
}

impl Hash {
    /// A hash from an algorithm and hexadecimal digits in either case.
    pub fn new(algorithm: HashAlgorithm, digest: &str) -> Result<Self, HashError> {
        let is_hex = digest.bytes().all(|b| b.is_ascii_hexdigit());
        if !is_hex || digest.len() != algorithm.hex_len() {
            return Err(HashError::BadDigest {
                algorithm: algorithm.name(),
                expected: algorithm.hex_len(),
                digest: Printable::new(digest).shortened(80),
            });
        }
        Ok(Self {
            algorithm,
            digest: digest.to_ascii_lowercase(),
        })
    }

    /// The algorithm.
    pub fn algorithm(&self) -> HashAlgorithm {
        self.algorithm
    }

    /// The digest in lower-case hexadecimal digits.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

impl FromStr for HashAlgorithm {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Self, HashError> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| HashError::UnknownAlgorithm(Printable::new(text).shortened(40)))
    }
}

impl FromStr for Hash {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Self, HashError> {
        let (algorithm, digest) = text
            .split_once(':')
            .ok_or_else(|| HashError::NoAlgorithm(Printable::new(text).shortened(80)))?;
        Self::new(algorithm.parse()?, digest)
    }
}

impl TryFrom<String> for Hash {
    type Error = HashError;

    fn try_from(text: String) -> Result<Self, HashError> {
        text.parse()
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        hash.to_string()
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.name(), self.digest)
    }
}

impl fmt::Display for HashAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::{Hash, HashAlgorithm, HashError};

    #[test]
    fn reads_and_writes_the_same_hash() {
        let text = format!("sha256:{}", "Ab".repeat(32));
        let hash: Hash = text.parse().unwrap();
        assert_eq!(hash.algorithm(), HashAlgorithm::Sha256);
        assert_eq!(hash.to_string(), text.to_lowercase());
    }

    #[test]
    fn a_short_digest_is_refused() {
        let error = "sha256:abcd".parse::<Hash>().unwrap_err();
        assert!(matches!(error, HashError::BadDigest { expected: 64, .. }));
        assert!("sha999:ab".parse::<Hash>().is_err());
        assert!("abcd".parse::<Hash>().is_err());
    }
}
