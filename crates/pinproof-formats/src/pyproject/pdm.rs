//! PDM's own tables: `[[tool.pdm.source]]` and the development groups of `[tool.pdm.dev-dependencies]`.

use pinproof_core::index::{Address, IndexLocation, LocationKind};
use pinproof_core::manifest::{Binding, InstallOptionKind, Scope};
use toml::de::DeTable;

use super::collector::Collector;
use super::requirement;
use crate::lock::files;
use crate::toml_text::{Text, entries, span, table_at};

/// The name of the source that takes the place of PyPI.
const DEFAULT: &str = "pypi";

/// Reads `[tool.pdm]`, if there is one.
pub(super) fn read(root: &DeTable<'_>, out: &mut Collector<'_>) {
    let Some(pdm) = table_at(root, &["tool", "pdm"]) else {
        return;
    };
    let sources = pdm.get("source");
    let sources = sources.map_or(&[][..], |node| out.items(node, "`source`"));
    for item in sources {
        let Some(table) = out.table(item, "a source") else {
            continue;
        };
        match files::string(table, "url", out) {
            Some(url) => read_source(table, &url, out),
            None => out.refuse(
                span(item),
                "a source has a `url`, and this one has none",
                "",
            ),
        }
    }
    let groups = pdm.get("dev-dependencies");
    let groups = groups.and_then(|node| out.table(node, "`dev-dependencies`"));
    for (key, node) in groups.map(entries).unwrap_or_default() {
        let Some(group) = out.parsed(key.get_ref(), span(key)) else {
            continue;
        };
        let scope = Scope::Group(group);
        out.ensure_declared(&scope, span(key));
        for text in out.texts(node, "a group") {
            requirement::read(&text, &scope, out);
        }
    }
}

fn read_source(table: &DeTable<'_>, url: &Text<'_>, out: &mut Collector<'_>) {
    let address = Address::parse(url.value);
    let verifies = table.get("verify_ssl");
    let verifies = verifies.and_then(|node| out.flag(node, "`verify_ssl`"));
    if let (Some(false), Address::Url(index)) = (verifies, &address) {
        let host = index.host().to_string();
        out.option(url.literal, InstallOptionKind::TrustedHost(host));
    }
    let name = files::string(table, "name", out);
    let is_links = files::string(table, "type", out).is_some_and(|kind| kind.value == "find_links");
    let is_default = name.is_some_and(|name| name.value == DEFAULT);
    let included = table.get("include_packages");
    let kind = match (is_links, is_default) {
        (true, _) => LocationKind::FindLinks,
        (false, true) => LocationKind::Default,
        (false, false) => LocationKind::Extra,
    };
    // Every location that is bound to has a name, and PDM wants one.
    let shown = name.map_or(url.value, |name| name.value).to_owned();
    for text in included.map_or_else(Vec::new, |node| out.texts(node, "`include_packages`")) {
        // Patterns bind more names than can be told here.
        if let Ok(project) = text.value.parse() {
            out.manifest.bindings.push(Binding {
                project,
                index: shown.clone(),
                span: text.span(),
            });
        }
    }
    out.manifest.locations.push(IndexLocation {
        kind,
        address,
        name: Some(shown),
        explicit: included.is_some(),
        span: Some(url.span()),
    });
}
