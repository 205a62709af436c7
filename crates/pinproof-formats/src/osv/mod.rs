//! One record of the OSV schema (<https://ossf.github.io/osv-schema/>), as JSON or as YAML, to advisories
//! about projects of PyPI.
//!
//! The reader is tolerant where nothing can be missed: unknown fields, types of severity and enum values
//! cost nothing. What it cannot read it names, with the projects that are concerned, and reads the rest:
//! a record is never dropped, and never clean because it was not understood.

mod entry;
mod events;
mod mentions;
mod problem;
mod rating;
mod summary;
mod value;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use pinproof_core::advisory::{Advisory, Kind};
use pinproof_core::{Printable, ProjectName};

use entry::{About, Part};
use value::{Document, Value};

pub use problem::{NotUnderstood, Problem};

/// The bytes of a record; the largest real ones have some hundred thousand.
pub const MAX_BYTES: usize = 8 << 20;
/// The depth of nesting of a record; the schema needs eight.
pub const MAX_DEPTH: usize = 64;
/// The entries of `affected`.
pub const MAX_AFFECTED: usize = 2048;
/// The ranges of a record, all entries together, as with events and versions. The longest records of PyPA
/// have thirty events and a thousand versions.
pub const MAX_RANGES: usize = 4096;
/// The events of a record.
pub const MAX_EVENTS: usize = 10_000;
/// The listed versions of a record.
pub const MAX_VERSIONS: usize = 50_000;
/// The aliases, the ratings and the named modules of a record, each.
pub const MAX_NOTES: usize = 100;
/// The bytes of an id, of a rating and of the name of a module, which are kept for each project of a record.
pub const MAX_TEXT: usize = 300;

/// What one record says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Its id, where it can be read.
    pub id: Option<Printable>,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    /// When it was published.
    pub published: Option<Timestamp>,
    /// When it was taken back; from then on, what was not understood of it matters no longer.
    pub withdrawn: Option<Timestamp>,
    /// What it says about projects of PyPI, each once, in the order of their names.
    pub advisories: Vec<(ProjectName, Advisory)>,
    /// How many of its entries are about something else: other ecosystems, or repositories.
    pub elsewhere: usize,
    /// What could not be read. There may be advisories all the same, from what could.
    pub not_understood: Vec<NotUnderstood>,
}

/// Reads a record that is JSON.
pub fn parse(bytes: &[u8]) -> Record {
    record_of(value::read(bytes))
}

/// Reads a record that is YAML: one document; plain scalars are text as written, whatever they look like.
pub fn parse_yaml(bytes: &[u8]) -> Record {
    record_of(yaml::read(bytes))
}

/// The same record as JSON, for those who read no YAML; `None` if it cannot be read.
pub fn json_of_yaml(bytes: &[u8]) -> Option<Vec<u8>> {
    let document = yaml::read(bytes).ok()?;
    serde_json::to_vec(&document.root.to_json()).ok()
}

fn record_of(document: Result<Document, Problem>) -> Record {
    let mut record = Record::default();
    let document = match document {
        Ok(document) => document,
        Err(problem) => {
            record.not_understood(problem, BTreeSet::new());
            return record;
        }
    };
    let root = &document.root;
    record.id = id(root).map(|id| Printable::new(id).shortened(MAX_TEXT));
    // In a record that can be read in two ways, no date may take it back.
    let read = document.flaw.map_or_else(|| record.fill(root), Err);
    if let Err(problem) = read {
        record.not_understood(problem, mentions::projects(root));
    }
    record
}

impl Record {
    fn not_understood(&mut self, problem: Problem, projects: BTreeSet<ProjectName>) {
        let entry = NotUnderstood { problem, projects };
        self.not_understood.push(entry);
    }

    /// Reads the record of `root`; an error is about all of it.
    fn fill(&mut self, root: &Value) -> Result<(), Problem> {
        if !root.is_object() {
            return Err(Problem::Wrong("the record", "an object"));
        }
        let date = |key| root.get(key).and_then(Value::text)?.trim().parse().ok();
        self.modified = date("modified");
        self.published = date("published");
        self.withdrawn = date("withdrawn");
        let common = self.common(root)?;
        let entries = root.list("affected", MAX_AFFECTED)?;
        within_limits(entries)?;
        if entries.is_empty() && self.withdrawn.is_none() {
            return Err(Problem::NoProject);
        }
        let ratings = rating::ratings(root)?;
        for (name, parts) in self.parts(root, entries) {
            let advisory = Advisory {
                ratings: entry::ratings(&parts, &ratings),
                imports: entry::imports(&parts),
                affected: parts.into_iter().map(|part| part.affected).collect(),
                ..common.clone()
            };
            self.advisories.push((name, advisory));
        }
        Ok(())
    }

