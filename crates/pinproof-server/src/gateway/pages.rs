//! The pages of projects: asked once for everybody, decided once for a state of the world, and stale while an
//! upstream is silent.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use jiff::Timestamp;
use pinproof_core::{Printable, ProjectName};
use pinproof_engine::admit::{Closed, Upstream};
use pinproof_engine::sources::Index;
use tokio::time::timeout;

use super::Gateway;
use super::evidence::{self, Answered, Known, Unknown};
use super::freshness::{REST, is_too_old};
use super::model::Model;

/// How long a client waits for a new page where there is an older one.
const PATIENCE_WITH_OLD: Duration = Duration::from_secs(2);
/// How long a client waits where there is none: pip gives up at 15 seconds.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long where there is an older one, and nobody was there a moment ago.
const PATIENCE_WITH_NOBODY: Duration = Duration::from_millis(250);
/// How long where there is none, and its upstream says nothing to others either.
const PATIENCE_WITH_SILENCE: Duration = Duration::from_millis(2_500);
/// Bytes of the pages that stay in memory; what was not asked for longest goes first.
const MOST_BYTES: usize = 96 * 1024 * 1024;

/// What is said where a page cannot be judged because judging it is broken.
const A_BUG: &str = "its page met a bug of pinproof; the log of the gateway says where";

/// Why there is no page.
#[derive(Clone, Debug)]
pub(super) enum NoPage {
    /// Nobody is asked about the name.
    Closed(Closed),
    /// Nothing is known.
    Unknown(Unknown),
}

type Asked = Result<Arc<Model>, Unknown>;
type Flight = Shared<BoxFuture<'static, Asked>>;

/// What is known of the projects that were asked for.
#[derive(Default)]
pub(super) struct Pages(Mutex<Table>);

#[derive(Default)]
struct Table {
    slots: HashMap<ProjectName, Slot>,
    /// Counts requests, to know what was not asked for longest.
    clock: u64,
}

#[derive(Default)]
struct Slot {
    model: Option<Arc<Model>>,
    /// The last failure, and when it happened.
    failed: Option<(Instant, Unknown)>,
    /// Who asks at the moment, and since when.
    flight: Option<(Instant, Flight)>,
    /// Something was stored since that belongs on the page.
    has_more: bool,
    used: u64,
}

/// What a look at the table gave.
enum Look {
    Current(Arc<Model>),
    Failed(Unknown),
    /// So long for what is asked at the moment; what was known before is there meanwhile.
    Wait(Duration, Flight, Option<Arc<Model>>),
}

impl Gateway {
    /// The page of a project, decided for now.
    pub(super) async fn page(&self, project: &ProjectName) -> Result<Arc<Model>, NoPage> {
        let now = self.now();
        let index = match self.gate().upstream(project, now) {
            Upstream::Asks(index) => index,
            Upstream::Closed(closed) => {
                self.0.metrics.closed(closed.because.rule);
                return Err(NoPage::Closed(closed));
            }
        };
        let name = index.name.clone();
        let (patience, flight, old) = match self.0.pages.look(self, project, index, now) {
            Look::Current(model) => return Ok(model),
            Look::Failed(unknown) => return Err(NoPage::Unknown(unknown)),
            Look::Wait(patience, flight, old) => (patience, flight, old),
        };
        match (timeout(patience, flight).await, old) {
            (Ok(Ok(model)), _) if model.index.name == name => Ok(model),
            // The policy was read anew meanwhile, and another index answers for the name now.
            (Ok(Ok(_)), _) => Err(NoPage::Unknown(Unknown::Unavailable(Printable::new(
                "the policy has just changed",
            )))),
            (Ok(Err(unknown)), _) => Err(NoPage::Unknown(unknown)),
            // What is asked goes on meanwhile. The verdicts are those of now, whatever the page's age.
            (Err(_), Some(old)) => {
                let decided = self.decided_now(project, old).await;
                decided.map_err(NoPage::Unknown)
            }
            (Err(_), None) => Err(NoPage::Unknown(Unknown::Unavailable(Printable::new(
                "its page is being fetched and judged",
            )))),
        }
    }

