//! Records become a database: sorted, deduplicated, and written as a whole or not at all.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use jiff::Timestamp;
use pinproof_core::{Advisory, Printable, ProjectName};
use sha2::{Digest as _, Sha256};

use super::database::{Head, Unclear};
use super::error::AdvisoryError;
use super::layout::{Block, MAGIC, MAX_HEAD, StoredHead, StoredRecord};

/// Collects records; the same records in any order give the same bytes.
#[derive(Debug)]
pub struct Writer {
    records: BTreeMap<String, Compiled>,
    origins: Vec<String>,
    as_of: Option<Timestamp>,
    /// A time after this one is a mistake, or there to make an old database look new.
    now: Option<Timestamp>,
    complete: Complete,
}

/// When a source was taken as a whole.
#[derive(Clone, Copy, Debug)]
enum Complete {
    Now,
    At(Timestamp),
}

/// One record, read.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Its id; for one that could not be read, the name of its file.
    pub id: String,
    /// As its source published it; kept also of a record that could not be read, so that a later
    /// version of pinproof can.
    pub bytes: Vec<u8>,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    /// What it says, for each project of the Python Package Index.
    pub advisories: Vec<(ProjectName, Advisory)>,
    /// What of it was not understood.
    pub unclear: Vec<Unclear>,
}

impl Writer {
    /// No records yet, from `origins`.
    pub fn new(origins: Vec<String>) -> Self {
        Self {
            records: BTreeMap::new(),
            origins,
            as_of: None,
            now: None,
            complete: Complete::Now,
        }
    }

