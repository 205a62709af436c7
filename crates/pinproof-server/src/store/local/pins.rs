//! Pins, incidents, and the list of all files.

use pinproof_core::ProjectName;
use rusqlite::{Connection, OptionalExtension as _, Params, Row};

use super::columns::{
    digest, failed, integer, micros, number, number_if_any, parsed, time, time_if_any, value,
};
use crate::store::Origin;
use crate::store::error::StoreError;
use crate::store::records::{Incident, KnownFile, Pin, Pinned, Sighting};
use crate::store::words::{FileName, IndexName};

/// Pins what was not seen before, and compares what was.
pub(super) fn pin(
    connection: &Connection,
    from: &Origin,
    files: &[Sighting],
) -> Result<Vec<Pinned>, StoreError> {
    files
        .iter()
        .map(|seen| pin_one(connection, from, seen))
        .collect()
}

/// Pins one file, or compares it.
pub(super) fn pin_one(
    connection: &Connection,
    from: &Origin,
    seen: &Sighting,
) -> Result<Pinned, StoreError> {
    let Some(pin) = pinned(connection, &from.project, &seen.filename)? else {
        return first_sight(connection, from, seen);
    };
    let is_changed = pin.first.sha256 != seen.sha256;
    if is_changed {
        note_incident(connection, from, &pin, seen)?;
    }
    Ok(Pinned { pin, is_changed })
}

fn first_sight(
    connection: &Connection,
    from: &Origin,
    seen: &Sighting,
) -> Result<Pinned, StoreError> {
    let sql = "INSERT INTO pin (project, filename, sha256, size, upload_time, upstream, first_seen)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let values = (
        from.project.as_str(),
        seen.filename.as_str(),
        seen.sha256.as_bytes(),
        seen.size.map(integer).transpose()?,
        seen.upload_time.map(micros),
        from.upstream.as_str(),
        micros(from.at),
    );
    statement.execute(values).map_err(failed)?;
    let pin = pinned(connection, &from.project, &seen.filename)?;
    let pin = pin.ok_or_else(|| StoreError::damaged("a pin is gone"))?;
    Ok(Pinned {
        pin,
        is_changed: false,
    })
}

fn note_incident(
    connection: &Connection,
    from: &Origin,
    pin: &Pin,
    seen: &Sighting,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO incident
               (project, filename, pinned, sha256, size, upload_time, upstream, seen_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
               ON CONFLICT (project, filename, sha256, upstream) DO NOTHING";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let values = (
        from.project.as_str(),
        seen.filename.as_str(),
        pin.first.sha256.as_bytes(),
        seen.sha256.as_bytes(),
        seen.size.map(integer).transpose()?,
        seen.upload_time.map(micros),
        from.upstream.as_str(),
        micros(from.at),
    );
    statement.execute(values).map(|_| ()).map_err(failed)
}

/// The pin of a file name.
pub(super) fn pinned(
    connection: &Connection,
    project: &ProjectName,
    filename: &FileName,
) -> Result<Option<Pin>, StoreError> {
    let sql = "SELECT project, filename, sha256, size, upload_time, upstream, first_seen FROM pin
               WHERE project = ?1 AND filename = ?2";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    statement
        .query_row((project.as_str(), filename.as_str()), |row| {
            Ok(read_pin(row))
        })
        .optional()
        .map_err(failed)?
        .transpose()
}

/// Pinned files after the given one.
pub(super) fn files(
    connection: &Connection,
    after: Option<&(ProjectName, FileName)>,
    most: usize,
) -> Result<Vec<KnownFile>, StoreError> {
    let sql = "SELECT pin.project, pin.filename, pin.sha256, pin.size, upload_time, upstream, first_seen,
                      file.sha256 IS NOT NULL AS is_stored
               FROM pin LEFT JOIN file USING (sha256)
               WHERE (pin.project, pin.filename) > (?1, ?2) ORDER BY pin.project, pin.filename LIMIT ?3";
    let (project, filename) = after.map_or(("", ""), |(project, filename)| {
        (project.as_str(), filename.as_str())
    });
    let values = (project, filename, integer(most as u64)?);
    rows(connection, sql, values, |row| {
        Ok(KnownFile {
            pin: read_pin(row)?,
            is_stored: value(row, 7)?,
        })
    })
}

/// Incidents after the given number.
pub(super) fn incidents(
    connection: &Connection,
    after: u64,
    most: usize,
) -> Result<Vec<Incident>, StoreError> {
    let sql = "SELECT project, filename, sha256, size, upload_time, upstream, seen_at, pinned, id
               FROM incident WHERE id > ?1 ORDER BY id LIMIT ?2";
    let values = (integer(after)?, integer(most as u64)?);
    rows(connection, sql, values, read_incident)
}

/// How many incidents there ever were.
pub(super) fn count_of_incidents(connection: &Connection) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) AS incidents FROM incident";
    let counts = rows(connection, sql, [], |row| number(row, "incidents"))?;
    Ok(counts.into_iter().sum())
}

/// Incidents about a project.
pub(super) fn incidents_of(
    connection: &Connection,
    project: &ProjectName,
) -> Result<Vec<Incident>, StoreError> {
    let sql = "SELECT project, filename, sha256, size, upload_time, upstream, seen_at, pinned, id
               FROM incident WHERE project = ?1 ORDER BY id";
    rows(connection, sql, [project.as_str()], read_incident)
}

/// Pins of the files that an upstream ever listed.
pub(super) fn pins_of(
    connection: &Connection,
    project: &ProjectName,
    upstream: &IndexName,
) -> Result<Vec<Pin>, StoreError> {
    let sql = "SELECT pin.project, pin.filename, pin.sha256, pin.size, pin.upload_time,
                      pin.upstream, pin.first_seen
               FROM listed JOIN pin USING (project, filename)
               WHERE listed.project = ?1 AND listed.upstream = ?2 ORDER BY pin.filename";
    let values = (project.as_str(), upstream.as_str());
    rows(connection, sql, values, read_pin)
}

/// All rows of a query.
pub(super) fn rows<T>(
    connection: &Connection,
    sql: &'static str,
    values: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let mut rows = statement.query(values).map_err(failed)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// Columns 1 to 4.
fn read_sighting(row: &Row<'_>) -> Result<Sighting, StoreError> {
    Ok(Sighting {
        filename: parsed(row, 1)?,
        sha256: digest(row, 2)?,
        size: number_if_any(row, 3)?,
        upload_time: time_if_any(row, 4)?,
    })
}

/// Columns 0 to 6.
fn read_pin(row: &Row<'_>) -> Result<Pin, StoreError> {
    Ok(Pin {
        project: parsed(row, 0)?,
        first: read_sighting(row)?,
        upstream: parsed(row, 5)?,
        first_seen: time(row, 6)?,
    })
}

/// Columns 0 to 8.
fn read_incident(row: &Row<'_>) -> Result<Incident, StoreError> {
    Ok(Incident {
        id: number(row, 8)?,
        project: parsed(row, 0)?,
        pinned: digest(row, 7)?,
        seen: read_sighting(row)?,
        upstream: parsed(row, 5)?,
        seen_at: time(row, 6)?,
    })
}
