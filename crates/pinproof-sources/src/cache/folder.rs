//! The folder of the cache: made for its owner alone, measured, and cleaned of nothing but our own files.

use std::fs::{self, DirBuilder, DirEntry};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use pinproof_core::{Printable, ProjectName};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::hex;

/// Our folder inside the cache folder; the number changes with the layout.
pub(super) const NAME: &str = "facts-v1";
pub(super) const PAGES: &str = "projects";
pub(super) const METADATA: &str = "metadata";

/// <https://bford.info/cachedir/>: backup programs leave such folders out.
const TAG_NAME: &str = "CACHEDIR.TAG";
const TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by pinproof. Everything here can be fetched again.\n";
const TEMPORARY: &str = ".tmp-";

/// Why the cache cannot be used, written or cleaned.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CacheError {
    /// Somebody else could have written it.
    #[error("the cache is not used: other users may write to {0}")]
    NotPrivate(Printable),
    /// It is a link or a file.
    #[error("the cache is not used: {0} is no folder")]
    NoFolder(Printable),
    /// There is no mark that says that pinproof made it.
    #[error("nothing is removed: {0} has no mark that says that pinproof made it")]
    NotOurs(Printable),
    /// The file system refused.
    #[error("the cache cannot be used: {path}: {why}")]
    Io {
        /// What was read or written.
        path: Printable,
        /// What the system says.
        why: Printable,
    },
}

/// What there is in a cache, or was removed from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheSize {
    /// Cached answers.
    pub entries: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Counts what is cached under `cache_dir`.
pub fn size(cache_dir: &Path) -> Result<CacheSize, CacheError> {
    let mut size = CacheSize::default();
    walk(
        &cache_dir.join(NAME),
        &mut |entry| size.add(entry),
        &mut |_| Ok(()),
    )?;
    Ok(size)
}

/// The file that says what an index answered about `project`, if one was ever asked.
pub fn asked_about(cache_dir: &Path, project: &ProjectName) -> Option<PathBuf> {
    let indexes = folders(&cache_dir.join(NAME)).ok()?;
    let pages = indexes
        .iter()
        .map(|index| index.join(PAGES).join(page_name(project)));
    { pages }.find(|page| page.is_file())
}

/// Removes what is cached under `cache_dir`: only files that pinproof made, and no link is followed.
///
/// What is left in a folder keeps the folder.
pub fn clean(cache_dir: &Path) -> Result<CacheSize, CacheError> {
    let root = cache_dir.join(NAME);
    if !exists(&root)? {
        return Ok(CacheSize::default());
    }
    let tag = root.join(TAG_NAME);
    if !fs::read(&tag).is_ok_and(|content| content == TAG.as_bytes()) {
        return Err(CacheError::NotOurs(shown(&root)));
    }
    let mut removed = CacheSize::default();
    walk(
        &root,
        &mut |entry| {
            removed.add(entry)?;
            fs::remove_file(entry.path()).map_err(|error| io_error(&entry.path(), &error))
        },
        &mut |folder| {
            remove_if_empty(folder);
            Ok(())
        },
    )?;
    fs::remove_file(&tag).map_err(|error| io_error(&tag, &error))?;
    remove_if_empty(&root);
    Ok(removed)
}

impl CacheSize {
    fn add(&mut self, entry: &DirEntry) -> Result<(), CacheError> {
        let metadata = entry
            .metadata()
            .map_err(|error| io_error(&entry.path(), &error))?;
        self.entries += 1;
        self.bytes += metadata.len();
        Ok(())
    }
}

/// The file of a project's page; no name that Windows reserves, and none that is too long.
pub(super) fn page_name(project: &ProjectName) -> String {
    match project.as_str() {
        name if name.len() <= 100 => format!("p-{name}"),
        name => format!("h-{}", hex::encode(&Sha256::digest(name))),
    }
}

