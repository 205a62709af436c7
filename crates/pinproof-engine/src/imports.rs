//! Reads what the project's own Python files import, once an advisory is about one of its releases.
//!
//! Nothing is run. There is no limit of time, which would make reports differ from run to run: the bytes
//! that are read are bounded, and reading them is linear.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use pinproof_core::ProjectImports;
use pinproof_formats::decode::decode;
use pinproof_formats::python_imports::each_import;
use pinproof_policy::{Evidence, modules_to_look_for};

use crate::assemble::Subjects;
use crate::files::{Disk, FileKind, Files as _, Listed};
use crate::inputs::{Format, LoadedFile, shown_path};
use crate::prepare::Prepared;
use crate::project_folders::home_of;
use crate::settings::Settings;

/// Folders deeper than this are left out.
const MAX_DEPTH: usize = 16;
/// Entries of folders that are looked at.
const MAX_ENTRIES: usize = 50_000;
/// A larger file is left out: people do not write such.
const MAX_FILE: u64 = 1024 * 1024;
/// All files together.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The file that marks a folder as a cache, and how it begins.
const CACHE_TAG: &str = "CACHEDIR.TAG";
const CACHE_SIGNATURE: [u8; 43] = *b"Signature: 8a477f597d28d172789f06886806bc55";

