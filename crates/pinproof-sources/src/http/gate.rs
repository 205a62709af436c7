//! How many requests are under way at one time, and which hosts are left alone for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use url::Url;

use super::error::{FetchError, StatusError};
use crate::Limits;

/// The gates of every host, and the one in front of all of them.
#[derive(Debug)]
pub(crate) struct Gates {
    all: Arc<Semaphore>,
    hosts: Mutex<HashMap<String, Arc<Gate>>>,
}

/// The gate of one host.
///
/// After a few outages in a row the other requests fail at once with the same error: a run of 300
/// projects against a dead index ends in seconds, not after 300 timeouts.
#[derive(Debug)]
pub(crate) struct Gate {
    requests: Arc<Semaphore>,
    health: Mutex<Health>,
}

#[derive(Debug, Default)]
struct Health {
    failures: u32,
    resting: Option<(Instant, FetchError)>,
}

/// A host that asks for more peace than this is asked again all the same.
const LONGEST_REST: Duration = Duration::from_mins(5);

/// Whether a host asks to be left alone for longer than a request waits.
fn asks_for_rest(said: &StatusError, limits: &Limits) -> bool {
    matches!(said.status, 429 | 503)
        && said
            .retry_after
            .is_some_and(|wait| wait > limits.max_retry_after)
}

/// The right to send one request; dropping it lets the next one through.
#[derive(Debug)]
pub(crate) struct Pass {
    _host: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

impl Gates {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            all: Arc::new(Semaphore::new(limits.concurrency.max(1))),
            hosts: Mutex::default(),
        }
    }

    /// The gate in front of the host of `url`.
    pub(crate) fn of(&self, url: &Url, limits: &Limits) -> Arc<Gate> {
        let host = url.origin().ascii_serialization();
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let gate = hosts.entry(host).or_insert_with(|| {
            Arc::new(Gate {
                requests: Arc::new(Semaphore::new(limits.per_host.max(1))),
                health: Mutex::default(),
            })
        });
        Arc::clone(gate)
    }

    /// Waits until a request may be sent; fails at once while the host is left alone.
    ///
    /// The host's permit comes first: who waits for a slow host holds no place of the others.
    pub(crate) async fn pass(&self, gate: &Gate) -> Result<Pass, FetchError> {
        gate.check()?;
        let closed = |_| FetchError::Closed;
        let host = Arc::clone(&gate.requests)
            .acquire_owned()
            .await
            .map_err(closed)?;
        let all = Arc::clone(&self.all)
            .acquire_owned()
            .await
            .map_err(closed)?;
        gate.check()?;
        Ok(Pass {
            _host: host,
            _all: all,
        })
    }
}

impl Gate {
    fn check(&self) -> Result<(), FetchError> {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        match &health.resting {
            Some((until, error)) if Instant::now() < *until => Err(error.clone()),
            Some(_) => {
                // One request tries again; if it fails too, the rest begins anew.
                health.resting = None;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Whether the last request found nobody there.
    pub(crate) fn is_out_of_reach(&self) -> bool {
        let health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        health.failures > 0 || health.resting.is_some()
    }

    /// Takes note of how a request ended.
    pub(crate) fn record(&self, outcome: Result<(), &FetchError>, limits: &Limits) {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Err(error) if error.is_outage() => {
                health.failures = health.failures.saturating_add(1);
                if health.failures >= limits.failures_per_host.max(1) {
                    health.resting = Some((Instant::now() + limits.host_rest, error.clone()));
                }
            }
            Err(FetchError::Status(said)) if asks_for_rest(said, limits) => {
                let wait = said.retry_after.unwrap_or_default().min(LONGEST_REST);
                health.resting = Some((Instant::now() + wait, FetchError::Status(said.clone())));
            }
            _ => *health = Health::default(),
        }
    }
}
