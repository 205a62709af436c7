//! What a client was not offered without being told: releases that are newer than the newest one it could take.

use pinproof_core::{Printable, Version};
use pinproof_engine::admit::AdmittedFile;

use super::Gateway;
use super::model::{Model, withheld};

impl Gateway {
    /// Of each project whose page was asked for, why its newest release is kept back, if it is.
    pub fn kept_back(&self) -> Vec<Printable> {
        let models = self.0.pages.models();
        models.iter().filter_map(|model| newest(model)).collect()
    }
}

fn newest(model: &Model) -> Option<Printable> {
    let files = &model.page.files;
    let is_final = |file: &&AdmittedFile| !file.version.is_prerelease();
    let newest: &Version = files
        .iter()
        .rfind(is_final)
        .or(files.last())
        .map(|file| &file.version)?;
    let of_it: Vec<&AdmittedFile> = files
        .iter()
        .filter(|file| file.version == *newest)
        .collect();
    if of_it.iter().any(|file| withheld(file).is_none()) {
        return None;
    }
    // A wheel says why nobody may have the release; a source distribution is refused in any case.
    let is_wheel = |file: &&&AdmittedFile| file.facts.filename.strip_suffix(".whl").is_some();
    let file = of_it.iter().find(is_wheel).or(of_it.first())?;
    let because = withheld(file)?.because;
    let rule = because.rule;
    Some(Printable::from(format!("{} [{rule}]", because.message)))
}
