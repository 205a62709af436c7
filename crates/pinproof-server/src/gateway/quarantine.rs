//! Files that somebody has to read before anybody gets them: fetched, read, decided about again, and then handed out.
//!
//! Most files are sent on as they come. Only where an [`Examiner`] has to know their bytes first are they fetched to
//! the store, where nobody sees them before it is through. A client waits ten seconds, and is told to come again
//! while the work goes on. What is found out is kept in the store, where the evidence of the next page comes from,
//! and the page that is known is decided again.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use pinproof_core::project_history::Contradiction;
use pinproof_core::{FileFacts, Printable, ProjectName};
use pinproof_engine::sources::Index;
use tokio::time::timeout;

use super::evidence::{Known, sha256};
use super::history::hash;
use super::identity::Identity;
use super::metadata::{self, CoreMetadata};
use super::model::{Model, withheld};
use super::refusal::Refusal;
use super::transfer::Ended;
use super::{Gateway, pages};
use crate::store::Store;
use crate::store::words::Sha256;

/// How long a client waits: pip gives up at 15 seconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// Somebody who has to read the bytes of a file before anybody gets them.
pub(super) trait Examiner: Sync {
    /// Whether it has something to find out about the file that it has not found out yet.
    fn is_open<'a>(
        &'a self,
        file: &'a FileFacts,
        store: &'a dyn Store,
    ) -> BoxFuture<'a, Finds<bool>>;

    /// Reads the stored bytes, and keeps what it finds.
    fn examine<'a>(&'a self, held: &'a Held, store: &'a dyn Store) -> BoxFuture<'a, Finds<Found>>;
}

/// What came of an examination, or why nothing did.
pub(super) type Finds<T> = Result<T, Printable>;

/// Everybody who reads bytes. A file that none of them asks about is sent on as it comes.
static EXAMINERS: [&dyn Examiner; 2] = [&Identity, &CoreMetadata];

/// A file whose bytes are in the store, and that nobody was given yet.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) project: ProjectName,
    pub(super) index: Index,
    pub(super) facts: FileFacts,
    pub(super) sha256: Sha256,
    pub(super) size: u64,
    pub(super) at: jiff::Timestamp,
}

/// What the bytes of a file say that the page has to know.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// Nothing that it does not know.
    Nothing,
    /// The hash that counts, where the index publishes none.
    Hash(Sha256),
    /// The metadata that is offered is not the one in the file.
    Contradiction(Contradiction),
    /// The metadata that is offered cannot be compared, because the one in the file cannot be read.
    Unreadable,
}

/// Files whose hash nobody knows yet, on their way; and wheels whose metadata cannot be read.
#[derive(Default)]
pub(super) struct Quarantine(Mutex<Inside>);

#[derive(Default)]
struct Inside {
    unhashed: HashMap<(ProjectName, String), Shared<BoxFuture<'static, Ended>>>,
    unreadable: BTreeSet<Sha256>,
}

impl Quarantine {
    /// Whether the metadata of a wheel was tried, and cannot be read.
    pub(super) fn is_unreadable(&self, sha256: Sha256) -> bool {
        self.lock().unreadable.contains(&sha256)
    }

