//! What a policy says of every file that an upstream lists.

use std::sync::Arc;

use jiff::Timestamp;
use pinproof_core::{
    Admission, Answer, FileFacts, Printable, ProjectFacts, ProjectName, Verdict, Version,
};
use pinproof_policy::digest::OfPage;
use pinproof_policy::subject::ReleaseSubject;
use pinproof_policy::{Evidence, Judge, Need, Policy};

use super::{Gate, Next, Opinion, advice};
use crate::lock::Because;

/// The files of a project, each with its verdict.
#[derive(Debug)]
pub struct AdmittedPage {
    /// What the upstream says of the project. Its files are below.
    pub facts: ProjectFacts,
    /// Every file, oldest release first.
    pub files: Vec<AdmittedFile>,
    /// The time it was decided for.
    pub decided_at: Timestamp,
    /// When the passing of time alone may change any of the verdicts.
    pub next_change_at: Option<Timestamp>,
    /// What may be taken instead of what is refused.
    pub next: Next,
    /// For each file in order, what the shadow policy says where it would decide otherwise; empty without one.
    pub shadow: Vec<Option<Opinion>>,
}

/// A file, and what was decided about it.
#[derive(Debug)]
pub struct AdmittedFile {
    /// Its release.
    pub version: Version,
    /// What the upstream says of it.
    pub facts: FileFacts,
    /// What the policy says.
    pub verdict: Verdict,
    /// Why it is not admitted.
    pub because: Option<Because>,
}

impl AdmittedFile {
    /// What to do about a refusal: the rule's own advice, and the exception that would let it in.
    pub fn help(&self, project: &ProjectName) -> Vec<Printable> {
        advice::of(self.because.as_ref(), &self.verdict, project)
    }
}

impl AdmittedPage {
    /// What was decided about, to decide about it again.
    pub fn rejoined(&self) -> ProjectFacts {
        let mut facts = self.facts.clone();
        for file in &self.files {
            let release = facts.files.entry(file.version.clone()).or_default();
            release.files.push(file.facts.clone());
        }
        facts
    }
}

impl Gate {
    /// Decides about every file of a project. It takes a while for a large one, and asks nobody but the database.
    pub fn judge(&self, facts: ProjectFacts, now: Timestamp) -> AdmittedPage {
        let policy = &self.settings.config.policy;
        let shared = Arc::new(facts);
        let evidence = self.evidence(policy, &shared, now);
        let verdicts = verdicts(&shared, &evidence, policy, now);
        let shadow = self.beside(&shared, &verdicts, now);
        // Nobody else has them now, so that nothing is copied: a page may have thousands of files.
        drop(evidence);
        let mut facts = Arc::unwrap_or_clone(shared);
        let releases = std::mem::take(&mut facts.files).into_iter();
        let files = releases.flat_map(|(version, release)| {
            let files = release.files.into_iter();
            files.map(move |file| (version.clone(), file))
        });
        let judged: Vec<AdmittedFile> = files
            .zip(verdicts)
            .map(|((version, facts), verdict)| AdmittedFile {
                version,
                facts,
                because: because(&verdict, policy, now),
                verdict,
            })
            .collect();
        let changes = judged.iter().filter_map(|file| file.verdict.next_change_at);
        AdmittedPage {
            next_change_at: changes.min(),
            next: Next::among(&judged),
            shadow,
            files: judged,
            decided_at: now,
            facts,
        }
    }

    pub(super) fn evidence(
        &self,
        policy: &Policy,
        facts: &Arc<ProjectFacts>,
        now: Timestamp,
    ) -> Evidence {
        let project = facts.project.clone();
        let mut evidence = Evidence::default();
        evidence.add_project(
            facts.source.0.to_string(),
            project.clone(),
            Answer::Known(Arc::clone(facts)),
        );
        if pinproof_policy::needs(policy, Need::Advisories) {
            let found = self.book(now).last_known(&project, policy);
            let found = found.and_then(|found| Answer::Known(Arc::new(found)));
            evidence.add_advisories(project, found);
        }
        evidence
    }
}

/// What a policy says of every file of a page, in its order.
pub(super) fn verdicts(
    facts: &ProjectFacts,
    evidence: &Evidence,
    policy: &Policy,
    now: Timestamp,
) -> Vec<Verdict> {
    let judge = Judge::new(facts, evidence, policy, now);
    let digest = OfPage::new(facts, evidence);
    let releases = facts.files.iter();
    let verdicts = releases.flat_map(|(version, release)| {
        let subject = ReleaseSubject {
            project: &facts.project,
            version,
            page: facts,
            release,
            requirement: None,
        };
        judge.files(&subject, &digest)
    });
    verdicts.collect()
}

/// The finding that refuses, or the question that keeps everybody waiting, in the words of a check.
pub(super) fn because(verdict: &Verdict, policy: &Policy, now: Timestamp) -> Option<Because> {
    if verdict.admission == Admission::Admitted {
        return None;
    }
    let refusing = verdict.findings.iter().find(|finding| finding.refuses);
    if let Some(finding) = refusing {
        return Some(Because {
            rule: finding.rule,
            message: finding.message.clone(),
            until: verdict.next_change_at,
        });
    }
    let mut questions = verdict.questions.iter();
    let open = questions.find(|question| policy.waits_for(question, now))?;
    let message = format!("not decided yet: {}: {}", open.source, open.why);
    Some(Because {
        rule: open.rule,
        message: message.into(),
        until: None,
    })
}
