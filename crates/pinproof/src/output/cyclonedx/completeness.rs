//! What a document does not know: in words, as annotations of what it does not know it of, and in the words of
//! CycloneDX, as compositions.

use std::collections::{BTreeMap, BTreeSet};

use pinproof_core::evidence::Openness;
use pinproof_core::verdict::NOT_UNDERSTOOD;
use pinproof_core::{Printable, Question};
use pinproof_engine::report::{FileUse, JudgedFile};
use pinproof_engine::{LockKind, Report};

use super::model::{Annotation, Annotator, Composition, Vulnerability};
use super::{ROOT, pinproof};

/// The rules that fill the list of vulnerabilities.
const RULES: [&str; 2] = ["known-malware", "vulnerable-release"];

/// Whether any rule asked advisories: else there is no list of vulnerabilities, not an empty one.
pub(super) fn asks_advisories(report: &Report) -> bool {
    RULES.iter().any(|rule| report.asked.contains(rule))
}

/// What the document does not know, each with what it is about.
pub(super) fn annotations(report: &Report) -> Vec<Annotation> {
    let mut gaps: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (text, subject) in unread(report).chain(not_understood(report)) {
        gaps.entry(text).or_default().insert(subject);
    }
    if asks_advisories(report) {
        let unasked = RULES.iter().filter(|rule| !report.asked.contains(**rule));
        for rule in unasked {
            let text = format!("not answered: {rule}: it was not asked");
            gaps.entry(text).or_default().insert(ROOT.to_owned());
        }
        gaps.extend(unanswered(report));
    }
    let annotations = gaps.into_iter().map(|(text, subjects)| Annotation {
        subjects: subjects.into_iter().collect(),
        annotator: Annotator {
            component: pinproof(),
        },
        timestamp: None,
        text,
    });
    annotations.collect()
}

/// The inputs that are in no part of the document.
fn unread(report: &Report) -> impl Iterator<Item = (String, String)> {
    let errors = report.errors.iter();
    let errors = errors.map(|error| format!("{}: {}", error.path, error.message));
    let skipped = report
        .findings
        .iter()
        .filter(|finding| finding.rule == "skipped-input")
        .map(|finding| finding.message.to_string());
    errors.chain(skipped).map(|text| (text, ROOT.to_owned()))
}

/// The questions about text that nobody made sense of.
fn not_understood(report: &Report) -> impl Iterator<Item = (String, String)> {
    let questions = questions(report).filter(|(question, _)| question.rule == NOT_UNDERSTOOD);
    questions.map(|(question, accepted)| {
        let place = question.places.first();
        let line = place.and_then(|place| {
            let at = report.source(&place.origin)?.locate(place.span?);
            Some(format!(":{}", at.line))
        });
        let (file, line) = (&question.source, line.unwrap_or_default());
        let text = format!("{file}{line}: {}{}", question.why, in_words(accepted));
        (text, ROOT.to_owned())
    })
}

/// The questions about advisories that stayed open, whoever accepts that: what an exception covers is as
/// unknown as before.
fn unanswered(report: &Report) -> BTreeMap<String, BTreeSet<String>> {
    let mut rules: BTreeMap<(String, String), BTreeSet<&str>> = BTreeMap::new();
    let mut subjects: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let asked = questions(report).filter(|(question, _)| RULES.contains(&question.rule));
    for (question, accepted) in asked {
        let key = (why(question), in_words(accepted));
        rules.entry(key.clone()).or_default().insert(question.rule);
        let places = question.places.iter();
        let releases = places.map(|place| report.bom.at(place).map_or(ROOT, String::as_str));
        let subjects = subjects.entry(key).or_default();
        subjects.extend(releases.map(str::to_owned));
        if subjects.is_empty() {
            subjects.insert(ROOT.to_owned());
        }
    }
    let text = |key: &(String, String)| {
        let rules: Vec<_> = rules.get(key).into_iter().flatten().copied().collect();
        format!("not answered: {}: {}{}", rules.join(", "), key.0, key.1)
    };
    let gaps = subjects.into_iter();
    gaps.map(|(key, subjects)| (text(&key), subjects)).collect()
}

/// Every open question, and why that is accepted where it is.
fn questions(report: &Report) -> impl Iterator<Item = (&Question, Option<&Printable>)> {
    let open = report.questions.iter().chain(&report.existing_questions);
    let ignored = report.ignored_questions.iter();
    let ignored = ignored.map(|one| (&one.question, Some(&one.exception.reason)));
    open.map(|question| (question, None)).chain(ignored)
}

fn why(question: &Question) -> String {
    let Question { source, why, .. } = question;
    match question.openness {
        Openness::Unsupported => format!("{source} {why}"),
        Openness::Unavailable | Openness::Absent => format!("{source}: {why}"),
    }
}

fn in_words(accepted: Option<&Printable>) -> String {
    accepted.map_or(String::new(), |reason| format!(" (accepted: {reason})"))
}

/// Whether every release is in the document: what could not be read is not.
pub(super) fn of_releases(report: &Report) -> Composition {
    let is_lock = |file: &JudgedFile| match &file.use_of {
        FileUse::InputOf(_) | FileUse::IncludedBy(_) => true,
        FileUse::Installed => file
            .lock
            .as_ref()
            .is_some_and(|lock| lock.kind == LockKind::Lock),
        FileUse::Inventory(_) => false,
    };
    let aggregate = if lacks_releases(report) {
        "incomplete"
    } else if report.files.iter().all(is_lock) {
        "complete"
    } else {
        "unknown"
    };
    Composition::of_releases(aggregate)
}

fn lacks_releases(report: &Report) -> bool {
    let lacks_some = |file: &JudgedFile| {
        file.foreign > 0
            || file.counts.not_understood > 0
            || file.lock.as_ref().is_some_and(|lock| lock.missing > 0)
    };
    let mut findings = report.findings.iter();
    let is_skipped = findings.any(|finding| finding.rule == "skipped-input");
    !report.errors.is_empty() || is_skipped || report.files.iter().any(lacks_some)
}

/// Whether every vulnerability is in the document. Nobody knows all there are, so it never says "complete":
/// "unknown" is that everybody who was asked answered.
pub(super) fn of_vulnerabilities(
    report: &Report,
    annotations: &[Annotation],
    listed: &[Vulnerability],
) -> Composition {
    let is_unknown = annotations.is_empty() && !lacks_releases(report);
    let aggregate = if is_unknown { "unknown" } else { "incomplete" };
    let references = listed.iter().map(|one| one.bom_ref.clone());
    Composition::of_vulnerabilities(aggregate, references.collect())
}
