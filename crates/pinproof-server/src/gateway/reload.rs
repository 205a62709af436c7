//! A policy that is read anew while the gateway runs: whole, or not at all.
//!
//! What was decided by the policy before is decided again when somebody asks for it. A new version that cannot be
//! used changes nothing, and is said until it can.

use std::sync::{Arc, PoisonError};

use pinproof_core::Printable;
use pinproof_engine::admit::Gate;

use super::Gateway;
use super::observe::Event;

/// Reads the policy: where it was asked to, or where its files changed. `None` is the policy that is in effect.
pub type Watch = Box<dyn Fn(Reading) -> Option<Result<Gate, Printable>> + Send + Sync>;

/// Why the policy is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// If a file of it has changed.
    IfChanged,
    /// Because somebody asks for it.
    Asked,
}

impl Gateway {
    /// Reads the policy anew because somebody asks for it.
    pub async fn read_policy(&self) {
        self.watch(Reading::Asked).await;
    }

    pub(super) async fn read_policy_if_changed(&self) {
        self.watch(Reading::IfChanged).await;
    }

    async fn watch(&self, why: Reading) {
        let gateway = self.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let watch = gateway.0.options.watch.as_ref()?;
            watch(why)
        });
        match reading.await {
            Ok(None) => {}
            Ok(Some(Ok(gate))) => self.take(gate).await,
            Ok(Some(Err(why))) => self.tell(Event::error(Printable::from(format!(
                "the policy that was in effect stays: {why}"
            )))),
            Err(_) => self.tell(Event::error(Printable::new("the policy could not be read"))),
        }
    }

    async fn take(&self, gate: Gate) {
        let digest = gate.policy_digest().to_owned();
        let is_same = digest == self.gate().policy_digest();
        {
            let mut place = self.0.gate.write().unwrap_or_else(PoisonError::into_inner);
            *place = Arc::new(gate);
        }
        self.tell(Event::info(Printable::from(if is_same {
            format!("the policy was read again, and says the same: {digest}")
        } else {
            format!("another policy is in effect: {digest}")
        })));
        // It may ask sources of advisories that nobody has fetched yet.
        if self.0.options.renews && self.gate().unready(self.now()).is_some() {
            for trouble in self.renew().await {
                self.tell(Event::warning(trouble));
            }
        }
    }
}
