//! The report of a run: what was judged, what was found, what stayed open, and the exit code.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use pinproof_core::evidence::Openness;
use pinproof_core::manifest::Inventory;
use pinproof_core::verdict::{Ignored, IgnoredQuestion, Lane};
use pinproof_core::{Admission, Finding, Level, Printable, Question, SourceFile, Span};
use pinproof_policy::LockStatus;
use serde::Serialize;

use crate::advisories::AdvisoryUse;
use crate::base::BaseUse;
use crate::bom::Bom;

/// What a run says.
#[derive(Debug)]
pub struct Report {
    /// The files that were judged, in order.
    pub files: Vec<JudgedFile>,
    /// Files that places point into and that are not judged, such as the configuration.
    pub other_sources: Vec<SourceFile>,
    /// The inputs that could not be read.
    pub errors: Vec<InputError>,
    /// What the rules found, in the order of files and places.
    pub findings: Vec<Finding>,
    /// What it was compared with; then `findings` and `questions` have only what is new.
    pub base: Option<BaseUse>,
    /// What the rules found in the base too; it does not count.
    pub existing: Vec<Finding>,
    /// What stayed open in the base too, with the same answer whatever it is; it does not count.
    pub existing_questions: Vec<Question>,
    /// The findings that exceptions cover.
    pub ignored: Vec<Ignored>,
    /// The open questions that exceptions cover.
    pub ignored_questions: Vec<IgnoredQuestion>,
    /// What stayed open.
    pub questions: Vec<Question>,
    /// What passes the cooldown as the fix of a published flaw.
    pub lanes: Vec<Lane>,
    /// What was decided about each requirement.
    pub decisions: Vec<Decision>,
    /// The releases that were judged, each once.
    pub bom: Bom,
    /// The indexes that were asked.
    pub sources: Vec<SourceUse>,
    /// The sources of advisories that were asked.
    pub advisories: Vec<AdvisoryUse>,
    /// The rules that were asked: the ones that the policy does not allow.
    pub asked: BTreeSet<&'static str>,
    /// Which question the report answers first.
    pub kind: Kind,
    /// The sha256 of the effective policy.
    pub policy_digest: String,
    /// The time that was decided for.
    pub decided_at: Timestamp,
    /// When the passing of time alone may change the report.
    pub next_change_at: Option<Timestamp>,
    /// Who can lift a refusal.
    pub contact: Option<Printable>,
}

/// Which question a report answers first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// What is wrong with this project's supply chain?
    #[default]
    Check,
    /// Which known vulnerabilities and known malware are in it?
    Audit,
}

/// A file that was judged.
#[derive(Debug)]
pub struct JudgedFile {
    /// The file.
    pub source: Arc<SourceFile>,
    /// What it is for.
    pub use_of: FileUse,
    /// Whether it is a lock file; a manifest of a project and an included file are not asked.
    pub lock: Option<LockStatus>,
    /// The environment that its tree was judged for.
    pub target: Option<String>,
    /// The parts of it that were judged, and the ones left out.
    pub scope: Option<ScopeNote>,
    /// How many packages of another ecosystem it asks for besides; nobody judges them here.
    pub foreign: usize,
    /// What became of its requirements.
    pub counts: Counts,
}

/// What became of requirements. The ones that are in none of the other counts were not judged, and open
/// questions say why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them, those included that are not understood.
    pub requirements: usize,
    /// How many of these are not understood.
    pub not_understood: usize,
    /// Every rule that was asked about them had its answer.
    pub judged: usize,
    /// The policy binds them to an index without an address here; nobody was asked about them.
    pub internal: usize,
    /// An exception covers the questions about them that stayed open.
    pub excepted: usize,
}

/// What a file is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileUse {
    /// It is installed from.
    Installed,
    /// The lock of that path is compiled from it.
    InputOf(Printable),
    /// The file of that path includes it.
    IncludedBy(Printable),
    /// It lists what is installed or was built.
    Inventory(Inventory),
}

/// Which parts of a pyproject.toml were judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeNote {
    /// Judged, such as ``extra `socks` ``.
    pub judged: BTreeSet<String>,
    /// Left out by choice.
    pub left_out: BTreeSet<String>,
}

