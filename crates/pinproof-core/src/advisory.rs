//! Advisories: what somebody published about releases of a project, and which versions it is about.
//!
//! The model of OSV records (<https://ossf.github.io/osv-schema/>) for the ecosystem PyPI, reduced to
//! what a verdict needs. An [`Advisory`] speaks of one project; a record about several projects is one
//! advisory for each.

mod affected;
mod class;
mod classes;
mod severity;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Specifiers, Version};

pub use affected::{Affected, Boundary, Event, Interval, Match, Range, Until};
pub use class::{Class, Rated, fix, kind};
pub use classes::classes;
pub use severity::{Rating, RatingKind, Severity, worst};

/// One record about one project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advisory {
    /// Its id, such as `PYSEC-2019-217`; untrusted text.
    pub id: String,
    /// Other ids of the same thing; untrusted text. `related` and `upstream` ids are not among them.
    pub aliases: Vec<String>,
    /// What it speaks of.
    pub kind: Kind,
    /// One line about it; untrusted text.
    pub summary: String,
    /// How bad it is, in every notation that the record has; empty where nobody said.
    pub ratings: Vec<Rating>,
    /// When it was published; some records do not say.
    pub published: Option<Timestamp>,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    /// When it was taken back.
    pub withdrawn: Option<Timestamp>,
    /// Which versions it is about.
    pub affected: Vec<Affected>,
    /// The modules that have the flaw, where the record names them; untrusted text.
    pub imports: Vec<String>,
}

/// What an advisory speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// A flaw in an honest release.
    Vulnerability,
    /// A release that was made to do harm: ids that begin with `MAL-`.
    Malware,
}

impl Advisory {
    /// Whether it is known and not taken back at `time`.
    ///
    /// A record without a date of publication counts as always known: to leave it out would be a guess
    /// in the wrong direction.
    pub fn is_in_force(&self, time: Timestamp) -> bool {
        let is_published = self.published.is_none_or(|published| published <= time);
        let is_withdrawn = self.withdrawn.is_some_and(|withdrawn| withdrawn <= time);
        is_published && !is_withdrawn
    }

    /// Whether it is about `version`: what is sure beats what is possible.
    pub fn affects(&self, version: &Version) -> Match<'_> {
        strongest(
            self.affected
                .iter()
                .map(|affected| affected.contains(version)),
        )
    }

    /// Whether it is about a version that does not follow PEP 440, and so has no place in a range.
    pub fn affects_text(&self, version: &str) -> Match<'_> {
        strongest(
            self.affected
                .iter()
                .map(|affected| affected.contains_text(version)),
        )
    }

    /// Whether it may be about a version that `accepted` lets in.
    pub fn meets(&self, accepted: &Specifiers) -> bool {
        self.affected
            .iter()
            .any(|affected| affected.meets(accepted))
    }

    /// Whether there is no version that it is not about.
    pub fn affects_everything(&self) -> bool {
        let is_all =
            |interval: &Interval| interval.introduced.is_none() && interval.until == Until::Open;
        self.intervals().any(is_all)
    }

    /// Whether it names `version` as one that has the fix.
    pub fn names_as_fix(&self, version: &Version) -> bool {
        self.intervals()
            .filter_map(Interval::fixed)
            .any(|fix| fix == version)
    }

    /// The smallest version above `version` in which it is fixed, by its own word; `None` also if it is
    /// not about `version`, or not surely.
    ///
    /// The end of one interval may lie in another: then the search goes on from there.
    pub fn fix_for(&self, version: &Version) -> Option<&Version> {
        let mut fix = None;
        // Each step reaches a greater end of an interval, so there are no more steps than intervals.
        for _ in 0..=self.intervals().count() {
            let at = fix.unwrap_or(version);
            match self.affects(at) {
                Match::Yes(Some(_)) => fix = Some(self.end_with_fix(at)?),
                Match::Yes(None) => fix = Some(self.next_fix(at)?),
                Match::No => return fix,
                Match::Possibly(_) => return None,
            }
        }
        None
    }

    fn intervals(&self) -> impl Iterator<Item = &Interval> {
        self.affected.iter().flat_map(Affected::intervals)
    }

    /// The first fix that ends an interval with `version`.
    fn end_with_fix(&self, version: &Version) -> Option<&Version> {
        let around = self
            .intervals()
            .filter(|interval| interval.contains(version));
        around.filter_map(Interval::fixed).min()
    }

    /// The smallest version above `version` that ends an interval with a fix.
    fn next_fix(&self, version: &Version) -> Option<&Version> {
        let fixes = self.intervals().filter_map(Interval::fixed);
        fixes.filter(|fix| *fix > version).min()
    }
}

fn strongest<'a>(matches: impl Iterator<Item = Match<'a>>) -> Match<'a> {
    let mut strongest = Match::No;
    for found in matches {
        match (&strongest, &found) {
            (_, Match::Yes(Some(_))) => return found,
            (_, Match::Yes(None)) | (Match::No, Match::Possibly(_)) => strongest = found,
            _ => {}
        }
    }
    strongest
}
