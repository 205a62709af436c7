//! The JSON form (PEP 691, 700, 714, 740, 592, 792), with the true state and our verdict under `_pinproof`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pinproof_core::project_facts::StatusMarker;
use pinproof_core::{Admission, Printable, ProjectName};
use pinproof_engine::admit::{AdmittedFile, Because, Next};
use serde::Serialize;

use super::super::model::{Model, Withheld, sentence, withheld};
use super::super::{Gateway, addresses, evidence, metadata, provenance};

/// A yes or no in the place of a value.
#[derive(Serialize)]
#[serde(untagged)]
enum Flag<T> {
    Bool(bool),
    Value(T),
}

#[derive(Serialize)]
struct Page<'a> {
    meta: Meta,
    name: &'a ProjectName,
    #[serde(rename = "project-status", skip_serializing_if = "Option::is_none")]
    status: Option<Status<'a>>,
    versions: Vec<String>,
    files: Vec<File<'a>>,
    _pinproof: OfPage<'a>,
}

#[derive(Serialize)]
struct Meta {
    #[serde(rename = "api-version")]
    api_version: &'static str,
    /// That of the index, not ours.
    #[serde(rename = "_last-serial", skip_serializing_if = "Option::is_none")]
    last_serial: Option<u64>,
}

#[derive(Serialize)]
struct Status<'a> {
    status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct OfPage<'a> {
    policy: &'a str,
    index: &'a str,
    fetched_at: Timestamp,
    decided_at: Timestamp,
    next_change_at: Option<Timestamp>,
    /// Why the page is older than it would be.
    stale: Option<&'a Printable>,
    /// The serial number that the upstream gave with a newer page than this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    went_back_from: Option<u64>,
    /// The releases that the upstream does not list any more, and that nobody withdrew.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    vanished: Vec<String>,
    /// Entries of the upstream's page that are left out, because nobody could say what they are.
    #[serde(skip_serializing_if = "is_zero")]
    not_understood: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct File<'a> {
    filename: &'a str,
    url: String,
    hashes: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upload_time: Option<Timestamp>,
    requires_python: Option<&'a str>,
    yanked: Flag<String>,
    core_metadata: Flag<BTreeMap<&'static str, &'a str>>,
    #[serde(rename = "data-dist-info-metadata")]
    data_dist_info_metadata: Flag<BTreeMap<&'static str, &'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provenance: Option<String>,
    #[serde(rename = "_pinproof")]
    pinproof: OfFile<'a>,
}

/// The true state, and what was decided.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct OfFile<'a> {
    admission: Admission,
    /// Whether the upstream says that it is withdrawn.
    yanked: Flag<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Printable>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    /// The release to take instead, and from when on if that is not now.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_allowed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_allowed_at: Option<Timestamp>,
    /// Whether the upstream lists other bytes now than were seen first.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    changed: bool,
    /// What is remembered of it that whoever installs it should know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Remark<'a>>,
    evidence: &'a str,
}

#[derive(Serialize)]
struct Remark<'a> {
    rule: &'static str,
    message: &'a Printable,
}

