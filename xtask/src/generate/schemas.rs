//! The JSON schemas of what is read and written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::Trouble;
use crate::binary::Binary;

/// The schemas, as the binary prints them.
pub(super) fn files(binary: &Binary) -> Result<BTreeMap<PathBuf, String>, Trouble> {
    [
        "config",
        "report",
        "exposed",
        "download",
        "lock",
        "doctor",
        "serve-log",
        "baseline",
        "replay",
    ]
    .into_iter()
    .map(|of| {
        let text = binary.say(&["config", "schema", of])?;
        Ok((format!("{of}.schema.json").into(), text))
    })
    .collect()
}
