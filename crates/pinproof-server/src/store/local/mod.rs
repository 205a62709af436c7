//! `SQLite` and a folder: one data folder, nothing to install.
//!
//! ```text
//! DATA/lock            held by the process that writes
//! DATA/store.sqlite3   everything but the bytes of files
//! DATA/files/ab/…      the bytes of files, by digest
//! DATA/incoming/…      files that are not complete; emptied at the start
//! ```

mod backup;
mod book;
mod columns;
mod decisions;
mod documents;
mod files;
mod pages;
mod past;
mod pins;
mod readers;
mod schema;
mod stories;
mod writer;

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::sync::Arc;

use pinproof_core::{Printable, ProjectName};
use rusqlite::Connection;

pub use backup::backup;
pub use book::LogBook;
pub use past::{Answered, Past};
pub use stories::{FileStory, Stories, Told};

use super::error::StoreError;
use super::log::LogLine;
use super::records::{
    Decision, History, Incident, KnownFile, LastVerdict, Page, Pin, Pinned, Recorded, Sighting,
    Totals, VerdictKey, Visit,
};
use super::words::{FileName, IndexName, Sha256};
use super::{Answer, Incoming, Origin, Store, StoredFile};
use documents::Kind;
use files::{Folder, Receiving};
use readers::{Readers, blocking};
use writer::Writer;

const DATABASE: &str = "store.sqlite3";

/// A store in a folder of this machine. One process has it at a time.
#[derive(Clone, Debug)]
pub struct LocalStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    writer: Writer,
    readers: Readers,
    folder: Folder,
    /// Who writes the log.
    id: String,
}

impl LocalStore {
    /// Opens the store in a folder, and makes what is missing. It waits for the disk.
    pub fn open(data: &Path) -> Result<Self, StoreError> {
        make_private(data).map_err(|error| StoreError::io("the data folder", &error))?;
        let lock = lock(data)?;
        let connection = schema::open_for_writing(&data.join(DATABASE))?;
        let id = decisions::writer(&connection)?;
        let folder = Folder::open(data)?;
        Ok(Self {
            inner: Arc::new(Inner {
                writer: Writer::start(connection, lock)?,
                readers: Readers::new(data.join(DATABASE)),
                folder,
                id,
            }),
        })
    }

    fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<'_, T> {
        Box::pin(self.inner.readers.run(work))
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<'_, T> {
        Box::pin(self.inner.writer.run(work))
    }
}

impl LocalStore {
    fn save_document(&self, kind: Kind, file: Sha256, content: Vec<u8>) -> Answer<'_, Sha256> {
        if let Err(error) = kind.check(&content) {
            return Box::pin(async { Err(error) });
        }
        self.write(move |connection| documents::save(connection, kind, file, &content))
    }
}

/// Makes the folder where there is none, for its owner alone: it may hold what a private index has.
fn make_private(data: &Path) -> Result<(), std::io::Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(data)
}

/// Takes the folder for this process; the system gives it back however the process ends.
fn lock(data: &Path) -> Result<File, StoreError> {
    let failed = |error: std::io::Error| StoreError::io("the data folder cannot be locked", &error);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(data.join("lock"))
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse {
            folder: shown(data),
        }),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn shown(path: &Path) -> Printable {
    Printable::from(path.display().to_string())
}

/// Does something that sees the database as it is at one moment.
fn at_one_moment<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let moment = connection
        .unchecked_transaction()
        .map_err(columns::failed)?;
    let read = work(&moment)?;
    moment.commit().map_err(columns::failed)?;
    Ok(read)
}

