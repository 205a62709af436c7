//! Digests: of the effective policy, and of the evidence that a verdict rests on.

use std::fmt::Write as _;

use pinproof_core::evidence::Answer;
use pinproof_core::{ProjectFacts, ProjectName, ReleaseFacts, Version};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::evidence::Evidence;
use crate::policy::{Policy, Preset};
use crate::rule::SettingValue;
use crate::rules::ALL;
use crate::subject::{Route, Subject};

/// The sha256 of the canonical JSON of the effective policy, presets expanded.
///
/// Addresses of indexes and everything else that belongs to a machine take no part.
pub(crate) fn of_policy(policy: &Policy) -> String {
    hex(&Sha256::digest(canonical_policy(policy).to_string()))
}

/// The effective policy: every rule with its levels, refusals and settings, the ignores, the indexes.
///
/// Keys are sorted, so equal policies give equal text.
pub fn canonical_policy(policy: &Policy) -> Value {
    let rules: Map<String, Value> = ALL
        .iter()
        .map(|page| (page.rule.name.to_owned(), canonical_rule(policy, page.rule)))
        .collect();
    let ignores: Vec<Value> = policy
        .ignores
        .iter()
        .map(|ignore| {
            let project = ignore.project.as_ref();
            json!({
                "rule": ignore.rule,
                "match": project.map(|(name, versions)| format!("{name}{versions}")),
                "id": ignore.id,
                "justification": ignore.justification,
                "file": ignore.file,
                "until": ignore.until.map(|date| date.to_string()),
                "owner": ignore.owner,
                "reason": ignore.reason,
            })
        })
        .collect();
    let indexes: Vec<Value> = policy
        .indexes
        .iter()
        .map(|index| json!({"name": index.name, "only": index.only, "default": index.default}))
        .collect();
    let advisories: Vec<Value> = policy
        .advisory_sources()
        .iter()
        .map(|source| {
            let max_age = source.max_age.map(|age| age.as_hours());
            json!({"name": source.name, "max-age": max_age, "indexes": source.indexes})
        })
        .collect();
    // What a preset decides beyond the cases of the rules: whether what a source never publishes refuses.
    let unsupported = if policy.preset == Preset::Strict {
        "deny"
    } else {
        "warn"
    };
    json!({"rules": rules, "ignore": ignores, "index": indexes, "advisories": advisories, "unsupported": unsupported})
}

fn canonical_rule(policy: &Policy, rule: &'static crate::Rule) -> Value {
    let cases: Map<String, Value> = rule
        .cases
        .iter()
        .map(|case| {
            let (level, refuses) = policy.in_the_end(rule, case);
            let value = json!({"level": level, "refuses": format!("{refuses:?}").to_lowercase()});
            (case.name.to_owned(), value)
        })
        .collect();
    let settings: Map<String, Value> = rule
        .settings
        .iter()
        .filter_map(|setting| {
            let value = match policy.setting(rule, setting.name)? {
                SettingValue::Hours(hours) => json!(hours),
                SettingValue::Names(names) => json!(names),
                SettingValue::Severity(severity) => json!(severity),
            };
            Some((setting.name.to_owned(), value))
        })
        .collect();
    let mut canonical = json!({"cases": cases, "settings": settings});
    let announced = policy.rules.get(rule.name);
    if let Some(day) = announced.and_then(|config| config.deny_from) {
        canonical["deny-from"] = json!(day.to_string());
    }
    canonical
}

/// The sha256 over the answers that `subject` was decided on.
///
/// The time and the address at which an answer was fetched take no part: the same facts, the same digest.
pub fn of_evidence(subject: &Subject<'_>, evidence: &Evidence) -> String {
    let mut hasher = Sha256::new();
    match subject {
        Subject::Settings(_) => {}
        Subject::File(file) => {
            for (name, requirement) in file.from_index() {
                if let Some(version) = requirement.pin {
                    let metadata = evidence.metadata(&requirement.route, name, version);
                    hasher.update(format!("{name} {version} {metadata:?}\n"));
                    add_project(
                        &mut hasher,
                        evidence,
                        &requirement.route,
                        name,
                        requirement.pin,
                    );
                }
            }
        }
        Subject::Requirement(requirement) => {
            if let Some(name) = &requirement.requirement.name {
                hasher.update(format!("{:?}\n", evidence.advisories(name)));
                add_project(
                    &mut hasher,
                    evidence,
                    &requirement.route,
                    name,
                    requirement.pin,
                );
            }
        }
        Subject::Distribution(distribution) => {
            let release = &distribution.release;
            hasher.update(format!("{:?}\n", evidence.advisories(release.project)));
            hasher.update(format!(
                "{:?} {:?}\n",
                release.page.publishes, release.page.status
            ));
            add_files(&mut hasher, release.release);
            add_lane(&mut hasher, evidence, release.page, release.version);
        }
    }
    hex(&hasher.finalize())
}

fn add_project(
    hasher: &mut Sha256,
    evidence: &Evidence,
    route: &Route,
    name: &ProjectName,
    pin: Option<&Version>,
) {
    match evidence.project(route, name) {
        Answer::Known(page) => {
            hasher.update(format!("{name} {:?} {:?}\n", page.publishes, page.status));
            match pin {
                Some(version) => match page.files.get(version) {
                    Some(release) => {
                        add_files(hasher, release);
                        add_lane(hasher, evidence, page, version);
                    }
                    None => hasher.update(format!("no {version}\n")),
                },
                None => add_releases(hasher, page),
            }
        }
        other => hasher.update(format!("{name} {other:?}\n")),
    }
}

/// The releases that a range is held against.
fn add_releases(hasher: &mut Sha256, page: &ProjectFacts) {
    for release in &page.releases {
        hasher.update(format!("{} {}\n", release.version, release.yanked));
    }
}

/// The releases that an advisory names this one as the fix of, which open its lane through the cooldown.
fn add_lane(hasher: &mut Sha256, evidence: &Evidence, page: &ProjectFacts, version: &Version) {
    let found = evidence.advisories(&page.project).known();
    let records = found.map_or(&[][..], |found| found.records.as_slice());
    if records
        .iter()
        .any(|(_, advisory)| advisory.names_as_fix(version))
    {
        let releases = page.releases.iter().map(|release| &release.version);
        for earlier in releases.filter(|earlier| *earlier < version) {
            hasher.update(format!("{earlier}\n"));
        }
    }
}

/// Every fact of the files but their address, which is the mirror's.
fn add_files(hasher: &mut Sha256, release: &ReleaseFacts) {
    for file in &release.files {
        hasher.update(format!(
            "{} {:?} {:?} {:?} {:?} {:?}\n",
            file.filename,
            file.hashes,
            file.size,
            file.uploaded_at,
            file.yanked,
            file.requires_python
        ));
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
