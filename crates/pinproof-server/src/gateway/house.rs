//! What a gateway does by itself: counters go to the store, advisories are renewed, and so are its
//! certificate and its policy.

use std::collections::BTreeSet;
use std::time::Duration;

use pinproof_core::Printable;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::Gateway;
use super::observe::Event;
use crate::tls::Tls;

/// How often counters go to the store, and the advisories, the certificate and the policy are looked at.
const HOUSEKEEPING: Duration = Duration::from_secs(10);
/// Every so many rounds of it, advisories that are old are fetched; and those that are missing.
const RENEW_EVERY: u32 = 360;
const RENEW_MISSING_EVERY: u32 = 6;

impl Gateway {
    /// Fetches advisories that are missing or old; what went wrong is the answer. Reading them takes a processor for
    /// a while, which is not one of those that answer.
    pub async fn renew(&self) -> Vec<Printable> {
        let (gateway, runtime) = (self.clone(), Handle::current());
        let renewing = tokio::task::spawn_blocking(move || {
            runtime.block_on(gateway.gate().renew(gateway.now()))
        });
        let stopped = |_| vec![Printable::new("the advisories were not renewed")];
        renewing.await.unwrap_or_else(stopped)
    }

    /// Old advisories go on deciding, because no others are there; somebody has to hear of that.
    fn watch_advisories(&self, told: &mut BTreeSet<Printable>) {
        let sources = self.gate().advisory_sources(self.now()).into_iter();
        let troubles: BTreeSet<Printable> = sources
            .filter_map(|source| {
                let trouble = source.trouble?;
                Some(Printable::from(format!(
                    "advisories of {}: {trouble}",
                    source.name
                )))
            })
            .collect();
        for trouble in troubles.difference(told) {
            self.tell(Event::warning(trouble.clone()));
        }
        if troubles.is_empty() && !told.is_empty() {
            let said = "every source of advisories counts as the present state again";
            self.tell(Event::info(Printable::new(said)));
        }
        *told = troubles;
    }

    fn is_to_renew(&self, rounds: u32) -> bool {
        let is_unready = || self.gate().unready(self.now()).is_some();
        rounds.is_multiple_of(RENEW_EVERY)
            || (rounds.is_multiple_of(RENEW_MISSING_EVERY) && is_unready())
    }
}

/// Keeps advisories, the certificate and the policy up to date, until it is ended.
pub(super) async fn keep(gateway: Gateway, tls: Option<Tls>) {
    let mut rounds: u32 = 0;
    let mut troubles = BTreeSet::new();
    if !gateway.0.options.renews {
        // Otherwise what is missing is being fetched, and whoever does says what went wrong.
        gateway.watch_advisories(&mut troubles);
    }
    loop {
        sleep(HOUSEKEEPING).await;
        rounds = rounds.wrapping_add(1);
        let events = tls.iter().filter_map(renewed);
        events.for_each(|event| gateway.tell(event));
        if gateway.0.options.renews && gateway.is_to_renew(rounds) {
            let troubles = gateway.renew().await;
            let events = troubles.into_iter().map(Event::warning);
            events.for_each(|event| gateway.tell(event));
        }
        gateway.watch_advisories(&mut troubles);
        gateway.read_policy_if_changed().await;
    }
}

fn renewed(tls: &Tls) -> Option<Event> {
    Some(match tls.renew()? {
        Ok(()) => Event::info(Printable::new(
            "the certificate was renewed; new connections get it",
        )),
        Err(error) => Event::error(Printable::from(format!(
            "the certificate is not renewed, and the last good one stays: {error}"
        ))),
    })
}

/// Gives counters to the store, until `ended`; what is under way then is done.
pub(super) async fn keep_counters(gateway: Gateway, mut ended: oneshot::Receiver<()>) {
    loop {
        tokio::select! {
            () = sleep(HOUSEKEEPING) => {}
            _ = &mut ended => return,
        }
        if let Err(error) = gateway.0.ledger.flush(&*gateway.0.store).await {
            let said = format!("counters are not kept yet: {error}");
            gateway.tell(Event::error(Printable::from(said)));
        }
    }
}
