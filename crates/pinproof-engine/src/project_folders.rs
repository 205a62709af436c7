//! Which files are the project's own.
//!
//! pip follows `-r ../../anything`, so the includes of a pull request may name any file of the machine, and
//! many a line looks like the name of a project. What lies outside is read and judged as pip would install
//! it, but no line of it is sent to an index.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::settings::Settings;

/// The folders that hold the project, and the files that somebody named, links resolved.
#[derive(Debug)]
pub(crate) struct ProjectFolders {
    folders: BTreeSet<PathBuf>,
    named: BTreeSet<PathBuf>,
}

impl ProjectFolders {
    /// The repository of every named path; without a repository, the folder that holds the configuration,
    /// the working folder if the path lies below it, and the named folder itself or that of the named file.
    pub(crate) fn of(settings: &Settings) -> Self {
        let base = canonical(&settings.base);
        let configured = settings.config_folder.as_deref().and_then(canonical);
        let mut folders = BTreeSet::new();
        let mut named = BTreeSet::new();
        for path in settings.paths.iter().filter_map(|path| canonical(path)) {
            let folder = match path.parent() {
                Some(parent) if !path.is_dir() => parent.to_owned(),
                _ => path.clone(),
            };
            if let Some(repository) = repository(&folder) {
                folders.insert(repository);
            } else {
                let around = base.iter().chain(&configured);
                folders.extend(around.filter(|around| folder.starts_with(around)).cloned());
                folders.insert(folder);
            }
            named.insert(path);
        }
        Self { folders, named }
    }

    /// Whether a file lies outside, or leads there by a link.
    pub(crate) fn is_outside(&self, path: &Path) -> bool {
        let Some(path) = canonical(path) else {
            return true;
        };
        let is_inside = self.folders.iter().any(|folder| path.starts_with(folder));
        !is_inside && !self.named.contains(&path)
    }
}

/// The folder of the project that a file belongs to, links resolved: that of the configuration, if the file
/// lies below it, else the repository, else the file's own folder.
pub(crate) fn home_of(path: &Path, settings: &Settings) -> Option<PathBuf> {
    let folder = canonical(path)?.parent()?.to_owned();
    let configured = settings.config_folder.as_deref().and_then(canonical);
    let configured = configured.filter(|configured| folder.starts_with(configured));
    Some(configured.or_else(|| repository(&folder)).unwrap_or(folder))
}

fn canonical(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}

/// The nearest folder with a repository in it.
fn repository(folder: &Path) -> Option<PathBuf> {
    let found = folder
        .ancestors()
        .find(|folder| folder.join(".git").exists());
    found.map(Path::to_owned)
}
