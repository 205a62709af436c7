//! What another policy would change, for programs, and its schema.

use std::collections::BTreeMap;

use pinproof_server::replay::{Change, Listing, Report, Said};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{Tried, exit_code, word};

/// A report of `pinproof serve replay`.
#[derive(Serialize, JsonSchema)]
struct ReplayV1 {
    /// The version of this format: 1.
    version: u8,
    /// The version of pinproof that wrote it.
    pinproof: &'static str,
    /// 0 nothing would change; 1 something would; 3 nothing would as far as is known, and something is not decided.
    exit_code: u8,
    /// The digest of the policy in effect.
    current_policy: String,
    /// The digest of the policy that is tried.
    tried_policy: String,
    /// Projects that were looked at.
    projects: u64,
    /// Files that were decided again.
    files: u64,
    /// How often they were answered.
    times: u64,
    /// Files of which both policies say what was answered.
    unchanged: u64,
    /// Files that the tried policy refuses, and the one in effect admits.
    newly_refused: ListingV1,
    /// Files that the tried policy admits, and the one in effect does not.
    newly_admitted: ListingV1,
    /// Files about which the tried policy cannot decide, or nobody can.
    not_decided: ListingV1,
    /// Files about which even the policy in effect would not repeat what was answered.
    not_as_answered: ListingV1,
}

/// Files that have something in common.
#[derive(Serialize, JsonSchema)]
struct ListingV1 {
    /// How many.
    files: u64,
    /// How often they were answered.
    times: u64,
    /// The same for each rule that makes the difference; without a name, where no rule does.
    by_rule: BTreeMap<String, CountsV1>,
    /// Those that were answered most often, at most 1,000.
    listed: Vec<ChangeV1>,
    /// How many are not listed.
    not_listed: u64,
}

/// How many.
#[derive(Serialize, JsonSchema)]
struct CountsV1 {
    /// Files.
    files: u64,
    /// Answers.
    times: u64,
}

/// A file, and what is said of it.
#[derive(Serialize, JsonSchema)]
struct ChangeV1 {
    /// The project.
    project: String,
    /// The file.
    filename: String,
    /// How often it was answered; 0 with `--all`, where nobody has to have asked.
    times: u64,
    /// The time that it is decided for: that of the last answer, or of the run with `--all`.
    at: String,
    /// What was answered last; null with `--all`.
    answered: Option<SaidV1>,
    /// What the policy in effect says for that time, on what is known now.
    current: SaidV1,
    /// What the tried policy says.
    tried: SaidV1,
    /// What is not known, or has changed since it was answered.
    note: Option<String>,
}

/// What a policy says of a file.
#[derive(Serialize, JsonSchema)]
struct SaidV1 {
    /// `admitted`, `refused` or `undecided`.
    admission: &'static str,
    /// The rule that says so.
    rule: Option<String>,
    /// Its sentence.
    reason: Option<String>,
}

/// The report for programs.
pub(crate) fn json(report: &Report, tried: &Tried<'_>) -> String {
    let report = ReplayV1 {
        version: 1,
        pinproof: env!("CARGO_PKG_VERSION"),
        exit_code: exit_code(report).number(),
        current_policy: tried.current.to_owned(),
        tried_policy: tried.other.to_owned(),
        projects: report.projects,
        files: report.files,
        times: report.times,
        unchanged: report.unchanged,
        newly_refused: listing(&report.refused),
        newly_admitted: listing(&report.admitted),
        not_decided: listing(&report.open),
        not_as_answered: listing(&report.moved_on),
    };
    // No key of it is anything but text.
    serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
}

/// The schema of the report.
pub(crate) fn schema() -> Value {
    schemars::schema_for!(ReplayV1).to_value()
}

fn listing(listing: &Listing) -> ListingV1 {
    let listed: Vec<_> = listing.listed().map(change).collect();
    let by_rule = listing.by_rule.iter().map(|(rule, counts)| {
        let counts = CountsV1 {
            files: counts.files,
            times: counts.times,
        };
        (rule.clone(), counts)
    });
    ListingV1 {
        files: listing.files,
        times: listing.times,
        by_rule: by_rule.collect(),
        not_listed: listing.files.saturating_sub(listed.len() as u64),
        listed,
    }
}

fn change(change: &Change) -> ChangeV1 {
    ChangeV1 {
        project: change.project.to_string(),
        filename: change.filename.to_string(),
        times: change.times,
        at: change.at.to_string(),
        answered: change.answered.as_ref().map(said),
        current: said(&change.current),
        tried: said(&change.other),
        note: change.note.as_ref().map(ToString::to_string),
    }
}

fn said(said: &Said) -> SaidV1 {
    SaidV1 {
        admission: word(said.admission),
        rule: said.rule.clone(),
        reason: said.reason.as_ref().map(ToString::to_string),
    }
}
