//! What is decided goes into the log before anybody hears of it; what is answered again is counted.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use pinproof_core::Admission;
use pinproof_engine::admit::AdmittedFile;

use super::Gateway;
use super::evidence::Unknown;
use super::model::Model;
use super::observe::Event;
use crate::store::records::{Recorded, VerdictKey};
use crate::store::{Store, StoreError};

/// Counters that were not kept yet. They are lost when the process is killed; entries of the log are not.
#[derive(Default)]
pub(super) struct Ledger(Mutex<HashMap<VerdictKey, u64>>);

impl Ledger {
    fn count(&self, key: VerdictKey) {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counted.entry(key).or_default() += 1;
    }

    /// Gives the counters to the store; those that it does not take are kept for the next time.
    pub(super) async fn flush(&self, store: &dyn Store) -> Result<(), StoreError> {
        let counted = {
            let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *counted)
        };
        if counted.is_empty() {
            return Ok(());
        }
        let counts: Vec<_> = counted.into_iter().collect();
        let kept = store.count(counts.clone()).await;
        if kept.is_err() {
            let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            for (key, times) in counts {
                *counted.entry(key).or_default() += times;
            }
        }
        kept
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
    pub(super) async fn log_answer(
        &self,
        model: &Model,
        (at, file): (usize, &AdmittedFile),
    ) -> Result<(), StoreError> {
        let Some(decision) = model.decision(file) else {
            return Ok(());
        };
        let shadow = model.shadow_decision(at, &decision);
        let decisions = std::iter::once(decision).chain(shadow);
        if model.is_logged(at) {
            decisions.for_each(|decision| self.0.ledger.count(decision.key));
            return Ok(());
        }
        self.0.store.record(decisions.collect()).await?;
        model.note_logged(at);
        Ok(())
    }
}
