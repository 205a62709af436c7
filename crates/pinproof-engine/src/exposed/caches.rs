//! What the caches of pip, uv and pinproof keep, by the names in them alone: no file is opened.
//!
//! - **pip** keeps the wheels that it built here under their names (`wheels/`). What it downloaded is kept
//!   under digests of addresses (`http/`, `http-v2/`): it tells no name, which is said once.
//! - **uv** keeps what it unpacked (`archive-v*/ID/NAME-VERSION.dist-info`), environments, what it downloaded
//!   (`wheels-v*/…/NAME/VERSION-TAGS.http`), and source distributions (`sdists-v*/…/NAME/VERSION/`). Metadata
//!   alone (`.msgpack`) is what a resolver looked at and is no release that was here.
//! - **pinproof** keeps answers of indexes. That it asked about a project is said; it keeps no release.
//!
//! The numbers after `-v` change with what is inside the files more than with the names. A newer layout
//! that hides the names looks like an empty cache, which is never taken for "no".

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pinproof_core::filename::WheelFilename;
use pinproof_core::{Printable, ProjectName, Version};
use pinproof_sources::asked_about;

use super::{Asked, Exposure, Gap, LookedAt, Presence, Sighting};
use crate::files::{Disk, FileKind, Files as _};
use crate::inputs::shown_path;

/// Entries that are looked at in one cache; a large one has a few hundred thousand.
const MAX_ENTRIES: usize = 3_000_000;
/// Folders above the wheels that pip and uv built.
const MAX_DEPTH: usize = 6;
/// From this length on, uv cuts off the version in a name.
const CUT_AT: usize = 47;
/// How uv groups what it keeps by where it is from; each but PyPI has a folder for each address.
const FROM_ADDRESSES: [&str; 5] = ["index", "url", "path", "git", "editable"];

/// Looks at a cache that was named: it has to be one.
pub(super) fn look(asked: &Asked, path: &Path, base: &Path, exposure: &mut Exposure) {
    if !look_at(asked, path, base, exposure) {
        let why = if Disk.list(path).is_some() {
            "it is no cache of pip, uv or pinproof"
        } else {
            "there is no such folder, or it cannot be listed"
        };
        exposure.errors.push(Gap {
            path: shown_path(path, base),
            why: Printable::new(why),
            help: Some(Printable::new(
                "`pip cache dir` and `uv cache dir` name theirs",
            )),
        });
    }
}

/// Looks at a place where caches usually are.
pub(super) fn look_if_any(asked: &Asked, path: &Path, base: &Path, exposure: &mut Exposure) {
    if Disk.list(path).is_none() {
        exposure.gaps.push(Gap {
            path: shown_path(path, base),
            why: Printable::new("the folder cannot be listed"),
            help: None,
        });
    } else {
        look_at(asked, path, base, exposure);
    }
}

