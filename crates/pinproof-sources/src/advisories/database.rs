//! The compiled database, as look-ups read it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use flate2::read::DeflateDecoder;
use jiff::Timestamp;
use pinproof_core::advisory::Kind;
use pinproof_core::{Advisory, Printable, ProjectName};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Compiled;
use super::error::{AdvisoryError, shown};
use super::layout::Block;
use super::layout::{MAGIC, MAX_BLOCK, MAX_HEAD, PREFIX, StoredHead, StoredRecord, digest};

/// Memory for a part of a database, before more of it is there than this.
const LIKELY_BYTES: usize = 256 * 1024;

/// A database that was opened; its head is read and checked, the rest is when it is asked for.
#[derive(Debug)]
pub struct Database {
    path: PathBuf,
    file: Mutex<File>,
    stored: StoredHead,
}

/// What a database says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// What it was made from: addresses without credentials, or paths; untrusted text.
    pub origins: Vec<String>,
    /// The source's own time: its newest record, or what it was downloaded as, never the compilation.
    pub as_of: Timestamp,
    /// That of its last complete export; what came since are single records.
    pub complete_at: Timestamp,
    /// Records for projects of the Python Package Index.
    pub records: usize,
    /// Those about malware.
    pub malware: usize,
    /// Those that were taken back.
    pub withdrawn: usize,
    /// Records about other ecosystems, which were left out.
    pub other_ecosystems: usize,
    /// What was not understood.
    pub unclear: Vec<Unclear>,
}

/// Something in a source that was not understood: nobody may take it for "no advisory".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unclear {
    /// The record or file; untrusted text.
    pub what: String,
    /// Why; untrusted text may be in it.
    pub why: String,
    /// The projects that it names; none means that it may be about any.
    pub projects: Vec<ProjectName>,
    /// When the record was taken back: from then on it matters no longer.
    pub withdrawn: Option<Timestamp>,
}

impl Head {
    /// That of a source without a record.
    pub fn empty() -> Self {
        Self {
            origins: Vec::new(),
            as_of: Timestamp::MIN,
            complete_at: Timestamp::MIN,
            records: 0,
            malware: 0,
            withdrawn: 0,
            other_ecosystems: 0,
            unclear: Vec::new(),
        }
    }

    /// Counts a record in; its time is the caller's business.
    pub fn count(&mut self, record: &Compiled) {
        let has = |is: &dyn Fn(&Advisory) -> bool| {
            record.advisories.iter().any(|(_, advisory)| is(advisory))
        };
        self.records += usize::from(!record.advisories.is_empty());
        self.malware += usize::from(has(&|advisory| advisory.kind == Kind::Malware));
        self.withdrawn += usize::from(has(&|advisory| advisory.withdrawn.is_some()));
        let is_elsewhere = record.advisories.is_empty() && record.unclear.is_empty();
        self.other_ecosystems += usize::from(is_elsewhere);
        self.unclear.extend(record.unclear.iter().cloned());
    }
}

impl Database {
    /// Opens a database and checks its head and its length.
    pub fn open(path: &Path) -> Result<Self, AdvisoryError> {
        let mut file = File::open(path).map_err(|error| AdvisoryError::io(path, &error))?;
        let mut prefix = [0; PREFIX];
        file.read_exact(&mut prefix)
            .map_err(|_| AdvisoryError::NotADatabase(shown(path)))?;
        let (magic, rest) = prefix.split_at(MAGIC.len());
        if magic != MAGIC {
            return Err(AdvisoryError::NotADatabase(shown(path)));
        }
        let (length, expected) = rest.split_at(8);
        let length = u64::from_le_bytes(length.try_into().unwrap_or_default());
        let bytes = read_exactly(&mut file, length, MAX_HEAD)
            .ok_or_else(|| AdvisoryError::damaged(path, "its head is incomplete"))?;
        let found: [u8; 32] = Sha256::digest(&bytes).into();
        if found != expected {
            return Err(AdvisoryError::damaged(path, "its head was changed"));
        }
        let stored: StoredHead = postcard::from_bytes(&bytes)
            .map_err(|_| AdvisoryError::damaged(path, "its head makes no sense"))?;
        let size = file
            .metadata()
            .map_err(|error| AdvisoryError::io(path, &error))?
            .len();
        let wanted = (PREFIX as u64)
            .saturating_add(length)
            .saturating_add(stored.length);
        if size != wanted {
            return Err(AdvisoryError::damaged(
                path,
                "it is longer or shorter than it should be",
            ));
        }
        Ok(Self {
            path: path.to_owned(),
            file: Mutex::new(file),
            stored,
        })
    }

