//! Installed environments: finds where a folder keeps what is installed, and reads what is written
//! there about each release. No interpreter is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use pinproof_core::manifest::{Inventory, InventoryKind, Via};
use pinproof_core::requirement::Pep508;
use pinproof_core::{
    Environment, Manifest, Platform, Printable, ProjectName, PythonVersion, SourceFile,
};

use crate::inputs::{Format, LoadedFile, hex_sha256, read_at_most, shown_io_error, shown_path};
use crate::installed::{self, Installed};
use crate::report::InputError;
use crate::settings::Settings;
use crate::target::DEFAULT_PYTHON;

/// A folder with more entries is no environment; the largest real ones have a few thousand.
const MAX_ENTRIES: usize = 200_000;
/// A larger `pyvenv.cfg` or `.pth` file is not read.
const MAX_CONFIG: u64 = 1024 * 1024;
/// Where a Python keeps its library, below the root of an environment or of a container.
const PREFIXES: [&str; 3] = ["", "usr", "usr/local"];

/// Reads the environment in `folder`: the root of a virtual environment, a `site-packages`, or the
/// root of a container's file system.
pub(crate) fn load(folder: &Path, settings: &Settings) -> Result<LoadedFile, Box<InputError>> {
    let mut reader = Reader {
        settings,
        installed: Vec::new(),
        unread: Vec::new(),
    };
    let found = find(folder, &mut reader).map_err(|message| {
        let help =
            "name the root of a virtual environment, a site-packages, or the root of a container";
        Box::new(InputError {
            help: Some(Printable::new(help)),
            ..reader.error(folder, &message)
        })
    })?;
    for root in roots(folder) {
        reader.read_config(root);
    }
    for packages in &found.folders {
        reader.read_packages(packages);
    }
    if reader.installed.is_empty() && reader.unread.is_empty() {
        return Err(Box::new(reader.error(folder, "nothing is installed there")));
    }
    Ok(reader.into_file(folder, found.python))
}

/// Where a `pyvenv.cfg` may be: in the folder, or above a `site-packages`.
fn roots(folder: &Path) -> impl Iterator<Item = &Path> {
    let above = if folder.ends_with("site-packages") {
        4
    } else {
        1
    };
    folder.ancestors().take(above)
}

/// Where releases are installed.
struct Found {
    folders: Vec<PathBuf>,
    /// The Python whose library it is, where a folder tells.
    python: Option<PythonVersion>,
}

fn find(folder: &Path, reader: &mut Reader<'_>) -> Result<Found, String> {
    if is_packages(folder)? {
        return Ok(Found {
            folders: vec![folder.to_owned()],
            python: folder.parent().and_then(python_of),
        });
    }
    let root = folder
        .canonicalize()
        .map_err(|error| shown_io_error(&error))?;
    let mut python = None;
    let mut seen = BTreeSet::new();
    let mut folders = Vec::new();
    for candidate in candidates(folder, reader) {
        // `lib64` is a link to `lib`. A link out of the folder leads elsewhere on this machine than it
        // does in the container.
        let real = match candidate.canonicalize() {
            Ok(real) => real,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => {
                reader.refuse(&candidate, &shown_io_error(&error));
                continue;
            }
        };
        if !real.starts_with(&root) {
            reader.refuse(&candidate, "it is a link out of the environment");
        } else if real.is_dir() && seen.insert(real) {
            python = python.or_else(|| candidate.parent().and_then(python_of));
            folders.push(candidate);
        }
    }
    if folders.is_empty() && reader.unread.is_empty() {
        return Err("it holds no Python environment".to_owned());
    }
    Ok(Found { folders, python })
}

/// Whether releases are installed in the folder itself.
fn is_packages(folder: &Path) -> Result<bool, String> {
    let is_named = |name: &str| folder.ends_with(name);
    if is_named("site-packages") || is_named("dist-packages") {
        return folder
            .read_dir()
            .map(|_| true)
            .map_err(|error| shown_io_error(&error));
    }
    let entries = list(folder).map_err(|error| shown_io_error(&error))?;
    Ok(entries
        .iter()
        .any(|path| installed::Kind::of(path).is_some()))
}

fn candidates(folder: &Path, reader: &mut Reader<'_>) -> Vec<PathBuf> {
    // Windows has no folder for each version of Python.
    let mut candidates = vec![folder.join("Lib").join("site-packages")];
    for prefix in PREFIXES {
        for library in ["lib", "lib64"] {
            let library = folder.join(prefix).join(library);
            let pythons = match list(&library) {
                Ok(pythons) => pythons,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => {
                    reader.refuse(&library, &shown_io_error(&error));
                    continue;
                }
            };
            for python in pythons.iter().filter(|path| is_python(path)) {
                candidates.extend(["site-packages", "dist-packages"].map(|name| python.join(name)));
            }
        }
    }
    candidates
}

fn is_python(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with("python3") || name.starts_with("pypy3"))
}

/// The version in a name such as `python3.12` or `python3.13t`.
fn python_of(library: &Path) -> Option<PythonVersion> {
    let name = library.file_name()?.to_str()?;
    let version = name.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    version.trim_end_matches('t').parse().ok()
}

/// The paths of a folder's entries, sorted.
fn list(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)?.take(MAX_ENTRIES + 1) {
        paths.push(entry?.path());
    }
    paths.sort();
    Ok(paths)
}

struct Reader<'a> {
    settings: &'a Settings,
    installed: Vec<Installed>,
    unread: Vec<InputError>,
}

