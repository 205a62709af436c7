//! `pylock.toml`: the lock of every tool (PEP 751, now the PyPA specification "pylock.toml").

mod notes;
mod write;

pub use write::write;

use std::collections::BTreeSet;

use pinproof_core::manifest::{Header, LockTool, Need, Origin, Requirement};
use pinproof_core::{ExtraName, Manifest, Marker, ProjectName};
use toml::de::DeTable;

use crate::lock::version::{Known, is_readable};
use crate::lock::{self, MAX_ENTRIES, entry, files};
use crate::pyproject::{Collector, TomlError};
use crate::toml_text::{Document, Node, Text, span};

const KNOWN: Known = Known {
    name: "pylock.toml",
    major: 1,
    minors: 0..=0,
};

/// Whether a file of that name is a lock by PEP 751: `pylock.toml` or `pylock.NAME.toml`.
pub fn is_name(name: &str) -> bool {
    let rest = name.strip_prefix("pylock.");
    rest.is_some_and(|rest| rest == "toml" || rest.strip_suffix(".toml").is_some())
}

/// Reads a `pylock.toml`; an error is a text that is no TOML.
pub fn parse(text: &str) -> Result<Manifest, TomlError> {
    let document = Document::parse(text)?;
    let mut out = Collector::new(text);
    if is_readable(document.root.get("lock-version"), &KNOWN, &mut out) {
        read(&document.root, &mut out);
    }
    let mut manifest = lock::finish(&document, out, &[]);
    notes::mark_needs(&mut manifest);
    Ok(manifest)
}

fn read(root: &DeTable<'_>, out: &mut Collector<'_>) {
    out.manifest.header = Some(Header {
        tool: root.get("created-by").and_then(|node| tool(node, out)),
        inputs: vec!["pyproject.toml".to_owned()],
        universal: true,
        ..Header::default()
    });
    notes::read_head(root, out);
    if let Some(node) = root.get("requires-python") {
        out.manifest.requires_python = out.parsed_text(node, "`requires-python`");
    }
    let Some(packages) = root.get("packages") else {
        let why = "a lock has `packages`, and this one has none";
        return out.refuse(pinproof_core::Span::new(0, 0), why, "");
    };
    for (at, node) in out.items(packages, "`packages`").iter().enumerate() {
        if at == MAX_ENTRIES {
            let why = format!("more than {MAX_ENTRIES} entries are not read");
            return out.refuse(span(node), &why, "");
        }
        if let Some(table) = out.table(node, "an entry of `packages`")
            && let Some(requirement) = read_package(table, node, out)
        {
            out.manifest.requirements.push(requirement);
        }
    }
}

fn tool(node: &Node<'_>, out: &mut Collector<'_>) -> Option<LockTool> {
    Some(match out.text(node, "`created-by`")?.value {
        "pip" => LockTool::Pip,
        "uv" => LockTool::Uv,
        "pdm" => LockTool::Pdm,
        "poetry" | "poetry-plugin-export" => LockTool::Poetry,
        "pinproof" => LockTool::Pinproof,
        _ => return None,
    })
}

fn read_package(
    table: &DeTable<'_>,
    node: &Node<'_>,
    out: &mut Collector<'_>,
) -> Option<Requirement> {
    let mut requirement = entry::read(table, node, out)?;
    if let Some(marker) = table.get("marker") {
        let marker: Marker = out.parsed_text(marker, "`marker`")?;
        requirement.marker = Some(marker.for_all_parts());
    }
    if let Some(dependencies) = table.get("dependencies") {
        requirement.needs = Some(read_needs(dependencies, out));
    }
    notes::read_entry(table, &mut requirement, out);
    read_source(table, node, &mut requirement, out).then_some(requirement)
}

/// The entries that an entry needs are told by any of their keys that tells them apart; the name is always
/// one of them. They carry no markers of their own.
fn read_needs(node: &Node<'_>, out: &mut Collector<'_>) -> Vec<Need> {
    let mut names = BTreeSet::new();
    for item in out.items(node, "`dependencies`") {
        let Some(table) = out.table(item, "a dependency") else {
            continue;
        };
        match table.get("name") {
            Some(name) => names.extend(out.parsed_text::<ProjectName>(name, "`name`")),
            None => out.refuse(
                span(item),
                "a dependency has a `name`, and this one has none",
                "",
            ),
        }
    }
    let need = |name| Need {
        name,
        extras: Vec::<ExtraName>::new(),
        marker: None,
        with_extra: None,
    };
    names.into_iter().map(need).collect()
}

