//! The folder of files: each under its digest, seen only as a whole, never changed.
//!
//! A name on disk is `files/ab/<64 lower-case hexadecimal digits>`: no name from outside is in it, nothing differs
//! in case only, and none of them means a device on Windows.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _};
use sha2::Digest as _;
use tempfile::NamedTempFile;

use super::Inner;
use super::columns::{failed, integer, number};
use super::readers::blocking;
use crate::store::error::StoreError;
use crate::store::words::Sha256;
use crate::store::{Answer, Incoming, StoredFile, Window};

/// Written bytes that may be missing on the disk: the end of a large file is not the time to write all of it.
const UNSYNCED: u64 = 32 << 20;
/// The most that is read at once.
const MOST_READ: usize = 8 << 20;

/// Where files are, and where they are while they come.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    files: PathBuf,
    incoming: PathBuf,
}

impl Folder {
    /// The folder below `data`; what an earlier process left half-written is removed.
    pub(super) fn open(data: &Path) -> Result<Self, StoreError> {
        let folder = Self::below(data);
        let failed = |error: std::io::Error| StoreError::io("the data folder", &error);
        fs::create_dir_all(&folder.files).map_err(failed)?;
        fs::create_dir_all(&folder.incoming).map_err(failed)?;
        for left in fs::read_dir(&folder.incoming).map_err(failed)? {
            fs::remove_file(left.map_err(failed)?.path()).map_err(failed)?;
        }
        sync_folder(data)?;
        sync_folder(&folder.files)?;
        Ok(folder)
    }

    /// The folder below `data`, as it is.
    pub(super) fn below(data: &Path) -> Self {
        Self {
            files: data.join("files"),
            incoming: data.join("incoming"),
        }
    }

    /// Where the bytes of a file are.
    pub(super) fn path(&self, file: Sha256) -> PathBuf {
        let name = file.to_string();
        self.files.join(&name[..2]).join(name)
    }

    /// Makes the folder of a file.
    pub(super) fn make_shard(&self, file: Sha256) -> Result<(), StoreError> {
        let path = self.path(file);
        let shard = path.parent().unwrap_or(&self.files);
        match fs::create_dir(shard) {
            Ok(()) => sync_folder(&self.files),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(StoreError::io("the data folder", &error)),
        }
    }

    /// Gives a file that is complete and on the disk its name.
    fn keep(&self, part: NamedTempFile, file: Sha256) -> Result<(), StoreError> {
        let path = self.path(file);
        self.make_shard(file)?;
        // Who reads the file has it open: it is replaced only where it is damaged.
        if !has_bytes(&path, file) {
            part.persist(&path)
                .map_err(|error| StoreError::io("the file cannot get its name", &error.error))?;
        }
        sync_folder(path.parent().unwrap_or(&self.files))
    }

    /// Opens a file that has to be there with this size.
    fn open_file(&self, file: Sha256, size: u64) -> Result<File, StoreError> {
        let opened = match File::open(self.path(file)) {
            Ok(opened) => opened,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(StoreError::damaged(format!("the bytes of {file} are gone")));
            }
            Err(error) => return Err(StoreError::io("the file cannot be opened", &error)),
        };
        let metadata = opened
            .metadata()
            .map_err(|error| StoreError::io("the file cannot be opened", &error))?;
        if metadata.len() != size {
            return Err(StoreError::damaged(format!(
                "{file} has {} bytes, and {size} were stored",
                metadata.len()
            )));
        }
        Ok(opened)
    }
}

/// Whether the bytes at `path` are those of the file.
pub(super) fn has_bytes(path: &Path, file: Sha256) -> bool {
    let Ok(mut there) = File::open(path) else {
        return false;
    };
    let mut hasher = sha2::Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match there.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => hasher.update(&buffer[..read]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
    Sha256::from_bytes(hasher.finalize().into()) == file
}

/// Waits until the names in a folder are on the disk; Windows has no such call and needs none.
pub(super) fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    if cfg!(unix) {
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| StoreError::io("the data folder", &error))?;
    }
    Ok(())
}

/// A file on its way in.
pub(super) struct Receiving {
    inner: Arc<Inner>,
    /// Away while a thread writes; whoever stopped waiting for that has lost it.
    part: Option<Part>,
}

struct Part {
    file: NamedTempFile,
    hasher: sha2::Sha256,
    size: u64,
    /// What was written since the last time that everything was put on the disk.
    unsynced: u64,
}

impl Receiving {
    pub(super) async fn begin(inner: Arc<Inner>) -> Result<Self, StoreError> {
        let folder = inner.folder.incoming.clone();
        let file = blocking(move || {
            NamedTempFile::new_in(folder)
                .map_err(|error| StoreError::io("a file cannot be made", &error))
        });
        let part = Part {
            file: file.await?,
            hasher: sha2::Sha256::new(),
            size: 0,
            unsynced: 0,
        };
        Ok(Self {
            inner,
            part: Some(part),
        })
    }
}

impl Receiving {
    /// Gives the bytes their name, and only then notes that they are there.
    async fn complete(
        mut self: Box<Self>,
        expected: Option<Sha256>,
        size: Option<u64>,
    ) -> Result<(Sha256, u64), StoreError> {
        let part = self.part.take().ok_or(StoreError::Closed)?;
        let folder = self.inner.folder.clone();
        let kept = blocking(move || {
            let (file, hash, size) = part.complete(expected, size)?;
            folder.keep(file, hash)?;
            Ok((hash, size))
        });
        let (hash, size) = kept.await?;
        self.inner
            .writer
            .run(move |connection| note(connection, hash, size))
            .await?;
        Ok((hash, size))
    }
}

