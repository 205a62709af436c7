//! The report of `download` and `install` for programs, and its schema.

use pinproof_core::Printable;
use pinproof_engine::download::{FileState, Item, Outcome, PlannedFile, Reason};
use pinproof_engine::sources::{Arrival, Trouble};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{End, Told};

/// A report of `pinproof download` or `pinproof install`.
#[derive(Serialize, JsonSchema)]
struct BundleV1 {
    /// The version of this format: 1.
    version: u8,
    /// The version of pinproof that wrote it.
    pinproof: &'static str,
    /// 0 everything is there, 1 something is refused or has wrong bytes, 2 could not run, 3 something could not
    /// be found out or did not come.
    exit_code: u8,
    /// The digest of the effective policy.
    policy_digest: String,
    /// The time it was decided for (RFC 3339).
    decided_at: String,
    /// The files that say what is wanted.
    inputs: Vec<InputV1>,
    /// The folder that files were fetched into; null where it is gone again.
    folder: Option<String>,
    /// What is wanted, in the order of the inputs.
    items: Vec<ItemV1>,
    /// What refuses everything: settings of the inputs, or of pinproof.
    refused: Vec<ReasonV1>,
    /// What nobody understands.
    not_understood: Vec<PlacedV1>,
    /// Inputs that could not be read.
    errors: Vec<ErrorV1>,
    /// How many entries are for other environments.
    for_other_environments: usize,
    /// How many things are wanted.
    wanted: usize,
    /// About how many of them was decided.
    judged: usize,
    /// The installation; null for `download`.
    installed: Option<InstalledV1>,
}

/// A file that says what is wanted.
#[derive(Serialize, JsonSchema)]
struct InputV1 {
    /// Its path.
    path: String,
    /// The SHA-256 of its bytes.
    sha256: String,
    /// The environment that files are chosen for.
    target: String,
}

/// One thing that is wanted.
#[derive(Serialize, JsonSchema)]
struct ItemV1 {
    /// Its name.
    name: String,
    /// Its version, or the one that was chosen.
    release: Option<String>,
    /// The file that asks for it.
    path: Option<String>,
    /// The line there.
    line: Option<usize>,
    /// `admitted`, `refused`, `undecided` or `left_out`.
    outcome: &'static str,
    /// Its files, if it is admitted.
    files: Vec<FileV1>,
    /// Why it is not admitted.
    reasons: Vec<ReasonV1>,
    /// What else the policy says of it.
    warnings: Vec<ReasonV1>,
    /// Newer releases that were not taken.
    passed_over: Vec<PassedOverV1>,
}

/// A file.
#[derive(Serialize, JsonSchema)]
struct FileV1 {
    /// Its name.
    filename: String,
    /// Who it is from.
    from: String,
    /// `fetched`, `resumed`, `kept`, `not_asked_for`, `wrong`, `did_not_come` or `not_written`.
    state: &'static str,
    /// Why it is not there.
    why: Option<String>,
    /// The SHA-256 of its bytes; null if it is not there.
    sha256: Option<String>,
    /// Its size in bytes; null if it is not there.
    size: Option<u64>,
    /// The hashes of which it has to have one.
    expected: Vec<String>,
}

/// Why something is refused, undecided, or worth a word.
#[derive(Serialize, JsonSchema)]
struct ReasonV1 {
    /// The rule.
    rule: &'static str,
    /// What is wrong.
    message: String,
    /// What supports it.
    notes: Vec<String>,
    /// What to do.
    help: Vec<String>,
}

/// A reason with its place.
#[derive(Serialize, JsonSchema)]
struct PlacedV1 {
    /// A file with line and column, or a setting.
    place: String,
    /// Why.
    reason: ReasonV1,
}

/// A newer release that was not taken.
#[derive(Serialize, JsonSchema)]
struct PassedOverV1 {
    /// The release.
    release: String,
    /// The first reason.
    reason: ReasonV1,
}

/// An input that could not be read.
#[derive(Serialize, JsonSchema)]
struct ErrorV1 {
    /// Its path.
    path: String,
    /// Why.
    message: String,
    /// What to do.
    help: Option<String>,
}

/// What an installer was asked to do.
#[derive(Serialize, JsonSchema)]
struct InstalledV1 {
    /// The environment.
    environment: String,
    /// Its interpreter.
    python: String,
    /// Who installs: `pip` or `uv`.
    installer: String,
    /// `not_started`, `done` or `failed`.
    end: &'static str,
}

