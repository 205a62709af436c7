//! Advisories: where records come from, and the compiled database that look-ups are made in.
//!
//! Look-ups are local, so that the list of what a project depends on never leaves the machine. Nothing
//! here judges: a database that is stale, damaged or older than one seen before is an error with a
//! reason, and the age of a source is that of its newest record, never of its compilation.

mod collect;
mod database;
mod error;
mod feed;
mod layout;
mod online;
mod store;
mod writer;

pub use collect::{CollectLimits, RawRecord, collect, collect_archive};
pub use database::{Database, Head, RecordTable, Unclear};
pub use error::AdvisoryError;
pub use feed::{Archive, Change, Feed, FeedLimits};
pub use online::{Api, ApiLimits};
pub use store::{Store, StoredAge};
pub use writer::{Compiled, Writer};
