//! Small documents beside a file: its core metadata, and its provenance. What is kept first stays.

use rusqlite::{Connection, OptionalExtension as _};

use super::columns::{self, digest, failed};
use crate::store::error::StoreError;
use crate::store::words::Sha256;

/// What a document is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// The core metadata that was extracted.
    Metadata,
    /// The provenance (PEP 740).
    Provenance,
}

impl Kind {
    /// The most bytes that it may have.
    const fn most(self) -> usize {
        match self {
            Self::Metadata => 8 << 20,
            Self::Provenance => 1 << 20,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Metadata => "the metadata",
            Self::Provenance => "the provenance",
        }
    }

    /// Whether it is small enough.
    pub(super) fn check(self, content: &[u8]) -> Result<(), StoreError> {
        let limit = self.most();
        if content.len() > limit {
            let what = self.name();
            return Err(StoreError::TooLarge { what, limit });
        }
        Ok(())
    }
}

/// Keeps a document of a file; what is there stays.
pub(super) fn save(
    connection: &Connection,
    kind: Kind,
    file: Sha256,
    content: &[u8],
) -> Result<Sha256, StoreError> {
    let (insert, select) = match kind {
        Kind::Metadata => (
            "INSERT INTO metadata (file, sha256, content) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            "SELECT sha256 FROM metadata WHERE file = ?1",
        ),
        Kind::Provenance => (
            "INSERT INTO provenance (file, sha256, content) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            "SELECT sha256 FROM provenance WHERE file = ?1",
        ),
    };
    let mut statement = connection.prepare_cached(insert).map_err(failed)?;
    let hash = Sha256::of(content);
    statement
        .execute((file.as_bytes(), hash.as_bytes(), content))
        .map_err(failed)?;
    let mut statement = connection.prepare_cached(select).map_err(failed)?;
    statement
        .query_row([file.as_bytes()], |row| Ok(digest(row, "sha256")))
        .map_err(failed)?
}

/// The document of a file.
pub(super) fn read(
    connection: &Connection,
    kind: Kind,
    file: Sha256,
) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = match kind {
        Kind::Metadata => "SELECT sha256, content FROM metadata WHERE file = ?1",
        Kind::Provenance => "SELECT sha256, content FROM provenance WHERE file = ?1",
    };
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let read = statement
        .query_row([file.as_bytes()], |row| {
            let content = columns::value::<Vec<u8>>(row, "content");
            Ok(digest(row, "sha256").and_then(|hash| Ok((hash, content?))))
        })
        .optional()
        .map_err(failed)?;
    let Some((hash, content)) = read.transpose()? else {
        return Ok(None);
    };
    if Sha256::of(&content) != hash {
        let what = kind.name();
        return Err(StoreError::damaged(format!("{what} of {file} was changed")));
    }
    Ok(Some(content))
}
