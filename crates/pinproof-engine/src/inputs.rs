//! Reads input files: their bytes, bounded, decoded and parsed; includes are followed here.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use pinproof_core::manifest::{Include, NotUnderstood};
use pinproof_core::{Manifest, Printable, SourceFile};
use pinproof_formats::decode::DecodeError;
use pinproof_formats::requirements_txt;
use sha2::{Digest, Sha256};

use crate::files::Files;
use crate::project_folders::ProjectFolders;
use crate::report::InputError;
use crate::settings::Settings;
use crate::{includes, parse};

/// A larger input is refused: the largest real locks have a few megabytes.
const MAX_BYTES: u64 = 128 * 1024 * 1024;
/// More included files than this are refused; real projects have a handful.
const MAX_FILES: usize = 2_000;

/// A file that was read and parsed.
#[derive(Debug)]
pub struct LoadedFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its text, digest and shown path.
    pub source: Arc<SourceFile>,
    /// What it says.
    pub manifest: Manifest,
    /// What it is written in.
    pub format: Format,
    /// The files that include it, by position, and whether as constraints.
    pub included_by: Vec<(usize, bool)>,
    /// Whether its bytes are its text, so that an edit can be written back.
    pub is_plain_utf8: bool,
    /// Whether its bytes started with a byte order mark, which is no part of the text.
    pub had_bom: bool,
    /// Whether it is no file of the project, and nobody named it: no line of it is sent anywhere.
    pub is_outside: bool,
    /// Of an installed environment: the file that each requirement stands in, in their order.
    pub metadata: Vec<SourceFile>,
    /// Of an installed environment: what it has and cannot be read.
    pub unread: Vec<InputError>,
}

/// The formats that are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// pip's requirements file.
    Requirements,
    /// `pyproject.toml`.
    Pyproject,
    /// `pylock.toml` (PEP 751).
    Pylock,
    /// `uv.lock`.
    UvLock,
    /// `poetry.lock`.
    PoetryLock,
    /// `Pipfile`, Pipenv's manifest.
    Pipfile,
    /// `Pipfile.lock`.
    PipfileLock,
    /// `pdm.lock`.
    PdmLock,
    /// A Python script with metadata in it (PEP 723).
    Script,
    /// `environment.yml`, conda's; what it hands to pip.
    Conda,
    /// A software bill of materials, in CycloneDX or SPDX.
    Sbom,
    /// A folder that Python projects are installed in.
    Environment,
}

/// Everything that was read.
#[derive(Debug, Default)]
pub struct Inputs {
    /// The files, in the order in which they were named or found; included files follow.
    pub files: Vec<LoadedFile>,
    /// The inputs that could not be read.
    pub errors: Vec<InputError>,
}

impl Format {
    /// Whether it is the format of a lock, and of nothing else.
    pub fn is_lock(self) -> bool {
        match self {
            Self::Pylock | Self::UvLock | Self::PoetryLock | Self::PipfileLock | Self::PdmLock => {
                true
            }
            Self::Requirements
            | Self::Pyproject
            | Self::Pipfile
            | Self::Script
            | Self::Conda
            | Self::Sbom
            | Self::Environment => false,
        }
    }
}

impl LoadedFile {
    /// The bytes of a new text for this file: a byte order mark is kept.
    pub fn encode(&self, text: &str) -> Vec<u8> {
        let mark: &[u8] = if self.had_bom { b"\xef\xbb\xbf" } else { b"" };
        [mark, text.as_bytes()].concat()
    }
}

/// Reads `paths` and every file that they include.
pub(crate) fn load(paths: &[PathBuf], settings: &Settings, from: &dyn Files) -> Inputs {
    let mut loader = Loader {
        settings,
        project: ProjectFolders::of(settings),
        from,
        inputs: Inputs::default(),
        seen: BTreeMap::new(),
        queue: VecDeque::new(),
        refused: BTreeSet::new(),
    };
    for path in paths {
        loader.load(path, None);
    }
    loader.follow_includes();
    includes::break_up(&mut loader.inputs.files);
    loader.inputs
}