/// An input that could not be read or parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputError {
    /// The input's shown path.
    pub path: Printable,
    /// Its text and the place in it, where there is one.
    pub place: Option<(Printable, Span)>,
    /// The line and column, where there is a place.
    pub line_column: Option<(usize, usize)>,
    /// What is wrong.
    pub message: Printable,
    /// What to do.
    pub help: Option<Printable>,
}

/// What was decided about one requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The requirement's file.
    pub file: Printable,
    /// Its line.
    pub line: usize,
    /// Its name.
    pub name: Printable,
    /// The version it is held to.
    pub version: Option<String>,
    /// Why it is there: the shortest chain of those that need it, the top first, its direct dependent
    /// last; empty where the file does not say.
    pub needed_by: Vec<Printable>,
    /// Whether it may enter.
    pub admission: Admission,
    /// The evidence that it was decided on.
    pub evidence_digest: String,
}

/// An index that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceUse {
    /// Its name.
    pub name: Printable,
    /// Its address, without credentials.
    pub address: Printable,
    /// How many projects it was asked about.
    pub asked: usize,
    /// When its oldest answer was fetched.
    pub oldest: Option<Timestamp>,
}

/// How a run ends; see the table in the guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum ExitCode {
    /// Nothing denied.
    Clean,
    /// Something denied.
    Denied,
    /// Could not run: usage, configuration, an unreadable input, or nothing to judge.
    CouldNotRun,
    /// Nothing denied, but a question of a denying rule stayed open, or nothing at all was judged.
    Undecided,
}

impl Counts {
    /// Whether not one requirement was judged, although policy and exceptions do not account for all.
    ///
    /// Rules at `warn` leave no denying question, so the questions alone do not tell.
    pub fn is_nothing_judged(&self) -> bool {
        self.judged == 0 && self.internal + self.excepted < self.requirements
    }
}

impl ExitCode {
    /// The number.
    pub fn number(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Denied => 1,
            Self::CouldNotRun => 2,
            Self::Undecided => 3,
        }
    }
}

impl Report {
    /// How the run ends: 2 before 1 before 3 before 0.
    pub fn exit_code(&self) -> ExitCode {
        let counts = self.counts();
        if !self.errors.is_empty() || counts.requirements == 0 {
            ExitCode::CouldNotRun
        } else if self.denied() > 0 {
            ExitCode::Denied
        } else if self.open() > 0 || counts.is_nothing_judged() {
            ExitCode::Undecided
        } else {
            ExitCode::Clean
        }
    }

    /// The file that places of that origin are in.
    pub fn source(&self, origin: &Printable) -> Option<&SourceFile> {
        let files = self.files.iter().map(|file| &*file.source);
        files
            .chain(&self.other_sources)
            .find(|source| source.path == *origin)
    }

    /// What became of the requirements of all files.
    pub fn counts(&self) -> Counts {
        let files = self.files.iter().map(|file| file.counts);
        files.fold(Counts::default(), |a, b| Counts {
            not_understood: a.not_understood + b.not_understood,
            requirements: a.requirements + b.requirements,
            judged: a.judged + b.judged,
            internal: a.internal + b.internal,
            excepted: a.excepted + b.excepted,
        })
    }

    /// The number of denied findings; a source that never publishes what `strict` asks for counts.
    pub fn denied(&self) -> usize {
        let findings = self.findings.iter().filter(|f| f.level == Level::Deny);
        let unsupported = self.questions.iter().filter(|question| {
            question.level == Level::Deny && question.openness == Openness::Unsupported
        });
        findings.count() + unsupported.count()
    }

    /// The number of warnings.
    pub fn warned(&self) -> usize {
        let warned = self.findings.iter().filter(|f| f.level == Level::Warn);
        warned.count()
    }

    /// The number of questions of denying rules that stayed open.
    pub fn open(&self) -> usize {
        let open = self.questions.iter().filter(|question| {
            question.level == Level::Deny && question.openness != Openness::Unsupported
        });
        open.count()
    }
}
