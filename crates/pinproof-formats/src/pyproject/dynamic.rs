//! `dynamic` of PEP 621: metadata that only a build tells, unless setuptools reads it from files.

use pinproof_core::manifest::{Include, Scope};
use toml::de::DeTable;

use super::collector::Collector;
use crate::toml_text::{Node, Text, entries, table_at};

/// Reads `dynamic`; names other than those of dependencies change nothing that is installed.
pub(super) fn read(root: &DeTable<'_>, node: &Node<'_>, out: &mut Collector<'_>) {
    let setuptools = table_at(root, &["tool", "setuptools", "dynamic"]);
    for text in out.texts(node, "`dynamic`") {
        let found = setuptools.and_then(|table| table.get(text.value));
        match text.value {
            "dependencies" => {
                contradiction(root, &text, out);
                match found {
                    Some(node) => read_files(node, &Scope::Main, out),
                    None => only_a_build_tells(&text, out),
                }
            }
            "optional-dependencies" => {
                contradiction(root, &text, out);
                match found.and_then(|node| out.table(node, "`optional-dependencies`")) {
                    Some(table) => read_extras(table, out),
                    None => only_a_build_tells(&text, out),
                }
            }
            _ => {}
        }
    }
}

fn contradiction(root: &DeTable<'_>, text: &Text<'_>, out: &mut Collector<'_>) {
    if table_at(root, &["project"]).is_some_and(|project| project.contains_key(text.value)) {
        let why = format!("`{}` is listed as dynamic and declared as well", text.value);
        out.refuse(text.span(), &why, "remove it from `dynamic`");
    }
}

fn only_a_build_tells(text: &Text<'_>, out: &mut Collector<'_>) {
    let why = format!(
        "`{}` is computed by the build, and nothing is built to read it",
        text.value
    );
    let help = format!(
        "declare `{}` in [project], or check a lock file of the project",
        text.value
    );
    out.refuse(text.span(), &why, &help);
}

fn read_extras(table: &DeTable<'_>, out: &mut Collector<'_>) {
    for (key, node) in entries(table) {
        if let Some(scope) = out.declare(key, Scope::Extra) {
            read_files(node, &scope, out);
        }
    }
}

/// setuptools' `{ file = ["requirements.in"] }`.
fn read_files(node: &Node<'_>, scope: &Scope, out: &mut Collector<'_>) {
    let Some(table) = out.table(node, "a dynamic field of setuptools") else {
        return;
    };
    let Some(file) = table.get("file") else {
        let place = crate::toml_text::whole(out.source, node);
        out.refuse(
            place,
            "a dynamic field of setuptools names its files with `file`",
            "",
        );
        return;
    };
    for text in out.one_or_more(file, "`file`") {
        out.manifest.includes.push(Include {
            target: text.value.to_owned(),
            constraint: false,
            span: text.span(),
            scope: scope.clone(),
        });
    }
}
