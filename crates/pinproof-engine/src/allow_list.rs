//! Reads the locks of an allow-list: completely, or not at all.
//!
//! A list that is shorter than its files would refuse what people need, and one that is longer would let in what
//! nobody looked at. So whatever is not understood is an error with its place.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pinproof_core::manifest::{Origin, Requirement};
use pinproof_core::{Printable, SourceFile, Span};
use pinproof_formats::decode;
use pinproof_policy::{AllowList, Listed, ListedLock};

use crate::discover;
use crate::files::Disk;
use crate::inputs::{Format, hex_sha256, normalize, read_bytes, shown_path};
use crate::parse;
use crate::report::InputError;

/// More locks, with the files that they include, are refused.
const MOST_FILES: usize = 2_000;
/// What to do about a file that is no lock.
const MAKE_A_LOCK: &str = "an allow-list names locks; `pinproof lock` makes one";

/// Reads the files of `list`, which are relative to `folder`; messages show paths relative to `base`. The answer are the
/// files that were read, with those that they include.
///
/// # Errors
///
/// The first file that is missing, cannot be read, or is no complete lock.
pub fn read(
    list: &mut AllowList,
    folder: &Path,
    base: &Path,
) -> Result<Vec<PathBuf>, Box<InputError>> {
    let mut listed = Listed::default();
    let mut paths = Vec::new();
    for lock in &list.files {
        let found = matching(folder, lock);
        if !found.iter().any(|path| path.exists()) {
            return Err(missing(lock));
        }
        paths.extend(found);
    }
    let mut seen = BTreeSet::new();
    while let Some(path) = paths.pop() {
        if !seen.insert(normalize(&path)) {
            continue;
        }
        if seen.len() > MOST_FILES {
            let message = format!("the allow-list has more than {MOST_FILES} files");
            return Err(error(&shown_path(&path, base), None, message, None));
        }
        paths.extend(read_lock(&path, base, &mut listed)?);
    }
    list.take(listed);
    Ok(seen.into_iter().collect())
}

/// The files that the list names at the moment, whether they are there or not.
pub fn files(list: &AllowList, folder: &Path) -> Vec<PathBuf> {
    let files = list.files.iter();
    files.flat_map(|lock| matching(folder, lock)).collect()
}

/// A pattern is looked for from the last folder that it names.
fn matching(folder: &Path, lock: &ListedLock) -> Vec<PathBuf> {
    let pattern = lock.pattern.as_str();
    let stem = pattern.find('*').map_or(pattern, |at| &pattern[..at]);
    match stem.rfind('/') {
        Some(end) => discover::matching(&folder.join(&pattern[..=end]), &pattern[end + 1..], &Disk),
        None => discover::matching(folder, pattern, &Disk),
    }
}

/// Reads one lock; the files that it includes are the answer.
fn read_lock(
    path: &Path,
    base: &Path,
    listed: &mut Listed,
) -> Result<Vec<PathBuf>, Box<InputError>> {
    let shown = shown_path(path, base);
    let fail = |message: String, help| error(&shown, None, message, help);
    let of_list = "a file of the allow-list";
    let bytes = read_bytes(path).map_err(|why| fail(format!("{of_list}: {why}"), None))?;
    let sha256 = hex_sha256(&bytes);
    let decoded = decode::decode(&bytes).map_err(|error| {
        fail(
            format!("{of_list}: {error}"),
            Some("save the file as UTF-8"),
        )
    })?;
    let source = SourceFile::new(shown.clone(), sha256, decoded.text);
    let format = parse::format_of(path, &source.text, false);
    if format != Format::Requirements && !format.is_lock() {
        return Err(fail(format!("{of_list} is no lock"), Some(MAKE_A_LOCK)));
    }
    // A lock is the same on every machine: no variable takes part.
    let manifest = parse::parse_text(format, &source, &|_| None)?;
    let at = |span: Span, message: String, help: &str| {
        let place = source.locate(span);
        let place = (place.line, place.column);
        error(&source.path, Some(place), message, Some(help))
    };
    if let Some(unread) = manifest.not_understood.first() {
        let help = unread.help.as_ref();
        let help = help.map_or("correct the line, or make the lock anew", Printable::as_str);
        let message = format!("{of_list} is not understood: {}", unread.why);
        return Err(at(unread.span, message, help));
    }
    let needed = || {
        let requirements = manifest.requirements.iter();
        requirements.filter(|requirement| requirement.scope.is_needed())
    };
    for requirement in needed() {
        add(requirement, &source, listed)
            .map_err(|message| at(requirement.span, message, MAKE_A_LOCK))?;
    }
    let mut beside = Vec::new();
    for include in manifest
        .includes
        .iter()
        .filter(|include| !include.constraint)
    {
        if include.target.contains("://") || include.target.contains("${") {
            let message = format!("{of_list} includes what is no file beside it");
            return Err(at(include.span, message, "keep the file in the project"));
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        beside.push(folder.join(&include.target));
    }
    if needed().next().is_none() && beside.is_empty() {
        let message = format!("{of_list} locks nothing");
        let help = "remove it from the list, or make the lock anew";
        return Err(fail(message, Some(help)));
    }
    Ok(beside)
}

/// Adds what a lock has; a sentence where it does not say which bytes or version that is.
fn add(requirement: &Requirement, source: &SourceFile, listed: &mut Listed) -> Result<(), String> {
    let name = |requirement: &Requirement| {
        let text = source.slice(requirement.name_span);
        pinproof_core::index::redact(text).shortened(80)
    };
    let hashes = || {
        requirement
            .hashes
            .iter()
            .map(|written| written.hash.clone())
    };
    let Some(project) = &requirement.name else {
        // What has no name is asked of no index.
        return Ok(());
    };
    let version = match &requirement.origin {
        Origin::Index(_) => requirement.pin().cloned(),
        Origin::Url { filename, .. } if !requirement.hashes.is_empty() => {
            let parsed = pinproof_core::filename::parse(filename, project);
            parsed.map(|parsed| parsed.version)
        }
        Origin::Url { .. } | Origin::Vcs { .. } | Origin::Path(_) => {
            listed.add_project(project.clone());
            return Ok(());
        }
    };
    if version.is_none() && requirement.hashes.is_empty() {
        return Err(format!(
            "`{}` is not pinned, so this file of the allow-list is no lock",
            name(requirement)
        ));
    }
    if !requirement.hashes.is_empty() && !requirement.has_strong_hash() {
        return Err(format!(
            "`{}` has only weak hashes, which tell no file from another",
            name(requirement)
        ));
    }
    listed.add(project.clone(), version, hashes());
    Ok(())
}

/// At the place in the policy, whose text whoever reads the policy has.
fn missing(lock: &ListedLock) -> Box<InputError> {
    let pattern = Printable::new(&lock.pattern).shortened(200);
    let message = format!("the allow-list names `{pattern}`, and no file is there");
    let help = "correct the path, which is relative to this file";
    let mut error = error(&lock.place.origin, None, message, Some(help));
    let span = lock.place.span;
    error.place = span.map(|span| (Printable::default(), span));
    error
}

fn error(
    path: &Printable,
    line_column: Option<(usize, usize)>,
    message: String,
    help: Option<&str>,
) -> Box<InputError> {
    Box::new(InputError {
        path: path.clone(),
        place: None,
        line_column,
        message: Printable::from(message),
        help: help.map(Printable::new),
    })
}
