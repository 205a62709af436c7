//! Asks indexes while a search runs, and ahead of it.
//!
//! The search is one thread that may wait; questions are tasks, each asked once and shared. Whoever has
//! a page asks for the metadata of the release that will probably be chosen, and whoever has metadata
//! asks for the pages of what it needs, so the search mostly finds its answers there. A wrong guess
//! costs a request and changes nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use jiff::{SignedDuration, Timestamp};
use pinproof_core::evidence::{Source, Unavailable};
use pinproof_core::filename;
use pinproof_core::project_facts::ReleaseSummary;
use pinproof_core::requirement::Pep508;
use pinproof_core::specifier::Prereleases;
use pinproof_core::tags::TagSet;
use pinproof_core::{Answer, Environment, FileFacts, ProjectName, Specifiers, Version};
use pinproof_policy::evidence::Metadata;
use pinproof_policy::subject::{IndexName, Route};
use pinproof_sources::{Index, IndexClient, ProjectPage, Release};
use tokio::runtime::Handle;

use super::direct::Direct;
use super::routes::Routes;

/// Why an index is not asked that a route names.
const REFUSED: &str = "its address has no TLS, so it is not asked";

/// Asks; clones share what was asked.
#[derive(Clone)]
pub(super) struct Asker(Arc<Asking>);

/// What guesses rest on.
#[derive(Debug, Default)]
pub(super) struct Likely {
    /// The versions of an existing lock.
    pub(super) pins: BTreeMap<ProjectName, Version>,
    /// How old a release has to be, if that is asked.
    pub(super) cooldown: Option<SignedDuration>,
    /// The time of the run.
    pub(super) now: Timestamp,
}

struct Asking {
    runtime: Handle,
    client: IndexClient,
    routes: Routes,
    targets: Vec<Environment>,
    likely: Likely,
    direct: BTreeMap<ProjectName, Direct>,
    pages: Tasks<ProjectName, Listing>,
    metadata: Tasks<(ProjectName, Version), Answer<Metadata>>,
}

/// Questions under way and answered, each asked once.
struct Tasks<K, V>(Mutex<HashMap<K, Task<V>>>);

type Task<V> = Shared<BoxFuture<'static, Arc<V>>>;

/// What the indexes of a route say of a project.
#[derive(Debug)]
pub(super) struct Listing {
    /// Who was to be asked.
    pub(super) route: Route,
    /// The indexes that do not have it, in the order asked.
    pub(super) absent: Vec<IndexName>,
    /// The index that has it, and its page.
    pub(super) page: Answer<(Index, ProjectPage, Vec<ReleaseSummary>)>,
    /// The files whose hash nobody published and pinproof computed, by name.
    pub(super) hashed: BTreeSet<String>,
}

impl Asker {
    pub(super) fn new(
        runtime: Handle,
        client: IndexClient,
        routes: Routes,
        (targets, likely): (Vec<Environment>, Likely),
        direct: BTreeMap<ProjectName, Direct>,
    ) -> Self {
        Self(Arc::new(Asking {
            runtime,
            client,
            routes,
            targets,
            likely,
            direct,
            pages: Tasks::default(),
            metadata: Tasks::default(),
        }))
    }

    /// The routes.
    pub(super) fn routes(&self) -> &Routes {
        &self.0.routes
    }

    /// Starts asking about a project of which a version within `specifiers` is wanted.
    pub(super) fn foresee(&self, project: &ProjectName, specifiers: Option<&Specifiers>) {
        drop(self.page_task(project, specifiers));
    }

    /// What the indexes say of a project; waits for it.
    ///
    /// It must not be called from a task of the runtime.
    pub(super) fn listing(&self, project: &ProjectName) -> Arc<Listing> {
        self.0.runtime.block_on(self.page_task(project, None))
    }

    /// What a release needs; waits for it, like [`listing`](Self::listing).
    pub(super) fn metadata(
        &self,
        project: &ProjectName,
        version: &Version,
    ) -> Arc<Answer<Metadata>> {
        self.0
            .runtime
            .block_on(self.metadata_task(project, version))
    }

