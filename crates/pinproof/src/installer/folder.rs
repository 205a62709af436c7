//! A folder for verified wheels that nobody else writes to, and that is gone when it is dropped.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use super::EnvironmentError;
use super::environment::shown;

const PREFIX: &str = "pinproof-install-";

/// A run that was killed leaves its folder; no run takes that long.
const LEFT_BEHIND: Duration = Duration::from_hours(24);

/// Makes one in `parent`, and removes what runs that were killed left there.
pub(crate) fn private_folder(parent: &Path) -> Result<TempDir, EnvironmentError> {
    let made = fs::create_dir_all(parent).and_then(|()| {
        sweep(parent);
        // Readable and writable for its owner alone, on systems that know owners.
        tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)
    });
    made.map_err(|error| EnvironmentError::NoFolder {
        path: shown(parent),
        error,
    })
}

fn sweep(parent: &Path) {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    for entry in entries {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        // The metadata of an entry is that of a link itself, never of what it leads to.
        let is_old = entry.metadata().is_ok_and(|found| {
            let age = found.modified().ok().and_then(|time| time.elapsed().ok());
            found.is_dir() && age.is_some_and(|age| age > LEFT_BEHIND)
        });
        if is_ours && is_old {
            // What stays is looked at again by the next run.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
