//! Small worlds of releases, and what is asked of them.

// Each test binary uses its own part of this module.
#![allow(dead_code)]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot set up its world fails"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pinproof_core::requirement::Pep508;
use pinproof_core::{Environment, ExtraName, Printable, ProjectName, Version};
use pinproof_resolve::problem::{Constraint, Root};
use pinproof_resolve::provider::{
    Dependencies, ListedVersion, Needs, Standing, Unanswered, Versions,
};
use pinproof_resolve::{Failure, Problem, Provider, Solution, solve};

/// A release.
#[derive(Clone, Debug)]
pub(crate) struct Release {
    pub(crate) yanked: bool,
    pub(crate) standing: Standing,
    pub(crate) needs: Dependencies,
}

/// Every release there is, and what was asked about them.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) projects: BTreeMap<ProjectName, BTreeMap<Version, Release>>,
    pub(crate) asked: Vec<String>,
    /// The project about which nobody answers.
    pub(crate) silent: Option<ProjectName>,
}

pub(crate) fn name(text: &str) -> ProjectName {
    text.parse().unwrap()
}

pub(crate) fn version(text: &str) -> Version {
    text.parse().unwrap()
}

impl World {
    /// A world of releases such as `a 1.0`, each with what it needs.
    pub(crate) fn of(releases: &[(&str, &[&str])]) -> Self {
        let mut world = Self::default();
        for (release, requires) in releases {
            world.add(release, requires);
        }
        world
    }

    /// Adds a release; its extras are those that the markers of its requirements name.
    pub(crate) fn add(&mut self, release: &str, requires: &[&str]) -> &mut Release {
        let (project, number) = release.split_once(' ').unwrap();
        let extras: BTreeSet<&str> = requires
            .iter()
            .flat_map(|text| text.split("extra == '").skip(1))
            .map(|rest| rest.split('\'').next().unwrap())
            .collect();
        let needs = Needs {
            requires: requires.iter().map(|text| text.parse().unwrap()).collect(),
            extras: extras.iter().map(|extra| extra.parse().unwrap()).collect(),
        };
        let release = Release {
            yanked: false,
            standing: Standing::Good,
            needs: Dependencies::Known(Arc::new(needs)),
        };
        let versions = self.projects.entry(name(project)).or_default();
        versions
            .entry(version(number))
            .insert_entry(release)
            .into_mut()
    }

    #[must_use]
    pub(crate) fn yanked(mut self, release: &str) -> Self {
        self.release(release).yanked = true;
        self
    }

    #[must_use]
    pub(crate) fn barred(mut self, release: &str, reason: &str) -> Self {
        self.release(release).standing = Standing::Barred(Printable::new(reason));
        self
    }

    #[must_use]
    pub(crate) fn poor(mut self, release: &str) -> Self {
        self.release(release).standing = Standing::Poor(Printable::new("a known vulnerability"));
        self
    }

    #[must_use]
    pub(crate) fn unreadable(mut self, release: &str, reason: &str) -> Self {
        self.release(release).needs = Dependencies::Unreadable(Printable::new(reason));
        self
    }

    pub(crate) fn needs(&self, release: &str) -> &Dependencies {
        let (project, number) = release.split_once(' ').unwrap();
        &self.projects[&name(project)][&version(number)].needs
    }

    fn release(&mut self, release: &str) -> &mut Release {
        let (project, number) = release.split_once(' ').unwrap();
        let versions = self.projects.get_mut(&name(project)).unwrap();
        versions.get_mut(&version(number)).unwrap()
    }
}

impl Provider for World {
    fn versions(&mut self, project: &ProjectName) -> Result<Versions, Unanswered> {
        self.asked.push(format!("versions {project}"));
        if self.silent.as_ref() == Some(project) {
            return Err(Unanswered(Printable::new(
                "the index of `silent` did not answer",
            )));
        }
        Ok(match self.projects.get(project) {
            Some(releases) => Versions::Known(
                releases
                    .iter()
                    .map(|(version, release)| ListedVersion {
                        version: version.clone(),
                        yanked: release.yanked,
                    })
                    .collect(),
            ),
            None => Versions::None(Printable::new("it is not on PyPI")),
        })
    }

    fn standing(
        &mut self,
        project: &ProjectName,
        version: &Version,
    ) -> Result<Standing, Unanswered> {
        self.asked.push(format!("standing {project} {version}"));
        Ok(self.projects[project][version].standing.clone())
    }

    fn dependencies(
        &mut self,
        project: &ProjectName,
        version: &Version,
    ) -> Result<Dependencies, Unanswered> {
        self.asked.push(format!("needs {project} {version}"));
        Ok(self.projects[project][version].needs.clone())
    }

    fn foresee(&mut self, projects: &[ProjectName]) {
        let projects: Vec<&str> = projects.iter().map(ProjectName::as_str).collect();
        self.asked.push(format!("foresee {}", projects.join(" ")));
    }
}

pub(crate) fn root(text: &str) -> Root {
    Root {
        requirement: text.parse().unwrap(),
        label: "requirements.in".to_owned(),
    }
}

pub(crate) fn constraint(text: &str) -> Constraint {
    let Pep508 {
        name,
        specifiers,
        marker,
        ..
    } = text.parse().unwrap();
    Constraint {
        project: name,
        specifiers,
        marker,
        label: "constraints.txt".to_owned(),
    }
}

/// A problem for Python 3.12 on Linux.
pub(crate) fn problem(roots: &[&str]) -> Problem {
    let environment =
        Environment::of_target("3.12".parse().unwrap(), "linux-x86_64".parse().unwrap());
    Problem {
        roots: roots.iter().map(|text| root(text)).collect(),
        constraints: Vec::new(),
        overrides: Vec::new(),
        excludes: BTreeSet::new(),
        environment,
        preferences: BTreeMap::new(),
        prereleases: pinproof_resolve::problem::PrereleaseMode::default(),
        strategy: pinproof_resolve::problem::Strategy::default(),
    }
}

/// The pins of a solution in one line: `a 1.0, b[x] 2.0`.
pub(crate) fn pins(solution: &Solution) -> String {
    let pin = |(name, chosen): (&ProjectName, &pinproof_resolve::solution::Chosen)| {
        let extras: Vec<&str> = chosen.extras.iter().map(ExtraName::as_str).collect();
        let extras = match extras.as_slice() {
            [] => String::new(),
            extras => format!("[{}]", extras.join(",")),
        };
        format!("{name}{extras} {}", chosen.version)
    };
    solution
        .chosen
        .iter()
        .map(pin)
        .collect::<Vec<_>>()
        .join(", ")
}

/// The pins that solve a problem, or the explanation why nothing does.
pub(crate) fn outcome(world: &World, problem: &Problem) -> String {
    match solve(problem, &mut world.clone()) {
        Ok(solution) => pins(&solution),
        Err(Failure::Conflict(conflict)) => conflict.to_string(),
        Err(other) => other.to_string(),
    }
}
