//! Digests that tools write to their locks of what they were made from, made again from the input.
//!
//! Known are the ways of Poetry 1.0 to 2.5, PDM 2.4 to 2.29 and Pipenv since 2018; tests ask the tools. A lock is
//! called one of another input only where none of the ways that its tool may have taken gives its digest.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use pinproof_core::manifest::{ContentDigest, LockTool};
use pinproof_core::{ProjectName, Version};
use sha2::{Digest as _, Sha256};
use toml::de::DeTable;

use crate::toml_as_json::{self, Style, Value};
use crate::toml_text::{Document, Node, entries, table_at};

/// What a digest says of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// It is the digest of this input.
    Same,
    /// It is that of another input.
    Other,
    /// Nobody can tell here: the tool, or something in the input, is not known.
    Unknown,
}

/// Compares the digest in a lock of `tool` with its input.
pub fn compare(tool: LockTool, digest: &ContentDigest, input: &str) -> Comparison {
    // Python's readers of TOML know one line end.
    let input = input.replace("\r\n", "\n");
    let Ok(document) = Document::parse(&input) else {
        return Comparison::Unknown;
    };
    let root = &document.root;
    let candidates = match tool {
        LockTool::Poetry => poetry(root, digest.written_by.as_ref()),
        LockTool::Pdm => pdm(root),
        LockTool::Pipenv => pipenv(root),
        _ => None,
    };
    match candidates {
        None => Comparison::Unknown,
        Some(digests) if digests.contains(&digest.digits) => Comparison::Same,
        Some(_) => Comparison::Other,
    }
}

fn sha256(value: &Value<'_>, style: Style) -> Option<String> {
    let text = toml_as_json::text(value, style)?;
    let digest = Sha256::digest(text);
    Some(digest.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}

/// Poetry: the tables that decide what is locked. `[project]` counts since 2.0, and groups of PEP 735 since 2.3; a
/// lock of an older release, or of one that is not known, may have been made without them.
fn poetry(root: &DeTable<'_>, written_by: Option<&Version>) -> Option<Vec<String>> {
    let is_before = |text: &str| {
        let release: Option<Version> = text.parse().ok();
        written_by.is_none_or(|version| Some(version) < release.as_ref())
    };
    let mut contents = vec![poetry_content(root, &["project", "dependency-groups"])];
    if is_before("2.3") {
        contents.push(poetry_content(root, &["project"]));
    }
    if is_before("2.0") {
        contents.push(poetry_content(root, &[]));
    }
    let contents = contents.iter();
    contents
        .map(|content| sha256(content, Style::Spaced))
        .collect()
}

/// What Poetry takes for the content of a project, by the tables outside of its own that count.
fn poetry_content<'a>(root: &'a DeTable<'a>, tables: &[&str]) -> Value<'a> {
    let mut content = BTreeMap::new();
    let project = table_at(root, &["project"]).filter(|_| tables.contains(&"project"));
    let keys = ["requires-python", "dependencies", "optional-dependencies"];
    let project = project.map(|table| picked(table, &keys));
    if let Some(project) = project.filter(|picked| !picked.is_empty()) {
        content.insert("project".to_owned(), Value::Object(project));
    }
    let groups = root.get("dependency-groups");
    let groups = groups.filter(|_| tables.contains(&"dependency-groups"));
    let is_empty = |node: &Node<'_>| node.get_ref().as_table().is_some_and(DeTable::is_empty);
    if let Some(groups) = groups.filter(|node| !is_empty(node)) {
        content.insert("dependency-groups".to_owned(), Value::of(groups));
    }
    let poetry = table_at(root, &["tool", "poetry"]);
    let keys = [
        "dependencies",
        "source",
        "extras",
        "dev-dependencies",
        "group",
    ];
    let mut own = poetry.map_or_else(BTreeMap::new, |table| picked(table, &keys));
    if content.is_empty() {
        for key in ["dependencies", "source", "extras", "dev-dependencies"] {
            own.entry(key.to_owned()).or_insert(Value::Null);
        }
        return Value::Object(own);
    }
    let tool = Value::object([("poetry", Value::Object(own))]);
    content.insert("tool".to_owned(), tool);
    Value::Object(content)
}

fn picked<'a>(table: &'a DeTable<'a>, keys: &[&str]) -> BTreeMap<String, Value<'a>> {
    let keys = keys.iter();
    keys.filter_map(|key| Some(((*key).to_owned(), Value::of(table.get(*key)?))))
        .collect()
}

/// PDM: what decides the resolution. Older releases took the overrides alone, and no groups of PEP 735. A
/// workspace is hashed with its members, which stand in other files.
fn pdm(root: &DeTable<'_>) -> Option<Vec<String>> {
    let settings = table_at(root, &["tool", "pdm"]);
    let setting = |key: &str| settings.and_then(|table| table.get(key));
    if setting("workspace").is_some() {
        return None;
    }
    let resolution = setting("resolution");
    let overrides = resolution.and_then(|node| node.get_ref().as_table()?.get("overrides"));
    let old_groups = Value::or(setting("dev-dependencies"), Value::empty());
    let now = pdm_content(root, pdm_groups(root)?, ("resolution", resolution));
    let then = pdm_content(root, old_groups, ("overrides", overrides));
    [now, then]
        .iter()
        .map(|content| sha256(content, Style::Spaced))
        .collect()
}

fn pdm_content<'a>(
    root: &'a DeTable<'a>,
    groups: Value<'a>,
    (key, resolution): (&str, Option<&'a Node<'a>>),
) -> Value<'a> {
    let project = table_at(root, &["project"]);
    let of_project = |key: &str| project.and_then(|table| table.get(key));
    let sources = table_at(root, &["tool", "pdm"]).and_then(|table| table.get("source"));
    Value::object([
        ("sources", Value::or(sources, Value::List(Vec::new()))),
        (
            "dependencies",
            Value::or(of_project("dependencies"), Value::List(Vec::new())),
        ),
        ("dev-dependencies", groups),
        (
            "optional-dependencies",
            Value::or(of_project("optional-dependencies"), Value::empty()),
        ),
        (
            "requires-python",
            Value::or(of_project("requires-python"), Value::Text("")),
        ),
        (key, Value::or(resolution, Value::empty())),
    ])
}

