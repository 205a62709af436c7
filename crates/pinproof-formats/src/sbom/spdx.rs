//! SPDX 2 in JSON: `packages`, and the graph under `relationships`.
//!
//! Files and snippets are no packages. A package's checksums are those of the package as the document
//! describes it, and are not read; see [the module above](super).

use std::collections::BTreeSet;

use pinproof_core::manifest::InventoryKind;
use pinproof_core::{Manifest, Printable};
use serde::Deserialize;

use super::builder::{Builder, Component, Kind};
use super::{MAX_COMPONENTS, SbomError, numbers};
use crate::json_text::{Document, JsonError, Raw, Text};

/// The newest minor version whose specification was looked at.
const NEWEST: u32 = 3;
/// External references of one package.
const MAX_REFERENCES: usize = 10_000;
/// The identifier of the document itself.
const DOCUMENT: &str = "SPDXRef-DOCUMENT";

#[derive(Deserialize)]
struct Bom<'t> {
    #[serde(borrow)]
    packages: Option<Raw<'t>>,
    relationships: Option<Raw<'t>>,
    #[serde(rename = "documentDescribes")]
    describes: Option<Raw<'t>>,
}

#[derive(Deserialize)]
struct Package<'t> {
    #[serde(borrow, rename = "SPDXID")]
    id: Option<Raw<'t>>,
    name: Option<Raw<'t>>,
    #[serde(rename = "versionInfo")]
    version: Option<Raw<'t>>,
    #[serde(rename = "primaryPackagePurpose")]
    purpose: Option<Raw<'t>>,
    #[serde(rename = "externalRefs")]
    references: Option<Raw<'t>>,
}

#[derive(Deserialize)]
struct Reference<'t> {
    #[serde(borrow, rename = "referenceType")]
    kind: Option<Raw<'t>>,
    #[serde(rename = "referenceLocator")]
    locator: Option<Raw<'t>>,
}

#[derive(Deserialize)]
struct Relationship<'t> {
    #[serde(borrow, rename = "spdxElementId")]
    from: Option<Raw<'t>>,
    #[serde(rename = "relationshipType")]
    kind: Option<Raw<'t>>,
    #[serde(rename = "relatedSpdxElement")]
    to: Option<Raw<'t>>,
}

/// Reads the document of that `spdxVersion`.
pub(super) fn read(document: Document<'_>, version: &str) -> Result<Manifest, SbomError> {
    let number = version.strip_prefix("SPDX-").and_then(numbers);
    let Some((2, minor)) = number else {
        return Err(SbomError::Version {
            format: "SPDX",
            version: Printable::new(version).shortened(40),
        });
    };
    let shown = if minor > NEWEST {
        format!("2.{minor} (read as 2.{NEWEST})")
    } else {
        format!("2.{minor}")
    };
    let bom: Bom<'_> = document.object(document.root())?;
    let mut reader = Reader {
        document,
        builder: Builder::new(),
        described: BTreeSet::new(),
    };
    if let Some(described) = bom.describes {
        for raw in document.list(described, MAX_COMPONENTS)? {
            let id = document.string(raw)?.value;
            reader.described.insert(id);
        }
    }
    if let Some(relationships) = bom.relationships {
        reader.read_relationships(relationships)?;
    }
    if let Some(packages) = bom.packages {
        reader.read_packages(packages)?;
    }
    let kind = InventoryKind::Spdx(Printable::from(shown));
    Ok(reader.builder.finish(kind))
}

struct Reader<'t> {
    document: Document<'t>,
    builder: Builder,
    /// What the document is about.
    described: BTreeSet<String>,
}

impl<'t> Reader<'t> {
    /// Reads who needs whom. It decides nothing that is judged, so what is wrong with it is said and
    /// left out.
    fn read_relationships(&mut self, list: Raw<'t>) -> Result<(), JsonError> {
        for raw in self.document.list(list, MAX_COMPONENTS * 5)? {
            if let Err(error) = self.read_relationship(raw) {
                let whole = self.document.span(raw);
                self.builder.refuse(error.span, &error.message, whole);
            }
        }
        Ok(())
    }

