//! One entry of a lock: its name, its version, and where it is from.

use pinproof_core::index::{Address, IndexLocation, LocationKind, redact};
use pinproof_core::manifest::{Origin, Requirement, Scope};
use pinproof_core::{Manifest, Marker, ProjectName, Span, Specifiers, Version};
use toml::de::DeTable;

use crate::address::{self, Kind};
use crate::pyproject::Collector;
use crate::toml_text::{Node, span};

/// An entry about which nothing but its name is known.
pub(crate) fn named(name: ProjectName, name_span: Span, whole: Span) -> Requirement {
    Requirement {
        name: Some(name),
        extras: Vec::new(),
        origin: Origin::Index(Specifiers::default()),
        version: None,
        index: None,
        marker: None,
        hashes: Vec::new(),
        editable: false,
        scope: Scope::Main,
        via: Vec::new(),
        needs: None,
        span: whole,
        name_span,
        origin_span: name_span,
    }
}

/// The name and the version of an entry in TOML; without a name it is not understood.
pub(crate) fn read(
    table: &DeTable<'_>,
    node: &Node<'_>,
    out: &mut Collector<'_>,
) -> Option<Requirement> {
    let whole = whole(table, node);
    let Some(name) = table.get("name") else {
        out.refuse(
            span(node),
            "an entry of a lock has a `name`, and this one has none",
            "",
        );
        return None;
    };
    let text = out.text(name, "`name`")?;
    let mut requirement = named(out.parsed(text.value, text.span())?, text.span(), whole);
    if let Some(version) = table.get("version") {
        let text = out.text(version, "`version`")?;
        let version: Version = out.parsed(text.value, text.span())?;
        pin(&mut requirement, version, text.span());
    }
    Some(requirement)
}

/// Holds an entry to a version.
pub(crate) fn pin(requirement: &mut Requirement, version: Version, place: Span) {
    requirement.origin = Origin::Index(pinned(&version));
    requirement.version = Some(version);
    requirement.origin_span = place;
}

/// Limits an entry to the environments of one more marker.
pub(crate) fn add_marker(requirement: &mut Requirement, marker: Marker) {
    requirement.marker = Some(match requirement.marker.take() {
        Some(own) => own.and(marker),
        None => marker,
    });
}

/// The specifiers that accept this version alone.
fn pinned(version: &Version) -> Specifiers {
    format!("=={version}").parse().unwrap_or_default()
}

/// The place of an entry: its header, and the values that stand below it.
fn whole(table: &DeTable<'_>, node: &Node<'_>) -> Span {
    table.values().map(span).fold(span(node), Span::cover)
}

/// Records the index that an entry is from. One that is no address is not understood.
pub(crate) fn from_index(
    requirement: &mut Requirement,
    address: &str,
    place: Span,
    manifest: &mut Manifest,
) -> bool {
    let address = Address::parse(address);
    let is_known = matches!(&address, Address::Url(_) | Address::Folder(_));
    if let Address::Url(url) = &address {
        requirement.index = Some(url.clone());
    }
    manifest.locations.push(IndexLocation {
        kind: LocationKind::Extra,
        address,
        name: None,
        // The lock says which names it answers for.
        explicit: true,
        span: Some(place),
    });
    is_known
}

/// Keeps the first of the locations that lead to the same place: every entry names its index.
pub(crate) fn merge_locations(manifest: &mut Manifest) {
    let mut seen = std::collections::HashSet::new();
    manifest
        .locations
        .retain(|location| seen.insert(location.address.to_string()));
}

/// The file behind an address; of one that is none, nobody can say that it is fetched safely.
pub(crate) fn file(address: &str) -> Origin {
    address::origin(address, address, Kind::Web).unwrap_or_else(|| Origin::Url {
        shown: redact(address),
        filename: String::new(),
        plain_http: true,
    })
}

/// A repository at a commit.
pub(crate) fn repository(address: &str, revision: Option<String>) -> Origin {
    Origin::Vcs {
        shown: redact(address),
        revision,
        is_open: address::is_open(address),
    }
}