/// Where an entry is from: exactly one kind of source; false where that is not understood.
fn read_source(
    table: &DeTable<'_>,
    node: &Node<'_>,
    requirement: &mut Requirement,
    out: &mut Collector<'_>,
) -> bool {
    let has_files = table.contains_key("wheels") || table.contains_key("sdist");
    let kinds = ["vcs", "directory", "archive"];
    let mut kinds = kinds
        .into_iter()
        .filter_map(|kind| Some((kind, table.get(kind)?)));
    match (kinds.next(), kinds.next(), has_files) {
        (None, None, true) => return read_files(table, node, requirement, out),
        (Some((kind, source)), None, false) => {
            let what = format!("`{kind}`");
            let Some(source_table) = out.table(source, &what) else {
                return false;
            };
            requirement.span = requirement.span.cover(span(source));
            let origin = match kind {
                "vcs" => vcs(source_table, source, out),
                "directory" => directory(source_table, source, requirement, out),
                _ => archive(source_table, source, requirement, out),
            };
            if let Some((origin, place)) = origin {
                requirement.origin = origin;
                requirement.origin_span = place;
                return true;
            }
            return false;
        }
        _ => {}
    }
    let why =
        "an entry is from exactly one of `vcs`, `directory`, `archive`, and `wheels` with `sdist`";
    out.refuse(span(node), why, "");
    false
}

type Source = (Origin, pinproof_core::Span);

fn vcs(table: &DeTable<'_>, node: &Node<'_>, out: &mut Collector<'_>) -> Option<Source> {
    let Some(kind) = files::string(table, "type", out) else {
        out.refuse(
            span(node),
            "a repository has a `type`, and this one has none",
            "",
        );
        return None;
    };
    let Some(commit) = files::string(table, "commit-id", out) else {
        out.refuse(
            span(node),
            "a repository has a `commit-id`, and this one has none",
            "",
        );
        return None;
    };
    let commit_id = Some(commit.value.to_owned());
    if let Some(url) = files::string(table, "url", out) {
        let address = format!("{}+{}", kind.value, url.value);
        return Some((entry::repository(&address, commit_id), url.span()));
    }
    let path = path(table, node, out)?;
    Some((Origin::Path(path.value.to_owned()), path.span()))
}

fn path<'a>(table: &'a DeTable<'_>, node: &Node<'_>, out: &mut Collector<'_>) -> Option<Text<'a>> {
    let path = files::string(table, "path", out);
    if path.is_none() {
        out.refuse(span(node), "it has neither `url` nor `path`", "");
    }
    path
}

fn directory(
    table: &DeTable<'_>,
    node: &Node<'_>,
    requirement: &mut Requirement,
    out: &mut Collector<'_>,
) -> Option<Source> {
    if let Some(editable) = table.get("editable") {
        requirement.editable = out.flag(editable, "`editable`")?;
    }
    let path = path(table, node, out)?;
    Some((Origin::Path(path.value.to_owned()), path.span()))
}

fn archive(
    table: &DeTable<'_>,
    node: &Node<'_>,
    requirement: &mut Requirement,
    out: &mut Collector<'_>,
) -> Option<Source> {
    requirement.hashes = read_hashes(table, node, out);
    if let Some(url) = files::string(table, "url", out) {
        return Some((entry::file(url.value), url.span()));
    }
    let path = path(table, node, out)?;
    Some((Origin::Path(path.value.to_owned()), path.span()))
}

/// The distributions of a release: from an index, as it says or as the installer is set up.
fn read_files(
    table: &DeTable<'_>,
    node: &Node<'_>,
    requirement: &mut Requirement,
    out: &mut Collector<'_>,
) -> bool {
    if requirement.version.is_none() {
        let why = "it has no `version`, so nobody can tell which release it is";
        out.refuse(span(node), why, "");
        return false;
    }
    if let Some(index) = files::string(table, "index", out)
        && !entry::from_index(requirement, index.value, index.span(), &mut out.manifest)
    {
        out.refuse(index.span(), "the `index` is no address", "");
        return false;
    }
    let wheels = table.get("wheels");
    let wheels = wheels.map_or(&[][..], |node| out.items(node, "`wheels`"));
    for file in wheels.iter().chain(table.get("sdist")) {
        if let Some(table) = out.table(file, "a file") {
            let hashes = read_hashes(table, file, out);
            requirement.hashes.extend(hashes);
        }
    }
    true
}

fn read_hashes(
    table: &DeTable<'_>,
    node: &Node<'_>,
    out: &mut Collector<'_>,
) -> Vec<pinproof_core::manifest::WrittenHash> {
    if let Some(hashes) = table.get("hashes") {
        return files::table(hashes, out);
    }
    let help = "lock again with a tool that writes hashes";
    out.refuse(span(node), files::NO_HASH, help);
    Vec::new()
}
