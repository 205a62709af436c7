//! What the base has too is set apart: it is listed, and does not count.
//!
//! Findings are compared by their [`identity`](crate::identity). An open question has no answer to compare.
//! It is set apart only where the answer, whatever it is, would be the same for both: text that nobody
//! understands in a file with the same bytes, and any other question if nothing of what is judged has
//! changed.

use std::collections::{BTreeMap, BTreeSet};

use pinproof_core::verdict::NOT_UNDERSTOOD;
use pinproof_core::{Printable, Question};

use crate::base::BaseUse;
use crate::identity::{counts, move_known};
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
    move_known(report, &mut counts(base));
    let was_open: BTreeSet<&Question> = base.questions.iter().collect();
    let is_open_alike =
        |question: &mut Question| was_open.contains(question) && unchanged.answers_alike(question);
    report.existing_questions = report.questions.extract_if(.., is_open_alike).collect();
    report.base = Some(about);
}
