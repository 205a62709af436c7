//! What a store remembers, project by project, for somebody who decides about it again: read beside a running
//! gateway, and never changed.

use std::collections::HashSet;
use std::path::Path;

use jiff::Timestamp;
use pinproof_core::{Admission, ProjectName};
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::columns::{digest, failed, micros, number, parsed, time, value, wrong};
use super::pins::rows;
use super::{DATABASE, pages, schema, shown};
use crate::store::error::StoreError;
use crate::store::log::admission;
use crate::store::records::{History, Page};
use crate::store::words::{FileName, IndexName, Sha256};

/// A store as it was at one moment.
#[derive(Debug)]
pub struct Past {
    connection: Connection,
}

/// The last answer about a file under its name, and how often there was any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The name of the file.
    pub filename: FileName,
    /// Its bytes.
    pub sha256: Sha256,
    /// The digest of the policy that answered last.
    pub policy: String,
    /// The digest of the evidence that it answered on.
    pub evidence: String,
    /// Whether it might be had.
    pub admission: Admission,
    /// The rule that said so.
    pub rule: Option<String>,
    /// The time that it was decided for.
    pub decided_at: Timestamp,
    /// How often anything was answered about it.
    pub times: u64,
}

impl Past {
    /// Opens the store in a folder. Nothing is made where there is none.
    pub fn open(data: &Path) -> Result<Self, StoreError> {
        let path = data.join(DATABASE);
        if !path.is_file() {
            return Err(StoreError::Missing {
                folder: shown(data),
            });
        }
        let connection = schema::open_for_reading(&path)?;
        // What is written meanwhile is not seen.
        connection.execute_batch("BEGIN").map_err(failed)?;
        Ok(Self { connection })
    }

    /// The first project after this one about which something was answered.
    pub fn answered_after(&self, project: &str) -> Result<Option<ProjectName>, StoreError> {
        self.project(
            "SELECT project FROM verdict WHERE project > ?1 ORDER BY project LIMIT 1",
            project,
        )
    }

    /// The first project after this one of which a file is pinned.
    pub fn pinned_after(&self, project: &str) -> Result<Option<ProjectName>, StoreError> {
        self.project(
            "SELECT project FROM pin WHERE project > ?1 ORDER BY project LIMIT 1",
            project,
        )
    }

    fn project(&self, sql: &'static str, after: &str) -> Result<Option<ProjectName>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let found = statement.query_row([after], |row| Ok(parsed(row, 0)));
        found.optional().map_err(failed)?.transpose()
    }

    /// The last answer about each file of a project that was decided for this time or later. What a policy said that was
    /// only tried is none.
    pub fn answers(
        &self,
        project: &ProjectName,
        since: Option<Timestamp>,
    ) -> Result<Vec<Answered>, StoreError> {
        let sql = "SELECT filename, sha256, policy, evidence, admission, rule, decided_at, times FROM verdict
                   WHERE project = ?1 AND decided_at >= ?2 AND policy NOT GLOB 'shadow:*'
                   ORDER BY filename, sha256, decided_at";
        let since = since.map_or(i64::MIN, micros);
        let all = rows(
            &self.connection,
            sql,
            (project.as_str(), since),
            read_answer,
        )?;
        let mut last: Vec<Answered> = Vec::new();
        for answer in all {
            match last.last_mut() {
                Some(known)
                    if (&known.filename, known.sha256) == (&answer.filename, answer.sha256) =>
                {
                    let times = known.times + answer.times;
                    *known = Answered { times, ..answer };
                }
                _ => last.push(answer),
            }
        }
        Ok(last)
    }

    /// The pinned files of a project.
    pub fn pins(&self, project: &ProjectName) -> Result<Vec<(FileName, Sha256)>, StoreError> {
        let sql = "SELECT filename, sha256 FROM pin WHERE project = ?1 ORDER BY filename";
        rows(&self.connection, sql, [project.as_str()], |row| {
            Ok((parsed(row, 0)?, digest(row, 1)?))
        })
    }

    /// The last page of a project.
    pub fn page(
        &self,
        project: &ProjectName,
        upstream: &IndexName,
    ) -> Result<Option<Page>, StoreError> {
        pages::page(&self.connection, project, upstream)
    }

    /// What was ever seen of a project, which is evidence.
    pub fn history(
        &self,
        project: &ProjectName,
        upstream: &IndexName,
    ) -> Result<History, StoreError> {
        pages::history(&self.connection, project, upstream)
    }

    /// The files of a project whose bytes are here.
    pub fn stored(&self, project: &ProjectName) -> Result<HashSet<String>, StoreError> {
        let sql = "SELECT filename FROM pin JOIN file USING (sha256) WHERE project = ?1";
        let names = rows(&self.connection, sql, [project.as_str()], |row| {
            value(row, 0)
        })?;
        Ok(names.into_iter().collect())
    }
}

/// Columns in the order of the query: there may be millions of rows.
fn read_answer(row: &Row<'_>) -> Result<Answered, StoreError> {
    let word = row.get_ref(4).map_err(failed)?;
    let admission = word.as_str().ok().and_then(admission::of_word);
    Ok(Answered {
        filename: parsed(row, 0)?,
        sha256: digest(row, 1)?,
        policy: value(row, 2)?,
        evidence: value(row, 3)?,
        admission: admission.ok_or_else(|| wrong("admission", "no such word"))?,
        rule: value(row, 5)?,
        decided_at: time(row, 6)?,
        times: number(row, 7)?,
    })
}
