//! What a policy says of every file that an upstream lists.

use std::sync::Arc;

use jiff::Timestamp;
use pinproof_core::{
    Admission, Answer, FileFacts, Finding, Printable, ProjectFacts, ProjectHistory, Verdict,
    Version,
};
use pinproof_policy::subject::ReleaseSubject;
use pinproof_policy::{Evidence, Need, Policy, decide_files, find_rule};

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
    /// What is remembered of it that whoever installs it should know, whether it is admitted or not.
    pub remarks: Vec<Because>,
    /// What to do about that: the rule's own advice, and the exception that would let it in.
    pub help: Vec<Printable>,
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
    pub fn judge(
        &self,
        mut facts: ProjectFacts,
        history: Option<Arc<ProjectHistory>>,
        now: Timestamp,
    ) -> AdmittedPage {
        let policy = &self.settings.config.policy;
        let files = facts.files.clone();
        let shared = Arc::new(facts.clone());
        let mut evidence = self.evidence(policy, &shared, now);
        if let Some(history) = &history {
            evidence.add_history(shared.project.clone(), Arc::clone(history));
        }
        let mut judged = Vec::new();
        for (version, release) in &files {
            let subject = ReleaseSubject {
                project: &shared.project,
                version,
                page: &shared,
                release,
                requirement: None,
            };
            let verdicts = decide_files(&subject, &evidence, policy, now);
            let of_release = release.files.iter().zip(verdicts);
            judged.extend(of_release.map(|(file, verdict)| {
                let because = because(&verdict, policy, now);
                AdmittedFile {
                    version: version.clone(),
                    facts: file.clone(),
                    help: advice::of(because.as_ref(), &verdict, &shared.project),
                    because,
                    remarks: remarks(&verdict),
                    verdict,
                }
            }));
        }
        facts.files.clear();
        let changes = judged.iter().filter_map(|file| file.verdict.next_change_at);
        AdmittedPage {
            next_change_at: changes.min(),
            next: Next::among(&judged),
            shadow: self.beside((&shared, history.as_ref()), &judged, now),
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

/// What the rules about history say, whether it refuses or not.
fn remarks(verdict: &Verdict) -> Vec<Because> {
    let is_of_history = |finding: &&Finding| {
        let rule = find_rule(finding.rule);
        rule.is_some_and(|rule| rule.needs.contains(&Need::History))
    };
    let of_history = verdict.findings.iter().filter(is_of_history);
    of_history
        .map(|finding| Because {
            rule: finding.rule,
            message: finding.message.clone(),
            until: None,
        })
        .collect()
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
