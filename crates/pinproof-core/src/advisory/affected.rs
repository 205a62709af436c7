//! Which versions an advisory is about: ranges and lists, compared as PEP 440 orders versions.

use serde::{Deserialize, Serialize};

use crate::Version;
use crate::specifier::{Operator, Prereleases, Specifier, Specifiers};

/// The versions of one `affected` entry: those of its ranges, and those of its list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affected {
    ranges: Vec<Range>,
    /// Listed versions that no range has.
    versions: Vec<Version>,
    /// Listed versions that do not follow PEP 440; untrusted text.
    other_versions: Vec<String>,
}

/// One range of type `ECOSYSTEM`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Range {
    /// Its intervals, in order and without overlap.
    Intervals(Vec<Interval>),
    /// It has a boundary that is no version, so that nobody can tell what lies within; the boundary, or
    /// words in parentheses where the record has none. Untrusted text.
    Undecidable(String),
}

/// A stretch of affected versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// The first affected version; `None` is the very first.
    pub introduced: Option<Version>,
    /// Where it ends.
    pub until: Until,
}

/// The end of an [`Interval`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Until {
    /// Before this version, which has the fix.
    Fixed(Version),
    /// With this version; what fixes it is not said.
    LastAffected(Version),
    /// Before this version, where the record stops to speak.
    Limit(Version),
    /// It does not end.
    Open,
}

/// An event of a range, as a record lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Affected from here on.
    Introduced(Boundary),
    /// Not affected from here on.
    Fixed(Boundary),
    /// Not affected after this version.
    LastAffected(Boundary),
    /// The record says nothing from here on; several limits mean the highest.
    Limit(Boundary),
}

/// The version of an [`Event`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Boundary {
    /// `0`, which is below every version.
    Zero,
    /// A version.
    Version(Version),
    /// `*`, which is above every version.
    Infinity,
}

/// Whether an advisory is about a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match<'a> {
    /// It is, by this interval or by its list of versions.
    Yes(Option<&'a Interval>),
    /// It may be: this text of the record, or the version itself, is no version by PEP 440.
    Possibly(&'a str),
    /// It is not.
    No,
}

impl Affected {
    /// The versions of `ranges` and of the list `versions`; what a range has anyway is not kept twice.
    pub fn new<'v>(ranges: Vec<Range>, versions: impl IntoIterator<Item = &'v str>) -> Self {
        let mut affected = Self {
            ranges,
            ..Self::default()
        };
        for listed in versions {
            match listed.parse::<Version>() {
                Ok(version) if matches!(affected.in_ranges(&version), Match::Yes(_)) => {}
                Ok(version) => affected.versions.push(version),
                Err(_) => affected.other_versions.push(listed.to_owned()),
            }
        }
        affected
    }

    /// Whether it has `version`.
    pub fn contains(&self, version: &Version) -> Match<'_> {
        match self.in_ranges(version) {
            Match::Yes(interval) => Match::Yes(interval),
            _ if self.lists(version) => Match::Yes(None),
            otherwise => otherwise,
        }
    }

    /// Whether it has a version that does not follow PEP 440: by its list, or because it has them all,
    /// and else nobody can tell.
    pub fn contains_text(&self, version: &str) -> Match<'_> {
        if let Some(all) = self.intervals().find(|interval| interval.is_everything()) {
            return Match::Yes(Some(all));
        }
        if self.other_versions.iter().any(|listed| listed == version) {
            return Match::Yes(None);
        }
        if self.ranges.is_empty() {
            Match::No
        } else {
            Match::Possibly("")
        }
    }

    /// Whether it may have a version that `accepted` lets in: a stretch of affected versions and one of
    /// accepted ones meet where one of them begins in the other. Where nobody can tell, they do.
    pub fn meets(&self, accepted: &Specifiers) -> bool {
        if self.undecidable().is_some() || !self.other_versions.is_empty() {
            return true;
        }
        let lets_in = |version: &Version| accepted.contains(version, Prereleases::Allow);
        let smallest = "0.dev0".parse::<Version>().ok();
        let begins_in = |interval: &Interval| {
            let first = interval.introduced.as_ref().or(smallest.as_ref());
            first.is_none_or(lets_in)
        };
        let begins_here = |clause: &Specifier| {
            clause.version().is_some_and(|bound| {
                let is_first = match clause.operator() {
                    // What comes right after the bound is accepted; it has no name.
                    Operator::Greater | Operator::NotEqual => true,
                    Operator::Less | Operator::LessOrEqual => false,
                    _ => lets_in(bound),
                };
                is_first && self.contains(bound) != Match::No
            })
        };
        self.versions.iter().any(lets_in)
            || self.intervals().any(begins_in)
            || accepted.iter().any(begins_here)
    }

    /// The text of a boundary that is no version, if there is one.
    pub fn undecidable(&self) -> Option<&str> {
        self.ranges.iter().find_map(|range| match range {
            Range::Undecidable(boundary) => Some(boundary.as_str()),
            Range::Intervals(_) => None,
        })
    }

    /// Its intervals.
    pub fn intervals(&self) -> impl Iterator<Item = &Interval> {
        self.ranges.iter().flat_map(|range| match range {
            Range::Intervals(intervals) => intervals.as_slice(),
            Range::Undecidable(_) => &[],
        })
    }

    /// As `==` of PEP 440 does, with every local version of a listed one that has no local segment.
    fn lists(&self, version: &Version) -> bool {
        let is_it = |listed: &Version| {
            listed == version || (!listed.is_local() && listed.cmp_public(version).is_eq())
        };
        self.versions.iter().any(is_it)
    }

    fn in_ranges(&self, version: &Version) -> Match<'_> {
        match self.ranges.iter().find_map(|range| range.around(version)) {
            Some(interval) => Match::Yes(Some(interval)),
            None => self.undecidable().map_or(Match::No, Match::Possibly),
        }
    }
}

