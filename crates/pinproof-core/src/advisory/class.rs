//! What the records of one class say of one version, put together.

use jiff::Timestamp;
use serde::Serialize;

use super::{Advisory, Kind, Match, Rating, RatingKind, Severity, worst};
use crate::evidence::Source;
use crate::imports::Imported;
use crate::{Printable, Version};

/// One flaw, or one piece of malware, as its records describe it for one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Class {
    /// What it is.
    pub kind: Kind,
    /// Every id, the ones that people search for first: CVE, then the id of the record, then the rest.
    pub ids: Vec<Printable>,
    /// The ids of the records themselves, without their aliases.
    pub records: Vec<Printable>,
    /// Who published them.
    pub sources: Vec<Source>,
    /// One line about it.
    pub summary: Printable,
    /// The worst rating of any record; `None` where nobody gave one that is understood.
    pub rated: Option<Rated>,
    /// The smallest later version that none of the records is about; `None` where a record names no fix.
    pub fixed: Option<Version>,
    /// The smallest later version that no advisory at all is about; whoever has them all fills it in.
    pub safe: Option<Version>,
    /// Why it is only possible that the version is affected.
    pub doubt: Option<Printable>,
    /// The modules that have the flaw, where a record names them.
    pub imports: Vec<Printable>,
    /// When the first of the records was published.
    pub published: Option<Timestamp>,
    /// When the last of the records was changed.
    pub modified: Option<Timestamp>,
    /// Whether the project imports it; `None` where nobody looked. Whoever has its files fills it in.
    pub imported: Option<Imported>,
}

/// A rating, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rated {
    /// The severity.
    pub severity: Severity,
    /// The notation it was given in.
    pub kind: RatingKind,
    /// As written.
    pub text: Printable,
    /// The CVSS base score in tenths; words have none.
    pub score: Option<u8>,
    /// The id of the record that has it.
    pub by: Printable,
}

impl Class {
    /// What `records`, which speak of one thing, say of `version`; `None` if they are not about it.
    pub fn of(records: &[(&Source, &Advisory)], version: &Version) -> Option<Self> {
        let mut about: Vec<(&Source, &Advisory)> = Vec::new();
        let mut is_sure = false;
        let mut doubt = None;
        for (source, advisory) in records {
            match advisory.affects(version) {
                Match::Yes(_) => is_sure = true,
                Match::Possibly(boundary) => doubt = Some(why(advisory, boundary)),
                Match::No => continue,
            }
            about.push((source, advisory));
        }
        Some(Self {
            kind: kind(records)?,
            fixed: fix(records, version),
            doubt: doubt.filter(|_| !is_sure),
            ..Self::said_by(&about)?
        })
    }

    /// What `records`, which speak of one thing, say of every version; `None` if they do not.
    pub fn of_every_version(records: &[(&Source, &Advisory)]) -> Option<Self> {
        let about = records
            .iter()
            .filter(|(_, advisory)| advisory.affects_everything());
        let about: Vec<(&Source, &Advisory)> = about.copied().collect();
        Some(Self {
            kind: kind(records)?,
            ..Self::said_by(&about)?
        })
    }

    /// What does not depend on the version; `None` without a record.
    fn said_by(records: &[(&Source, &Advisory)]) -> Option<Self> {
        let advisories = || records.iter().map(|(_, advisory)| *advisory);
        let mut sources: Vec<Source> = records
            .iter()
            .map(|(source, _)| (*source).clone())
            .collect();
        sources.sort();
        sources.dedup();
        let summary = advisories()
            .map(|advisory| &advisory.summary)
            .find(|text| !text.is_empty());
        Some(Self {
            kind: kind(records)?,
            ids: ids(advisories()),
            records: advisories()
                .map(|advisory| Printable::new(&advisory.id))
                .collect(),
            sources,
            summary: Printable::new(summary.map_or("", String::as_str)),
            rated: worst(advisories()).map(Rated::new),
            fixed: None,
            safe: None,
            doubt: None,
            imports: imports(advisories()),
            published: advisories().filter_map(|advisory| advisory.published).min(),
            modified: advisories().filter_map(|advisory| advisory.modified).max(),
            imported: None,
        })
    }

    /// The id to call it by.
    pub fn id(&self) -> &Printable {
        &self.ids[0]
    }

    /// Its severity, where somebody gave one that is understood.
    pub fn severity(&self) -> Option<Severity> {
        self.rated.as_ref().map(|rated| rated.severity)
    }
}

impl Rated {
    fn new((severity, rating, advisory): (Severity, &Rating, &Advisory)) -> Self {
        Self {
            severity,
            kind: rating.kind,
            text: Printable::new(&rating.text),
            score: rating.score,
            by: Printable::new(&advisory.id),
        }
    }
}

/// A class has one kind: a record of malware makes malware of those that are linked to it, whichever of
/// them is about a version.
pub fn kind(records: &[(&Source, &Advisory)]) -> Option<Kind> {
    records.iter().map(|(_, advisory)| advisory.kind).max()
}

/// Every id once, in the order of [`Class::ids`].
fn ids<'a>(advisories: impl Iterator<Item = &'a Advisory>) -> Vec<Printable> {
    let mut ids: Vec<(u8, &str)> = Vec::new();
    for advisory in advisories {
        ids.push((rank(&advisory.id, true), &advisory.id));
        ids.extend(
            advisory
                .aliases
                .iter()
                .map(|alias| (rank(alias, false), alias.as_str())),
        );
    }
    ids.sort_unstable();
    let mut once: Vec<Printable> = Vec::new();
    for (_, id) in ids {
        let id = Printable::new(id);
        if !once.contains(&id) {
            once.push(id);
        }
    }
    once
}

fn rank(id: &str, is_own: bool) -> u8 {
    match (id, is_own) {
        (id, true) if id.starts_with("MAL-") => 0,
        (id, _) if id.starts_with("CVE-") => 1,
        (_, true) => 2,
        (_, false) => 3,
    }
}

/// The smallest version above `version` that none of `records` is about; each record's own fix may lie in
/// another's range. `None` where one of them names no fix, or none is about `version`.
pub fn fix(records: &[(&Source, &Advisory)], version: &Version) -> Option<Version> {
    let mut at = version;
    // Every step passes the end of an interval of some record.
    let intervals = records
        .iter()
        .map(|(_, advisory)| advisory.intervals().count());
    let steps: usize = intervals.sum();
    for _ in 0..=steps {
        let hit = records
            .iter()
            .find(|(_, advisory)| advisory.affects(at) != Match::No);
        match hit {
            Some((_, advisory)) => at = advisory.fix_for(at)?,
            None => return (at != version).then(|| at.clone()),
        }
    }
    None
}

fn why(advisory: &Advisory, boundary: &str) -> Printable {
    let id = Printable::new(&advisory.id);
    let boundary = Printable::new(boundary).shortened(60);
    Printable::from(format!(
        "{id} has the boundary `{boundary}`, which is no version by PEP 440"
    ))
}

fn imports<'a>(advisories: impl Iterator<Item = &'a Advisory>) -> Vec<Printable> {
    let mut imports: Vec<Printable> = advisories
        .flat_map(|advisory| &advisory.imports)
        .map(|module| Printable::new(module))
        .collect();
    imports.sort();
    imports.dedup();
    imports
}
