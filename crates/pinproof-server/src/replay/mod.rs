//! What another policy would have answered: everything that was answered is decided again, by the policy that is in
//! effect and by the other one, each at the time it was decided for.
//!
//! The evidence is what the store and the advisories say now. Where even the policy in effect would not repeat what
//! was answered, nothing is claimed about the other one: those answers stand apart ([`Report::moved_on`]).
//!
//! It reads beside a running gateway, project by project, on every processor; what it keeps is bounded.

mod project;
mod tally;

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use jiff::Timestamp;
use pinproof_core::ProjectName;
use pinproof_engine::admit::Gate;

use crate::store::StoreError;
use crate::store::local::Past;
use project::Judges;
pub use tally::{ByRule, Change, Listing, Report, Said};

/// Projects that a worker takes at one time.
const BATCH: usize = 32;

/// What is decided again, and by whom.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The data folder of the gateway.
    pub data: &'a Path,
    /// The policy in effect.
    pub current: &'a Gate,
    /// The other one.
    pub other: &'a Gate,
    /// What is decided again.
    pub what: What,
    /// The time of the question.
    pub now: Timestamp,
    /// How many workers there are at most.
    pub workers: usize,
}

/// What is decided again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// What was answered, at the time it was decided for; from that time on, if one is named.
    Answers(Option<Timestamp>),
    /// Every file that is pinned, for now.
    Everything,
}

/// Decides again.
///
/// # Errors
///
/// The store cannot be read.
pub fn replay(request: &Request<'_>) -> Result<Report, StoreError> {
    let projects = Past::open(request.data)?;
    let judges = Judges::new(request);
    let workers = request.workers.clamp(1, 64);
    let (give, take) = sync_channel::<Vec<ProjectName>>(2 * workers);
    let take = Arc::new(Mutex::new(take));
    thread::scope(|scope| {
        let working: Vec<_> = (0..workers)
            .map(|_| {
                let (judges, take) = (&judges, Arc::clone(&take));
                scope.spawn(move || work(request, judges, &take))
            })
            .collect();
        // When the last worker has ended, for whatever reason, nobody waits for it.
        drop(take);
        let listed = list(&projects, request.what, &give);
        drop(give);
        let mut report = Report::default();
        for worker in working {
            match worker.join() {
                Ok(found) => report.add(found?),
                // A panic is a bug, and stays one.
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        listed.map(|()| report)
    })
}

/// Gives all projects to the workers, as long as there are any.
fn list(
    projects: &Past,
    what: What,
    give: &SyncSender<Vec<ProjectName>>,
) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let batch = batch(projects, what, &mut after)?;
        if batch.is_empty() || give.send(batch).is_err() {
            return Ok(());
        }
    }
}

/// The next projects.
fn batch(projects: &Past, what: What, after: &mut String) -> Result<Vec<ProjectName>, StoreError> {
    let mut batch = Vec::with_capacity(BATCH);
    while batch.len() < BATCH {
        let next = match what {
            What::Answers(_) => projects.answered_after(after)?,
            What::Everything => projects.pinned_after(after)?,
        };
        let Some(project) = next else { break };
        project.as_str().clone_into(after);
        batch.push(project);
    }
    Ok(batch)
}

fn work(
    request: &Request<'_>,
    judges: &Judges<'_>,
    batches: &Mutex<Receiver<Vec<ProjectName>>>,
) -> Result<Report, StoreError> {
    let past = Past::open(request.data)?;
    let mut report = Report::default();
    loop {
        let batch = batches
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(batch) = batch else {
            return Ok(report);
        };
        for project in &batch {
            judges.decide(project, &past, &mut report)?;
        }
    }
}
