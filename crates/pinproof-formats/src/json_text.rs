//! JSON with places: `serde_json` says what is JSON and what a value is; where it stands is where its
//! slice of the text begins.
//!
//! A value is read one level at a time. What nobody asks for is skipped without recursion and without a
//! copy, so neither depth nor length of what is not read costs more than the text itself.

use std::collections::HashSet;
use std::fmt;

use pinproof_core::{Printable, Span};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use thiserror::Error;

/// The text of one value.
pub(crate) type Raw<'t> = &'t RawValue;

/// A text that is no JSON, or a value of another kind than the format wants there.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct JsonError {
    /// What is wrong, as a sentence without a full stop.
    pub message: Printable,
    /// Where.
    pub span: Span,
}

/// A JSON text whose grammar is sound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Document<'t> {
    text: &'t str,
    root: Raw<'t>,
}

/// A string and its place, without the quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub value: String,
    pub span: Span,
}

impl<'t> Document<'t> {
    /// Checks the grammar of the whole text.
    pub(crate) fn parse(text: &'t str) -> Result<Self, JsonError> {
        let root = serde_json::from_str(text).map_err(|error| wrong(text, 0, &error))?;
        Ok(Self { text, root })
    }

    pub(crate) fn root(&self) -> Raw<'t> {
        self.root
    }

    /// The place of a value of this text.
    pub(crate) fn span(&self, raw: Raw<'t>) -> Span {
        let start = raw.get().as_ptr().addr();
        let start = start.saturating_sub(self.text.as_ptr().addr());
        Span::new(start, start + raw.get().len())
    }

    /// Reads the known keys of an object; one that is there twice is an error, because two readers
    /// would take two different values.
    pub(crate) fn object<T: Deserialize<'t>>(&self, raw: Raw<'t>) -> Result<T, JsonError> {
        if !raw.get().starts_with('{') {
            return Err(self.expected(raw, "an object"));
        }
        self.value(raw)
    }

    /// The values of an array of at most `most`.
    pub(crate) fn list(&self, raw: Raw<'t>, most: usize) -> Result<Vec<Raw<'t>>, JsonError> {
        if !raw.get().starts_with('[') {
            return Err(self.expected(raw, "an array"));
        }
        let mut reader = serde_json::Deserializer::from_str(raw.get());
        let values = reader.deserialize_seq(Items { most });
        values.map_err(|error| wrong(raw.get(), self.span(raw).start, &error))
    }

    /// The keys of an object of at most `most`, with their values, in the order of the text; a key that is
    /// there twice is an error.
    pub(crate) fn entries(
        &self,
        raw: Raw<'t>,
        most: usize,
    ) -> Result<Vec<(Text, Raw<'t>)>, JsonError> {
        if !raw.get().starts_with('{') {
            return Err(self.expected(raw, "an object"));
        }
        let mut reader = serde_json::Deserializer::from_str(raw.get());
        let entries = reader.deserialize_map(Entries { most });
        let entries = entries.map_err(|error| wrong(raw.get(), self.span(raw).start, &error))?;
        let with_place = |(key, value): (String, Raw<'t>)| {
            let span = self.key_before(self.span(value).start, key.len());
            (Text { value: key, span }, value)
        };
        Ok(entries.into_iter().map(with_place).collect())
    }

    /// The place of the key before a value, without quotes. One with escapes is longer than what it says;
    /// then its end is what is shown.
    fn key_before(&self, value: usize, length: usize) -> Span {
        let before = self.text.get(..value).unwrap_or("");
        let end = before.rfind('"').unwrap_or(0);
        let start = end.saturating_sub(length);
        let start = (0..=start).rev().find(|at| self.text.is_char_boundary(*at));
        Span::new(start.unwrap_or(0), end)
    }

    pub(crate) fn string(&self, raw: Raw<'t>) -> Result<Text, JsonError> {
        if !raw.get().starts_with('"') {
            return Err(self.expected(raw, "a string"));
        }
        let whole = self.span(raw);
        Ok(Text {
            value: self.value(raw)?,
            span: Span::new(whole.start + 1, whole.end.saturating_sub(1)),
        })
    }

    /// A string, if the value is there.
    pub(crate) fn optional(&self, raw: Option<Raw<'t>>) -> Result<Option<Text>, JsonError> {
        raw.map(|raw| self.string(raw)).transpose()
    }

    fn value<T: Deserialize<'t>>(&self, raw: Raw<'t>) -> Result<T, JsonError> {
        let error = |error| wrong(raw.get(), self.span(raw).start, &error);
        serde_json::from_str(raw.get()).map_err(error)
    }

    pub(crate) fn expected(&self, raw: Raw<'t>, what: &str) -> JsonError {
        JsonError {
            message: Printable::from(format!("{what} is expected here")),
            span: self.span(raw),
        }
    }
}

