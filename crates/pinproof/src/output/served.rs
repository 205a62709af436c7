//! What a gateway says while it runs: a line for each request and for each event, as text or as JSON.

use jiff::Timestamp;
use pinproof_core::Printable;
use pinproof_server::gateway::{Access, Level, Observed};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde::Serialize;

/// A line on stderr of `serve --format json`.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Line<'a> {
    /// A request was answered.
    Request {
        /// When, in RFC 3339.
        time: String,
        /// `info`; `warning` for 501 and above, which the gateway could not answer; `error` for 500, which is a bug.
        level: &'static str,
        /// The address of the other end of the connection; behind a proxy, that is the proxy.
        client: Option<String>,
        /// The method, at most 30 characters of it.
        method: &'a str,
        /// The path without a query, at most 300 characters of it. What could be a control character is escaped.
        path: &'a str,
        /// The status of the answer.
        status: u16,
        /// From the head of the request to the head of the answer.
        milliseconds: u64,
        /// What the answer said, where it hands out nothing.
        said: Option<&'a str>,
    },
    /// Something happened that nobody asked for.
    Event {
        /// When, in RFC 3339.
        time: String,
        /// `info`, `warning` or `error`: it is as it should be, somebody should look some time, or now.
        level: &'static str,
        /// What happened.
        said: &'a str,
    },
}

/// The schema of a line.
pub(crate) fn schema() -> serde_json::Value {
    let mut schema = SchemaGenerator::new(SchemaSettings::draft2020_12().for_serialize())
        .into_root_schema_for::<Line<'static>>();
    schema.insert(
        "title".to_owned(),
        serde_json::json!("A line that `pinproof serve --format json` writes to stderr"),
    );
    schema.into()
}

/// How much a line matters.
pub(crate) fn level(observed: &Observed) -> Level {
    match observed {
        Observed::Request(access) => access.level(),
        Observed::Event(event) => event.level,
    }
}

/// The line, without its end.
pub(crate) fn line(observed: &Observed, at: Timestamp, is_json: bool) -> String {
    if is_json {
        return json(observed, at);
    }
    match observed {
        Observed::Request(access) => text(access, at),
        Observed::Event(event) => {
            format!("{at:.3} {}: {}", event.level.name(), event.said)
        }
    }
}

fn text(access: &Access, at: Timestamp) -> String {
    let Access {
        method,
        path,
        status,
        ..
    } = access;
    let client = access.client.map(|client| format!(" {client}"));
    let client = client.unwrap_or_default();
    let said = access.said.as_ref().map(|said| format!(" {said}"));
    let said = said.unwrap_or_default();
    let millis = access.took.as_millis();
    format!("{at:.3}{client} {status} {method} {path} {millis} ms{said}")
}

fn json(observed: &Observed, at: Timestamp) -> String {
    let time = at.to_string();
    let level = level(observed).name();
    let line = match observed {
        Observed::Request(access) => Line::Request {
            time,
            level,
            client: access.client.map(|client| client.to_string()),
            method: access.method.as_str(),
            path: access.path.as_str(),
            status: access.status,
            milliseconds: u64::try_from(access.took.as_millis()).unwrap_or(u64::MAX),
            said: access.said.as_ref().map(Printable::as_str),
        },
        Observed::Event(event) => Line::Event {
            time,
            level,
            said: event.said.as_str(),
        },
    };
    serde_json::to_string(&line).unwrap_or_default()
}
