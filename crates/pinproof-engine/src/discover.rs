//! Finds the inputs of a project in a folder, and names what it leaves out.

use std::path::{Path, PathBuf};

use pinproof_core::Printable;

use crate::files::{FileKind, Files, Listed};
use crate::inputs::shown_path;
use crate::parse;
use crate::settings::Settings;

/// Folders deeper than this are left out; each is reported.
const MAX_DEPTH: usize = 8;
/// A folder tree with more entries than this is not a project.
const MAX_ENTRIES: usize = 200_000;

/// What was found.
#[derive(Debug, Default)]
pub struct Discovered {
    /// Files of formats that are understood, in the order of their paths.
    pub files: Vec<PathBuf>,
    /// Files that were found and are not judged.
    pub skipped: Vec<Skipped>,
}

/// A file that was found and is not judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its shown path.
    pub path: Printable,
    /// Why.
    pub why: SkipReason,
}

/// Why a file is not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkipReason {
    /// This version does not read its format.
    Unsupported(&'static str),
    /// The configuration excludes it.
    Excluded,
    /// The folders are nested too deeply, or there are too many.
    TooDeep,
    /// The folder could not be listed.
    Unreadable,
    /// It has the name of an input, and is a pipe, a device, or a link to no file.
    NoFile,
}

/// Formats that hold requirements and that this version does not read.
const UNSUPPORTED: &[(&str, &str)] = &[
    (
        "setup.py",
        "a build script: its requirements are known only by running it",
    ),
    ("setup.cfg", "a setuptools configuration"),
];

/// The name of an unsupported format, if `path` is of one.
pub fn unsupported_format(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_str()?;
    UNSUPPORTED
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, what)| *what)
}

/// Finds every input below `folder`.
pub(crate) fn discover(folder: &Path, settings: &Settings, from: &dyn Files) -> Discovered {
    let mut walk = Walk {
        settings,
        from,
        found: Discovered::default(),
        entries: 0,
    };
    walk.visit(folder, 0);
    walk.found
}

struct Walk<'a> {
    settings: &'a Settings,
    from: &'a dyn Files,
    found: Discovered,
    entries: usize,
}

impl Walk<'_> {
    fn visit(&mut self, folder: &Path, depth: usize) {
        let Some(mut entries) = self.from.list(folder) else {
            return self.skip(folder, SkipReason::Unreadable);
        };
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        if entries.iter().any(|entry| entry.name == "pyvenv.cfg") {
            return;
        }
        for entry in entries {
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                return self.skip(folder, SkipReason::TooDeep);
            }
            self.visit_entry(folder, &entry, depth);
        }
    }

    fn visit_entry(&mut self, folder: &Path, entry: &Listed, depth: usize) {
        let path = folder.join(&entry.name);
        // A name that is no UTF-8 may be that of an input too.
        let name = &*entry.name.to_string_lossy();
        // Links to folders are not followed: one to a folder above would never end.
        if entry.kind == FileKind::Folder {
            if is_left_alone(name) {
                return;
            }
            if depth + 1 > MAX_DEPTH {
                return self.skip(&path, SkipReason::TooDeep);
            }
            return self.visit(&path, depth + 1);
        }
        let is_input = is_input(&path, name);
        if let Some(what) = unsupported_format(&path) {
            self.skip(&path, SkipReason::Unsupported(what));
        } else if is_input && self.is_excluded(&path) {
            self.skip(&path, SkipReason::Excluded);
        } else if is_input && !self.from.is_file(&path) {
            self.skip(&path, SkipReason::NoFile);
        } else if is_input {
            self.found.files.push(path);
        }
    }

    fn is_excluded(&self, path: &Path) -> bool {
        let folder = self.settings.config_folder.as_deref();
        let relative = folder.and_then(|folder| path.strip_prefix(folder).ok());
        let shown = relative
            .unwrap_or(path)
            .to_string_lossy()
            .replace('\\', "/");
        let excludes = &self.settings.config.exclude;
        excludes.iter().any(|glob| glob_matches(glob, &shown))
    }

    fn skip(&mut self, path: &Path, why: SkipReason) {
        self.found.skipped.push(Skipped {
            path: shown_path(path, &self.settings.base),
            why,
        });
    }
}

/// Folders that hold other people's files, or none that anybody installs from.
pub(crate) fn is_left_alone(name: &str) -> bool {
    name.starts_with('.')
        || matches!(
            name,
            "__pycache__" | "node_modules" | "site-packages" | "venv" | "env" | "__pypackages__"
        )
}

/// Whether a file name is that of an input.
fn is_input(path: &Path, name: &str) -> bool {
    let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
    is_input_in(&folder.to_string_lossy(), name)
}

/// The same, for a file in a folder of that name.
pub(crate) fn is_input_in(folder: &str, name: &str) -> bool {
    if parse::format_of_name(name).is_some() {
        return true;
    }
    let Some(stem) = name
        .strip_suffix(".txt")
        .or_else(|| name.strip_suffix(".in"))
    else {
        return false;
    };
    let is_in_requirements = folder == "requirements";
    let stem = stem.to_ascii_lowercase();
    is_in_requirements || stem.contains("requirements") || stem.starts_with("constraints")
}

/// The files below `folder` that a configured `inputs` pattern names.
pub(crate) fn matching(folder: &Path, glob: &str, from: &dyn Files) -> Vec<PathBuf> {
    if !glob.contains('*') {
        return vec![folder.join(glob)];
    }
    all_files(folder, from)
        .into_iter()
        .filter(|path| {
            let relative = path.strip_prefix(folder).unwrap_or(path);
            glob_matches(glob, &relative.to_string_lossy().replace('\\', "/"))
        })
        .collect()
}

fn all_files(folder: &Path, from: &dyn Files) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    let mut entries = 0;
    while let Some((folder, depth)) = folders.pop() {
        for entry in from.list(&folder).into_iter().flatten() {
            entries += 1;
            let path = folder.join(&entry.name);
            let is_alone = entry.name.to_str().is_none_or(is_left_alone);
            let is_folder = entry.kind == FileKind::Folder;
            if is_folder && !is_alone && depth < MAX_DEPTH && entries < MAX_ENTRIES {
                folders.push((path, depth + 1));
            } else if entry.kind == FileKind::File {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Whether `path` matches a pattern in which `*` stands for text without `/`, and `**` for any text.
fn glob_matches(glob: &str, path: &str) -> bool {
    match glob.split_once('*') {
        None => glob == path,
        Some((literal, rest)) => {
            let Some(path) = path.strip_prefix(literal) else {
                return false;
            };
            let (rest, crosses_folders) = match rest.strip_prefix('*') {
                Some(rest) => (rest.strip_prefix('/').unwrap_or(rest), true),
                None => (rest, false),
            };
            let ends = path.char_indices().map(|(at, _)| at).chain([path.len()]);
            ends.take_while(|end| crosses_folders || !path[..*end].contains('/'))
                .any(|end| glob_matches(rest, &path[end..]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::glob_matches;

    #[test]
    fn globs() {
        assert!(glob_matches("requirements/*.txt", "requirements/main.txt"));
        assert!(!glob_matches(
            "requirements/*.txt",
            "requirements/a/main.txt"
        ));
        assert!(glob_matches("**/*.txt", "a/b/main.txt"));
        assert!(glob_matches("**/*.txt", "main.txt"));
        assert!(glob_matches("docs/**", "docs/a/b"));
        assert!(!glob_matches("a*c", "abd"));
    }
}
