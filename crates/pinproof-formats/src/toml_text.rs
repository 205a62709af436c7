//! TOML with places: a parsed document, its comments, and the spans inside its strings.
//!
//! Nesting is bounded before anything is built, because a tree a million levels deep overflows the
//! stack when it is dropped. TOML 1.1 is accepted: an installer that knows only 1.0 refuses such a
//! file by itself, so nothing is installed that was not read here.

use pinproof_core::{Printable, Span};
use thiserror::Error;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};
use toml_parser::Source;
use toml_parser::lexer::TokenKind;

/// How many tables and arrays may stand within each other; real files have fewer than ten.
const MAX_DEPTH: usize = 100;

/// A file that is no TOML: nothing of it is known.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct TomlError {
    /// What is wrong, as a sentence without a full stop.
    pub message: Printable,
    /// Where.
    pub span: Span,
}

/// A value with its place.
pub(crate) type Node<'t> = Spanned<DeValue<'t>>;

/// A key with its place.
pub(crate) type Key<'t> = Spanned<DeString<'t>>;

/// A parsed document.
pub(crate) struct Document<'t> {
    /// Its top-level table.
    pub root: DeTable<'t>,
    /// Its comments, in order.
    pub comments: Vec<Span>,
}

/// A string value: its text, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    /// The value, with escapes resolved.
    pub value: &'a str,
    /// The literal, with its quotes.
    pub literal: Span,
    /// Where the value starts, when its bytes are those of the file: no escape changes them.
    start: Option<usize>,
}

impl<'t> Document<'t> {
    /// Parses a document in time linear in its length.
    pub(crate) fn parse(text: &'t str) -> Result<Self, TomlError> {
        let comments = scan(text)?;
        let root = DeTable::parse(text).map_err(|error| {
            let range = error.span().unwrap_or(0..0);
            TomlError {
                message: Printable::new(error.message()).shortened(200),
                span: Span::new(range.start, range.end),
            }
        })?;
        Ok(Self {
            root: root.into_inner(),
            comments,
        })
    }
}

/// Finds the comments, and refuses what is nested too deeply.
fn scan(text: &str) -> Result<Vec<Span>, TomlError> {
    let mut comments = Vec::new();
    // Per open bracket: the dots of the key before it. The last one counts the current key.
    let mut dots: Vec<usize> = vec![0];
    let mut depth = 0;
    for token in Source::new(text).lex() {
        let span = Span::new(token.span().start(), token.span().end());
        let open = dots.len();
        match token.kind() {
            TokenKind::Comment => comments.push(span),
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => dots.push(0),
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket if open > 1 => {
                depth -= dots.pop().unwrap_or_default();
            }
            TokenKind::Newline | TokenKind::Comma => {
                depth -= dots.last().copied().unwrap_or_default();
                dots[open - 1] = 0;
            }
            TokenKind::Dot => {
                depth += 1;
                dots[open - 1] += 1;
            }
            _ => {}
        }
        if depth + dots.len() > MAX_DEPTH {
            return Err(TomlError {
                message: Printable::new("tables and arrays are nested too deeply"),
                span,
            });
        }
    }
    Ok(comments)
}

impl<'a> Text<'a> {
    /// The string of a value, if it is one.
    pub(crate) fn of(source: &str, node: &'a Node<'_>) -> Option<Self> {
        let value = node.get_ref().as_str()?;
        let literal = span(node);
        let content = content(source, literal);
        let start = content.filter(|(_, raw)| *raw == value).map(|(at, _)| at);
        Some(Self {
            value,
            literal,
            start,
        })
    }

    /// The place of a part of the value; the whole literal where escapes hide the place.
    pub(crate) fn part(&self, part: Span) -> Span {
        match self.start {
            Some(start) => Span::new(start + part.start, start + part.end),
            None => self.literal,
        }
    }

    /// The place of the value, without quotes where that is possible.
    pub(crate) fn span(&self) -> Span {
        self.part(Span::new(0, self.value.len()))
    }
}

/// A text as a basic string of TOML, on one line; what a terminal would not show as it is, is escaped.
pub(crate) fn quoted(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for c in text.chars() {
        let mut buffer = [0; 4];
        let shown = &*c.encode_utf8(&mut buffer);
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            _ if Printable::new(shown).as_str() == shown => literal.push(c),
            _ => literal.extend(format!("\\U{:08X}", u32::from(c)).chars()),
        }
    }
    literal.push('"');
    literal
}

/// The text between the quotes of a literal, and where it starts.
fn content(source: &str, literal: Span) -> Option<(usize, &str)> {
    let raw = source.get(literal.start..literal.end)?;
    let quotes = if raw.starts_with("\"\"\"") || raw.starts_with("'''") {
        3
    } else {
        1
    };
    let inner = raw.get(quotes..raw.len().checked_sub(quotes)?)?;
    // A line end right after three quotes is not part of the value (TOML, "String").
    let trimmed = inner
        .strip_prefix("\r\n")
        .or_else(|| inner.strip_prefix('\n'));
    let trimmed = trimmed.filter(|_| quotes == 3).unwrap_or(inner);
    Some((
        literal.start + quotes + inner.len() - trimmed.len(),
        trimmed,
    ))
}

