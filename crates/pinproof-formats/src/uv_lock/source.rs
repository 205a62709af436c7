//! Where an entry of a `uv.lock` is from.

use pinproof_core::Span;
use pinproof_core::manifest::{Origin, Requirement};
use toml::de::DeTable;

use crate::lock::{entry, files};
use crate::pyproject::Collector;
use crate::toml_text::{Node, Text, span};

/// What an entry is from.
pub(super) enum Source {
    /// An index.
    Index,
    /// One file behind an address, or on this machine.
    File,
    /// A repository.
    Repository,
    /// A folder of this machine, relative to that of the lock.
    Folder(String),
}

/// Reads the `source` of an entry; one that is not known is not understood.
pub(super) fn read(
    table: &DeTable<'_>,
    node: &Node<'_>,
    requirement: &mut Requirement,
    out: &mut Collector<'_>,
) -> Option<Source> {
    let Some(source) = table.get("source") else {
        out.refuse(
            span(node),
            "an entry has a `source`, and this one has none",
            "",
        );
        return None;
    };
    let source_table = out.table(source, "`source`")?;
    let kinds = [
        "registry",
        "git",
        "url",
        "path",
        "directory",
        "editable",
        "virtual",
    ];
    let kinds = kinds.into_iter();
    let mut found = kinds.filter_map(|kind| Some((kind, source_table.get(kind)?)));
    let (Some((kind, value)), None) = (found.next(), found.next()) else {
        let why = "a source is exactly one of `registry`, `git`, `url`, `path`, `directory`, `editable` and `virtual`";
        out.refuse(span(source), why, "");
        return None;
    };
    let text = out.text(value, &format!("`{kind}`"))?;
    let (origin, source) = match kind {
        "registry" => return registry(&text, requirement, out),
        "git" => (git(text.value), Source::Repository),
        "url" => (entry::file(text.value), Source::File),
        "path" => (path(&text, out)?, Source::File),
        _ => {
            requirement.editable = kind == "editable";
            (path(&text, out)?, Source::Folder(text.value.to_owned()))
        }
    };
    requirement.origin = origin;
    requirement.origin_span = text.span();
    Some(source)
}

/// An index by its address, or a folder of files by its path.
fn registry(
    text: &Text<'_>,
    requirement: &mut Requirement,
    out: &mut Collector<'_>,
) -> Option<Source> {
    if entry::from_index(requirement, text.value, text.span(), &mut out.manifest) {
        return Some(Source::Index);
    }
    out.refuse(text.span(), "this is no address of an index", "");
    None
}

fn path(text: &Text<'_>, out: &mut Collector<'_>) -> Option<Origin> {
    // An address may have credentials, which a path is not searched for.
    if text.value.contains("://") {
        let place: Span = text.span();
        out.refuse(
            place,
            "a file or folder is expected here, and this is an address",
            "",
        );
        return None;
    }
    Some(Origin::Path(text.value.to_owned()))
}

/// `https://host/repository?rev=main#COMMIT`: what was asked for, and what was locked.
fn git(text: &str) -> Origin {
    let (address, commit) = text.split_once('#').unwrap_or((text, ""));
    let commit = (!commit.is_empty()).then(|| commit.to_owned());
    entry::repository(&format!("git+{address}"), commit)
}

/// Whether every file of such an entry needs a hash; a repository is held by its commit.
pub(super) fn is_held_by_hashes(source: &Source) -> bool {
    matches!(source, Source::Index | Source::File)
}

/// The hash of a file, or the open question that there is none.
pub(super) fn read_file(
    node: &Node<'_>,
    source: &Source,
    requirement: &mut Requirement,
    out: &mut Collector<'_>,
) {
    let Some(table) = out.table(node, "a file") else {
        return;
    };
    match table.get("hash") {
        Some(hash) => requirement.hashes.extend(files::hash(hash, out)),
        None if is_held_by_hashes(source) => {
            out.refuse(
                span(node),
                files::NO_HASH,
                "lock again with an index that has hashes",
            );
        }
        None => {}
    }
}
