//! Advisories for a run: the sources of the policy, opened, and what they say of a project.

mod build;
mod compile;
mod lookup;
mod memory;
mod online;
mod renew;
mod update;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use pinproof_core::evidence::{Answer, Source, Unavailable};
use pinproof_core::{Advisory, Printable, ProjectName};
pub use pinproof_policy::advisory_source::OSV;
use pinproof_policy::evidence::{Advisories, without_address};
use pinproof_policy::{AdvisoryLocation, AdvisorySource, Policy};
use pinproof_sources::advisories::{AdvisoryError, Database, Head, Store, StoredAge};

pub use build::{Built, build};
pub use lookup::Lookup;
pub use memory::Memory;
pub use online::Online;
pub(crate) use online::joined;
pub use renew::renew;
pub use update::{Update, UpdateSettings, update};

/// Where databases are looked for.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The folder of the cache; without one, only named databases are read.
    pub cache_dir: Option<PathBuf>,
    /// `--db`: takes the place of OSV's database, and may be of any time before.
    pub database: Option<PathBuf>,
    /// The folder of the configuration, which paths of sources are relative to.
    pub config_folder: Option<PathBuf>,
    /// Whether an OSV server is asked, so that OSV's database is not.
    pub online: bool,
}

/// The sources of a policy, opened for one run.
#[derive(Debug)]
pub struct Book {
    sources: Vec<Opened>,
    now: Timestamp,
}

#[derive(Debug)]
struct Opened {
    source: AdvisorySource,
    records: Result<Records, AdvisoryError>,
}

#[derive(Debug)]
enum Records {
    Database(Box<Database>),
    Memory(Memory),
}

/// A source as the report shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdvisoryUse {
    /// Its name.
    pub name: Printable,
    /// What it says of itself, if it could be opened.
    pub head: Option<Head>,
    /// The digest of its database; a source that is read from a folder has none.
    pub digest: Option<Printable>,
    /// Why its records do not count as the present state, if they do not.
    pub trouble: Option<Printable>,
}

/// Whether any rule that `policy` asks looks at advisories.
pub fn needs_advisories(policy: &Policy) -> bool {
    pinproof_policy::needs(policy, pinproof_policy::Need::Advisories)
}

impl Book {
    /// Opens the sources that `policy` asks.
    pub fn open(policy: &Policy, places: &Places, now: Timestamp) -> Self {
        let mut asked = policy.advisory_sources();
        asked.retain(|source| !(places.online && source.name == OSV));
        let sources = asked.into_iter().map(|source| Opened {
            records: open(&source, places),
            source,
        });
        Self {
            sources: sources.collect(),
            now,
        }
    }

    /// What the sources that speak of `project` say of it.
    pub fn about(&self, project: &ProjectName, policy: &Policy) -> Answer<Advisories> {
        let mut speaking = self
            .sources
            .iter()
            .filter(|opened| policy.is_spoken_of(project, &opened.source))
            .peekable();
        if speaking.peek().is_none() {
            return Answer::Unsupported(nobody(project, policy));
        }
        let mut found = Advisories::default();
        for opened in speaking {
            opened.add(project, self.now, &mut found);
        }
        Answer::Known(found)
    }

    /// The sources, for the report.
    pub fn uses(&self) -> Vec<AdvisoryUse> {
        self.sources
            .iter()
            .map(|opened| opened.as_used(self.now))
            .collect()
    }
}

/// Who does not speak of a project.
fn nobody(project: &ProjectName, policy: &Policy) -> Source {
    match policy.bound_index(project) {
        Some(index) if index.url.is_none() => without_address(&index.name),
        Some(index) => Source::new(&format!("index `{}`", index.name)),
        None => Source::new("no source of advisories"),
    }
}

fn open(source: &AdvisorySource, places: &Places) -> Result<Records, AdvisoryError> {
    let database =
        |path: &Path| Database::open(path).map(|found| Records::Database(Box::new(found)));
    if let (OSV, Some(path)) = (source.name.as_str(), &places.database) {
        return database(path);
    }
    if let Some(AdvisoryLocation::Path(path)) = &source.location {
        let base = places.config_folder.as_deref().unwrap_or(Path::new("."));
        return match database(&base.join(path)) {
            Err(AdvisoryError::NotADatabase(_)) => {
                Memory::read(&base.join(path)).map(Records::Memory)
            }
            opened => opened,
        };
    }
    let missing =
        || AdvisoryError::Missing(Printable::new("there is no cache folder to keep it in"));
    let store = places
        .cache_dir
        .as_deref()
        .map(Store::new)
        .ok_or_else(missing)?;
    store
        .open(&source.name)
        .map(|found| Records::Database(Box::new(found)))
}

