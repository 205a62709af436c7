//! `[tool.uv]` and `uv.toml`: the settings of uv that decide where projects come from.

use pinproof_core::manifest::{InstallOptionKind, Scope};
use toml::de::DeTable;

use super::collector::Collector;
use super::{requirement, uv_index, uv_keys, uv_sources};
use crate::toml_text::{Key, Node, entries, entry_span, span, table_at};

/// Reads `[tool.uv]` of a project.
pub(crate) fn read(root: &DeTable<'_>, out: &mut Collector<'_>) {
    if let Some(uv) = table_at(root, &["tool", "uv"]) {
        read_settings(uv, out);
    }
}

/// Reads the settings of `uv.toml`, which are those of `[tool.uv]`.
pub(crate) fn read_settings(uv: &DeTable<'_>, out: &mut Collector<'_>) {
    read_table(uv, &uv_keys::TOOL, out);
    // The same settings, and those of pip, for `uv pip` only.
    if let Some(pip) = uv.get("pip").and_then(|node| out.table(node, "`pip`")) {
        read_table(pip, &uv_keys::PIP, out);
    }
    uv_sources::read(uv, out);
}

/// Reads the settings of one table. Keys that decide neither where a project comes from nor what code
/// runs are passed over; one that uv does not know is not, because uv then ignores the whole table.
fn read_table(table: &DeTable<'_>, known: &[&str], out: &mut Collector<'_>) {
    for (key, node) in entries(table) {
        let name = key.get_ref().as_ref();
        if !known.contains(&name) {
            let why = format!("uv has no setting `{name}`, and ignores all settings beside it");
            out.refuse(span(key), &why, "correct the name or remove it");
            continue;
        }
        let _is_read = read_index_setting(key, node, out)
            || read_install_setting(key, node, out)
            || read_requirements(key, node, out);
    }
}

/// Settings that name indexes; false if this is none of them.
fn read_index_setting(key: &Key<'_>, node: &Node<'_>, out: &mut Collector<'_>) -> bool {
    use pinproof_core::index::LocationKind::{Default, Extra, FindLinks};
    match key.get_ref().as_ref() {
        "index" => uv_index::read_indexes(node, out),
        "index-url" => uv_index::read_urls(node, Default, out),
        "extra-index-url" => uv_index::read_urls(node, Extra, out),
        "find-links" => uv_index::read_urls(node, FindLinks, out),
        "no-index" => read_flag(key, node, InstallOptionKind::NoIndex, out),
        "index-strategy" => {
            if let Some(text) = out.text(node, "`index-strategy`") {
                let kind = InstallOptionKind::IndexStrategy(text.value.to_owned());
                out.option(entry_span(key, node), kind);
            }
        }
        "allow-insecure-host" => {
            for text in out.texts(node, "`allow-insecure-host`") {
                let kind = InstallOptionKind::TrustedHost(text.value.to_owned());
                out.option(text.span(), kind);
            }
        }
        _ => return false,
    }
    true
}

/// Settings that decide what is built, hashed or taken as a pre-release; false if this is none.
fn read_install_setting(key: &Key<'_>, node: &Node<'_>, out: &mut Collector<'_>) -> bool {
    use InstallOptionKind::{NoBinary, NoRequireHashes, OnlyBinary, Pre, RequireHashes};
    let all = || vec![":all:".to_owned()];
    match key.get_ref().as_ref() {
        // `[tool.uv.pip]` writes `no-binary` as a list of names, `[tool.uv]` as a flag.
        "no-binary" if node.get_ref().is_bool() => read_flag(key, node, NoBinary(all()), out),
        "no-binary" | "no-binary-package" => read_names(key, node, NoBinary, out),
        "no-build" => read_flag(key, node, OnlyBinary(all()), out),
        "only-binary" | "no-build-package" => read_names(key, node, OnlyBinary, out),
        // Off, uv takes files whose hashes differ from those of the requirements.
        "verify-hashes" if node.get_ref().as_bool() == Some(false) => {
            out.option(entry_span(key, node), NoRequireHashes);
        }
        "require-hashes" => read_flag(key, node, RequireHashes, out),
        "prerelease" => {
            if let Some(text) = out.text(node, "`prerelease`") {
                let is_allowed = text.value == "allow";
                let other = InstallOptionKind::Other("prerelease".to_owned());
                out.option(entry_span(key, node), if is_allowed { Pre } else { other });
            }
        }
        _ => return false,
    }
    true
}

/// Settings that hold requirements; false if this is none of them.
fn read_requirements(key: &Key<'_>, node: &Node<'_>, out: &mut Collector<'_>) -> bool {
    let name = key.get_ref().as_ref();
    let scope = match name {
        // The older spelling of the group `dev`, to which uv adds them.
        "dev-dependencies" => out.parsed("dev", span(key)).map(Scope::Group),
        "constraint-dependencies" | "override-dependencies" => Some(Scope::Constraint),
        "build-constraint-dependencies" => Some(Scope::BuildConstraint),
        "extra-build-dependencies" => {
            read_build_requirements(node, out);
            return true;
        }
        _ => None,
    };
    let Some(scope) = scope else {
        return false;
    };
    if matches!(scope, Scope::Group(_)) {
        out.ensure_declared(&scope, span(key));
    }
    for text in out.texts(node, &format!("`{name}`")) {
        requirement::read(&text, &scope, out);
    }
    true
}

/// `extra-build-dependencies`: per project, requirements as texts or as `{ requirement = "…" }`.
fn read_build_requirements(node: &Node<'_>, out: &mut Collector<'_>) {
    let Some(projects) = out.table(node, "`extra-build-dependencies`") else {
        return;
    };
    for (_, list) in entries(projects) {
        for item in out.items(list, "the build requirements of a project") {
            let table = item.get_ref().as_table();
            let written = table
                .and_then(|table| table.get("requirement"))
                .unwrap_or(item);
            // Its version is the one that is locked for the project itself.
            let runtime = table.and_then(|table| table.get("match-runtime"));
            let is_locked = runtime.and_then(|node| node.get_ref().as_bool()) == Some(true);
            let scope = if is_locked {
                Scope::BuildConstraint
            } else {
                Scope::Build
            };
            if let Some(text) = out.text(written, "a build requirement") {
                requirement::read(&text, &scope, out);
            }
        }
    }
}

/// A setting that is on or off; off is what uv does without it.
fn read_flag(key: &Key<'_>, node: &Node<'_>, on: InstallOptionKind, out: &mut Collector<'_>) {
    if let Some(flag) = out.flag(node, &format!("`{}`", key.get_ref())) {
        let off = InstallOptionKind::Other(key.get_ref().to_string());
        out.option(entry_span(key, node), if flag { on } else { off });
    }
}

fn read_names(
    key: &Key<'_>,
    node: &Node<'_>,
    kind: fn(Vec<String>) -> InstallOptionKind,
    out: &mut Collector<'_>,
) {
    let names = out.texts(node, &format!("`{}`", key.get_ref()));
    let names = names.iter().map(|text| text.value.to_owned()).collect();
    out.option(entry_span(key, node), kind(names));
}