impl<'a> Remark<'a> {
    fn of(because: &'a Because) -> Self {
        Self {
            rule: because.rule,
            message: &because.message,
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Writes the page.
pub(crate) fn write(model: &Model, gateway: &Gateway) -> String {
    let facts = &model.page.facts;
    let mut versions: Vec<String> = Vec::new();
    for file in &model.page.files {
        let version = file.version.to_string();
        if versions.last() != Some(&version) {
            versions.push(version);
        }
    }
    let vanished = model.history.vanished.keys();
    let page = Page {
        meta: Meta {
            api_version: api_version(model),
            last_serial: model.revision().serial,
        },
        name: &facts.project,
        status: facts.status.as_ref().map(|status| Status {
            status: marker(&status.marker),
            reason: status.reason.as_deref(),
        }),
        versions,
        files: model
            .page
            .files
            .iter()
            .map(|file| of_file(file, model, gateway))
            .collect(),
        _pinproof: OfPage {
            policy: &model.policy,
            index: &model.index.name,
            fetched_at: facts.fetched_at,
            decided_at: model.page.decided_at,
            next_change_at: model.page.next_change_at,
            stale: model.stale.as_ref(),
            went_back_from: model.went_back.map(|went_back| went_back.from),
            vanished: vanished.map(ToString::to_string).collect(),
            not_understood: facts.not_understood,
        },
    };
    // No key of it is anything but text.
    serde_json::to_string(&page).unwrap_or_default()
}

/// 1.4 says that a project without a status is active; where the upstream does not say that, nor do we.
pub(super) fn api_version(model: &Model) -> &'static str {
    let mut files = model.page.files.iter();
    if model.page.facts.publishes.project_status {
        "1.4"
    } else if files.any(|file| file.facts.provenance.is_some()) {
        "1.3"
    } else {
        "1.1"
    }
}

/// The marker as the upstream writes it.
pub(super) fn marker(marker: &StatusMarker) -> &str {
    match marker {
        StatusMarker::Active => "active",
        StatusMarker::Archived => "archived",
        StatusMarker::Quarantined => "quarantined",
        StatusMarker::Deprecated => "deprecated",
        StatusMarker::Other(other) => other,
    }
}

fn of_file<'a>(file: &'a AdmittedFile, model: &Model, gateway: &Gateway) -> File<'a> {
    let facts = &file.facts;
    let withheld = withheld(file);
    let is_refused = |why: &Withheld| why.admission == Admission::Refused;
    let is_refused = withheld.as_ref().is_some_and(is_refused);
    let next = is_refused.then_some(&model.page.next);
    let metadata = || match metadata_hash(file) {
        Some(hash) => Flag::Value(BTreeMap::from([("sha256", hash)])),
        None => Flag::Bool(false),
    };
    let upstream = match &facts.yanked {
        None => Flag::Bool(false),
        Some(None) => Flag::Bool(true),
        Some(Some(reason)) => Flag::Value(reason.as_str()),
    };
    File {
        filename: &facts.filename,
        url: addresses::file(evidence::sha256(facts), &facts.filename),
        hashes: facts
            .hashes
            .iter()
            .map(|hash| (hash.algorithm().name(), hash.digest()))
            .collect(),
        size: facts.size,
        upload_time: facts.uploaded_at,
        requires_python: facts.requires_python.as_deref(),
        yanked: match yanked(file, gateway) {
            None => Flag::Bool(false),
            Some(reason) if reason.is_empty() => Flag::Bool(true),
            Some(reason) => Flag::Value(reason),
        },
        core_metadata: metadata(),
        data_dist_info_metadata: metadata(),
        provenance: provenance::offered(file, &gateway.0.options.public),
        pinproof: OfFile {
            admission: withheld
                .as_ref()
                .map_or(Admission::Admitted, |why| why.admission),
            yanked: upstream,
            rule: withheld.as_ref().map(|why| why.because.rule),
            until: withheld.as_ref().and_then(|why| why.because.until),
            next_allowed: next.and_then(Next::version).map(ToString::to_string),
            next_allowed_at: next.and_then(Next::at),
            reason: withheld.map(|why| why.because.message.clone()),
            changed: is_changed(model, &facts.filename),
            findings: file.remarks.iter().map(Remark::of).collect(),
            evidence: &file.verdict.evidence_digest,
        },
    }
}

/// Whether the upstream lists other bytes now than were seen first.
pub(crate) fn is_changed(model: &Model, filename: &str) -> bool {
    let changed = model.history.changed.get(filename);
    changed.is_some_and(|changed| changed.is_listed)
}

/// Whether a file is listed as withdrawn, and why: by us, or by its authors.
pub(super) fn yanked(file: &AdmittedFile, gateway: &Gateway) -> Option<String> {
    if let Some(withheld) = withheld(file) {
        let public = &gateway.0.options.public;
        return Some(sentence(withheld.because, public, &file.facts.filename));
    }
    file.facts
        .yanked
        .as_ref()
        .map(|reason| reason.clone().unwrap_or_default())
}

/// The hash of the core metadata that is served beside the file; without one, none is offered, nor for a file whose
/// own hash nobody knows yet.
pub(crate) fn metadata_hash(file: &AdmittedFile) -> Option<&str> {
    evidence::sha256(&file.facts)?;
    metadata::offered(&file.facts).map(pinproof_core::Hash::digest)
}

/// The list of names.
pub(super) fn root(names: &[ProjectName]) -> String {
    let projects: Vec<_> = names
        .iter()
        .map(|name| serde_json::json!({"name": name}))
        .collect();
    serde_json::json!({"meta": {"api-version": "1.1"}, "projects": projects}).to_string()
}
