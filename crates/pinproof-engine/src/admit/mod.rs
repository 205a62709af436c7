//! `admit`: which files of a project a gateway may hand out, by the function that decides in a check.
//!
//! A name is answered by exactly one upstream, and which one is settled before anybody is asked. What an upstream
//! lists is decided file by file; nothing is left out of the answer, because what is refused has to say so.

mod advice;
mod again;
mod judge;
mod next;
mod opinion;
mod sources;
mod upstream;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use pinproof_core::{Answer, Printable, ProjectFacts, ProjectName};
use pinproof_policy::Policy;
use pinproof_sources::{ClientSettings, Index, IndexClient, Limits, Visited};

pub use again::{Again, AgainOf};
pub use judge::{AdmittedFile, AdmittedPage};
pub use next::Next;
pub use opinion::Opinion;
pub use pinproof_sources::{RawPage, Revision};
pub use sources::SourceState;
use upstream::Routes;
pub use upstream::{Closed, Upstream};

pub use crate::lock::Because;

use crate::advisories::{self, Book, Places, needs_advisories};
use crate::gather::Silent;
use crate::routes::AddressBook;
use crate::settings::Settings;

/// How long an opened database is read from before it is looked for again: an update puts another in its place.
const OPEN_FOR: SignedDuration = SignedDuration::from_mins(5);

/// The policy, and whom it has asked.
#[derive(Debug)]
pub struct Gate {
    settings: Settings,
    /// A policy that is tried, and decides nothing.
    shadow: Option<Policy>,
    pages: IndexClient,
    /// Asks for bytes. Pages are asked for by another one, so that no number of slow files keeps a page waiting.
    files: IndexClient,
    /// How old a page may be while its index is silent.
    max_age: Duration,
    /// How long an answer counts at most.
    fresh_for: Duration,
    limits: Limits,
    places: Places,
    addresses: AddressBook,
    routes: Routes,
    opened: Mutex<Option<Opened>>,
}

/// The advisories as they were at a moment.
#[derive(Clone, Debug)]
struct Opened {
    at: Timestamp,
    book: Arc<Book>,
    /// What tells it from another state.
    state: Arc<str>,
}

/// What an upstream said of a project.
#[derive(Debug)]
pub enum Visit {
    /// Its page.
    Page {
        /// The facts of it, with every file.
        facts: Box<ProjectFacts>,
        /// The page as answered, to be kept.
        raw: Option<RawPage>,
    },
    /// Its page is still the one that was known; for how long that counts is said anew.
    Unchanged(Revision),
}

impl Gate {
    /// A gate that nobody has been asked for yet.
    pub fn new(settings: Settings, client: ClientSettings, places: Places) -> Self {
        Self {
            limits: client.limits.clone(),
            max_age: client.max_age,
            fresh_for: client.fresh_for,
            files: IndexClient::new(client.clone()),
            pages: IndexClient::new(client),
            places,
            addresses: upstream::addresses(&settings),
            routes: Routes::default(),
            settings,
            shadow: None,
            opened: Mutex::new(None),
        }
    }

    /// Who can lift a refusal, if the policy says it.
    pub fn contact(&self) -> Option<&Printable> {
        self.settings.config.policy.contact.as_ref()
    }

    /// The digest of the policy.
    pub fn policy_digest(&self) -> &str {
        self.settings.config.policy.digest()
    }

    /// How many projects the allow-list has, if there is one.
    pub fn listed_projects(&self) -> Option<usize> {
        let list = self.settings.config.policy.allow_list.as_ref()?;
        list.listed().map(pinproof_policy::Listed::projects)
    }

    /// The names of the upstreams that are asked for anything at all, with the names that each alone answers.
    pub fn reserved(&self) -> Vec<(Printable, Vec<String>)> {
        let indexes = self.settings.config.policy.indexes.iter();
        let bound = indexes.filter(|index| !index.only.is_empty());
        bound
            .map(|index| {
                let names = index.only.iter().map(ToString::to_string);
                (Printable::new(&index.name), names.collect())
            })
            .collect()
    }

