//! One thing that is wanted, and what becomes of it.

use pinproof_core::{Finding, Hash, IndexUrl, Printable, Question, Version};
use pinproof_sources::download::{Downloaded, Trouble};

/// A requirement of a lock, or a name of the command line.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name, or its address where it has none.
    pub name: Printable,
    /// The version it is held to, or that was chosen.
    pub version: Option<Version>,
    /// The file and line that ask for it.
    pub place: Option<(Printable, usize)>,
    /// What becomes of it.
    pub outcome: Outcome,
    /// What else the policy says of it, which refuses nothing.
    pub warnings: Vec<Reason>,
    /// Newer releases that were not taken.
    pub passed_over: Vec<PassedOver>,
}

/// What becomes of a thing that is wanted.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It may be fetched.
    Admitted(Vec<PlannedFile>),
    /// It is not fetched.
    Refused(Vec<Reason>),
    /// Nobody could find out whether it may be fetched.
    Undecided(Vec<Reason>),
    /// It is nothing to fetch; why.
    LeftOut(&'static str),
}

/// A newer release that was not taken, and the first reason.
#[derive(Clone, Debug)]
pub struct PassedOver {
    /// The release.
    pub version: Version,
    /// Why.
    pub reason: Reason,
}

/// A file to fetch.
#[derive(Clone, Debug)]
pub struct PlannedFile {
    /// Its name.
    pub filename: String,
    /// Its address, which may have credentials.
    pub(super) url: String,
    /// The index that lists it; `None` for an address that the lock names.
    pub(super) index: Option<IndexUrl>,
    /// Who it is from, as reports say it.
    pub from: Printable,
    /// It has to have one of these.
    pub hashes: Vec<Hash>,
    /// Its size, if the index says it.
    pub size: Option<u64>,
    /// What became of it.
    pub state: FileState,
}

/// What became of a file.
#[derive(Clone, Debug)]
pub enum FileState {
    /// It was not asked for.
    Waiting,
    /// It is there.
    There(Downloaded),
    /// It is not there.
    Failed {
        /// What kind of trouble it was.
        trouble: Trouble,
        /// Why.
        why: Printable,
    },
}

/// Why something is refused, undecided or worth a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The rule that says so.
    pub rule: &'static str,
    /// What is wrong.
    pub message: Printable,
    /// What supports it.
    pub notes: Vec<Printable>,
    /// What to do.
    pub help: Vec<Printable>,
}

impl Item {
    /// Its files, if it may be fetched.
    pub fn files(&self) -> &[PlannedFile] {
        match &self.outcome {
            Outcome::Admitted(files) => files,
            _ => &[],
        }
    }
}

impl Reason {
    pub(super) fn new(rule: &'static str, message: impl Into<Printable>) -> Self {
        Self {
            rule,
            message: message.into(),
            notes: Vec::new(),
            help: Vec::new(),
        }
    }

    pub(super) fn helped(mut self, help: impl Into<Printable>) -> Self {
        self.help.push(help.into());
        self
    }

    pub(super) fn of_finding(finding: &Finding) -> Self {
        Self {
            rule: finding.rule,
            message: finding.message.clone(),
            notes: finding.notes.clone(),
            help: finding.help.clone(),
        }
    }

    pub(super) fn of_question(question: &Question) -> Self {
        let message = format!("{}: {}", question.source, question.why);
        Self::new(question.rule, message)
    }
}
