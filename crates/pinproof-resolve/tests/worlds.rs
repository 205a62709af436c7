//! Small random worlds: what is found is right, and where nothing is found, there is nothing.
//!
//! The oracle tries every choice of versions, and knows requirements only by asking
//! `Specifiers::contains` and `Marker::evaluate`.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use pinproof_core::requirement::Pep508;
use pinproof_core::specifier::Prereleases;
use pinproof_core::{ExtraName, ProjectName, Version};
use pinproof_resolve::problem::PrereleaseMode;
use pinproof_resolve::provider::{Dependencies, Needs, Standing};
use pinproof_resolve::{Failure, Problem, Solution, solve};
use proptest::prelude::*;
use support::{World, constraint, name, problem, root, version};

const PROJECTS: [&str; 4] = ["a", "b", "c", "d"];
const VERSIONS: [&str; 4] = ["1", "1+x", "2rc1", "2"];
const SPECIFIERS: [&str; 16] = [
    "", "", "", "", "", "", "==1", "<2", "<=2", ">=2", ">=1", ">1", "!=1", "===1", ">=2rc1", "==2",
];
const MARKERS: [&str; 5] = [
    "",
    "",
    "; extra == 'x'",
    "; extra == 'y'",
    "; sys_platform == 'win32'",
];
const EXTRAS: [&str; 5] = ["", "", "[x]", "[y]", "[x,y]"];

type Choice = BTreeMap<ProjectName, Version>;

fn a_requirement(markers: &'static [&'static str]) -> impl Strategy<Value = String> {
    let parts = (
        0..4usize,
        0..EXTRAS.len(),
        0..SPECIFIERS.len(),
        0..markers.len(),
    );
    parts.prop_map(move |(project, extras, specifiers, marker)| {
        format!(
            "{}{}{}{}",
            PROJECTS[project], EXTRAS[extras], SPECIFIERS[specifiers], markers[marker]
        )
    })
}

/// Whether a release is there, whether it was withdrawn, its standing, and what it needs.
type Drawn = (bool, bool, u8, Vec<String>);

fn a_world() -> impl Strategy<Value = World> {
    let release = (
        prop::bool::weighted(0.85),
        prop::bool::weighted(0.15),
        0..10u8,
        prop::collection::vec(a_requirement(&MARKERS), 0..4),
    );
    prop::collection::vec(release, PROJECTS.len() * VERSIONS.len()).prop_map(|drawn| world(&drawn))
}

fn world(drawn: &[Drawn]) -> World {
    let mut world = World::default();
    for (at, (exists, yanked, standing, needs)) in drawn.iter().enumerate() {
        if !exists {
            continue;
        }
        let needs: Vec<&str> = needs.iter().map(String::as_str).collect();
        let project = PROJECTS[at / VERSIONS.len()];
        let text = format!("{project} {}", VERSIONS[at % VERSIONS.len()]);
        world.add(&text, &needs).yanked = *yanked;
        world = match standing {
            0 => world.barred(&text, "young"),
            1 => world.poor(&text),
            2 => world.unreadable(&text, "a build"),
            _ => world,
        };
    }
    world
}

fn a_problem() -> impl Strategy<Value = Problem> {
    let some = |range| prop::collection::vec(a_requirement(&[""]), range);
    let mode = prop::sample::select(vec![
        PrereleaseMode::IfNecessary,
        PrereleaseMode::IfNecessaryOrNamed,
        PrereleaseMode::Allow,
        PrereleaseMode::Disallow,
    ]);
    let preference = prop::option::of((0..4usize, 0..4usize));
    let exclude = prop::option::weighted(0.1, 0..4usize);
    (
        some(1..4),
        some(0..2),
        some(0..2),
        exclude,
        preference,
        mode,
    )
        .prop_map(
            |(roots, constraints, overrides, exclude, preference, mode)| {
                let roots: Vec<&str> = roots.iter().map(String::as_str).collect();
                let mut problem = problem(&roots);
                problem.constraints = constraints.iter().map(|text| constraint(text)).collect();
                problem.overrides = overrides.iter().map(|text| root(text)).collect();
                problem
                    .excludes
                    .extend(exclude.map(|at| name(PROJECTS[at])));
                let preference =
                    preference.map(|(at, of)| (name(PROJECTS[at]), version(VERSIONS[of])));
                problem.preferences.extend(preference);
                problem.prereleases = mode;
                problem
            },
        )
}

