//! Everything that is wanted in one run, and how the run ends.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use pinproof_core::{Printable, SourceFile, Version};
use pinproof_sources::download::Trouble;

use super::item::{FileState, Item, Outcome, Reason};
use crate::report::{ExitCode, InputError};
use crate::settings::Settings;

/// What is wanted, and what became of it.
#[derive(Debug)]
pub struct Bundle {
    /// The files that say what is wanted; none for names of the command line.
    pub inputs: Vec<Input>,
    /// Inputs that could not be read.
    pub errors: Vec<InputError>,
    /// What is wanted, in the order of the inputs.
    pub items: Vec<Item>,
    /// What refuses everything: the settings that a file is installed with.
    pub refused: Vec<Reason>,
    /// Places of the inputs, and settings of the machine, that nobody understands.
    pub not_understood: Vec<(Printable, Reason)>,
    /// How many entries are for other environments.
    pub for_others: usize,
    /// The time that was decided for.
    pub decided_at: Timestamp,
    /// The sha256 of the policy.
    pub policy_digest: String,
    /// Who can lift a refusal.
    pub contact: Option<Printable>,
}

/// A file that says what is wanted.
#[derive(Debug)]
pub struct Input {
    /// The file.
    pub source: SourceFile,
    /// The environment that files are chosen for.
    pub target: String,
}

/// What became of everything, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// What is wanted, with what is not understood.
    pub wanted: usize,
    /// What was decided about.
    pub judged: usize,
    /// What is refused.
    pub refused: usize,
    /// What stayed undecided.
    pub undecided: usize,
    /// Files that were fetched.
    pub fetched: usize,
    /// Files that were there already.
    pub kept: usize,
    /// Their bytes, fetched now.
    pub bytes: u64,
    /// Files whose bytes are not what they have to be.
    pub alarming: usize,
    /// Files that did not come.
    pub missing: usize,
    /// Files that this machine did not take.
    pub unwritten: usize,
}

impl Bundle {
    pub(super) fn new(settings: &Settings) -> Self {
        let policy = super::policy(settings);
        Self {
            inputs: Vec::new(),
            errors: Vec::new(),
            items: Vec::new(),
            refused: Vec::new(),
            not_understood: Vec::new(),
            for_others: 0,
            decided_at: settings.now,
            policy_digest: policy.digest().to_owned(),
            contact: policy.contact.clone(),
        }
    }

    /// Whether everything that is wanted may be fetched, or was.
    pub fn is_complete(&self) -> bool {
        self.exit_code() == ExitCode::Clean
    }

    /// An environment has one release of a name: with two of them, nobody can say which would win.
    pub fn refuse_two_releases_of_one_name(&mut self) {
        let mut versions: BTreeMap<&Printable, BTreeSet<&Version>> = BTreeMap::new();
        let items = self.items.iter().filter(|item| !item.files().is_empty());
        for item in items {
            versions
                .entry(&item.name)
                .or_default()
                .extend(&item.version);
        }
        let twice = versions
            .into_iter()
            .filter(|(_, versions)| versions.len() > 1);
        let refused = twice.map(|(name, versions)| {
            let versions: Vec<String> = versions.iter().map(ToString::to_string).collect();
            let message = format!("`{name}` is wanted in {}", versions.join(" and in "));
            Reason::new("unpinned-requirement", message)
                .helped("install from one lock, or from locks that agree")
        });
        let refused: Vec<Reason> = refused.collect();
        self.refused.extend(refused);
    }

    /// What became of everything.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally {
            wanted: self.not_understood.len(),
            undecided: self.not_understood.len(),
            ..Tally::default()
        };
        for item in &self.items {
            tally.add(item);
        }
        tally
    }

    /// How the run ends: 2 before 1 before 3 before 0.
    pub fn exit_code(&self) -> ExitCode {
        let tally = self.tally();
        let is_empty = tally.wanted == 0 && self.for_others == 0;
        if !self.errors.is_empty() || is_empty || tally.unwritten > 0 {
            ExitCode::CouldNotRun
        } else if !self.refused.is_empty() || tally.refused > 0 || tally.alarming > 0 {
            ExitCode::Denied
        } else if tally.undecided > 0 || tally.missing > 0 {
            ExitCode::Undecided
        } else {
            ExitCode::Clean
        }
    }
}

impl Tally {
    fn add(&mut self, item: &Item) {
        match &item.outcome {
            Outcome::LeftOut(_) => return,
            Outcome::Admitted(files) => {
                for file in files {
                    self.add_file(&file.state);
                }
            }
            Outcome::Refused(_) => self.refused += 1,
            Outcome::Undecided(_) => self.undecided += 1,
        }
        self.wanted += 1;
        self.judged += usize::from(!matches!(item.outcome, Outcome::Undecided(_)));
    }

    fn add_file(&mut self, state: &FileState) {
        use pinproof_sources::download::Arrival;
        match state {
            FileState::Waiting => {}
            FileState::There(file) if file.arrival == Arrival::Kept => self.kept += 1,
            FileState::There(file) => {
                self.fetched += 1;
                self.bytes += file.size;
            }
            FileState::Failed { trouble, .. } => match trouble {
                Trouble::Alarming => self.alarming += 1,
                Trouble::Unavailable => self.missing += 1,
                Trouble::Machine => self.unwritten += 1,
            },
        }
    }
}
