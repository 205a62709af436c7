//! `--format cyclonedx`, `--format vex` and `pinproof sbom`: the judged releases as a CycloneDX 1.6 document, with
//! what advisories say of them where that was asked.
//!
//! The same releases and the same answers give the same document: its serial number is made from what it
//! says, and its time is the one that was decided for. Licences are not claimed, because nobody looked at them.

mod completeness;
mod model;
mod vulnerabilities;

use std::collections::BTreeSet;

use pinproof_core::{Hash, HashAlgorithm, Printable};
use pinproof_engine::Report;
use pinproof_engine::bom::BomRelease;
use pinproof_engine::inputs::hex_sha256;

use model::{
    Component, Composition, Dependency, Digest, Document, Evidence, ExternalReference, Metadata,
    Occurrence, Property, Tools,
};

use super::advisories::held;

/// The reference of what the document is about; no package URL and no name with a version is like it.
const ROOT: &str = "pinproof:root";

/// The report as a bill of materials.
pub(crate) fn render(report: &Report) -> String {
    finished(bill(report), report)
}

/// What the exceptions of the project say of its vulnerabilities, and nothing else (VEX).
pub(crate) fn vex(report: &Report) -> String {
    finished(statements(report), report)
}

fn finished(mut document: Document, report: &Report) -> String {
    // Before the time is in it: what says the same has the same number.
    document.serial_number = Some(serial_number(&json(&document)));
    let time = format!("{:.0}", report.decided_at);
    for annotation in &mut document.annotations {
        annotation.timestamp = Some(time.clone());
    }
    document.metadata.timestamp = Some(time);
    json(&document) + "\n"
}

fn json(document: &Document) -> String {
    match serde_json::to_string_pretty(document) {
        Ok(text) => text,
        // Strings and numbers always serialize; a document must not vanish if that ever changes.
        Err(error) => format!("{{\"error\": {:?}}}", error.to_string()),
    }
}

fn bill(report: &Report) -> Document {
    let annotations = completeness::annotations(report);
    let mut compositions = vec![completeness::of_releases(report)];
    let mut mentioned: BTreeSet<String> = annotations
        .iter()
        .flat_map(|annotation| annotation.subjects.iter().cloned())
        .collect();
    let asks = completeness::asks_advisories(report);
    let vulnerabilities = asks.then(|| vulnerabilities::vulnerabilities(report));
    if let Some(listed) = &vulnerabilities {
        let composition = completeness::of_vulnerabilities(report, &annotations, listed);
        compositions.push(composition);
        mentioned.extend(affected(listed));
    }
    let is_part = |reference: &String, release: &BomRelease| {
        !release.is_only_for_builds || mentioned.contains(reference)
    };
    Document {
        components: components(report, is_part),
        dependencies: Some(dependencies(report)),
        compositions,
        vulnerabilities,
        annotations,
        ..empty(report)
    }
}

/// A document that stands alone: it has the releases that it speaks of, by the references that the bill of
/// materials has for them.
fn statements(report: &Report) -> Document {
    let mut listed = vulnerabilities::vulnerabilities(report);
    let all = listed.len();
    listed.retain(|one| one.analysis.is_some());
    let annotations = completeness::annotations(report);
    let mut composition = completeness::of_vulnerabilities(report, &annotations, &listed);
    if listed.len() < all || !completeness::asks_advisories(report) {
        composition.aggregate = "incomplete";
    }
    let spoken_of: BTreeSet<String> = affected(&listed).collect();
    Document {
        components: components(report, |reference, _| spoken_of.contains(reference)),
        compositions: vec![Composition::of_releases("incomplete"), composition],
        vulnerabilities: Some(listed),
        ..empty(report)
    }
}

fn empty(report: &Report) -> Document {
    Document {
        schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        bom_format: "CycloneDX",
        spec_version: "1.6",
        serial_number: None,
        version: 1,
        metadata: metadata(report),
        components: Vec::new(),
        dependencies: None,
        compositions: Vec::new(),
        vulnerabilities: None,
        annotations: Vec::new(),
    }
}

fn affected(listed: &[model::Vulnerability]) -> impl Iterator<Item = String> {
    let affects = listed.iter().flat_map(|one| &one.affects);
    affects.map(|affects| affects.reference.clone())
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
    let advisories = report.advisories.iter().map(|used| Property {
        name: "pinproof:advisories",
        value: match (&used.head, &used.digest) {
            (Some(head), Some(digest)) => format!("{}: {}, sha256:{digest}", used.name, held(head)),
            (Some(head), None) => format!("{}: {}", used.name, held(head)),
            (None, _) => format!("{}: not there", used.name),
        },
    });
    let unanswered = Property {
        name: "pinproof:unanswered",
        value: report.open().to_string(),
    };
    Metadata {
        timestamp: None,
        tools: Tools {
            components: vec![pinproof()],
        },
        component: Component {
            kind: "application",
            bom_ref: Some(ROOT.to_owned()),
            name: report.bom.subject.to_string(),
            ..Component::default()
        },
        properties: inputs.chain(advisories).chain([unanswered]).collect(),
    }
}

fn pinproof() -> Component {
    Component {
        kind: "application",
        name: "pinproof".to_owned(),
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        ..Component::default()
    }
}

fn components(report: &Report, is_part: impl Fn(&String, &BomRelease) -> bool) -> Vec<Component> {
    let releases = report.bom.releases.iter();
    releases
        .filter(|(reference, release)| is_part(reference, release))
        .map(|(reference, release)| Component {
            kind: "library",
            bom_ref: Some(reference.clone()),
            name: release.name.to_string(),
            version: release.version.as_ref().map(ToString::to_string),
            // Not a part of what runs, but it is there, and runs, when that is made.
            scope: release.is_only_for_builds.then_some("excluded"),
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