    /// Lets no time after `now` count as that of the source.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        self.now = Some(now);
        self
    }

    /// Adds a record; of two with one id, the one that was changed last counts.
    pub fn add(&mut self, record: Compiled) {
        self.has_time(record.modified);
        match self.records.get(&record.id) {
            Some(known) if known.modified >= record.modified => {}
            _ => {
                self.records.insert(record.id.clone(), record);
            }
        }
    }

    /// Says that the source had this state at `time`, which may be newer than its newest record.
    pub fn has_time(&mut self, time: Option<Timestamp>) {
        let is_past = |time: &Timestamp| self.now.is_none_or(|now| *time <= now);
        self.as_of = self.as_of.max(time.filter(is_past));
    }

    /// Says that only some records are new since the complete export of `time`.
    pub fn was_complete_at(&mut self, time: Timestamp) {
        self.complete = Complete::At(time);
    }

    /// Writes the database; a reader of `path` sees the old one or the new one.
    ///
    /// A source without any time is as old as can be.
    pub fn write(self, path: &Path) -> Result<Head, AdvisoryError> {
        let head = self.head();
        let io = |error: std::io::Error| AdvisoryError::io(path, &error);
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        // Blocks come after the head, whose length depends on theirs: they are written aside first.
        let mut blocks = Blocks::new(tempfile::tempfile_in(folder).map_err(io)?);
        let projects = self.write_projects(&mut blocks, path)?;
        let records = self.write_records(&mut blocks, path)?;
        let answers =
            digest_of_answers(&projects, &head.unclear).ok_or_else(|| unstorable(path))?;
        let stored = StoredHead {
            answers,
            head: head.clone(),
            projects,
            records,
            length: blocks.length,
        };
        let bytes = postcard::to_stdvec(&stored).map_err(|_| unstorable(path))?;
        if bytes.len() as u64 > MAX_HEAD {
            return Err(unstorable(path));
        }
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(io)?;
        file.write_all(&MAGIC).map_err(io)?;
        file.write_all(&(bytes.len() as u64).to_le_bytes())
            .map_err(io)?;
        file.write_all(&Sha256::digest(&bytes)).map_err(io)?;
        file.write_all(&bytes).map_err(io)?;
        let mut blocks = blocks.finish().map_err(io)?;
        std::io::copy(&mut blocks, &mut file).map_err(io)?;
        allow_reading(file.as_file()).map_err(io)?;
        file.as_file().sync_all().map_err(io)?;
        file.persist(path).map_err(|error| io(error.error))?;
        Ok(head)
    }

    /// What it is made from, in words.
    pub fn shown_origins(&self) -> Printable {
        Printable::from(self.origins.join(", ")).shortened(200)
    }

    /// What the database will say of itself.
    pub fn head(&self) -> Head {
        let mut head = Head {
            origins: self.origins.clone(),
            as_of: self.as_of.unwrap_or(Timestamp::MIN),
            ..Head::empty()
        };
        for record in self.records.values() {
            head.count(record);
        }
        head.complete_at = match self.complete {
            Complete::Now => head.as_of,
            Complete::At(time) => time,
        };
        head.unclear.sort();
        head.unclear.dedup();
        head
    }

    fn write_projects(
        &self,
        blocks: &mut Blocks,
        path: &Path,
    ) -> Result<Vec<(ProjectName, Block)>, AdvisoryError> {
        let mut projects: BTreeMap<&ProjectName, Vec<&Advisory>> = BTreeMap::new();
        for (project, advisory) in self.records.values().flat_map(|record| &record.advisories) {
            projects.entry(project).or_default().push(advisory);
        }
        let write = |(project, advisories): (&ProjectName, Vec<&Advisory>)| {
            let bytes = postcard::to_stdvec(&advisories).map_err(|_| unstorable(path))?;
            let block = blocks
                .add(&bytes)
                .map_err(|error| AdvisoryError::io(path, &error))?;
            Ok((project.clone(), block))
        };
        projects.into_iter().map(write).collect()
    }

    fn write_records(&self, blocks: &mut Blocks, path: &Path) -> Result<Block, AdvisoryError> {
        let io = |error: std::io::Error| AdvisoryError::io(path, &error);
        let mut table: Vec<StoredRecord> = Vec::new();
        for (id, record) in &self.records {
            let mut packed = DeflateEncoder::new(Vec::new(), Compression::default());
            packed.write_all(&record.bytes).map_err(io)?;
            let packed = packed.finish().map_err(io)?;
            table.push(StoredRecord {
                id: id.clone(),
                modified: record.modified,
                block: blocks.add(&packed).map_err(io)?,
            });
        }
        let bytes = postcard::to_stdvec(&table).map_err(|_| unstorable(path))?;
        blocks.add(&bytes).map_err(io)
    }
}

/// The blocks of projects lie in the order of names and know their own digests.
fn digest_of_answers(projects: &[(ProjectName, Block)], unclear: &[Unclear]) -> Option<[u8; 32]> {
    let bytes = postcard::to_stdvec(&(projects, unclear)).ok()?;
    Some(Sha256::digest(bytes).into())
}

/// A database is as public as what it was made from; a temporary file starts private.
#[cfg(unix)]
fn allow_reading(file: &File) -> std::io::Result<()> {
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    file.set_permissions(permissions)
}

#[cfg(not(unix))]
fn allow_reading(_: &File) -> std::io::Result<()> {
    Ok(())
}

/// The values are plain data, so this is a database larger than its format allows.
fn unstorable(path: &Path) -> AdvisoryError {
    AdvisoryError::TooLarge {
        what: super::error::shown(path),
        limit: "what one database can hold".to_owned(),
    }
}

/// The blocks of a database, one after the other.
struct Blocks {
    file: BufWriter<File>,
    length: u64,
}

impl Blocks {
    fn new(file: File) -> Self {
        Self {
            file: BufWriter::new(file),
            length: 0,
        }
    }

    fn add(&mut self, bytes: &[u8]) -> std::io::Result<Block> {
        let block = Block::of(self.length, bytes);
        self.file.write_all(bytes)?;
        self.length += block.length;
        Ok(block)
    }

    fn finish(self) -> std::io::Result<File> {
        let mut file = self
            .file
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }
}
