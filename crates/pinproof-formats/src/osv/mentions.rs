//! A lenient look at a record that cannot be relied on: which projects it mentions.

use std::collections::BTreeSet;

use pinproof_core::ProjectName;

use super::entry::is_pypi;
use super::value::Value;

/// The projects of PyPI that `root` names anywhere: as a `package`, in any of its old and new shapes, or
/// as a package URL. Rather one too many than one too few.
pub(super) fn projects(root: &Value) -> BTreeSet<ProjectName> {
    let mut found = BTreeSet::new();
    let mut open = vec![root];
    while let Some(value) = open.pop() {
        match value {
            Value::List(list) => open.extend(list),
            Value::Object(entries) => {
                let names = entries.iter().filter_map(|(key, value)| named(key, value));
                found.extend(names.filter_map(|name| name.trim().parse::<ProjectName>().ok()));
                if value.get("ecosystem").is_some_and(is_pypi) {
                    found.extend(name_in(value));
                }
                open.extend(entries.iter().map(|(_, value)| value));
            }
            _ => {}
        }
    }
    found
}

/// The name in a `package` whose ecosystem is PyPI, or is missing or unreadable.
pub(super) fn name_in(package: &Value) -> Option<ProjectName> {
    let ecosystem = package.get("ecosystem");
    if ecosystem.is_some_and(|ecosystem| ecosystem.text().is_some() && !is_pypi(ecosystem)) {
        return None;
    }
    package.get("name")?.text()?.trim().parse().ok()
}

fn named<'v>(key: &str, value: &'v Value) -> Option<&'v str> {
    match (key, value) {
        ("package", Value::Text(name)) => Some(name),
        ("package", Value::Object(_)) => name_in(value).and(value.get("name")?.text()),
        ("purl", Value::Text(purl)) => {
            let name = purl.strip_prefix("pkg:pypi/")?;
            name.split(['@', '?', '#']).next()
        }
        _ => None,
    }
}
