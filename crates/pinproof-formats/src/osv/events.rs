//! The events of a range.

use pinproof_core::Printable;
use pinproof_core::advisory::{Boundary, Event, Range};

use super::value::Value;
use super::{MAX_EVENTS, Problem};

/// Characters of a boundary that is no version.
const MAX_BOUNDARY: usize = 100;

/// The range of type `ECOSYSTEM` that `range` is, by those of its events that can be read; the
/// first that cannot is the `problem`.
pub(super) fn range(range: &Value, problem: &mut Option<Problem>) -> Option<Range> {
    let listed = match range.list("events", MAX_EVENTS) {
        Ok(listed) => listed,
        Err(unreadable) => {
            problem.get_or_insert(unreadable);
            return None;
        }
    };
    let mut events = Vec::new();
    let mut undecidable = None;
    let mut is_introduced = false;
    for entry in listed {
        for (kind, value) in parts(entry, problem) {
            is_introduced |= kind == "introduced";
            match event(kind, value) {
                Ok(event) => events.push(event),
                Err(Unreadable::Kind(kind)) => {
                    problem.get_or_insert(Problem::UnknownEvent(kind));
                }
                Err(Unreadable::Boundary(text)) => {
                    undecidable.get_or_insert(text);
                }
            }
        }
    }
    if let Some(boundary) = undecidable {
        return Some(Range::Undecidable(boundary));
    }
    if !is_introduced {
        problem.get_or_insert(Problem::NoIntroduction);
    }
    Some(Range::of_events(events))
}

/// The first boundary of a range that counts commits or semantic versions, for those who look it up.
pub(super) fn first_boundary(range: &Value) -> Option<String> {
    let listed = range.list("events", MAX_EVENTS).ok()?;
    let boundaries = listed.iter().filter_map(|entry| match entry {
        Value::Object(parts) => parts.iter().find_map(|(_, value)| value.text()),
        _ => None,
    });
    let mut told = boundaries.filter(|text| !matches!(*text, "0" | "*" | ""));
    told.next().map(shortened)
}

/// The schema wants one kind for each event; two are two events.
fn parts<'v>(
    entry: &'v Value,
    problem: &mut Option<Problem>,
) -> impl Iterator<Item = (&'v str, &'v Value)> + use<'v> {
    let parts = match entry {
        Value::Object(parts) if !parts.is_empty() => parts.as_slice(),
        _ => {
            problem.get_or_insert(Problem::Wrong("an event", "an object with a kind"));
            &[]
        }
    };
    let told = parts.iter().filter(|(_, value)| *value != Value::Null);
    told.map(|(kind, value)| (kind.as_str(), value))
}

enum Unreadable {
    Kind(Printable),
    Boundary(String),
}

fn event(kind: &str, value: &Value) -> Result<Event, Unreadable> {
    match kind {
        "introduced" if value.version() == Some("0") => Ok(Event::Introduced(Boundary::Zero)),
        "introduced" => boundary(value).map(Event::Introduced),
        "fixed" => boundary(value).map(Event::Fixed),
        "last_affected" => boundary(value).map(Event::LastAffected),
        "limit" if value.text() == Some("*") => Ok(Event::Limit(Boundary::Infinity)),
        "limit" => boundary(value).map(Event::Limit),
        _ => Err(Unreadable::Kind(Printable::new(kind).shortened(100))),
    }
}

/// `0` and `*` are special where the schema says so, and nowhere else.
fn boundary(value: &Value) -> Result<Boundary, Unreadable> {
    let text = value.version().ok_or_else(|| {
        let shown = match value {
            Value::Number(number) => number.as_str(),
            Value::Bool(_) => "(true or false)",
            Value::List(_) => "(a list)",
            _ => "(an object)",
        };
        Unreadable::Boundary(shown.to_owned())
    })?;
    let version = text.parse().map(Boundary::Version);
    version.map_err(|_| Unreadable::Boundary(shortened(text)))
}

fn shortened(text: &str) -> String {
    text.chars().take(MAX_BOUNDARY).collect()
}
