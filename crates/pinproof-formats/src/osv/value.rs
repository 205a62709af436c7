//! JSON as a tree in which nothing is lost: keys in their order, those that are there twice too.

use std::fmt;

use pinproof_core::Printable;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, de};

use super::{MAX_BYTES, MAX_DEPTH, MAX_NOTES, MAX_TEXT, Problem};

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// As text. A fraction may have lost zeros at its end.
    Number(String),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// What was read, and why it must not be relied on.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) root: Value,
    /// What was left out or can be read in two ways; the first such thing.
    pub(super) flaw: Option<Problem>,
}

impl Value {
    /// The value as others know it; of a key that is there twice, the last counts.
    pub(super) fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Number(number) => match number.parse() {
                Ok(number) => Json::Number(number),
                Err(_) => Json::String(number.clone()),
            },
            Self::Text(text) => Json::String(text.clone()),
            Self::List(list) => Json::Array(list.iter().map(Self::to_json).collect()),
            Self::Object(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| (key.clone(), value.to_json()));
                Json::Object(entries.collect())
            }
        }
    }

    pub(super) fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// The value of `key`; `null` is no value.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(entries) = self else {
            return None;
        };
        let (_, value) = entries.iter().find(|(name, _)| name == key)?;
        (*value != Self::Null).then_some(value)
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A text that is not longer than those that are worth keeping.
    pub(super) fn short_text(&self) -> Option<&str> {
        self.text().filter(|text| text.len() <= MAX_TEXT)
    }

    /// A version: a text, or a whole number, which has only one spelling.
    pub(super) fn version(&self) -> Option<&str> {
        match self {
            Self::Number(number) if number.bytes().all(|b| b.is_ascii_digit()) => Some(number),
            _ => self.text(),
        }
    }

    /// The list under `key`, empty where there is none.
    pub(super) fn list(&self, key: &'static str, limit: usize) -> Result<&[Self], Problem> {
        match self.get(key) {
            None => Ok(&[]),
            Some(Self::List(list)) if list.len() <= limit => Ok(list),
            Some(Self::List(_)) => Err(Problem::TooMany(key, limit)),
            Some(_) => Err(Problem::NotAList(key)),
        }
    }

    /// How many entries the list under `key` has.
    pub(super) fn count(&self, key: &str) -> usize {
        match self.get(key) {
            Some(Self::List(list)) => list.len(),
            _ => 0,
        }
    }

    /// The list under `key` of things that decide nothing about versions: another shape counts as none.
    pub(super) fn notes(&self, key: &'static str) -> Result<&[Self], Problem> {
        match self.list(key, MAX_NOTES) {
            Err(Problem::NotAList(_)) => Ok(&[]),
            notes => notes,
        }
    }
}

/// Reads JSON (RFC 8259), with or without a byte order mark.
pub(super) fn read(bytes: &[u8]) -> Result<Document, Problem> {
    if bytes.len() > MAX_BYTES {
        return Err(Problem::TooLarge);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut flaw = None;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let seed = Seed {
        depth: 0,
        flaw: &mut flaw,
    };
    let root = seed.deserialize(&mut reader).and_then(|root| {
        reader.end()?;
        Ok(root)
    });
    match root {
        Ok(root) => Ok(Document { root, flaw }),
        Err(error) => {
            let message = Printable::new(&error.to_string()).shortened(200);
            Err(Problem::NotJson(message))
        }
    }
}

/// The first key that an object has twice.
pub(super) fn duplicate(entries: &[(String, Value)]) -> Option<Problem> {
    let mut keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    let twice = keys.windows(2).find_map(|pair| match pair {
        [a, b] if a == b => Some(*a),
        _ => None,
    })?;
    Some(Problem::DuplicateKey(Printable::new(twice).shortened(100)))
}

/// Reads one value that lies `depth` deep.
struct Seed<'f> {
    depth: usize,
    flaw: &'f mut Option<Problem>,
}

impl Seed<'_> {
    fn inner(&mut self) -> Seed<'_> {
        Seed {
            depth: self.depth + 1,
            flaw: self.flaw,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.depth > MAX_DEPTH {
            self.flaw.get_or_insert(Problem::TooDeep);
            // serde_json skips without recursion.
            deserializer.deserialize_ignored_any(IgnoredAny)?;
            return Ok(Value::Null);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    /// With a point, so that it is no whole number.
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(format!("{value:?}")))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = items.next_element_seed(self.inner())? {
            list.push(value);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut items: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = items.next_key::<String>()? {
            entries.push((key, items.next_value_seed(self.inner())?));
        }
        if self.flaw.is_none() {
            *self.flaw = duplicate(&entries);
        }
        Ok(Value::Object(entries))
    }
}
