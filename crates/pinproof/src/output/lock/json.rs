//! What `pinproof lock` says, for programs, and its schema.

use pinproof_core::lock_diff::{Change, ChangeKind};
use pinproof_core::{Environment, Finding, Version};
use pinproof_engine::ExitCode;
use pinproof_engine::lock::{Build, HeldBack, LockError};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::Made;
use super::no_lock::replaced_in_words;
use crate::commands::lock::LockPlace;
use crate::output::json::{self, ReportV1};

/// A report of `pinproof lock`.
#[derive(Serialize, JsonSchema)]
struct LockV1 {
    /// The version of this format: 1.
    version: u8,
    /// The version of pinproof that wrote it.
    pinproof: &'static str,
    /// 0 locked, and nothing in it is denied; 1 refused, denied, or different; 2 could not run; 3 undecided.
    exit_code: u8,
    /// The file of the lock.
    path: String,
    /// `written`, `unchanged`, `different` (with `--check` or `--diff`), `other_inputs` (`--check`: it was not made
    /// from these inputs), or `none`.
    outcome: &'static str,
    /// The environments that it is for.
    targets: Vec<String>,
    /// How many releases it has.
    releases: usize,
    /// How many files it has hashes of.
    hashes: usize,
    /// Files that are left out, because nobody publishes a hash of them.
    unhashed: Vec<String>,
    /// Releases that nothing but a build can install.
    need_build: Vec<BuildV1>,
    /// Extras that were asked for and that the chosen release does not have.
    unknown_extras: Vec<ExtraV1>,
    /// What is different from the lock that was there.
    changes: Vec<ChangeV1>,
    /// Newer releases that were not taken.
    held_back: Vec<HeldBackV1>,
    /// The inputs that are not those that the lock was made from.
    changed_inputs: Vec<String>,
    /// Why there is no lock.
    why: Vec<WhyV1>,
    /// What a check says of the lock; null where nothing was written.
    report: Option<ReportV1>,
}

/// A release that is built when it is installed.
#[derive(Serialize, JsonSchema)]
struct BuildV1 {
    /// The project.
    project: String,
    /// The version.
    release: String,
    /// What builds it, as it says itself; null if that is not known. The lock does not hold these.
    requires: Option<Vec<String>>,
}

/// An extra of a project.
#[derive(Serialize, JsonSchema)]
struct ExtraV1 {
    /// The project.
    project: String,
    /// The extra.
    extra: String,
}

/// A project that is no longer what it was.
#[derive(Serialize, JsonSchema)]
struct ChangeV1 {
    /// The project.
    project: String,
    /// `added`, `removed`, `changed`, `rehashed` (the same version has other files) or `moved` (it is from elsewhere).
    kind: &'static str,
    /// The versions before.
    old: Vec<String>,
    /// The versions now.
    new: Vec<String>,
    /// Of the same version: hashes that are gone.
    gone: usize,
    /// Of the same version: hashes that are new.
    come: usize,
}

/// A newer release that was not taken.
#[derive(Serialize, JsonSchema)]
struct HeldBackV1 {
    /// The project.
    project: String,
    /// The release.
    release: String,
    /// The release that was taken.
    instead: String,
    /// The rule that keeps it out.
    rule: &'static str,
    /// What the rule says.
    message: String,
    /// When time alone may change that (RFC 3339).
    until: Option<String>,
}

/// A reason why there is no lock.
#[derive(Serialize, JsonSchema)]
struct WhyV1 {
    /// `refused`, `replaced` (a pinned release has other files than before), `conflict`, `unanswered`, `unlockable`, `too_much`, `inseparable` or `nothing`.
    kind: &'static str,
    /// The rule that refuses, if one does.
    rule: Option<&'static str>,
    /// What is wrong.
    message: String,
    /// What may help.
    help: Vec<String>,
}

/// A lock that was made.
pub(crate) fn made(made: &Made<'_>, code: ExitCode) -> String {
    let locked = made.locked;
    let releases = &locked.lock.releases;
    let extras = locked.unknown_extras.iter();
    json::pretty(&LockV1 {
        outcome: match (made.only_looks, made.is_changed) {
            (false, true) => "written",
            (true, true) => "different",
            (_, false) => "unchanged",
        },
        targets: made.targets.iter().map(Environment::to_string).collect(),
        releases: releases.len(),
        hashes: releases.iter().map(|release| release.files.len()).sum(),
        unhashed: locked.unhashed.iter().map(ToString::to_string).collect(),
        need_build: locked.builds.iter().map(build).collect(),
        unknown_extras: extras
            .map(|(project, extra)| ExtraV1 {
                project: project.to_string(),
                extra: extra.to_string(),
            })
            .collect(),
        changes: made.changes.iter().filter_map(change).collect(),
        held_back: locked.held_back.iter().map(held_back).collect(),
        report: made.report.map(json::v1),
        ..empty(made.place, code)
    })
}

