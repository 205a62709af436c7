//! One record, as bytes, becomes what a database holds.

use std::path::Path;

use pinproof_core::Printable;
use pinproof_formats::osv;
use pinproof_sources::advisories::{AdvisoryError, Compiled, RawRecord, Unclear};

/// Reads the record that was asked for by `id`; another one is no answer.
pub(super) fn compile_as(id: &str, bytes: Vec<u8>) -> Result<Compiled, AdvisoryError> {
    let name = format!("{id}.json");
    let compiled = compile(RawRecord {
        name,
        bytes: Ok(bytes),
    });
    if compiled.id == id {
        return Ok(compiled);
    }
    let (id, other) = (Printable::new(id), Printable::new(&compiled.id));
    let why = format!("asked for the record {id}, and got {other}");
    Err(AdvisoryError::BadAnswer(
        Printable::from(why).shortened(200),
    ))
}

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
    let withdrawn = record.withdrawn;
    let unclear = record.not_understood.into_iter().map(|part| Unclear {
        what: id.clone(),
        why: part.problem.to_string(),
        projects: part.projects.into_iter().collect(),
        withdrawn,
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
            withdrawn: None,
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
