//! How a database is laid out in its file; the reader and the writer agree here.
//!
//! ```text
//! magic (16 bytes) · length of the head (u64, little endian) · SHA-256 of the head · head
//! blocks: for each project its advisories (postcard); for each record its JSON (deflate); the table of records (postcard)
//! ```
//!
//! The head has the table of projects with the place and the digest of each block, so a look-up reads
//! the head and one block. A byte that was changed is noticed when it is read.

use jiff::Timestamp;
use pinproof_core::ProjectName;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::database::Head;

/// The number changes with the layout and with the words that are stored.
pub(super) const MAGIC: [u8; 16] = *b"pinproof-adv 02\n";

/// Bytes before the head.
pub(super) const PREFIX: usize = MAGIC.len() + 8 + 32;

/// Bytes that a head may have: 500,000 projects are far below.
pub(super) const MAX_HEAD: u64 = 128 * 1024 * 1024;

/// Bytes that one block may have.
pub(super) const MAX_BLOCK: u64 = 64 * 1024 * 1024;

/// The head, as stored.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredHead {
    pub(super) head: Head,
    /// In the order of names.
    pub(super) projects: Vec<(ProjectName, Block)>,
    /// The table of records: a list of [`StoredRecord`].
    pub(super) records: Block,
    /// The digest of all that is answered from: the projects and what is not understood, without times and
    /// origins.
    pub(super) answers: [u8; 32],
    /// The length of the file from the end of the head on.
    pub(super) length: u64,
}

/// A line of the table of records.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredRecord {
    pub(super) id: String,
    /// When it was last changed, by its own word.
    pub(super) modified: Option<Timestamp>,
    pub(super) block: Block,
}

/// A stretch of the file, counted from the end of the head.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Block {
    pub(super) start: u64,
    pub(super) length: u64,
    /// The first half of its SHA-256.
    pub(super) digest: [u8; 16],
}

impl Block {
    pub(super) fn of(start: u64, bytes: &[u8]) -> Self {
        Self {
            start,
            length: bytes.len() as u64,
            digest: digest(bytes),
        }
    }
}

pub(super) fn digest(bytes: &[u8]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&Sha256::digest(bytes)[..16]);
    half
}
