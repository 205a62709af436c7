//! The edges of a `uv.lock`: what an entry, or a part of the project, needs.

use pinproof_core::manifest::{Need, Scope};
use pinproof_core::{ExtraName, Marker, ProjectName};
use toml::de::DeTable;

use crate::lock::graph::Root;
use crate::pyproject::Collector;
use crate::toml_text::{Node, entries, span};

/// What an entry needs, for itself and for each of its extras.
pub(super) fn of_entry(table: &DeTable<'_>, out: &mut Collector<'_>) -> Vec<Need> {
    let mut needs = table
        .get("dependencies")
        .map_or_else(Vec::new, |node| read(node, None, out));
    for (extra, node) in parts(table, "optional-dependencies", out) {
        needs.extend(read(node, Some(&extra), out));
    }
    needs
}

/// What the parts of a project need that was locked: itself, its extras, its groups.
pub(super) fn of_member(
    table: &DeTable<'_>,
    project: &ProjectName,
    out: &mut Collector<'_>,
) -> Vec<Root> {
    let root = |scope, needs| Root {
        scope,
        project: project.clone(),
        needs,
    };
    let mut roots = Vec::new();
    if let Some(node) = table.get("dependencies") {
        roots.push(root(Scope::Main, read(node, None, out)));
    }
    for (extra, node) in parts(table, "optional-dependencies", out) {
        roots.push(root(Scope::Extra(extra), read(node, None, out)));
    }
    for (group, node) in parts(table, "dev-dependencies", out) {
        roots.push(root(Scope::Group(group), read(node, None, out)));
    }
    roots
}

/// The arrays of a table, by the names of extras or groups.
fn parts<'a, 't>(
    table: &'a DeTable<'t>,
    key: &str,
    out: &mut Collector<'_>,
) -> Vec<(ExtraName, &'a Node<'t>)> {
    let Some(node) = table.get(key) else {
        return Vec::new();
    };
    let Some(table) = out.table(node, &format!("`{key}`")) else {
        return Vec::new();
    };
    let parts = entries(table).into_iter();
    parts
        .filter_map(|(key, node)| Some((out.parsed(key.get_ref(), span(key))?, node)))
        .collect()
}

/// The dependencies of an array of tables with `name`, `extra` and `marker`.
pub(super) fn read(
    node: &Node<'_>,
    with_extra: Option<&ExtraName>,
    out: &mut Collector<'_>,
) -> Vec<Need> {
    let mut needs = Vec::new();
    for item in out.items(node, "dependencies") {
        let Some(table) = out.table(item, "a dependency") else {
            continue;
        };
        let Some(name) = table.get("name") else {
            out.refuse(
                span(item),
                "a dependency has a `name`, and this one has none",
                "",
            );
            continue;
        };
        let Some(name) = out.parsed_text(name, "`name`") else {
            continue;
        };
        let extras = table.get("extra").or_else(|| table.get("extras"));
        let extras = extras.map_or_else(Vec::new, |node| out.texts(node, "`extra`"));
        let extras = extras.iter();
        let extras = extras.filter_map(|text| out.parsed(text.value, text.span()));
        let extras: Vec<ExtraName> = extras.collect();
        let marker = table.get("marker");
        // uv writes extras that exclude each other as `extra` in markers: which one is installed is not known.
        let marker = marker.and_then(|node| out.parsed_text::<Marker>(node, "`marker`"));
        needs.push(Need {
            name,
            extras,
            marker: marker.map(Marker::for_all_parts),
            with_extra: with_extra.cloned(),
        });
    }
    needs
}
