//! `[tool.uv.sources]`: names bound to an index, or replaced by a repository, an address or a path.

use std::collections::{BTreeMap, BTreeSet};

use pinproof_core::index::redact;
use pinproof_core::manifest::{Binding, InstallOptionKind, Origin, Requirement, Scope};
use pinproof_core::{Marker, ProjectName, Span};
use toml::de::DeTable;

use super::collector::Collector;
use crate::address::{self, Kind};
use crate::toml_text::{Key, Node, Text, entries, span, whole};

/// uv wants disjoint markers, so real projects have a handful; the bounds keep the work linear.
const MAX_SOURCES: usize = 32;

/// How many requirements sources may add to those that are written.
const MAX_ADDED: usize = 10_000;

/// Where a project comes from instead of an index, and for which requirements.
struct Source {
    origin: Origin,
    editable: bool,
    marker: Option<Marker>,
    part: Option<Scope>,
    span: Span,
}

/// Reads `sources`, and gives the requirements read so far the origins it says.
pub(super) fn read(uv: &DeTable<'_>, out: &mut Collector<'_>) {
    let Some(turned_off) = turned_off(uv, out) else {
        return;
    };
    let table = uv
        .get("sources")
        .and_then(|node| out.table(node, "`sources`"));
    let mut sources: BTreeMap<ProjectName, Vec<Source>> = BTreeMap::new();
    for (key, node) in table.map(entries).unwrap_or_default() {
        let Some(name) = out.parsed::<ProjectName>(key.get_ref(), span(key)) else {
            continue;
        };
        let list = node.get_ref().as_array();
        let items = list.map_or(std::slice::from_ref(node), |list| list);
        if items.len() > MAX_SOURCES {
            out.refuse(
                span(node),
                "a project with this many sources is not read",
                "",
            );
        } else if !turned_off.contains(&name) {
            let found = items
                .iter()
                .filter_map(|item| read_source(key, &name, item, out));
            let found: Vec<Source> = found.collect();
            sources.insert(name, found);
        }
    }
    apply(&sources, out);
}

/// The projects whose sources uv does not look at (`no-sources-package`); `None` is all of them
/// (`no-sources`): then no name is bound to an index, whatever `sources` says.
fn turned_off(uv: &DeTable<'_>, out: &mut Collector<'_>) -> Option<BTreeSet<ProjectName>> {
    let other = || InstallOptionKind::Other("no-sources".to_owned());
    if let Some(node) = uv.get("no-sources") {
        out.option(span(node), other());
        if out.flag(node, "`no-sources`") == Some(true) {
            return None;
        }
    }
    let mut names = BTreeSet::new();
    if let Some(node) = uv.get("no-sources-package") {
        for text in out.texts(node, "`no-sources-package`") {
            out.option(text.span(), other());
            names.extend(out.parsed::<ProjectName>(text.value, text.span()));
        }
    }
    Some(names)
}

/// One source; a binding to an index is recorded at once.
fn read_source(
    key: &Key<'_>,
    name: &ProjectName,
    node: &Node<'_>,
    out: &mut Collector<'_>,
) -> Option<Source> {
    let table = out.table(node, "a source")?;
    let kinds = ["index", "git", "url", "path", "workspace"];
    let mut found = kinds
        .iter()
        .filter_map(|kind| Some((*kind, table.get(*kind)?)));
    let (Some((kind, value)), None) = (found.next(), found.next()) else {
        let why = "a source has exactly one of `index`, `git`, `url`, `path` and `workspace`";
        out.refuse(whole(out.source, node), why, "");
        return None;
    };
    // A table in its own section has the place of its header; the value inside is always its own.
    let place = span(node).cover(span(value));
    if kind != "index" {
        // Written down even if no requirement of this file has the name.
        out.option(place, InstallOptionKind::Other("sources".to_owned()));
    }
    if kind == "workspace" && !out.flag(value, "`workspace`")? {
        return None;
    }
    if kind == "workspace" {
        let origin = Origin::Path(key.get_ref().to_string());
        return source(origin, place, table, out);
    }
    let text = out.text(value, &format!("`{kind}`"))?;
    if kind == "index" {
        bind(name, &text, out);
        return None;
    }
    let origin = origin(kind, &text, table, out)?;
    source(origin, place, table, out)
}

