//! How upstreams answer at the moment: nobody is kept waiting for one that is known to be slow, or silent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// An answer that takes longer is not waited for where there is an older one.
const SLOW: Duration = Duration::from_millis(1_500);
/// An upstream that says nothing for so long is taken for silent.
const SILENT: Duration = Duration::from_secs(3);

/// The upstreams that were asked, by name.
#[derive(Debug, Default)]
pub(super) struct Health(Mutex<BTreeMap<String, Upstream>>);

#[derive(Debug, Default)]
struct Upstream {
    /// The questions that are open.
    open: BTreeSet<(Instant, u64)>,
    questions: u64,
    /// How long the last one took.
    took: Duration,
}

/// A question that is open until it is dropped.
#[derive(Debug)]
pub(super) struct Asking<'a> {
    health: &'a Health,
    name: &'a str,
    question: (Instant, u64),
}

impl Health {
    /// Notes that an upstream is asked.
    pub(super) fn asking<'a>(&'a self, name: &'a str) -> Asking<'a> {
        let mut upstreams = self.lock();
        let upstream = upstreams.entry(name.to_owned()).or_default();
        upstream.questions += 1;
        let question = (Instant::now(), upstream.questions);
        upstream.open.insert(question);
        Asking {
            health: self,
            name,
            question,
        }
    }

    /// Whether an upstream takes its time.
    pub(super) fn is_slow(&self, name: &str) -> bool {
        let upstreams = self.lock();
        let is_slow = |upstream: &Upstream| upstream.took >= SLOW || upstream.is_silent_for(SLOW);
        upstreams.get(name).is_some_and(is_slow)
    }

    /// Whether an upstream has been asked for a while, and says nothing.
    pub(super) fn is_silent(&self, name: &str) -> bool {
        let upstreams = self.lock();
        let upstream = upstreams.get(name);
        upstream.is_some_and(|upstream| upstream.is_silent_for(SILENT))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Upstream>> {
        // A panic elsewhere leaves it whole: an entry is changed in one step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Upstream {
    fn is_silent_for(&self, time: Duration) -> bool {
        let first = self.open.first();
        first.is_some_and(|(since, _)| since.elapsed() >= time)
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        if let Some(upstream) = self.health.lock().get_mut(self.name) {
            upstream.open.remove(&self.question);
            upstream.took = self.question.0.elapsed();
        }
    }
}
