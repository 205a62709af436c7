//! `lock`: from requirements to releases with hashes, chosen by the same policy that judges them later.
//!
//! Inputs are read as in a check, and refused where a check would refuse what no choice can mend. Then
//! one search for each environment, each preferring what the one before it chose; what they found is
//! merged. Nothing is built and no package code runs: there is no path on which it could.

mod ask;
mod direct;
mod existing;
mod format;
mod hash;
mod judge;
mod merge;
mod paths;
mod roots;
mod routes;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use pinproof_core::lock::LockInput;
use pinproof_core::{
    Environment, ExtraName, Finding, Lock, Platform, Printable, ProjectName, PythonVersion, Version,
};
use pinproof_formats::lock_inputs;
use pinproof_policy::subject::ClientIndex;
use pinproof_policy::{Evidence, Subject, decide};
use pinproof_resolve::problem::Problem;
pub use pinproof_resolve::problem::{PrereleaseMode, Strategy};
use pinproof_resolve::provider::Unanswered;
use pinproof_resolve::{Failure, Solution, solve};
use pinproof_sources::IndexClient;
use tokio::runtime::Handle;

pub use existing::{Pin, pins, read as read_existing, read_files};
pub use format::LockFormat;
pub use judge::Because;
pub use paths::relative as command_path;
pub use pinproof_resolve::Conflict;
pub use roots::Unlockable;

use crate::advisories::Book;
use crate::assemble::Subjects;
use crate::check::{self, Prepared};
use crate::inputs::LoadedFile;
use crate::settings::Settings;
use ask::{Asker, Likely};
use direct::Direct;
use judge::{AskedAt, Judge, Judged};
use routes::Routes;
use world::World;

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
    let work = move || search(&prepared, &settings, &request, (&answerers, runtime));
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

fn search(
    prepared: &Prepared,
    settings: &Settings,
    request: &Request,
    (answerers, runtime): (&Answerers, Handle),
) -> Result<Locked, LockError> {
    let files = &prepared.inputs.files;
    let (wanted, unlockable) = roots::asked(prepared, request, &settings.scope);
    if !unlockable.is_empty() {
        return Err(LockError::Unlockable(unlockable));
    }
    if wanted.roots.is_empty() {
        return Err(LockError::Nothing);
    }
    let plan = check::plan(prepared, settings);
    let subjects = check::subjects(&plan, prepared, settings);
    let refused = refused(&subjects, settings);
    if !refused.is_empty() {
        return Err(LockError::Refused(refused));
    }
    let client = plan.clients.first().cloned().unwrap_or_default();
    let routes = routes(prepared, client, &subjects, settings);
    let directs = wanted.directs.clone();
    let asker = asker((routes, directs), (settings, request), (answerers, runtime));
    for root in &wanted.roots {
        asker.foresee(&root.requirement.name, Some(&root.requirement.specifiers));
    }
    let asked_at = asked_at(&wanted, files);
    let mut found = Vec::new();
    let mut chosen_before: BTreeMap<ProjectName, Version> = BTreeMap::new();
    for target in &request.targets {
        let pins = existing::for_target(&request.pins, target);
        let judge = Judge {
            policy: &settings.config.policy,
            now: settings.now,
            allow_build: &request.allow_build,
            pins: &pins,
            client: asker.routes().client(),
            target,
        };
        let mut world = World::new(&asker, judge, &answerers.book, asked_at.clone());
        let mut preferences = chosen_before.clone();
        let kept = pins
            .iter()
            .map(|(name, (version, _))| (name.clone(), version.clone()));
        preferences.extend(kept);
        let problem = problem(&wanted, request, target, preferences);
        let solution = solve(&problem, &mut world).map_err(|failure| failed(failure, target))?;
        for (name, chosen) in &solution.chosen {
            let before = chosen_before.entry(name.clone());
            before.or_insert_with(|| chosen.version.clone());
        }
        found.push(Found::of(solution, world, target)?);
    }
    let mut locked = merge::merge(found, &request.targets)?;
    locked.lock.inputs = noted_inputs(prepared, request);
    let mut inputs = files.iter().filter(|file| is_input(file, prepared));
    locked.lock.requires_python = inputs.find_map(|file| file.manifest.requires_python.clone());
    Ok(locked)
}

/// What a search found for one environment.
struct Found {
    solution: Solution,
    /// What was decided about each chosen release.
    judged: BTreeMap<ProjectName, Judged>,
    held_back: Vec<HeldBack>,
}