/// An error of `serde_json` with its place in the whole text.
fn wrong(text: &str, offset: usize, error: &serde_json::Error) -> JsonError {
    let mut message = error.to_string();
    // The place stands in the message, too: that of a slice would mislead.
    if let Some(at) = message.rfind(" at line ") {
        message.truncate(at);
    }
    let line = error.line().saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let at = (start + error.column().saturating_sub(1)).min(text.len());
    // Columns are bytes, and may stand within a character.
    let at = (0..=at).rev().find(|at| text.is_char_boundary(*at));
    let at = offset + at.unwrap_or(0);
    JsonError {
        message: Printable::from(message).shortened(200),
        span: Span::new(at, at),
    }
}

/// Collects the entries of an object, and stops where they are too many.
struct Entries {
    most: usize,
}

impl<'t> Visitor<'t> for Entries {
    type Value = Vec<(String, Raw<'t>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        while let Some((key, value)) = entries.next_entry::<String, Raw<'t>>()? {
            if found.len() == self.most {
                return Err(A::Error::custom(format!("more than {} entries", self.most)));
            }
            if !seen.insert(key.clone()) {
                let shown = Printable::new(&key).shortened(40);
                return Err(A::Error::custom(format!("duplicate field `{shown}`")));
            }
            found.push((key, value));
        }
        Ok(found)
    }
}

/// Collects the items of an array, and stops where they are too many.
struct Items {
    most: usize,
}

impl<'t> Visitor<'t> for Items {
    type Value = Vec<Raw<'t>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(item) = items.next_element()? {
            if found.len() == self.most {
                return Err(A::Error::custom(format!("more than {} entries", self.most)));
            }
            found.push(item);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use pinproof_core::Span;
    use serde::Deserialize;

    use super::{Document, Raw};

    #[derive(Deserialize)]
    struct Pair<'t> {
        #[serde(borrow)]
        a: Option<Raw<'t>>,
        b: Option<Raw<'t>>,
    }

    #[test]
    fn values_have_their_places() {
        let text = "\n { \"x\": [[{}]], \"b\" : [\"ü\", \"\\u0061\"], \"a\":null}";
        let document = Document::parse(text).unwrap();
        let pair: Pair<'_> = document.object(document.root()).unwrap();
        assert!(pair.a.is_none());
        let list = document.list(pair.b.unwrap(), 2).unwrap();
        let second = document.string(list[1]).unwrap();
        assert_eq!(second.value, "a");
        assert_eq!(&text[second.span.start..second.span.end], "\\u0061");
        let Span { start, end } = document.span(list[0]);
        assert_eq!(&text[start..end], "\"ü\"");
        assert!(document.list(pair.b.unwrap(), 1).is_err());
    }

    #[test]
    fn errors_point_into_the_whole_text() {
        let text = "{\"b\": {\"é\": 1,\n \"a\": 1, \"a\": 2}}";
        let document = Document::parse(text).unwrap();
        let pair: Pair<'_> = document.object(document.root()).unwrap();
        let error = document.object::<Pair<'_>>(pair.b.unwrap()).err().unwrap();
        assert!(error.message.as_str().contains("duplicate field `a`"));
        assert!(text[error.span.start..].contains(": 2"), "{error:?}");
        assert!(document.list(pair.b.unwrap(), 9).is_err());
        assert!(document.string(pair.b.unwrap()).is_err());
        for broken in [
            "",
            "{",
            "[1,]",
            "{\"a\": 1} x",
            "\u{feff}{}",
            "{'a': 1}",
            "nul",
        ] {
            let error = Document::parse(broken).unwrap_err();
            assert!(
                error.span.end <= broken.len() && !error.message.as_str().contains(" at line ")
            );
        }
    }

    #[test]
    fn keys_have_their_places() {
        let text = "{\"é\" : 1, \"b\":{\"c\":2},\"\\u0061\":3}";
        let document = Document::parse(text).unwrap();
        let entries = document.entries(document.root(), 9).unwrap();
        let shown: Vec<_> = entries
            .iter()
            .map(|(key, value)| {
                (
                    &*key.value,
                    &text[key.span.start..key.span.end],
                    value.get(),
                )
            })
            .collect();
        assert_eq!(
            shown,
            [("é", "é", "1"), ("b", "b", "{\"c\":2}"), ("a", "1", "3")]
        );
        assert!(document.entries(document.root(), 2).is_err());
        let twice = Document::parse("{\"a\": 1, \"a\": 2}").unwrap();
        assert!(twice.entries(twice.root(), 9).is_err());
    }

    #[test]
    fn an_array_is_no_object() {
        let document = Document::parse("[1, 2]").unwrap();
        assert!(document.object::<Pair<'_>>(document.root()).is_err());
    }

    #[test]
    fn depth_and_length_cost_nothing_where_nobody_looks() {
        let deep = format!(
            "{{\"x\": {}{}}}",
            "[".repeat(1_000_000),
            "]".repeat(1_000_000)
        );
        let document = Document::parse(&deep).unwrap();
        assert!(document.object::<Pair<'_>>(document.root()).is_ok());
        let long = format!("{{\"x\": \"{}\"}}", "y".repeat(10_000_000));
        let document = Document::parse(&long).unwrap();
        assert!(document.object::<Pair<'_>>(document.root()).is_ok());
    }
}
