//! The searches of a lock: one for each environment, each preferring what the one before it chose.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use pinproof_core::{Environment, Finding, Printable, ProjectName, Version};
use pinproof_policy::subject::ClientIndex;
use pinproof_policy::{Evidence, Subject, decide};
use pinproof_resolve::problem::Problem;
use pinproof_resolve::provider::Unanswered;
use pinproof_resolve::{Failure, Solution, solve};
use tokio::runtime::Handle;

use super::ask::{Asker, Likely};
use super::candidate::AskedAt;
use super::direct::Direct;
use super::judge::{Judge, Judged};
use super::routes::Routes;
use super::world::World;
use super::{
    Answerers, Build, HeldBack, LockError, Locked, Request, build, existing, hash, is_input, merge,
    noted_inputs, replaced, roots, vanished,
};
use crate::assemble::Subjects;
use crate::check::{self, Prepared};
use crate::inputs::LoadedFile;
use crate::settings::Settings;

/// Makes a lock; it waits for answers, so it must not be called from a task of the runtime.
pub(super) fn search(
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
    for (at, target) in in_order(&request.targets) {
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
        found.push((at, Found::of(solution, world, target)?));
    }
    found.sort_by_key(|(at, _)| *at);
    let found = found.into_iter().map(|(_, found)| found).collect();
    let mut locked = merge::merge(found, &request.targets)?;
    locked.lock.inputs = noted_inputs(prepared, request);
    let mut inputs = files.iter().filter(|file| is_input(file, prepared));
    locked.lock.requires_python = inputs.find_map(|file| file.manifest.requires_python.clone());
    Ok(locked)
}

/// The environments with their places, the newest Python first: an old one would hold back the others,
/// because each search keeps to what the one before it chose.
fn in_order(targets: &[Environment]) -> Vec<(usize, &Environment)> {
    let mut in_order: Vec<_> = targets.iter().enumerate().collect();
    in_order.sort_by_key(|(_, target)| Reverse(target.python()));
    in_order
}

/// What a search found for one environment.
pub(super) struct Found {
    pub(super) solution: Solution,
    /// What was decided about each chosen release.
    pub(super) judged: BTreeMap<ProjectName, Judged>,
    pub(super) builds: Vec<Build>,
    pub(super) held_back: Vec<HeldBack>,
}

impl Found {
    fn of(
        solution: Solution,
        mut world: World<'_>,
        target: &Environment,
    ) -> Result<Self, LockError> {
        let mut judged = BTreeMap::new();
        let mut builds = Vec::new();
        let mut replaced = Vec::new();
        for (name, chosen) in &solution.chosen {
            let decided = world
                .judged(name, &chosen.version)
                .map_err(|error| failed(Failure::Unanswered(error), target))?;
            let mut decided = Judged::clone(&decided);
            hash::add(&mut decided, name, &world)?;
            let published = world.published(name, &chosen.version);
            let published = published.map_err(|error| failed(error.into(), target))?;
            let release = (name, &chosen.version);
            replaced.extend(replaced::of(
                release,
                world.judge.pins,
                (&decided, &published),
            ));
            if decided.needs_build {
                builds.push(build::of(name, &chosen.version, (&decided, world.asker)));
            }
            judged.insert(name.clone(), decided);
        }
        if !replaced.is_empty() {
            return Err(LockError::Replaced(replaced));
        }
        let chosen = solution.chosen.iter();
        let gone = chosen.filter_map(|(name, it)| vanished::of((name, &it.version), &world));
        let gone: Vec<_> = gone.collect();
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
            held_back: held_back.chain(gone).collect(),
            builds,
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
        excludes: asked.excludes.clone(),
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
