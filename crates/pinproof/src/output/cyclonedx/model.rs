//! The parts of CycloneDX 1.6 that are written, in the order in which they are written.

use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Document {
    #[serde(rename = "$schema")]
    pub schema: &'static str,
    #[serde(rename = "bomFormat")]
    pub bom_format: &'static str,
    #[serde(rename = "specVersion")]
    pub spec_version: &'static str,
    #[serde(rename = "serialNumber", skip_serializing_if = "Option::is_none")]
    pub serial_number: Option<String>,
    pub version: u32,
    pub metadata: Metadata,
    pub components: Vec<Component>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dependencies: Option<Vec<Dependency>>,
    pub compositions: Vec<Composition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vulnerabilities: Option<Vec<Vulnerability>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<Annotation>,
}

#[derive(Serialize)]
pub(super) struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    pub tools: Tools,
    pub component: Component,
    pub properties: Vec<Property>,
}

#[derive(Serialize)]
pub(super) struct Tools {
    pub components: Vec<Component>,
}

#[derive(Default, Serialize)]
pub(super) struct Component {
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(rename = "bom-ref", skip_serializing_if = "Option::is_none")]
    pub bom_ref: Option<String>,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purl: Option<String>,
    #[serde(rename = "externalReferences", skip_serializing_if = "Vec::is_empty")]
    pub external_references: Vec<ExternalReference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

#[derive(Serialize)]
pub(super) struct ExternalReference {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub url: String,
    pub comment: &'static str,
    pub hashes: Vec<Digest>,
}

#[derive(Serialize)]
pub(super) struct Digest {
    pub alg: &'static str,
    pub content: String,
}

#[derive(Serialize)]
pub(super) struct Evidence {
    pub occurrences: Vec<Occurrence>,
}

#[derive(Serialize)]
pub(super) struct Occurrence {
    pub location: String,
    pub line: usize,
}

#[derive(Serialize)]
pub(super) struct Property {
    pub name: &'static str,
    pub value: String,
}

#[derive(Serialize)]
pub(super) struct Dependency {
    #[serde(rename = "ref")]
    pub of: String,
    #[serde(rename = "dependsOn")]
    pub on: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Composition {
    pub aggregate: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assemblies: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vulnerabilities: Option<Vec<String>>,
}

impl Composition {
    pub(super) fn of_releases(aggregate: &'static str) -> Self {
        Self {
            aggregate,
            assemblies: Some(vec![super::ROOT.to_owned()]),
            vulnerabilities: None,
        }
    }

    pub(super) fn of_vulnerabilities(aggregate: &'static str, references: Vec<String>) -> Self {
        Self {
            aggregate,
            assemblies: None,
            vulnerabilities: Some(references),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Annotation {
    pub subjects: Vec<String>,
    pub annotator: Annotator,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    pub text: String,
}

#[derive(Serialize)]
pub(super) struct Annotator {
    pub component: Component,
}

#[derive(Serialize)]
pub(super) struct Vulnerability {
    #[serde(rename = "bom-ref")]
    pub bom_ref: String,
    pub id: String,
    pub source: Named,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Equivalent>,
    pub ratings: Vec<Rating>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    pub recommendation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analysis: Option<Analysis>,
    pub affects: Vec<Affects>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
}

/// A source of advisories, or of a rating.
#[derive(Serialize)]
pub(super) struct Named {
    pub name: String,
}

#[derive(Serialize)]
pub(super) struct Equivalent {
    pub id: String,
    pub source: Named,
}

#[derive(Default, Serialize)]
pub(super) struct Rating {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    pub severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vector: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Analysis {
    pub state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub justification: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub response: Vec<&'static str>,
    pub detail: String,
}

#[derive(Serialize)]
pub(super) struct Affects {
    #[serde(rename = "ref")]
    pub reference: String,
    pub versions: Vec<AffectedVersion>,
}

/// A version, or a range in the notation of `vers`.
#[derive(Serialize)]
pub(super) struct AffectedVersion {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<&'static str>,
    pub status: &'static str,
}
