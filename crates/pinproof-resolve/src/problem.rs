//! What is asked for.

use std::collections::{BTreeMap, BTreeSet};

use pinproof_core::requirement::Pep508;
use pinproof_core::{Environment, Marker, ProjectName, Specifiers, Version};

/// Requirements, what limits them, and the environment they are for.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What shall be installed.
    pub roots: Vec<Root>,
    /// Limits on projects that nothing has to need.
    pub constraints: Vec<Constraint>,
    /// Requirements that take the place of every other one about their project, the roots' included.
    pub overrides: Vec<Root>,
    /// Projects that are left out, whoever needs them.
    pub excludes: BTreeSet<ProjectName>,
    /// The environment that markers are evaluated for.
    pub environment: Environment,
    /// Versions to take where they fit, such as those of an existing lock.
    pub preferences: BTreeMap<ProjectName, Version>,
    /// Which pre-releases may be chosen.
    pub prereleases: PrereleaseMode,
    /// Which of several versions is chosen.
    pub strategy: Strategy,
}

/// A requirement, and where it stands.
#[derive(Clone, Debug)]
pub struct Root {
    /// The requirement.
    pub requirement: Pep508,
    /// Its place, as explanations name it: `requirements.in`, `pyproject.toml (group dev)`.
    pub label: String,
}

/// A limit on the version of a project, and where it stands.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// The project.
    pub project: ProjectName,
    /// What is allowed.
    pub specifiers: Specifiers,
    /// The environments it is for.
    pub marker: Option<Marker>,
    /// Its place, as explanations name it.
    pub label: String,
}

/// Which pre-releases may be chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PrereleaseMode {
    /// Those of a project for which no final release fits, as PEP 440 has it.
    #[default]
    IfNecessary,
    /// Those of projects that have nothing else, and of projects whose root requirement, constraint or
    /// override names one.
    IfNecessaryOrNamed,
    /// All.
    Allow,
    /// None.
    Disallow,
}

/// Which of several versions is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// The highest.
    #[default]
    Highest,
    /// The lowest: for finding out whether the lower bounds of a project are true.
    Lowest,
}
