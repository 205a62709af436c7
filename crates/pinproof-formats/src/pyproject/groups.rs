//! `[dependency-groups]`: PEP 735.

use std::collections::BTreeMap;

use pinproof_core::manifest::{Included, Scope};
use pinproof_core::{ExtraName, Span};
use toml::de::DeTable;

use super::collector::Collector;
use super::requirement;
use crate::toml_text::{Node, Text, entries, span};

/// Reads `[dependency-groups]`, if there is one.
pub(super) fn read(root: &DeTable<'_>, out: &mut Collector<'_>) {
    let groups = root
        .get("dependency-groups")
        .and_then(|node| out.table(node, "`dependency-groups`"));
    for (key, node) in groups.map(entries).unwrap_or_default() {
        let scope = out.declare(key, Scope::Group);
        for item in out.items(node, "a dependency group") {
            if let Some(scope) = &scope {
                read_item(item, scope, out);
            }
        }
    }
    check_includes(out);
}

fn read_item(item: &Node<'_>, group: &Scope, out: &mut Collector<'_>) {
    if let Some(text) = Text::of(out.source, item) {
        requirement::read(&text, group, out);
        return;
    }
    let include = item
        .get_ref()
        .as_table()
        .filter(|table| table.len() == 1)
        .and_then(|table| table.get("include-group"));
    let Some(include) = include else {
        let why = "an entry of a dependency group is a requirement or { include-group = \"NAME\" }";
        out.refuse(span(item), why, "");
        return;
    };
    let Some(text) = out.text(include, "`include-group`") else {
        return;
    };
    if let Some(name) = out.parsed::<ExtraName>(text.value, text.span()) {
        let scope = Scope::Group(name);
        out.include_part(
            group,
            Included {
                scope,
                span: text.span(),
            },
        );
    }
}

/// Refuses includes of groups that do not exist, and those that close a cycle.
fn check_includes(out: &mut Collector<'_>) {
    let parts = std::mem::take(&mut out.manifest.parts);
    for included in parts.iter().flat_map(|part| &part.includes) {
        if !out.is_declared(&included.scope) {
            let why = format!("{} is not declared", included.scope);
            out.refuse(included.span, &why, "");
        }
    }
    let mut graph = BTreeMap::new();
    for part in &parts {
        graph.insert(&part.scope, part.includes.as_slice());
    }
    for span in closing_edges(&graph) {
        out.refuse(
            span,
            "this group includes itself, directly or through others",
            "",
        );
    }
    out.manifest.parts = parts;
}

/// The includes that close a cycle; one walk with its own stack, since depth is the file's choice.
fn closing_edges(graph: &BTreeMap<&Scope, &[Included]>) -> Vec<Span> {
    let mut closing = Vec::new();
    let mut open: BTreeMap<&Scope, bool> = BTreeMap::new();
    for start in graph.keys() {
        if open.contains_key(*start) {
            continue;
        }
        open.insert(start, true);
        let mut path = vec![(*start, 0)];
        while let Some((scope, next)) = path.last_mut() {
            let edge = graph.get(*scope).and_then(|edges| edges.get(*next));
            *next += 1;
            let Some(edge) = edge else {
                open.insert(scope, false);
                path.pop();
                continue;
            };
            match open.get(&edge.scope) {
                Some(true) => closing.push(edge.span),
                Some(false) => {}
                None => {
                    open.insert(&edge.scope, true);
                    path.push((&edge.scope, 0));
                }
            }
        }
    }
    closing
}
