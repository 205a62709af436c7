//! Why advisories cannot be read, compiled or kept.

use std::io;
use std::path::Path;

use jiff::Timestamp;
use pinproof_core::Printable;
use thiserror::Error;

use crate::FetchError;

/// Why there are no advisories; `Display` is the end of "could not ask SOURCE: …".
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AdvisoryError {
    /// There is no database, or no input of that path.
    #[error("there is no database: {0}")]
    Missing(Printable),
    /// The file is no database, or one of another version of pinproof.
    #[error("{0} is no database that this version of pinproof reads")]
    NotADatabase(Printable),
    /// The file is not what was written.
    #[error("the database is damaged: {path}: {what}")]
    Damaged {
        /// The file.
        path: Printable,
        /// What does not agree.
        what: &'static str,
    },
    /// A database from before one that was used here already.
    #[error(
        "the database is of {of:.0}, older than the one of {seen:.0} that was used here before"
    )]
    RolledBack {
        /// Its own time.
        of: Timestamp,
        /// The newest time that this cache has seen.
        seen: Timestamp,
    },
    /// There is nothing in it to look up: that is no database of advisories, but a mistake.
    #[error("{0} has no record about a project of PyPI that is understood")]
    Empty(Printable),
    /// Another process updates the same database.
    #[error("another update is under way")]
    Busy,
    /// Larger than its limit.
    #[error("{what} has more than {limit}")]
    TooLarge {
        /// What is too large.
        what: Printable,
        /// The limit, with its unit.
        limit: String,
    },
    /// The input is no archive, folder or record.
    #[error("{path}: {why}")]
    Unreadable {
        /// The file.
        path: Printable,
        /// What the system or the reader says.
        why: Printable,
    },
    /// The source was asked and gave no usable answer.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The source answered with something else than was asked for.
    #[error("{0}")]
    BadAnswer(Printable),
}

impl AdvisoryError {
    /// An error of the file system about `path`.
    pub(super) fn io(path: &Path, error: &io::Error) -> Self {
        let path = shown(path);
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing(path),
            _ => Self::Unreadable {
                path,
                why: Printable::from(error.to_string()),
            },
        }
    }

    pub(super) fn damaged(path: &Path, what: &'static str) -> Self {
        Self::Damaged {
            path: shown(path),
            what,
        }
    }
}

pub(super) fn shown(path: &Path) -> Printable {
    Printable::from(path.display().to_string())
}
