//! Reads TOML by the list of keys: an unknown key or a wrong kind is an error with its place and a hint.

use pinproof_core::Span;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::ConfigError;
use super::keys::Key;

/// A table that knows its keys; collects errors instead of stopping at the first.
pub(super) struct Reader<'t, 'e> {
    table: &'t DeTable<'t>,
    errors: &'e mut Vec<ConfigError>,
}

/// A value with its place.
#[derive(Clone, Debug)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) span: Span,
}

pub(super) fn span_of<T>(spanned: &Spanned<T>) -> Span {
    let range = spanned.span();
    Span::new(range.start, range.end)
}

impl<'t, 'e> Reader<'t, 'e> {
    /// Reads `table`; every key that is not in `keys` is an error.
    pub(super) fn new(
        table: &'t DeTable<'t>,
        keys: &[Key],
        errors: &'e mut Vec<ConfigError>,
    ) -> Self {
        for (name, _) in table {
            if !keys.iter().any(|key| key.name == name.get_ref().as_ref()) {
                let known: Vec<_> = keys.iter().map(|key| key.name).collect();
                errors.push(ConfigError::unknown(
                    "key",
                    name.get_ref(),
                    &known,
                    span_of(name),
                ));
            }
        }
        Self { table, errors }
    }

    pub(super) fn error(&mut self, span: Span, message: impl Into<String>, help: &str) {
        self.errors.push(ConfigError::new(span, message, help));
    }

    /// Where the value of a key stands.
    pub(super) fn span(&self, name: &str) -> Span {
        self.get(name).map_or_else(Span::default, span_of)
    }

    fn get(&self, name: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.table.get(name)
    }

    fn wrong_kind(&mut self, name: &str, span: Span, expected: &str) {
        self.error(span, format!("`{name}` takes {expected}"), "");
    }

    pub(super) fn text(&mut self, name: &str) -> Option<At<String>> {
        let value = self.get(name)?;
        let span = span_of(value);
        let text = value.get_ref().as_str().map(ToOwned::to_owned);
        if text.is_none() {
            self.wrong_kind(name, span, "a text in quotes");
        }
        text.map(|value| At { value, span })
    }

    /// A text that `parse` turns into a value; what it cannot parse is an error at the text.
    pub(super) fn parsed<T, E: ToString>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<At<T>> {
        let At { value, span } = self.text(name)?;
        match parse(&value) {
            Ok(value) => Some(At { value, span }),
            Err(error) => {
                self.error(span, error.to_string(), "");
                None
            }
        }
    }

    pub(super) fn bool(&mut self, name: &str) -> Option<bool> {
        let value = self.get(name)?;
        let truth = value.get_ref().as_bool();
        if truth.is_none() {
            self.wrong_kind(name, span_of(value), "true or false");
        }
        truth
    }

    pub(super) fn texts(&mut self, name: &str) -> Option<Vec<At<String>>> {
        let value = self.get(name)?;
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_kind(name, span_of(value), "a list of texts");
            return None;
        };
        let mut texts = Vec::new();
        for item in items {
            let span = span_of(item);
            match item.get_ref().as_str() {
                Some(text) => texts.push(At {
                    value: text.to_owned(),
                    span,
                }),
                None => self.wrong_kind(name, span, "a list of texts"),
            }
        }
        Some(texts)
    }

    pub(super) fn date(&mut self, name: &str) -> Option<jiff::civil::Date> {
        let value = self.get(name)?;
        let span = span_of(value);
        let date = match value.get_ref() {
            DeValue::Datetime(date) => date.to_string().parse().ok(),
            DeValue::String(text) => text.parse().ok(),
            _ => None,
        };
        if date.is_none() {
            self.wrong_kind(name, span, "a date such as 2027-01-31");
        }
        date
    }

    /// A moment; a day stands for its beginning in UTC, as `--as-of` takes it.
    pub(super) fn moment(&mut self, name: &str) -> Option<jiff::Timestamp> {
        let value = self.get(name)?;
        let text = match value.get_ref() {
            DeValue::Datetime(moment) => moment.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => String::new(),
        };
        let of_day = |day: jiff::civil::Date| day.to_zoned(jiff::tz::TimeZone::UTC).ok();
        let day = || text.parse().ok().and_then(of_day);
        // A time without an offset would be another one on another machine.
        let moment = text.parse().ok();
        let moment = moment.or_else(|| match text.len() {
            10 => day().map(|zoned| zoned.timestamp()),
            _ => None,
        });
        if moment.is_none() {
            let expected = "a day such as 2026-11-01, or a time such as 2026-11-01T12:00:00Z";
            self.wrong_kind(name, span_of(value), expected);
        }
        moment
    }

    pub(super) fn table(&mut self, name: &str) -> Option<&'t DeTable<'t>> {
        let value = self.get(name)?;
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong_kind(name, span_of(value), "a table");
        }
        table
    }

    pub(super) fn tables(&mut self, name: &str) -> Vec<At<&'t DeTable<'t>>> {
        let Some(value) = self.get(name) else {
            return Vec::new();
        };
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_kind(name, span_of(value), &format!("tables: write `[[{name}]]`"));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items {
            let span = span_of(item);
            match item.get_ref().as_table() {
                Some(value) => tables.push(At { value, span }),
                None => self.wrong_kind(name, span, &format!("tables: write `[[{name}]]`")),
            }
        }
        tables
    }

    /// A reader of a table within this one.
    pub(super) fn nested<'n>(&'n mut self, table: &'t DeTable<'t>, keys: &[Key]) -> Reader<'t, 'n> {
        Reader::new(table, keys, self.errors)
    }
}