/// Adds what the project imports to the evidence, if any finding will be about that.
pub(crate) fn gather(
    subjects: &[&Subjects<'_>],
    prepared: &Prepared,
    settings: &Settings,
    evidence: &mut Evidence,
) {
    let files = subjects.iter().flat_map(|subjects| &subjects.files);
    let requirements = files.flat_map(|file| &file.requirements);
    let policy = &settings.config.policy;
    let wanted = modules_to_look_for(requirements, evidence, policy, settings.now);
    if wanted.is_empty() {
        return;
    }
    let homes = homes(prepared, settings);
    if homes.is_empty() {
        return;
    }
    let base = settings.base.canonicalize();
    let mut reader = Reader {
        wanted: wanted
            .iter()
            .map(|name| name.to_ascii_lowercase())
            .collect(),
        base: base.unwrap_or_else(|_| settings.base.clone()),
        found: ProjectImports::default(),
        entries: 0,
        bytes: 0,
    };
    for folder in homes {
        reader.visit_home(&folder);
    }
    evidence.add_imports(reader.found);
}

/// The folders of the project, none within another.
fn homes(prepared: &Prepared, settings: &Settings) -> BTreeSet<PathBuf> {
    let has_code_beside = |file: &&LoadedFile| match file.format {
        // A list of what is somewhere has no source files beside it.
        Format::Sbom | Format::Environment => false,
        Format::Requirements
        | Format::Pyproject
        | Format::Pylock
        | Format::UvLock
        | Format::PoetryLock
        | Format::Pipfile
        | Format::PipfileLock
        | Format::PdmLock
        | Format::Conda
        | Format::Script => !file.is_outside,
    };
    let files = prepared.inputs.files.iter().filter(has_code_beside);
    let homes: BTreeSet<PathBuf> = files
        .filter_map(|file| home_of(&file.path, settings))
        .collect();
    let is_within = |folder: &PathBuf| {
        let mut above = folder.ancestors().skip(1);
        above.any(|above| homes.contains(above))
    };
    homes
        .iter()
        .filter(|folder| !is_within(folder))
        .cloned()
        .collect()
}

struct Reader {
    /// Lower-case.
    wanted: BTreeSet<String>,
    base: PathBuf,
    found: ProjectImports,
    entries: usize,
    bytes: u64,
}

impl Reader {
    /// A file may lie in the root of a container: all that is below is not its project.
    fn visit_home(&mut self, folder: &Path) {
        if folder.parent().is_some() {
            self.visit(folder, 0);
        } else {
            self.found.left_out += 1;
        }
    }

    fn visit(&mut self, folder: &Path, depth: usize) {
        let Some(mut entries) = Disk.list(folder) else {
            self.found.left_out += 1;
            return;
        };
        if holds_an_environment(&entries) || depth > 0 && holds_a_cache(folder, &entries) {
            return;
        }
        if holds_a_project(&entries) {
            entries.retain(|entry| !is_build_output(folder, entry));
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        for entry in entries {
            if self.is_full() {
                self.found.left_out += 1;
                return;
            }
            self.entries += 1;
            self.visit_entry(folder, &entry, depth);
        }
    }

    fn is_full(&self) -> bool {
        self.entries >= MAX_ENTRIES || self.bytes >= MAX_BYTES
    }

    /// Links are not followed: they may lead in circles, and out of the project.
    fn visit_entry(&mut self, folder: &Path, entry: &Listed, depth: usize) {
        let path = folder.join(&entry.name);
        match entry.kind {
            FileKind::Folder if is_of_others(&entry.name.to_string_lossy()) => {}
            FileKind::Folder if depth >= MAX_DEPTH => self.found.left_out += 1,
            FileKind::Folder => self.visit(&path, depth + 1),
            FileKind::File if is_python(&path) => self.read(&path),
            FileKind::File | FileKind::Other => {}
        }
    }

    fn read(&mut self, path: &Path) {
        let text = bytes_of(path).and_then(|bytes| {
            self.bytes += bytes.len() as u64;
            decode(&bytes).ok()
        });
        let Some(text) = text.map(|decoded| decoded.text) else {
            self.found.left_out += 1;
            return;
        };
        self.found.looked_at += 1;
        let file = shown_path(path, &self.base);
        each_import(&text, |name, line| {
            let name = name.to_ascii_lowercase();
            let ends = name.match_indices('.').map(|(at, _)| at);
            for end in ends.chain([name.len()]) {
                if self.wanted.contains(&name[..end]) {
                    self.found.add(&name[..end], &file, line);
                }
            }
        });
    }
}

/// The bytes of a file of at most [`MAX_FILE`].
fn bytes_of(path: &Path) -> Option<Vec<u8>> {
    let metadata = fs::symlink_metadata(path).ok()?;
    if !metadata.is_file() || metadata.len() > MAX_FILE {
        return None;
    }
    let mut bytes = Vec::new();
    let file = File::open(path).ok()?;
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= MAX_FILE).then_some(bytes)
}

/// Folders that hold what others wrote.
fn is_of_others(name: &str) -> bool {
    name.starts_with('.')
        || matches!(
            name,
            "__pycache__" | "__pypackages__" | "dist-packages" | "node_modules" | "site-packages"
        )
}

fn has(entries: &[Listed], name: &str) -> bool {
    entries.iter().any(|entry| entry.name == name)
}

/// A virtual environment, or one of conda.
fn holds_an_environment(entries: &[Listed]) -> bool {
    has(entries, "pyvenv.cfg") || has(entries, "conda-meta")
}

/// What a tool can make again, as it says by a tag (<https://bford.info/cachedir/>): `target` of cargo, caches
/// of pytest, mypy, ruff and uv.
fn holds_a_cache(folder: &Path, entries: &[Listed]) -> bool {
    if !has(entries, CACHE_TAG) {
        return false;
    }
    let mut start = [0; CACHE_SIGNATURE.len()];
    let file = File::open(folder.join(CACHE_TAG));
    file.and_then(|mut file| file.read_exact(&mut start))
        .is_ok_and(|()| start == CACHE_SIGNATURE)
}

/// What a build backend is started for.
fn holds_a_project(entries: &[Listed]) -> bool {
    let names = ["pyproject.toml", "setup.py", "setup.cfg"];
    names.iter().any(|name| has(entries, name))
}

/// Copies of the project's files that a build backend made; a package of that name is none.
fn is_build_output(folder: &Path, entry: &Listed) -> bool {
    let is_named_so = entry.name == "build" || entry.name == "dist";
    is_named_so && !folder.join(&entry.name).join("__init__.py").exists()
}

fn is_python(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "py")
}
