//! CycloneDX in JSON: `components`, whatever is nested in them, and the graph under `dependencies`.
//!
//! A newer 1.x is read like the last one that is known: minor versions add, and change no meaning.
//! Services, vulnerabilities, tools and formulas are no components of what the document describes.

use pinproof_core::manifest::{InventoryKind, WrittenHash};
use pinproof_core::{Hash, HashAlgorithm, Manifest, Printable};
use serde::Deserialize;

use super::builder::{Builder, Component, Kind};
use super::{MAX_COMPONENTS, SbomError, numbers};
use crate::json_text::{Document, JsonError, Raw, Text};

/// The newest minor version whose schema was looked at.
const NEWEST: u32 = 7;
/// Components within components; real documents have three levels.
const MAX_DEPTH: usize = 16;
/// References and hashes of one component; real ones have a few dozen, one for each wheel.
const MAX_REFERENCES: usize = 10_000;

#[derive(Deserialize)]
struct Bom<'t> {
    #[serde(borrow)]
    metadata: Option<Raw<'t>>,
    components: Option<Raw<'t>>,
    dependencies: Option<Raw<'t>>,
}

#[derive(Deserialize)]
struct Metadata<'t> {
    #[serde(borrow)]
    component: Option<Raw<'t>>,
}

#[derive(Deserialize)]
struct Entry<'t> {
    #[serde(borrow, rename = "type")]
    kind: Option<Raw<'t>>,
    name: Option<Raw<'t>>,
    version: Option<Raw<'t>>,
    purl: Option<Raw<'t>>,
    #[serde(rename = "bom-ref")]
    bom_ref: Option<Raw<'t>>,
    components: Option<Raw<'t>>,
    #[serde(rename = "externalReferences")]
    references: Option<Raw<'t>>,
}

#[derive(Deserialize)]
struct Reference<'t> {
    #[serde(borrow, rename = "type")]
    kind: Option<Raw<'t>>,
    hashes: Option<Raw<'t>>,
}

#[derive(Deserialize)]
struct WrittenDigest<'t> {
    #[serde(borrow)]
    alg: Option<Raw<'t>>,
    content: Option<Raw<'t>>,
}

#[derive(Deserialize)]
struct Dependency<'t> {
    #[serde(borrow, rename = "ref")]
    of: Option<Raw<'t>>,
    #[serde(rename = "dependsOn")]
    on: Option<Raw<'t>>,
}

/// Reads the document of that `specVersion`.
pub(super) fn read(document: Document<'_>, version: &str) -> Result<Manifest, SbomError> {
    let Some((1, minor)) = numbers(version) else {
        return Err(SbomError::Version {
            format: "CycloneDX",
            version: Printable::new(version).shortened(40),
        });
    };
    let shown = if minor > NEWEST {
        format!("1.{minor} (read as 1.{NEWEST})")
    } else {
        format!("1.{minor}")
    };
    let bom: Bom<'_> = document.object(document.root())?;
    let mut reader = Reader {
        document,
        builder: Builder::new(),
    };
    if let Some(metadata) = bom.metadata {
        let metadata: Metadata<'_> = document.object(metadata)?;
        if let Some(component) = metadata.component {
            reader.read_subject(component)?;
        }
    }
    if let Some(components) = bom.components {
        reader.read_components(components, 0)?;
    }
    if let Some(dependencies) = bom.dependencies {
        reader.read_dependencies(dependencies)?;
    }
    let kind = InventoryKind::CycloneDx(Printable::from(shown));
    Ok(reader.builder.finish(kind))
}

struct Reader<'t> {
    document: Document<'t>,
    builder: Builder,
}

impl<'t> Reader<'t> {
    /// What the document is about is not judged itself, but what stands in it is.
    fn read_subject(&mut self, raw: Raw<'t>) -> Result<(), JsonError> {
        let entry: Entry<'_> = self.document.object(raw)?;
        let name = self.document.optional(entry.name)?;
        let version = self.document.optional(entry.version)?;
        let id = self.document.optional(entry.bom_ref)?;
        self.builder
            .set_subject(id, name.as_ref(), version.as_ref());
        match entry.components {
            Some(components) => self.read_components(components, 1),
            None => Ok(()),
        }
    }

    /// Reads a list of components; a list that is none leaves everything in it unknown.
    fn read_components(&mut self, list: Raw<'t>, depth: usize) -> Result<(), JsonError> {
        for raw in self.document.list(list, MAX_COMPONENTS)? {
            if self.builder.components() == MAX_COMPONENTS {
                let why = format!("more than {MAX_COMPONENTS} components");
                return Err(JsonError {
                    message: Printable::from(why),
                    span: self.document.span(raw),
                });
            }
            let nested = match self.read_component(raw) {
                Ok(nested) => nested,
                Err(error) => {
                    self.builder
                        .refuse(error.span, &error.message, self.document.span(raw));
                    continue;
                }
            };
            match nested {
                Some(nested) if depth == MAX_DEPTH => {
                    let why =
                        Printable::new("components are nested too deeply: these are not read");
                    let span = self.document.span(nested);
                    self.builder.refuse(span, &why, span);
                }
                Some(nested) => self.read_components(nested, depth + 1)?,
                None => {}
            }
        }
        Ok(())
    }

