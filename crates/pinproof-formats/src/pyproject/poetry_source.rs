//! The indexes of Poetry: `[[tool.poetry.source]]` with its priorities.

use pinproof_core::ProjectName;
use pinproof_core::index::{Address, IndexLocation, LocationKind};
use pinproof_core::manifest::Binding;
use toml::de::DeTable;

use super::collector::Collector;
use crate::toml_text::{Node, Text, span};

/// How a source takes part, in the words of Poetry 2 and of Poetry 1.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Priority {
    /// Asked for every name, with all others of its kind; the first one takes the place of PyPI.
    Primary,
    /// Asked where no primary source has the name.
    Supplemental,
    /// Asked for the names that are bound to it.
    Explicit,
}

/// Reads the sources of a project.
pub(super) fn read(poetry: &DeTable<'_>, out: &mut Collector<'_>) {
    let sources = poetry.get("source");
    let sources = sources.map_or(&[][..], |node| out.items(node, "`source`"));
    let keeps_pypi = sources.iter().any(is_pypi);
    let mut has_default = false;
    for item in sources {
        let Some(table) = out.table(item, "a source") else {
            continue;
        };
        let name = table.get("name").and_then(|node| out.text(node, "`name`"));
        let priority = priority(table, out);
        let Some(url) = table.get("url") else {
            // PyPI is the one source whose address Poetry knows.
            if !name.is_some_and(|name| name.value.eq_ignore_ascii_case(PYPI)) {
                out.refuse(
                    span(item),
                    "a source has a `url`, and this one has none",
                    "",
                );
            }
            continue;
        };
        let Some(url) = out.text(url, "`url`") else {
            continue;
        };
        let is_default = priority == Priority::Primary && !keeps_pypi && !has_default;
        has_default |= is_default;
        let kind = if is_default {
            LocationKind::Default
        } else {
            LocationKind::Extra
        };
        out.manifest.locations.push(IndexLocation {
            kind,
            address: Address::parse(url.value),
            name: name.map(|name| name.value.to_owned()),
            explicit: priority == Priority::Explicit,
            span: Some(url.span()),
        });
    }
}

/// The name of PyPI, which needs no address.
const PYPI: &str = "pypi";

/// Whether a source is PyPI, asked for every name: then no other one takes its place.
fn is_pypi(node: &Node<'_>) -> bool {
    let text = |key: &str| node.get_ref().as_table()?.get(key)?.get_ref().as_str();
    let is_named = text("name").is_some_and(|name| name.eq_ignore_ascii_case(PYPI));
    is_named && text("url").is_none() && text("priority") != Some("explicit")
}

fn priority(table: &DeTable<'_>, out: &mut Collector<'_>) -> Priority {
    let is_set = |key: &str| table.get(key).and_then(|node| node.get_ref().as_bool()) == Some(true);
    let Some(node) = table.get("priority") else {
        return if is_set("secondary") {
            Priority::Supplemental
        } else {
            Priority::Primary
        };
    };
    let text = out.text(node, "`priority`");
    match text.map(|text| text.value.to_ascii_lowercase()).as_deref() {
        Some("supplemental" | "secondary") => return Priority::Supplemental,
        Some("explicit") => return Priority::Explicit,
        Some("primary" | "default") | None => {}
        Some(_) => {
            let why = "a priority is one of `primary`, `supplemental` and `explicit`";
            out.refuse(span(node), why, "");
        }
    }
    Priority::Primary
}

/// Records the source that a requirement is bound to.
pub(super) fn bind(name: &ProjectName, node: &Node<'_>, out: &mut Collector<'_>) {
    let table = node.get_ref().as_table();
    let Some(source) = table.and_then(|table| table.get("source")) else {
        return;
    };
    let text: Option<Text<'_>> = out.text(source, "`source`");
    if let Some(text) = text {
        out.manifest.bindings.push(Binding {
            project: name.clone(),
            index: text.value.to_owned(),
            span: text.span(),
        });
    }
}
