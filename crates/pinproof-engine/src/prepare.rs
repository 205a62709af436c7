//! Reads everything that a check needs before it asks anybody: inputs, and the machine's settings.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pinproof_core::Printable;

use crate::discover::{self, Discovered};
use crate::files::{Disk, Files};
use crate::inputs::{Inputs, load, normalize, shown_path};
use crate::report::InputError;
use crate::settings::Settings;
use crate::{environment, machine, roles, scope};

/// What a check needs to read before it asks anybody.
#[derive(Debug)]
pub struct Prepared {
    /// The files.
    pub inputs: Inputs,
    /// What was found besides.
    pub discovered: Discovered,
    /// Files that were found, not named, and cannot be read: open questions, no errors.
    pub unread: Vec<InputError>,
    /// The machine's index settings.
    pub machine: machine::Machine,
    /// Files that were read only because a lock names them as its input.
    pub(crate) context: BTreeSet<PathBuf>,
}

/// Reads the inputs and the machine's settings.
pub fn prepare(settings: &Settings) -> Prepared {
    prepare_from(settings, &Disk)
}

/// Reads the inputs from wherever they are, and the machine's settings.
pub(crate) fn prepare_from(settings: &Settings, from: &dyn Files) -> Prepared {
    let mut discovered = Discovered::default();
    let mut paths = Vec::new();
    let mut errors = Vec::new();
    for path in &settings.paths {
        let found = (&mut paths, &mut discovered, &mut errors);
        add_path(path, settings, from, found);
    }
    let mut inputs = load(&paths, settings, from);
    let (unread, unreadable) = std::mem::take(&mut inputs.errors)
        .into_iter()
        .partition(|error| is_found(error, &discovered, settings));
    inputs.errors = errors;
    inputs.errors.extend::<Vec<_>>(unreadable);
    for folder in &settings.environments {
        match environment::load(folder, settings) {
            Ok(environment) => inputs.files.push(environment),
            Err(error) => inputs.errors.push(*error),
        }
    }
    let undeclared = scope::undeclared(&inputs.files, settings);
    inputs.errors.extend(undeclared);
    let context = load_context(&mut inputs, &paths, settings, from);
    scope::tell_apart(&mut inputs.files);
    Prepared {
        inputs,
        discovered,
        unread,
        machine: machine::read(settings, from),
        context,
    }
}

/// Whether an input was found in a folder, and not named.
fn is_found(error: &InputError, discovered: &Discovered, settings: &Settings) -> bool {
    let is_it = |path: &PathBuf| shown_path(path, &settings.base) == error.path;
    discovered.files.iter().any(is_it) && !settings.paths.iter().any(is_it)
}

fn add_path(
    path: &Path,
    settings: &Settings,
    from: &dyn Files,
    (paths, discovered, errors): (&mut Vec<PathBuf>, &mut Discovered, &mut Vec<InputError>),
) {
    if from.is_file(&path.join("pyvenv.cfg")) {
        errors.push(InputError {
            path: shown_path(path, &settings.base),
            place: None,
            line_column: None,
            message: Printable::new("it is an installed environment"),
            help: Some(Printable::new(
                "name it with `--environment` to judge what is installed",
            )),
        });
        return;
    }
    if from.is_folder(path) {
        let configured = settings.config.inputs.as_ref();
        let folder = settings.config_folder.as_deref().unwrap_or(path);
        if let Some(globs) = configured.filter(|_| path == folder) {
            for glob in globs {
                let matching = discover::matching(folder, glob, from);
                if matching.is_empty() {
                    errors.push(matches_nothing(glob));
                }
                paths.extend(matching);
            }
            return;
        }
        let found = discover::discover(path, settings, from);
        paths.extend(found.files.iter().cloned());
        discovered.files.extend(found.files);
        discovered.skipped.extend(found.skipped);
        return;
    }
    if let Some(what) = discover::unsupported_format(path) {
        errors.push(InputError {
            path: shown_path(path, &settings.base),
            place: None,
            line_column: None,
            message: Printable::from(format!("this version does not read {what}")),
            help: Some(Printable::new(
                "write its requirements to pyproject.toml or to a requirements file",
            )),
        });
        return;
    }
    paths.push(path.to_owned());
}

fn matches_nothing(glob: &str) -> InputError {
    InputError {
        path: Printable::new(glob),
        place: None,
        line_column: None,
        message: Printable::new("no file matches this pattern"),
        help: Some(Printable::new(
            "it is one of the `inputs` of the configuration",
        )),
    }
}

/// Reads what tells the roles of the given files and was not given itself: the inputs that a lock names, which
/// tell the pins that are needed, and the lock beside an input.
fn load_context(
    inputs: &mut Inputs,
    given: &[PathBuf],
    settings: &Settings,
    from: &dyn Files,
) -> BTreeSet<PathBuf> {
    let known: BTreeSet<PathBuf> = inputs.files.iter().map(|file| file.path.clone()).collect();
    let named: BTreeSet<PathBuf> = inputs
        .files
        .iter()
        .flat_map(|file| {
            let inputs = roles::paths_of_inputs(file);
            inputs.into_iter().chain(roles::paths_of_locks(file))
        })
        .collect();
    let missing: Vec<PathBuf> = named
        .into_iter()
        .map(|path| normalize(&path))
        .filter(|path| !known.contains(path) && !given.contains(path) && from.is_file(path))
        .collect();
    let offset = inputs.files.len();
    let more = load(&missing, settings, from);
    inputs.files.extend(more.files.into_iter().map(|mut file| {
        for (by, _) in &mut file.included_by {
            *by += offset;
        }
        file
    }));
    inputs.errors.extend(more.errors);
    missing.into_iter().collect()
}
