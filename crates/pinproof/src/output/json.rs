//! `--format json`: version 1 of the report for programs, and its schema.
//!
//! Fields may be added within version 1; none is removed, renamed or given another meaning.

mod advisories;

use pinproof_core::{Finding, Place, Question};
use pinproof_engine::Report;
use pinproof_engine::advice::advice;
use pinproof_engine::base::BaseUse;
use pinproof_engine::report::{Decision, FileUse, InputError, JudgedFile, SourceUse};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use advisories::{AdviceV1, AdvisoriesV1, AdvisorySourceV1};

use super::lanes::{self, LaneV1};

/// A report of `pinproof check` or `pinproof audit`.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) struct ReportV1 {
    /// The version of this format: 1.
    version: u8,
    /// The version of pinproof that wrote it.
    pinproof: &'static str,
    /// The exit code before `--exit-zero`: 0 nothing denied, 1 denied, 2 could not run, 3 undecided.
    exit_code: u8,
    /// The sha256 of the effective policy.
    policy_digest: String,
    /// The time that was decided for (RFC 3339).
    decided_at: String,
    /// When the passing of time alone may change the report (RFC 3339).
    next_change_at: Option<String>,
    /// Who can lift a refusal.
    contact: Option<String>,
    /// What the report was compared with (`--base`).
    base: Option<BaseV1>,
    /// The counts.
    summary: Summary,
    /// The files that were judged.
    files: Vec<FileV1>,
    /// The inputs that could not be read.
    errors: Vec<ErrorV1>,
    /// What the rules found; with a base, what is new comes first.
    findings: Vec<FindingV1>,
    /// The findings that exceptions cover.
    ignored: Vec<IgnoredV1>,
    /// The open questions that exceptions cover: nobody waits for their answer.
    ignored_questions: Vec<IgnoredQuestionV1>,
    /// What stayed open; never read a missing finding as an answer without looking here.
    questions: Vec<QuestionV1>,
    /// What passes the cooldown as the fix of a published flaw.
    lanes: Vec<LaneV1>,
    /// What was decided about each requirement.
    decisions: Vec<DecisionV1>,
    /// The indexes that were asked.
    sources: Vec<SourceV1>,
    /// The sources of advisories that were asked.
    advisories: Vec<AdvisorySourceV1>,
    /// What to do about the releases that advisories are about: malware first, then the worst.
    advice: Vec<AdviceV1>,
}

/// Counts.
#[derive(Serialize, JsonSchema)]
struct Summary {
    /// Requirements, those included that are not understood.
    requirements: usize,
    /// Requirements for which every rule had its answer.
    judged: usize,
    /// Requirements bound to an index without an address here; nobody was asked about them.
    internal: usize,
    /// Requirements that were not judged because an exception covers the questions that stayed open.
    excepted: usize,
    /// Findings at level deny.
    denied: usize,
    /// Findings at level warn.
    warned: usize,
    /// Findings that an exception covers.
    ignored: usize,
    /// Open questions that an exception covers.
    ignored_questions: usize,
    /// Findings and open questions that the base has too; no other count has them.
    existing: usize,
    /// Open questions of denying rules.
    unanswered: usize,
}

/// What a report was compared with.
#[derive(Serialize, JsonSchema)]
struct BaseV1 {
    /// The revision or file, as given.
    name: String,
    /// The id of the commit; null for a file.
    commit: Option<String>,
    /// When it was committed (RFC 3339).
    committed_at: Option<String>,
    /// Inputs that cannot be read there: nothing of them counts as already there.
    errors: Vec<ErrorV1>,
}

/// Whether the base has a finding or an open question too.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum BaselineV1 {
    /// It has not: it counts.
    New,
    /// It has: it does not count.
    Existing,
}

