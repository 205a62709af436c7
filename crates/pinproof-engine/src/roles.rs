//! Which file is for what: installed from, input of a lock, or part of another.

use std::path::{Path, PathBuf};

use pinproof_core::manifest::Via;
use pinproof_policy::subject::Role;

use crate::inputs::{Format, LoadedFile, normalize};

/// The role of every file, in the order of `files`.
pub(crate) fn assign(files: &[LoadedFile]) -> Vec<Role> {
    (0..files.len()).map(|at| role_of(at, files)).collect()
}

fn role_of(at: usize, files: &[LoadedFile]) -> Role {
    let file = &files[at];
    if file.manifest.inventory.is_some() {
        return Role::Inventory;
    }
    let lock = (0..files.len()).find(|lock| *lock != at && is_input_of(file, &files[*lock]));
    if let Some(lock) = lock {
        return Role::InputOf(files[lock].source.path.clone());
    }
    let includer = file.included_by.iter().find(|(by, _)| *by != at);
    match includer {
        Some((by, _)) => Role::IncludedBy(files[*by].source.path.clone()),
        None => Role::Installed,
    }
}

/// The positions of the inputs of a lock, or `None` where nothing says what its inputs are.
pub(crate) fn inputs_of(lock: usize, files: &[LoadedFile]) -> Option<Vec<usize>> {
    let named = named_inputs(&files[lock]);
    let inputs = inputs_here(lock, files);
    // An input that the lock names and that is not here may need any of its pins.
    let all_here = named.iter().all(|path| {
        inputs
            .iter()
            .any(|input| is_path(&files[*input].path, path, &files[lock].path))
    });
    (!inputs.is_empty() && all_here).then_some(inputs)
}

/// The positions of the inputs of a lock that are here; it may name others.
pub(crate) fn inputs_here(lock: usize, files: &[LoadedFile]) -> Vec<usize> {
    let is_input = |at: &usize| *at != lock && is_input_of(&files[*at], &files[lock]);
    (0..files.len()).filter(is_input).collect()
}

/// The inputs of a lock that are here: where it names its inputs, only these.
pub(crate) fn named_inputs_here(lock: usize, files: &[LoadedFile]) -> Vec<usize> {
    let lock_file = &files[lock];
    let named = named_inputs(lock_file);
    let is_named = |input: &LoadedFile| {
        let mut named = named.iter();
        named.any(|named| is_path(&input.path, named, &lock_file.path))
    };
    let mut inputs = inputs_here(lock, files);
    if !named.is_empty() {
        inputs.retain(|input| is_named(&files[*input]));
    }
    inputs
}

/// The inputs that a lock names beside it and that were not given: paths to try.
pub(crate) fn paths_of_inputs(file: &LoadedFile) -> Vec<PathBuf> {
    let folder = file.path.parent().unwrap_or(Path::new(""));
    let header = file.manifest.header.as_ref();
    let is_relative_to_lock = header.is_some_and(|header| !header.input_digests.is_empty());
    if file.format.is_lock() || is_relative_to_lock {
        return named_inputs(file)
            .iter()
            .map(|named| folder.join(named))
            .collect();
    }
    let mut paths: Vec<PathBuf> = named_inputs(file)
        .iter()
        .flat_map(|named| {
            let beside = Path::new(named).file_name().map(|name| folder.join(name));
            [resolve(named, file), beside].into_iter().flatten()
        })
        .collect();
    if file.format == Format::Requirements && file.path.extension().is_some_and(|e| e == "txt") {
        paths.push(file.path.with_extension("in"));
    }
    paths.dedup();
    paths
}

/// The locks that would stand beside an input: paths to try.
pub(crate) fn paths_of_locks(file: &LoadedFile) -> Vec<PathBuf> {
    let beside = |name: &&str| file.path.with_file_name(name);
    match file.format {
        Format::Requirements if file.path.extension().is_some_and(|end| end == "in") => {
            vec![file.path.with_extension("txt")]
        }
        Format::Pyproject => LOCKS_OF_PYPROJECT.iter().map(beside).collect(),
        Format::Pipfile => vec![file.path.with_file_name("Pipfile.lock")],
        _ => Vec::new(),
    }
}

/// The locks that tools write beside a `pyproject.toml`.
const LOCKS_OF_PYPROJECT: [&str; 4] = ["pylock.toml", "uv.lock", "poetry.lock", "pdm.lock"];

/// The input files that a lock names: in its head, or as `# via -r FILE`.
fn named_inputs(file: &LoadedFile) -> Vec<String> {
    let mut named: Vec<String> = match &file.manifest.header {
        Some(header) => header.inputs.clone(),
        None => Vec::new(),
    };
    if named.is_empty() {
        for via in file.manifest.requirements.iter().flat_map(|r| &r.via) {
            if let Via::Input(input) = via
                && !named.contains(input)
            {
                named.push(input.clone());
            }
        }
    }
    named
}

fn is_input_of(input: &LoadedFile, lock: &LoadedFile) -> bool {
    if lock.format.is_lock() {
        let folder = lock.path.parent().unwrap_or(Path::new(""));
        let named = named_inputs(lock);
        let mut named = named.iter().map(|named| normalize(&folder.join(named)));
        return !input.format.is_lock() && named.any(|named| named == normalize(&input.path));
    }
    if lock.format != Format::Requirements {
        return false;
    }
    let is_named = named_inputs(lock)
        .iter()
        .any(|named| is_path(&input.path, named, &lock.path));
    is_named || has_same_stem(&input.path, &lock.path)
}

/// `main.in` is the input of `main.txt` beside it.
fn has_same_stem(input: &Path, lock: &Path) -> bool {
    // The ends first: this is asked of every pair of files.
    input.extension().is_some_and(|e| e == "in")
        && lock.extension().is_some_and(|e| e == "txt")
        && input.file_stem() == lock.file_stem()
        && input.parent() == lock.parent()
}

/// Whether `path` is what a lock calls `named`.
///
/// Names are relative to the folder in which the lock was compiled, which nothing tells; so the end of
/// the path decides: `requirements/main.in` in the lock `…/requirements/main.txt`.
fn is_path(path: &Path, named: &str, lock: &Path) -> bool {
    let named = Path::new(named);
    let beside = || {
        let folder = lock.parent().unwrap_or(Path::new(""));
        normalize(&folder.join(named)) == normalize(path)
    };
    let same_end = || path.ends_with(named) && common_root(path, named, lock);
    beside() || same_end()
}

/// Whether the folder that `named` is relative to holds the lock too.
fn common_root(path: &Path, named: &Path, lock: &Path) -> bool {
    let depth = named.components().count();
    let root = path.ancestors().nth(depth);
    root.is_some_and(|root| lock.starts_with(root))
}

/// Where the input is, if the head of the lock names its own path too.
fn resolve(named: &str, lock: &LoadedFile) -> Option<PathBuf> {
    let header = lock.manifest.header.as_ref()?;
    let output = Path::new(header.output.as_ref()?);
    if !lock.path.ends_with(output) {
        return None;
    }
    let root = lock.path.ancestors().nth(output.components().count())?;
    Some(root.join(named))
}