fn source(
    origin: Origin,
    span: Span,
    table: &DeTable<'_>,
    out: &mut Collector<'_>,
) -> Option<Source> {
    let mut source = Source {
        origin,
        editable: false,
        marker: None,
        part: None,
        span,
    };
    for (key, node) in entries(table) {
        match key.get_ref().as_ref() {
            "editable" => source.editable = out.flag(node, "`editable`")?,
            "marker" => source.marker = Some(out.parsed_text(node, "`marker`")?),
            "extra" => source.part = Some(Scope::Extra(out.parsed_text(node, "`extra`")?)),
            "group" => source.part = Some(Scope::Group(out.parsed_text(node, "`group`")?)),
            _ => {}
        }
    }
    Some(source)
}

fn bind(name: &ProjectName, text: &Text<'_>, out: &mut Collector<'_>) {
    out.manifest.bindings.push(Binding {
        project: name.clone(),
        index: text.value.to_owned(),
        span: text.span(),
    });
}

fn origin(
    kind: &str,
    text: &Text<'_>,
    table: &DeTable<'_>,
    out: &mut Collector<'_>,
) -> Option<Origin> {
    match kind {
        "git" => Some(Origin::Vcs {
            shown: redact(text.value),
            revision: revision(table, out),
            is_open: address::is_open(text.value),
        }),
        "url" => Some(file(text.value)),
        // An address may have credentials, which a path is not searched for.
        _ if text.value.contains("://") => {
            out.refuse(
                text.span(),
                "`path` is a file or folder, and this is an address",
                "use `url`",
            );
            None
        }
        _ => Some(Origin::Path(text.value.to_owned())),
    }
}

/// The file behind an address; of one that is none, nobody can say that it is fetched safely.
fn file(text: &str) -> Origin {
    address::origin(text, text, Kind::Web).unwrap_or_else(|| Origin::Url {
        shown: redact(text),
        filename: String::new(),
        plain_http: true,
    })
}

/// What is checked out; a branch or tag that looks like a commit must not pass for one.
fn revision(table: &DeTable<'_>, out: &mut Collector<'_>) -> Option<String> {
    let refs = [
        ("rev", ""),
        ("tag", "refs/tags/"),
        ("branch", "refs/heads/"),
    ];
    let (name, prefix) = refs
        .into_iter()
        .find(|(name, _)| table.contains_key(*name))?;
    let text = out.text(table.get(name)?, &format!("`{name}`"))?;
    let is_hex = text.value.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some(if is_hex && matches!(text.value.len(), 40 | 64) {
        format!("{prefix}{}", text.value)
    } else {
        text.value.to_owned()
    })
}

/// Gives requirements their origins; a source for some environments adds one beside the index.
fn apply(sources: &BTreeMap<ProjectName, Vec<Source>>, out: &mut Collector<'_>) {
    let written = std::mem::take(&mut out.manifest.requirements);
    let limit = written.len() + MAX_ADDED;
    for requirement in written {
        let known = requirement.name.as_ref().and_then(|name| sources.get(name));
        let known = known.map_or(&[][..], Vec::as_slice);
        if !known.is_empty() && out.manifest.requirements.len() >= limit {
            out.refuse(
                requirement.span,
                "sources make too many requirements of this file",
                "",
            );
            continue;
        }
        let mut is_replaced = false;
        for source in known.iter().filter(|source| source.is_for(&requirement)) {
            is_replaced |= source.marker.is_none();
            out.manifest.requirements.push(source.replace(&requirement));
        }
        if !is_replaced {
            out.manifest.requirements.push(requirement);
        }
    }
}

impl Source {
    fn is_for(&self, requirement: &Requirement) -> bool {
        matches!(requirement.origin, Origin::Index(_))
            && self
                .part
                .as_ref()
                .is_none_or(|part| *part == requirement.scope)
    }

    fn replace(&self, requirement: &Requirement) -> Requirement {
        Requirement {
            origin: self.origin.clone(),
            editable: self.editable,
            marker: self.marker.clone().or_else(|| requirement.marker.clone()),
            origin_span: self.span,
            ..requirement.clone()
        }
    }
}
