//! What a lock remembers of its inputs: enough to see, without asking anybody, that none has changed.

use std::fmt::Write as _;

use pinproof_core::lock::LockInput;
use sha2::{Digest as _, Sha256};

/// An input as a lock notes it: its path, relative to the folder of the lock with `/` between parts, and
/// the digest of its text.
pub fn noted(path: &str, text: &str) -> LockInput {
    LockInput {
        path: path.to_owned(),
        sha256: digest(text),
    }
}

/// The SHA-256 of a text with every line end made `\n`, in lower-case hexadecimal digits.
///
/// Git may check a file out with other line ends; pip reads the same from it.
pub fn digest(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text) {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn line_ends_make_no_difference_and_all_else_does() {
        // As `printf 'a\nb\n' | sha256sum` prints it.
        let expected = "911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2";
        for text in ["a\nb\n", "a\r\nb\r\n", "a\rb\r\n"] {
            assert_eq!(digest(text), expected, "{text:?}");
        }
        for text in ["a\nb", "a\n\nb\n", "a \nb\n", "\u{feff}a\nb\n"] {
            assert_ne!(digest(text), expected, "{text:?}");
        }
    }
}
