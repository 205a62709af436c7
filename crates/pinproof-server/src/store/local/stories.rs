//! What was answered about the files of a few projects, from the log and its counters: for whoever asks long after.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use pinproof_core::{Admission, Printable, ProjectName};
use rusqlite::{Connection, OptionalExtension as _};

use super::book::LogBook;
use super::columns::{failed, number};
use super::files::Folder;
use super::{at_one_moment, decisions};
use crate::store::chain::{Chains, Verified};
use crate::store::error::StoreError;
use crate::store::log::{LogEntry, admission};
use crate::store::words::{FileName, Sha256};

/// Everything that a log says of some projects.
#[derive(Clone, Debug)]
pub struct Stories {
    /// Each file of theirs that a verdict was given on.
    pub files: Vec<FileStory>,
    /// The time of the oldest entry of the whole log.
    pub since: Option<Timestamp>,
    /// Whether the log is whole, and how many entries it has.
    pub verified: Verified,
}

/// What was answered about one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileStory {
    /// The project.
    pub project: ProjectName,
    /// The name of the file.
    pub filename: FileName,
    /// Where its bytes are, if they ever came through whole: nothing of others was handed out.
    pub bytes: Option<PathBuf>,
    /// The verdicts that were new when they were given, by their time.
    pub verdicts: Vec<Told>,
    /// How often the file, its metadata or its page was asked for and the answer was that it may be had; a
    /// verdict that the passing of time turned has lost count of its repeats.
    pub admitted: u64,
    /// How often the answer was another one.
    pub withheld: u64,
}

/// A verdict as the log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The time that it was decided for.
    pub time: Timestamp,
    /// Whether the file might be had.
    pub admission: Admission,
    /// The rule, where one refused.
    pub rule: Option<Printable>,
}

impl LogBook {
    /// Reads what the log says of `projects`, all of it as it is at one moment. The whole log is looked at on the way:
    /// an answer from one that is not whole is worth less.
    pub fn stories(
        &self,
        data: &Path,
        projects: &BTreeSet<ProjectName>,
    ) -> Result<Stories, StoreError> {
        at_one_moment(&self.connection, |connection| {
            let mut chains = Chains::default();
            let mut since: Option<Timestamp> = None;
            let mut told: BTreeMap<(ProjectName, FileName, Sha256), Vec<Told>> = BTreeMap::new();
            self.each(|line| {
                chains.take(&line);
                // What cannot be read has another hash than it states, or was never written by us.
                let Ok(entry) = line.read() else {
                    return Err(unreadable(&line));
                };
                since = Some(since.map_or(entry.time, |since| since.min(entry.time)));
                // What a policy said that was only tried was told to nobody.
                if !entry.shadow && projects.contains(&entry.project) {
                    let verdict = Told::of(&entry);
                    let key = (entry.project, entry.filename, entry.sha256);
                    told.entry(key).or_default().push(verdict);
                }
                Ok(())
            })?;
            chains.take_heads(&decisions::heads(connection)?);
            let folder = Folder::below(data);
            let story = |(key, verdicts)| story(connection, &folder, key, verdicts);
            Ok(Stories {
                files: told.into_iter().map(story).collect::<Result<_, _>>()?,
                since,
                verified: chains.finish(),
            })
        })
    }
}

impl Told {
    fn of(entry: &LogEntry) -> Self {
        Self {
            time: entry.time,
            admission: entry.admission,
            rule: entry.rule.as_ref().map(|rule| Printable::new(rule)),
        }
    }
}

fn unreadable(line: &crate::store::log::LogLine) -> StoreError {
    StoreError::damaged(format!(
        "entry {} of writer {} cannot be read",
        line.sequence,
        Printable::new(&line.writer)
    ))
}

fn story(
    connection: &Connection,
    folder: &Folder,
    (project, filename, sha256): (ProjectName, FileName, Sha256),
    mut verdicts: Vec<Told>,
) -> Result<FileStory, StoreError> {
    verdicts.sort_by_key(|told| told.time);
    let counted = counted(connection, (&project, &filename, sha256))?;
    let total = |is_admitted: bool| {
        let is_such = |admission: Admission| (admission == Admission::Admitted) == is_admitted;
        let entries = verdicts.iter().filter(|told| is_such(told.admission));
        let entries = entries.count() as u64;
        let last: Vec<u64> = counted
            .iter()
            .filter(|(admission, _)| is_such(*admission))
            .map(|(_, times)| *times)
            .collect();
        // Each entry was an answer at least once; those that are still the last of their kind have a counter.
        let turned = entries.saturating_sub(last.len() as u64);
        last.iter()
            .fold(turned, |sum, times| sum.saturating_add(*times))
    };
    Ok(FileStory {
        admitted: total(true),
        withheld: total(false),
        bytes: is_stored(connection, sha256)?.then(|| folder.path(sha256)),
        project,
        filename,
        verdicts,
    })
}

/// The counters of a file's last verdicts, one for each policy and evidence.
fn counted(
    connection: &Connection,
    (project, filename, sha256): (&ProjectName, &FileName, Sha256),
) -> Result<Vec<(Admission, u64)>, StoreError> {
    let sql = "SELECT admission, times FROM verdict
               WHERE project = ?1 AND filename = ?2 AND sha256 = ?3 AND policy NOT GLOB 'shadow:*'";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let values = (project.as_str(), filename.as_str(), sha256.as_bytes());
    let mut rows = statement.query(values).map_err(failed)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        let word: String = row.get("admission").map_err(failed)?;
        let admission = admission::of_word(&word)
            .ok_or_else(|| StoreError::damaged("column `admission`: no such word"))?;
        found.push((admission, number(row, "times")?));
    }
    Ok(found)
}

fn is_stored(connection: &Connection, sha256: Sha256) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM file WHERE sha256 = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let found = statement.query_row([sha256.as_bytes()], |_| Ok(()));
    Ok(found.optional().map_err(failed)?.is_some())
}
