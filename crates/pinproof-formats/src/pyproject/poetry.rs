//! Poetry's own tables: `[tool.poetry]` with its dependencies, groups, extras and sources.
//!
//! Where `[project]` has dependencies, Poetry takes from its own table only where they come from.

use std::collections::BTreeMap;

use pinproof_core::manifest::Scope;
use pinproof_core::{ExtraName, ProjectName};
use toml::de::DeTable;

use super::collector::Collector;
use super::{poetry_requirement, poetry_source};
use crate::poetry_constraint;
use crate::toml_text::{Key, Node, entries, span, table_at};

/// The extras that ask for each optional project.
type Extras = BTreeMap<ProjectName, Vec<ExtraName>>;

/// Reads `[tool.poetry]`, if there is one.
pub(super) fn read(root: &DeTable<'_>, out: &mut Collector<'_>) {
    let Some(poetry) = table_at(root, &["tool", "poetry"]) else {
        return;
    };
    poetry_source::read(poetry, out);
    let has_main =
        table_at(root, &["project"]).is_some_and(|project| project.contains_key("dependencies"));
    let extras = read_extras(poetry, out);
    if let Some(node) = poetry.get("dependencies") {
        let scope_of = |name: &ProjectName| match extras.get(name).map(Vec::as_slice) {
            Some([only]) => Scope::Extra(only.clone()),
            _ => Scope::Main,
        };
        read_table(node, &scope_of, has_main, out);
    }
    if let Some((key, node)) = poetry.get_key_value("dev-dependencies")
        && let Some(scope) = group(key, "dev", out)
    {
        read_table(node, &|_| scope.clone(), false, out);
    }
    let groups = poetry.get("group");
    let groups = groups.and_then(|node| out.table(node, "`group`"));
    for (key, node) in groups.map(entries).unwrap_or_default() {
        let table = out.table(node, "a group");
        let Some(scope) = group(key, key.get_ref(), out) else {
            continue;
        };
        if let Some(node) = table.and_then(|table| table.get("dependencies")) {
            read_table(node, &|_| scope.clone(), false, out);
        }
    }
}

fn group(key: &Key<'_>, name: &str, out: &mut Collector<'_>) -> Option<Scope> {
    let scope = Scope::Group(out.parsed(name, span(key))?);
    out.ensure_declared(&scope, span(key));
    Some(scope)
}

fn read_extras(poetry: &DeTable<'_>, out: &mut Collector<'_>) -> Extras {
    let mut extras = Extras::new();
    let table = poetry.get("extras");
    let table = table.and_then(|node| out.table(node, "`extras`"));
    for (key, node) in table.map(entries).unwrap_or_default() {
        let Some(extra) = out.parsed::<ExtraName>(key.get_ref(), span(key)) else {
            continue;
        };
        out.ensure_declared(&Scope::Extra(extra.clone()), span(key));
        for text in out.texts(node, "an extra") {
            if let Some(name) = out.parsed(text.value, text.span()) {
                extras.entry(name).or_default().push(extra.clone());
            }
        }
    }
    extras
}

fn read_table(
    node: &Node<'_>,
    scope_of: &dyn Fn(&ProjectName) -> Scope,
    only_sources: bool,
    out: &mut Collector<'_>,
) {
    let table = out.table(node, "a table of requirements");
    for (key, node) in table.map(entries).unwrap_or_default() {
        if key.get_ref() == "python" {
            let written = node.get_ref().as_str();
            let specifiers = written.and_then(poetry_constraint::specifiers);
            let known = out.manifest.requires_python.take();
            out.manifest.requires_python = known.or(specifiers);
            continue;
        }
        let Some(name) = out.parsed::<ProjectName>(key.get_ref(), span(key)) else {
            continue;
        };
        // One for each environment with another version.
        let list = node.get_ref().as_array();
        for item in list.map_or(std::slice::from_ref(node), |list| list) {
            poetry_source::bind(&name, item, out);
            if !only_sources {
                poetry_requirement::read(key, &name, item, &scope_of(&name), out);
            }
        }
    }
}
