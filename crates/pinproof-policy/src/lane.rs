//! The advisory lane through the cooldown: the smallest fix of a flaw that somebody published need not wait.
//!
//! What opens it is the word of a configured source of advisories about an earlier release. What a project
//! says of itself (a changelog, a version, a file of its own) opens none, or malware would call itself a fix.

use pinproof_core::advisory::{Class, Kind, Match, fix};
use pinproof_core::evidence::{Answer, Source};
use pinproof_core::{Advisory, Printable, Version};

use crate::advisories::{in_classes, in_force};
use crate::evidence::Advisories;
use crate::outcome::Outcome;
use crate::subject::ReleaseSubject;

/// Whether a release is in the lane.
pub(crate) enum Lane {
    /// It is the smallest fix of these flaws; at least one.
    Open(Vec<Printable>),
    /// It is the fix of none.
    Closed,
    /// Nobody can tell, and why: no lane, because silence lets nothing in.
    Unknown(String),
}

/// Whether the release is the smallest fix of a flaw of an earlier one.
pub(crate) fn of(subject: &ReleaseSubject<'_>, out: &Outcome<'_>) -> Lane {
    let found = match out.evidence.advisories(subject.project) {
        Answer::Known(found) => found,
        Answer::Absent => return Lane::Closed,
        Answer::Unsupported(source) => {
            return Lane::Unknown(format!("{source} has no advisories about it"));
        }
        Answer::Unavailable(reason) => return Lane::Unknown(reason.to_string()),
    };
    let fixes = flaws_fixed(subject, found, out);
    match found.gaps.first() {
        _ if !fixes.is_empty() => Lane::Open(fixes),
        Some(gap) => Lane::Unknown(gap.to_string()),
        None => Lane::Closed,
    }
}

/// The ids of the flaws that the release is the smallest fix of.
fn flaws_fixed(
    subject: &ReleaseSubject<'_>,
    found: &Advisories,
    out: &Outcome<'_>,
) -> Vec<Printable> {
    let records = in_force(found, out);
    // A class with a record of malware is no flaw: the next release of malware is its author's next try.
    let classes = in_classes(&records, Kind::Vulnerability);
    let id = |class: &Vec<(&Source, &Advisory)>| {
        let mut words = class.iter().filter(|(source, advisory)| {
            advisory.names_as_fix(subject.version)
                && was_known(advisory, out)
                && is_current(source, found)
        });
        let earlier = words.find_map(|(_, word)| fixed_release(subject, word, class))?;
        Some(Class::of(class, earlier)?.id().clone())
    };
    classes.iter().filter_map(id).collect()
}

/// An earlier release of the project that `word` is about and whose smallest fix is this one; no other
/// record of the same flaw may disagree, as one with a boundary that is no version always does.
fn fixed_release<'a>(
    subject: &ReleaseSubject<'a>,
    word: &Advisory,
    class: &[(&Source, &Advisory)],
) -> Option<&'a Version> {
    let this = subject.version;
    let is_fixed_here = |earlier: &&Version| {
        matches!(word.affects(earlier), Match::Yes(_))
            && word.fix_for(earlier) == Some(this)
            && fix(class, earlier).as_ref() == Some(this)
    };
    let releases = subject.page.releases.iter().rev();
    let mut earlier = releases
        .map(|release| &release.version)
        .filter(|version| *version < this);
    earlier.find(is_fixed_here)
}

/// Whether it says of itself that it is older than the time to decide for. A record without any time is
/// no reason to let something in.
fn was_known(advisory: &Advisory, out: &Outcome<'_>) -> bool {
    let time = advisory.published.or(advisory.modified);
    time.is_some_and(|time| time <= out.now)
}

/// Whether its source is complete: one that is out of date may have taken the record back since.
fn is_current(source: &Source, found: &Advisories) -> bool {
    found.gaps.iter().all(|gap| gap.source != *source)
}