impl Store for LocalStore {
    fn receive(&self) -> Answer<'_, Box<dyn Incoming>> {
        Box::pin(async {
            let receiving = Receiving::begin(Arc::clone(&self.inner)).await?;
            Ok(Box::new(receiving) as Box<dyn Incoming>)
        })
    }

    fn open(&self, file: Sha256) -> Answer<'_, Option<Box<dyn StoredFile>>> {
        let folder = self.inner.folder.clone();
        self.read(move |connection| files::open(connection, &folder, file))
    }

    fn save_metadata(&self, file: Sha256, metadata: Vec<u8>) -> Answer<'_, Sha256> {
        self.save_document(Kind::Metadata, file, metadata)
    }

    fn metadata(&self, file: Sha256) -> Answer<'_, Option<Vec<u8>>> {
        self.read(move |connection| documents::read(connection, Kind::Metadata, file))
    }

    fn save_provenance(&self, file: Sha256, provenance: Vec<u8>) -> Answer<'_, Sha256> {
        self.save_document(Kind::Provenance, file, provenance)
    }

    fn provenance(&self, file: Sha256) -> Answer<'_, Option<Vec<u8>>> {
        self.read(move |connection| documents::read(connection, Kind::Provenance, file))
    }

    fn pin(&self, from: Origin, files: Vec<Sighting>) -> Answer<'_, Vec<Pinned>> {
        self.write(move |connection| pins::pin(connection, &from, &files))
    }

    fn pinned(&self, project: ProjectName, filename: FileName) -> Answer<'_, Option<Pin>> {
        self.read(move |connection| pins::pinned(connection, &project, &filename))
    }

    fn files(
        &self,
        after: Option<(ProjectName, FileName)>,
        most: usize,
    ) -> Answer<'_, Vec<KnownFile>> {
        self.read(move |connection| pins::files(connection, after.as_ref(), most))
    }

    fn incidents(&self, after: u64, most: usize) -> Answer<'_, Vec<Incident>> {
        self.read(move |connection| pins::incidents(connection, after, most))
    }

    fn record_page(&self, visit: Visit) -> Answer<'_, History> {
        Box::pin(async move {
            let Visit {
                project,
                upstream,
                mut page,
                files,
            } = visit;
            let from = Origin {
                project,
                upstream,
                at: page.fetched_at,
            };
            let size = page.body.len();
            let page = blocking(move || {
                page.body = pages::pack(&page.body)?;
                Ok(page)
            });
            let page = page.await?;
            let work = move |connection: &Connection| {
                pages::record(connection, &from, &page, size, &files)
            };
            self.inner.writer.run(work).await
        })
    }

    fn record_absence(&self, from: Origin) -> Answer<'_, History> {
        self.write(move |connection| pages::record_absence(connection, &from))
    }

    fn confirm_page(&self, from: Origin) -> Answer<'_, bool> {
        self.write(move |connection| pages::confirm(connection, &from))
    }

    fn page(&self, project: ProjectName, upstream: IndexName) -> Answer<'_, Option<Page>> {
        self.read(move |connection| pages::page(connection, &project, &upstream))
    }

    fn history(&self, project: ProjectName, upstream: IndexName) -> Answer<'_, History> {
        self.read(move |connection| pages::history(connection, &project, &upstream))
    }

    fn record(&self, decisions: Vec<Decision>) -> Answer<'_, Vec<Recorded>> {
        let id = self.inner.id.clone();
        self.write(move |connection| decisions::record(connection, &id, &decisions))
    }

    fn count(&self, repeats: Vec<(VerdictKey, u64)>) -> Answer<'_, ()> {
        self.write(move |connection| {
            repeats
                .iter()
                .try_for_each(|(key, times)| decisions::count(connection, key, *times))
        })
    }

    fn verdict(&self, key: VerdictKey) -> Answer<'_, Option<LastVerdict>> {
        self.read(move |connection| decisions::verdict(connection, &key))
    }

    fn writers(&self) -> Answer<'_, Vec<String>> {
        self.read(decisions::writers)
    }

    fn log(&self, writer: String, after: u64, most: usize) -> Answer<'_, Vec<LogLine>> {
        self.read(move |connection| decisions::lines(connection, &writer, after, most))
    }

    fn totals(&self) -> Answer<'_, Totals> {
        let waiting = self.inner.writer.waiting();
        self.read(move |connection| {
            Ok(Totals {
                incidents: pins::count_of_incidents(connection)?,
                log_entries: decisions::count_of_entries(connection)?,
                waiting,
            })
        })
    }
}
