//! Databases in the cache folder: one file for each source, and the newest time that was seen of it.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use jiff::{SignedDuration, Timestamp};

use super::database::Database;
use super::error::{AdvisoryError, shown};

/// Our folder inside the cache folder; cleaning the cache of index answers leaves it alone.
const FOLDER: &str = "advisories-v1";

/// How often another process is asked whether it is done.
const LOCK_PAUSE: Duration = Duration::from_millis(100);

/// Where databases are kept.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// How old a database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredAge {
    /// The source's own time.
    pub as_of: Timestamp,
    /// How long ago that was.
    pub age: SignedDuration,
}

impl StoredAge {
    /// The age of a source of `as_of` at `now`; a source from the future has no age yet.
    pub fn of(as_of: Timestamp, now: Timestamp) -> Self {
        let age = now.duration_since(as_of).max(SignedDuration::ZERO);
        Self { as_of, age }
    }
}

impl Store {
    /// The store in `cache_dir`.
    pub fn new(cache_dir: &Path) -> Self {
        Self {
            folder: cache_dir.join(FOLDER),
        }
    }

    /// The file of a source's database.
    pub fn path(&self, source: &str) -> PathBuf {
        self.folder.join(format!("{source}.db"))
    }

    /// Opens the database of a source; one that is older than one seen before is refused.
    pub fn open(&self, source: &str) -> Result<Database, AdvisoryError> {
        let database = Database::open(&self.path(source))?;
        self.accepts(source, database.head().as_of)?;
        Ok(database)
    }

    /// Whether a database of `as_of` counts here: none that is older than one seen before does.
    pub fn accepts(&self, source: &str, as_of: Timestamp) -> Result<(), AdvisoryError> {
        match self.seen(source)? {
            Some(seen) if as_of < seen => Err(AdvisoryError::RolledBack { of: as_of, seen }),
            _ => Ok(()),
        }
    }

    /// Says that the database of a source was looked after at `now`.
    pub fn touch(&self, source: &str, now: Timestamp) -> Result<(), AdvisoryError> {
        let path = self.path(source);
        let file = fs::OpenOptions::new().append(true).open(&path);
        let touched = file.and_then(|file| file.set_modified(now.into()));
        touched.map_err(|error| AdvisoryError::io(&path, &error))
    }

    /// Waits until nobody else updates the database of a source, at most for `patience`; what is returned
    /// keeps others out until it is dropped, also by the end of the process.
    pub async fn lock(&self, source: &str, patience: Duration) -> Result<File, AdvisoryError> {
        let path = self.folder.join(format!("{source}.lock"));
        let options = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let file = options.map_err(|error| AdvisoryError::io(&path, &error))?;
        let until = Instant::now() + patience;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                // A file system without locks has to do without: a reader sees a whole database anyway.
                Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                    return Ok(file);
                }
                Err(TryLockError::Error(error)) => return Err(AdvisoryError::io(&path, &error)),
                Err(TryLockError::WouldBlock) if Instant::now() > until => {
                    return Err(AdvisoryError::Busy);
                }
                Err(TryLockError::WouldBlock) => sleep(LOCK_PAUSE).await,
            }
        }
    }

    /// Makes the folder, for its owner alone.
    pub fn prepare(&self) -> Result<(), AdvisoryError> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(&self.folder)
            .map_err(|error| AdvisoryError::io(&self.folder, &error))
    }

    /// Remembers that a database of `as_of` was here: from now on no older one counts.
    pub fn remember(&self, source: &str, as_of: Timestamp) -> Result<(), AdvisoryError> {
        if self.seen(source)?.is_some_and(|seen| seen >= as_of) {
            return Ok(());
        }
        let path = self.seen_path(source);
        let io = |error: &std::io::Error| AdvisoryError::io(&path, error);
        let mut file = tempfile::NamedTempFile::new_in(&self.folder).map_err(|error| io(&error))?;
        std::io::Write::write_all(&mut file, as_of.to_string().as_bytes())
            .map_err(|error| io(&error))?;
        file.persist(&path).map_err(|error| io(&error.error))?;
        Ok(())
    }

    /// The newest time that was seen of a source; a mark that makes no sense is an error, for it may
    /// have been damaged to let an old database in.
    fn seen(&self, source: &str) -> Result<Option<Timestamp>, AdvisoryError> {
        let path = self.seen_path(source);
        match fs::read_to_string(&path) {
            Ok(text) => text
                .trim()
                .parse()
                .map(Some)
                .map_err(|_| AdvisoryError::Damaged {
                    path: shown(&path),
                    what: "it should hold a time",
                }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(AdvisoryError::io(&path, &error)),
        }
    }

    fn seen_path(&self, source: &str) -> PathBuf {
        self.folder.join(format!("{source}.seen"))
    }
}