    fn read_relationship(&mut self, raw: Raw<'t>) -> Result<(), JsonError> {
        let relationship: Relationship<'_> = self.document.object(raw)?;
        let from = self.document.optional(relationship.from)?;
        let kind = self.document.optional(relationship.kind)?;
        let to = self.document.optional(relationship.to)?;
        let (Some(from), Some(kind), Some(to)) = (from, kind, to) else {
            return Err(self
                .document
                .expected(raw, "a relationship of two elements"));
        };
        let (from, to) = (from.value, to.value);
        match kind.value.as_str() {
            "DESCRIBES" if from == DOCUMENT => {
                self.described.insert(to);
            }
            "DESCRIBED_BY" if to == DOCUMENT => {
                self.described.insert(from);
            }
            "DEPENDS_ON" | "CONTAINS" | "HAS_PREREQUISITE" => self.builder.graph.add(&from, &to),
            "CONTAINED_BY" | "PREREQUISITE_FOR" => self.builder.graph.add(&to, &from),
            kind if kind.ends_with("DEPENDENCY_OF") => self.builder.graph.add(&to, &from),
            _ => {}
        }
        Ok(())
    }

    fn read_packages(&mut self, list: Raw<'t>) -> Result<(), JsonError> {
        let packages = self.document.list(list, MAX_COMPONENTS)?;
        for raw in packages {
            if let Err(error) = self.read_package(raw) {
                let whole = self.document.span(raw);
                self.builder.refuse(error.span, &error.message, whole);
            }
        }
        Ok(())
    }

    fn read_package(&mut self, raw: Raw<'t>) -> Result<(), JsonError> {
        let document = self.document;
        let package: Package<'_> = document.object(raw)?;
        let id = document.optional(package.id)?;
        let name = document.optional(package.name)?;
        let version = document.optional(package.version)?;
        let purpose = document.optional(package.purpose)?;
        let purls = self.purls(package.references)?;
        let is_described = id
            .as_ref()
            .is_some_and(|id| self.described.contains(&id.value));
        // A document may describe everything that it lists; a thing without a purl is what it is about.
        if is_described && (purls.is_empty() || self.described.len() == 1) {
            self.builder
                .set_subject(id, name.as_ref(), version.as_ref());
            return Ok(());
        }
        self.builder.add(Component {
            id,
            kind: kind_of(purpose.as_ref()),
            name,
            version,
            purls,
            hashes: Vec::new(),
            span: document.span(raw),
        });
        Ok(())
    }

    fn purls(&self, references: Option<Raw<'t>>) -> Result<Vec<Text>, JsonError> {
        let mut purls = Vec::new();
        let Some(references) = references else {
            return Ok(purls);
        };
        for raw in self.document.list(references, MAX_REFERENCES)? {
            let reference: Reference<'_> = self.document.object(raw)?;
            let kind = self.document.optional(reference.kind)?;
            if kind.is_some_and(|kind| kind.value == "purl") {
                let locator = self.document.optional(reference.locator)?;
                let missing = || self.document.expected(raw, "`referenceLocator`");
                purls.push(locator.ok_or_else(missing)?);
            }
        }
        Ok(purls)
    }
}

/// Purposes that no index has; most documents give none.
fn kind_of(purpose: Option<&Text>) -> Kind {
    match purpose.map(|purpose| purpose.value.as_str()) {
        Some(
            "APPLICATION" | "CONTAINER" | "OPERATING-SYSTEM" | "OPERATING_SYSTEM" | "DEVICE"
            | "FIRMWARE" | "SOURCE" | "ARCHIVE" | "FILE" | "INSTALL",
        ) => Kind::Other,
        _ => Kind::Library,
    }
}