    /// The model, decided again where time or the advisories may have changed a verdict.
    async fn decided_now(&self, project: &ProjectName, old: Arc<Model>) -> Asked {
        let now = self.now();
        if is_decided(&old, self, now) {
            return Ok(old);
        }
        let known = old.known();
        self.decide_again(project, &old, known).await
    }

    /// Decides about what is known in the place of an older model.
    pub(super) async fn decide_again(
        &self,
        project: &ProjectName,
        old: &Arc<Model>,
        known: Known,
    ) -> Asked {
        let (gateway, now) = (self.clone(), self.now());
        let again =
            tokio::task::spawn_blocking(move || Arc::new(Model::decide(&gateway, known, now)));
        let model = joined(again.await);
        self.log_refusals(&model).await?;
        self.0.pages.replace(project, old, &model);
        Ok(model)
    }

    /// Whether what an upstream that is silent said last counts no more.
    fn is_too_old(&self, model: &Model, now: Timestamp) -> bool {
        let fetched_at = model.page.facts.fetched_at;
        model.asked().was_in_vain() && is_too_old(fetched_at, now, &self.gate())
    }

    /// Asks, decides, logs what is withheld, and only then shows it to anybody.
    async fn ask(self, index: Index, project: ProjectName, held: Option<Arc<Model>>) -> Asked {
        let known = match evidence::ask(&self, index, &project, held).await? {
            Answered::New(known) => *known,
            Answered::Same(model) if is_decided(&model, &self, self.now()) => return Ok(model),
            Answered::Same(model) => model.known(),
        };
        let (gateway, now) = (self.clone(), self.now());
        let decided =
            tokio::task::spawn_blocking(move || Arc::new(Model::decide(&gateway, known, now)));
        let model = joined(decided.await);
        self.log_refusals(&model).await?;
        Ok(model)
    }
}

impl Pages {
    /// The pages that are in memory, by project.
    pub(super) fn models(&self) -> Vec<Arc<Model>> {
        let table = self.lock();
        let mut models: Vec<_> = table.slots.iter().collect();
        models.sort_by_key(|(project, _)| *project);
        let models = models.into_iter();
        models.filter_map(|(_, slot)| slot.model.clone()).collect()
    }

    fn look(&self, gateway: &Gateway, project: &ProjectName, index: Index, now: Timestamp) -> Look {
        let mut table = self.lock();
        table.clock += 1;
        let used = table.clock;
        let slot = table.slots.entry(project.clone()).or_default();
        slot.used = used;
        // What another index said of the name counts no more, however new it is.
        slot.model.take_if(|model| model.index != index);
        if let Some(model) = slot
            .model
            .as_ref()
            .filter(|model| is_new(model, gateway, now))
        {
            return Look::Current(Arc::clone(model));
        }
        if let Some((at, unknown)) = &slot.failed
            && slot.model.is_none()
            && at.elapsed() < REST.min(gateway.gate().fresh_for())
        {
            return Look::Failed(unknown.clone());
        }
        let is_held =
            |model: &&Arc<Model>| model.stale.is_none() && model.index == index && !slot.has_more;
        let held = slot.model.as_ref().filter(is_held).cloned();
        let name = index.name.clone();
        let is_out_of_reach = gateway.gate().is_out_of_reach(&index);
        let is_silent = is_out_of_reach || gateway.0.health.is_silent(&name);
        let start = || {
            let (gateway, project) = (gateway.clone(), project.clone());
            slot.has_more = false;
            // Whoever stops waiting does not stop it.
            let task = tokio::spawn(async move {
                let asked = AssertUnwindSafe(gateway.clone().ask(index, project.clone(), held));
                let asked = asked.catch_unwind().await.unwrap_or_else(|_| {
                    gateway.0.metrics.panicked();
                    Err(Unknown::Unavailable(Printable::new(A_BUG)))
                });
                gateway.0.pages.land(&project, &asked);
                asked
            });
            let flight = async move { joined(task.await) }.boxed().shared();
            (Instant::now(), flight)
        };
        let (since, flight) = slot.flight.get_or_insert_with(start).clone();
        let counts = |old: &&Arc<Model>| !gateway.is_too_old(old, now);
        let old = slot.model.as_ref().filter(counts).cloned();
        let patience = match &old {
            None if is_silent => PATIENCE_WITH_SILENCE,
            None => PATIENCE,
            // It gave no answer a moment ago; whether it does now is seen by whoever asks next.
            Some(old) if old.asked().was_in_vain() => Duration::ZERO,
            // That it still is out of reach is found out at once, and said then.
            Some(_) if is_out_of_reach => PATIENCE_WITH_NOBODY,
            Some(_) if is_silent || gateway.0.health.is_slow(&name) => Duration::ZERO,
            // Somebody has waited already.
            Some(_) => PATIENCE_WITH_OLD.saturating_sub(since.elapsed()),
        };
        Look::Wait(patience, flight, old)
    }

