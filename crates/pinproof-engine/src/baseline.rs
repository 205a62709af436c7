//! What the base has too is set apart: it is listed, and does not count.
//!
//! Two findings are the same if their fingerprints are: line, wording and version do not matter. Where a
//! rule speaks of exactly what is pinned (its age, its hashes, its address), the pinned text has to be
//! the same too, or whoever replaces one too young release by another would be let through. A finding
//! that is there twice and was there once is new once.
//!
//! An open question has no answer to compare. It is set apart only where the answer, whatever it is,
//! would be the same for both: text that nobody understands in a file with the same bytes, and any other
//! question if nothing of what is judged has changed.

use std::collections::{BTreeMap, BTreeSet};

use pinproof_core::verdict::NOT_UNDERSTOOD;
use pinproof_core::{Finding, Printable, Question};
use pinproof_policy::find_rule;

use crate::base::BaseUse;
use crate::prepare::Prepared;
use crate::report::Report;

/// What is the same in a project and in its base.
pub(crate) struct Unchanged<'a> {
    /// The files with the same bytes.
    files: BTreeSet<&'a Printable>,
    /// Whether that is all that decides: files, and the index settings of the machine.
    all: bool,
}

impl<'a> Unchanged<'a> {
    pub(crate) fn between(project: &'a Prepared, base: &'a Prepared) -> Self {
        let digests = |prepared: &'a Prepared| -> BTreeMap<&'a Printable, &'a str> {
            let files = prepared.inputs.files.iter();
            files
                .map(|file| (&file.source.path, file.source.sha256.as_str()))
                .collect()
        };
        let (project_files, base_files) = (digests(project), digests(base));
        let is_same = |(path, digest): &(&&Printable, &&str)| base_files.get(*path) == Some(digest);
        Self {
            files: project_files
                .iter()
                .filter(is_same)
                .map(|(path, _)| *path)
                .collect(),
            all: project_files == base_files
                && project.machine.settings == base.machine.settings
                && project.machine.unread == base.machine.unread,
        }
    }

    fn answers_alike(&self, question: &Question) -> bool {
        let origin = question.places.first().map(|place| &place.origin);
        let is_in_same_file = origin.is_some_and(|origin| self.files.contains(origin));
        is_in_same_file && (self.all || question.rule == NOT_UNDERSTOOD)
    }
}

/// Moves what `base` has too out of the findings and questions of `report`.
pub(crate) fn set_apart(
    report: &mut Report,
    base: &Report,
    about: BaseUse,
    unchanged: &Unchanged<'_>,
) {
    let mut there: BTreeMap<Identity<'_>, usize> = BTreeMap::new();
    for finding in &base.findings {
        *there.entry(identity(finding, base)).or_default() += 1;
    }
    let is_there: Vec<bool> = report
        .findings
        .iter()
        .map(|finding| match there.get_mut(&identity(finding, report)) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        })
        .collect();
    let findings = std::mem::take(&mut report.findings);
    for (finding, is_there) in findings.into_iter().zip(is_there) {
        if is_there {
            report.existing.push(finding);
        } else {
            report.findings.push(finding);
        }
    }
    let was_open: BTreeSet<&Question> = base.questions.iter().collect();
    let is_open_alike =
        |question: &mut Question| was_open.contains(question) && unchanged.answers_alike(question);
    report.existing_questions = report.questions.extract_if(.., is_open_alike).collect();
    report.base = Some(about);
}

/// What makes two findings the same: the parts of the fingerprint, not joined, so that no name can pose
/// as two of them; and for some the text that they speak of.
type Identity<'a> = (&'static str, &'a str, &'a str, &'a str, Option<&'a str>);

fn identity<'a>(finding: &'a Finding, report: &'a Report) -> Identity<'a> {
    let place = finding.places.first();
    let case = finding.key.split('/').next();
    let cases = find_rule(finding.rule).map_or(&[][..], |rule| rule.cases);
    let is_of_the_pin = cases
        .iter()
        .any(|known| Some(known.name) == case && known.is_of_the_pin);
    let text = || {
        let source = report.source(&place?.origin)?;
        let span = place?.span?;
        source.text.get(span.start..span.end)
    };
    (
        finding.rule,
        place.map_or("", |place| place.origin.as_str()),
        finding.project.as_ref().map_or("", |name| name.as_str()),
        &finding.key,
        is_of_the_pin.then(text).flatten(),
    )
}