/// What a problem means, without a search.
struct Oracle<'a> {
    world: &'a World,
    problem: &'a Problem,
}

impl<'a> Oracle<'a> {
    fn holds(&self, requirement: &Pep508, extra: Option<&ExtraName>) -> bool {
        let environment = &self.problem.environment;
        match (&requirement.marker, extra) {
            (None, extra) => extra.is_none(),
            (Some(marker), None) => marker.evaluate(environment, &[]),
            (Some(marker), Some(extra)) => {
                marker.evaluate(environment, std::slice::from_ref(extra))
                    && !marker.evaluate(environment, &[])
            }
        }
    }

    /// A requirement, as overrides and excludes change it.
    fn replaced(&self, requirement: &'a Pep508) -> Vec<&'a Pep508> {
        let name = &requirement.name;
        if self.problem.excludes.contains(name) {
            return Vec::new();
        }
        let overrides = self.problem.overrides.iter().map(|root| &root.requirement);
        let overrides: Vec<&Pep508> = overrides.filter(|other| other.name == *name).collect();
        if overrides.is_empty() {
            vec![requirement]
        } else {
            overrides
        }
    }

    fn needs(&self, project: &ProjectName, version: &Version) -> Option<&'a Needs> {
        match &self.world.projects[project][version].needs {
            Dependencies::Known(needs) => Some(needs),
            Dependencies::Unreadable(_) => None,
        }
    }

    /// The projects and extras that the roots lead to, if every requirement on the way is met.
    fn closure(&self, choice: &Choice) -> Option<BTreeSet<(ProjectName, Option<ExtraName>)>> {
        let roots = self.problem.roots.iter().map(|root| &root.requirement);
        let mut waiting: Vec<&Pep508> = roots.flat_map(|root| self.replaced(root)).collect();
        let mut closure = BTreeSet::new();
        while let Some(requirement) = waiting.pop() {
            let name = &requirement.name;
            let version = choice.get(name)?;
            let constraints = self.problem.constraints.iter();
            let limits = constraints.filter(|limit| limit.project == *name);
            if !limits
                .map(|limit| &limit.specifiers)
                .chain([&requirement.specifiers])
                .all(|specifiers| specifiers.contains(version, Prereleases::Allow))
            {
                return None;
            }
            let extras = requirement.extras.iter().cloned().map(Some);
            for extra in extras.chain([None]) {
                if closure.insert((name.clone(), extra.clone())) {
                    let needs = self.needs(name, version)?.requires.iter();
                    let needs = needs.filter(|need| self.holds(need, extra.as_ref()));
                    waiting.extend(needs.flat_map(|need| self.replaced(need)));
                }
            }
        }
        Some(closure)
    }

    /// The versions of a project that may be chosen, the best first.
    fn ranked(&self, project: &ProjectName) -> Vec<Version> {
        let Some(releases) = self.world.projects.get(project) else {
            return Vec::new();
        };
        let named: Vec<_> = self.named(project);
        let names_prerelease = named.iter().any(|text| text.contains("2rc1"));
        let preferred = self.problem.preferences.get(project);
        let has_final = releases
            .iter()
            .any(|(version, release)| !version.is_prerelease() && !release.yanked);
        let mut ranked = Vec::new();
        for (version, release) in releases {
            let is_pinned = preferred == Some(version)
                || named
                    .iter()
                    .any(|text| text.trim_start_matches('=').parse().as_ref() == Ok(version));
            let is_pre = version.is_prerelease();
            let prerelease_rank = match self.problem.prereleases {
                PrereleaseMode::Allow => Some(0),
                PrereleaseMode::IfNecessary => Some(2),
                PrereleaseMode::IfNecessaryOrNamed if names_prerelease => Some(0),
                PrereleaseMode::IfNecessaryOrNamed if !has_final || preferred == Some(version) => {
                    Some(2)
                }
                PrereleaseMode::IfNecessaryOrNamed | PrereleaseMode::Disallow => None,
            };
            let Some(rank) = (if is_pre { prerelease_rank } else { Some(0) }) else {
                continue;
            };
            let rank = match release.standing {
                _ if release.yanked && !is_pinned => continue,
                Standing::Barred(_) => continue,
                Standing::Good if preferred == Some(version) => -1,
                Standing::Good => rank,
                Standing::Poor(_) => rank + 1,
            };
            ranked.push((rank, std::cmp::Reverse(version.clone())));
        }
        ranked.sort();
        ranked.into_iter().map(|(_, version)| version.0).collect()
    }

