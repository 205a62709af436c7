//! `poetry.lock`: every release that any group or extra of a project needs.
//!
//! Known are the formats 1.1 (Poetry 1.1 to 1.2, hashes in one table), 2.0 (hashes with each entry) and 2.1
//! (groups and markers with each entry, Poetry 2).

mod needs;
mod source;

use std::collections::BTreeMap;

use pinproof_core::manifest::{
    ContentDigest, Header, LockTool, MadeFrom, Need, Requirement, Scope, WrittenHash,
};
use pinproof_core::{ExtraName, Manifest, Marker, ProjectName, filename};
use toml::de::DeTable;

use crate::lock::version::{Known, is_readable};
use crate::lock::{self, MAX_ENTRIES, entry, files, graph};
use crate::poetry_constraint;
use crate::pyproject::{Collector, TomlError};
use crate::toml_text::{Document, Node, entries, span, table_at};

const NAME: &str = "poetry.lock";

/// The group of what the project itself needs.
const MAIN: &str = "main";

/// Reads a `poetry.lock`; an error is a text that is no TOML.
pub fn parse(text: &str) -> Result<Manifest, TomlError> {
    let document = Document::parse(text)?;
    let mut out = Collector::new(text);
    let version = table_at(&document.root, &["metadata"]).and_then(|it| it.get("lock-version"));
    let is_old = version.is_some_and(|node| node.get_ref().as_str() == Some("1.1"));
    let known = Known {
        name: NAME,
        major: if is_old { 1 } else { 2 },
        minors: if is_old { 1..=1 } else { 0..=1 },
    };
    if is_readable(version, &known, &mut out) {
        read(&document.root, &mut out);
    }
    Ok(lock::finish(&document, out, &[]))
}

fn read(root: &DeTable<'_>, out: &mut Collector<'_>) {
    out.manifest.header = Some(Header {
        tool: Some(LockTool::Poetry),
        inputs: vec!["pyproject.toml".to_owned()],
        universal: true,
        ..Header::default()
    });
    read_digest(root, out);
    let python = table_at(root, &["metadata"]).and_then(|it| it.get("python-versions"));
    out.manifest.requires_python = python
        .and_then(|node| node.get_ref().as_str())
        .and_then(poetry_constraint::specifiers);
    let extras = extras(root, out);
    // The places of what only extras need.
    let mut optional = Vec::new();
    let hashes = hashes(root, out);
    let packages = root.get("package");
    let packages = packages.map_or(&[][..], |node| out.items(node, "`package`"));
    for (at, node) in packages.iter().enumerate() {
        if at == MAX_ENTRIES {
            let why = format!("more than {MAX_ENTRIES} entries are not read");
            return out.refuse(span(node), &why, "");
        }
        let Some(table) = out.table(node, "an entry of `package`") else {
            continue;
        };
        if let Some(mut requirement) = read_package(table, node, out) {
            requirement.scope = group(table, out);
            let is_optional = table.get("optional").and_then(|it| it.get_ref().as_bool());
            if is_optional == Some(true) && requirement.scope == Scope::Main {
                optional.push(out.manifest.requirements.len());
            }
            if !table.contains_key("files") {
                add_hashes(&mut requirement, &hashes);
            }
            out.manifest.requirements.push(requirement);
        }
    }
    set_extras(&mut out.manifest.requirements, &optional, &extras);
}

/// The digest of the project, and the release of Poetry that made it: the first line names it since 1.4.
fn read_digest(root: &DeTable<'_>, out: &mut Collector<'_>) {
    let metadata = table_at(root, &["metadata"]);
    let Some(node) = metadata.and_then(|table| table.get("content-hash")) else {
        return;
    };
    let first = out.source.lines().next().unwrap_or_default();
    let written_by = first.split_once("by Poetry ");
    let written_by = written_by.and_then(|(_, rest)| rest.split_whitespace().next());
    let written_by = written_by.and_then(|version| version.parse().ok());
    if let Some(text) = out.text(node, "`content-hash`") {
        out.manifest.made_from = Some(MadeFrom::Digest(ContentDigest {
            digits: text.value.to_owned(),
            written_by,
            span: text.span(),
        }));
    }
}

/// Of what only extras need, the one extra that leads to it.
fn set_extras(requirements: &mut [Requirement], optional: &[usize], extras: &[(Scope, Need)]) {
    let asked = extras.iter().map(|(scope, need)| (scope, need));
    let scopes = graph::scopes(requirements, asked);
    for at in optional {
        if let Some(requirement) = requirements.get_mut(*at) {
            let scope = requirement.name.as_ref().and_then(|name| scopes.get(name));
            requirement.scope = scope.cloned().unwrap_or(Scope::Main);
        }
    }
}

