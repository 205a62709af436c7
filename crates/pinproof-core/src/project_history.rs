//! What somebody who watches an index remembers of a project: the first bytes, what went, and what came back.
//!
//! An index speaks of today only. Whoever keeps a history can hold it to what it said before.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::evidence::Source;
use crate::{Hash, Version};

/// What is remembered of a project on one index. What is as usual is left out: most of it is empty for most projects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProjectHistory {
    /// The index that it is about.
    pub source: Source,
    /// Whether the upload times of that index are believed.
    pub trusts_upload_times: bool,
    /// When a page of the project was seen first. The files on that page may be of any age.
    pub known_since: Timestamp,
    /// When each file that was not on that first page was seen first.
    pub later: BTreeMap<String, Timestamp>,
    /// When the project was not there, oldest first.
    pub absences: Vec<Absence>,
    /// The files whose name was seen with other bytes than the first.
    pub changed: BTreeMap<String, ChangedFile>,
    /// The releases whose files are all gone and were not withdrawn, and since when.
    pub vanished: BTreeMap<Version, Timestamp>,
    /// The files whose core metadata, as the index offers it, is not the one in their bytes.
    pub contradicted: BTreeMap<String, Contradiction>,
}

/// A time in which the index said that there is no such project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Absence {
    /// When it said so first.
    pub since: Timestamp,
    /// When it said so last.
    pub last_confirmed: Timestamp,
    /// When the project was there again.
    pub until: Option<Timestamp>,
}

/// A file name with more than one set of bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangedFile {
    /// The hash that was seen first: the one that counts.
    pub first: Hash,
    /// When, and where.
    pub first_seen: (Timestamp, Source),
    /// Another hash that was seen since, the newest one.
    pub other: Hash,
    /// When, and where.
    pub other_seen: (Timestamp, Source),
    /// Whether the index lists other bytes now.
    pub is_listed: bool,
    /// Whether the first bytes are kept, so that they can be handed out.
    pub is_kept: bool,
}

/// Core metadata that the index offers, and that of the file itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contradiction {
    /// The hash of what the index offers.
    pub offered: Hash,
    /// The hash of what is in the file.
    pub found: Hash,
}

impl ProjectHistory {
    /// What is remembered of a project that was seen for the first time at `known_since`.
    pub fn new(source: Source, known_since: Timestamp) -> Self {
        Self {
            source,
            trusts_upload_times: false,
            known_since,
            later: BTreeMap::new(),
            absences: Vec::new(),
            changed: BTreeMap::new(),
            vanished: BTreeMap::new(),
            contradicted: BTreeMap::new(),
        }
    }

    /// When a file was seen first.
    pub fn first_seen(&self, filename: &str) -> Timestamp {
        let later = self.later.get(filename);
        later.copied().unwrap_or(self.known_since)
    }
}
