//! Yes and no, in the words that pip and uv understand.

/// The truth of a text; both clients take the words of the old `distutils.util.strtobool`.
pub(crate) fn truth(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "y" | "yes" | "t" | "true" | "on" | "1" => Some(true),
        "n" | "no" | "f" | "false" | "off" | "0" => Some(false),
        _ => None,
    }
}
