//! Deciding again what was decided, at the time it was decided for, on what is known now.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use pinproof_core::{Answer, FileFacts, ProjectFacts, ProjectName, Version};
use pinproof_policy::digest::OfPage;
use pinproof_policy::evidence::Advisories;
use pinproof_policy::subject::ReleaseSubject;
use pinproof_policy::{Evidence, Judge, Need};

use super::{Gate, Opinion};
use crate::advisories::Book;

/// A policy with the advisories of one moment.
#[derive(Debug)]
pub struct Again<'a> {
    gate: &'a Gate,
    book: Option<Arc<Book>>,
}

/// A policy with everything that is known of one project.
#[derive(Debug)]
pub struct AgainOf<'a> {
    gate: &'a Gate,
    facts: &'a Arc<ProjectFacts>,
    evidence: Evidence,
    digest: OnceLock<OfPage>,
}

impl Gate {
    /// The policy with the advisories as they are now.
    pub fn again(&self, now: Timestamp) -> Again<'_> {
        let asks = pinproof_policy::needs(&self.settings.config.policy, Need::Advisories);
        Again {
            gate: self,
            book: asks.then(|| self.book(now)),
        }
    }
}

impl<'a> Again<'a> {
    /// What the sources of advisories say of a project; `None` where the policy does not ask.
    fn advisories(&self, project: &ProjectName) -> Option<Answer<Arc<Advisories>>> {
        let book = self.book.as_ref()?;
        let found = book.last_known(project, &self.gate.settings.config.policy);
        Some(found.and_then(|found| Answer::Known(Arc::new(found))))
    }

    /// The policy with everything that is known of a project.
    pub fn about(&self, facts: &'a Arc<ProjectFacts>) -> AgainOf<'a> {
        let project = &facts.project;
        let mut evidence = Evidence::default();
        evidence.add_project(
            facts.source.0.to_string(),
            project.clone(),
            Answer::Known(Arc::clone(facts)),
        );
        if let Some(found) = self.advisories(project) {
            evidence.add_advisories(project.clone(), found);
        }
        AgainOf {
            gate: self.gate,
            facts,
            evidence,
            digest: OnceLock::new(),
        }
    }
}

impl AgainOf<'_> {
    /// What the policy says of the files that are wanted, for a time.
    pub fn opinions(
        &self,
        at: Timestamp,
        wanted: impl Fn(&FileFacts) -> bool,
        mut each: impl FnMut(&Version, &FileFacts, Opinion),
    ) {
        let policy = &self.gate.settings.config.policy;
        let judge = Judge::new(self.facts, &self.evidence, policy, at);
        for (version, release) in &self.facts.files {
            let subject = self.release(version, release);
            judge.wanted(&subject, &wanted, |file, verdict| {
                each(version, file, Opinion::of(&verdict, policy, at));
            });
        }
    }

    /// The digest of the policy.
    pub fn policy_digest(&self) -> &str {
        self.gate.policy_digest()
    }

    /// The release that a file belongs to.
    pub fn version_of(&self, filename: &str) -> Option<&Version> {
        let mut releases = self.facts.files.iter();
        let has_it = |release: &pinproof_core::ReleaseFacts| {
            release.files.iter().any(|file| file.filename == filename)
        };
        let found = releases.find(|(_, release)| has_it(release));
        found.map(|(version, _)| version)
    }

    /// The digest of the evidence on the files of a release.
    pub fn evidence_digest(&self, version: &Version) -> Option<String> {
        let release = self.facts.files.get(version)?;
        release.files.first()?;
        let digest = self
            .digest
            .get_or_init(|| OfPage::new(self.facts, &self.evidence));
        let subject = self.release(version, release);
        Some(digest.of_release(&subject, &self.evidence).to_string())
    }

    fn release<'s>(
        &'s self,
        version: &'s Version,
        release: &'s pinproof_core::ReleaseFacts,
    ) -> ReleaseSubject<'s> {
        ReleaseSubject {
            project: &self.facts.project,
            version,
            page: self.facts,
            release,
            requirement: None,
        }
    }
}
