//! Records of the OSV schema: what is read, what is named as not understood, and that nothing else happens.

#![expect(
    clippy::disallowed_methods,
    reason = "the crate is pure; its tests read files"
)]

mod damage;
mod limits;
mod meaning;
mod properties;

use pinproof_core::advisory::Match;
use pinproof_core::{Advisory, ProjectName, Version};
use pinproof_formats::osv::{self, Problem, Record};
use serde_json::{Value, json};

fn read(record: &Value) -> Record {
    osv::parse(record.to_string().as_bytes())
}

/// A record about `example-a` with one range.
fn with_events(events: &Value) -> Value {
    json!({"id": "EX-1", "affected": [{
        "package": {"ecosystem": "PyPI", "name": "example-a"},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    }]})
}

fn only(record: &Record) -> &Advisory {
    assert_eq!(record.not_understood, []);
    let [(_, advisory)] = record.advisories.as_slice() else {
        panic!("{record:?}");
    };
    advisory
}

/// The version is affected, is not, or possibly is: `+`, `-` and `?`.
fn sign(advisory: &Advisory, version: &str) -> char {
    let found = match version.parse::<Version>() {
        Ok(version) => return mark(&advisory.affects(&version)),
        Err(_) => advisory.affects_text(version),
    };
    mark(&found)
}

fn mark(found: &Match<'_>) -> char {
    match found {
        Match::Yes(_) => '+',
        Match::No => '-',
        Match::Possibly(_) => '?',
    }
}

/// What is not understood, and the projects that this concerns.
fn problems(record: &Record) -> Vec<(Problem, Vec<&str>)> {
    let entries = record.not_understood.iter();
    let named = entries.map(|entry| {
        let projects = entry.projects.iter().map(ProjectName::as_str);
        (entry.problem.clone(), projects.collect())
    });
    named.collect()
}
