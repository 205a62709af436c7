//! Whether a text from outside may become the name of a file in a folder of the user.

use pinproof_core::Printable;

use super::DownloadError;

/// What file systems take.
const MAX_BYTES: usize = 255;

/// `filename`, if it is one everywhere: one component, visible, of the characters that names and versions
/// of distributions have, and none of the words that are devices on Windows.
pub(super) fn checked(filename: &str) -> Result<&str, DownloadError> {
    let is_usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '!');
    let is_plain = filename.len() <= MAX_BYTES
        && filename.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && filename.chars().all(is_usual)
        && filename.ends_with(|c: char| c.is_ascii_alphanumeric())
        && !is_device(filename);
    if is_plain {
        return Ok(filename);
    }
    Err(DownloadError::NotAPlainName(
        Printable::new(filename).shortened(120),
    ))
}

/// Windows opens a device for these, whatever follows the first dot.
fn is_device(filename: &str) -> bool {
    let stem = filename
        .split('.')
        .next()
        .unwrap_or("")
        .to_ascii_lowercase();
    let is_port = |prefix: &str| {
        let number = stem.strip_prefix(prefix);
        number.is_some_and(|number| number.len() == 1 && number.bytes().all(|b| b.is_ascii_digit()))
    };
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul") || is_port("com") || is_port("lpt")
}

#[cfg(test)]
mod tests {
    use super::checked;

    #[test]
    fn names_of_distributions_are_plain() {
        for name in [
            "flask-3.1.2-py3-none-any.whl",
            "a-1!2.0+local.1.tar.gz",
            "_x-1.zip",
            "console-1.0.tar.gz",
        ] {
            assert!(checked(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn nothing_leads_elsewhere_or_acts() {
        let long = format!("{}.whl", "a".repeat(252));
        for name in [
            "",
            ".",
            "..",
            "../a.whl",
            "/a.whl",
            "a/b.whl",
            "a\\b.whl",
            "c:a.whl",
            ".hidden.whl",
            "-r.whl",
            "a.whl:ads",
            "a.whl.",
            "a.whl ",
            "a\n.whl",
            "a\u{202e}.whl",
            "nul.tar.gz",
            "COM1.whl",
            "a*.whl",
            "é.whl",
            &long,
        ] {
            assert!(checked(name).is_err(), "{name:?}");
        }
    }
}
