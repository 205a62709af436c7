//! How many requests are under way at one time, and which hosts are left alone for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use url::Url;

use super::error::FetchError;
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
            _ => *health = Health::default(),
        }
    }
}
