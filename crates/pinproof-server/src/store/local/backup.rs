//! A copy of a store, taken beside a running gateway.
//!
//! First the database at one moment, then the files that it names. Files are never changed or removed, and are there
//! before the database names them, so that the copy has everything that its database speaks of.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;

use pinproof_core::Printable;

use super::columns::{digest, failed};
use super::files::{Folder, has_bytes, sync_folder};
use super::pins::rows;
use super::{DATABASE, make_private, schema, shown};
use crate::store::error::StoreError;

/// Copies the store in `data` to the folder `to`, which must not be there yet; how many files it has is the answer.
///
/// Every copied file is held to its digest. What is left when it fails is no backup.
pub fn backup(data: &Path, to: &Path) -> Result<u64, StoreError> {
    let write = |error: std::io::Error| StoreError::Failed {
        what: shown(to),
        why: Printable::from(error.to_string()),
    };
    let source = data.join(DATABASE);
    if !source.is_file() {
        return Err(StoreError::Missing {
            folder: shown(data),
        });
    }
    let connection = schema::open_for_reading(&source)?;
    match fs::symlink_metadata(to) {
        Ok(_) => return Err(write(ErrorKind::AlreadyExists.into())),
        Err(_) => make_private(to).map_err(write)?,
    }
    let target = to.join(DATABASE);
    let Some(target_text) = target.to_str() else {
        return Err(StoreError::Failed {
            what: shown(to),
            why: Printable::new("its name is not Unicode"),
        });
    };
    connection
        .execute("VACUUM INTO ?1", [target_text])
        .map_err(failed)?;
    File::options()
        .write(true)
        .open(&target)
        .and_then(|file| file.sync_all())
        .map_err(write)?;
    let copy = schema::open_for_reading(&target)?;
    let (from, into) = (Folder::below(data), Folder::open(to)?);
    let named = rows(
        &copy,
        "SELECT sha256 FROM file ORDER BY sha256",
        [],
        |row| digest(row, "sha256"),
    )?;
    for file in &named {
        into.make_shard(*file)?;
        let path = into.path(*file);
        fs::copy(from.path(*file), &path).map_err(write)?;
        if !has_bytes(&path, *file) {
            return Err(StoreError::damaged(format!(
                "{file} has other bytes than were stored"
            )));
        }
        // Writing is what makes Windows put it on the disk.
        let copied = File::options().write(true).open(&path);
        copied.and_then(|file| file.sync_all()).map_err(write)?;
        sync_folder(path.parent().unwrap_or(to))?;
    }
    sync_folder(to)?;
    Ok(named.len() as u64)
}
