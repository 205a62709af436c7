//! Digests: of the effective policy, and of the evidence that a verdict rests on.

use std::fmt::Write as _;
use std::sync::Arc;

use pinproof_core::evidence::Answer;
use pinproof_core::{ProjectFacts, ProjectName, ReleaseFacts, Version};
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::decide::needs;
use crate::evidence::Evidence;
use crate::policy::{Policy, Preset};
use crate::rule::{Need, SettingValue};
use crate::rules::ALL;
use crate::subject::{ReleaseSubject, Route, Subject};

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
    let mut canonical = json!({"rules": rules, "ignore": ignores, "index": indexes, "advisories": advisories, "unsupported": unsupported});
    if let Some(freeze) = policy.freeze {
        canonical["freeze"] = json!(freeze);
    }
    if let Some(list) = &policy.allow_list {
        // What is in the locks counts, and not where they are.
        canonical["allow-list"] = json!(list.digest());
    }
    canonical
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

/// The sha256 over the answers that `subject` was decided on: those that a rule of `policy` asks for.
///
/// The time and the address at which an answer was fetched take no part: the same facts, the same digest.
pub fn of_evidence(subject: &Subject<'_>, evidence: &Evidence, policy: &Policy) -> String {
    let mut facts = Facts::default();
    let asks = |need| needs(policy, need);
    let asks_indexes = asks(Need::IndexPage) || asks(Need::Metadata);
    match subject {
        Subject::File(file) if asks_indexes => {
            for (name, requirement) in file.from_index() {
                if let Some(version) = requirement.pin {
                    facts.add(&(name, version));
                    facts.add_answer(evidence.metadata(&requirement.route, name, version));
                    facts.add_project(evidence, &requirement.route, (name, Some(version)));
                }
            }
        }
        Subject::Settings(_) | Subject::File(_) => {}
        Subject::Requirement(requirement) => {
            let name = requirement.requirement.name.as_ref();
            if let Some(name) = name.filter(|_| asks(Need::Advisories)) {
                facts.add_answer(evidence.advisories(name));
            }
            if let Some(name) = name.filter(|_| asks_indexes) {
                facts.add_project(evidence, &requirement.route, (name, requirement.pin));
            }
        }
        Subject::Distribution(distribution) => {
            let release = &distribution.release;
            return OfPage::new(release.page, evidence)
                .of_release(release, evidence)
                .to_string();
        }
    }
    hex(&facts.hasher.finalize())
}

/// What the digests of the evidence on each file of a page have in common: hashed once.
#[derive(Clone, Debug)]
pub struct OfPage(Facts);

impl OfPage {
    /// The advisories about the project, and what its index says of it.
    pub fn new(page: &ProjectFacts, evidence: &Evidence) -> Self {
        let mut facts = Facts::default();
        facts.add_answer(evidence.advisories(&page.project));
        facts.add(&(&page.publishes, &page.status));
        Self(facts)
    }

    /// The digest of the evidence that the files of a release are decided on: the same for each of them.
    pub fn of_release(&self, release: &ReleaseSubject<'_>, evidence: &Evidence) -> Arc<str> {
        let mut facts = self.0.clone();
        facts.add_files(release.release);
        facts.add_lane(evidence, release.page, release.version);
        hex(&facts.hasher.finalize()).into()
    }
}

/// Facts, hashed one after the other: each is a line of JSON.
#[derive(Clone, Debug, Default)]
struct Facts {
    hasher: Sha256,
    line: Vec<u8>,
}

impl Facts {
    fn add(&mut self, fact: &impl Serialize) {
        self.line.clear();
        // Writing to memory does not fail, and no fact is a map whose keys are no text.
        let _ = serde_json::to_writer(&mut self.line, fact);
        self.line.push(b'\n');
        self.hasher.update(&self.line);
    }

    fn add_answer(&mut self, answer: Answer<impl Serialize>) {
        match answer {
            Answer::Known(fact) => self.add(&("known", fact)),
            Answer::Absent => self.add(&"absent"),
            Answer::Unsupported(source) => self.add(&("unsupported", source)),
            Answer::Unavailable(reason) => self.add(&("unavailable", reason)),
        }
    }

    fn add_project(
        &mut self,
        evidence: &Evidence,
        route: &Route,
        (name, pin): (&ProjectName, Option<&Version>),
    ) {
        self.add(name);
        match evidence.project(route, name) {
            Answer::Known(page) => self.add_page(evidence, page, pin),
            other => self.add_answer(other.and_then(|_| Answer::<()>::Absent)),
        }
    }

    fn add_page(&mut self, evidence: &Evidence, page: &ProjectFacts, pin: Option<&Version>) {
        self.add(&(&page.publishes, &page.status));
        let Some(version) = pin else {
            // The releases that a range is held against.
            for release in &page.releases {
                self.add(&(&release.version, release.yanked));
            }
            return;
        };
        match page.files.get(version) {
            Some(release) => {
                self.add_files(release);
                self.add_lane(evidence, page, version);
            }
            None => self.add(&("no", version)),
        }
    }

    /// The releases that an advisory names this one as the fix of, which open its lane through the cooldown.
    fn add_lane(&mut self, evidence: &Evidence, page: &ProjectFacts, version: &Version) {
        let found = evidence.advisories(&page.project).known();
        let records = found.map_or(&[][..], |found| found.records.as_slice());
        if records
            .iter()
            .any(|(_, advisory)| advisory.names_as_fix(version))
        {
            let releases = page.releases.iter().map(|release| &release.version);
            for earlier in releases.filter(|earlier| *earlier < version) {
                self.add(earlier);
            }
        }
    }

    /// Every fact of the files but their address, which is the mirror's.
    fn add_files(&mut self, release: &ReleaseFacts) {
        for file in &release.files {
            // In JSON, withdrawn without a reason looks like not withdrawn.
            let is_yanked = file.yanked.is_some();
            self.add(&(
                &file.filename,
                &file.hashes,
                file.size,
                file.uploaded_at,
                (is_yanked, &file.yanked),
                &file.requires_python,
            ));
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