    /// What is the same for all projects of the record.
    fn common(&self, root: &Value) -> Result<Advisory, Problem> {
        let id = id(root).ok_or(Problem::Wrong("`id`", "a text"))?;
        if id.len() > MAX_TEXT {
            return Err(Problem::TooLong("`id`"));
        }
        let aliases = aliases(root)?;
        Ok(Advisory {
            id: id.to_owned(),
            kind: kind(id, &aliases),
            aliases,
            summary: summary::of(root),
            ratings: Vec::new(),
            published: self.published,
            modified: self.modified,
            withdrawn: self.withdrawn,
            affected: Vec::new(),
            imports: Vec::new(),
        })
    }

    /// What `entries` say about projects of PyPI; the rest is counted, or not understood.
    fn parts(&mut self, root: &Value, entries: &[Value]) -> BTreeMap<ProjectName, Vec<Part>> {
        let mut parts: BTreeMap<ProjectName, Vec<Part>> = BTreeMap::new();
        let mut repositories = 0;
        // One problem is enough: all of them are about whatever the record mentions.
        let mut of_nobody = None;
        for entry in entries {
            match entry::about(entry) {
                Ok(About::Project(name)) => {
                    let (part, problem) = entry::read(entry);
                    if let Some(problem) = problem {
                        self.not_understood(problem, BTreeSet::from([name.clone()]));
                    }
                    parts.entry(name).or_default().push(part);
                }
                Ok(About::Elsewhere) => self.elsewhere += 1,
                Ok(About::Repository) => repositories += 1,
                Err((problem, Some(name))) => {
                    self.not_understood(problem, BTreeSet::from([name]));
                }
                Err((problem, None)) => {
                    of_nobody.get_or_insert(problem);
                }
            }
        }
        // A repository beside a project is one more way to say the same; alone, it does not say whose it is.
        if repositories > 0 && repositories == entries.len() {
            of_nobody = Some(Problem::NoProject);
        }
        if let Some(problem) = of_nobody {
            self.not_understood(problem, mentions::projects(root));
        }
        self.elsewhere += repositories;
        parts
    }
}

/// Whether the lists of `entries` are short enough, taken together.
fn within_limits(entries: &[Value]) -> Result<(), Problem> {
    let total = |key| entries.iter().map(|entry| entry.count(key)).sum::<usize>();
    let ranges = entries
        .iter()
        .flat_map(|entry| entry.list("ranges", MAX_RANGES));
    let events = ranges.flatten().map(|range| range.count("events")).sum();
    let counts = [
        ("ranges", total("ranges"), MAX_RANGES),
        ("events", events, MAX_EVENTS),
        ("versions", total("versions"), MAX_VERSIONS),
    ];
    let over = counts.into_iter().find(|(_, count, limit)| count > limit);
    over.map_or(Ok(()), |(key, _, limit)| Err(Problem::TooMany(key, limit)))
}

fn id(root: &Value) -> Option<&str> {
    let id = root.get("id")?.text()?.trim();
    (!id.is_empty()).then_some(id)
}

fn aliases(root: &Value) -> Result<Vec<String>, Problem> {
    let mut aliases: Vec<String> = Vec::new();
    for alias in root.notes("aliases")? {
        let alias = alias.text().map(str::trim).unwrap_or_default();
        if alias.len() > MAX_TEXT {
            return Err(Problem::TooLong("an alias"));
        }
        if !alias.is_empty() && !aliases.iter().any(|known| known == alias) {
            aliases.push(alias.to_owned());
        }
    }
    Ok(aliases)
}

/// A record that another database knows as malware is malware, whoever wrote this one.
fn kind(id: &str, aliases: &[String]) -> Kind {
    let ids = std::iter::once(id).chain(aliases.iter().map(String::as_str));
    let is_malware = |id: &str| {
        let prefix = id.get(..4);
        prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case("MAL-"))
    };
    if ids.into_iter().any(is_malware) {
        Kind::Malware
    } else {
        Kind::Vulnerability
    }
}
