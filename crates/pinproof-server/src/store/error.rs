//! Why the store could not do what it was asked.

use pinproof_core::Printable;
use thiserror::Error;

use super::words::Sha256;

/// Every way in which the store fails. Nothing that was asked for has happened then.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process has it.
    #[error("{folder} is in use by another process")]
    InUse {
        /// The data folder.
        folder: Printable,
    },
    /// There is none.
    #[error("{folder} has no store")]
    Missing {
        /// The data folder.
        folder: Printable,
    },
    /// A later version of pinproof wrote it.
    #[error("the store has the schema {found}, and this version knows {known} at most")]
    NewerSchema {
        /// What is there.
        found: i64,
        /// What is known here.
        known: i64,
    },
    /// The file belongs to another program.
    #[error("{path} is a database of another program")]
    Foreign {
        /// The file.
        path: Printable,
    },
    /// What is there cannot be what was written.
    #[error("the store is damaged: {what}")]
    Damaged {
        /// What is wrong.
        what: Printable,
    },
    /// The bytes are not those that were announced.
    #[error("the bytes have the hash {found}, and {expected} was announced")]
    WrongHash {
        /// As announced.
        expected: Sha256,
        /// As counted.
        found: Sha256,
    },
    /// There are more or fewer bytes than announced.
    #[error("there are {found} bytes, and {expected} were announced")]
    WrongSize {
        /// As announced.
        expected: u64,
        /// As counted.
        found: u64,
    },
    /// It is larger than anything that is kept.
    #[error("{what} is larger than {limit} bytes")]
    TooLarge {
        /// What.
        what: &'static str,
        /// The most that is kept.
        limit: usize,
    },
    /// The disk or the database did not do it.
    #[error("{what}: {why}")]
    Failed {
        /// What was tried.
        what: Printable,
        /// What the system says.
        why: Printable,
    },
    /// The store has ended.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// A failure of the file system.
    pub(crate) fn io(what: &str, error: &std::io::Error) -> Self {
        Self::Failed {
            what: Printable::new(what),
            why: Printable::from(error.to_string()),
        }
    }

    /// Something that cannot be what was written.
    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged {
            what: Printable::from(what.into()),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::InUse { .. } => Some("stop the gateway that uses it, or name another folder"),
            Self::Missing { .. } => Some("name the folder that `--data` of the gateway names"),
            Self::NewerSchema { .. } => {
                Some("use the version of pinproof that wrote it, or a later one")
            }
            Self::Damaged { .. } => {
                Some("restore the folder from a backup, and keep the damaged one for a look")
            }
            _ => None,
        }
    }
}