impl Part {
    fn take(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
        self.unsynced += bytes.len() as u64;
        let failed = |error: std::io::Error| StoreError::io("the file cannot be written", &error);
        self.file.write_all(bytes).map_err(failed)?;
        if self.unsynced >= UNSYNCED {
            self.unsynced = 0;
            self.file.as_file().sync_data().map_err(failed)?;
        }
        Ok(())
    }

    /// Whether it is what was announced; then it is put on the disk.
    fn complete(
        self,
        expected: Option<Sha256>,
        size: Option<u64>,
    ) -> Result<(NamedTempFile, Sha256, u64), StoreError> {
        let found = self.size;
        if let Some(expected) = size.filter(|size| *size != found) {
            return Err(StoreError::WrongSize { expected, found });
        }
        let hash = Sha256::from_bytes(self.hasher.finalize().into());
        if let Some(expected) = expected.filter(|expected| *expected != hash) {
            return Err(StoreError::WrongHash {
                expected,
                found: hash,
            });
        }
        self.file
            .as_file()
            .sync_all()
            .map_err(|error| StoreError::io("the file cannot be written", &error))?;
        Ok((self.file, hash, found))
    }
}

impl Incoming for Receiving {
    fn write(&mut self, bytes: Vec<u8>) -> Answer<'_, ()> {
        Box::pin(async move {
            let mut part = self.part.take().ok_or(StoreError::Closed)?;
            let written = blocking(move || part.take(&bytes).map(|()| part));
            self.part = Some(written.await?);
            Ok(())
        })
    }

    fn window(&self) -> Answer<'_, Arc<dyn Window>> {
        Box::pin(async move {
            let part = self.part.as_ref().ok_or(StoreError::Closed)?;
            let opened = part.file.reopen();
            let file = opened.map_err(|error| StoreError::io("a file cannot be read", &error))?;
            Ok(Arc::new(Written(Arc::new(file))) as Arc<dyn Window>)
        })
    }

    fn finish(self: Box<Self>, expected: Sha256, size: Option<u64>) -> Answer<'static, u64> {
        Box::pin(async move { Ok(self.complete(Some(expected), size).await?.1) })
    }

    fn keep(self: Box<Self>, size: Option<u64>) -> Answer<'static, (Sha256, u64)> {
        Box::pin(self.complete(None, size))
    }
}

/// A file that somebody else writes.
struct Written(Arc<File>);

impl Window for Written {
    fn read(&self, at: u64, most: usize) -> Answer<'_, Vec<u8>> {
        let file = Arc::clone(&self.0);
        Box::pin(blocking(move || {
            let mut bytes = vec![0; most.min(MOST_READ)];
            let mut filled = 0;
            while filled < bytes.len() {
                match read_at(&file, &mut bytes[filled..], at + filled as u64) {
                    Ok(0) => break,
                    Ok(read) => filled += read,
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => {
                        return Err(StoreError::io("the file cannot be read", &error));
                    }
                }
            }
            bytes.truncate(filled);
            Ok(bytes)
        }))
    }
}

/// Reads without a common place in the file: many do at one time.
#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, at)
}

/// Reads from a place; each call says which.
#[cfg(windows)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> std::io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, into, at)
}

/// Notes that a file is there: from now on it is visible.
fn note(connection: &Connection, file: Sha256, size: u64) -> Result<(), StoreError> {
    let sql = "INSERT INTO file (sha256, size) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let values = (file.as_bytes(), integer(size)?);
    statement.execute(values).map(|_| ()).map_err(failed)
}

/// A file that is read.
struct Reading {
    file: Option<File>,
    size: u64,
}

/// Opens a stored file.
pub(super) fn open(
    connection: &Connection,
    folder: &Folder,
    file: Sha256,
) -> Result<Option<Box<dyn StoredFile>>, StoreError> {
    let sql = "SELECT size FROM file WHERE sha256 = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let size = statement
        .query_row([file.as_bytes()], |row| Ok(number(row, "size")))
        .optional()
        .map_err(failed)?;
    let Some(size) = size.transpose()? else {
        return Ok(None);
    };
    let opened = folder.open_file(file, size)?;
    Ok(Some(Box::new(Reading {
        file: Some(opened),
        size,
    })))
}

impl StoredFile for Reading {
    fn size(&self) -> u64 {
        self.size
    }

    fn read(&mut self, at: u64, most: usize) -> Answer<'_, Vec<u8>> {
        Box::pin(async move {
            if at >= self.size {
                return Ok(Vec::new());
            }
            let mut file = self.file.take().ok_or(StoreError::Closed)?;
            let most = most.min(MOST_READ);
            let read = blocking(move || {
                let failed =
                    |error: std::io::Error| StoreError::io("the file cannot be read", &error);
                let mut bytes = Vec::new();
                file.seek(SeekFrom::Start(at)).map_err(failed)?;
                (&mut file)
                    .take(most as u64)
                    .read_to_end(&mut bytes)
                    .map_err(failed)?;
                Ok((file, bytes))
            });
            let (file, bytes) = read.await?;
            self.file = Some(file);
            Ok(bytes)
        })
    }
}