struct Loader<'a> {
    settings: &'a Settings,
    project: ProjectFolders,
    from: &'a dyn Files,
    inputs: Inputs,
    /// The position of every file that was read, by its normalized path.
    seen: BTreeMap<PathBuf, usize>,
    queue: VecDeque<usize>,
    refused: BTreeSet<PathBuf>,
}

/// Who includes a file: its position, the place that says so, and the path with its variables as written.
struct Includer<'a> {
    at: usize,
    include: &'a Include,
    as_written: Option<Printable>,
}

impl Loader<'_> {
    fn load(&mut self, path: &Path, by: Option<&Includer<'_>>) {
        let key = normalize(path);
        if let Some(at) = self.seen.get(&key).copied() {
            self.add_includer(at, by);
            return;
        }
        if !self.refused.insert(key.clone()) {
            return;
        }
        match read(path, by.is_some(), self.settings, self.from) {
            Ok(mut file) => {
                file.is_outside = self.project.is_outside(path);
                let at = self.inputs.files.len();
                self.inputs.files.push(file);
                self.seen.insert(key, at);
                self.add_includer(at, by);
                self.queue.push_back(at);
            }
            Err(error) => self.add_error(*error, by),
        }
    }

    fn add_includer(&mut self, at: usize, by: Option<&Includer<'_>>) {
        if let Some(by) = by
            && by.at != at
        {
            let entry = (by.at, by.include.constraint);
            let included_by = &mut self.inputs.files[at].included_by;
            if !included_by.contains(&entry) {
                included_by.push(entry);
            }
        }
    }

    /// An included file that cannot be read is an error at the line that includes it.
    fn add_error(&mut self, mut error: InputError, by: Option<&Includer<'_>>) {
        if let Some(by) = by {
            let includer = &self.inputs.files[by.at].source;
            let at = includer.locate(by.include.span);
            let path = by.as_written.as_ref().unwrap_or(&error.path);
            error.path = path.shortened(300);
            error.message = Printable::from(format!(
                "included by {}:{}:{}: {}",
                includer.path, at.line, at.column, error.message
            ));
        }
        self.inputs.errors.push(error);
    }

    fn follow_includes(&mut self) {
        while let Some(at) = self.queue.pop_front() {
            let includes = self.inputs.files[at].manifest.includes.clone();
            for include in &includes {
                if self.inputs.files.len() >= MAX_FILES {
                    return self.add_too_many(at, include);
                }
                self.follow(at, include);
            }
        }
    }

    fn follow(&mut self, at: usize, include: &Include) {
        if include.target.contains("://") && !include.target.starts_with("file:") {
            let shown = pinproof_core::index::redact(&include.target);
            self.inputs.files[at]
                .manifest
                .not_understood
                .push(NotUnderstood {
                    span: include.span,
                    why: Printable::from(format!(
                        "`{shown}` is not followed: it may change any day"
                    )),
                    help: Some(Printable::new("keep the file in the project")),
                });
            return;
        }
        let environment = |name: &str| self.settings.variable(name);
        let target = requirements_txt::expand(&include.target, &environment);
        let target = target.strip_prefix("file://").unwrap_or(&target);
        let folder = self.inputs.files[at].path.parent().unwrap_or(Path::new(""));
        let path = folder.join(target);
        // The variable may hold what nobody should read in a log.
        let as_written = include.target.contains("${").then(|| {
            let path = folder.join(&include.target);
            shown_path(&path, &self.settings.base)
        });
        let includer = Includer {
            at,
            include,
            as_written,
        };
        self.load(&path, Some(&includer));
    }

    fn add_too_many(&mut self, at: usize, include: &Include) {
        let file = &self.inputs.files[at].source;
        let place = file.locate(include.span);
        self.inputs.errors.push(InputError {
            path: file.path.clone(),
            place: None,
            line_column: Some((place.line, place.column)),
            message: Printable::from(format!("more than {MAX_FILES} files are included")),
            help: None,
        });
    }
}