/// A file.
#[derive(Serialize, JsonSchema)]
struct FileV1 {
    /// Its path.
    path: String,
    /// The sha256 of its bytes.
    sha256: String,
    /// `installed`, `input`, `included` or `inventory`.
    role: &'static str,
    /// The lock it is the input of, or the file that includes it.
    of: Option<String>,
    /// What it is, if it lists what is installed or was built.
    inventory: Option<InventoryV1>,
    /// Whether it is a lock file, or what it is instead.
    lock: Option<Value>,
    /// The environment that its tree was judged for.
    environment: Option<String>,
    /// Its requirements.
    requirements: usize,
    /// How many of them were judged.
    judged: usize,
    /// How many are bound to an index without an address here.
    internal: usize,
    /// For how many an exception covers the questions that stayed open.
    excepted: usize,
    /// How many packages of another ecosystem it asks for, such as conda's; they are not judged.
    foreign: usize,
    /// The parts of a pyproject.toml that were judged.
    scope: Vec<String>,
    /// The parts that were left out by choice.
    left_out: Vec<String>,
}

/// A list of what is there: a bill of materials, or an installed environment.
#[derive(Serialize, JsonSchema)]
struct InventoryV1 {
    /// What it is, such as `a CycloneDX 1.6 document`.
    kind: String,
    /// What it is an inventory of.
    subject: Option<String>,
    /// Components of other ecosystems; they are not judged.
    foreign: usize,
    /// Components that nothing identifies and no index has; they are not judged.
    unidentified: usize,
}

/// An input that could not be read.
#[derive(Serialize, JsonSchema)]
struct ErrorV1 {
    /// Its path.
    path: String,
    /// Line, from 1.
    line: Option<usize>,
    /// Column in characters, from 1.
    column: Option<usize>,
    /// What is wrong.
    message: String,
    /// What to do.
    help: Option<String>,
}

/// A finding.
#[derive(Serialize, JsonSchema)]
struct FindingV1 {
    /// The rule.
    rule: &'static str,
    /// `warn` or `deny`.
    level: String,
    /// Whether its subject may not enter a lock, an environment or a gateway.
    refuses: bool,
    /// What is wrong.
    message: String,
    /// Its identity over time: rule, file, project and the rule's own key.
    fingerprint: String,
    /// Whether the base has it too: `new` or `existing`; null without a base.
    baseline: Option<BaselineV1>,
    /// The project.
    project: Option<String>,
    /// The version.
    release: Option<String>,
    /// Where.
    places: Vec<PlaceV1>,
    /// What supports it.
    notes: Vec<String>,
    /// What to do.
    help: Vec<String>,
    /// What advisories say; null for findings of other rules.
    advisories: Option<AdvisoriesV1>,
}

/// A finding that an exception covers.
#[derive(Serialize, JsonSchema)]
struct IgnoredV1 {
    /// Why it is accepted.
    reason: String,
    /// Who accepted it.
    owner: Option<String>,
    /// The last day on which the exception counts (UTC).
    until: Option<String>,
    /// The finding.
    finding: FindingV1,
}

/// An open question that an exception covers.
#[derive(Serialize, JsonSchema)]
struct IgnoredQuestionV1 {
    /// Why it is accepted.
    reason: String,
    /// Who accepted it.
    owner: Option<String>,
    /// The last day on which the exception counts (UTC).
    until: Option<String>,
    /// The question.
    question: QuestionV1,
}

/// An open question.
#[derive(Serialize, JsonSchema)]
struct QuestionV1 {
    /// The rule that asked, or `not-understood`.
    rule: &'static str,
    /// The level of the rule.
    level: String,
    /// Who was asked.
    source: String,
    /// `absent`, `unsupported` or `unavailable`.
    openness: String,
    /// Why there is no answer.
    why: String,
    /// Whether it was as open in the base: `new` or `existing`; null without a base.
    baseline: Option<BaselineV1>,
    /// The project.
    project: Option<String>,
    /// Where the answer was needed.
    places: Vec<PlaceV1>,
}

/// A place.
#[derive(Serialize, JsonSchema)]
struct PlaceV1 {
    /// A file, or the origin of a machine setting.
    file: String,
    /// Line, from 1.
    line: Option<usize>,
    /// Column in characters, from 1.
    column: Option<usize>,
    /// Line of the end.
    end_line: Option<usize>,
    /// Column just after the end.
    end_column: Option<usize>,
}

/// A decision about a requirement.
#[derive(Serialize, JsonSchema)]
struct DecisionV1 {
    /// Its file.
    file: String,
    /// Its line.
    line: usize,
    /// Its name.
    name: String,
    /// The version it is held to.
    release: Option<String>,
    /// Why it is there: the shortest chain of those that need it, the top first; empty where the file
    /// does not say.
    needed_by: Vec<String>,
    /// `admitted`, `refused` or `undecided`.
    admission: String,
    /// The sha256 of the evidence.
    evidence_digest: String,
}

