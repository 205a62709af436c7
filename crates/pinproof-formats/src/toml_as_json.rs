//! Values of TOML as Python's `json.dumps(…, sort_keys=True)` writes them, for digests that tools make of it.
//!
//! What it cannot write in the same way (floats, dates, integers beyond 64 bits) has no text at all: a digest of
//! something else would call a lock stale that is not.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use toml::de::DeValue;

use crate::toml_text::Node;

/// A value for [`text`]: of the document, or put together from parts of it.
pub(crate) enum Value<'a> {
    Null,
    Text(&'a str),
    Toml(&'a DeValue<'a>),
    List(Vec<Self>),
    Object(BTreeMap<String, Self>),
}

/// The two ways in which tools write it.
#[derive(Clone, Copy)]
pub(crate) enum Style {
    /// `{"a": 1, "b": 2}`
    Spaced,
    /// `{"a":1,"b":2}`
    Compact,
}

impl<'a> Value<'a> {
    /// The value of a node.
    pub(crate) fn of(node: &'a Node<'a>) -> Self {
        Self::Toml(node.get_ref())
    }

    /// The value under a key, or what stands for one that is not there.
    pub(crate) fn or(node: Option<&'a Node<'a>>, absent: Self) -> Self {
        node.map_or(absent, Self::of)
    }

    /// An object of these entries.
    pub(crate) fn object<const N: usize>(entries: [(&str, Self); N]) -> Self {
        let entries = entries.into_iter();
        Self::Object(
            entries
                .map(|(key, value)| (key.to_owned(), value))
                .collect(),
        )
    }

    /// An object without entries.
    pub(crate) fn empty() -> Self {
        Self::Object(BTreeMap::new())
    }
}

/// The text of a value; `None` if Python would write it in a way that is not known here.
pub(crate) fn text(value: &Value<'_>, style: Style) -> Option<String> {
    let mut out = String::new();
    write(value, style, &mut out)?;
    Some(out)
}

fn write(value: &Value<'_>, style: Style, out: &mut String) -> Option<()> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Text(text) => write_string(text, out),
        Value::Toml(value) => write_toml(value, style, out)?,
        Value::List(items) => write_all(('[', ']'), items, style, out, |item, out| {
            write(item, style, out)
        })?,
        Value::Object(entries) => {
            write_all(('{', '}'), entries, style, out, |(key, value), out| {
                write_key(key, style, out);
                write(value, style, out)
            })?;
        }
    }
    Some(())
}

/// The parser bounds how deep a document is.
fn write_toml(value: &DeValue<'_>, style: Style, out: &mut String) -> Option<()> {
    match value {
        DeValue::String(text) => write_string(text, out),
        DeValue::Boolean(true) => out.push_str("true"),
        DeValue::Boolean(false) => out.push_str("false"),
        DeValue::Integer(number) => {
            let number = i64::from_str_radix(number.as_str(), number.radix()).ok()?;
            // Writing to a string does not fail.
            let _ = write!(out, "{number}");
        }
        DeValue::Array(items) => write_all(('[', ']'), items.iter(), style, out, |item, out| {
            write_toml(item.get_ref(), style, out)
        })?,
        DeValue::Table(table) => {
            let entries: BTreeMap<&str, &Node<'_>> = table
                .iter()
                .map(|(key, node)| (key.get_ref().as_ref(), node))
                .collect();
            write_all(('{', '}'), entries, style, out, |(key, node), out| {
                write_key(key, style, out);
                write_toml(node.get_ref(), style, out)
            })?;
        }
        DeValue::Float(_) | DeValue::Datetime(_) => return None,
    }
    Some(())
}

fn write_all<T>(
    (open, close): (char, char),
    items: impl IntoIterator<Item = T>,
    style: Style,
    out: &mut String,
    one: impl Fn(T, &mut String) -> Option<()>,
) -> Option<()> {
    out.push(open);
    for (at, item) in items.into_iter().enumerate() {
        out.push_str(match (at, style) {
            (0, _) => "",
            (_, Style::Spaced) => ", ",
            (_, Style::Compact) => ",",
        });
        one(item, out)?;
    }
    out.push(close);
    Some(())
}

fn write_key(key: &str, style: Style, out: &mut String) {
    write_string(key, out);
    out.push_str(match style {
        Style::Spaced => ": ",
        Style::Compact => ":",
    });
}

/// A string in ASCII: everything else is escaped in units of UTF-16.
fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}
