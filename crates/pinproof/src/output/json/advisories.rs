//! What a report for programs says of advisories: the facts of findings, their sources, and what to do first.

use jiff::Timestamp;
use pinproof_core::Printable;
use pinproof_core::advisory::{Class, Kind, Rated, RatingKind, Severity};
use pinproof_engine::advice::{self, Action};
use pinproof_engine::advisories::AdvisoryUse;
use schemars::JsonSchema;
use serde::Serialize;

/// What advisories say of a release: one flaw, or one piece of malware, under all of its ids.
#[derive(Serialize, JsonSchema)]
pub(super) struct AdvisoriesV1 {
    /// Every id, aliases included; the one that the report calls it by is the first.
    ids: Vec<String>,
    /// The ids of the records, without aliases.
    records: Vec<String>,
    /// `vulnerability` or `malware`.
    kind: KindV1,
    /// The worst rating; null where nobody gave one, which is not the same as harmless.
    severity: Option<SeverityV1>,
    /// Whose rating that is.
    rated: Option<RatedV1>,
    /// The smallest later version that none of these records is about.
    fixed: Option<String>,
    /// The smallest later version that no known advisory at all is about.
    safe: Option<String>,
    /// The sources of the records.
    sources: Vec<String>,
    /// Why the release is only possibly affected.
    doubt: Option<String>,
    /// One line about it, as published.
    summary: String,
}

/// What it is.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum KindV1 {
    /// A flaw in an honest release.
    Vulnerability,
    /// A release that was made to do harm.
    Malware,
}

/// The qualitative scale of CVSS.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum SeverityV1 {
    /// Below 4.
    Low,
    /// From 4 on.
    Medium,
    /// From 7 on.
    High,
    /// From 9 on.
    Critical,
}

/// A rating.
#[derive(Serialize, JsonSchema)]
struct RatedV1 {
    /// The id of the record that has it.
    by: String,
    /// `word`, `cvss-2`, `cvss-3`, `cvss-4` or `other`.
    notation: &'static str,
    /// As written: a vector, or a word.
    text: String,
    /// The CVSS base score; a word has none.
    score: Option<f64>,
}

/// A source of advisories.
#[derive(Serialize, JsonSchema)]
pub(super) struct AdvisorySourceV1 {
    /// Its name.
    name: String,
    /// The address of the server that was asked instead of a database, without credentials.
    server: Option<String>,
    /// The time of its newest record (RFC 3339).
    as_of: Option<String>,
    /// Its records about projects of PyPI.
    records: Option<usize>,
    /// How much of it was not understood.
    not_understood: Option<usize>,
    /// The sha256 of what is answered from: equal digests, equal answers.
    digest: Option<String>,
    /// Why it does not count as the present state.
    trouble: Option<String>,
}

/// What to do about one release.
#[derive(Serialize, JsonSchema)]
pub(super) struct AdviceV1 {
    /// The project.
    project: String,
    /// The version that is there.
    release: Option<String>,
    /// What to do.
    action: ActionV1,
    /// The version to raise it to.
    to: Option<String>,
    /// The worst known severity; null where nobody rated any of its flaws.
    severity: Option<SeverityV1>,
    /// The ids of what is mended, the worst first.
    ids: Vec<String>,
    /// The files that have it.
    files: Vec<String>,
}

/// What to do about a release.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum ActionV1 {
    /// Remove it, and treat every machine that has it as compromised.
    Remove,
    /// Raise it: no known advisory is about `to`.
    Raise,
    /// Raise it: for what is left no fix is named.
    RaiseInPart,
    /// No fix is named for anything: look for another project, or accept the risk.
    Replace,
}

pub(super) fn facts(class: &Class) -> AdvisoriesV1 {
    AdvisoriesV1 {
        ids: texts(&class.ids),
        records: texts(&class.records),
        kind: match class.kind {
            Kind::Vulnerability => KindV1::Vulnerability,
            Kind::Malware => KindV1::Malware,
        },
        severity: class.severity().map(severity),
        rated: class.rated.as_ref().map(rated),
        fixed: class.fixed.as_ref().map(ToString::to_string),
        safe: class.safe.as_ref().map(ToString::to_string),
        sources: class.sources.iter().map(ToString::to_string).collect(),
        doubt: class.doubt.as_ref().map(ToString::to_string),
        summary: class.summary.to_string(),
    }
}

fn rated(rated: &Rated) -> RatedV1 {
    RatedV1 {
        by: rated.by.to_string(),
        notation: match rated.kind {
            RatingKind::Word => "word",
            RatingKind::CvssV2 => "cvss-2",
            RatingKind::CvssV3 => "cvss-3",
            RatingKind::CvssV4 => "cvss-4",
            RatingKind::Other => "other",
        },
        text: rated.text.to_string(),
        score: rated.score.map(|tenths| f64::from(tenths) / 10.0),
    }
}

fn severity(severity: Severity) -> SeverityV1 {
    match severity {
        Severity::Low => SeverityV1::Low,
        Severity::Medium => SeverityV1::Medium,
        Severity::High => SeverityV1::High,
        Severity::Critical => SeverityV1::Critical,
    }
}

pub(super) fn source(used: &AdvisoryUse) -> AdvisorySourceV1 {
    let head = used.head.as_ref();
    let as_of = head.map(|head| head.as_of);
    AdvisorySourceV1 {
        name: used.name.to_string(),
        server: used.server.as_ref().map(ToString::to_string),
        as_of: as_of
            .filter(|time| *time != Timestamp::MIN)
            .map(|time| time.to_string()),
        records: head.map(|head| head.records),
        not_understood: head.map(|head| head.unclear.len()),
        digest: used
            .digest
            .as_ref()
            .map(|digest| format!("sha256:{digest}")),
        trouble: used.trouble.as_ref().map(ToString::to_string),
    }
}

pub(super) fn advice(advice: &advice::Advice) -> AdviceV1 {
    let (action, to) = match &advice.action {
        Action::Remove => (ActionV1::Remove, None),
        Action::Raise(to) => (ActionV1::Raise, Some(to)),
        Action::RaiseInPart(to) => (ActionV1::RaiseInPart, Some(to)),
        Action::Replace => (ActionV1::Replace, None),
    };
    AdviceV1 {
        project: advice.project.to_string(),
        release: advice.version.as_ref().map(ToString::to_string),
        action,
        to: to.map(ToString::to_string),
        severity: advice.severity.map(severity),
        ids: texts(&advice.ids),
        files: texts(&advice.files),
    }
}

fn texts(texts: &[Printable]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}
