//! Edits of a text: replacements of spans, applied together.

use pinproof_core::Span;

/// A replacement; an empty span inserts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// What is replaced, in bytes of the text before any edit.
    pub span: Span,
    /// What takes its place.
    pub replacement: String,
}

impl Edit {
    /// Inserts `text` before the byte `at`.
    pub fn insert(at: usize, text: impl Into<String>) -> Self {
        Self {
            span: Span::new(at, at),
            replacement: text.into(),
        }
    }
}

/// The text after all `edits`, in whatever order they come.
///
/// `None` if two edits overlap, or one is outside the text or within a character: a file is written
/// with every edit or not at all.
pub fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    // Stable: of two insertions at one place, the first given stays first.
    sorted.sort_by_key(|edit| edit.span);
    let added: usize = edits.iter().map(|edit| edit.replacement.len()).sum();
    let mut result = String::with_capacity(text.len() + added);
    let mut at = 0;
    for edit in sorted {
        result.push_str(text.get(at..edit.span.start)?);
        result.push_str(&edit.replacement);
        at = edit.span.end;
    }
    result.push_str(text.get(at..)?);
    Some(result)
}

#[cfg(test)]
mod tests {
    use pinproof_core::Span;

    use super::{Edit, apply};

    #[test]
    fn applies_in_the_order_of_the_text() {
        let edits = [
            Edit {
                span: Span::new(4, 6),
                replacement: "E".into(),
            },
            Edit::insert(0, "1"),
            Edit::insert(0, "2"),
            Edit::insert(8, "!"),
        ];
        assert_eq!(apply("a b cé d", &edits).as_deref(), None);
        assert_eq!(apply("ab cdefg", &edits).as_deref(), Some("12ab cEfg!"));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let over = [
            Edit {
                span: Span::new(0, 2),
                replacement: String::new(),
            },
            Edit::insert(1, "x"),
        ];
        assert_eq!(apply("abc", &over), None);
        assert_eq!(apply("abc", &[Edit::insert(4, "x")]), None);
        assert_eq!(apply("é", &[Edit::insert(1, "x")]), None);
        assert_eq!(apply("abc", &[]).as_deref(), Some("abc"));
    }
}