/// The groups of PEP 735 and those of PDM, under names as PDM writes them.
fn pdm_groups<'a>(root: &'a DeTable<'a>) -> Option<Value<'a>> {
    let mut groups: BTreeMap<String, Vec<Value<'a>>> = BTreeMap::new();
    let tables = [
        table_at(root, &["dependency-groups"]),
        table_at(root, &["tool", "pdm", "dev-dependencies"]),
    ];
    for (key, node) in tables.into_iter().flatten().flat_map(entries) {
        let items = node.get_ref().as_array()?;
        let items = items.iter().map(Value::of);
        let group = groups.entry(pdm_name(key.get_ref())).or_default();
        group.extend(items);
    }
    let groups = groups.into_iter();
    Some(Value::Object(
        groups
            .map(|(name, items)| (name, Value::List(items)))
            .collect(),
    ))
}

/// Every run of other characters than letters and digits is one dash.
fn pdm_name(name: &str) -> String {
    let mut normal = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            normal.push(c.to_ascii_lowercase());
        } else if !normal.ends_with('-') {
            normal.push('-');
        }
    }
    normal
}

/// Pipenv: the sources, the Python and every category, with names as written or, in newer releases, normalized.
/// Without a source of its own, a Pipfile has the one that Pipenv puts in, which is not known here.
fn pipenv(root: &DeTable<'_>) -> Option<Vec<String>> {
    let source = root.get("source")?;
    [true, false]
        .iter()
        .map(|is_normalized| {
            let content = pipenv_content(root, source, *is_normalized)?;
            sha256(&content, Style::Compact)
        })
        .collect()
}

fn pipenv_content<'a>(
    root: &'a DeTable<'a>,
    source: &'a Node<'a>,
    is_normalized: bool,
) -> Option<Value<'a>> {
    let meta = Value::object([
        ("sources", Value::of(source)),
        ("requires", Value::or(root.get("requires"), Value::empty())),
    ]);
    let mut content = BTreeMap::from([
        ("_meta".to_owned(), meta),
        ("default".to_owned(), Value::empty()),
        ("develop".to_owned(), Value::empty()),
    ]);
    for (key, node) in entries(root) {
        let key = match key.get_ref().as_ref() {
            "packages" => "default",
            "dev-packages" => "develop",
            "source" | "requires" | "scripts" | "pipfile" | "pipenv" | "default" | "develop" => {
                continue;
            }
            category => category,
        };
        content.insert(key.to_owned(), category(node, is_normalized)?);
    }
    Some(Value::Object(content))
}

fn category<'a>(node: &'a Node<'a>, is_normalized: bool) -> Option<Value<'a>> {
    if !is_normalized {
        return Some(Value::of(node));
    }
    let mut normalized = BTreeMap::new();
    for (key, node) in entries(node.get_ref().as_table()?) {
        let name: ProjectName = key.get_ref().parse().ok()?;
        normalized.insert(name.to_string(), Value::of(node));
    }
    Some(Value::Object(normalized))
}
