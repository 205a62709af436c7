//! What a policy says of every file that an upstream lists.

use std::sync::Arc;

use jiff::Timestamp;
use pinproof_core::{Admission, Answer, FileFacts, ProjectFacts, ReleaseFacts, Verdict, Version};
use pinproof_policy::subject::{DistributionSubject, ReleaseSubject};
use pinproof_policy::{Evidence, Need, Policy, Subject, decide};

use super::{Gate, advice};
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
    /// What to do about that: the rule's own advice, and the exception that would let it in.
    pub help: Vec<pinproof_core::Printable>,
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
    pub fn judge(&self, mut facts: ProjectFacts, now: Timestamp) -> AdmittedPage {
        let policy = &self.settings.config.policy;
        let files = facts.files.clone();
        let shared = Arc::new(facts.clone());
        let evidence = self.evidence(&shared, now);
        let mut judged = Vec::new();
        for (version, release) in &files {
            let about = (&*shared, version, release);
            let of_release = release.files.iter();
            judged.extend(of_release.map(|file| judge(file, about, (&evidence, policy), now)));
        }
        facts.files.clear();
        let changes = judged.iter().filter_map(|file| file.verdict.next_change_at);
        AdmittedPage {
            next_change_at: changes.min(),
            files: judged,
            decided_at: now,
            facts,
        }
    }

    fn evidence(&self, facts: &Arc<ProjectFacts>, now: Timestamp) -> Evidence {
        let policy = &self.settings.config.policy;
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

fn judge(
    file: &FileFacts,
    (page, version, release): (&ProjectFacts, &Version, &ReleaseFacts),
    (evidence, policy): (&Evidence, &Policy),
    now: Timestamp,
) -> AdmittedFile {
    let subject = DistributionSubject {
        release: ReleaseSubject {
            project: &page.project,
            version,
            page,
            release,
            requirement: None,
        },
        file,
    };
    let verdict = decide(&Subject::Distribution(&subject), evidence, policy, now);
    let because = because(&verdict, policy, now);
    let help = match &because {
        Some(because) => advice::of(because, &verdict, &page.project),
        None => Vec::new(),
    };
    AdmittedFile {
        version: version.clone(),
        facts: file.clone(),
        verdict,
        because,
        help,
    }
}

/// The finding that refuses, or the question that keeps everybody waiting, in the words of a check.
fn because(verdict: &Verdict, policy: &Policy, now: Timestamp) -> Option<Because> {
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
