//! What the policy says of one thing that is wanted: `decide`, without the rules that do not concern fetching it.

use std::collections::BTreeSet;

use pinproof_core::{Admission, Finding, Question};
use pinproof_policy::subject::RequirementSubject;
use pinproof_policy::{Evidence, Subject, decide};

use super::Order;
use super::item::Reason;
use crate::settings::Settings;

/// A file request is planned by hashes and tags: the plan itself says when no wheel fits.
const BUILD_REQUIRED: &str = "build-required";
const RECENT_RELEASE: &str = "recent-release";
const LATE_FILE: &str = "late-file";

/// What a name of the command line cannot have: a hash, and where it is alone, a version.
const OF_A_LOCK: [&str; 3] = ["unhashed-requirement", "weak-hash", "unpinned-requirement"];

/// What the policy says.
pub(super) struct Judged {
    pub(super) admission: Admission,
    /// Why it is refused or undecided; empty if it is admitted.
    pub(super) reasons: Vec<Reason>,
    /// What is found besides.
    pub(super) warnings: Vec<Reason>,
}

/// Decides about a requirement of which the files in `chosen` would be fetched.
pub(super) fn judge(
    subject: &RequirementSubject<'_>,
    chosen: &[&str],
    order: Order,
    (evidence, settings): (&Evidence, &Settings),
) -> Judged {
    let (policy, now) = (&settings.config.policy, settings.now);
    let verdict = decide(&Subject::Requirement(subject), evidence, policy, now);
    let is_locked = order.is_of_a_lock
        && subject.is_lock_line()
        && subject.pin.is_some()
        && subject.requirement.has_strong_hash();
    let is_aside = |rule: &str| {
        rule == BUILD_REQUIRED
            // Whoever hashed it has decided about its age; everything else applies.
            || (rule == RECENT_RELEASE && is_locked)
            || (!order.is_of_a_lock && OF_A_LOCK.contains(&rule))
    };
    let is_of_another_file = |finding: &Finding| {
        finding.rule == LATE_FILE
            && !chosen
                .iter()
                .any(|name| finding.key.ends_with(&format!("/{name}")))
    };
    let (refusing, others): (Vec<Finding>, Vec<Finding>) = verdict
        .findings
        .into_iter()
        .filter(|finding| !is_of_another_file(finding))
        .partition(|finding| finding.refuses && !is_aside(finding.rule));
    let questions: Vec<Question> = verdict
        .questions
        .into_iter()
        .filter(|question| !is_aside(question.rule))
        .collect();
    let admission = policy.admission(&refusing, &questions, now);
    let open = || {
        questions
            .iter()
            .filter(|question| policy.waits_for(question, now))
    };
    let mut reasons: Vec<Reason> = match admission {
        Admission::Admitted => Vec::new(),
        Admission::Refused if !refusing.is_empty() => {
            refusing.iter().map(Reason::of_finding).collect()
        }
        Admission::Refused | Admission::Undecided => open().map(Reason::of_question).collect(),
    };
    // A silent index leaves the question of each rule open, for one and the same reason.
    let mut said = BTreeSet::new();
    reasons.retain(|reason| said.insert(reason.message.clone()));
    let is_worth_a_word =
        |finding: &&Finding| finding.rule != BUILD_REQUIRED && !OF_A_LOCK.contains(&finding.rule);
    Judged {
        admission,
        reasons,
        warnings: others
            .iter()
            .filter(is_worth_a_word)
            .map(Reason::of_finding)
            .collect(),
    }
}

/// What refuses the settings that files are installed with, or that files are fetched with.
pub(super) fn refusals(
    subject: &Subject<'_>,
    (evidence, settings): (&Evidence, &Settings),
) -> Vec<Reason> {
    let verdict = decide(subject, evidence, &settings.config.policy, settings.now);
    let refusing = verdict.findings.iter().filter(|finding| finding.refuses);
    refusing.map(Reason::of_finding).collect()
}
