//! `hash-mismatch`: the lock wants bytes that the index does not have under that name.

use std::collections::BTreeSet;

use pinproof_core::evidence::Openness;
use pinproof_core::manifest::WrittenHash;
use pinproof_core::{HashAlgorithm, Place, ReleaseFacts};

use crate::outcome::Outcome;
use crate::rule::{Case, Check, Need, Rule};
use crate::subject::RequirementSubject;

pub(super) static RULE: Rule = Rule {
    name: "hash-mismatch",
    summary: "none of its hashes is one that the index publishes: denied; some are not: shown",
    cases: &[NONE, SOME],
    needs: &[Need::IndexPage],
    settings: &[],
    check: Check::Requirement(check),
};

const NONE: Case = Case::deny("none").refused().of_the_pin();
const SOME: Case = Case::warn("some").of_the_pin();

/// The hashes of a requirement, sorted by what the index says of each.
#[derive(Default)]
struct Compared<'a> {
    published: usize,
    missing: Vec<&'a WrittenHash>,
    /// Algorithms of which the index publishes no hash for the release.
    not_comparable: BTreeSet<HashAlgorithm>,
}

fn check(subject: &RequirementSubject<'_>, out: &mut Outcome<'_>) {
    if subject.from_index().is_none() || subject.requirement.hashes.is_empty() {
        return;
    }
    let Some(version) = subject.pin else { return };
    let Some((page, release)) = out.release(subject) else {
        return;
    };
    let compared = compare(&subject.requirement.hashes, release);
    let count = subject.requirement.hashes.len();
    let source = &page.source;
    if compared.published == 0 && !compared.missing.is_empty() {
        let message = match count {
            1 => format!("the hash of `{}` {version} is none that {source} publishes", subject.shown_name()),
            _ => format!(
                "none of the {count} hashes of `{}` {version} is one that {source} publishes",
                subject.shown_name()
            ),
        };
        out.report(&NONE, message)
            .at(hash_place(subject, compared.missing[0], "not published"))
            .note(files_note(release))
            .help("find out where the hash came from before you replace it: other bytes under a known \
                   name and version are what an attack looks like");
        return;
    }
    if let Some(first) = compared.missing.first() {
        let missing = compared.missing.len();
        out.report(
            &SOME,
            format!(
                "{missing} of {count} hashes of `{}` {version} {} that {source} publishes",
                subject.shown_name(),
                if missing == 1 { "is none" } else { "are none" },
            ),
        )
        .at(hash_place(subject, first, "not published"))
        .note(files_note(release))
        .note("a deleted file, or one from another index")
        .help("compile the lock again, so that it accepts no file that nobody can look at");
    }
    for algorithm in compared.not_comparable {
        let why = format!("publishes no {algorithm} hashes");
        out.open(source.clone(), Openness::Unsupported, &why);
    }
}

fn compare<'a>(hashes: &'a [WrittenHash], release: &ReleaseFacts) -> Compared<'a> {
    let mut compared = Compared::default();
    for written in hashes {
        let algorithm = written.hash.algorithm();
        let mut digests = release.files.iter().map(|file| file.hash(algorithm));
        if digests.clone().any(|digest| digest == Some(&written.hash)) {
            compared.published += 1;
        } else if release.files.is_empty() || digests.any(|digest| digest.is_some()) {
            compared.missing.push(written);
        } else {
            compared.not_comparable.insert(algorithm);
        }
    }
    compared
}

fn hash_place(subject: &RequirementSubject<'_>, written: &WrittenHash, label: &str) -> Place {
    Place::in_file(subject.source, written.span, label)
}

/// What the release has: a file that is newer than the lock explains a lock that does not know it.
fn files_note(release: &ReleaseFacts) -> String {
    let files = match release.files.len() {
        1 => "the release has 1 file".to_owned(),
        count => format!("the release has {count} files"),
    };
    match release.files.iter().filter_map(|file| file.uploaded_at).max() {
        Some(newest) => format!("{files}, the newest uploaded {newest:.0}"),
        None => files,
    }
}