impl Reader<'_> {
    fn error(&self, path: &Path, why: &str) -> InputError {
        InputError {
            path: shown_path(path, &self.settings.base),
            place: None,
            line_column: None,
            message: Printable::new(why),
            help: None,
        }
    }

    /// Records what is there and cannot be read: an open question.
    fn refuse(&mut self, path: &Path, why: &str) {
        let error = self.error(path, why);
        self.unread.push(error);
    }

    /// What `pyvenv.cfg` says: an environment may see what is installed outside of it, too.
    fn read_config(&mut self, folder: &Path) {
        let path = folder.join("pyvenv.cfg");
        if !path.exists() {
            return;
        }
        let text = match read_at_most(&path, MAX_CONFIG) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(why) => return self.refuse(&path, &why),
        };
        let sees_system =
            text.lines()
                .filter_map(|line| line.split_once('='))
                .any(|(key, value)| {
                    key.trim()
                        .eq_ignore_ascii_case("include-system-site-packages")
                        && value.trim().eq_ignore_ascii_case("true")
                });
        if sees_system {
            self.refuse(
                &path,
                "it also uses what is installed for the whole system, which is not judged here",
            );
        }
    }

    fn read_packages(&mut self, folder: &Path) {
        let entries = match list(folder) {
            Ok(entries) => entries,
            Err(error) => return self.refuse(folder, &shown_io_error(&error)),
        };
        if entries.len() > MAX_ENTRIES {
            self.refuse(folder, &format!("it has more than {MAX_ENTRIES} entries"));
        }
        let mut of_folder = BTreeSet::new();
        for path in entries.iter().take(MAX_ENTRIES) {
            if let Some(kind) = installed::Kind::of(path) {
                match installed::read(path, kind, &self.settings.base) {
                    Ok(installed) => {
                        // Debian records some releases twice, in the old way and in the new one.
                        let release = installed.release();
                        if release.is_none_or(|release| of_folder.insert(release)) {
                            self.installed.push(installed);
                        }
                    }
                    Err((path, why)) => self.refuse(&path, &why),
                }
            } else if path.extension().is_some_and(|extension| extension == "pth") {
                self.read_pth(path, folder);
            }
        }
    }

    /// A `.pth` file may add folders that releases are installed in; what it adds is not searched.
    fn read_pth(&mut self, path: &Path, folder: &Path) {
        let text = match read_at_most(path, MAX_CONFIG) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(why) => return self.refuse(path, &why),
        };
        let folders = text.lines().map(str::trim).filter(|line| {
            let is_code = line.starts_with("import ") || line.starts_with("import\t");
            !line.is_empty() && !line.starts_with('#') && !is_code
        });
        for line in folders.take(1_000) {
            let added = folder.join(line);
            let entries = if added.is_dir() {
                list(&added).unwrap_or_default()
            } else {
                Vec::new()
            };
            let is_release =
                |path: &PathBuf| installed::Kind::of(path) == Some(installed::Kind::DistInfo);
            if added != folder && entries.iter().any(is_release) {
                let added = shown_path(&added, &self.settings.base);
                self.refuse(
                    path,
                    &format!("it adds {added}, whose releases are not judged here"),
                );
            }
        }
    }

    fn into_file(mut self, folder: &Path, python: Option<PythonVersion>) -> LoadedFile {
        let settings = self.settings;
        let python = settings.python.or(settings.config.python).or(python);
        let platform = settings.platform.or(settings.config.platform);
        let target = Environment::of_target(
            python.unwrap_or(DEFAULT_PYTHON),
            platform.unwrap_or(Platform::LinuxX86_64),
        );
        add_dependents(&mut self.installed, &target);
        let mut digests = String::new();
        for Installed { source, .. } in &self.installed {
            // Writing to a string does not fail.
            let _ = writeln!(digests, "{} {}", source.path, source.sha256);
        }
        let path = shown_path(folder, &settings.base);
        let (requirements, metadata) = self
            .installed
            .into_iter()
            .map(|one| (one.requirement, one.source))
            .unzip();
        LoadedFile {
            path: folder.to_owned(),
            source: SourceFile::new(path, hex_sha256(digests.as_bytes()), String::new()).into(),
            manifest: Manifest {
                requirements,
                inventory: Some(Inventory {
                    kind: InventoryKind::Environment,
                    subject: None,
                    foreign: 0,
                    unidentified: 0,
                }),
                ..Manifest::default()
            },
            format: Format::Environment,
            included_by: Vec::new(),
            is_plain_utf8: false,
            is_outside: false,
            had_bom: false,
            metadata,
            unread: self.unread,
        }
    }
}

/// Notes who needs whom, by what each release says it requires; extras were somebody's choice, of
/// which nothing is written down.
fn add_dependents(installed: &mut [Installed], target: &Environment) {
    let mut needed_by: BTreeMap<ProjectName, BTreeSet<ProjectName>> = BTreeMap::new();
    for one in installed.iter() {
        let Some(by) = &one.requirement.name else {
            continue;
        };
        for text in &one.requires {
            let Ok(requirement) = text.parse::<Pep508>() else {
                continue;
            };
            let marker = requirement.marker.as_ref();
            let applies = marker.is_none_or(|marker| marker.evaluate(target, &[]));
            if applies && requirement.name != *by {
                let all = needed_by.entry(requirement.name).or_default();
                all.insert(by.clone());
            }
        }
    }
    for requirement in installed.iter_mut().map(|one| &mut one.requirement) {
        let by = requirement
            .name
            .as_ref()
            .and_then(|name| needed_by.get(name));
        let by = by.into_iter().flatten().cloned().map(Via::Project);
        requirement.via.extend(by);
    }
}
