//! `--format cyclonedx` and `pinproof sbom`: the judged releases as a CycloneDX 1.6 document.
//!
//! The same releases give the same document: its serial number is made from what it says, and its time
//! is the one that was decided for. Licences are not claimed, because nobody looked at them.

mod model;

use std::collections::BTreeSet;

use pinproof_core::{Hash, HashAlgorithm, Printable};
use pinproof_engine::bom::BomRelease;
use pinproof_engine::inputs::hex_sha256;
use pinproof_engine::report::{FileUse, JudgedFile};
use pinproof_engine::{LockKind, Report};

use model::{
    Component, Composition, Dependency, Digest, Document, Evidence, ExternalReference, Metadata,
    Occurrence, Property, Tools,
};

/// The reference of what the document is about; no package URL and no name with a version is like it.
const ROOT: &str = "pinproof:root";

/// The report as a document.
pub(crate) fn render(report: &Report) -> String {
    let mut document = document(report);
    // Before the time is in it: what says the same has the same number.
    document.serial_number = Some(serial_number(&json(&document)));
    document.metadata.timestamp = Some(format!("{:.0}", report.decided_at));
    json(&document) + "\n"
}

fn json(document: &Document) -> String {
    match serde_json::to_string_pretty(document) {
        Ok(text) => text,
        // Strings and numbers always serialize; a document must not vanish if that ever changes.
        Err(error) => format!("{{\"error\": {:?}}}", error.to_string()),
    }
}

fn document(report: &Report) -> Document {
    Document {
        schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        bom_format: "CycloneDX",
        spec_version: "1.6",
        serial_number: None,
        version: 1,
        metadata: metadata(report),
        components: components(report),
        dependencies: dependencies(report),
        compositions: vec![composition(report)],
    }
}

/// A UUID of version 8 (RFC 9562) from the sha256 of a text.
fn serial_number(text: &str) -> String {
    let digest = hex_sha256(text.as_bytes());
    let part = |from: usize, to: usize| digest.get(from..to).unwrap_or("");
    format!(
        "urn:uuid:{}-{}-8{}-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 15),
        part(15, 18),
        part(18, 30)
    )
}

fn metadata(report: &Report) -> Metadata {
    let inputs = report.files.iter().map(|file| Property {
        name: "pinproof:input",
        value: format!("{} sha256:{}", file.source.path, file.source.sha256),
    });
    let unanswered = Property {
        name: "pinproof:unanswered",
        value: report.open().to_string(),
    };
    Metadata {
        timestamp: None,
        tools: Tools {
            components: vec![Component {
                kind: "application",
                name: "pinproof".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
                ..Component::default()
            }],
        },
        component: Component {
            kind: "application",
            bom_ref: Some(ROOT.to_owned()),
            name: report.bom.subject.to_string(),
            ..Component::default()
        },
        properties: inputs.chain([unanswered]).collect(),
    }
}

fn components(report: &Report) -> Vec<Component> {
    let releases = report.bom.releases.iter();
    releases
        .map(|(reference, release)| Component {
            kind: "library",
            bom_ref: Some(reference.clone()),
            name: release.name.to_string(),
            version: release.version.as_ref().map(ToString::to_string),
            purl: release.purl.as_ref().map(ToString::to_string),
            external_references: distribution(release).into_iter().collect(),
            evidence: Some(Evidence {
                occurrences: release.places.iter().map(occurrence).collect(),
            }),
        })
        .collect()
}

fn occurrence((location, line): &(Printable, usize)) -> Occurrence {
    Occurrence {
        location: location.to_string(),
        line: *line,
    }
}

/// The hashes that the files accept are those of distributions, of which a release has many: they stand
/// with the page that lists them, not with the component.
fn distribution(release: &BomRelease) -> Option<ExternalReference> {
    let hashes: Vec<_> = release.hashes.iter().filter_map(digest).collect();
    (!hashes.is_empty()).then(|| ExternalReference {
        kind: "distribution",
        url: release
            .distributions_at
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        comment: "the distributions that are accepted, by their hashes",
        hashes,
    })
}

/// The hash as CycloneDX names it; it has no name for sha224.
fn digest(hash: &Hash) -> Option<Digest> {
    let alg = match hash.algorithm() {
        HashAlgorithm::Md5 => "MD5",
        HashAlgorithm::Sha1 => "SHA-1",
        HashAlgorithm::Sha256 => "SHA-256",
        HashAlgorithm::Sha384 => "SHA-384",
        HashAlgorithm::Sha512 => "SHA-512",
        HashAlgorithm::Blake2b => "BLAKE2b-512",
        _ => return None,
    };
    Some(Digest {
        alg,
        content: hash.digest().to_owned(),
    })
}

/// Who needs whom; a release that is not named here needs nobody knows what.
fn dependencies(report: &Report) -> Vec<Dependency> {
    let root = (!report.bom.tops.is_empty()).then(|| dependency(ROOT, &report.bom.tops));
    let releases = report.bom.releases.iter();
    let known = releases.filter_map(|(reference, release)| {
        let needs = release.needs.as_ref()?;
        Some(dependency(reference, needs))
    });
    root.into_iter().chain(known).collect()
}

fn dependency(of: &str, on: &BTreeSet<String>) -> Dependency {
    Dependency {
        of: of.to_owned(),
        on: on.iter().cloned().collect(),
    }
}

/// Whether everything is in the document: what could not be read is not.
fn composition(report: &Report) -> Composition {
    let is_lock = |file: &JudgedFile| match &file.use_of {
        FileUse::InputOf(_) | FileUse::IncludedBy(_) => true,
        FileUse::Installed => file
            .lock
            .as_ref()
            .is_some_and(|lock| lock.kind == LockKind::Lock),
        FileUse::Inventory(_) => false,
    };
    let lacks_something = |file: &JudgedFile| {
        file.counts.not_understood > 0 || file.lock.as_ref().is_some_and(|lock| lock.missing > 0)
    };
    let is_skipped = report
        .findings
        .iter()
        .any(|finding| finding.rule == "skipped-input");
    let aggregate =
        if !report.errors.is_empty() || is_skipped || report.files.iter().any(lacks_something) {
            "incomplete"
        } else if report.files.iter().all(is_lock) {
            "complete"
        } else {
            "unknown"
        };
    Composition {
        aggregate,
        assemblies: vec![ROOT.to_owned()],
    }
}
