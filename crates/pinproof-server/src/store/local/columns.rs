//! Columns of the database as words of the core: whatever stands there, a value or an error, never a panic.
//!
//! A column is found by its name, or by its place where there are millions of rows.

use std::fmt::Display;
use std::str::FromStr;

use jiff::Timestamp;
use pinproof_core::Printable;
use rusqlite::types::{FromSql, ValueRef};
use rusqlite::{ErrorCode, Row, RowIndex};

use crate::store::error::StoreError;
use crate::store::words::Sha256;

/// What an error of the database means.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn failed(error: rusqlite::Error) -> StoreError {
    use rusqlite::Error as E;
    let text = error.to_string();
    let is_damage = match &error {
        E::SqliteFailure(failure, _) => matches!(
            failure.code,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase
        ),
        E::FromSqlConversionFailure(..)
        | E::IntegralValueOutOfRange(..)
        | E::InvalidColumnType(..)
        | E::Utf8Error(..) => true,
        _ => false,
    };
    if is_damage {
        return StoreError::damaged(text);
    }
    StoreError::Failed {
        what: Printable::new("the database"),
        why: Printable::from(text),
    }
}

/// The value of a column.
pub(super) fn value<T: FromSql>(
    row: &Row<'_>,
    column: impl RowIndex + Display,
) -> Result<T, StoreError> {
    row.get(column).map_err(failed)
}

/// A column whose text means something.
pub(super) fn parsed<T>(row: &Row<'_>, column: impl RowIndex + Display) -> Result<T, StoreError>
where
    T: FromStr<Err: Display>,
{
    let text = row.get_ref(column).map_err(failed)?;
    let text = text.as_str().map_err(|_| wrong(column, "it is no text"))?;
    text.parse()
        .map_err(|error: T::Err| wrong(column, &error.to_string()))
}

/// A column that may be empty.
pub(super) fn parsed_if_any<T>(
    row: &Row<'_>,
    column: impl RowIndex + Display,
) -> Result<Option<T>, StoreError>
where
    T: FromStr<Err: Display>,
{
    let value = row.get_ref(column).map_err(failed)?;
    if value == ValueRef::Null {
        return Ok(None);
    }
    parsed(row, column).map(Some)
}

/// A digest.
pub(super) fn digest(row: &Row<'_>, column: impl RowIndex + Display) -> Result<Sha256, StoreError> {
    let bytes = value::<[u8; Sha256::LENGTH]>(row, column)?;
    Ok(Sha256::from_bytes(bytes))
}

/// A number that is not negative.
pub(super) fn number(row: &Row<'_>, column: impl RowIndex + Display) -> Result<u64, StoreError> {
    number_if_any(row, column)?.ok_or_else(|| wrong(column, "it is missing"))
}

/// A number that is not negative, if there is one.
pub(super) fn number_if_any(
    row: &Row<'_>,
    column: impl RowIndex + Display,
) -> Result<Option<u64>, StoreError> {
    let number = value::<Option<i64>>(row, column)?;
    number
        .map(|number| u64::try_from(number).map_err(|_| wrong(column, "it is negative")))
        .transpose()
}

/// A moment.
pub(super) fn time(
    row: &Row<'_>,
    column: impl RowIndex + Display,
) -> Result<Timestamp, StoreError> {
    time_if_any(row, column)?.ok_or_else(|| wrong(column, "it is missing"))
}

/// A moment, if there is one.
pub(super) fn time_if_any(
    row: &Row<'_>,
    column: impl RowIndex + Display,
) -> Result<Option<Timestamp>, StoreError> {
    let micros = value::<Option<i64>>(row, column)?;
    micros
        .map(|micros| {
            Timestamp::from_microsecond(micros).map_err(|_| wrong(column, "it is no time"))
        })
        .transpose()
}

/// A moment as it is written.
pub(super) fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

/// A number as it is written.
pub(super) fn integer(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::Failed {
        what: Printable::new("the database"),
        why: Printable::new("the number is too large"),
    })
}

/// A column that says what it cannot say.
pub(super) fn wrong(column: impl Display, why: &str) -> StoreError {
    StoreError::damaged(format!("column `{column}`: {why}"))
}
