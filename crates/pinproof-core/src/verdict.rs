//! Verdicts: what a policy decided about one subject, and what it could not decide.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::evidence::{Openness, Source};
use crate::{Finding, Level, Place, Printable, ProjectName, Span, Version};

/// What a policy decided about one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What the rules found, most severe first.
    pub findings: Vec<Finding>,
    /// What the rules could not find out.
    pub questions: Vec<Question>,
    /// What an exception covers: it neither counts nor refuses.
    pub ignored: Vec<Ignored>,
    /// The open questions that an exception covers: nobody waits for their answer.
    pub ignored_questions: Vec<IgnoredQuestion>,
    /// What passes the cooldown as the fix of a published flaw.
    pub lanes: Vec<Lane>,
    /// Whether it may enter.
    pub admission: Admission,
    /// The policy that decided.
    pub policy_digest: Arc<str>,
    /// The evidence that it was decided on.
    pub evidence_digest: Arc<str>,
    /// The time it was decided for.
    pub decided_at: Timestamp,
    /// When the passing of time alone may change it.
    pub next_change_at: Option<Timestamp>,
}

/// A release that passes the cooldown because it is the smallest fix of a flaw that somebody published: the
/// advisory lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The rule that lets it pass.
    pub rule: &'static str,
    /// The project.
    pub project: ProjectName,
    /// The release.
    pub version: Version,
    /// What it is the fix of: an id for each flaw, at least one.
    pub fixes: Vec<Printable>,
    /// When its cooldown is over, and it needs no lane any more.
    pub ends_at: Timestamp,
    /// Where the release is asked for.
    pub places: Vec<Place>,
}

/// Whether a subject may enter a lock, an environment or a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Admission {
    /// No rule refuses it.
    Admitted,
    /// A rule that refuses could not be answered.
    Undecided,
    /// A rule refuses it.
    Refused,
}

/// Stands for the rule of a [`Question`] about text that nobody could make sense of: any rule might
/// have had something to say about it. It always has the level of a denial.
pub const NOT_UNDERSTOOD: &str = "not-understood";

/// A question that stayed open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Question {
    /// The rule that asked.
    pub rule: &'static str,
    /// The level of that rule: an open question of a denying rule makes the exit code 3.
    pub level: Level,
    /// Who was asked.
    pub source: Source,
    /// In which way it stayed open.
    pub openness: Openness,
    /// What was asked, and why there is no answer.
    pub why: Printable,
    /// Where the answer was needed.
    pub places: Vec<Place>,
    /// The project it speaks of, if it speaks of one.
    pub project: Option<ProjectName>,
}

/// A finding that an exception covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// The finding.
    pub finding: Finding,
    /// The exception.
    pub exception: Exception,
}

/// An open question that an exception covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoredQuestion {
    /// The question.
    pub question: Question,
    /// The exception.
    pub exception: Exception,
}

/// An exception in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Where it is written.
    pub by: IgnoreRef,
    /// Why it is accepted, in the words of whoever wrote the exception.
    pub reason: Printable,
    /// Who accepted it.
    pub owner: Option<Printable>,
    /// Why a vulnerability does not matter here, in the words of `CycloneDX`, if somebody said so.
    pub justification: Option<&'static str>,
    /// The last day on which it counts, in UTC.
    pub until: Option<Date>,
}

/// Which exception: the n-th of the configuration, or a comment in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IgnoreRef {
    /// Its position among the `[[ignore]]` tables, from 0.
    Configured(usize),
    /// A comment.
    Inline {
        /// The file's shown path.
        file: Printable,
        /// The comment.
        at: Span,
    },
}

impl Verdict {
    /// The strongest level among the findings.
    pub fn level(&self) -> Level {
        let levels = self.findings.iter().map(|finding| finding.level);
        levels.max().unwrap_or(Level::Allow)
    }
}
