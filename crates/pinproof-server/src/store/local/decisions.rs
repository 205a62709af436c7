//! Verdicts and the decision log.

use rusqlite::{Connection, OptionalExtension as _, Row};

use super::columns::{
    digest, failed, integer, micros, number, parsed, time, time_if_any, value, wrong,
};
use super::pins::rows;
use crate::store::error::StoreError;
use crate::store::log::{LogEntry, LogLine, START, admission};
use crate::store::records::{Decision, LastVerdict, Recorded, VerdictKey};
use crate::store::words::Sha256;

/// The id of the one who writes here; made with the database.
pub(super) fn writer(connection: &Connection) -> Result<String, StoreError> {
    let known = writers(connection)?;
    if let Some(writer) = known.into_iter().next() {
        return Ok(writer);
    }
    let sql = "INSERT INTO writer (id, sequence, hash) VALUES (lower(hex(randomblob(8))), 0, ?1) RETURNING id";
    connection
        .query_row(sql, [START.as_bytes()], |row| row.get(0))
        .map_err(failed)
}

/// The ids of those who wrote.
pub(super) fn writers(connection: &Connection) -> Result<Vec<String>, StoreError> {
    rows(connection, "SELECT id FROM writer ORDER BY id", [], |row| {
        value(row, "id")
    })
}

/// How many entries there are, of all who wrote.
pub(super) fn count_of_entries(connection: &Connection) -> Result<u64, StoreError> {
    let heads = heads(connection)?;
    Ok(heads.into_iter().map(|(_, sequence, _)| sequence).sum())
}

/// The newest entry of each writer, as it noted it.
pub(super) fn heads(connection: &Connection) -> Result<Vec<(String, u64, Sha256)>, StoreError> {
    let sql = "SELECT id, sequence, hash FROM writer ORDER BY id";
    rows(connection, sql, [], |row| {
        Ok((
            value(row, "id")?,
            number(row, "sequence")?,
            digest(row, "hash")?,
        ))
    })
}

/// Logs what is new, and counts what is not.
pub(super) fn record(
    connection: &Connection,
    writer: &str,
    decisions: &[Decision],
) -> Result<Vec<Recorded>, StoreError> {
    let mut head = head(connection, writer)?;
    let known = head.0;
    let recorded = decisions
        .iter()
        .map(|decision| record_one(connection, writer, &mut head, decision))
        .collect::<Result<_, _>>()?;
    if head.0 != known {
        note_head(connection, writer, head)?;
    }
    Ok(recorded)
}

fn record_one(
    connection: &Connection,
    writer: &str,
    head: &mut (u64, Sha256),
    decision: &Decision,
) -> Result<Recorded, StoreError> {
    let last = verdict(connection, &decision.key)?;
    let is_known = last
        .is_some_and(|last| (last.admission, &last.rule) == (decision.admission, &decision.rule));
    if is_known {
        count(connection, &decision.key, 1)?;
        return Ok(Recorded::Repeat);
    }
    save_verdict(connection, decision)?;
    let sequence = head.0 + 1;
    let line = LogLine::next(writer, sequence, head.1, LogEntry::text(decision)?);
    append(connection, &line)?;
    *head = (sequence, line.hash);
    Ok(Recorded::New { sequence })
}

fn head(connection: &Connection, writer: &str) -> Result<(u64, Sha256), StoreError> {
    let sql = "SELECT sequence, hash FROM writer WHERE id = ?1";
    let read = |row: &Row<'_>| Ok((number(row, "sequence")?, digest(row, "hash")?));
    let found = rows(connection, sql, [writer], read)?;
    let found = found.into_iter().next();
    found.ok_or_else(|| StoreError::damaged("the writer of the log is gone"))
}

fn note_head(connection: &Connection, writer: &str, head: (u64, Sha256)) -> Result<(), StoreError> {
    let sql = "UPDATE writer SET sequence = ?2, hash = ?3 WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let values = (writer, integer(head.0)?, head.1.as_bytes());
    statement.execute(values).map(|_| ()).map_err(failed)
}

fn append(connection: &Connection, line: &LogLine) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO log (writer, sequence, previous, hash, entry) VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let values = (
        &line.writer,
        integer(line.sequence)?,
        line.previous.as_bytes(),
        line.hash.as_bytes(),
        &line.entry,
    );
    statement.execute(values).map(|_| ()).map_err(failed)
}

fn save_verdict(connection: &Connection, decision: &Decision) -> Result<(), StoreError> {
    let sql = "INSERT INTO verdict
               (project, filename, sha256, policy, evidence, admission, rule, decided_at, next_change_at, times)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1)
               ON CONFLICT DO UPDATE SET admission = ?6, rule = ?7, decided_at = ?8, next_change_at = ?9, times = 1";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let key = &decision.key;
    let values = (
        key.project.as_str(),
        key.filename.as_str(),
        key.sha256.as_bytes(),
        &key.policy,
        &key.evidence,
        admission::word(decision.admission),
        &decision.rule,
        micros(decision.decided_at),
        decision.next_change_at.map(micros),
    );
    statement.execute(values).map(|_| ()).map_err(failed)
}

/// Adds to the counter of a verdict.
pub(super) fn count(
    connection: &Connection,
    key: &VerdictKey,
    times: u64,
) -> Result<(), StoreError> {
    let sql = "UPDATE verdict SET times = times + ?6
               WHERE project = ?1 AND filename = ?2 AND sha256 = ?3 AND policy = ?4 AND evidence = ?5";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let values = (
        key.project.as_str(),
        key.filename.as_str(),
        key.sha256.as_bytes(),
        &key.policy,
        &key.evidence,
        integer(times)?,
    );
    statement.execute(values).map(|_| ()).map_err(failed)
}

/// The last verdict for a key.
pub(super) fn verdict(
    connection: &Connection,
    key: &VerdictKey,
) -> Result<Option<LastVerdict>, StoreError> {
    let sql = "SELECT admission, rule, decided_at, next_change_at, times FROM verdict
               WHERE project = ?1 AND filename = ?2 AND sha256 = ?3 AND policy = ?4 AND evidence = ?5";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let values = (
        key.project.as_str(),
        key.filename.as_str(),
        key.sha256.as_bytes(),
        &key.policy,
        &key.evidence,
    );
    statement
        .query_row(values, |row| Ok(read_verdict(row)))
        .optional()
        .map_err(failed)?
        .transpose()
}

fn read_verdict(row: &Row<'_>) -> Result<LastVerdict, StoreError> {
    let word = parsed::<String>(row, "admission")?;
    Ok(LastVerdict {
        admission: admission::of_word(&word).ok_or_else(|| wrong("admission", "no such word"))?,
        rule: value(row, "rule")?,
        decided_at: time(row, "decided_at")?,
        next_change_at: time_if_any(row, "next_change_at")?,
        times: number(row, "times")?,
    })
}

/// Entries of a writer after the given number.
pub(super) fn lines(
    connection: &Connection,
    writer: &str,
    after: u64,
    most: usize,
) -> Result<Vec<LogLine>, StoreError> {
    let sql = "SELECT * FROM log WHERE writer = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3";
    let values = (writer, integer(after)?, integer(most as u64)?);
    rows(connection, sql, values, read_line)
}

/// An entry.
pub(super) fn read_line(row: &Row<'_>) -> Result<LogLine, StoreError> {
    Ok(LogLine {
        writer: value(row, "writer")?,
        sequence: number(row, "sequence")?,
        previous: digest(row, "previous")?,
        hash: digest(row, "hash")?,
        entry: value(row, "entry")?,
    })
}
