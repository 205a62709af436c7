//! The lock that is there already, and what of it is kept.

use pinproof_core::lock::LockInput;
use pinproof_core::lock_diff::{self, Change};
use pinproof_core::{Printable, ProjectName, Version};
use pinproof_engine::Settings;
use pinproof_engine::inputs::LoadedFile;
use pinproof_engine::lock::{self, Pin};
use similar::TextDiff;

use super::LockPlace;
use crate::cli::Lock;
use crate::error::CliError;

/// What is at the place of the lock.
#[derive(Debug)]
pub(crate) struct Existing {
    file: Option<LoadedFile>,
    /// Its pins.
    pub(crate) pins: Vec<Pin>,
    /// The pins of `--from`.
    migrated: Vec<Pin>,
}

impl Existing {
    /// Reads it, and the lock of `--from`.
    pub(crate) fn read(
        args: &Lock,
        place: &LockPlace,
        settings: &Settings,
    ) -> Result<Self, CliError> {
        let read = |path| lock::read_existing(path, settings).map_err(CliError::NoLockThere);
        let file = read(&place.path)?;
        let migrated = match &args.from {
            Some(from) => {
                let there = read(&settings.base.join(from))?;
                let missing = || {
                    let shown = Printable::from(from.display().to_string());
                    CliError::Machine(Printable::from(format!("{shown} is not there")))
                };
                lock::pins(&there.ok_or_else(missing)?).collect()
            }
            None => Vec::new(),
        };
        Ok(Self {
            pins: file.iter().flat_map(lock::pins).collect(),
            file,
            migrated,
        })
    }

    /// Whether there is a lock.
    pub(crate) fn is_there(&self) -> bool {
        self.file.is_some()
    }

    /// Its text.
    pub(crate) fn text(&self) -> Option<&str> {
        self.file.as_ref().map(|file| file.source.text.as_str())
    }

    /// The inputs that are not those it was made from, by path; `None` if it was made from exactly these.
    pub(crate) fn changed_inputs(&self, inputs: &[LockInput]) -> Option<Vec<String>> {
        let header = self
            .file
            .as_ref()
            .and_then(|file| file.manifest.header.as_ref());
        let noted = header.map_or(&[][..], |header| &header.input_digests);
        let only_in = |a: &[LockInput], b: &[LockInput]| -> Vec<String> {
            let missing = a.iter().filter(|input| !b.contains(input));
            missing.map(|input| input.path.clone()).collect()
        };
        let mut changed = only_in(inputs, noted);
        changed.extend(only_in(noted, inputs));
        changed.sort();
        changed.dedup();
        (!changed.is_empty()).then_some(changed)
    }

    /// The pins that the request keeps: not those of projects that are to be chosen anew, which get the
    /// version that is named for them. Those of `--from` come last.
    pub(crate) fn kept(&self, args: &Lock, anew: &[(ProjectName, Option<Version>)]) -> Vec<Pin> {
        let raised = anew.iter().filter_map(|(name, version)| {
            Some(Pin {
                project: name.clone(),
                version: version.clone()?,
                hashes: Vec::new(),
                marker: None,
            })
        });
        let is_kept =
            |pin: &&Pin| !args.upgrade && !anew.iter().any(|(name, _)| *name == pin.project);
        let old = self.pins.iter().chain(&self.migrated);
        raised.chain(old.filter(is_kept).cloned()).collect()
    }

    /// What `lock` changes.
    pub(crate) fn changes(&self, lock: &pinproof_core::Lock) -> Vec<Change> {
        let manifest = self.file.as_ref().map(|file| &file.manifest);
        let before = manifest
            .map(lock_diff::pins_of_manifest)
            .unwrap_or_default();
        lock_diff::diff(&before, &lock_diff::pins_of_lock(lock))
    }

    /// What `text` would change, as a unified diff.
    pub(crate) fn diff(&self, shown: &Printable, text: &str) -> String {
        let before = self.text().unwrap_or_default();
        let name = shown.as_str();
        let (old, new) = (format!("a/{name}"), format!("b/{name}"));
        let diff = TextDiff::from_lines(before, text);
        diff.unified_diff().header(&old, &new).to_string()
    }
}