    fn note_unreadable(&self, sha256: Sha256) {
        /// More than these are forgotten, and tried again.
        const MOST: usize = 10_000;
        let mut inside = self.lock();
        if inside.unreadable.len() >= MOST {
            inside.unreadable.clear();
        }
        inside.unreadable.insert(sha256);
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        // A panic elsewhere leaves it whole: an entry is inserted in one step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gateway {
    /// The page and the place of a file on it, once everything is known that has to be read from its bytes before
    /// anybody gets `what`.
    pub(super) async fn examined(
        &self,
        (model, at): (Arc<Model>, usize),
        what: Asked,
    ) -> Result<(Arc<Model>, usize), Refusal> {
        let Some(file) = model.page.files.get(at) else {
            return Ok((model, at));
        };
        let facts = &file.facts;
        if withheld(file).is_some() || !self.has_to_wait(facts, what).await? {
            return Ok((model, at));
        }
        let ended = match sha256(facts) {
            None => self.fetch_unhashed(&model, facts),
            Some(sha256) => self.fetch_or_read(&model, facts, sha256).await?,
        };
        let ended = timeout(PATIENCE, ended).await;
        let (after, place) = self.find(&facts.filename).await?;
        let is_withheld = |file: &pinproof_engine::admit::AdmittedFile| withheld(file).is_some();
        match ended {
            Err(_) => Err(Refusal::still_coming(&facts.filename)),
            // What was found out is the better reason.
            Ok(Err(_)) if after.page.files.get(place).is_some_and(is_withheld) => {
                Ok((after, place))
            }
            Ok(Err(why)) => Err(Refusal::of_transfer(&facts.filename, &why)),
            Ok(Ok(_)) => Ok((after, place)),
        }
    }

    /// Whether the bytes have to be read before an answer begins. The bytes of a file that is not here yet are sent
    /// on all the same where their hash is known: the last of them wait for the examination.
    async fn has_to_wait(&self, file: &FileFacts, what: Asked) -> Result<bool, Refusal> {
        let store = &*self.0.store;
        if let Some(sha256) = sha256(file) {
            let opened = store.open(sha256).await;
            let is_here = opened.map_err(|error| Refusal::of_store(&error))?.is_some();
            let is_read_apart = what == Asked::Metadata && !metadata::is_fetched_whole(file);
            if !is_here && (what == Asked::Bytes || is_read_apart) {
                return Ok(false);
            }
        }
        for examiner in EXAMINERS {
            let is_open = examiner.is_open(file, store).await;
            if is_open.map_err(|why| Refusal::of_transfer(&file.filename, &why))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Fetches a file whose hash is known, or reads it where it is here already.
    async fn fetch_or_read(
        &self,
        model: &Model,
        file: &FileFacts,
        sha256: Sha256,
    ) -> Result<BoxFuture<'static, Ended>, Refusal> {
        let opened = self.0.store.open(sha256).await;
        let opened = opened.map_err(|error| Refusal::of_store(&error))?;
        let Some(stored) = opened else {
            let of = (&model.page.facts.project, &model.index);
            return Ok(self.transfer(sha256, file, of).ended.boxed());
        };
        let of = (&model.page.facts.project, &model.index);
        let held = self.held(of, file, (sha256, stored.size()));
        let gateway = self.clone();
        let task = tokio::spawn(async move { gateway.examine(&held).await.map(|()| held.size) });
        Ok(async move { pages::joined(task.await) }.boxed())
    }

    /// A file in the store, as examiners see it.
    pub(super) fn held(
        &self,
        (project, index): (&ProjectName, &Index),
        file: &FileFacts,
        (sha256, size): (Sha256, u64),
    ) -> Held {
        Held {
            project: project.clone(),
            index: index.clone(),
            facts: file.clone(),
            sha256,
            size,
            at: self.now(),
        }
    }

    /// Joins the transfer of a file whose hash nobody knows, or starts it.
    fn fetch_unhashed(&self, model: &Model, file: &FileFacts) -> BoxFuture<'static, Ended> {
        let key = (model.page.facts.project.clone(), file.filename.clone());
        let mut inside = self.0.quarantine.lock();
        if let Some(ended) = inside.unhashed.get(&key) {
            return ended.clone().boxed();
        }
        let of = (&model.page.facts.project, &model.index);
        let mut held = self.held(of, file, (Sha256::of(b""), 0));
        let (gateway, own) = (self.clone(), key.clone());
        let task = tokio::spawn(async move {
            let fetched = gateway.receive_unhashed(&held.facts, &held.index).await;
            let ended = match fetched {
                Ok((sha256, size)) => {
                    (held.sha256, held.size) = (sha256, size);
                    gateway.examine(&held).await.map(|()| size)
                }
                Err(why) => Err(why),
            };
            gateway.0.quarantine.lock().unhashed.remove(&own);
            ended
        });
        let ended = async move { pages::joined(task.await) }.boxed().shared();
        inside.unhashed.insert(key, ended.clone());
        ended.boxed()
    }

    /// Has everybody read what is in the store, and decides about the page again where that changes it. An error
    /// is why nobody gets the bytes for now.
    pub(super) async fn examine(&self, held: &Held) -> Result<(), Printable> {
        let mut all = Vec::new();
        for examiner in EXAMINERS {
            match examiner.examine(held, &*self.0.store).await? {
                Found::Nothing => {}
                found => all.push(found),
            }
        }
        if all.is_empty() {
            return Ok(());
        }
        if all.iter().any(|found| matches!(found, Found::Unreadable)) {
            self.0.quarantine.note_unreadable(held.sha256);
        }
        self.learn(&held.project, &held.facts.filename, &all)
            .await?;
        let is_contradicted = |found: &Found| matches!(found, Found::Contradiction(_));
        if all.iter().any(is_contradicted) {
            return Err(Printable::new(
                "the metadata that its index offers is not the one in the file",
            ));
        }
        Ok(())
    }

    /// Decides about the known page again with what was found out about one of its files.
    pub(super) async fn learn(
        &self,
        project: &ProjectName,
        filename: &str,
        found: &[Found],
    ) -> Result<(), Printable> {
        let Some(old) = self.0.pages.held(project) else {
            // Whoever asks next takes it from the store.
            return Ok(());
        };
        let mut known = old.known();
        for found in found {
            known.learn(filename, found);
        }
        let decided = self.decide_again(project, &old, known).await;
        decided.map(|_| ()).map_err(|unknown| unknown.said())
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The bytes of the file.
    Bytes,
    /// The core metadata beside it.
    Metadata,
}

impl Known {
    /// Takes what was found out about a file.
    fn learn(&mut self, filename: &str, found: &Found) {
        let releases = self.facts.files.values_mut();
        let mut files = releases.flat_map(|release| &mut release.files);
        let Some(file) = files.find(|file| file.filename == filename) else {
            return;
        };
        match found {
            Found::Hash(known) if sha256(file).is_none() => file.hashes.extend(hash(*known)),
            Found::Nothing | Found::Hash(_) => {}
            Found::Unreadable => file.core_metadata = None,
            Found::Contradiction(contradiction) => {
                file.core_metadata = Some(vec![contradiction.found.clone()]);
                let history = Arc::make_mut(&mut self.history);
                history
                    .contradicted
                    .insert(filename.to_owned(), contradiction.clone());
            }
        }
    }
}