    /// The specifiers from outside about a project, as text.
    fn named(&self, project: &ProjectName) -> Vec<String> {
        let roots = self.problem.roots.iter();
        let requirements = roots.flat_map(|root| self.replaced(&root.requirement));
        let overrides = self.problem.overrides.iter().map(|root| &root.requirement);
        let requirements = requirements.chain(overrides);
        let requirements = requirements.filter(|requirement| requirement.name == *project);
        let constraints = self.problem.constraints.iter();
        let constraints = constraints.filter(|constraint| constraint.project == *project);
        let specifiers = requirements.map(|requirement| requirement.specifiers.to_string());
        specifiers
            .chain(constraints.map(|constraint| constraint.specifiers.to_string()))
            .collect()
    }

    /// Whether any choice meets everything.
    fn is_solvable(&self) -> bool {
        let mut choices: Vec<Choice> = vec![Choice::new()];
        for project in PROJECTS.map(name) {
            let mut longer = Vec::new();
            for choice in &choices {
                longer.push(choice.clone());
                for version in self.ranked(&project) {
                    let mut choice = choice.clone();
                    choice.insert(project.clone(), version);
                    longer.push(choice);
                }
            }
            choices = longer;
        }
        choices.iter().any(|choice| self.closure(choice).is_some())
    }

    fn check(&self, solution: &Solution) -> Result<(), TestCaseError> {
        let chosen = solution.chosen.iter();
        let choice: Choice = chosen
            .map(|(name, chosen)| (name.clone(), chosen.version.clone()))
            .collect();
        let closure = self.closure(&choice);
        prop_assert!(closure.is_some(), "not sound: {choice:?}");
        let found: BTreeSet<_> = solution
            .chosen
            .iter()
            .flat_map(|(name, chosen)| {
                let extras = chosen.extras.iter().cloned().map(Some).chain([None]);
                extras.map(|extra| (name.clone(), extra))
            })
            .collect();
        prop_assert_eq!(Some(found), closure, "not minimal");
        for (project, version) in &choice {
            let ranked = self.ranked(project);
            let place = ranked.iter().position(|ranked| ranked == version);
            prop_assert!(place.is_some(), "{project} {version} may not be chosen");
            for better in &ranked[..place.unwrap_or(0)] {
                let mut raised = choice.clone();
                raised.insert(project.clone(), better.clone());
                prop_assert!(
                    self.closure(&raised).is_none(),
                    "{project} {better} fits, too"
                );
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Sound: every requirement that counts is met, by versions that may be chosen. Minimal: nothing is
    /// there that nothing needs. Complete: a conflict only where no choice would do. And no project alone
    /// could have a better version.
    #[test]
    fn a_solution_is_right(world in a_world(), problem in a_problem()) {
        let oracle = Oracle { world: &world, problem: &problem };
        match solve(&problem, &mut world.clone()) {
            Ok(solution) => oracle.check(&solution)?,
            Err(Failure::Conflict(conflict)) => {
                prop_assert!(!oracle.is_solvable(), "{conflict}");
                let last = conflict.sentences.last().map_or("", |last| last.as_str());
                prop_assert!(last.starts_with("no ") || last.starts_with("there is no "), "{last}");
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }

    #[test]
    fn the_same_answers_give_the_same_solution(world in a_world(), problem in a_problem()) {
        let (mut one, mut other) = (world.clone(), world);
        prop_assert_eq!(solve(&problem, &mut one), solve(&problem, &mut other));
        prop_assert_eq!(one.asked, other.asked);
    }
}
