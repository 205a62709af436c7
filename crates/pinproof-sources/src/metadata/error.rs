//! Why the metadata of a release could not be found out.

use pinproof_core::Printable;
use thiserror::Error;

use super::core_metadata::CoreMetadataError;
use super::zip_member::ZipError;
use crate::http::FetchError;

/// Why a file gave no metadata; `Display` is the end of "could not ask SOURCE: …".
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{file}: {why}")]
pub struct MetadataError {
    /// The file that was asked about.
    pub file: Printable,
    /// What went wrong.
    pub why: MetadataProblem,
}

/// What is wrong with a file, or with the way to it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MetadataProblem {
    /// The request failed.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The bytes do not have the hash that the page of the index gives.
    #[error("{what} does not have the {algorithm} hash that the index gives for it")]
    WrongHash {
        /// The file, or its metadata.
        what: &'static str,
        /// The algorithm compared.
        algorithm: &'static str,
    },
    /// The file does not have the size that the page of the index gives.
    #[error("it has {found} bytes; the index says {listed}")]
    WrongSize {
        /// The size that the page gives.
        listed: u64,
        /// The size of the file.
        found: u64,
    },
    /// An answer to a range request that does not fit the request.
    #[error("the server answered with another part of the file than asked for")]
    WrongRange,
    /// The page of an encrypted index lists a file on a plain connection.
    #[error("it is on plain http, although the index is on https")]
    PlainHttp,
    /// The archive cannot be trusted or read.
    #[error(transparent)]
    Zip(#[from] ZipError),
    /// The source distribution cannot be trusted or read.
    #[error("the archive cannot be read: {0}")]
    Archive(Printable),
    /// Two files of that name, or something that is no file.
    #[error("it has more than one PKG-INFO, or one that is no plain file")]
    AmbiguousPkgInfo,
    /// The archive unpacks to more than the limit.
    #[error("it unpacks to more than the limit")]
    Bomb,
    /// The metadata is damaged, or that of another release.
    #[error(transparent)]
    Core(#[from] CoreMetadataError),
}

impl From<std::io::Error> for MetadataProblem {
    fn from(error: std::io::Error) -> Self {
        Self::Archive(Printable::from(error.to_string()).shortened(160))
    }
}
