//! Advisories made of a few words, and evidence that has them.

use std::sync::Arc;

use pinproof_core::Advisory;
use pinproof_core::advisory::{
    Affected, Boundary, Event, Kind, Range, Rating, RatingKind, Severity,
};
use pinproof_core::evidence::{Answer, Source, Unavailable};

use super::fixtures::{name, time, version};
use crate::Evidence;
use crate::evidence::Advisories;

/// A record about every version before `fixed`, published long ago and rated high; without `fixed`, about
/// every version.
pub(super) fn record(id: &str, fixed: Option<&str>) -> Advisory {
    let mut events = vec![Event::Introduced(Boundary::Zero)];
    events.extend(fixed.map(|fixed| Event::Fixed(Boundary::Version(version(fixed)))));
    Advisory {
        id: id.to_owned(),
        aliases: Vec::new(),
        kind: if id.starts_with("MAL-") {
            Kind::Malware
        } else {
            Kind::Vulnerability
        },
        summary: String::new(),
        ratings: vec![rating(Severity::High)],
        published: Some(time("2026-01-01T00:00:00Z")),
        modified: None,
        withdrawn: None,
        affected: vec![Affected::new(vec![Range::of_events(events)], [])],
        imports: Vec::new(),
    }
}

/// A record about the versions of a list.
pub(super) fn listed(id: &str, versions: &[&str]) -> Advisory {
    Advisory {
        affected: vec![Affected::new(Vec::new(), versions.iter().copied())],
        ..record(id, None)
    }
}

/// A record about whatever lies before a text that is no version.
pub(super) fn undecidable(id: &str) -> Advisory {
    let range = Range::Undecidable("2019-09-12".to_owned());
    Advisory {
        affected: vec![Affected::new(vec![range], [])],
        ..record(id, None)
    }
}

pub(super) fn alias(advisory: Advisory, ids: &[&str]) -> Advisory {
    Advisory {
        aliases: ids.iter().map(|id| (*id).to_owned()).collect(),
        ..advisory
    }
}

pub(super) fn rated(advisory: Advisory, severity: Option<Severity>) -> Advisory {
    Advisory {
        ratings: severity.into_iter().map(rating).collect(),
        ..advisory
    }
}

fn rating(severity: Severity) -> Rating {
    Rating {
        kind: RatingKind::Word,
        text: severity.to_string(),
        score: None,
        severity: Some(severity),
    }
}

/// `evidence` with these records about `project`, all of the source `osv`.
pub(super) fn with(mut evidence: Evidence, project: &str, records: Vec<Advisory>) -> Evidence {
    let records = records.into_iter();
    let found = Advisories {
        records: records.map(|record| (osv(), record)).collect(),
        gaps: Vec::new(),
    };
    evidence.add_advisories(name(project), Answer::Known(Arc::new(found)));
    evidence
}

/// The same, and a source of which not everything is known.
pub(super) fn with_gap(
    mut evidence: Evidence,
    project: &str,
    records: Vec<Advisory>,
    source: &str,
) -> Evidence {
    let records = records.into_iter();
    let found = Advisories {
        records: records.map(|record| (osv(), record)).collect(),
        gaps: vec![Unavailable::new(&Source::new(source), "it is too old")],
    };
    evidence.add_advisories(name(project), Answer::Known(Arc::new(found)));
    evidence
}

fn osv() -> Source {
    Source::new("osv")
}
