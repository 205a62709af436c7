//! `pdm.lock`: every release that any group of a project needs.
//!
//! Known are the formats 4.0 to 4.2 (hashes in one table) and 4.3 to 4.5 (hashes with each entry, groups with
//! the strategy `inherit_metadata`). An entry of a project with extras is an entry of its own; both are one
//! requirement here. Extras and groups of the project stand among each other in the groups of an entry, so
//! which of them it is stays open.

use std::collections::BTreeMap;

use pinproof_core::manifest::{
    ContentDigest, Header, LockTool, MadeFrom, Need, Origin, Requirement, Scope, WrittenHash,
};
use pinproof_core::requirement::Pep508;
use pinproof_core::{ExtraName, Manifest, Marker, ProjectName, Version};
use toml::de::DeTable;

use crate::lock::version::{Known, is_readable};
use crate::lock::{self, MAX_ENTRIES, entry, files};
use crate::pyproject::{Collector, TomlError};
use crate::toml_text::{Document, Node, entries, span, table_at};

const KNOWN: Known = Known {
    name: "pdm.lock",
    major: 4,
    minors: 0..=5,
};

/// The group of what the project itself needs.
const DEFAULT: &str = "default";

/// Reads a `pdm.lock`; an error is a text that is no TOML.
pub fn parse(text: &str) -> Result<Manifest, TomlError> {
    let document = Document::parse(text)?;
    let mut out = Collector::new(text);
    let metadata = table_at(&document.root, &["metadata"]);
    let version = metadata.and_then(|table| table.get("lock_version"));
    if is_readable(version, &KNOWN, &mut out) {
        read(&document.root, &mut out);
    }
    Ok(lock::finish(&document, out, &[]))
}

fn read(root: &DeTable<'_>, out: &mut Collector<'_>) {
    out.manifest.header = Some(Header {
        tool: Some(LockTool::Pdm),
        inputs: vec!["pyproject.toml".to_owned()],
        universal: true,
        ..Header::default()
    });
    read_digest(root, out);
    read_target(root, out);
    let hashes = hashes(root, out);
    // The place of each entry, by what tells one from another.
    let mut known: BTreeMap<(Option<ProjectName>, Option<Version>, String), usize> =
        BTreeMap::new();
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
        let Some(mut requirement) = read_package(table, node, out) else {
            continue;
        };
        if !table.contains_key("files") {
            let key = requirement.name.clone().zip(requirement.version.clone());
            let of_release = key.and_then(|key| hashes.get(&key));
            requirement.hashes = of_release.cloned().unwrap_or_default();
        }
        let place = out.manifest.requirements.len();
        let source = format!("{:?}{:?}", requirement.origin, requirement.marker);
        let key = (
            requirement.name.clone(),
            requirement.version.clone(),
            source,
        );
        let first = known.get(&key).copied();
        if let Some(first) = first.and_then(|at| out.manifest.requirements.get_mut(at)) {
            add_extras(first, requirement);
        } else {
            known.insert(key, place);
            out.manifest.requirements.push(requirement);
        }
    }
}

/// The digest of the project. A lock that notes its inputs one by one (`lock_inputs`) is not held to it.
fn read_digest(root: &DeTable<'_>, out: &mut Collector<'_>) {
    let Some(metadata) = table_at(root, &["metadata"]) else {
        return;
    };
    if metadata.contains_key("lock_inputs") {
        return;
    }
    let digest = files::string(metadata, "content_hash", out);
    let digits = digest.and_then(|text| Some((text, text.value.strip_prefix("sha256:")?)));
    if let Some((text, digits)) = digits {
        out.manifest.made_from = Some(MadeFrom::Digest(ContentDigest {
            digits: digits.to_owned(),
            written_by: None,
            span: text.span(),
        }));
    }
}

/// The Pythons that it is for, if they are the same on every platform.
fn read_target(root: &DeTable<'_>, out: &mut Collector<'_>) {
    let targets = table_at(root, &["metadata"]).and_then(|it| it.get("targets"));
    let targets = targets.map_or(&[][..], |node| out.items(node, "`targets`"));
    if let [only] = targets
        && let Some(target) = out.table(only, "a target")
        && let Some(node) = target.get("requires_python")
    {
        out.manifest.requires_python = out.parsed_text(node, "`requires_python`");
    }
}

/// `[metadata.files]` of the formats before 4.3, by project and version: `"flask 3.1.3" = […]`.
fn hashes(
    root: &DeTable<'_>,
    out: &mut Collector<'_>,
) -> BTreeMap<(ProjectName, Version), Vec<WrittenHash>> {
    let mut hashes = BTreeMap::new();
    let table = table_at(root, &["metadata", "files"]);
    for (key, node) in table.map(entries).unwrap_or_default() {
        let written = key.get_ref();
        let Some((name, version)) = written.split_once(' ') else {
            out.refuse(
                span(key),
                "the files of a release stand under its name and version",
                "",
            );
            continue;
        };
        let name = out.parsed::<ProjectName>(name, span(key));
        let version = out.parsed::<Version>(version, span(key));
        if let Some(release) = name.zip(version) {
            hashes.insert(release, files::of_files(node, out));
        }
    }
    hashes
}

