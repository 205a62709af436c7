//! Pages, and what came and went on them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use pinproof_core::ProjectName;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::columns::{
    digest, failed, integer, micros, number, number_if_any, parsed, parsed_if_any, time,
    time_if_any, value,
};
use super::pins::{self, rows};
use crate::store::Origin;
use crate::store::error::StoreError;
use crate::store::records::{History, LargestSerial, Listed, Page, PastFile, Presence};
use crate::store::words::{FileName, IndexName, Sha256};

/// The largest page that is kept; the largest of PyPI are a tenth of it.
const MOST_PAGE: usize = 256 << 20;

/// The bytes of a page as they are kept. The format has a checksum of its own.
pub(super) fn pack(body: &[u8]) -> Result<Vec<u8>, StoreError> {
    if body.len() > MOST_PAGE {
        return Err(StoreError::TooLarge {
            what: "the page",
            limit: MOST_PAGE,
        });
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder
        .write_all(body)
        .and_then(|()| encoder.finish())
        .map_err(|error| StoreError::io("the page cannot be compressed", &error))
}

/// The bytes of a kept page. However they were changed, there are at most as many as noted.
fn unpack(packed: &[u8], size: u64) -> Result<Vec<u8>, StoreError> {
    let wrong = |why: &str| StoreError::damaged(format!("the bytes of a page: {why}"));
    let mut body = Vec::new();
    GzDecoder::new(packed)
        .take(size.min(MOST_PAGE as u64) + 1)
        .read_to_end(&mut body)
        .map_err(|error| wrong(&error.to_string()))?;
    if body.len() as u64 != size {
        return Err(wrong("another number than was stored"));
    }
    Ok(body)
}

/// Keeps a page whose body is packed, with its files.
pub(super) fn record(
    connection: &Connection,
    from: &Origin,
    page: &Page,
    size: usize,
    files: &[Listed],
) -> Result<History, StoreError> {
    for seen in files.iter().filter_map(|file| file.sighting.as_ref()) {
        pins::pin_one(connection, from, seen)?;
    }
    let kept = last_answer(connection, from)?;
    if kept.is_none_or(|kept| kept <= from.at) {
        save(connection, from, page, size)?;
        note_files(connection, from, files)?;
        note_presence(connection, from, true)?;
    }
    history(connection, &from.project, &from.upstream)
}

/// Notes that there is no such project.
pub(super) fn record_absence(
    connection: &Connection,
    from: &Origin,
) -> Result<History, StoreError> {
    let kept = last_answer(connection, from)?;
    if kept.is_none_or(|kept| kept <= from.at) {
        note_files(connection, from, &[])?;
        forget_validators(connection, from)?;
        note_presence(connection, from, false)?;
    }
    history(connection, &from.project, &from.upstream)
}

/// The time of the newest answer that is known.
fn last_answer(connection: &Connection, from: &Origin) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT max(at) AS at FROM (
                   SELECT fetched_at AS at FROM page WHERE project = ?1 AND upstream = ?2
                   UNION ALL SELECT at FROM presence WHERE project = ?1 AND upstream = ?2)";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    statement
        .query_row((from.project.as_str(), from.upstream.as_str()), |row| {
            Ok(time_if_any(row, "at"))
        })
        .map_err(failed)?
}