    /// Adds one component, and gives the list of those within it.
    fn read_component(&mut self, raw: Raw<'t>) -> Result<Option<Raw<'t>>, JsonError> {
        let document = self.document;
        let entry: Entry<'_> = document.object(raw)?;
        let kind = document.optional(entry.kind)?;
        let component = Component {
            id: document.optional(entry.bom_ref)?,
            kind: kind_of(kind.as_ref()),
            name: document.optional(entry.name)?,
            version: document.optional(entry.version)?,
            purls: document.optional(entry.purl)?.into_iter().collect(),
            hashes: self.hashes(entry.references)?,
            span: document.span(raw),
        };
        self.builder.add(component);
        Ok(entry.components)
    }

    /// The hashes of the distributions that a component names.
    fn hashes(&self, references: Option<Raw<'t>>) -> Result<Vec<WrittenHash>, JsonError> {
        let mut hashes = Vec::new();
        let Some(references) = references else {
            return Ok(hashes);
        };
        for raw in self.document.list(references, MAX_REFERENCES)? {
            let reference: Reference<'_> = self.document.object(raw)?;
            let kind = self.document.optional(reference.kind)?;
            if kind.is_none_or(|kind| kind.value != "distribution") {
                continue;
            }
            for raw in self.optional_list(reference.hashes, MAX_REFERENCES)? {
                hashes.extend(self.hash(raw)?);
            }
        }
        hashes.truncate(MAX_REFERENCES);
        Ok(hashes)
    }

    /// A hash; one of an algorithm that no index uses holds nothing.
    fn hash(&self, raw: Raw<'t>) -> Result<Option<WrittenHash>, JsonError> {
        let written: WrittenDigest<'_> = self.document.object(raw)?;
        let (Some(algorithm), Some(content)) = (written.alg, written.content) else {
            return Err(self.document.expected(raw, "`alg` and `content`"));
        };
        let algorithm = algorithm_of(&self.document.string(algorithm)?.value);
        let Some(algorithm) = algorithm else {
            return Ok(None);
        };
        let digest = self.document.string(content)?;
        let hash = Hash::new(algorithm, &digest.value).map_err(|error| JsonError {
            message: Printable::from(error.to_string()),
            span: digest.span,
        })?;
        let span = digest.span;
        Ok(Some(WrittenHash { hash, span }))
    }

    /// Reads who needs whom. It decides nothing that is judged, so what is wrong with it is said and
    /// left out.
    fn read_dependencies(&mut self, list: Raw<'t>) -> Result<(), JsonError> {
        let entries = self.document.list(list, MAX_COMPONENTS)?;
        let mut left = MAX_COMPONENTS * 5;
        for raw in entries {
            if let Err(error) = self.read_dependency(raw, &mut left) {
                self.builder
                    .refuse(error.span, &error.message, self.document.span(raw));
            }
        }
        Ok(())
    }

    fn read_dependency(&mut self, raw: Raw<'t>, left: &mut usize) -> Result<(), JsonError> {
        let dependency: Dependency<'_> = self.document.object(raw)?;
        let Some(of) = self.document.optional(dependency.of)? else {
            return Err(self.document.expected(raw, "`ref`"));
        };
        let on = self.optional_list(dependency.on, *left)?;
        *left -= on.len().min(*left);
        for raw in on {
            let on = self.document.string(raw)?;
            self.builder.graph.add(&of.value, &on.value);
        }
        Ok(())
    }

    fn optional_list(&self, raw: Option<Raw<'t>>, most: usize) -> Result<Vec<Raw<'t>>, JsonError> {
        raw.map_or_else(|| Ok(Vec::new()), |raw| self.document.list(raw, most))
    }
}

/// Types that no index has; an unknown type may be one that an index has.
fn kind_of(kind: Option<&Text>) -> Kind {
    match kind.map(|kind| kind.value.as_str()) {
        Some(
            "application"
            | "platform"
            | "operating-system"
            | "device"
            | "device-driver"
            | "firmware"
            | "file"
            | "container"
            | "machine-learning-model"
            | "data"
            | "cryptographic-asset",
        ) => Kind::Other,
        _ => Kind::Library,
    }
}

/// `SHA-256` and the like.
fn algorithm_of(text: &str) -> Option<HashAlgorithm> {
    match text {
        "BLAKE2b-512" => Some(HashAlgorithm::Blake2b),
        _ => text.replace('-', "").parse().ok(),
    }
}
