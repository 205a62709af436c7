//! What is decided goes into the log before anybody hears of it; what is answered again is counted.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pinproof_core::Admission;

use super::Gateway;
use super::evidence::Unknown;
use super::model::Model;
use super::observe::Event;
use crate::store::records::{Recorded, VerdictKey};
use crate::store::{Store, StoreError};

/// Files that were answered again since counters were kept last; how often, their models know. It is lost when the
/// process is killed; entries of the log are not.
#[derive(Default)]
pub(super) struct Ledger(Mutex<Vec<(Arc<Model>, usize)>>);

impl Ledger {
    fn count(&self, model: &Arc<Model>, at: usize, times: u32) {
        if model.count(at, times) == 0 {
            self.lock().push((Arc::clone(model), at));
        }
    }

    /// Gives the counters to the store; those that it does not take are kept for the next time.
    pub(super) async fn flush(&self, store: &dyn Store) -> Result<(), StoreError> {
        let answered = std::mem::take(&mut *self.lock());
        let counted: Vec<_> = answered
            .into_iter()
            .map(|(model, at)| (model.take_count(at), model, at))
            .collect();
        let counts: Vec<(VerdictKey, u64)> = counted
            .iter()
            .flat_map(|(times, model, at)| {
                let decisions = model.decisions(*at).into_iter().flatten();
                decisions.map(|decision| (decision.key, u64::from(*times)))
            })
            .collect();
        if counts.is_empty() {
            return Ok(());
        }
        let kept = store.count(counts).await;
        if kept.is_err() {
            for (times, model, at) in counted {
                self.count(&model, at, times);
            }
        }
        kept
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Arc<Model>, usize)>> {
        // A panic elsewhere leaves it whole: an entry is added in one step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gateway {
    /// Logs what a page withholds, and what is remarkable on it: a client that skips it never asks for the file. What
    /// was not in the log before is told to whoever keeps an eye on the gateway.
    pub(super) async fn log_refusals(&self, model: &Model) -> Result<(), Unknown> {
        let files = model.page.files.iter().enumerate();
        let withheld = files.filter(|(_, file)| {
            file.verdict.admission != Admission::Admitted || !file.remarks.is_empty()
        });
        let (places, mut decisions): (Vec<usize>, Vec<_>) = withheld
            .filter_map(|(at, file)| Some((at, model.decision(file)?)))
            .unzip();
        let beside = places.iter().zip(&decisions);
        let shadows = beside.filter_map(|(at, decision)| model.shadow_decision(*at, decision));
        let shadows: Vec<_> = shadows.collect();
        decisions.extend(shadows);
        if decisions.is_empty() {
            return Ok(());
        }
        let recorded = self.0.store.record(decisions).await?;
        for (at, recorded) in places.into_iter().zip(recorded) {
            model.note_logged(at);
            if let (Recorded::New { .. }, Some(file)) = (recorded, model.page.files.get(at)) {
                let remarks = file.remarks.iter();
                remarks.for_each(|remark| self.tell(Event::warning(remark.message.clone())));
            }
        }
        Ok(())
    }

    /// Logs the answer to a request for a file; it is durable when this returns.
    pub(super) async fn log_answer(&self, model: &Arc<Model>, at: usize) -> Result<(), StoreError> {
        if model.is_logged(at) {
            self.0.ledger.count(model, at, 1);
            return Ok(());
        }
        let decisions: Vec<_> = model.decisions(at).into_iter().flatten().collect();
        if decisions.is_empty() {
            return Ok(());
        }
        self.0.store.record(decisions).await?;
        model.note_logged(at);
        Ok(())
    }
}