/// An index that was asked.
#[derive(Serialize, JsonSchema)]
struct SourceV1 {
    /// Its name.
    name: String,
    /// Its address, without credentials.
    address: String,
    /// Projects it was asked about.
    asked: usize,
    /// When its oldest answer was fetched (RFC 3339).
    oldest_answer: Option<String>,
}

/// The report as JSON.
pub(crate) fn render(report: &Report) -> String {
    pretty(&v1(report))
}

/// A document as it is printed.
pub(super) fn pretty(document: &impl Serialize) -> String {
    match serde_json::to_string_pretty(document) {
        Ok(text) => text + "\n",
        // Strings and numbers always serialize; a report must not vanish if that ever changes.
        Err(error) => format!("{{\"version\": 1, \"error\": {:?}}}\n", error.to_string()),
    }
}

/// The JSON schema of the report.
pub(crate) fn schema() -> Value {
    schemars::schema_for!(ReportV1).to_value()
}

/// The report as a part of another document.
pub(super) fn v1(report: &Report) -> ReportV1 {
    let counts = report.counts();
    ReportV1 {
        version: 1,
        pinproof: env!("CARGO_PKG_VERSION"),
        exit_code: report.exit_code().number(),
        policy_digest: format!("sha256:{}", report.policy_digest),
        decided_at: report.decided_at.to_string(),
        next_change_at: report.next_change_at.map(|time| time.to_string()),
        contact: report.contact.as_ref().map(ToString::to_string),
        base: report.base.as_ref().map(base),
        summary: Summary {
            requirements: counts.requirements,
            judged: counts.judged,
            internal: counts.internal,
            excepted: counts.excepted,
            denied: report.denied(),
            warned: report.warned(),
            ignored: report.ignored.len(),
            ignored_questions: report.ignored_questions.len(),
            existing: report.existing.len() + report.existing_questions.len(),
            unanswered: report.open(),
        },
        files: report.files.iter().map(file).collect(),
        errors: report.errors.iter().map(error).collect(),
        findings: findings(report),
        ignored: report
            .ignored
            .iter()
            .map(|ignored| IgnoredV1 {
                reason: ignored.exception.reason.to_string(),
                owner: ignored.exception.owner.as_ref().map(ToString::to_string),
                until: ignored.exception.until.map(|date| date.to_string()),
                finding: finding(report, &ignored.finding, None),
            })
            .collect(),
        ignored_questions: report
            .ignored_questions
            .iter()
            .map(|ignored| IgnoredQuestionV1 {
                reason: ignored.exception.reason.to_string(),
                owner: ignored.exception.owner.as_ref().map(ToString::to_string),
                until: ignored.exception.until.map(|date| date.to_string()),
                question: question(report, &ignored.question, None),
            })
            .collect(),
        questions: questions(report),
        lanes: lanes::v1(report),
        decisions: report.decisions.iter().map(decision).collect(),
        sources: report.sources.iter().map(source).collect(),
        advisories: report.advisories.iter().map(advisories::source).collect(),
        advice: advice(report).iter().map(advisories::advice).collect(),
    }
}

fn base(base: &BaseUse) -> BaseV1 {
    let commit = base.commit.as_ref();
    BaseV1 {
        name: base.name.to_string(),
        commit: commit.map(|commit| commit.id.clone()),
        committed_at: commit.map(|commit| commit.time.to_string()),
        errors: base.unread.iter().map(error).collect(),
    }
}

fn findings(report: &Report) -> Vec<FindingV1> {
    let new = report.base.as_ref().map(|_| BaselineV1::New);
    let existing = report.existing.iter();
    let existing = existing.map(|f| finding(report, f, Some(BaselineV1::Existing)));
    let findings = report.findings.iter().map(|f| finding(report, f, new));
    findings.chain(existing).collect()
}

fn questions(report: &Report) -> Vec<QuestionV1> {
    let new = report.base.as_ref().map(|_| BaselineV1::New);
    let existing = report.existing_questions.iter();
    let existing = existing.map(|q| question(report, q, Some(BaselineV1::Existing)));
    let questions = report.questions.iter().map(|q| question(report, q, new));
    questions.chain(existing).collect()
}