fn save(
    connection: &Connection,
    from: &Origin,
    page: &Page,
    size: usize,
) -> Result<(), StoreError> {
    let known = largest_serial(connection, &from.project, &from.upstream)?;
    let largest = larger(known, page.serial, from.at);
    let sql = "INSERT OR REPLACE INTO page
               (project, upstream, fetched_at, base, content_type, etag, last_modified, serial, size, body,
                largest_serial, largest_serial_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let values = (
        from.project.as_str(),
        from.upstream.as_str(),
        micros(from.at),
        &page.base,
        &page.content_type,
        &page.etag,
        &page.last_modified,
        page.serial.map(integer).transpose()?,
        integer(size as u64)?,
        &page.body,
        largest.map(|largest| integer(largest.serial)).transpose()?,
        largest.map(|largest| micros(largest.seen_at)),
    );
    statement.execute(values).map(|_| ()).map_err(failed)
}

/// The largest serial number after a page that has this one.
fn larger(
    known: Option<LargestSerial>,
    serial: Option<u64>,
    seen_at: Timestamp,
) -> Option<LargestSerial> {
    let new = serial.map(|serial| LargestSerial { serial, seen_at });
    match (known, new) {
        (Some(known), Some(new)) if new.serial < known.serial => Some(known),
        (known, new) => new.or(known),
    }
}

/// The largest serial number that was kept; of a page that was kept before anybody looked for it, its own.
fn largest_serial(
    connection: &Connection,
    project: &ProjectName,
    upstream: &IndexName,
) -> Result<Option<LargestSerial>, StoreError> {
    let sql = "SELECT coalesce(largest_serial, serial) AS serial, coalesce(largest_serial_at, fetched_at) AS at
               FROM page WHERE project = ?1 AND upstream = ?2";
    let values = (project.as_str(), upstream.as_str());
    let found = rows(connection, sql, values, |row| {
        let seen_at = time(row, "at")?;
        let serial = number_if_any(row, "serial")?;
        Ok(serial.map(|serial| LargestSerial { serial, seen_at }))
    })?;
    Ok(found.into_iter().flatten().next())
}

/// What an upstream had before it said that there is nothing is not what it has: it cannot be confirmed.
fn forget_validators(connection: &Connection, from: &Origin) -> Result<(), StoreError> {
    let sql =
        "UPDATE page SET etag = NULL, last_modified = NULL WHERE project = ?1 AND upstream = ?2";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let values = (from.project.as_str(), from.upstream.as_str());
    statement.execute(values).map(|_| ()).map_err(failed)
}

/// Notes that the kept page is confirmed.
pub(super) fn confirm(connection: &Connection, from: &Origin) -> Result<bool, StoreError> {
    let sql =
        "UPDATE page SET fetched_at = max(fetched_at, ?3) WHERE project = ?1 AND upstream = ?2";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let values = (
        from.project.as_str(),
        from.upstream.as_str(),
        micros(from.at),
    );
    let changed = statement.execute(values).map_err(failed)?;
    Ok(changed > 0)
}

/// The kept page.
pub(super) fn page(
    connection: &Connection,
    project: &ProjectName,
    upstream: &IndexName,
) -> Result<Option<Page>, StoreError> {
    let sql = "SELECT * FROM page WHERE project = ?1 AND upstream = ?2";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    statement
        .query_row((project.as_str(), upstream.as_str()), |row| {
            Ok(read_page(row))
        })
        .optional()
        .map_err(failed)?
        .transpose()
}

fn read_page(row: &Row<'_>) -> Result<Page, StoreError> {
    let packed = value::<Vec<u8>>(row, "body")?;
    Ok(Page {
        fetched_at: time(row, "fetched_at")?,
        base: value(row, "base")?,
        content_type: value(row, "content_type")?,
        etag: value(row, "etag")?,
        last_modified: value(row, "last_modified")?,
        serial: number_if_any(row, "serial")?,
        body: unpack(&packed, number(row, "size")?)?,
    })
}

/// Writes only what changed: most pages are as they were.
fn note_files(connection: &Connection, from: &Origin, files: &[Listed]) -> Result<(), StoreError> {
    let past = past_files(connection, &from.project, &from.upstream)?;
    let mut past: HashMap<FileName, PastFile> = past
        .into_iter()
        .map(|file| (file.filename.clone(), file))
        .collect();
    let mut noted = HashSet::new();
    for listed in files {
        if !noted.insert(&listed.filename) {
            // A page may list a name twice; the first one counts, as for pins.
            continue;
        }
        let now = match past.remove(&listed.filename) {
            None => PastFile {
                filename: listed.filename.clone(),
                version: listed.version.clone(),
                first_seen: from.at,
                is_listed: true,
                is_yanked: listed.is_yanked,
                gone_at: None,
                returned_at: None,
            },
            Some(file) if file.is_listed && file.is_yanked == listed.is_yanked => continue,
            Some(file) => PastFile {
                returned_at: if file.is_listed {
                    file.returned_at
                } else {
                    Some(from.at)
                },
                is_listed: true,
                is_yanked: listed.is_yanked,
                ..file
            },
        };
        save_file(connection, from, &now)?;
    }
    for gone in past.into_values().filter(|file| file.is_listed) {
        let now = PastFile {
            is_listed: false,
            gone_at: Some(from.at),
            ..gone
        };
        save_file(connection, from, &now)?;
    }
    Ok(())
}

fn save_file(connection: &Connection, from: &Origin, file: &PastFile) -> Result<(), StoreError> {
    let sql = "INSERT OR REPLACE INTO listed
               (project, upstream, filename, version, first_seen, is_listed, is_yanked, gone_at, returned_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let values = (
        from.project.as_str(),
        from.upstream.as_str(),
        file.filename.as_str(),
        file.version.as_ref().map(ToString::to_string),
        micros(file.first_seen),
        file.is_listed,
        file.is_yanked,
        file.gone_at.map(micros),
        file.returned_at.map(micros),
    );
    statement.execute(values).map(|_| ()).map_err(failed)
}

fn note_presence(
    connection: &Connection,
    from: &Origin,
    is_present: bool,
) -> Result<(), StoreError> {
    let known = presence(connection, &from.project, &from.upstream)?;
    if known
        .last()
        .is_some_and(|last| last.is_present == is_present)
    {
        return if is_present {
            Ok(())
        } else {
            confirm_absence(connection, from)
        };
    }
    let sql = "INSERT INTO presence (project, upstream, at, is_present, confirmed_at) VALUES (?1, ?2, ?3, ?4, ?3)";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let values = (
        from.project.as_str(),
        from.upstream.as_str(),
        micros(from.at),
        is_present,
    );
    statement.execute(values).map(|_| ()).map_err(failed)
}

/// Notes that the project is still not there.
fn confirm_absence(connection: &Connection, from: &Origin) -> Result<(), StoreError> {
    let sql = "UPDATE presence SET confirmed_at = max(coalesce(confirmed_at, at), ?3)
               WHERE id = (SELECT max(id) FROM presence WHERE project = ?1 AND upstream = ?2)";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let values = (
        from.project.as_str(),
        from.upstream.as_str(),
        micros(from.at),
    );
    statement.execute(values).map(|_| ()).map_err(failed)
}

/// The digests of the core metadata that was read from the pinned files of a project.
fn metadata(
    connection: &Connection,
    project: &ProjectName,
    upstream: &IndexName,
) -> Result<BTreeMap<FileName, Sha256>, StoreError> {
    let sql = "SELECT listed.filename, metadata.sha256
               FROM listed JOIN pin USING (project, filename) JOIN metadata ON metadata.file = pin.sha256
               WHERE listed.project = ?1 AND listed.upstream = ?2";
    let values = (project.as_str(), upstream.as_str());
    let found = rows(connection, sql, values, |row| {
        Ok((parsed(row, 0)?, digest(row, 1)?))
    })?;
    Ok(found.into_iter().collect())
}

/// What was ever seen of a project.
pub(super) fn history(
    connection: &Connection,
    project: &ProjectName,
    upstream: &IndexName,
) -> Result<History, StoreError> {
    Ok(History {
        presence: presence(connection, project, upstream)?,
        files: past_files(connection, project, upstream)?,
        pins: pins::pins_of(connection, project, upstream)?,
        incidents: pins::incidents_of(connection, project)?,
        metadata: metadata(connection, project, upstream)?,
        largest_serial: largest_serial(connection, project, upstream)?,
    })
}

fn presence(
    connection: &Connection,
    project: &ProjectName,
    upstream: &IndexName,
) -> Result<Vec<Presence>, StoreError> {
    let sql = "SELECT at, is_present, coalesce(confirmed_at, at) AS confirmed_at FROM presence
         WHERE project = ?1 AND upstream = ?2 ORDER BY id";
    let values = (project.as_str(), upstream.as_str());
    rows(connection, sql, values, |row| {
        Ok(Presence {
            at: time(row, "at")?,
            confirmed_at: time(row, "confirmed_at")?,
            is_present: value(row, "is_present")?,
        })
    })
}

fn past_files(
    connection: &Connection,
    project: &ProjectName,
    upstream: &IndexName,
) -> Result<Vec<PastFile>, StoreError> {
    let sql = "SELECT * FROM listed WHERE project = ?1 AND upstream = ?2 ORDER BY filename";
    let values = (project.as_str(), upstream.as_str());
    rows(connection, sql, values, read_past_file)
}

fn read_past_file(row: &Row<'_>) -> Result<PastFile, StoreError> {
    Ok(PastFile {
        filename: parsed(row, "filename")?,
        version: parsed_if_any(row, "version")?,
        first_seen: time(row, "first_seen")?,
        is_listed: value(row, "is_listed")?,
        is_yanked: value(row, "is_yanked")?,
        gone_at: time_if_any(row, "gone_at")?,
        returned_at: time_if_any(row, "returned_at")?,
    })
}
