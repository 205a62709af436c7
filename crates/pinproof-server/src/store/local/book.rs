//! The decision log for whoever audits it: read beside a running gateway, and never changed.

use std::io::Write;
use std::path::Path;

use rusqlite::Connection;

use super::columns::failed;
use super::{DATABASE, at_one_moment, decisions, schema, shown};
use crate::store::chain::{Chains, Verified};
use crate::store::error::StoreError;
use crate::store::log::LogLine;
use crate::store::words::Sha256;

/// The log of a store.
#[derive(Debug)]
pub struct LogBook {
    pub(super) connection: Connection,
}

impl LogBook {
    /// Opens the log of the store in a folder. Nothing is made where there is none.
    pub fn open(data: &Path) -> Result<Self, StoreError> {
        let path = data.join(DATABASE);
        if !path.is_file() {
            return Err(StoreError::Missing {
                folder: shown(data),
            });
        }
        let connection = schema::open_for_reading(&path)?;
        Ok(Self { connection })
    }

    /// Writes every entry as a line of JSON, writer by writer; how many there were is the answer.
    pub fn export(&self, to: &mut impl Write) -> Result<u64, StoreError> {
        let mut written = 0;
        self.each(|line| {
            let text = line.to_json().map_err(|error| {
                StoreError::damaged(format!(
                    "entry {} of writer {}: {error}",
                    line.sequence, line.writer
                ))
            })?;
            written += 1;
            writeln!(to, "{text}")
                .map_err(|error| StoreError::io("the log cannot be written", &error))
        })?;
        Ok(written)
    }

    /// Looks at every entry. Each of the `expected` hashes, noted earlier, has to be among theirs.
    pub fn verify(&self, expected: &[Sha256]) -> Result<Verified, StoreError> {
        let mut chains = Chains::default();
        for hash in expected {
            chains.expect(*hash);
        }
        at_one_moment(&self.connection, |_| {
            self.each(|line| {
                chains.take(&line);
                Ok(())
            })?;
            chains.take_heads(&decisions::heads(&self.connection)?);
            Ok(())
        })?;
        Ok(chains.finish())
    }

    pub(super) fn each(
        &self,
        mut work: impl FnMut(LogLine) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let sql = "SELECT * FROM log ORDER BY writer, sequence";
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            work(decisions::read_line(row)?)?;
        }
        Ok(())
    }
}
