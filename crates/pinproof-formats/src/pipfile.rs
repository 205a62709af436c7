//! `Pipfile`: what a project asks Pipenv for. It is a manifest; `Pipfile.lock` is its lock.

use pinproof_core::index::{Address, IndexLocation, LocationKind};
use pinproof_core::manifest::{Binding, InstallOptionKind, Origin, Requirement, Scope};
use pinproof_core::{ExtraName, Manifest, Marker, Specifiers};
use toml::de::DeTable;

use crate::lock::{entry, files};
use crate::pyproject::{self, Collector, TomlError};
use crate::toml_text::{Document, Key, Node, entries, entry_span, span};

/// Reads a `Pipfile`; an error is a text that is no TOML.
pub fn parse(text: &str) -> Result<Manifest, TomlError> {
    let document = Document::parse(text)?;
    let mut out = Collector::new(text);
    for (key, node) in entries(&document.root) {
        match key.get_ref().as_ref() {
            "source" => read_sources(node, &mut out),
            // They say nothing about what is installed.
            "requires" | "pipenv" | "scripts" => {}
            "packages" => read_packages(node, &Scope::Main, &mut out),
            _ => {
                // Every other table is a category of requirements; `dev-packages` is one of them.
                if let Some(scope) = out.declare(key, Scope::Group) {
                    read_packages(node, &scope, &mut out);
                }
            }
        }
    }
    Ok(pyproject::finish(&document, out))
}

/// The indexes: the first one answers for every name that is not bound to another.
fn read_sources(node: &Node<'_>, out: &mut Collector<'_>) {
    for (at, item) in out.items(node, "`source`").iter().enumerate() {
        let Some(table) = out.table(item, "a source") else {
            continue;
        };
        let Some(url) = files::string(table, "url", out) else {
            out.refuse(
                span(item),
                "a source has a `url`, and this one has none",
                "",
            );
            continue;
        };
        let address = Address::parse(url.value);
        let verifies = table.get("verify_ssl");
        let verifies = verifies.and_then(|node| out.flag(node, "`verify_ssl`"));
        if let (Some(false), Address::Url(index)) = (verifies, &address) {
            let host = index.host().to_string();
            out.option(span(item), InstallOptionKind::TrustedHost(host));
        }
        let name = files::string(table, "name", out);
        out.manifest.locations.push(IndexLocation {
            kind: if at == 0 {
                LocationKind::Default
            } else {
                LocationKind::Extra
            },
            address,
            name: name.map(|name| name.value.to_owned()),
            explicit: at > 0,
            span: Some(url.span()),
        });
    }
}

fn read_packages(node: &Node<'_>, scope: &Scope, out: &mut Collector<'_>) {
    let table = out.table(node, "a table of requirements");
    for (key, node) in table.map(entries).unwrap_or_default() {
        if let Some(mut requirement) = read_package(key, node, out) {
            requirement.scope = scope.clone();
            out.manifest.requirements.push(requirement);
        }
    }
}

fn read_package(key: &Key<'_>, node: &Node<'_>, out: &mut Collector<'_>) -> Option<Requirement> {
    let place = span(key);
    let name = out.parsed(key.get_ref(), place)?;
    let mut requirement = entry::named(name, place, entry_span(key, node));
    if node.get_ref().is_str() {
        requirement.origin = specifiers(node, &mut requirement, out)?;
        return Some(requirement);
    }
    let table = out.table(node, "a requirement")?;
    read_marker(table, &mut requirement, out)?;
    if let Some(extras) = table.get("extras") {
        let texts = out.texts(extras, "`extras`");
        let texts = texts.iter();
        let extras: Vec<ExtraName> = texts
            .filter_map(|text| out.parsed(text.value, text.span()))
            .collect();
        requirement.extras = extras;
    }
    let editable = table.get("editable");
    requirement.editable = editable.and_then(|node| out.flag(node, "`editable`")) == Some(true);
    requirement.origin = origin(table, &mut requirement, out)?;
    if let Some(index) = files::string(table, "index", out)
        && let Some(project) = requirement.name.clone()
    {
        out.manifest.bindings.push(Binding {
            project,
            index: index.value.to_owned(),
            span: index.span(),
        });
    }
    Some(requirement)
}

/// `*` is every version; everything else is PEP 440.
fn specifiers(
    node: &Node<'_>,
    requirement: &mut Requirement,
    out: &mut Collector<'_>,
) -> Option<Origin> {
    let text = out.text(node, "a version")?;
    requirement.origin_span = text.span();
    let specifiers = match text.value.trim() {
        "*" => Specifiers::default(),
        other => out.parsed(other, text.span())?,
    };
    Some(Origin::Index(specifiers))
}

fn origin(
    table: &DeTable<'_>,
    requirement: &mut Requirement,
    out: &mut Collector<'_>,
) -> Option<Origin> {
    for kind in ["git", "hg", "svn", "bzr"] {
        if let Some(text) = files::string(table, kind, out) {
            requirement.origin_span = text.span();
            let revision = files::string(table, "ref", out);
            let revision = revision.map(|text| text.value.to_owned());
            return Some(entry::repository(
                &format!("{kind}+{}", text.value),
                revision,
            ));
        }
    }
    if let Some(text) = files::string(table, "file", out) {
        requirement.origin_span = text.span();
        let is_address = crate::address::kind(text.value).is_some();
        return Some(if is_address {
            entry::file(text.value)
        } else {
            Origin::Path(text.value.to_owned())
        });
    }
    if let Some(text) = files::string(table, "path", out) {
        requirement.origin_span = text.span();
        return Some(Origin::Path(text.value.to_owned()));
    }
    match table.get("version") {
        Some(node) => specifiers(node, requirement, out),
        None => Some(Origin::Index(Specifiers::default())),
    }
}

/// The variables of markers, which Pipenv takes as keys too: `sys_platform = "== 'win32'"`.
const VARIABLES: [&str; 10] = [
    "os_name",
    "sys_platform",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "python_version",
    "python_full_version",
    "implementation_name",
];

/// Reads the environments of a requirement; `None` if they are not understood.
fn read_marker(
    table: &DeTable<'_>,
    requirement: &mut Requirement,
    out: &mut Collector<'_>,
) -> Option<()> {
    for key in ["markers"].into_iter().chain(VARIABLES) {
        let Some(text) = files::string(table, key, out) else {
            continue;
        };
        let written = match key {
            "markers" => text.value.to_owned(),
            variable => format!("{variable} {}", text.value),
        };
        let marker: Marker = out.parsed(&written, text.span())?;
        entry::add_marker(requirement, marker);
    }
    Some(())
}
