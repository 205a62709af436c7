//! `[project]`: the declared metadata of PEP 621.

use pinproof_core::manifest::{Included, Scope};
use toml::de::DeTable;

use super::collector::Collector;
use super::{dynamic, requirement};
use crate::toml_text::{Node, Text, entries};

/// Reads `[project]`, if there is one.
pub(super) fn read(root: &DeTable<'_>, out: &mut Collector<'_>) {
    let project = root
        .get("project")
        .and_then(|node| out.table(node, "`project`"));
    let Some(project) = project else {
        return;
    };
    // First, because extras may ask for their own project.
    if let Some(name) = project.get("name") {
        out.manifest.project = out.parsed_text(name, "`name`");
    }
    for (key, value) in entries(project) {
        match key.get_ref().as_ref() {
            "dependencies" => {
                for text in out.texts(value, "`dependencies`") {
                    requirement::read(&text, &Scope::Main, out);
                }
            }
            "optional-dependencies" => read_extras(value, out),
            "requires-python" => {
                out.manifest.requires_python = out.parsed_text(value, "`requires-python`");
            }
            "dynamic" => dynamic::read(root, value, out),
            _ => {}
        }
    }
}

fn read_extras(node: &Node<'_>, out: &mut Collector<'_>) {
    let Some(extras) = out.table(node, "`optional-dependencies`") else {
        return;
    };
    for (key, value) in entries(extras) {
        let scope = out.declare(key, Scope::Extra);
        for text in out.texts(value, "an extra") {
            if let Some(scope) = &scope {
                read_extra_requirement(&text, scope, out);
            }
        }
    }
}

/// An entry of an extra; `acme[web]` within the project `acme` is its own extra, and no index is asked.
fn read_extra_requirement(text: &Text<'_>, scope: &Scope, out: &mut Collector<'_>) {
    let first = out.manifest.requirements.len();
    requirement::read(text, scope, out);
    let Some(requirement) = out.manifest.requirements.get(first) else {
        return;
    };
    if requirement.name.is_none() || requirement.name != out.manifest.project {
        return;
    }
    let (extras, span) = (requirement.extras.clone(), requirement.span);
    out.manifest.requirements.truncate(first);
    for extra in extras {
        let scope_included = Scope::Extra(extra);
        out.include_part(
            scope,
            Included {
                scope: scope_included,
                span,
            },
        );
    }
}