/// An entry of the same release, for extras of it.
fn add_extras(first: &mut Requirement, more: Requirement) {
    first.extras.extend(more.extras);
    if first.scope != more.scope {
        first.scope = Scope::Main;
    }
    let known: Vec<_> = first.hashes.iter().map(|one| one.hash.clone()).collect();
    let new = more.hashes.into_iter();
    first
        .hashes
        .extend(new.filter(|one| !known.contains(&one.hash)));
    let name = first.name.as_ref();
    let needs = more.needs.into_iter().flatten();
    let others = needs.filter(|need| Some(&need.name) != name);
    first.needs.get_or_insert_default().extend(others);
}

fn read_package(
    table: &DeTable<'_>,
    node: &Node<'_>,
    out: &mut Collector<'_>,
) -> Option<Requirement> {
    let mut requirement = entry::read(table, node, out)?;
    read_source(table, &mut requirement, out)?;
    if matches!(requirement.origin, Origin::Index(_)) && requirement.version.is_none() {
        let why = "it has no `version`, so nobody can tell which release it is";
        out.refuse(span(node), why, "");
        return None;
    }
    if let Some(files) = table.get("files") {
        requirement.hashes = files::of_files(files, out);
    }
    if let Some(extras) = table.get("extras") {
        let texts = out.texts(extras, "`extras`");
        let texts = texts.iter();
        requirement.extras = texts
            .filter_map(|text| out.parsed::<ExtraName>(text.value, text.span()))
            .collect();
    }
    if let Some(marker) = table.get("marker") {
        let marker: Marker = out.parsed_text(marker, "`marker`")?;
        requirement.marker = Some(marker.for_all_parts());
    }
    requirement.scope = scope(table, out);
    requirement.needs = Some(needs(table, &requirement.extras, out));
    Some(requirement)
}

/// The one part of the project that needs an entry; the project itself, if there is more than one.
fn scope(table: &DeTable<'_>, out: &mut Collector<'_>) -> Scope {
    let groups = table.get("groups");
    let groups = groups.map_or_else(Vec::new, |node| out.texts(node, "`groups`"));
    match &groups[..] {
        [only] if only.value != DEFAULT => out
            .parsed(only.value, only.span())
            .map_or(Scope::Main, Scope::ExtraOrGroup),
        _ => Scope::Main,
    }
}

/// Where an entry is from, if it is not from an index; `None` if that is not understood.
fn read_source(
    table: &DeTable<'_>,
    requirement: &mut Requirement,
    out: &mut Collector<'_>,
) -> Option<()> {
    for kind in ["git", "hg", "svn", "bzr"] {
        if let Some(text) = files::string(table, kind, out) {
            let commit = files::string(table, "revision", out);
            let commit = commit.map(|text| text.value.to_owned());
            requirement.origin = entry::repository(&format!("{kind}+{}", text.value), commit);
            requirement.origin_span = text.span();
        }
    }
    if let Some(text) = files::string(table, "url", out) {
        requirement.origin = entry::file(text.value);
        requirement.origin_span = text.span();
    }
    if let Some(text) = files::string(table, "path", out) {
        // An address may have credentials, which a path is not searched for.
        if text.value.contains("://") {
            out.refuse(
                text.span(),
                "a path is expected here, and this is an address",
                "",
            );
            return None;
        }
        requirement.origin = Origin::Path(text.value.to_owned());
        requirement.origin_span = text.span();
    }
    let editable = table.get("editable");
    requirement.editable = editable.and_then(|node| out.flag(node, "`editable`")) == Some(true);
    Some(())
}

/// The edges, each a requirement by PEP 508. Old releases of PDM also wrote those of extras that the entry is not
/// for: they lead nowhere.
fn needs(table: &DeTable<'_>, extras: &[ExtraName], out: &mut Collector<'_>) -> Vec<Need> {
    let Some(node) = table.get("dependencies") else {
        return Vec::new();
    };
    let texts = out.texts(node, "`dependencies`");
    let texts = texts.iter();
    let read = texts.filter_map(|text| {
        let read: Pep508 = out.parsed(text.value, text.span())?;
        Some(Need {
            name: read.name,
            extras: read.extras,
            marker: read.marker,
            with_extra: None,
        })
    });
    let is_of_entry = |need: &Need| {
        let marker = need.marker.as_ref();
        marker.is_none_or(|marker| marker.possible(extras))
    };
    read.filter(is_of_entry).collect()
}