/// Looks at a folder as one tool's cache; whether it is one.
type SearchIn = fn(&mut Search<'_>, &Path) -> bool;

/// Looks at whatever caches are in the folder; whether there are any.
fn look_at(asked: &Asked, root: &Path, base: &Path, exposure: &mut Exposure) -> bool {
    let tools: [(&'static str, SearchIn); 3] = [
        ("pip", |search, root| search.pip(root)),
        ("uv", |search, root| search.uv(root)),
        ("pinproof", |search, root| search.pinproof(root)),
    ];
    let mut is_any = false;
    for (tool, search_in) in tools {
        let mut search = Search {
            asked,
            base,
            found: BTreeMap::new(),
            gaps: Vec::new(),
            notes: Vec::new(),
            names: 0,
        };
        if search_in(&mut search, root) {
            is_any = true;
            search.conclude(tool, root, exposure);
        }
    }
    is_any
}

struct Search<'a> {
    asked: &'a Asked,
    base: &'a Path,
    /// Each release once, with the first place that has it.
    found: BTreeMap<(ProjectName, Version), PathBuf>,
    gaps: Vec<(PathBuf, &'static str)>,
    notes: Vec<(PathBuf, String)>,
    names: usize,
}

impl Search<'_> {
    fn pip(&mut self, root: &Path) -> bool {
        let wheels = root.join("wheels");
        let downloads = ["http", "http-v2"].map(|name| root.join(name));
        let is_there = |folder: &PathBuf| Disk.is_folder(folder);
        if !is_there(&wheels) && !downloads.iter().any(is_there) {
            return false;
        }
        self.wheels(&wheels, 0);
        for folder in downloads.iter().filter(|folder| is_there(folder)) {
            if Disk.list(folder).is_none_or(|entries| !entries.is_empty()) {
                let why = "what pip downloaded is kept without its name";
                self.notes.push((folder.clone(), why.to_owned()));
            }
        }
        true
    }

    fn uv(&mut self, root: &Path) -> bool {
        let mut is_any = false;
        for (name, bucket) in self.folders(root) {
            let kind = name.split_once("-v").map_or("", |(kind, _)| kind);
            is_any |= matches!(
                kind,
                "archive"
                    | "environments"
                    | "wheels"
                    | "sdists"
                    | "built-wheels"
                    | "simple"
                    | "interpreter"
            );
            match kind {
                "archive" | "environments" => self.archives(&bucket),
                "wheels" => self.projects(&bucket, Self::downloaded),
                "sdists" | "built-wheels" => {
                    self.projects(&bucket, Self::sources);
                    self.wheels(&bucket, 0);
                }
                _ => {}
            }
        }
        is_any
    }

    fn pinproof(&mut self, root: &Path) -> bool {
        for project in self.asked.projects() {
            if let Some(path) = asked_about(root, project) {
                let why =
                    format!("an index was asked about `{project}`, for some file that names it");
                self.notes.push((path, why));
            }
        }
        Disk.is_folder(&root.join("facts-v1"))
    }

    /// What uv unpacked: a folder for each wheel, and for each environment of `uvx` and of scripts.
    fn archives(&mut self, bucket: &Path) {
        for (_, archive) in self.folders(bucket) {
            self.installed(&archive);
            self.installed(&archive.join("Lib").join("site-packages"));
            for (_, python) in self.folders(&archive.join("lib")) {
                self.installed(&python.join("site-packages"));
            }
        }
    }

    /// `NAME-VERSION.dist-info/`.
    fn installed(&mut self, folder: &Path) {
        for (name, path) in self.folders(folder) {
            let stem = name.strip_suffix(".dist-info");
            let release = stem.and_then(|stem| stem.split_once('-'));
            if let Some((project, version)) = release
                && let Ok(project) = project.parse()
            {
                self.see(&project, version, &path);
            }
        }
    }

    /// The folders of the projects that are asked about, from every index and address.
    fn projects(&mut self, bucket: &Path, look: fn(&mut Self, &ProjectName, &Path)) {
        let mut shards = vec![bucket.join("pypi")];
        for kind in FROM_ADDRESSES {
            let of_kind = self.folders(&bucket.join(kind)).into_iter();
            shards.extend(of_kind.map(|(_, path)| path));
        }
        let asked = self.asked;
        for shard in shards {
            for project in asked.projects() {
                let folder = shard.join(project.as_str());
                if Disk.is_folder(&folder) {
                    look(self, project, &folder);
                }
            }
        }
    }

    /// `VERSION-TAGS.http`, or `NAME-VERSION-TAGS.http` in older caches.
    fn downloaded(&mut self, project: &ProjectName, folder: &Path) {
        for (name, path, _) in self.entries(folder) {
            if name.starts_with('.') {
                continue;
            }
            let (stem, kind) = match name.rsplit_once('.') {
                Some((stem, kind @ ("http" | "rev" | "msgpack" | "lock" | "whl"))) => (stem, kind),
                _ => (name.as_str(), ""),
            };
            if matches!(kind, "msgpack" | "lock") {
                continue;
            }
            let wheel = WheelFilename::parse(&format!("{stem}.whl"));
            if let Some(wheel) = wheel.filter(|wheel| wheel.name() == project) {
                self.see(project, &wheel.version().to_string(), &path);
            } else {
                let version = stem.split_once('-').map_or(stem, |(version, _)| version);
                self.see(project, version, &path);
            }
        }
    }

    /// `VERSION/`, where something was downloaded.
    fn sources(&mut self, project: &ProjectName, folder: &Path) {
        for (version, path) in self.folders(folder) {
            let is_there = |(name, ..): &(String, PathBuf, FileKind)| name != ".lock";
            if self.entries(&path).iter().any(is_there) {
                self.see(project, &version, &path);
            }
        }
    }

    /// Wheels by their file names, however deep.
    fn wheels(&mut self, folder: &Path, depth: usize) {
        for (name, path, kind) in self.entries(folder) {
            // What a source distribution has inside was not built here.
            let is_source = name == "src";
            if kind == FileKind::Folder && depth < MAX_DEPTH && !is_source {
                self.wheels(&path, depth + 1);
            } else if let Some(wheel) = WheelFilename::parse(&name) {
                self.see(wheel.name(), &wheel.version().to_string(), &path);
            }
        }
    }

    /// Notes a release, if it is asked for; a version that cannot be read may be.
    fn see(&mut self, project: &ProjectName, version: &str, path: &Path) {
        if !self.asked.is_about(project) {
            return;
        }
        // A name of a folder has `_` for `+` and `-`.
        let spellings = [version.to_owned(), version.replace('_', "+")];
        let parsed = spellings.iter().find_map(|text| text.parse().ok());
        match parsed {
            Some(version) if self.asked.hit(project, &version).is_some() => {
                let key = (project.clone(), version);
                self.found.entry(key).or_insert_with(|| path.to_owned());
            }
            Some(_) if version.len() < CUT_AT => {}
            _ => self
                .gaps
                .push((path.to_owned(), "its name tells no whole version")),
        }
    }

    fn folders(&mut self, folder: &Path) -> Vec<(String, PathBuf)> {
        let entries = self.entries(folder).into_iter();
        entries
            .filter(|(_, _, kind)| *kind == FileKind::Folder)
            .map(|(name, path, _)| (name, path))
            .collect()
    }

    /// The entries of a folder, sorted, links not followed; nothing where there is none.
    fn entries(&mut self, folder: &Path) -> Vec<(String, PathBuf, FileKind)> {
        if self.names >= MAX_ENTRIES || !Disk.is_folder(folder) {
            return Vec::new();
        }
        let Some(listed) = Disk.list(folder) else {
            self.gaps
                .push((folder.to_owned(), "the folder cannot be listed"));
            return Vec::new();
        };
        self.names += listed.len();
        if self.names >= MAX_ENTRIES {
            self.gaps.push((
                folder.to_owned(),
                "the cache has too many entries to look at all of them",
            ));
        }
        let entry = |entry: crate::files::Listed| {
            let path = folder.join(&entry.name);
            (entry.name.to_string_lossy().into_owned(), path, entry.kind)
        };
        let mut entries: Vec<_> = listed.into_iter().map(entry).collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries
    }

    fn conclude(self, tool: &'static str, root: &Path, exposure: &mut Exposure) {
        let base = self.base;
        let gap = |path: &Path, why: Printable| Gap {
            path: shown_path(path, base),
            why,
            help: None,
        };
        let gaps = self.gaps.iter();
        exposure
            .gaps
            .extend(gaps.map(|(path, why)| gap(path, Printable::new(why))));
        let notes = self.notes.into_iter();
        exposure
            .notes
            .extend(notes.map(|(path, why)| gap(&path, Printable::from(why))));
        for ((project, version), path) in self.found {
            exposure.sightings.push(Sighting {
                path: shown_path(&path, base),
                hit: self.asked.hit(&project, &version).unwrap_or_default(),
                project,
                version,
                presence: Presence::Cached,
            });
        }
        exposure.looked_at.push(LookedAt::Cache {
            path: shown_path(root, base),
            tool,
            names: self.names,
        });
    }
}
