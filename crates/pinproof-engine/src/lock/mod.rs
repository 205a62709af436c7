//! `lock`: from requirements to releases with hashes, chosen by the same policy that judges them later.
//!
//! Inputs are read as in a check, and refused where a check would refuse what no choice can mend. Then
//! one search for each environment, each preferring what the one before it chose; what they found is
//! merged. Nothing is built and no package code runs: there is no path on which it could.

mod ask;
mod build;
mod candidate;
mod direct;
mod existing;
mod format;
mod hash;
mod judge;
mod merge;
mod paths;
mod replaced;
mod roots;
mod routes;
mod search;
mod vanished;
mod world;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use pinproof_core::lock::LockInput;
use pinproof_core::{
    Environment, ExtraName, Finding, Lock, Platform, Printable, ProjectName, PythonVersion, Version,
};
use pinproof_formats::lock_inputs;
use pinproof_policy::config::Override;
pub use pinproof_resolve::problem::{PrereleaseMode, Strategy};
use pinproof_sources::IndexClient;
use tokio::runtime::Handle;

pub use build::Build;
pub use existing::{Pin, pins, read as read_existing, read_files};
pub use format::LockFormat;
pub use judge::Because;
pub use paths::relative as command_path;
pub use pinproof_resolve::Conflict;
pub use replaced::Replaced;
pub use roots::Unlockable;

use crate::advisories::Book;
use crate::check::{self, Prepared};
use crate::inputs::LoadedFile;
use crate::settings::Settings;

/// What a lock is to be.
#[derive(Debug)]
pub struct Request {
    /// The environments that it has to be right for; at least one.
    pub targets: Vec<Environment>,
    /// The exact pins to keep where they fit.
    pub pins: Vec<Pin>,
    /// The folder of the lock: inputs are named from there.
    pub folder: PathBuf,
    /// Files that limit versions, besides the inputs.
    pub constraints: Vec<LoadedFile>,
    /// Files whose requirements take the place of every other one about their project.
    pub overrides: Vec<LoadedFile>,
    /// Projects that are left out.
    pub excludes: BTreeSet<ProjectName>,
    /// What the configuration does with some projects.
    pub configured: Vec<Override>,
    /// Projects that may be built where no wheel fits.
    pub allow_build: BTreeSet<ProjectName>,
    /// Which pre-releases may be chosen.
    pub prereleases: PrereleaseMode,
    /// Which of several versions is chosen.
    pub strategy: Strategy,
}

impl Request {
    /// The files besides the inputs, and whether they limit versions.
    fn limits(&self) -> impl Iterator<Item = (&LoadedFile, bool)> {
        let constraints = self.constraints.iter().map(|file| (file, true));
        constraints.chain(self.overrides.iter().map(|file| (file, false)))
    }
}

/// Whether a file is an input of the lock; others were read to know what the inputs are for.
fn is_input(file: &LoadedFile, prepared: &Prepared) -> bool {
    !prepared.context.contains(&file.path)
}

/// The inputs of a lock with their digests, as the lock notes them.
pub fn noted_inputs(prepared: &Prepared, request: &Request) -> Vec<LockInput> {
    let inputs = prepared.inputs.files.iter();
    let inputs = inputs.filter(|file| is_input(file, prepared));
    let limits = request.limits().map(|(file, _)| file);
    let mut noted: Vec<_> = inputs
        .chain(limits)
        .map(|file| {
            let path = paths::relative(&file.path, &request.folder);
            lock_inputs::noted(&path, &file.source.text)
        })
        .collect();
    noted.sort();
    noted.dedup();
    noted
}

/// Who answers.
#[derive(Clone, Debug)]
pub struct Answerers {
    /// Indexes.
    pub client: IndexClient,
    /// Advisories.
    pub book: Arc<Book>,
}

/// A lock, and what a person should know of how it came about.
#[derive(Debug)]
pub struct Locked {
    /// The lock.
    pub lock: Lock,
    /// Newer releases that were not taken, and why; by project, then version.
    pub held_back: Vec<HeldBack>,
    /// Extras that were asked for and that the chosen release does not have.
    pub unknown_extras: BTreeSet<(ProjectName, ExtraName)>,
    /// Files that no index publishes a hash of, and that are left out for it.
    pub unhashed: Vec<Printable>,
    /// What builds the releases that need a build.
    pub builds: Vec<Build>,
    /// How many files were judged.
    pub files: usize,
}

/// A release that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBack {
    /// The project.
    pub project: ProjectName,
    /// The release.
    pub version: Version,
    /// The release that was taken instead.
    pub instead: Version,
    /// Why.
    pub because: Because,
}

/// Why there is no lock.
#[derive(Debug)]
pub enum LockError {
    /// The inputs ask for nothing.
    Nothing,
    /// Requirements that no lock can be made from.
    Unlockable(Vec<Unlockable>),
    /// Pinned releases have other files on the index than in the existing lock.
    Replaced(Vec<Replaced>),
    /// The policy refuses what the inputs say, whatever would be chosen.
    Refused(Vec<Finding>),
    /// The requirements exclude each other, or what is left is refused.
    Conflict {
        /// The environment.
        target: Box<Environment>,
        /// Why.
        conflict: Box<Conflict>,
    },
    /// A question stayed open, so any lock would be a guess.
    Unanswered(Printable),
    /// A bound was reached.
    TooMuch(Printable),
    /// Two environments need different things, and no marker can tell them apart.
    Inseparable(Printable),
}

/// The environments of a lock: every Python on every platform that is named; what is not named is as in
/// a check of the inputs.
pub fn targets(
    prepared: &Prepared,
    settings: &Settings,
    pythons: &[PythonVersion],
    platforms: &[Platform],
) -> Vec<Environment> {
    let plan = check::plan(prepared, settings);
    let Some(default) = plan.targets.first() else {
        return Vec::new();
    };
    let pythons: BTreeSet<PythonVersion> = match pythons {
        [] => [default.python()].into(),
        given => given.iter().copied().collect(),
    };
    let platforms: BTreeSet<Platform> = match platforms {
        [] => [default.platform()].into(),
        given => given.iter().copied().collect(),
    };
    let all = platforms.iter().flat_map(|platform| {
        let pythons = pythons.iter();
        pythons.map(|python| Environment::of_target(*python, *platform))
    });
    all.collect()
}

/// Makes a lock.
///
/// It waits for answers on a thread that may block, so the runtime needs one more than its workers.
pub async fn lock(
    prepared: &Arc<Prepared>,
    settings: &Arc<Settings>,
    request: Request,
    answerers: Answerers,
) -> Result<Locked, LockError> {
    let (prepared, settings) = (Arc::clone(prepared), Arc::clone(settings));
    let runtime = Handle::current();
    let work = move || search::search(&prepared, &settings, &request, (&answerers, runtime));
    match tokio::task::spawn_blocking(work).await {
        Ok(locked) => locked,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(LockError::Unanswered(Printable::new(
                "pinproof is being stopped",
            ))),
        },
    }
}
