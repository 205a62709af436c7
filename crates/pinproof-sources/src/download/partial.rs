//! The bytes of a distribution so far, in a file that no installer takes for one.
//!
//! One process at a time writes to it: it is locked, and another process takes a file of its own. What is
//! read back after an interruption is what is on the disk, not what somebody meant to write.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use pinproof_core::Hash;
use tempfile::TempPath;

use super::DownloadError;
use super::digests::Digests;

/// A hidden name with an ending of no distribution format.
const PREFIX: &str = ".pinproof-";
const SUFFIX: &str = ".part";

/// Bytes read at one time.
const BLOCK: usize = 128 * 1024;

/// A distribution that is not complete yet.
#[derive(Debug)]
pub(super) struct Partial {
    path: PathBuf,
    file: File,
    digests: Digests,
    len: u64,
    /// The file is of this run alone, and goes with it.
    own: Option<TempPath>,
}

/// What is there under a final name.
#[derive(Debug)]
pub(super) struct Existing {
    pub(super) size: u64,
    pub(super) found: Vec<Hash>,
}

impl Partial {
    /// The bytes that an earlier run left, hashed again from the disk, or an empty file.
    pub(super) fn open(
        folder: &Path,
        key: &str,
        digests: Digests,
        most: u64,
    ) -> Result<Self, DownloadError> {
        let path = folder.join(format!("{PREFIX}{key}{SUFFIX}"));
        let opened = match shared(&path) {
            Ok(Some(file)) => Ok((path, file, None)),
            Ok(None) => own(folder),
            Err(error) => Err(error),
        };
        let (path, file, own) = opened.map_err(|error| DownloadError::storage(&error))?;
        let mut partial = Self {
            path,
            file,
            digests,
            len: 0,
            own,
        };
        partial
            .take_in(most)
            .map_err(|error| DownloadError::storage(&error))?;
        Ok(partial)
    }

    /// Hashes what is there; more than the file can have is no part of it.
    fn take_in(&mut self, most: u64) -> io::Result<()> {
        if self.file.metadata()?.len() > most {
            return self.clear();
        }
        self.len = hash(&mut self.file, &mut self.digests)?;
        self.file.seek(SeekFrom::Start(self.len))?;
        Ok(())
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// The hashes of the bytes so far.
    pub(super) fn found(&self) -> Vec<Hash> {
        self.digests.found()
    }

    /// Takes the next bytes.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), DownloadError> {
        self.file
            .write_all(bytes)
            .map_err(|error| DownloadError::storage(&error))?;
        self.digests.update(bytes);
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Forgets every byte.
    pub(super) fn restart(&mut self) -> Result<(), DownloadError> {
        self.clear().map_err(|error| DownloadError::storage(&error))
    }

    fn clear(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.digests.reset();
        self.len = 0;
        Ok(())
    }

    /// Removes it: its bytes are of no use.
    pub(super) fn discard(self) {
        // What cannot be removed is emptied, so that no later run takes it for a beginning.
        let _ = self.file.set_len(0);
        if self.own.is_none() {
            let _ = fs::remove_file(&self.path);
        }
    }

    /// Gives the complete file its name, durably; `false` if something has that name by now.
    pub(super) fn publish(self, target: &Path) -> Result<bool, DownloadError> {
        let failed = |error: &io::Error| DownloadError::storage(error);
        self.file.sync_all().map_err(|error| failed(&error))?;
        let path = match self.own {
            Some(own) => own,
            None => TempPath::try_from_path(&self.path).map_err(|error| failed(&error))?,
        };
        match path.persist_noclobber(target) {
            Ok(()) => {
                sync_folder(target).map_err(|error| failed(&error))?;
                Ok(true)
            }
            // Dropping the path removes the file.
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => {
                let failure = failed(&error.error);
                let _ = error.path.keep();
                Err(failure)
            }
        }
    }
}

impl Existing {
    /// Hashes what is there under a final name.
    pub(super) fn read(path: &Path, mut digests: Digests) -> Result<Option<Self>, DownloadError> {
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(DownloadError::storage(&error)),
            Ok(metadata) if !metadata.is_file() => return Err(DownloadError::NotAFile),
            Ok(_) => {}
        }
        let mut read = || hash(&mut File::open(path)?, &mut digests);
        let size = read().map_err(|error| DownloadError::unreadable(path, &error))?;
        Ok(Some(Self {
            size,
            found: digests.found(),
        }))
    }
}

/// The file that all runs share, locked; `None` while another run has it, or where it is no file of ours.
fn shared(path: &Path) -> io::Result<Option<File>> {
    let is_plain = |path: &Path| fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    let file = match options.clone().create_new(true).open(path) {
        Ok(file) => file,
        // Opening a pipe would wait for ever, and a link may lead to any file of the user.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && is_plain(path) => {
            options.open(path)?
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
        Err(error) => return Err(error),
    };
    // Between opening and locking, whoever had it may have given it its final name.
    let is_ours = file.try_lock().is_ok() && is_still_at(&file, path);
    Ok(is_ours.then_some(file))
}

/// A file that nobody else knows of.
fn own(folder: &Path) -> io::Result<(PathBuf, File, Option<TempPath>)> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    readable(&mut builder);
    let (file, path) = builder.tempfile_in(folder)?.into_parts();
    Ok((path.to_path_buf(), file, Some(path)))
}

/// As any tool writes files; a temporary one would be private. The process's mask counts.
#[cfg(unix)]
fn readable(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt as _;
    builder.permissions(fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn readable(_builder: &mut tempfile::Builder<'_, '_>) {}

#[cfg(unix)]
fn is_still_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let identity = |found: fs::Metadata| (found.dev(), found.ino());
    let there = fs::symlink_metadata(path).map(identity);
    matches!((file.metadata().map(identity), there), (Ok(a), Ok(b)) if a == b)
}

#[cfg(not(unix))]
fn is_still_at(_file: &File, path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file())
}

/// Hashes a file from its start to its end.
fn hash(file: &mut File, digests: &mut Digests) -> io::Result<u64> {
    file.rewind()?;
    let mut block = vec![0; BLOCK];
    let mut len = 0;
    loop {
        let read = match file.read(&mut block) {
            Ok(0) => return Ok(len),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        digests.update(&block[..read]);
        len += read as u64;
    }
}

/// A name is durable when its folder is.
#[cfg(unix)]
fn sync_folder(target: &Path) -> io::Result<()> {
    let folder = target
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_target: &Path) -> io::Result<()> {
    Ok(())
}