    /// What it says of itself.
    pub fn head(&self) -> &Head {
        &self.stored.head
    }

    /// The number of projects it speaks of.
    pub fn projects(&self) -> usize {
        self.stored.projects.len()
    }

    /// A digest of what is answered from: equal digests, equal answers about every project.
    pub fn digest(&self) -> Printable {
        Printable::from(crate::hex::encode(&self.stored.answers))
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The records about a project; none is an answer.
    pub fn project(&self, project: &ProjectName) -> Result<Vec<Advisory>, AdvisoryError> {
        let found = self
            .stored
            .projects
            .binary_search_by(|(name, _)| name.cmp(project));
        match found {
            Ok(at) => self.decode(self.stored.projects[at].1),
            Err(_) => Ok(Vec::new()),
        }
    }

    /// Every project that a record is about, in the order of names.
    pub fn project_names(&self) -> impl Iterator<Item = &ProjectName> {
        self.stored.projects.iter().map(|(name, _)| name)
    }

    /// The places of all records, by id; for [`Database::record`].
    pub fn record_table(&self) -> Result<RecordTable, AdvisoryError> {
        let table: Vec<StoredRecord> = self.decode(self.stored.records)?;
        let by_id = table
            .into_iter()
            .map(|record| (record.id, (record.modified, record.block)));
        Ok(RecordTable(by_id.collect()))
    }

    /// A record as its source published it: JSON.
    pub fn record(&self, table: &RecordTable, id: &str) -> Result<Option<Vec<u8>>, AdvisoryError> {
        let Some((_, block)) = table.0.get(id) else {
            return Ok(None);
        };
        let packed = self.read(*block)?;
        let mut bytes = Vec::new();
        DeflateDecoder::new(packed.as_slice())
            .take(MAX_BLOCK)
            .read_to_end(&mut bytes)
            .map_err(|_| AdvisoryError::damaged(&self.path, "a record does not unpack"))?;
        Ok(Some(bytes))
    }

    fn decode<T: DeserializeOwned>(&self, block: Block) -> Result<T, AdvisoryError> {
        let bytes = self.read(block)?;
        postcard::from_bytes(&bytes)
            .map_err(|_| AdvisoryError::damaged(&self.path, "a part makes no sense"))
    }

    fn read(&self, block: Block) -> Result<Vec<u8>, AdvisoryError> {
        let damaged = |what| AdvisoryError::damaged(&self.path, what);
        // The end of the file minus the length of all blocks is where they begin.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let back = self.stored.length.checked_sub(block.start);
        let back = back.and_then(|back| i64::try_from(back).ok());
        let back = back.ok_or_else(|| damaged("a part lies outside of it"))?;
        file.seek(SeekFrom::End(-back))
            .map_err(|error| AdvisoryError::io(&self.path, &error))?;
        let bytes = read_exactly(&mut file, block.length, MAX_BLOCK)
            .ok_or_else(|| damaged("a part is incomplete"))?;
        if digest(&bytes) != block.digest {
            return Err(damaged("a part was changed"));
        }
        Ok(bytes)
    }
}

/// Where records are; see [`Database::record_table`].
#[derive(Debug)]
pub struct RecordTable(BTreeMap<String, (Option<Timestamp>, Block)>);

impl RecordTable {
    /// Every id, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether it has a record as it was changed at `time`, or a later state of it.
    ///
    /// A list of changes may be more exact than the record, so that seconds are compared.
    pub fn has(&self, id: &str, time: Timestamp) -> bool {
        let modified = self.0.get(id).and_then(|(modified, _)| *modified);
        modified.is_some_and(|modified| modified.as_second() >= time.as_second())
    }
}

/// Reads `length` bytes; `None` if there are fewer, or it is more than allowed.
fn read_exactly(file: &mut File, length: u64, limit: u64) -> Option<Vec<u8>> {
    if length > limit {
        return None;
    }
    // A length that is not true costs no more than this.
    let likely = usize::try_from(length).unwrap_or(0).min(LIKELY_BYTES);
    let mut bytes = Vec::with_capacity(likely);
    file.take(length).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 == length).then_some(bytes)
}