/// What each extra of the project asks for.
fn extras(root: &DeTable<'_>, out: &mut Collector<'_>) -> Vec<(Scope, Need)> {
    let mut extras = Vec::new();
    let table = root
        .get("extras")
        .and_then(|node| out.table(node, "`extras`"));
    for (key, node) in table.map(entries).unwrap_or_default() {
        let Some(extra) = out.parsed::<ExtraName>(key.get_ref(), span(key)) else {
            continue;
        };
        for text in out.texts(node, "an extra") {
            let name = out.parsed(text.value, text.span());
            extras.extend(name.map(|name| (Scope::Extra(extra.clone()), needs::plain(name))));
        }
    }
    extras
}

/// A file of a project, and its hash.
type File = (String, WrittenHash);

/// `[metadata.files]` of format 1.1: the files of every release of a project, by its name.
fn hashes(root: &DeTable<'_>, out: &mut Collector<'_>) -> BTreeMap<ProjectName, Vec<File>> {
    let mut hashes: BTreeMap<ProjectName, Vec<File>> = BTreeMap::new();
    let table = table_at(root, &["metadata", "files"]);
    for (key, node) in table.map(entries).unwrap_or_default() {
        let Some(name) = out.parsed::<ProjectName>(key.get_ref(), span(key)) else {
            continue;
        };
        for item in out.items(node, "files") {
            let Some(table) = out.table(item, "a file") else {
                continue;
            };
            let filename = files::string(table, "file", out);
            let filename = filename.map_or("", |text| text.value).to_owned();
            if let Some(hash) = files::of_file(table, item, out) {
                hashes
                    .entry(name.clone())
                    .or_default()
                    .push((filename, hash));
            }
        }
    }
    hashes
}

/// Of the files of a project, those of the release: another version of it may be locked beside it.
fn add_hashes(requirement: &mut Requirement, hashes: &BTreeMap<ProjectName, Vec<File>>) {
    let Some((name, version)) = requirement.name.as_ref().zip(requirement.version.as_ref()) else {
        return;
    };
    let files = hashes.get(name).into_iter().flatten();
    let is_of_another =
        |file: &str| filename::parse(file, name).is_some_and(|parsed| parsed.version != *version);
    let own = files.filter(|(file, _)| !is_of_another(file));
    requirement.hashes.extend(own.map(|(_, hash)| hash.clone()));
}

fn read_package(
    table: &DeTable<'_>,
    node: &Node<'_>,
    out: &mut Collector<'_>,
) -> Option<Requirement> {
    let mut requirement = entry::read(table, node, out)?;
    if let Some(source) = table.get("source") {
        source::read(source, table, &mut requirement, out)?;
    }
    if requirement.version.is_none() {
        let why = "it has no `version`, so nobody can tell which release it is";
        out.refuse(span(node), why, "");
        return None;
    }
    if let Some(files) = table.get("files") {
        requirement.hashes = files::of_files(files, out);
    }
    requirement.marker = marker(table, out);
    requirement.needs = Some(needs::read(table, out));
    Some(requirement)
}

/// The environments of an entry: one marker, or one for each group that has one.
fn marker(table: &DeTable<'_>, out: &mut Collector<'_>) -> Option<Marker> {
    let node = table.get("markers")?;
    let Some(by_group) = node.get_ref().as_table() else {
        return out
            .parsed_text::<Marker>(node, "`markers`")
            .map(Marker::for_all_parts);
    };
    let groups = table
        .get("groups")
        .and_then(|node| node.get_ref().as_array());
    let mut markers = Vec::new();
    for (_, node) in entries(by_group) {
        markers.push(out.parsed_text::<Marker>(node, "a marker")?.for_all_parts());
    }
    // A group without a marker needs it everywhere.
    let is_everywhere = groups.is_none_or(|groups| groups.len() > markers.len());
    (!is_everywhere).then(|| Marker::any(markers))
}

/// The one group that needs an entry; the project itself, if there is more than one. `category`, which Poetry
/// wrote before 1.5, is `dev` for every group, so it tells none of them.
fn group(table: &DeTable<'_>, out: &mut Collector<'_>) -> Scope {
    let groups = table.get("groups");
    let groups = groups.map_or_else(Vec::new, |node| out.texts(node, "`groups`"));
    match &groups[..] {
        [only] if only.value != MAIN => out
            .parsed(only.value, only.span())
            .map_or(Scope::Main, Scope::Group),
        _ => Scope::Main,
    }
}
