//! The requirements that a `uv.lock` was made from, as it notes them with each member of the workspace.

use pinproof_core::manifest::{NotedInput, Origin, Requirement, Scope};
use pinproof_core::{ExtraName, Span};
use toml::de::DeTable;

use crate::lock::{entry, files};
use crate::pyproject::Collector;
use crate::toml_text::{Key, Node, entries, span, table_at};

/// Reads what is noted of one member: its requirements, its groups, and the limits of the workspace where it is
/// the member that sets them.
pub(super) fn read(
    package: &DeTable<'_>,
    (input, place): (&str, Span),
    limits: Option<&DeTable<'_>>,
    out: &mut Collector<'_>,
) -> NotedInput {
    let mut requirements = Vec::new();
    let metadata = table_at(package, &["metadata"]);
    if let Some(node) = metadata.and_then(|table| table.get("requires-dist")) {
        requirements.extend(read_list(node, &Scope::Main, out));
    }
    let groups = metadata.and_then(|table| table.get("requires-dev"));
    let groups = groups.and_then(|node| out.table(node, "`requires-dev`"));
    for (key, node) in groups.map(entries).unwrap_or_default() {
        if let Some(scope) = group(key, out) {
            requirements.extend(read_list(node, &scope, out));
        }
    }
    for (key, scope) in [
        ("constraints", Scope::Constraint),
        ("overrides", Scope::Constraint),
    ] {
        if let Some(node) = limits.and_then(|table| table.get(key)) {
            requirements.extend(read_list(node, &scope, out));
        }
    }
    NotedInput {
        input: input.to_owned(),
        extras: extras(metadata, "provides-extras", out),
        requirements,
        span: place,
    }
}

fn extras(table: Option<&DeTable<'_>>, key: &str, out: &mut Collector<'_>) -> Vec<ExtraName> {
    let node = table.and_then(|table| table.get(key));
    let texts = node.map_or_else(Vec::new, |node| out.texts(node, &format!("`{key}`")));
    let texts = texts.iter();
    texts
        .filter_map(|text| out.parsed(text.value, text.span()))
        .collect()
}

fn group(key: &Key<'_>, out: &mut Collector<'_>) -> Option<Scope> {
    out.parsed(key.get_ref(), span(key)).map(Scope::Group)
}

fn read_list(node: &Node<'_>, scope: &Scope, out: &mut Collector<'_>) -> Vec<Requirement> {
    let mut requirements = Vec::new();
    for item in out.items(node, "noted requirements") {
        let Some(table) = out.table(item, "a noted requirement") else {
            continue;
        };
        if let Some(mut requirement) = read_one(table, item, out) {
            requirement.scope = scope.clone();
            requirements.push(requirement);
        }
    }
    requirements
}

fn read_one(table: &DeTable<'_>, node: &Node<'_>, out: &mut Collector<'_>) -> Option<Requirement> {
    let name = files::string(table, "name", out)?;
    let parsed = out.parsed(name.value, name.span())?;
    let mut requirement = entry::named(parsed, name.span(), span(node));
    requirement.extras = extras(Some(table), "extras", out);
    if let Some(marker) = table.get("marker") {
        requirement.marker = Some(out.parsed_text(marker, "`marker`")?);
    }
    if let Some(specifier) = files::string(table, "specifier", out) {
        requirement.origin = Origin::Index(out.parsed(specifier.value, specifier.span())?);
        requirement.origin_span = specifier.span();
    }
    for kind in ["git", "url", "path", "directory", "editable", "virtual"] {
        let Some(text) = files::string(table, kind, out) else {
            continue;
        };
        requirement.origin_span = text.span();
        requirement.origin = match kind {
            "git" => entry::repository(&format!("git+{}", text.value), None),
            "url" => entry::file(text.value),
            _ => Origin::Path(text.value.to_owned()),
        };
    }
    Some(requirement)
}
