//! `uv.lock`: every release that any part of a project needs, in any environment that it is for.
//!
//! Read is version 1 of the format. Its revisions add keys that an older reader may pass over; the newest one
//! that is known here is [`REVISIONS`]. The members of the workspace are no entries: they are what was locked,
//! so their dependencies are the tops of the graph.

mod needs;
mod noted;
mod source;

use std::collections::BTreeSet;

use pinproof_core::manifest::{Header, LockTool, MadeFrom, Requirement, Scope};
use pinproof_core::{Manifest, Marker, ProjectName};
use toml::de::DeTable;

use crate::lock::graph::Root;
use crate::lock::version::{Known, is_readable};
use crate::lock::{self, MAX_ENTRIES, entry};
use crate::pyproject::{Collector, TomlError};
use crate::toml_text::{Document, Node, span, table_at};
use source::Source;

const KNOWN: Known = Known {
    name: "uv.lock",
    major: 1,
    minors: 0..=0,
};

/// The newest revision that is known: uv 0.13 writes it.
const REVISIONS: i64 = 5;

/// Reads a `uv.lock`; an error is a text that is no TOML.
pub fn parse(text: &str) -> Result<Manifest, TomlError> {
    let document = Document::parse(text)?;
    let mut out = Collector::new(text);
    let mut roots = Vec::new();
    if is_readable(document.root.get("version"), &KNOWN, &mut out) {
        check_revision(&document.root, &mut out);
        roots = read(&document.root, &mut out);
    }
    Ok(lock::finish(&document, out, &roots))
}

fn check_revision(root: &DeTable<'_>, out: &mut Collector<'_>) {
    let Some(node) = root.get("revision") else {
        return;
    };
    let number = node.get_ref().as_integer();
    let number = number.and_then(|number| number.as_str().parse::<i64>().ok());
    if !number.is_some_and(|number| (0..=REVISIONS).contains(&number)) {
        let why = format!("a revision of `uv.lock` after {REVISIONS} is not known here");
        out.refuse(
            span(node),
            &why,
            "look for a newer pinproof, or lock again with an older uv",
        );
    }
}

fn read(root: &DeTable<'_>, out: &mut Collector<'_>) -> Vec<Root> {
    let mut header = Header {
        tool: Some(LockTool::Uv),
        universal: true,
        ..Header::default()
    };
    if let Some(node) = root.get("requires-python") {
        out.manifest.requires_python = out.parsed_text(node, "`requires-python`");
    }
    let members = Members::read(root, out);
    let mut roots = Vec::new();
    let mut noted = Vec::new();
    let packages = root.get("package");
    let packages = packages.map_or(&[][..], |node| out.items(node, "`package`"));
    for (at, node) in packages.iter().enumerate() {
        if at == MAX_ENTRIES {
            let why = format!("more than {MAX_ENTRIES} entries are not read");
            out.refuse(span(node), &why, "");
            break;
        }
        let Some(table) = out.table(node, "an entry of `package`") else {
            continue;
        };
        let Some(package) = read_package(table, node, &members, out) else {
            continue;
        };
        match package {
            Package::Member { name, folder } => {
                let input = input(&folder);
                let limits = table_at(root, &["manifest"]).filter(|_| input == ROOT);
                noted.push(noted::read(table, (&input, span(node)), limits, out));
                header.inputs.push(input);
                roots.extend(needs::of_member(table, &name, out));
            }
            Package::Entry(requirement) => out.manifest.requirements.push(*requirement),
        }
    }
    read_manifest(root, &mut roots, out);
    out.manifest.header = Some(header);
    out.manifest.made_from = Some(MadeFrom::Requirements(noted));
    roots
}

/// The project beside the lock.
const ROOT: &str = "pyproject.toml";

/// The `pyproject.toml` of a member, as a path from the folder of the lock.
fn input(folder: &str) -> String {
    match folder {
        "." | "" => ROOT.to_owned(),
        _ => format!("{folder}/pyproject.toml"),
    }
}

/// The projects that were locked.
struct Members(BTreeSet<ProjectName>);

impl Members {
    /// uv names them wherever there is a workspace; otherwise there is one, and the lock stands in its folder.
    fn read(root: &DeTable<'_>, out: &mut Collector<'_>) -> Self {
        let manifest = table_at(root, &["manifest"]);
        let Some(node) = manifest.and_then(|table| table.get("members")) else {
            return Self(BTreeSet::new());
        };
        let texts = out.texts(node, "`members`");
        let names = texts.iter();
        Self(
            names
                .filter_map(|text| out.parsed(text.value, text.span()))
                .collect(),
        )
    }

    fn contains(&self, name: &ProjectName, folder: &str) -> bool {
        if self.0.is_empty() {
            folder == "."
        } else {
            self.0.contains(name)
        }
    }
}

/// What the lock of a script, or a workspace without a project, asks for itself.
fn read_manifest(root: &DeTable<'_>, roots: &mut Vec<Root>, out: &mut Collector<'_>) {
    let manifest = table_at(root, &["manifest"]);
    let Some(node) = manifest.and_then(|table| table.get("requirements")) else {
        return;
    };
    // A script has no name; nothing is noted as needed by it.
    for need in needs::read(node, None, out) {
        let project = need.name.clone();
        roots.push(Root {
            scope: Scope::Main,
            project,
            needs: vec![need],
        });
    }
}

/// An entry of the lock, or a part of the project itself.
enum Package {
    Entry(Box<Requirement>),
    Member { name: ProjectName, folder: String },
}

fn read_package(
    table: &DeTable<'_>,
    node: &Node<'_>,
    members: &Members,
    out: &mut Collector<'_>,
) -> Option<Package> {
    let mut requirement = entry::read(table, node, out)?;
    let source = source::read(table, node, &mut requirement, out)?;
    if let (Source::Folder(folder), Some(name)) = (&source, &requirement.name)
        && members.contains(name, folder)
    {
        return Some(Package::Member {
            name: name.clone(),
            folder: folder.clone(),
        });
    }
    if matches!(source, Source::Index) && requirement.version.is_none() {
        let why = "it has no `version`, so nobody can tell which release it is";
        out.refuse(span(node), why, "");
        return None;
    }
    let wheels = table.get("wheels");
    let wheels = wheels.map_or(&[][..], |node| out.items(node, "`wheels`"));
    for file in wheels.iter().chain(table.get("sdist")) {
        source::read_file(file, &source, &mut requirement, out);
    }
    requirement.marker = forks(table, out);
    requirement.needs = Some(needs::of_entry(table, out));
    Some(Package::Entry(Box::new(requirement)))
}

/// The environments that an entry was resolved for, if others got another version.
fn forks(table: &DeTable<'_>, out: &mut Collector<'_>) -> Option<Marker> {
    let texts = out.texts(table.get("resolution-markers")?, "`resolution-markers`");
    let texts = texts.iter();
    let markers: Vec<Marker> = texts
        .filter_map(|text| out.parsed::<Marker>(text.value, text.span()))
        .map(Marker::for_all_parts)
        .collect();
    (!markers.is_empty()).then(|| Marker::any(markers))
}