impl Opened {
    /// Adds what this source says, and what keeps it from saying all there is.
    fn add(&self, project: &ProjectName, now: Timestamp, found: &mut Advisories) {
        let name = Source::new(&self.source.name);
        let mut gap = |why: String| found.gaps.push(Unavailable::new(&name, why.as_str()));
        if let Some(why) = self.trouble(now) {
            gap(why);
        }
        let Ok(records) = &self.records else { return };
        for unclear in records.unclear_about(project) {
            gap(unclear);
        }
        match records.about(project) {
            Ok(advisories) => {
                let records = advisories
                    .into_iter()
                    .map(|advisory| (name.clone(), advisory));
                found.records.extend(records);
            }
            Err(error) => gap(error.to_string()),
        }
    }
}

impl Opened {
    /// Why its records do not count as the present state, if they do not.
    fn trouble(&self, now: Timestamp) -> Option<String> {
        match &self.records {
            Err(error) => Some(format!("{error}{}", advice(&self.source, error))),
            Ok(records) => too_old(&self.source, records.head().as_of, now),
        }
    }

    fn as_used(&self, now: Timestamp) -> AdvisoryUse {
        let records = self.records.as_ref().ok();
        AdvisoryUse {
            name: Printable::new(&self.source.name),
            head: records.map(|records| records.head().clone()),
            digest: records.and_then(Records::digest),
            trouble: self.trouble(now).map(Printable::from),
        }
    }
}

/// Why the records of a source do not count as the present state, if they do not.
fn too_old(source: &AdvisorySource, as_of: Timestamp, now: Timestamp) -> Option<String> {
    let max_age = source.max_age?;
    let age = StoredAge::of(as_of, now).age;
    (age > max_age).then(|| {
        let days = max_age.as_hours() / 24;
        let limit = match days {
            0 => format!("{} hours", max_age.as_hours()),
            1 => "1 day".to_owned(),
            days => format!("{days} days"),
        };
        format!(
            "its newest record is of {as_of:.0}, older than {limit}: `pinproof db update` renews it"
        )
    })
}

/// What to do about a source that cannot be used.
fn advice(source: &AdvisorySource, error: &AdvisoryError) -> &'static str {
    let is_fetched = !source.is_read_in_place();
    let is_mended = matches!(
        error,
        AdvisoryError::Missing(_)
            | AdvisoryError::NotADatabase(_)
            | AdvisoryError::Damaged { .. }
            | AdvisoryError::RolledBack { .. }
    );
    if is_fetched && is_mended {
        "; `pinproof db update` fetches it"
    } else {
        ""
    }
}

impl Records {
    fn head(&self) -> &Head {
        match self {
            Self::Database(database) => database.head(),
            Self::Memory(memory) => memory.head(),
        }
    }

    fn about(&self, project: &ProjectName) -> Result<Vec<Advisory>, AdvisoryError> {
        match self {
            Self::Database(database) => database.project(project),
            Self::Memory(memory) => Ok(memory.about(project)),
        }
    }

    /// What is not understood and may be about `project`: it names the project, or none at all.
    fn unclear_about(&self, project: &ProjectName) -> impl Iterator<Item = String> {
        let unclear = self.head().unclear.iter();
        let concerns = unclear
            .filter(|unclear| unclear.projects.is_empty() || unclear.projects.contains(project));
        concerns.map(|unclear| {
            let what = Printable::new(&unclear.what).shortened(80);
            let why = Printable::new(&unclear.why).shortened(200);
            let whom = if unclear.projects.is_empty() {
                ", and may be about any project"
            } else {
                ""
            };
            format!("{what} is not understood{whom}: {why}")
        })
    }

    fn digest(&self) -> Option<Printable> {
        match self {
            Self::Database(database) => Some(database.digest()),
            Self::Memory(_) => None,
        }
    }
}
