//! Untrusted text that is safe to show in a terminal, a CI log or a report.

use std::fmt;

use serde::{Serialize, Serializer};

/// Text in which control, bidirectional and invisible characters are escaped as `\u{202e}`.
///
/// Messages, paths and labels are `Printable`, so text from a file name, an index or a requirements
/// file cannot move the cursor, reorder a line or forge a log entry. The escape happens on
/// construction; there is no way to obtain the raw text back.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Printable(String);

impl Printable {
    /// Escapes `text`.
    pub fn new(text: &str) -> Self {
        if text.chars().any(is_unprintable) {
            Self(escape(text))
        } else {
            Self(text.to_owned())
        }
    }

    /// The escaped text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The escaped text, cut to at most `limit` characters with an ellipsis.
    #[must_use]
    pub fn shortened(&self, limit: usize) -> Self {
        if self.0.chars().count() <= limit {
            return self.clone();
        }
        let kept: String = self.0.chars().take(limit.saturating_sub(1)).collect();
        Self(format!("{kept}…"))
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_unprintable(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Characters that act on a terminal or a reader instead of being read: controls, bidirectional
/// formatting, zero-width and tag characters, line separators, private use, the byte order mark.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
            | '\u{f0000}'..='\u{10ffff}')
}

impl fmt::Display for Printable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<&str> for Printable {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Printable {
    fn from(text: String) -> Self {
        if text.chars().any(is_unprintable) {
            Self(escape(&text))
        } else {
            Self(text)
        }
    }
}

impl Serialize for Printable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Printable;

    #[test]
    fn escapes_what_acts_on_a_terminal() {
        let text = "a\u{1b}[31m\u{202e}b\r\nc\u{200b}";
        assert_eq!(
            Printable::new(text).as_str(),
            "a\\u{1b}[31m\\u{202e}b\\u{d}\\u{a}c\\u{200b}"
        );
    }

    #[test]
    fn leaves_ordinary_text_alone() {
        assert_eq!(Printable::new("naïve – 名前").as_str(), "naïve – 名前");
    }

    #[test]
    fn shortens_by_characters() {
        assert_eq!(Printable::new("añbcd").shortened(3).as_str(), "añ…");
        assert_eq!(Printable::new("abc").shortened(3).as_str(), "abc");
    }
}
