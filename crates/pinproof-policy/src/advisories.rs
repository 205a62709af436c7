//! What the two rules about advisories share: the records of a kind, in classes, for one version.

use std::fmt::Write as _;

use pinproof_core::advisory::{Class, Kind, Match, classes, fix};
use pinproof_core::evidence::{Openness, Source};
use pinproof_core::manifest::Via;
use pinproof_core::{Advisory, Printable, Version};

use crate::evidence::Advisories;
use crate::ignore::may_be_excepted;
use crate::outcome::Outcome;
use crate::reach;
use crate::subject::{NamedSubject, Role};

/// Characters of a summary that are shown.
const SUMMARY_LIMIT: usize = 140;

/// The rule that says of a range what this one would.
const UNPINNED: &str = "unpinned-requirement";

/// Why a range leaves the question open.
const NO_VERSION: &str =
    "no version is pinned, so nobody can tell which advisories are about what will be installed";

/// The classes of that kind which are about the subject's version; open questions are left where the
/// advisories, or the version, are not known.
pub(crate) fn about(
    subject: &NamedSubject<'_>,
    kind: Kind,
    out: &mut Outcome<'_>,
) -> Option<Vec<Class>> {
    let found = out.ask(
        out.evidence.advisories(subject.project),
        "has no source of advisories",
    )?;
    for gap in &found.gaps {
        out.open(gap.source.clone(), Openness::Unavailable, gap.why.as_str());
    }
    let records = in_force(found, out);
    let classes = in_classes(&records, kind);
    let Some(version) = subject.version else {
        // Where there is none, the answer is the same for every version.
        if !classes.is_empty() {
            open_without_version(subject, out);
        }
        return None;
    };
    let classes = classes.iter().filter_map(|class| Class::of(class, version));
    Some(classes.collect())
}

/// The classes of that kind that speak of every version of the project.
pub(crate) fn about_everything(
    subject: &NamedSubject<'_>,
    kind: Kind,
    out: &Outcome<'_>,
) -> Vec<Class> {
    let Some(found) = out.evidence.advisories(subject.project).known() else {
        return Vec::new();
    };
    let classes = in_classes(&in_force(found, out), kind);
    let classes = classes.iter();
    classes
        .filter_map(|class| Class::of_every_version(class))
        .collect()
}

/// The smallest later version that no advisory of any kind is about.
pub(crate) fn safe_version(subject: &NamedSubject<'_>, out: &Outcome<'_>) -> Option<Version> {
    let found = out.evidence.advisories(subject.project).known()?;
    fix(&in_force(found, out), subject.version?)
}

/// The record that says of a version that it is, or may be, malware: nobody is told to take that one.
pub(crate) fn malware_at<'a>(
    subject: &NamedSubject<'_>,
    version: &Version,
    out: &Outcome<'a>,
) -> Option<&'a Advisory> {
    let found = out.evidence.advisories(subject.project).known()?;
    let classes = in_classes(&in_force(found, out), Kind::Malware);
    let mut records = classes.iter().flatten().map(|(_, advisory)| *advisory);
    records.find(|advisory| advisory.affects(version) != Match::No)
}

/// What a flaw is, what else it is called and who rated it, in one sentence; and why the project is there.
pub(crate) fn notes(subject: &NamedSubject<'_>, class: &Class) -> Vec<String> {
    let mut notes = vec![sentence(class)];
    notes.extend(class.doubt.iter().map(ToString::to_string));
    notes.extend(class.imported.as_ref().and_then(reach::note));
    let via = subject
        .requirement
        .map_or(&[][..], |subject| subject.requirement.via.as_slice());
    let via: Vec<_> = via.iter().map(via_text).collect();
    if !via.is_empty() {
        notes.push(format!(
            "`{}` is needed by {}",
            subject.project,
            via.join(", ")
        ));
    }
    notes
}

/// `CVE-… (also PYSEC-…): what it is; rated high by CVSS 3 7.5 of PYSEC-…`.
fn sentence(class: &Class) -> String {
    let mut text = class.id().to_string();
    let others: Vec<_> = class.ids.iter().skip(1).map(Printable::as_str).collect();
    if !others.is_empty() {
        let _ = write!(text, " (also {})", others.join(", "));
    }
    let summary = class.summary.as_str().trim().trim_end_matches('.');
    if !summary.is_empty() {
        let _ = write!(
            text,
            ": {}",
            Printable::new(summary).shortened(SUMMARY_LIMIT)
        );
    }
    if let Some(rated) = &class.rated {
        let _ = write!(text, "; rated {} by {}", rated.severity, rated.kind);
        if let Some(score) = rated.score {
            let _ = write!(text, " {}.{}", score / 10, score % 10);
        }
        let _ = write!(text, " of {}", rated.by);
    }
    text
}

fn via_text(via: &Via) -> String {
    match via {
        Via::Project(project) => project.to_string(),
        Via::Input(path) => Printable::new(path).to_string(),
        Via::Component(component) => component.to_string(),
        Via::Request => "whoever installed it by name".to_owned(),
    }
}

/// The records that are known and not taken back at the time to decide for.
pub(crate) fn in_force<'a>(
    found: &'a Advisories,
    out: &Outcome<'_>,
) -> Vec<(&'a Source, &'a Advisory)> {
    let records = found
        .records
        .iter()
        .filter(|(_, advisory)| advisory.is_in_force(out.now));
    records
        .map(|(source, advisory)| (source, advisory))
        .collect()
}

/// The classes of that kind.
pub(crate) fn in_classes<'a>(
    records: &[(&'a Source, &'a Advisory)],
    kind: Kind,
) -> Vec<Vec<(&'a Source, &'a Advisory)>> {
    let advisories: Vec<&Advisory> = records.iter().map(|(_, advisory)| *advisory).collect();
    let classes = classes(&advisories).into_iter().map(|class| {
        let records = class.into_iter().map(|at| records[at]);
        records.collect::<Vec<_>>()
    });
    classes
        .filter(|class| pinproof_core::advisory::kind(class) == Some(kind))
        .collect()
}

/// The input of a lock is judged with the lock, and `unpinned-requirement` says the same of a range; where
/// it is not asked, or somebody accepted what it says, the question must not be lost.
fn open_without_version(subject: &NamedSubject<'_>, out: &mut Outcome<'_>) {
    let Some(requirement) = subject.requirement else {
        return;
    };
    if matches!(requirement.role, Role::InputOf(_)) {
        return;
    }
    if requirement.from_index().is_none() {
        let source = Source::new("a URL, a repository or a path");
        out.open(
            source,
            Openness::Unsupported,
            "has no version that an advisory could speak of",
        );
    } else if !out.asks(UNPINNED) || may_be_excepted(UNPINNED, requirement, out) {
        let source = Source(requirement.source.path.clone());
        out.open(source, Openness::Unavailable, NO_VERSION);
    }
}