fn file(file: &JudgedFile) -> FileV1 {
    let (role, of) = match &file.use_of {
        FileUse::Installed => ("installed", None),
        FileUse::InputOf(lock) => ("input", Some(lock.to_string())),
        FileUse::IncludedBy(other) => ("included", Some(other.to_string())),
        FileUse::Inventory(_) => ("inventory", None),
    };
    let inventory = match &file.use_of {
        FileUse::Inventory(inventory) => Some(InventoryV1 {
            kind: inventory.kind.to_string(),
            subject: inventory.subject.as_ref().map(ToString::to_string),
            foreign: inventory.foreign,
            unidentified: inventory.unidentified,
        }),
        _ => None,
    };
    let scope = file.scope.clone().unwrap_or_default();
    FileV1 {
        path: file.source.path.to_string(),
        sha256: file.source.sha256.clone(),
        role,
        of,
        inventory,
        lock: file
            .lock
            .as_ref()
            .and_then(|lock| serde_json::to_value(lock).ok()),
        environment: file.target.clone(),
        requirements: file.counts.requirements,
        judged: file.counts.judged,
        internal: file.counts.internal,
        foreign: file.foreign,
        excepted: file.counts.excepted,
        scope: scope.judged.into_iter().collect(),
        left_out: scope.left_out.into_iter().collect(),
    }
}

fn error(error: &InputError) -> ErrorV1 {
    ErrorV1 {
        path: error.path.to_string(),
        line: error.line_column.map(|(line, _)| line),
        column: error.line_column.map(|(_, column)| column),
        message: error.message.to_string(),
        help: error.help.as_ref().map(ToString::to_string),
    }
}

fn finding(report: &Report, finding: &Finding, baseline: Option<BaselineV1>) -> FindingV1 {
    FindingV1 {
        rule: finding.rule,
        level: finding.level.to_string(),
        refuses: finding.refuses,
        message: finding.message.to_string(),
        fingerprint: finding.fingerprint(),
        baseline,
        project: finding.project.as_ref().map(ToString::to_string),
        release: finding.version.as_ref().map(ToString::to_string),
        places: finding.places.iter().map(|at| place(report, at)).collect(),
        notes: finding.notes.iter().map(ToString::to_string).collect(),
        help: finding.help.iter().map(ToString::to_string).collect(),
        advisories: finding.advisories.as_deref().map(advisories::facts),
    }
}

fn question(report: &Report, question: &Question, baseline: Option<BaselineV1>) -> QuestionV1 {
    QuestionV1 {
        rule: question.rule,
        level: question.level.to_string(),
        source: question.source.to_string(),
        openness: format!("{:?}", question.openness).to_lowercase(),
        why: question.why.to_string(),
        baseline,
        project: question.project.as_ref().map(ToString::to_string),
        places: question.places.iter().map(|at| place(report, at)).collect(),
    }
}

fn place(report: &Report, place: &Place) -> PlaceV1 {
    let file = report.source(&place.origin);
    let start = file.zip(place.span).map(|(file, span)| file.locate(span));
    let end = file
        .zip(place.span)
        .map(|(file, span)| file.locate_end(span));
    PlaceV1 {
        file: place.origin.to_string(),
        line: start.map(|at| at.line),
        column: start.map(|at| at.column),
        end_line: end.map(|at| at.line),
        end_column: end.map(|at| at.column),
    }
}

fn decision(decision: &Decision) -> DecisionV1 {
    DecisionV1 {
        file: decision.file.to_string(),
        line: decision.line,
        name: decision.name.to_string(),
        release: decision.version.clone(),
        needed_by: decision.needed_by.iter().map(ToString::to_string).collect(),
        admission: format!("{:?}", decision.admission).to_lowercase(),
        evidence_digest: format!("sha256:{}", decision.evidence_digest),
    }
}

fn source(source: &SourceUse) -> SourceV1 {
    SourceV1 {
        name: source.name.to_string(),
        address: source.address.to_string(),
        asked: source.asked,
        oldest_answer: source.oldest.map(|time| time.to_string()),
    }
}
