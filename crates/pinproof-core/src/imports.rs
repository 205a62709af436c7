//! What the project's own Python files import: found in their text, and no more than that.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::Printable;

/// Files that a report names for one module.
const SHOWN: usize = 10;

/// What was found in the files of a project about some modules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectImports {
    /// Files that were read.
    pub looked_at: usize,
    /// Files and folders that were not: unreadable, too large, too deep, or too many.
    pub left_out: usize,
    /// Where each module is imported: a file, and the first line. Keys are lower-case.
    places: BTreeMap<String, BTreeMap<Printable, usize>>,
}

/// Whether the project imports a module, as a finding says it. It is about imports only: what is called, and
/// what other dependencies do, is not looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// The modules that were looked for.
    pub modules: Vec<Printable>,
    /// Whether they are a guess from the name of the project.
    pub is_guess: bool,
    /// The first files that import one of them.
    pub at: Vec<ImportedAt>,
    /// How many files import one of them.
    pub files: usize,
    /// How many files were looked at.
    pub looked_at: usize,
    /// How many files and folders were not: unreadable, too large, too deep, or too many.
    pub left_out: usize,
}

/// Where a module is imported.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ImportedAt {
    /// The file's shown path.
    pub file: Printable,
    /// The first line that imports it, from 1.
    pub line: usize,
}

impl ProjectImports {
    /// Adds that `file` imports `module`; the first line counts.
    pub fn add(&mut self, module: &str, file: &Printable, line: usize) {
        let files = self.places.entry(module.to_ascii_lowercase()).or_default();
        files.entry(file.clone()).or_insert(line);
    }

    /// Where any of `modules` is imported; case does not matter, as on many file systems.
    pub fn of(&self, modules: &[String], is_guess: bool) -> Imported {
        let mut files: BTreeMap<&Printable, usize> = BTreeMap::new();
        let keys = modules.iter().map(|module| module.to_ascii_lowercase());
        let places = keys.filter_map(|module| self.places.get(&module));
        for (file, line) in places.flatten() {
            let first = files.entry(file).or_insert(*line);
            *first = (*first).min(*line);
        }
        let at = files.iter().take(SHOWN).map(|(file, line)| ImportedAt {
            file: (*file).clone(),
            line: *line,
        });
        Imported {
            modules: modules.iter().map(|name| Printable::new(name)).collect(),
            is_guess,
            at: at.collect(),
            files: files.len(),
            looked_at: self.looked_at,
            left_out: self.left_out,
        }
    }
}
