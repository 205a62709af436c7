//! Whether a release is installed in an environment, by the metadata that installers leave there.

use std::path::{Path, PathBuf};

use pinproof_core::{Printable, ProjectName, Version};

use super::{Asked, Exposure, Gap, LookedAt, Sighting};
use crate::files::{Disk, FileKind, Files as _};
use crate::inputs::shown_path;

/// Looks at one environment.
pub(super) fn look(asked: &Asked, path: &Path, base: &Path, exposure: &mut Exposure) {
    let shown = shown_path(path, base);
    let folders = site_packages(path);
    if folders.is_empty() {
        exposure.errors.push(Gap {
            path: shown,
            why: Printable::new("it is no environment: nothing is installed in it"),
            help: Some(Printable::new(
                "name the folder of a virtual environment, or its site-packages",
            )),
        });
        return;
    }
    let mut distributions = 0;
    for metadata in folders.iter().flat_map(|folder| metadata_files(folder)) {
        distributions += 1;
        match read(&metadata) {
            Ok((name, version)) if name == asked.project && asked.is(&version) => {
                exposure.sightings.push(Sighting {
                    path: shown_path(&metadata, base),
                    came: None,
                    went: None,
                    versions: 1,
                });
            }
            Ok(_) => {}
            Err(why) => exposure.gaps.push(Gap {
                path: shown_path(&metadata, base),
                why: Printable::from(why),
                help: None,
            }),
        }
    }
    exposure.looked_at.push(LookedAt::Environment {
        path: shown,
        distributions,
    });
}

/// The folders of an environment that distributions are installed in: itself, or those below `lib`.
fn site_packages(path: &Path) -> Vec<PathBuf> {
    let mut folders = vec![path.to_owned(), path.join("Lib").join("site-packages")];
    for lib in ["lib", "lib64"].map(|lib| path.join(lib)) {
        for python in Disk.list(&lib).into_iter().flatten() {
            folders.push(lib.join(python.name).join("site-packages"));
        }
    }
    folders.retain(|folder| !metadata_files(folder).is_empty());
    // `lib64` is often a link to `lib`.
    folders.sort_by_key(|folder| folder.canonicalize().ok());
    folders.dedup_by_key(|folder| folder.canonicalize().ok());
    folders
}

fn metadata_files(folder: &Path) -> Vec<PathBuf> {
    let entries = Disk.list(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| {
            let path = folder.join(&entry.name);
            let end = path.extension()?.to_str()?.to_owned();
            match (end.as_str(), entry.kind) {
                ("dist-info", _) => Some(path.join("METADATA")),
                ("egg-info", FileKind::Folder) => Some(path.join("PKG-INFO")),
                ("egg-info", FileKind::File) => Some(path),
                _ => None,
            }
        })
        .collect();
    files.sort();
    files
}

/// The name and the version in the head of core metadata.
fn read(path: &Path) -> Result<(ProjectName, Version), String> {
    let bytes = Disk.read(path)?;
    let text = String::from_utf8_lossy(&bytes);
    let head = text.lines().take_while(|line| !line.is_empty());
    let (mut name, mut version) = (None, None);
    for line in head {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        match key.to_ascii_lowercase().as_str() {
            "name" => name = name.or_else(|| value.trim().parse().ok()),
            "version" => version = version.or_else(|| value.trim().parse().ok()),
            _ => {}
        }
    }
    match (name, version) {
        (Some(name), Some(version)) => Ok((name, version)),
        _ => Err("it has no name or no version that can be read".to_owned()),
    }
}