/// The report as JSON.
pub(crate) fn json(told: &Told<'_>) -> String {
    let bundle = told.bundle;
    let tally = bundle.tally();
    let inputs = bundle.inputs.iter().map(|input| InputV1 {
        path: input.source.path.to_string(),
        sha256: input.source.sha256.clone(),
        target: input.target.clone(),
    });
    let errors = bundle.errors.iter().map(|error| ErrorV1 {
        path: error.path.to_string(),
        message: error.message.to_string(),
        help: error.help.as_ref().map(Printable::to_string),
    });
    let not_understood = bundle.not_understood.iter().map(|(place, why)| PlacedV1 {
        place: place.to_string(),
        reason: reason(why),
    });
    super::super::json::pretty(&BundleV1 {
        version: 1,
        pinproof: env!("CARGO_PKG_VERSION"),
        exit_code: told.exit_code().number(),
        policy_digest: format!("sha256:{}", bundle.policy_digest),
        decided_at: bundle.decided_at.to_string(),
        inputs: inputs.collect(),
        folder: told.folder.as_ref().map(Printable::to_string),
        items: bundle.items.iter().map(item).collect(),
        refused: bundle.refused.iter().map(reason).collect(),
        not_understood: not_understood.collect(),
        errors: errors.collect(),
        for_other_environments: bundle.for_others,
        wanted: tally.wanted,
        judged: tally.judged,
        installed: told.installed.as_ref().map(|installed| InstalledV1 {
            environment: installed.environment.to_string(),
            python: installed.python.to_string(),
            installer: installed.installer.to_string(),
            end: match installed.end {
                End::NotStarted => "not_started",
                End::Done => "done",
                End::Failed => "failed",
            },
        }),
    })
}

/// The JSON schema of the report.
pub(crate) fn schema() -> Value {
    schemars::schema_for!(BundleV1).to_value()
}

fn item(item: &Item) -> ItemV1 {
    let (outcome, reasons) = match &item.outcome {
        Outcome::Admitted(_) => ("admitted", Vec::new()),
        Outcome::Refused(reasons) => ("refused", reasons.iter().map(reason).collect()),
        Outcome::Undecided(reasons) => ("undecided", reasons.iter().map(reason).collect()),
        Outcome::LeftOut(_) => ("left_out", Vec::new()),
    };
    ItemV1 {
        name: item.name.to_string(),
        release: item.version.as_ref().map(ToString::to_string),
        path: item.place.as_ref().map(|(path, _)| path.to_string()),
        line: item.place.as_ref().map(|(_, line)| *line),
        outcome,
        files: item.files().iter().map(file).collect(),
        reasons,
        warnings: item.warnings.iter().map(reason).collect(),
        passed_over: item
            .passed_over
            .iter()
            .map(|over| PassedOverV1 {
                release: over.version.to_string(),
                reason: reason(&over.reason),
            })
            .collect(),
    }
}

fn file(file: &PlannedFile) -> FileV1 {
    let (state, why, found) = match &file.state {
        FileState::Waiting => ("not_asked_for", None, None),
        FileState::There(found) => match found.arrival {
            Arrival::Fetched => ("fetched", None, Some(found)),
            Arrival::Resumed(_) => ("resumed", None, Some(found)),
            Arrival::Kept => ("kept", None, Some(found)),
        },
        FileState::Failed { trouble, why } => match trouble {
            Trouble::Alarming => ("wrong", Some(why), None),
            Trouble::Unavailable => ("did_not_come", Some(why), None),
            Trouble::Machine => ("not_written", Some(why), None),
        },
    };
    FileV1 {
        filename: Printable::new(&file.filename).to_string(),
        from: file.from.to_string(),
        state,
        why: why.map(Printable::to_string),
        sha256: found.map(|found| found.sha256.digest().to_owned()),
        size: found.map(|found| found.size),
        expected: file.hashes.iter().map(ToString::to_string).collect(),
    }
}

fn reason(reason: &Reason) -> ReasonV1 {
    let texts = |texts: &[Printable]| texts.iter().map(Printable::to_string).collect();
    ReasonV1 {
        rule: reason.rule,
        message: reason.message.to_string(),
        notes: texts(&reason.notes),
        help: texts(&reason.help),
    }
}