impl Range {
    /// The intervals of a list of events, in whatever order the record has them.
    ///
    /// This is the walk of the OSV specification: events in the order of versions, each sets or clears
    /// "affected". At one version, a fix is taken before an introduction, so that "fixed in 2.0,
    /// introduced in 2.0" is affected at 2.0, and the last affected version comes after both.
    pub fn of_events(mut events: Vec<Event>) -> Self {
        let is_limit = |event: &Event| matches!(event, Event::Limit(_));
        let limit = events
            .iter()
            .filter(|event| is_limit(event))
            .map(Event::boundary)
            .max()
            .cloned();
        events.retain(|event| !is_limit(event));
        events.sort_by(|a, b| a.boundary().cmp(b.boundary()).then(a.rank().cmp(&b.rank())));
        let mut intervals = Vec::new();
        let mut open: Option<Boundary> = None;
        for event in events {
            match event {
                Event::Introduced(Boundary::Infinity) | Event::Limit(_) => {}
                Event::Introduced(at) => {
                    open.get_or_insert(at);
                }
                Event::Fixed(at) => close(&mut intervals, &mut open, at, Until::Fixed),
                Event::LastAffected(at) => {
                    close(&mut intervals, &mut open, at, Until::LastAffected);
                }
            }
        }
        if let Some(introduced) = open.map(Boundary::version) {
            intervals.push(Interval {
                introduced,
                until: Until::Open,
            });
        }
        Self::Intervals(within(intervals, limit))
    }
}

impl Range {
    /// The interval that has `version`.
    fn around(&self, version: &Version) -> Option<&Interval> {
        let Self::Intervals(intervals) = self else {
            return None;
        };
        if version.is_local() {
            // It may lie in the one before, whose last version it is a build of.
            return intervals.iter().find(|interval| interval.contains(version));
        }
        let begun = intervals.partition_point(|interval| interval.begins_by(version));
        let last = intervals.get(begun.checked_sub(1)?)?;
        last.contains(version).then_some(last)
    }
}

/// Ends the open interval; an end that nothing was open for, or at infinity, ends nothing.
fn close(
    intervals: &mut Vec<Interval>,
    open: &mut Option<Boundary>,
    at: Boundary,
    until: fn(Version) -> Until,
) {
    // "Fixed in 0" fixes everything that came before it: nothing is left.
    let Boundary::Version(version) = at else {
        if at == Boundary::Zero {
            *open = None;
        }
        return;
    };
    if let Some(introduced) = open.take().map(Boundary::version) {
        intervals.push(Interval {
            introduced,
            until: until(version),
        });
    }
}

/// What is left of `intervals` below `limit`.
fn within(intervals: Vec<Interval>, limit: Option<Boundary>) -> Vec<Interval> {
    let limit = match limit {
        None | Some(Boundary::Infinity) => return intervals,
        Some(Boundary::Zero) => return Vec::new(),
        Some(Boundary::Version(limit)) => limit,
    };
    let below = |version: &Option<Version>| version.as_ref().is_none_or(|version| *version < limit);
    let kept = intervals
        .into_iter()
        .filter(|interval| below(&interval.introduced));
    kept.map(|interval| {
        let ends_before = match &interval.until {
            Until::Fixed(end) | Until::Limit(end) => *end <= limit,
            Until::LastAffected(end) => *end < limit,
            Until::Open => false,
        };
        if ends_before {
            interval
        } else {
            Interval {
                until: Until::Limit(limit.clone()),
                ..interval
            }
        }
    })
    .collect()
}

impl Interval {
    /// Whether it has `version`.
    pub fn contains(&self, version: &Version) -> bool {
        self.begins_by(version)
            && match &self.until {
                Until::Fixed(end) | Until::Limit(end) => version < end,
                // As `<=` of PEP 440 does: `2.0+cu118` is a build of 2.0, and no fix of it.
                Until::LastAffected(end) if end.is_local() => version <= end,
                Until::LastAffected(end) => version.cmp_public(end).is_le(),
                Until::Open => true,
            }
    }

    fn begins_by(&self, version: &Version) -> bool {
        let introduced = self.introduced.as_ref();
        introduced.is_none_or(|introduced| introduced <= version)
    }

    fn is_everything(&self) -> bool {
        self.introduced.is_none() && self.until == Until::Open
    }

    /// The version that has the fix, where the record names one.
    pub fn fixed(&self) -> Option<&Version> {
        match &self.until {
            Until::Fixed(version) => Some(version),
            _ => None,
        }
    }
}

impl Event {
    fn boundary(&self) -> &Boundary {
        match self {
            Self::Introduced(at) | Self::Fixed(at) | Self::LastAffected(at) | Self::Limit(at) => at,
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Fixed(_) => 0,
            Self::Introduced(_) => 1,
            Self::LastAffected(_) | Self::Limit(_) => 2,
        }
    }
}

impl Boundary {
    fn version(self) -> Option<Version> {
        match self {
            Self::Version(version) => Some(version),
            Self::Zero | Self::Infinity => None,
        }
    }
}
