//! What a replay found: counts of everything, and the files that were asked for most.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use pinproof_core::{Admission, Printable, ProjectName};

use crate::store::words::FileName;

/// Files that are listed one by one, for each kind of change; the rest is counted.
const MOST_LISTED: usize = 1_000;

/// What another policy would change.
#[derive(Debug, Default)]
pub struct Report {
    /// Projects that were looked at.
    pub projects: u64,
    /// Files that were decided again.
    pub files: u64,
    /// How often they were answered.
    pub times: u64,
    /// Files about which both policies say what was answered.
    pub unchanged: u64,
    /// Files that the other policy refuses, and the one in effect does not.
    pub refused: Listing,
    /// Files that the other policy admits, and the one in effect does not.
    pub admitted: Listing,
    /// Files about which the other policy cannot decide, or nobody can.
    pub open: Listing,
    /// Files about which even the policy in effect would not repeat what was answered: something has changed since.
    pub moved_on: Listing,
    /// Among those, files about which the two policies do not agree.
    pub moved_apart: u64,
}

/// Files that have something in common.
#[derive(Debug, Default)]
pub struct Listing {
    /// How many there are.
    pub files: u64,
    /// How often they were answered.
    pub times: u64,
    /// By the rule that makes the difference.
    pub by_rule: BTreeMap<String, ByRule>,
    /// Those that were answered most often, most first.
    listed: BTreeSet<(Reverse<u64>, ProjectName, FileName, Change)>,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByRule {
    /// To how many files.
    pub files: u64,
    /// How often they were answered.
    pub times: u64,
}

/// A file, and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The project.
    pub project: ProjectName,
    /// The file.
    pub filename: FileName,
    /// How often it was answered.
    pub times: u64,
    /// The time that it is decided for.
    pub at: Timestamp,
    /// What was answered; `None` if nobody asked.
    pub answered: Option<Said>,
    /// What the policy in effect says.
    pub current: Said,
    /// What the other policy says.
    pub other: Said,
    /// What has changed since it was answered, or is not known.
    pub note: Option<Printable>,
}

/// What a policy says of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    /// Whether it may enter.
    pub admission: Admission,
    /// The rule that says so.
    pub rule: Option<String>,
    /// Its sentence.
    pub reason: Option<Printable>,
}

impl Report {
    /// Adds what another worker found.
    pub(super) fn add(&mut self, other: Self) {
        self.projects += other.projects;
        self.files += other.files;
        self.times += other.times;
        self.unchanged += other.unchanged;
        self.refused.add(other.refused);
        self.admitted.add(other.admitted);
        self.open.add(other.open);
        self.moved_on.add(other.moved_on);
        self.moved_apart += other.moved_apart;
    }

    /// Whether the other policy would answer anything else.
    pub fn would_change(&self) -> bool {
        self.refused.files > 0 || self.admitted.files > 0 || self.moved_apart > 0
    }

    /// Whether nobody can tell of some files.
    pub fn is_open(&self) -> bool {
        self.open.files > 0
    }
}

impl Listing {
    /// The files that were answered most often, most first.
    pub fn listed(&self) -> impl ExactSizeIterator<Item = &Change> {
        self.listed.iter().map(|(.., change)| change)
    }

    /// Takes a file, and the rule that makes the difference.
    pub(super) fn take(&mut self, rule: &str, change: Change) {
        self.files += 1;
        self.times += change.times;
        let of_rule = match self.by_rule.get_mut(rule) {
            Some(of_rule) => of_rule,
            None => self.by_rule.entry(rule.to_owned()).or_default(),
        };
        of_rule.files += 1;
        of_rule.times += change.times;
        self.list(change);
    }

    fn list(&mut self, change: Change) {
        let least = self.listed.last().map_or(0, |(Reverse(times), ..)| *times);
        if self.listed.len() >= MOST_LISTED && change.times < least {
            return;
        }
        let key = (change.project.clone(), change.filename.clone());
        self.listed
            .insert((Reverse(change.times), key.0, key.1, change));
        if self.listed.len() > MOST_LISTED {
            self.listed.pop_last();
        }
    }

    fn add(&mut self, other: Self) {
        self.files += other.files;
        self.times += other.times;
        for (rule, counts) in other.by_rule {
            let of_rule = self.by_rule.entry(rule).or_default();
            of_rule.files += counts.files;
            of_rule.times += counts.times;
        }
        for (.., change) in other.listed {
            self.list(change);
        }
    }
}
