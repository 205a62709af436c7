//! Poetry's own dependency tables, which are not PEP 621 and are not read: this says so.

use pinproof_core::Span;
use toml::de::DeTable;

use super::collector::Collector;
use crate::toml_text::{Key, Node, span, table_at};

/// Records the first table of Poetry that has requirements nobody else declares.
pub(super) fn read(root: &DeTable<'_>, out: &mut Collector<'_>) {
    let Some(poetry) = table_at(root, &["tool", "poetry"]) else {
        return;
    };
    let has_main =
        table_at(root, &["project"]).is_some_and(|project| project.contains_key("dependencies"));
    let own = ["dependencies", "dev-dependencies", "group"].into_iter();
    let first = own
        .filter(|name| !(has_main && *name == "dependencies"))
        .filter_map(|name| poetry.get_key_value(name))
        .filter_map(|(key, node)| place(key, node))
        .min();
    if let Some(place) = first {
        let why = "requirements in [tool.poetry] are not read: they are not in the standard form (PEP 621, PEP 735)";
        let help = "check `poetry.lock` or the output of `poetry export`, or move them to [project] and [dependency-groups]";
        out.refuse(place, why, help);
    }
}

/// Where a table starts, if it has a requirement: the Python version is none.
fn place(key: &Key<'_>, node: &Node<'_>) -> Option<Span> {
    let mut names = node.get_ref().as_table()?.keys();
    names
        .any(|name| name.get_ref() != "python")
        .then(|| span(key).cover(span(node)))
}