impl Found {
    fn of(
        solution: Solution,
        mut world: World<'_>,
        target: &Environment,
    ) -> Result<Self, LockError> {
        let mut judged = BTreeMap::new();
        for (name, chosen) in &solution.chosen {
            let decided = world
                .judged(name, &chosen.version)
                .map_err(|error| failed(Failure::Unanswered(error), target))?;
            let mut decided = Judged::clone(&decided);
            hash::add(&mut decided, name, &world)?;
            judged.insert(name.clone(), decided);
        }
        let held_back = std::mem::take(&mut world.held_back).into_iter();
        let held_back = held_back.filter_map(|((project, version), because)| {
            let instead = solution.chosen.get(&project)?.version.clone();
            (version > instead).then_some(HeldBack {
                project,
                version,
                instead,
                because,
            })
        });
        Ok(Self {
            held_back: held_back.collect(),
            judged,
            solution,
        })
    }
}

fn problem(
    asked: &roots::Asked,
    request: &Request,
    target: &Environment,
    preferences: BTreeMap<ProjectName, Version>,
) -> Problem {
    Problem {
        roots: asked.roots.clone(),
        constraints: asked.constraints.clone(),
        overrides: asked.overrides.clone(),
        excludes: request.excludes.clone(),
        environment: target.clone(),
        preferences,
        prereleases: request.prereleases,
        strategy: request.strategy,
    }
}

fn failed(failure: Failure, target: &Environment) -> LockError {
    match failure {
        Failure::Unanswered(Unanswered(why)) => LockError::Unanswered(why),
        Failure::Conflict(conflict) => LockError::Conflict {
            target: Box::new(target.clone()),
            conflict,
        },
        Failure::TooMuch(what) => LockError::TooMuch(Printable::from(what.to_string())),
    }
}

fn asker(
    (routes, directs): (Routes, BTreeMap<ProjectName, Direct>),
    (settings, request): (&Settings, &Request),
    (answerers, runtime): (&Answerers, Handle),
) -> Asker {
    let pins = request.pins.iter();
    let likely = Likely {
        pins: pins
            .map(|pin| (pin.project.clone(), pin.version.clone()))
            .collect(),
        cooldown: pinproof_policy::general_cooldown(&settings.config.policy, settings.now),
        now: settings.now,
    };
    let client = answerers.client.clone();
    let targets = request.targets.clone();
    Asker::new(runtime, client, routes, (targets, likely), directs)
}

/// The routes of a client that installs the first input.
fn routes(
    prepared: &Prepared,
    client: Vec<ClientIndex>,
    subjects: &Subjects<'_>,
    settings: &Settings,
) -> Routes {
    let first = prepared.inputs.files.first();
    let manifest = first.map(|file| file.manifest.clone()).unwrap_or_default();
    Routes::new(settings.clone(), client, manifest, subjects.book.clone())
}

fn asked_at<'a>(
    asked: &roots::Asked,
    files: &'a [LoadedFile],
) -> BTreeMap<ProjectName, AskedAt<'a>> {
    let places = asked.places.iter();
    places
        .map(|(name, (file, position))| {
            let file = &files[*file];
            let at = AskedAt {
                source: &file.source,
                requirement: &file.manifest.requirements[*position],
                ignores: &file.manifest.ignores,
            };
            (name.clone(), at)
        })
        .collect()
}

/// What a check refuses in the inputs, before any release is chosen: settings, repositories, addresses
/// without a hash. That a requirement is not pinned and has no hash is what a lock is for.
fn refused(subjects: &Subjects<'_>, settings: &Settings) -> Vec<Finding> {
    let policy = &settings.config.policy;
    let evidence = Evidence::default();
    let of_settings = subjects.addresses.iter().chain(&subjects.machine);
    let of_files = subjects.files.iter().filter_map(|file| file.file.as_ref());
    let requirements = subjects.files.iter().flat_map(|file| &file.requirements);
    let all = of_settings
        .map(Subject::Settings)
        .chain(of_files.map(Subject::File))
        .chain(requirements.map(Subject::Requirement));
    let mut findings: Vec<Finding> = Vec::new();
    for subject in all {
        let verdict = decide(&subject, &evidence, policy, settings.now);
        findings.extend(verdict.findings.into_iter().filter(is_of_the_input));
    }
    findings.dedup();
    findings
}

fn is_of_the_input(finding: &Finding) -> bool {
    let is_what_a_lock_is_for = matches!(
        finding.rule,
        "unpinned-requirement" | "unhashed-requirement" | "weak-hash" | "incomplete-tree"
    );
    finding.refuses && !is_what_a_lock_is_for
}