    fn page_task(&self, project: &ProjectName, specifiers: Option<&Specifiers>) -> Task<Listing> {
        let (asker, name) = (self.clone(), project.clone());
        let specifiers = specifiers.cloned();
        self.0
            .pages
            .get(&self.0.runtime, project, move || async move {
                let listing = asker.ask_route(&name).await;
                if let Some(version) = asker.0.likely.version(&listing, &name, specifiers.as_ref())
                {
                    drop(asker.metadata_task(&name, &version));
                }
                listing
            })
    }

    fn metadata_task(&self, project: &ProjectName, version: &Version) -> Task<Answer<Metadata>> {
        let key = (project.clone(), version.clone());
        let (asker, name, version) = (self.clone(), project.clone(), version.clone());
        self.0
            .metadata
            .get(&self.0.runtime, &key, move || async move {
                let listing = asker.page_task(&name, None).await;
                let answer = asker.ask_metadata(&listing, &name, &version).await;
                if let Answer::Known(Ok(metadata)) = &answer {
                    asker.foresee_needs(&metadata.requires_dist);
                }
                answer
            })
    }

    async fn ask_route(&self, project: &ProjectName) -> Listing {
        if let Some(direct) = self.0.direct.get(project) {
            return direct
                .listing(project, &self.0.client, self.0.likely.now)
                .await;
        }
        let route = self.0.routes.route(project);
        let mut absent = Vec::new();
        let page = match &route {
            Route::Indexes(names) => self.ask_indexes(names, project, &mut absent).await,
            Route::WithoutAddress(index) => {
                Answer::Unsupported(pinproof_policy::evidence::without_address(index))
            }
            Route::Unasked(why) => {
                Answer::Unavailable(Unavailable::new(&Source::new("an index"), *why))
            }
            Route::Nowhere => Answer::Absent,
        };
        Listing {
            route,
            absent,
            page,
            hashed: BTreeSet::new(),
        }
    }

    /// The `pyproject.toml` of a source distribution; waits for it, like [`listing`](Self::listing).
    pub(super) fn pyproject(&self, project: &ProjectName, file: &FileFacts) -> Answer<Vec<u8>> {
        let listing = self.listing(project);
        let Answer::Known((index, _, _)) = &listing.page else {
            return Answer::Absent;
        };
        let asking = self.0.client.pyproject(index, file);
        self.0.runtime.block_on(asking)
    }

    /// The SHA-256 of a file that its index publishes none of; waits for it, like
    /// [`listing`](Self::listing).
    pub(super) fn sha256(
        &self,
        project: &ProjectName,
        file: &FileFacts,
    ) -> Answer<pinproof_core::Hash> {
        let listing = self.listing(project);
        let Answer::Known((index, _, _)) = &listing.page else {
            return Answer::Absent;
        };
        self.0.runtime.block_on(self.0.client.sha256(index, file))
    }

    /// The first index that has the project answers; one that cannot say ends the search.
    async fn ask_indexes(
        &self,
        names: &[IndexName],
        project: &ProjectName,
        absent: &mut Vec<IndexName>,
    ) -> Answer<(Index, ProjectPage, Vec<ReleaseSummary>)> {
        for name in names {
            let Some(index) = self.0.routes.index(name) else {
                let source = Source::new(name);
                return Answer::Unavailable(Unavailable::new(&source, REFUSED));
            };
            match self.0.client.page(&index, project).await {
                Answer::Absent => absent.push(name.clone()),
                answer => {
                    return answer.and_then(|page| {
                        let releases = summaries(&page, self.0.likely.now);
                        releases.and_then(|releases| Answer::Known((index, page, releases)))
                    });
                }
            }
        }
        Answer::Absent
    }

    async fn ask_metadata(
        &self,
        listing: &Listing,
        project: &ProjectName,
        version: &Version,
    ) -> Answer<Metadata> {
        let Answer::Known((index, page, _)) = &listing.page else {
            return Answer::Absent;
        };
        let facts = match page.facts(&BTreeSet::from([version.clone()])) {
            Answer::Known(facts) => facts,
            Answer::Absent => return Answer::Absent,
            Answer::Unsupported(source) => return Answer::Unsupported(source),
            Answer::Unavailable(reason) => return Answer::Unavailable(reason),
        };
        let Some(files) = facts.files.get(version) else {
            return Answer::Absent;
        };
        let release = Release {
            project,
            version,
            files,
        };
        let rank = |file: &FileFacts| self.rank(file, project);
        self.0.client.metadata(index, release, &rank).await
    }

