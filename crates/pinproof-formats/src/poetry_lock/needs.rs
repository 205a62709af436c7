//! The edges of a `poetry.lock`: what an entry needs, and for which of its extras.

use pinproof_core::manifest::Need;
use pinproof_core::{ExtraName, Marker, ProjectName};
use toml::de::DeTable;

use crate::pyproject::Collector;
use crate::toml_text::{Node, entries, span};

/// Reads `[package.dependencies]`; optional ones belong to the extras that list them.
pub(super) fn read(package: &DeTable<'_>, out: &mut Collector<'_>) -> Vec<Need> {
    let mut needs = Vec::new();
    let table = package
        .get("dependencies")
        .and_then(|node| out.table(node, "`dependencies`"));
    for (key, node) in table.map(entries).unwrap_or_default() {
        let Some(name) = out.parsed::<ProjectName>(key.get_ref(), span(key)) else {
            continue;
        };
        // One for each environment with other versions.
        let list = node.get_ref().as_array();
        for item in list.map_or(std::slice::from_ref(node), |list| list) {
            needs.extend(read_one(&name, item, package, out));
        }
    }
    needs
}

/// A project, whatever version of it.
pub(super) fn plain(name: ProjectName) -> Need {
    Need {
        name,
        extras: Vec::new(),
        marker: None,
        with_extra: None,
    }
}

fn read_one(
    name: &ProjectName,
    node: &Node<'_>,
    package: &DeTable<'_>,
    out: &mut Collector<'_>,
) -> Vec<Need> {
    let plain = plain(name.clone());
    if node.get_ref().is_str() {
        return vec![plain];
    }
    let Some(table) = out.table(node, "a dependency") else {
        return Vec::new();
    };
    let marker = table.get("markers");
    let marker = marker.and_then(|node| out.parsed_text::<Marker>(node, "`markers`"));
    let extras = table.get("extras");
    let extras = extras.map_or_else(Vec::new, |node| out.texts(node, "`extras`"));
    let extras = extras.iter();
    let extras: Vec<ExtraName> = extras
        .filter_map(|text| out.parsed(text.value, text.span()))
        .collect();
    let is_optional = table
        .get("optional")
        .and_then(|node| node.get_ref().as_bool())
        == Some(true);
    let need = Need {
        extras,
        marker,
        ..plain
    };
    let says_extra = need.marker.as_ref().is_some_and(Marker::mentions_extra);
    if !is_optional || says_extra {
        return vec![need];
    }
    let with = |extra| Need {
        with_extra: Some(extra),
        ..need.clone()
    };
    extras_with(name, package).into_iter().map(with).collect()
}

/// The extras of an entry that list a project: `socks = ["PySocks (>=1.5.6)"]`.
fn extras_with(name: &ProjectName, package: &DeTable<'_>) -> Vec<ExtraName> {
    let extras = package
        .get("extras")
        .and_then(|node| node.get_ref().as_table());
    let mut found = Vec::new();
    for (key, node) in extras.map(entries).unwrap_or_default() {
        let list = node.get_ref().as_array().map_or(&[][..], |list| list);
        let mut texts = list.iter().filter_map(|item| item.get_ref().as_str());
        let is_it = |text: &str| {
            let end = text.find(|c: char| !(c.is_alphanumeric() || "-_.".contains(c)));
            let written = &text[..end.unwrap_or(text.len())];
            written.parse().as_ref() == Ok(name)
        };
        if texts.any(is_it) {
            found.extend(key.get_ref().parse::<ExtraName>());
        }
    }
    found
}
