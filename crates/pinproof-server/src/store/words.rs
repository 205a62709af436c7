//! Words of the store that the core has no use for: a digest as a key, and the names of files and indexes.

use std::fmt;
use std::str::FromStr;

use pinproof_core::{Hash, HashAlgorithm, Printable};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;
use thiserror::Error;

/// The SHA-256 digest of a file: the key under which its bytes are kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256([u8; 32]);

/// A text that is no digest, no name of a file, or no name of an index.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is not {what}")]
pub struct WordError {
    /// What it is not.
    pub what: &'static str,
    /// The text, shortened.
    pub text: Printable,
}

impl WordError {
    fn new(what: &'static str, text: &str) -> Self {
        let text = Printable::new(text).shortened(100);
        Self { what, text }
    }
}

impl Sha256 {
    /// The number of bytes.
    pub const LENGTH: usize = 32;

    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// A digest that is known already.
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// The digest as bytes.
    pub fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Sha256 {
    type Err = WordError;

    /// Reads 64 hexadecimal digits in lower case: an address of a file is written in one way only.
    fn from_str(text: &str) -> Result<Self, WordError> {
        let fail = || WordError::new("a SHA-256 digest in lower case", text);
        if text.len() != 2 * Self::LENGTH {
            return Err(fail());
        }
        let mut bytes = [0; Self::LENGTH];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digit = |digit: u8| match digit {
                b'0'..=b'9' => Ok(digit - b'0'),
                b'a'..=b'f' => Ok(digit - b'a' + 10),
                _ => Err(fail()),
            };
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Sha256 {
    type Error = WordError;

    fn try_from(text: String) -> Result<Self, WordError> {
        text.parse()
    }
}

impl From<Sha256> for String {
    fn from(digest: Sha256) -> Self {
        digest.to_string()
    }
}

impl TryFrom<&Hash> for Sha256 {
    type Error = WordError;

    fn try_from(hash: &Hash) -> Result<Self, WordError> {
        if hash.algorithm() != HashAlgorithm::Sha256 {
            return Err(WordError::new("a SHA-256 hash", &hash.to_string()));
        }
        hash.digest().parse()
    }
}

macro_rules! text_word {
    ($name:ident, $what:literal, $is_one:ident) => {
        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = WordError;

            fn from_str(text: &str) -> Result<Self, WordError> {
                if $is_one(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(WordError::new($what, text))
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = WordError;

            fn try_from(text: String) -> Result<Self, WordError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

/// The name of a file as an index lists it: one part of a path, kept as it is written.
///
/// Two names that differ in case only are two files with two pins. No file on disk has such a name, so what a file
/// system makes of it does not matter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileName(String);

text_word!(FileName, "the name of a file", is_file_name);

fn is_file_name(text: &str) -> bool {
    let is_foreign = |c: char| matches!(c, '/' | '\\') || c.is_control();
    !matches!(text, "" | "." | "..") && text.len() <= 255 && !text.contains(is_foreign)
}

/// The name of an upstream index, as the policy names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IndexName(String);

text_word!(IndexName, "the name of an index", is_index_name);

fn is_index_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 100 && !text.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::{FileName, IndexName, Sha256};

    #[test]
    fn a_digest_is_written_in_one_way() {
        let digest = Sha256::of(b"");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        let upper = digest.to_string().to_uppercase();
        assert!(upper.parse::<Sha256>().is_err());
        assert!("00".parse::<Sha256>().is_err());
        assert!("é".repeat(32).parse::<Sha256>().is_err());
    }

    #[test]
    fn a_name_is_one_part_of_a_path() {
        for bad in ["", ".", "..", "a/b", "a\\b", "a\nb", &"a".repeat(256)] {
            assert!(bad.parse::<FileName>().is_err(), "{bad}");
        }
        assert!("demo-1.0.tar.gz".parse::<FileName>().is_ok());
        assert!("".parse::<IndexName>().is_err());
        assert!("pypi\u{7}".parse::<IndexName>().is_err());
    }
}
