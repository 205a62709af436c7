//! What the gateway remembers: files, pins, pages, verdicts and the decision log.
//!
//! [`Store`] is the seam: `SQLite` and a folder ([`local`]) are one implementation, and whatever else there will be
//! has to pass the same tests (`tests/store/conformance`). The store interprets nothing: it knows no rule, reads no
//! page and has no clock.
//!
//! What holds for every implementation:
//!
//! - An answer means that it is durable. A request that failed has changed nothing.
//! - A pin is made by the first sight of a file name, across all upstreams, and never changes.
//! - The bytes of a file are visible only when length and hash are right; nothing is ever deleted.
//! - The log only grows, and each writer's entries are a chain of hashes ([`log`]).

pub mod chain;
pub mod error;
pub mod local;
pub mod log;
pub mod records;
pub mod words;

use std::pin::Pin as Pinning;
use std::sync::Arc;

use jiff::Timestamp;
use pinproof_core::ProjectName;

pub use error::StoreError;
use log::LogLine;
use records::{
    Decision, History, Incident, KnownFile, LastVerdict, Page, Pin, Pinned, Recorded, Sighting,
    Totals, VerdictKey, Visit,
};
use words::{FileName, IndexName, Sha256};

/// An answer to wait for. Whoever stops waiting does not know whether it was done.
pub type Answer<'a, T> = Pinning<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// What the gateway remembers.
pub trait Store: Send + Sync {
    /// Begins to take the bytes of a file.
    fn receive(&self) -> Answer<'_, Box<dyn Incoming>>;

    /// The bytes of a file, if they are here.
    fn open(&self, file: Sha256) -> Answer<'_, Option<Box<dyn StoredFile>>>;

    /// Keeps the core metadata that was extracted from a file. What is kept first stays, and its digest is the answer.
    fn save_metadata(&self, file: Sha256, metadata: Vec<u8>) -> Answer<'_, Sha256>;

    /// The core metadata of a file, if it was extracted.
    fn metadata(&self, file: Sha256) -> Answer<'_, Option<Vec<u8>>>;

    /// Keeps the provenance of a file, as its upstream gave it. What is kept first stays, and its digest is the answer.
    fn save_provenance(&self, file: Sha256, provenance: Vec<u8>) -> Answer<'_, Sha256>;

    /// The provenance of a file, if it was fetched.
    fn provenance(&self, file: Sha256) -> Answer<'_, Option<Vec<u8>>>;

    /// Pins what was not seen before, and compares what was: one answer for each sighting, in order.
    fn pin(&self, from: Origin, files: Vec<Sighting>) -> Answer<'_, Vec<Pinned>>;

    /// The pin of a file name.
    fn pinned(&self, project: ProjectName, filename: FileName) -> Answer<'_, Option<Pin>>;

    /// Up to `most` pinned files after the given one, in the order of project and file name.
    fn files(
        &self,
        after: Option<(ProjectName, FileName)>,
        most: usize,
    ) -> Answer<'_, Vec<KnownFile>>;

    /// Up to `most` incidents after the given number.
    fn incidents(&self, after: u64, most: usize) -> Answer<'_, Vec<Incident>>;

    /// Keeps a page, pins its files, and notes what came and went: all of it or nothing.
    ///
    /// The page is what was known last, so an earlier one than the kept one changes nothing but pins.
    fn record_page(&self, visit: Visit) -> Answer<'_, History>;

    /// Notes that the upstream says that there is no such project. Its last page stays, without its
    /// validators.
    fn record_absence(&self, from: Origin) -> Answer<'_, History>;

    /// Notes that the upstream says that the page is unchanged; `false` if no page is kept.
    fn confirm_page(&self, from: Origin) -> Answer<'_, bool>;

    /// The last page of a project.
    fn page(&self, project: ProjectName, upstream: IndexName) -> Answer<'_, Option<Page>>;

    /// What was ever seen of a project.
    fn history(&self, project: ProjectName, upstream: IndexName) -> Answer<'_, History>;

    /// Logs what is new, and counts what is not: one answer for each decision, in order.
    ///
    /// New is a verdict that differs from the last one for its key.
    fn record(&self, decisions: Vec<Decision>) -> Answer<'_, Vec<Recorded>>;

    /// Adds to the counters of verdicts: how often they were the answer since. A key that is not known is passed over.
    fn count(&self, repeats: Vec<(VerdictKey, u64)>) -> Answer<'_, ()>;

    /// The last verdict for a key.
    fn verdict(&self, key: VerdictKey) -> Answer<'_, Option<LastVerdict>>;

    /// The ids of those who wrote the log.
    fn writers(&self) -> Answer<'_, Vec<String>>;

    /// Up to `most` entries of a writer after the given sequence number.
    fn log(&self, writer: String, after: u64, most: usize) -> Answer<'_, Vec<LogLine>>;

    /// How much there is of what somebody keeps an eye on. It is cheap, however much there is.
    fn totals(&self) -> Answer<'_, Totals>;
}

/// Of which project an upstream spoke, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The project.
    pub project: ProjectName,
    /// The upstream.
    pub upstream: IndexName,
    /// When it answered.
    pub at: Timestamp,
}

/// The bytes of a file on their way in. Nobody sees them before [`Incoming::finish`]; dropped, they are gone.
pub trait Incoming: Send {
    /// Takes the next bytes.
    fn write(&mut self, bytes: Vec<u8>) -> Answer<'_, ()>;

    /// A window on what has been written, for whoever does not wait for the end.
    fn window(&self) -> Answer<'_, Arc<dyn Window>>;

    /// Makes the file visible, if it is what was announced; its size is the answer.
    fn finish(self: Box<Self>, expected: Sha256, size: Option<u64>) -> Answer<'static, u64>;

    /// Makes the file visible as it is, where nobody knows its hash: its hash and its size are the answer.
    fn keep(self: Box<Self>, size: Option<u64>) -> Answer<'static, (Sha256, u64)>;
}

/// What has been written of a file on its way in. Nobody has said yet that it is right.
pub trait Window: Send + Sync {
    /// Up to `most` bytes from `at` on; none where there are no more yet. It can be read as long as it is held,
    /// whatever becomes of the file.
    fn read(&self, at: u64, most: usize) -> Answer<'_, Vec<u8>>;
}

/// The bytes of a stored file.
pub trait StoredFile: Send {
    /// How many there are.
    fn size(&self) -> u64;

    /// Up to `most` bytes from `at` on; none at the end.
    fn read(&mut self, at: u64, most: usize) -> Answer<'_, Vec<u8>>;
}