fn read(
    path: &Path,
    is_included: bool,
    settings: &Settings,
    from: &dyn Files,
) -> Result<LoadedFile, Box<InputError>> {
    let shown = shown_path(path, &settings.base);
    let fail = |message: String, help: Option<&str>| {
        Box::new(InputError {
            path: shown.clone(),
            place: None,
            line_column: None,
            message: Printable::from(message),
            help: help.map(Printable::new),
        })
    };
    let bytes = from.read(path).map_err(|error| fail(error, None))?;
    let sha256 = hex_sha256(&bytes);
    let decoded = pinproof_formats::decode::decode(&bytes).map_err(|error| {
        Box::new(InputError {
            path: shown.clone(),
            place: None,
            line_column: match &error {
                DecodeError::Malformed { at, .. } => Some((at.line, at.column)),
                _ => None,
            },
            message: Printable::from(match &error {
                DecodeError::Malformed { encoding, .. } => format!("this is not {encoding} text"),
                _ => error.to_string(),
            }),
            help: Some(Printable::new("save the file as UTF-8")),
        })
    })?;
    let is_plain_utf8 = decoded.is_editable();
    let had_bom = decoded.had_bom;
    let source = SourceFile::new(shown.clone(), sha256, decoded.text);
    let format = parse::format_of(path, &source.text, is_included);
    let manifest = parse::parse_file(format, &source, settings)?;
    Ok(LoadedFile {
        path: path.to_owned(),
        source: source.into(),
        manifest,
        format,
        included_by: Vec::new(),
        is_plain_utf8,
        had_bom,
        is_outside: false,
        metadata: Vec::new(),
        unread: Vec::new(),
    })
}

/// Reads a file of at most [`MAX_BYTES`]; anything but a regular file is refused.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, String> {
    read_at_most(path, MAX_BYTES)
}

/// Reads a file of at most `most` bytes; anything but a regular file is refused.
pub(crate) fn read_at_most(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    // Before it is opened: opening a pipe waits until somebody writes to it.
    let metadata = path.metadata().map_err(|error| shown_io_error(&error))?;
    if metadata.is_dir() {
        return Err("it is a folder".to_owned());
    }
    if !metadata.is_file() {
        return Err("it is a pipe or a device, not a file".to_owned());
    }
    let file = File::open(path).map_err(|error| shown_io_error(&error))?;
    let too_large = || format!("it is larger than {} MiB", most / (1024 * 1024));
    if metadata.len() > most {
        return Err(too_large());
    }
    // A byte more, for the read that finds the end.
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| shown_io_error(&error))?;
    if bytes.len() as u64 > most {
        return Err(too_large());
    }
    Ok(bytes)
}

pub(crate) fn shown_io_error(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "it may not be read (permission denied)".to_owned(),
        _ => format!("it cannot be read: {error}"),
    }
}

/// The sha256 of bytes in lower-case hexadecimal digits.
pub fn hex_sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, byte| {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// No file system has longer paths worth reading; a hostile include may.
const MAX_SHOWN_PATH: usize = 1_000;

/// The path as reports show it: relative to `base` where it lies below, with `/`.
pub fn shown_path(path: &Path, base: &Path) -> Printable {
    let normalized = normalize(path);
    let relative = normalized.strip_prefix(base).unwrap_or(&normalized);
    let shown = if relative.as_os_str().is_empty() {
        Path::new(".")
    } else {
        relative
    };
    Printable::from(shown.to_string_lossy().replace('\\', "/")).shortened(MAX_SHOWN_PATH)
}

/// Removes `.` and `..` without asking the file system, so that one file has one name.
pub(crate) fn normalize(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                let can_go_up =
                    matches!(normal.components().next_back(), Some(Component::Normal(_)));
                if can_go_up {
                    normal.pop();
                } else {
                    normal.push("..");
                }
            }
            _ => normal.push(part),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{normalize, shown_path};

    #[test]
    fn one_file_has_one_name() {
        assert_eq!(normalize(Path::new("a/./b/../c")), Path::new("a/c"));
        assert_eq!(normalize(Path::new("../a")), Path::new("../a"));
    }

    #[test]
    fn paths_are_shown_relative_to_the_base() {
        let base = Path::new("/work");
        assert_eq!(
            shown_path(Path::new("/work/a/b.txt"), base).as_str(),
            "a/b.txt"
        );
        assert_eq!(
            shown_path(Path::new("/other/b.txt"), base).as_str(),
            "/other/b.txt"
        );
    }
}