/// The place of a key or value; a table has that of its header.
pub(crate) fn span<T>(spanned: &Spanned<T>) -> Span {
    let range = spanned.span();
    Span::new(range.start, range.end)
}

/// The place of a value with all that stands in it: of a table that dotted keys make (`a.b = 1`), `toml`
/// gives no more than the first key.
pub(crate) fn whole(source: &str, node: &Node<'_>) -> Span {
    let own = span(node);
    let table = node.get_ref().as_table();
    let is_written_as_one = source
        .get(own.start..own.end)
        .is_none_or(|text| text.starts_with(['{', '[']));
    match table {
        Some(table) if !is_written_as_one => table
            .values()
            .fold(own, |place, value| place.cover(whole(source, value))),
        _ => own,
    }
}

/// The place of a key and its value, where they stand beside each other.
pub(crate) fn entry_span(key: &Key<'_>, node: &Node<'_>) -> Span {
    let (key, value) = (span(key), span(node));
    if key.start <= value.start {
        key.cover(value)
    } else {
        key
    }
}

/// The entries of a table in the order of the file.
pub(crate) fn entries<'a, 't>(table: &'a DeTable<'t>) -> Vec<(&'a Key<'t>, &'a Node<'t>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// The table behind a path of keys.
pub(crate) fn table_at<'a, 't>(root: &'a DeTable<'t>, path: &[&str]) -> Option<&'a DeTable<'t>> {
    let mut table = root;
    for name in path {
        table = table.get(*name)?.get_ref().as_table()?;
    }
    Some(table)
}

#[cfg(test)]
mod tests {
    use super::{Document, Text, whole};
    use pinproof_core::Span;

    fn first_string(text: &str) -> (String, Span, Span) {
        let document = Document::parse(text).unwrap();
        let node = document.root.get("a").unwrap();
        let found = Text::of(text, node).unwrap();
        (
            found.value.to_owned(),
            found.span(),
            found.part(Span::new(0, 1)),
        )
    }

    #[test]
    fn spans_lie_inside_every_kind_of_string() {
        for text in [
            "a = \"xyz\"",
            "a = 'xyz'",
            "a = \"\"\"xyz\"\"\"",
            "a = '''\r\nxyz'''",
            "a=\"\"\"\nxyz\"\"\"",
        ] {
            let (value, span, part) = first_string(text);
            assert_eq!(&text[span.start..span.end], value, "{text}");
            assert_eq!(&text[part.start..part.end], "x", "{text}");
        }
    }

    #[test]
    fn escapes_give_the_whole_literal() {
        let text = "a = \"x\\u0079z\"";
        let (value, span, part) = first_string(text);
        assert_eq!(value, "xyz");
        assert_eq!(&text[span.start..span.end], "\"x\\u0079z\"");
        assert_eq!(span, part);
    }

    #[test]
    fn a_table_of_dotted_keys_is_as_long_as_its_values() {
        let place = |text: &str| {
            let document = Document::parse(text).unwrap();
            let place = whole(text, document.root.get("a").unwrap());
            text[place.start..place.end].to_owned()
        };
        assert_eq!(place("a.b.c = [1]\n"), "a.b.c = [1]");
        assert_eq!(
            place("a.b = 1\na.c = { d.e = 'x' }\n"),
            "a.b = 1\na.c = { d.e = 'x' }"
        );
        assert_eq!(place("[a]\nb = 1\n"), "[a]");
        assert_eq!(place("a = { b = 1 }\n"), "{ b = 1 }");
    }

    #[test]
    fn comments_are_not_found_in_strings() {
        let text = "# one\na = \"# no\" # two\nb = '''\n# no\n'''";
        let found = Document::parse(text).unwrap().comments;
        let texts: Vec<_> = found
            .iter()
            .map(|span| &text[span.start..span.end])
            .collect();
        assert_eq!(texts, ["# one", "# two"]);
    }

    #[test]
    fn depth_is_bounded() {
        for bomb in [
            format!("a = {}", "[".repeat(100_000)),
            format!("a = {}", "{a=".repeat(100_000)),
            format!("{}a = 1", "a.".repeat(100_000)),
            format!("[{}a]", "a.".repeat(100_000)),
            format!("a = {}", "{a.a.a.a.a.a.a.a.a = ".repeat(12)),
        ] {
            assert!(Document::parse(&bomb).is_err());
        }
        let wide = format!("a = [{}]", "1.5, ".repeat(100_000));
        assert!(Document::parse(&wide).is_ok());
    }
}
