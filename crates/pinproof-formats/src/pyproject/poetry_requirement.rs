//! One requirement in a table of Poetry: `flask = "^3.0"`, or a table that says more.

use pinproof_core::manifest::{Origin, Requirement, Scope};
use pinproof_core::specifier::Specifier;
use pinproof_core::{ExtraName, Marker, ProjectName, Specifiers};
use toml::de::DeTable;

use super::collector::Collector;
use crate::lock::{entry, files};
use crate::poetry_constraint;
use crate::toml_text::{Key, Node, Text, entry_span, span};

/// Reads a requirement; one that is not understood is recorded as such.
pub(super) fn read(
    key: &Key<'_>,
    name: &ProjectName,
    node: &Node<'_>,
    scope: &Scope,
    out: &mut Collector<'_>,
) {
    let place = span(key);
    let mut requirement = entry::named(name.clone(), place, entry_span(key, node));
    requirement.scope = scope.clone();
    let is_read = if let Some(text) = Text::of(out.source, node) {
        constrain(&text, &mut requirement, out)
    } else {
        let table = out.table(node, "a requirement");
        table.and_then(|table| read_table(table, &mut requirement, out))
    };
    if is_read.is_some() {
        out.manifest.requirements.push(requirement);
    }
}

fn constrain(
    text: &Text<'_>,
    requirement: &mut Requirement,
    out: &mut Collector<'_>,
) -> Option<()> {
    let Some(specifiers) = poetry_constraint::specifiers(text.value) else {
        let why = "this constraint is not understood";
        let help = "alternatives (`||`) are requirements of their own, each with its markers";
        out.refuse(text.span(), why, help);
        return None;
    };
    requirement.origin = Origin::Index(specifiers);
    requirement.origin_span = text.span();
    Some(())
}

fn read_table(
    table: &DeTable<'_>,
    requirement: &mut Requirement,
    out: &mut Collector<'_>,
) -> Option<()> {
    if let Some(extras) = table.get("extras") {
        let texts = out.texts(extras, "`extras`");
        let texts = texts.iter();
        requirement.extras = texts
            .filter_map(|text| out.parsed::<ExtraName>(text.value, text.span()))
            .collect();
    }
    read_marker(table, requirement, out)?;
    let develop = table.get("develop");
    requirement.editable = develop.and_then(|node| out.flag(node, "`develop`")) == Some(true);
    if let Some(origin) = direct(table, requirement, out) {
        requirement.origin = origin;
        return Some(());
    }
    if let Some(text) = files::string(table, "version", out) {
        return constrain(&text, requirement, out);
    }
    requirement.origin = Origin::Index(Specifiers::default());
    Some(())
}

/// A repository, a file or a folder instead of an index.
fn direct(
    table: &DeTable<'_>,
    requirement: &mut Requirement,
    out: &mut Collector<'_>,
) -> Option<Origin> {
    for kind in ["git", "url", "path", "file"] {
        let Some(text) = files::string(table, kind, out) else {
            continue;
        };
        requirement.origin_span = text.span();
        return Some(match kind {
            "git" => entry::repository(&format!("git+{}", text.value), revision(table, out)),
            "url" => entry::file(text.value),
            _ => Origin::Path(text.value.to_owned()),
        });
    }
    None
}

/// What is checked out; a branch or tag that looks like a commit must not pass for one.
fn revision(table: &DeTable<'_>, out: &mut Collector<'_>) -> Option<String> {
    let refs = [
        ("rev", ""),
        ("tag", "refs/tags/"),
        ("branch", "refs/heads/"),
    ];
    refs.into_iter().find_map(|(key, prefix)| {
        let text = files::string(table, key, out)?;
        Some(format!("{prefix}{}", text.value))
    })
}

/// Reads the environments of a requirement; `None` if they are not understood.
fn read_marker(
    table: &DeTable<'_>,
    requirement: &mut Requirement,
    out: &mut Collector<'_>,
) -> Option<()> {
    for key in ["markers", "python", "platform"] {
        let Some(text) = files::string(table, key, out) else {
            continue;
        };
        let written = match key {
            "markers" => text.value.to_owned(),
            "platform" => format!("sys_platform == '{}'", text.value),
            _ => {
                let Some(specifiers) = poetry_constraint::specifiers(text.value) else {
                    out.refuse(text.span(), "this constraint is not understood", "");
                    return None;
                };
                of_python(&specifiers)
            }
        };
        if !written.is_empty() {
            let marker: Marker = out.parsed(&written, text.span())?;
            entry::add_marker(requirement, marker);
        }
    }
    Some(())
}

/// The marker that limits a requirement to some Python versions.
fn of_python(specifiers: &Specifiers) -> String {
    let clause = |one: &Specifier| {
        let (operator, shown) = (one.operator().as_str(), one.to_string());
        let version = shown.strip_prefix(operator).unwrap_or(&shown).to_owned();
        format!("python_full_version {operator} '{version}'")
    };
    let clauses: Vec<_> = specifiers.iter().map(clause).collect();
    clauses.join(" and ")
}