    /// Asks an upstream for the page of a project, or for another one than the known one.
    pub async fn visit(
        &self,
        index: &Index,
        project: &ProjectName,
        (known, now): (Option<&Revision>, Timestamp),
    ) -> Answer<Visit> {
        let visited = self.pages.at(now).visit(index, project, known).await;
        visited.and_then(|visited| match visited {
            Visited::Unchanged(revision) => Answer::Known(Visit::Unchanged(revision)),
            Visited::Page { page, raw } => {
                let facts = page.all_facts();
                facts.and_then(|facts| {
                    let facts = Box::new(facts);
                    Answer::Known(Visit::Page { facts, raw })
                })
            }
        })
    }

    /// Whether an upstream was out of reach when it was asked last.
    pub fn is_out_of_reach(&self, index: &Index) -> bool {
        self.pages.is_out_of_reach(index)
    }

    /// How old a page may be while its upstream is silent: `[cache] max-age`.
    pub fn max_age(&self) -> Duration {
        self.max_age
    }

    /// How long an answer counts at most: `[cache] fresh-for`.
    pub fn fresh_for(&self) -> Duration {
        self.fresh_for
    }

    /// Reads a page that an upstream answered at an earlier time.
    pub fn read(
        &self,
        index: &Index,
        project: &ProjectName,
        (raw, fetched_at): (&RawPage, Timestamp),
    ) -> Answer<ProjectFacts> {
        raw.facts(index, project, fetched_at)
    }

    /// Who asks upstreams for bytes.
    pub fn client(&self) -> &IndexClient {
        &self.files
    }

    /// Fetches the advisories that are missing or old; what went wrong is the answer.
    pub async fn renew(&self, now: Timestamp) -> Vec<Printable> {
        let policy = &self.settings.config.policy;
        let asks = |policy: &Policy| needs_advisories(policy);
        if !asks(policy) && !self.shadow.as_ref().is_some_and(asks) {
            return Vec::new();
        }
        let bounds = (self.limits.clone(), now);
        let troubles = advisories::renew(policy, &self.places, bounds, &Silent).await;
        *self.lock() = None;
        troubles
    }

    /// Why nothing can be decided: a source of advisories that the policy asks has no database here.
    pub fn unready(&self, now: Timestamp) -> Option<Printable> {
        let policy = &self.settings.config.policy;
        if !needs_advisories(policy) {
            return None;
        }
        let uses = self.book(now).uses();
        let missing = uses.into_iter().find(|used| used.head.is_none())?;
        let why = missing.trouble.unwrap_or_default();
        Some(Printable::from(format!("{}: {why}", missing.name)))
    }

    /// What tells one state of the advisories from another.
    pub fn advisory_state(&self, now: Timestamp) -> Arc<str> {
        self.open(now).state
    }

    fn book(&self, now: Timestamp) -> Arc<Book> {
        self.open(now).book
    }

    fn open(&self, now: Timestamp) -> Opened {
        let mut opened = self.lock();
        let is_current = |opened: &&Opened| now.duration_since(opened.at).abs() < OPEN_FOR;
        if let Some(opened) = opened.as_ref().filter(is_current) {
            return opened.clone();
        }
        let book = Book::open(&self.settings.config.policy, &self.places, now);
        let opened = opened.insert(Opened {
            at: now,
            state: state(&book).into(),
            book: Arc::new(book),
        });
        opened.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Opened>> {
        // A panic elsewhere leaves it whole: it is replaced in one step.
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn state(book: &Book) -> String {
    let uses = book.uses();
    let said = uses.iter().map(|used| {
        let digest = used.digest.as_ref().map_or("", Printable::as_str);
        let trouble = used.trouble.as_ref().map_or("", Printable::as_str);
        format!("{} {digest} {trouble}", used.name)
    });
    said.collect::<Vec<_>>().join("\n")
}
