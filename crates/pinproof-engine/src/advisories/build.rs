//! `pinproof db build`: records of files, folders and archives become one database.

use std::path::{Path, PathBuf};

use pinproof_sources::advisories::{AdvisoryError, CollectLimits, Head, Writer, collect};

use super::compile::compile;
use crate::gather::Progress;

/// A database that was built.
#[derive(Clone, Debug)]
pub struct Built {
    /// What it says of itself.
    pub head: Head,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Builds a database of `inputs` at `output`, as a whole or not at all.
pub fn build(
    inputs: &[PathBuf],
    output: &Path,
    progress: &impl Progress,
) -> Result<Built, AdvisoryError> {
    let origins = inputs.iter().map(|path| name(path)).collect();
    let mut writer = Writer::new(origins);
    progress.begin("reading", inputs.len());
    for input in inputs {
        collect(input, CollectLimits::default(), &mut |raw| {
            writer.add(compile(raw));
        })?;
        progress.advance();
    }
    progress.end();
    written(writer, output)
}

/// Writes a database, and looks at its size; one without a record is refused, for it would say that all is well.
pub(super) fn written(writer: Writer, output: &Path) -> Result<Built, AdvisoryError> {
    if writer.head().records == 0 {
        return Err(AdvisoryError::Empty(writer.shown_origins()));
    }
    let head = writer.write(output)?;
    let bytes = std::fs::metadata(output).map_or(0, |metadata| metadata.len());
    Ok(Built { head, bytes })
}

/// The last part of a path: the same input on another machine gives the same database.
fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}
