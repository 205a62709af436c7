//! The decision log: what an entry says, and how the entries of a writer are a chain.
//!
//! An entry is a line of JSON. Its hash is the SHA-256 of five lines: `pinproof-log-v1`, the writer, the sequence number,
//! the hash of the entry before (64 zeros for the first), and the entry's own text as it is written. Whoever has a
//! hash of the chain can tell that nothing before it was changed.

use jiff::Timestamp;
use pinproof_core::{Admission, Printable, ProjectName};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use thiserror::Error;

use super::error::StoreError;
use super::records::Decision;
use super::words::{FileName, IndexName, Sha256};

/// The longest entry that is written, and the longest line that is read.
pub const MOST_ENTRY: usize = 64 * 1024;
/// What stands before the first entry.
pub const START: Sha256 = Sha256::from_bytes([0; Sha256::LENGTH]);

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// The time that it was decided for.
    pub time: Timestamp,
    /// The project.
    pub project: ProjectName,
    /// The name of the file.
    pub filename: FileName,
    /// Its bytes.
    pub sha256: Sha256,
    /// The upstream that it is from.
    pub index: IndexName,
    /// Whether it may enter.
    #[serde(with = "admission")]
    pub admission: Admission,
    /// The rule that says so.
    pub rule: Option<String>,
    /// What the client was told.
    pub reason: Option<String>,
    /// The digest of the policy.
    pub policy: String,
    /// Whether nobody was answered by it: the policy was only tried, beside the one that decided.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shadow: bool,
    /// The digest of the evidence.
    pub evidence: String,
    /// When the passing of time alone may change it.
    pub next_change: Option<Timestamp>,
}

/// An entry at its place in the chain of its writer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Who wrote it.
    pub writer: String,
    /// Its place, from 1.
    pub sequence: u64,
    /// The hash of the entry before.
    pub previous: Sha256,
    /// Its own hash, as stated.
    pub hash: Sha256,
    /// Its text.
    pub entry: String,
}

/// A line that is no entry.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("it is no entry of a log: {0}")]
pub struct LineError(pub Printable);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    writer: String,
    sequence: u64,
    previous: Sha256,
    hash: Sha256,
    #[serde(borrow)]
    entry: &'a RawValue,
}

impl LogEntry {
    /// The text of the entry for a decision.
    pub(crate) fn text(decision: &Decision) -> Result<String, StoreError> {
        let key = &decision.key;
        let entry = Self {
            time: decision.decided_at,
            project: key.project.clone(),
            filename: key.filename.clone(),
            sha256: key.sha256,
            index: decision.upstream.clone(),
            admission: decision.admission,
            rule: decision.rule.clone(),
            reason: decision.reason.clone(),
            policy: key.policy_digest().to_owned(),
            shadow: key.is_shadow(),
            evidence: key.evidence.clone(),
            next_change: decision.next_change_at,
        };
        let text = serde_json::to_string(&entry).map_err(|error| StoreError::Failed {
            what: Printable::new("the entry cannot be written"),
            why: Printable::from(error.to_string()),
        })?;
        if text.len() > MOST_ENTRY {
            return Err(StoreError::TooLarge {
                what: "the entry of the log",
                limit: MOST_ENTRY,
            });
        }
        Ok(text)
    }
}

impl LogLine {
    /// The entry that follows `previous`.
    pub(crate) fn next(writer: &str, sequence: u64, previous: Sha256, entry: String) -> Self {
        let mut line = Self {
            writer: writer.to_owned(),
            sequence,
            previous,
            hash: START,
            entry,
        };
        line.hash = line.counted_hash();
        line
    }

    /// The hash that it has to have.
    pub fn counted_hash(&self) -> Sha256 {
        let Self {
            writer,
            sequence,
            previous,
            entry,
            ..
        } = self;
        Sha256::of(format!("pinproof-log-v1\n{writer}\n{sequence}\n{previous}\n{entry}").as_bytes())
    }

    /// What the entry says.
    pub fn read(&self) -> Result<LogEntry, LineError> {
        serde_json::from_str(&self.entry).map_err(|error| not_understood(&error))
    }

    /// The line of an export, without its end.
    pub fn to_json(&self) -> Result<String, LineError> {
        let entry = serde_json::from_str(&self.entry).map_err(|error| not_understood(&error))?;
        let line = Line {
            writer: self.writer.clone(),
            sequence: self.sequence,
            previous: self.previous,
            hash: self.hash,
            entry,
        };
        serde_json::to_string(&line).map_err(|error| not_understood(&error))
    }

    /// Reads a line of an export.
    pub fn from_json(text: &str) -> Result<Self, LineError> {
        let line: Line<'_> = serde_json::from_str(text).map_err(|error| not_understood(&error))?;
        Ok(Self {
            writer: line.writer,
            sequence: line.sequence,
            previous: line.previous,
            hash: line.hash,
            entry: line.entry.get().to_owned(),
        })
    }
}

fn not_understood(error: &serde_json::Error) -> LineError {
    LineError(Printable::from(error.to_string()).shortened(200))
}

/// The words for admission, which are the core's.
pub(crate) mod admission {
    use pinproof_core::Admission;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    /// The word.
    pub(crate) fn word(admission: Admission) -> &'static str {
        match admission {
            Admission::Admitted => "admitted",
            Admission::Undecided => "undecided",
            Admission::Refused => "refused",
        }
    }

    /// What the word means.
    pub(crate) fn of_word(word: &str) -> Option<Admission> {
        [
            Admission::Admitted,
            Admission::Undecided,
            Admission::Refused,
        ]
        .into_iter()
        .find(|admission| self::word(*admission) == word)
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
    pub(super) fn serialize<S: Serializer>(
        admission: &Admission,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        word(*admission).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Admission, D::Error> {
        let text = String::deserialize(from)?;
        of_word(&text).ok_or_else(|| de::Error::custom("no such admission"))
    }
}
