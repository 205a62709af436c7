//! Advisories for a run: the sources of the policy, opened, and what they say of a project.

mod build;
mod compile;
mod lookup;
mod memory;
mod online;
mod renew;
mod update;

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use pinproof_core::evidence::{Answer, Source, Unavailable};
use pinproof_core::{Advisory, Printable, ProjectName};
pub use pinproof_policy::advisory_source::OSV;
use pinproof_policy::evidence::{Advisories, without_address};
use pinproof_policy::{AdvisoryLocation, AdvisorySource, Policy};
use pinproof_sources::advisories::{AdvisoryError, Database, Head, Store, StoredAge, Unclear};
use sha2::{Digest as _, Sha256};

pub use build::{Built, build};
pub use lookup::Lookup;
pub use memory::Memory;
pub use online::Online;
pub(crate) use online::joined;
pub use renew::renew;
pub use update::{Update, UpdateSettings, update};

/// How wrong the clocks of a source and of this machine may be, taken together.
const CLOCK_ERROR: SignedDuration = SignedDuration::from_hours(24);

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
    /// Whether the time of the run is a past one: then records may be newer.
    pub is_replay: bool,
}

/// The sources of a policy, opened for one run.
#[derive(Debug)]
pub struct Book {
    sources: Vec<Opened>,
    at: At,
}

/// The time of a run.
#[derive(Clone, Copy, Debug)]
struct At {
    now: Timestamp,
    is_replay: bool,
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
    /// The address of the server that was asked, without credentials; a database has none.
    pub server: Option<Printable>,
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
            at: At {
                now,
                is_replay: places.is_replay,
            },
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
            return nobody(project, policy);
        }
        let mut found = Advisories::default();
        for opened in speaking {
            opened.add(project, self.at, &mut found);
        }
        Answer::Known(found)
    }

    /// The same, without the gaps of sources that are only out of date: what a choice rests on when the
    /// alternative is to choose nothing. Whoever calls it says loudly which sources are, by
    /// [`uses`](Self::uses).
    pub fn last_known(&self, project: &ProjectName, policy: &Policy) -> Answer<Advisories> {
        let outdated: Vec<Source> = self
            .sources
            .iter()
            .filter(|opened| opened.records.is_ok() && opened.trouble(self.at).is_some())
            .map(|opened| Source::new(&opened.source.name))
            .collect();
        let is_outdated = |gap: &Unavailable| {
            let mut sources = self.sources.iter();
            let opened = sources.find(|opened| Source::new(&opened.source.name) == gap.source);
            let trouble = opened.and_then(|opened| opened.trouble(self.at));
            outdated.contains(&gap.source) && trouble.as_deref() == Some(gap.why.as_str())
        };
        self.about(project, policy).and_then(|mut found| {
            found.gaps.retain(|gap| !is_outdated(gap));
            Answer::Known(found)
        })
    }

    /// The sources, for the report.
    pub fn uses(&self) -> Vec<AdvisoryUse> {
        self.sources
            .iter()
            .map(|opened| opened.as_used(self.at))
            .collect()
    }
}

/// Nobody speaks of a project: its index is not one that anybody publishes advisories for, or the policy
/// turned every source off while its rules ask for them.
fn nobody(project: &ProjectName, policy: &Policy) -> Answer<Advisories> {
    let bound = policy.bound_index(project).filter(|index| !index.default);
    let Some(index) = bound else {
        let policy = Source::new("the policy");
        let why = "it turns every source of advisories off";
        return Answer::Unavailable(Unavailable::new(&policy, why));
    };
    Answer::Unsupported(match index.url {
        None => without_address(&index.name),
        Some(_) => Source::new(&format!("index `{}`", index.name)),
    })
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
        .open(&stored_as(source))
        .map(|found| Records::Database(Box::new(found)))
}

/// The name of a source's database in the cache, which all projects of a user share: two of them may
/// call different addresses by one name.
pub(crate) fn stored_as(source: &AdvisorySource) -> String {
    match &source.location {
        Some(AdvisoryLocation::Url(url)) => {
            let digest = Sha256::digest(url.as_str());
            let digest = digest.iter().take(8).map(|byte| format!("{byte:02x}"));
            format!("{}-{}", source.name, digest.collect::<String>())
        }
        _ => source.name.clone(),
    }
}

impl Opened {
    /// Adds what this source says, and what keeps it from saying all there is.
    fn add(&self, project: &ProjectName, at: At, found: &mut Advisories) {
        let name = Source::new(&self.source.name);
        let mut gap = |why: String| found.gaps.push(Unavailable::new(&name, why.as_str()));
        if let Some(why) = self.trouble(at) {
            gap(why);
        }
        let Ok(records) = &self.records else { return };
        let unclear = records.head().unclear.iter();
        for unclear in unclear.filter(|unclear| may_concern(unclear, project, at.now)) {
            gap(not_understood(unclear));
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
    fn trouble(&self, at: At) -> Option<String> {
        match &self.records {
            Err(error) => Some(format!("{error}{}", advice(&self.source, error))),
            Ok(records) => too_old(&self.source, records.head().as_of, at),
        }
    }

    fn as_used(&self, at: At) -> AdvisoryUse {
        let records = self.records.as_ref().ok();
        AdvisoryUse {
            name: Printable::new(&self.source.name),
            server: None,
            head: records.map(|records| records.head().clone()),
            digest: records.and_then(Records::digest),
            trouble: self.trouble(at).map(Printable::from),
        }
    }
}

/// Why the records of a source do not count as the present state, if they do not.
fn too_old(source: &AdvisorySource, as_of: Timestamp, at: At) -> Option<String> {
    let max_age = source.max_age?;
    if !at.is_replay && as_of.duration_since(at.now) > CLOCK_ERROR {
        return Some(format!(
            "its newest record is of {as_of:.0}, which has not come yet: nobody can tell how old it is"
        ));
    }
    let age = StoredAge::of(as_of, at.now).age;
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

/// Whether what is not understood may be about `project`: it names the project, or none at all.
fn may_concern(unclear: &Unclear, project: &ProjectName, now: Timestamp) -> bool {
    let is_withdrawn = unclear.withdrawn.is_some_and(|withdrawn| withdrawn <= now);
    !is_withdrawn && (unclear.projects.is_empty() || unclear.projects.contains(project))
}

fn not_understood(unclear: &Unclear) -> String {
    let what = Printable::new(&unclear.what).shortened(80);
    let why = Printable::new(&unclear.why).shortened(200);
    let whom = if unclear.projects.is_empty() {
        ", and may be about any project"
    } else {
        ""
    };
    format!("{what} is not understood{whom}: {why}")
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

    fn digest(&self) -> Option<Printable> {
        match self {
            Self::Database(database) => Some(database.digest()),
            Self::Memory(_) => None,
        }
    }
}
