//! `[build-system]`: PEP 518.

use pinproof_core::manifest::Scope;
use toml::de::DeTable;

use super::collector::Collector;
use super::requirement;
use crate::toml_text::span;

/// Reads `requires` of `[build-system]`; the table cannot be without it.
pub(super) fn read(root: &DeTable<'_>, out: &mut Collector<'_>) {
    let Some(node) = root.get("build-system") else {
        return;
    };
    let Some(table) = out.table(node, "`build-system`") else {
        return;
    };
    let Some(requires) = table.get("requires") else {
        let help = "installers refuse such a project; add `requires = [...]`";
        out.refuse(span(node), "[build-system] has no `requires`", help);
        return;
    };
    for text in out.texts(requires, "`requires`") {
        requirement::read(&text, &Scope::Build, out);
    }
}