    /// What is known of a project at the moment.
    pub(super) fn held(&self, project: &ProjectName) -> Option<Arc<Model>> {
        self.lock().slots.get(project)?.model.clone()
    }

    /// Takes what was decided again in the place of what it was decided on, unless there is something newer.
    fn replace(&self, project: &ProjectName, old: &Arc<Model>, model: &Arc<Model>) {
        let mut table = self.lock();
        let slot = table.slots.get_mut(project);
        let held = slot.and_then(|slot| slot.model.as_mut());
        if let Some(held) = held.filter(|held| Arc::ptr_eq(held, old)) {
            *held = Arc::clone(model);
        }
    }

    /// Takes what a flight brought.
    fn land(&self, project: &ProjectName, asked: &Asked) {
        let mut table = self.lock();
        let slot = table.slots.entry(project.clone()).or_default();
        slot.flight = None;
        match asked {
            Ok(model) => {
                slot.model = Some(Arc::clone(model));
                slot.failed = None;
            }
            Err(unknown) => {
                if !matches!(unknown, Unknown::Store(_)) {
                    // What was known does not count any more.
                    slot.model = None;
                }
                slot.failed = Some((Instant::now(), unknown.clone()));
            }
        }
        table.shrink();
    }

    /// How many pages are in memory, and how many files are on them.
    pub(super) fn size(&self) -> (usize, usize) {
        let table = self.lock();
        let models = table.slots.values().filter_map(|slot| slot.model.as_ref());
        models.fold((0, 0), |(pages, files), model| {
            (pages + 1, files + model.page.files.len())
        })
    }

    /// Notes that something was stored that belongs on the page of a project.
    pub(super) fn note_stored(&self, project: &ProjectName) {
        if let Some(slot) = self.lock().slots.get_mut(project) {
            slot.has_more = true;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // A panic elsewhere leaves the table whole: a slot is changed in one step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Forgets what was not asked for longest, until the rest is small enough.
    fn shrink(&mut self) {
        /// Of a slot without a page.
        const EMPTY: usize = 1_000;
        let weight = |slot: &Slot| slot.model.as_ref().map_or(EMPTY, |model| model.weight());
        let mut total: usize = self.slots.values().map(weight).sum();
        if total <= MOST_BYTES {
            return;
        }
        let mut by_use: Vec<(u64, usize, ProjectName)> = self
            .slots
            .iter()
            .filter(|(_, slot)| slot.flight.is_none())
            .map(|(project, slot)| (slot.used, weight(slot), project.clone()))
            .collect();
        by_use.sort();
        // The newest stays, however large it is.
        by_use.pop();
        for (_, weight, project) in by_use {
            if total <= MOST_BYTES {
                return;
            }
            self.slots.remove(&project);
            total -= weight;
        }
    }
}

/// Whether nobody has to be asked, and nothing has to be decided again.
fn is_new(model: &Model, gateway: &Gateway, now: Timestamp) -> bool {
    model.asked().is_fresh(now) && is_decided(model, gateway, now)
}

/// Whether its verdicts are those of now.
fn is_decided(model: &Model, gateway: &Gateway, now: Timestamp) -> bool {
    let (gate, changes) = (gateway.gate(), model.page.next_change_at);
    changes.is_none_or(|changes| now < changes)
        && model.policy == gate.policy_digest()
        && model.is_beside(gate.shadow_digest())
        && model.advisories == gate.advisory_state(now)
}

/// A panic in a task is a bug, and stays one.
pub(super) fn joined<T>(done: Result<T, tokio::task::JoinError>) -> T {
    match done {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
