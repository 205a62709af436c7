//! The schema of the database: made, brought up to date, and refused where it is another one.

use std::path::Path;
use std::time::Duration;

use pinproof_core::Printable;
use rusqlite::{Connection, OpenFlags};

use super::columns::failed;
use crate::store::error::StoreError;

/// Says in the head of the file whose it is: `pnpf`.
const APPLICATION: i64 = 0x706e_7066;
/// Each takes the schema from the version of its place to the next.
const MIGRATIONS: &[&str] = &[
    include_str!("schema.sql"),
    include_str!("schema_provenance.sql"),
    include_str!("schema_absences.sql"),
    include_str!("schema_serials.sql"),
];
/// How long to wait for a lock that somebody else has, such as a shell or a backup.
const PATIENCE: Duration = Duration::from_secs(10);

/// Opens the database for the one who writes; makes it where there is none.
pub(super) fn open_for_writing(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags)?;
    let found = version(&connection, path)?;
    // FULL: a commit is on the disk before anybody hears of it, also where the power fails. NORMAL would lose the
    // newest ones then. The price is shared, since all who wait are committed at once.
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON;
             PRAGMA checkpoint_fullfsync = ON; PRAGMA journal_size_limit = 67108864;",
        )
        .map_err(failed)?;
    migrate(&connection, found)?;
    compare(&connection)?;
    Ok(connection)
}

/// Opens the database for somebody who reads, in this process or another one.
pub(super) fn open_for_reading(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags)?;
    let found = version(&connection, path)?;
    if found < newest() {
        return Err(StoreError::damaged("its schema is not complete"));
    }
    Ok(connection)
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    connection
        .execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;")
        .map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn newest() -> i64 {
    MIGRATIONS.len().try_into().unwrap_or(i64::MAX)
}

/// The version of the schema that is there; 0 where there is nothing yet.
fn version(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    let ask = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let application = ask("application_id").map_err(failed)?;
    let found = ask("user_version").map_err(failed)?;
    let tables = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
            row.get::<_, i64>(0)
        })
        .map_err(failed)?;
    let is_empty = tables == 0 && found == 0;
    if application != APPLICATION && !is_empty {
        return Err(StoreError::Foreign {
            path: Printable::from(path.display().to_string()),
        });
    }
    if found > newest() {
        return Err(StoreError::NewerSchema {
            found,
            known: newest(),
        });
    }
    Ok(found)
}

/// One transaction for each step: a process that ends in the middle leaves the version before.
fn migrate(connection: &Connection, found: i64) -> Result<(), StoreError> {
    for (from, step) in (0..).zip(MIGRATIONS).filter(|(from, _)| *from >= found) {
        let to = from + 1;
        connection
            .execute_batch(&format!(
                "BEGIN IMMEDIATE; {step} PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {to}; COMMIT;"
            ))
            .map_err(failed)?;
    }
    Ok(())
}

/// Whether tables and triggers are those that the migrations make: an editor may have added or dropped one.
fn compare(connection: &Connection) -> Result<(), StoreError> {
    let fresh = Connection::open_in_memory().map_err(failed)?;
    migrate(&fresh, 0)?;
    let (there, expected) = (objects(connection)?, objects(&fresh)?);
    let other = there
        .iter()
        .find(|object| !expected.contains(object))
        .or_else(|| expected.iter().find(|object| !there.contains(object)));
    match other {
        Some((name, _)) => Err(StoreError::damaged(format!(
            "its schema was changed at `{name}`"
        ))),
        None => Ok(()),
    }
}

fn objects(connection: &Connection) -> Result<Vec<(String, Option<String>)>, StoreError> {
    let sql =
        "SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY name";
    let mut statement = connection.prepare(sql).map_err(failed)?;
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .map_err(failed)?;
    rows.collect::<Result<_, _>>().map_err(failed)
}