/// A lock that was not made from these inputs.
pub(crate) fn other_inputs(place: &LockPlace, changed: &[String]) -> String {
    json::pretty(&LockV1 {
        outcome: "other_inputs",
        changed_inputs: changed.to_vec(),
        ..empty(place, ExitCode::Denied)
    })
}

/// No lock.
pub(crate) fn no_lock(place: &LockPlace, error: &LockError, code: ExitCode) -> String {
    json::pretty(&LockV1 {
        why: why(error),
        ..empty(place, code)
    })
}

/// The JSON schema of the report.
pub(crate) fn schema() -> Value {
    schemars::schema_for!(LockV1).to_value()
}

fn empty(place: &LockPlace, code: ExitCode) -> LockV1 {
    LockV1 {
        version: 1,
        pinproof: env!("CARGO_PKG_VERSION"),
        exit_code: code.number(),
        path: place.shown.to_string(),
        outcome: "none",
        targets: Vec::new(),
        releases: 0,
        hashes: 0,
        unhashed: Vec::new(),
        need_build: Vec::new(),
        unknown_extras: Vec::new(),
        changes: Vec::new(),
        held_back: Vec::new(),
        changed_inputs: Vec::new(),
        why: Vec::new(),
        report: None,
    }
}

fn change(change: &Change) -> Option<ChangeV1> {
    let listed = |versions: &std::collections::BTreeSet<Version>| -> Vec<String> {
        versions.iter().map(ToString::to_string).collect()
    };
    let one = |version: &Version| vec![version.to_string()];
    let (kind, old, new, gone, come) = match &change.kind {
        ChangeKind::Kept(_) => return None,
        ChangeKind::Added(new) => ("added", Vec::new(), listed(new), 0, 0),
        ChangeKind::Removed(old) => ("removed", listed(old), Vec::new(), 0, 0),
        ChangeKind::Changed { old, new } => ("changed", listed(old), listed(new), 0, 0),
        ChangeKind::Moved { version, .. } => ("moved", one(version), one(version), 0, 0),
        ChangeKind::Rehashed {
            version,
            gone,
            come,
        } => {
            let (gone, come) = (gone.len(), come.len());
            ("rehashed", one(version), one(version), gone, come)
        }
    };
    Some(ChangeV1 {
        project: change.project.to_string(),
        kind,
        old,
        new,
        gone,
        come,
    })
}

fn build(build: &Build) -> BuildV1 {
    let requires = build.requires.as_ref().ok();
    BuildV1 {
        project: build.project.to_string(),
        release: build.version.to_string(),
        requires: requires.map(|requires| requires.iter().map(ToString::to_string).collect()),
    }
}

fn held_back(held: &HeldBack) -> HeldBackV1 {
    HeldBackV1 {
        project: held.project.to_string(),
        release: held.version.to_string(),
        instead: held.instead.to_string(),
        rule: held.because.rule,
        message: held.because.message.to_string(),
        until: held.because.until.map(|until| until.to_string()),
    }
}

fn why(error: &LockError) -> Vec<WhyV1> {
    let one = |kind, message: String| {
        vec![WhyV1 {
            kind,
            rule: None,
            message,
            help: Vec::new(),
        }]
    };
    match error {
        LockError::Nothing => one("nothing", "the inputs ask for nothing".to_owned()),
        LockError::Unlockable(wrong) => wrong
            .iter()
            .flat_map(|wrong| one("unlockable", format!("{}: {}", wrong.place, wrong.why)))
            .collect(),
        LockError::Replaced(replaced) => replaced
            .iter()
            .flat_map(|replaced| one("replaced", replaced_in_words(replaced)))
            .collect(),
        LockError::Refused(findings) => findings.iter().map(refused).collect(),
        LockError::Conflict { target, conflict } => vec![WhyV1 {
            kind: "conflict",
            rule: None,
            message: format!("for {target}: {}", sentences(&conflict.sentences)),
            help: conflict.hints.iter().map(ToString::to_string).collect(),
        }],
        LockError::Unanswered(why) => one("unanswered", why.to_string()),
        LockError::TooMuch(why) => one("too_much", why.to_string()),
        LockError::Inseparable(why) => one("inseparable", why.to_string()),
    }
}

fn sentences(sentences: &[pinproof_core::Printable]) -> String {
    let sentences: Vec<_> = sentences.iter().map(ToString::to_string).collect();
    sentences.join("; ")
}

fn refused(finding: &Finding) -> WhyV1 {
    WhyV1 {
        kind: "refused",
        rule: Some(finding.rule),
        message: finding.message.to_string(),
        help: finding.help.iter().map(ToString::to_string).collect(),
    }
}