/// Whether the folder may be used, if it is there: what others can write is no evidence.
pub(super) fn check(root: &Path) -> Result<(), CacheError> {
    match fs::symlink_metadata(root) {
        Ok(metadata) if !metadata.is_dir() => Err(CacheError::NoFolder(shown(root))),
        Ok(metadata) if is_writable_by_others(&metadata) => {
            Err(CacheError::NotPrivate(shown(root)))
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(io_error(root, &error)),
    }
}

/// Writes a file as a whole, so that a reader sees the old or the new one.
pub(super) fn replace(root: &Path, path: &Path, bytes: &[u8]) -> Result<(), CacheError> {
    let folder = path.parent().unwrap_or(root);
    make_folder(folder).map_err(|error| io_error(folder, &error))?;
    let tag = root.join(TAG_NAME);
    if !exists(&tag)? {
        write_whole(root, &tag, TAG.as_bytes()).map_err(|error| io_error(&tag, &error))?;
    }
    write_whole(folder, path, bytes).map_err(|error| io_error(path, &error))
}

fn write_whole(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = tempfile::Builder::new()
        .prefix(TEMPORARY)
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(unix)]
fn is_writable_by_others(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o022 != 0
}

#[cfg(not(unix))]
fn is_writable_by_others(_: &fs::Metadata) -> bool {
    // Folders of a Windows profile are private; their access lists are not judged here.
    false
}

/// Calls `on_file` for every file of the layout, and `on_folder` for every folder after its content.
fn walk(
    root: &Path,
    on_file: &mut dyn FnMut(&DirEntry) -> Result<(), CacheError>,
    on_folder: &mut dyn FnMut(&Path) -> Result<(), CacheError>,
) -> Result<(), CacheError> {
    for index in folders(root)? {
        for kind in [PAGES, METADATA] {
            let folder = index.join(kind);
            for entry in entries(&folder)? {
                if is_ours(&entry, kind) {
                    on_file(&entry)?;
                }
            }
            on_folder(&folder)?;
        }
        on_folder(&index)?;
    }
    Ok(())
}

/// The folders of indexes: named by hexadecimal digits, and no links.
fn folders(root: &Path) -> Result<Vec<PathBuf>, CacheError> {
    let is_index = |entry: &DirEntry| {
        let name = entry.file_name();
        let is_named = name
            .to_str()
            .is_some_and(|name| name.len() == 32 && is_hex(name));
        is_named && entry.file_type().is_ok_and(|kind| kind.is_dir())
    };
    let entries = entries(root)?;
    Ok(entries
        .iter()
        .filter(|entry| is_index(entry))
        .map(DirEntry::path)
        .collect())
}

/// Whether a file has a name that this program gives, and is no link.
fn is_ours(entry: &DirEntry, kind: &str) -> bool {
    let name = entry.file_name();
    let Some(name) = name.to_str() else {
        return false;
    };
    let is_named = name.starts_with(TEMPORARY)
        || match kind {
            PAGES => name.starts_with("p-") || name.starts_with("h-"),
            _ => name.len() == 64 && is_hex(name),
        };
    is_named && entry.file_type().is_ok_and(|kind| kind.is_file())
}

/// What is in a folder; nothing, if it is missing, a link, or a file.
fn entries(folder: &Path) -> Result<Vec<DirEntry>, CacheError> {
    if !fs::symlink_metadata(folder).is_ok_and(|metadata| metadata.is_dir()) {
        return Ok(Vec::new());
    }
    fs::read_dir(folder)
        .and_then(Iterator::collect)
        .map_err(|error| io_error(folder, &error))
}

/// An error means that the folder is not empty, which is for its owner to look at.
fn remove_if_empty(folder: &Path) {
    let _ = fs::remove_dir(folder);
}

fn exists(path: &Path) -> Result<bool, CacheError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(io_error(path, &error)),
    }
}

fn is_hex(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn shown(path: &Path) -> Printable {
    Printable::from(path.display().to_string())
}

fn io_error(path: &Path, error: &io::Error) -> CacheError {
    CacheError::Io {
        path: shown(path),
        why: Printable::from(error.to_string()),
    }
}
