//! The indexes of uv: `[[tool.uv.index]]`, `index-url`, `extra-index-url` and `find-links`.

use pinproof_core::IndexLocation;
use pinproof_core::index::{Address, LocationKind};
use toml::de::DeTable;

use super::collector::Collector;
use crate::toml_text::{Node, Text, span};

/// Reads addresses of one kind: one text, or an array of texts.
pub(super) fn read_urls(node: &Node<'_>, kind: LocationKind, out: &mut Collector<'_>) {
    for text in out.one_or_more(node, "an address of an index") {
        out.manifest.locations.push(location(&text, kind));
    }
}

/// Reads `index`: tables with `url` and, each optional, `name`, `default`, `explicit` and `format`.
pub(super) fn read_indexes(node: &Node<'_>, out: &mut Collector<'_>) {
    for item in out.items(node, "`index`") {
        if let Some(table) = out.table(item, "an index") {
            match table.get("url") {
                Some(url) => read_index(table, url, out),
                None => out.refuse(
                    span(item),
                    "an index has a `url`, and this one has none",
                    "",
                ),
            }
        }
    }
}

fn read_index(table: &DeTable<'_>, url: &Node<'_>, out: &mut Collector<'_>) {
    let name = table.get("name").and_then(|node| out.text(node, "`name`"));
    let is_default = flag(table, "default", out);
    let is_flat = table
        .get("format")
        .and_then(|node| out.text(node, "`format`"))
        .is_some_and(|format| format.value == "flat");
    let kind = match (is_default, is_flat) {
        (true, _) => LocationKind::Default,
        (false, true) => LocationKind::FindLinks,
        (false, false) => LocationKind::Extra,
    };
    let explicit = flag(table, "explicit", out);
    if let Some(text) = out.text(url, "`url`") {
        out.manifest.locations.push(IndexLocation {
            name: name.map(|name| name.value.to_owned()),
            explicit,
            ..location(&text, kind)
        });
    }
}

fn flag(table: &DeTable<'_>, name: &str, out: &mut Collector<'_>) -> bool {
    table
        .get(name)
        .and_then(|node| out.flag(node, &format!("`{name}`")))
        .unwrap_or(false)
}

fn location(text: &Text<'_>, kind: LocationKind) -> IndexLocation {
    IndexLocation {
        kind,
        address: Address::parse(text.value),
        name: None,
        explicit: false,
        span: Some(text.span()),
    }
}
