//! One record, as bytes, becomes what a database holds.

use std::path::Path;

use pinproof_core::Printable;
use pinproof_formats::osv;
use pinproof_sources::advisories::{Compiled, RawRecord, Unclear};

/// Reads a record; one that cannot be read is kept as such, with why.
pub(super) fn compile(raw: RawRecord) -> Compiled {
    let bytes = match raw.bytes {
        Ok(bytes) => bytes,
        Err(why) => return unreadable(&raw.name, &why),
    };
    let (record, bytes) = if is_yaml(&raw.name) {
        let json = osv::json_of_yaml(&bytes);
        (osv::parse_yaml(&bytes), json.unwrap_or(bytes))
    } else {
        (osv::parse(&bytes), bytes)
    };
    let id = record
        .id
        .as_ref()
        .map_or_else(|| stem(&raw.name), ToString::to_string);
    // What a withdrawn record meant to say matters no longer.
    let is_withdrawn = record.withdrawn.is_some();
    let unclear = record.not_understood.into_iter().filter(|_| !is_withdrawn);
    let unclear = unclear.map(|part| Unclear {
        what: id.clone(),
        why: part.problem.to_string(),
        projects: part.projects.into_iter().collect(),
    });
    Compiled {
        unclear: unclear.collect(),
        id,
        bytes,
        modified: record.modified,
        advisories: record.advisories,
    }
}

fn unreadable(name: &str, why: &Printable) -> Compiled {
    Compiled {
        id: stem(name),
        bytes: Vec::new(),
        modified: None,
        advisories: Vec::new(),
        unclear: vec![Unclear {
            what: name.to_owned(),
            why: why.to_string(),
            projects: Vec::new(),
        }],
    }
}

/// The id that a file name stands for.
fn stem(name: &str) -> String {
    let stem = Path::new(name).file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

fn is_yaml(name: &str) -> bool {
    let extension = Path::new(name)
        .extension()
        .and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| {
        extension.eq_ignore_ascii_case("yaml") || extension.eq_ignore_ascii_case("yml")
    })
}
