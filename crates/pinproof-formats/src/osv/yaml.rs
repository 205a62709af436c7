//! YAML 1.2 to the same tree as JSON. Plain scalars stay text as written: `1.10` is no number, and a date
//! no date.

use std::collections::HashMap;

use pinproof_core::Printable;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};

use super::value::{Document, Value, duplicate};
use super::{MAX_BYTES, MAX_DEPTH, Problem};

/// Reads one YAML document.
pub(super) fn read(bytes: &[u8]) -> Result<Document, Problem> {
    if bytes.len() > MAX_BYTES {
        return Err(Problem::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Problem::Wrong("the text", "UTF-8"))?;
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text.trim_start_matches('\u{feff}')) {
        let (event, _) = event.map_err(|error| not_yaml(&error))?;
        builder.take(event);
    }
    let root = builder
        .root
        .ok_or(Problem::Wrong("the record", "an object"))?;
    Ok(Document {
        root,
        flaw: builder.flaw,
    })
}

fn not_yaml(error: &ScanError) -> Problem {
    Problem::NotYaml(Printable::new(&error.to_string()).shortened(200))
}

#[derive(Default)]
struct Builder {
    root: Option<Value>,
    open: Vec<Open>,
    /// How many lists and objects are open below the deepest that is kept.
    skipped: usize,
    anchors: HashMap<usize, Value>,
    /// What was copied for anchors and aliases, in nodes and bytes; bounded like the text itself.
    repeated: usize,
    flaw: Option<Problem>,
}

/// A list or an object that is not finished.
struct Open {
    anchor: usize,
    kind: Kind,
}

enum Kind {
    List(Vec<Value>),
    Object(Vec<(String, Value)>, Option<String>),
}

impl Builder {
    /// What is not understood is left out, so that the rest can still be looked at.
    fn flaw(&mut self, problem: Problem) {
        self.flaw.get_or_insert(problem);
    }

    fn take(&mut self, event: Event<'_>) {
        if self.root.is_some() {
            if matches!(event, Event::DocumentStart(_)) {
                self.flaw(Problem::UnsupportedYaml("a second document"));
            }
            return;
        }
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let is_plain = style == ScalarStyle::Plain;
                if is_plain && text == "<<" {
                    self.flaw(Problem::UnsupportedYaml("a merge key"));
                }
                let is_null = is_plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                let value = if is_null {
                    Value::Null
                } else {
                    Value::Text(text.into_owned())
                };
                self.put(anchor, value);
            }
            Event::Alias(anchor) => self.repeat(anchor),
            Event::SequenceStart(anchor, _) => self.begin(anchor, Kind::List(Vec::new())),
            Event::MappingStart(anchor, _) => self.begin(anchor, Kind::Object(Vec::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            _ => {}
        }
    }

    fn begin(&mut self, anchor: usize, kind: Kind) {
        if self.skipped > 0 || self.open.len() > MAX_DEPTH {
            self.flaw(Problem::TooDeep);
            self.skipped += 1;
        } else {
            self.open.push(Open { anchor, kind });
        }
    }

    fn end(&mut self) {
        if self.skipped > 0 {
            self.skipped -= 1;
            if self.skipped == 0 {
                self.put(0, Value::Null);
            }
            return;
        }
        let Some(Open { anchor, kind }) = self.open.pop() else {
            return;
        };
        let value = match kind {
            Kind::List(list) => Value::List(list),
            Kind::Object(entries, _) => {
                if self.flaw.is_none() {
                    self.flaw = duplicate(&entries);
                }
                Value::Object(entries)
            }
        };
        self.put(anchor, value);
    }

    fn put(&mut self, anchor: usize, value: Value) {
        if self.skipped > 0 {
            return;
        }
        if anchor > 0 && self.may_repeat(extent(&value).0) {
            self.anchors.insert(anchor, value.clone());
        }
        match self.open.last_mut().map(|open| &mut open.kind) {
            None => self.root = Some(value),
            Some(Kind::List(list)) => list.push(value),
            Some(Kind::Object(entries, key)) => match (key.take(), value) {
                (Some(key), value) => entries.push((key, value)),
                (None, Value::Text(text)) => *key = Some(text),
                (None, _) => {
                    *key = Some(String::new());
                    self.flaw(Problem::UnsupportedYaml("a key that is no text"));
                }
            },
        }
    }

    /// Puts what an alias stands for. An alias inside of what it stands for has nothing yet to stand for.
    fn repeat(&mut self, anchor: usize) {
        let found = self
            .anchors
            .get(&anchor)
            .map(|value| (extent(value), value));
        let Some(((size, depth), value)) = found else {
            self.flaw(Problem::UnsupportedYaml("an alias of itself"));
            return self.put(0, Value::Null);
        };
        if self.open.len() + depth > MAX_DEPTH {
            self.flaw(Problem::TooDeep);
            return self.put(0, Value::Null);
        }
        // Cloned only once it is known to be small enough.
        let value = (self.repeated.saturating_add(size) <= MAX_BYTES).then(|| value.clone());
        self.may_repeat(size);
        self.put(0, value.unwrap_or(Value::Null));
    }

    /// Whether `size` more may be copied.
    fn may_repeat(&mut self, size: usize) -> bool {
        self.repeated = self.repeated.saturating_add(size);
        if self.repeated > MAX_BYTES {
            self.flaw(Problem::TooLarge);
        }
        self.repeated <= MAX_BYTES
    }
}

/// The nodes and bytes of a value, and how deep it is.
fn extent(value: &Value) -> (usize, usize) {
    let within = |values: &mut dyn Iterator<Item = &Value>| {
        values.map(extent).fold((1, 0), |(size, depth), (s, d)| {
            (usize::saturating_add(size, s), depth.max(d + 1))
        })
    };
    match value {
        Value::Text(text) => (1 + text.len(), 0),
        Value::List(list) => within(&mut list.iter()),
        Value::Object(entries) => {
            let (size, depth) = within(&mut entries.iter().map(|(_, value)| value));
            let keys: usize = entries.iter().map(|(key, _)| key.len()).sum();
            (size.saturating_add(keys), depth)
        }
        _ => (1, 0),
    }
}
