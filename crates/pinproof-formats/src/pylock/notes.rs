//! What pinproof notes in a `pylock.toml` of its own beyond the specification: `[tool.pinproof]`, and
//! `tool.pinproof` of an entry.

use std::collections::HashMap;

use pinproof_core::lock::LockInput;
use pinproof_core::manifest::{LockTool, Manifest, Requirement, Via};
use pinproof_core::{ExtraName, Hash, HashAlgorithm, Marker, ProjectName};
use toml::de::DeTable;

use crate::lock::files;
use crate::pyproject::Collector;
use crate::toml_text::span;

/// The key under `tool`.
pub(super) const NAME: &str = "pinproof";

/// Reads the inputs and the environments of a lock of pinproof into its head.
pub(super) fn read_head(root: &DeTable<'_>, out: &mut Collector<'_>) {
    if !is_ours(out) {
        return;
    }
    let environments = root.get("environments");
    let environments = environments.map_or(Vec::new(), |node| out.texts(node, "`environments`"));
    let environments: Vec<_> = environments.iter().map(|t| t.value.to_owned()).collect();
    let inputs = own_table(root, out).and_then(|own| own.get("inputs"));
    let inputs: Vec<LockInput> = inputs.map_or(Vec::new(), |node| {
        let items = out.items(node, "`inputs`").iter();
        items.filter_map(|item| read_input(item, out)).collect()
    });
    let Some(header) = &mut out.manifest.header else {
        return;
    };
    header.environments = environments;
    if !inputs.is_empty() {
        header.inputs = inputs.iter().map(|input| input.path.clone()).collect();
        header.input_digests = inputs;
    }
}

fn read_input(item: &crate::toml_text::Node<'_>, out: &mut Collector<'_>) -> Option<LockInput> {
    let table = out.table(item, "an input")?;
    let path = files::string(table, "path", out);
    let sha256 = files::string(table, "sha256", out);
    let (Some(path), Some(sha256)) = (path, sha256) else {
        let why = "an input has a `path` and a `sha256`, and this one has not";
        out.refuse(span(item), why, "");
        return None;
    };
    match Hash::new(HashAlgorithm::Sha256, sha256.value) {
        Ok(hash) => Some(LockInput {
            path: path.value.to_owned(),
            sha256: hash.digest().to_owned(),
        }),
        Err(error) => {
            out.refuse(sha256.span(), &error.to_string(), "");
            None
        }
    }
}

/// Reads which inputs ask for an entry of a lock of pinproof, and the extras that are asked for.
pub(super) fn read_entry(
    table: &DeTable<'_>,
    requirement: &mut Requirement,
    out: &mut Collector<'_>,
) {
    if !is_ours(out) {
        return;
    }
    let Some(own) = own_table(table, out) else {
        return;
    };
    if let Some(node) = own.get("via") {
        let via = out.texts(node, "`via`").into_iter();
        requirement.via = via.map(|text| Via::Input(text.value.to_owned())).collect();
    }
    if let Some(node) = own.get("extras") {
        for text in out.texts(node, "`extras`") {
            let extra: Option<ExtraName> = out.parsed(text.value, text.span());
            requirement.extras.extend(extra);
        }
    }
}

/// How much text of markers is repeated with needs at most; real locks have far less.
const MAX_REPEATED: usize = 4_000_000;

/// Says with every need of a lock of pinproof where it is one: where the entries are that it leads to. In the
/// format, a dependency has no marker of its own.
///
/// A need that is left without a marker is looked at for an environment too many.
pub(super) fn mark_needs(manifest: &mut Manifest) {
    if !is_made_here(manifest) {
        return;
    }
    let mut places: HashMap<ProjectName, Option<Vec<Marker>>> = HashMap::new();
    for requirement in &manifest.requirements {
        if let Some(name) = &requirement.name {
            let place = places
                .entry(name.clone())
                .or_insert_with(|| Some(Vec::new()));
            match (place.as_mut(), &requirement.marker) {
                (Some(markers), Some(marker)) => markers.push(marker.clone()),
                _ => *place = None,
            }
        }
    }
    let limited = places.into_iter().filter_map(|(name, markers)| {
        let marker = Marker::any(markers?);
        Some((name, (marker.to_string().len(), marker)))
    });
    let limited: HashMap<ProjectName, (usize, Marker)> = limited.collect();
    let mut left = MAX_REPEATED;
    let needs = manifest
        .requirements
        .iter_mut()
        .flat_map(|requirement| &mut requirement.needs);
    for need in needs.flatten() {
        if let Some((length, marker)) = limited.get(&need.name)
            && *length <= left
        {
            left -= length;
            need.marker = Some(marker.clone());
        }
    }
}

fn is_ours(out: &Collector<'_>) -> bool {
    is_made_here(&out.manifest)
}

fn is_made_here(manifest: &Manifest) -> bool {
    let header = manifest.header.as_ref();
    header.is_some_and(|header| header.tool == Some(LockTool::Pinproof))
}

fn own_table<'a, 't>(table: &'a DeTable<'t>, out: &mut Collector<'_>) -> Option<&'a DeTable<'t>> {
    let tool = out.table(table.get("tool")?, "`tool`")?;
    out.table(tool.get(NAME)?, "`tool.pinproof`")
}