    /// The wheel that is installed in the first environment is read first.
    fn rank(&self, file: &FileFacts, project: &ProjectName) -> u32 {
        let wheel = filename::parse(&file.filename, project).and_then(|parsed| parsed.wheel);
        let first = self.0.targets.iter().position(|target| {
            let wheel = wheel.as_ref();
            wheel.is_some_and(|wheel| TagSet::of(target).accepts(wheel))
        });
        first.map_or(u32::MAX, |first| u32::try_from(first).unwrap_or(u32::MAX))
    }

    fn foresee_needs(&self, requires_dist: &[String]) {
        /// More needs of one release than this are not asked for ahead.
        const MOST: usize = 200;
        /// Nobody needs so many projects; requirements that never end would be followed for ever.
        const MOST_PAGES: usize = 10_000;
        if self.0.pages.count() > MOST_PAGES {
            return;
        }
        for text in requires_dist.iter().take(MOST) {
            let Ok(need) = text.parse::<Pep508>() else {
                continue;
            };
            let applies = |target: &Environment| {
                let marker = need.marker.as_ref();
                marker.is_none_or(|marker| marker.evaluate(target, &[]))
            };
            if need.url.is_none() && self.0.targets.iter().any(applies) {
                self.foresee(&need.name, Some(&need.specifiers));
            }
        }
    }
}

/// The releases that were there at the time of the run.
pub(super) fn summaries(page: &ProjectPage, now: Timestamp) -> Answer<Vec<ReleaseSummary>> {
    page.facts(&BTreeSet::new()).and_then(|facts| {
        let mut releases = facts.releases.to_vec();
        releases.retain(|release| release.first_upload.is_none_or(|uploaded| uploaded <= now));
        releases.sort_by(|a, b| a.version.cmp(&b.version));
        releases.dedup_by(|a, b| a.version == b.version);
        Answer::Known(releases)
    })
}

impl Likely {
    /// The version that will probably be chosen.
    fn version(
        &self,
        listing: &Listing,
        project: &ProjectName,
        specifiers: Option<&Specifiers>,
    ) -> Option<Version> {
        let Answer::Known((_, _, releases)) = &listing.page else {
            return None;
        };
        let fits = |version: &Version| {
            specifiers.is_none_or(|specifiers| specifiers.contains(version, Prereleases::Auto))
        };
        let is_listed =
            |version: &&Version| releases.iter().any(|release| release.version == **version);
        let pin = self
            .pins
            .get(project)
            .filter(|pin| fits(pin))
            .filter(is_listed);
        let is_old_enough = |release: &ReleaseSummary| match (self.cooldown, release.first_upload) {
            (Some(cooldown), Some(uploaded)) => self.now.duration_since(uploaded) >= cooldown,
            _ => true,
        };
        let newest = releases.iter().rev().find(|release| {
            let is_final = !release.yanked && !release.version.is_prerelease();
            is_final && release.has_wheel && is_old_enough(release) && fits(&release.version)
        });
        pin.cloned()
            .or_else(|| newest.map(|release| release.version.clone()))
    }
}

impl<K, V> Default for Tasks<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash + Clone, V: Send + Sync + 'static> Tasks<K, V> {
    fn count(&self) -> usize {
        let tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.len()
    }

    /// The task for `key`, started now if it was not before.
    fn get<F>(&self, runtime: &Handle, key: &K, ask: impl FnOnce() -> F) -> Task<V>
    where
        F: Future<Output = V> + Send + 'static,
    {
        // A panic elsewhere leaves the map whole: an entry is inserted in one step.
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let start = || {
            let task = runtime.spawn(ask());
            let value = async move {
                match task.await {
                    Ok(value) => Arc::new(value),
                    // The runtime ends only after the search; a panic is a bug, and stays one.
                    Err(error) => match error.try_into_panic() {
                        Ok(panic) => std::panic::resume_unwind(panic),
                        Err(_) => std::future::pending().await,
                    },
                }
            };
            value.boxed().shared()
        };
        tasks.entry(key.clone()).or_insert_with(start).clone()
    }
}
