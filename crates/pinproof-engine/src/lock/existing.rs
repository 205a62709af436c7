//! The lock that is there already: what it pins is kept where it fits.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pinproof_core::{Environment, Hash, Marker, Printable, ProjectName, Version};

use crate::files::Disk;
use crate::inputs::{self, LoadedFile, shown_path};
use crate::report::InputError;
use crate::settings::Settings;

/// An exact pin of a lock.
#[derive(Clone, Debug)]
pub struct Pin {
    /// The project.
    pub project: ProjectName,
    /// The version.
    pub version: Version,
    /// The hashes that it has there.
    pub hashes: Vec<Hash>,
    /// The environments that it is for.
    pub marker: Option<Marker>,
}

/// The pins for one environment, with their hashes.
pub(super) type Pins = BTreeMap<ProjectName, (Version, Vec<Hash>)>;

/// Reads the lock at `path`; `None` if nothing is there.
///
/// # Errors
///
/// What is there cannot be read, or is no lock and must not be overwritten; a sentence without a full stop.
pub fn read(path: &Path, settings: &Settings) -> Result<Option<LoadedFile>, Printable> {
    let is_there = std::fs::symlink_metadata(path);
    if is_there.is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
        return Ok(None);
    }
    let shown = shown_path(path, &settings.base);
    let mut loaded = inputs::load(&[path.to_owned()], settings, &Disk);
    if let Some(error) = loaded.errors.first() {
        return Err(Printable::from(format!(
            "{shown} is there and cannot be read: {}",
            error.message
        )));
    }
    if loaded.files.is_empty() {
        return Err(Printable::from(format!(
            "{shown} is there and cannot be read"
        )));
    }
    let file = loaded.files.swap_remove(0);
    let has_pins = pins(&file).next().is_some();
    let says_something = !file.manifest.requirements.is_empty()
        || !file.manifest.includes.is_empty()
        || !file.manifest.not_understood.is_empty();
    if says_something && !has_pins {
        return Err(Printable::from(format!(
            "{shown} is there and pins nothing: it is no lock that may be overwritten"
        )));
    }
    Ok(Some(file))
}

/// The exact pins of a lock of any format.
pub fn pins(file: &LoadedFile) -> impl Iterator<Item = Pin> {
    file.manifest.requirements.iter().filter_map(|requirement| {
        let hashes = requirement.hashes.iter();
        Some(Pin {
            project: requirement.name.clone()?,
            version: requirement
                .version
                .as_ref()
                .or_else(|| requirement.pin())?
                .clone(),
            hashes: hashes.map(|written| written.hash.clone()).collect(),
            marker: requirement.marker.clone(),
        })
    })
}

/// The pins that are for `target`; the first of a project counts.
pub(super) fn for_target(pins: &[Pin], target: &Environment) -> Pins {
    let mut found = Pins::new();
    for pin in pins {
        let marker = pin.marker.as_ref();
        if marker.is_none_or(|marker| marker.evaluate(target, &[])) {
            let entry = found.entry(pin.project.clone());
            entry.or_insert_with(|| (pin.version.clone(), pin.hashes.clone()));
        }
    }
    found
}

/// Reads files that limit or replace requirements.
///
/// # Errors
///
/// The first that cannot be read.
pub fn read_files(
    paths: &[PathBuf],
    settings: &Settings,
) -> Result<Vec<LoadedFile>, Box<InputError>> {
    let mut loaded = inputs::load(paths, settings, &Disk);
    if loaded.errors.is_empty() {
        Ok(loaded.files)
    } else {
        Err(Box::new(loaded.errors.swap_remove(0)))
    }
}
