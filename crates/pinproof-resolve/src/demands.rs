//! What is asked for from outside, sorted by project: roots, constraints, overrides, pins, preferences.

use std::collections::{BTreeMap, BTreeSet};

use pinproof_core::requirement::Pep508;
use pinproof_core::specifier::Operator;
use pinproof_core::{Environment, ProjectName, Specifiers, Version};

use crate::problem::{Constraint, PrereleaseMode, Problem, Root, Strategy};

/// A problem, as far as it is about its environment.
#[derive(Debug)]
pub(crate) struct Demands<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) strategy: Strategy,
    pub(crate) prereleases: PrereleaseMode,
    /// The roots, with overrides in their place, and without what is excluded.
    pub(crate) roots: Vec<(&'a Root, Origin<'a>)>,
    constraints: BTreeMap<&'a ProjectName, Vec<&'a Constraint>>,
    overrides: BTreeMap<&'a ProjectName, Vec<&'a Root>>,
    excludes: &'a BTreeSet<ProjectName>,
    preferences: &'a BTreeMap<ProjectName, Version>,
    /// The specifiers from outside that are about a project.
    named: BTreeMap<&'a ProjectName, Vec<&'a Specifiers>>,
    urls: BTreeMap<&'a ProjectName, &'a str>,
}

/// Where a requirement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Origin<'a> {
    /// In the metadata of the release that has it.
    Release,
    /// A root with this label.
    Root(&'a str),
    /// A constraint with this label.
    Constraint(&'a str),
    /// An override with this label, in the place of another requirement.
    Override(&'a str),
}

impl<'a> Demands<'a> {
    pub(crate) fn new(problem: &'a Problem) -> Self {
        let environment = &problem.environment;
        let mut demands = Self {
            environment,
            strategy: problem.strategy,
            prereleases: problem.prereleases,
            roots: Vec::new(),
            constraints: BTreeMap::new(),
            overrides: BTreeMap::new(),
            excludes: &problem.excludes,
            preferences: &problem.preferences,
            named: BTreeMap::new(),
            urls: BTreeMap::new(),
        };
        for root in &problem.overrides {
            let of_project = demands.overrides.entry(&root.requirement.name).or_default();
            if applies(&root.requirement, environment) {
                of_project.push(root);
            }
        }
        for constraint in &problem.constraints {
            let marker = constraint.marker.as_ref();
            if marker.is_none_or(|marker| marker.evaluate(environment, &[])) {
                let of_project = demands.constraints.entry(&constraint.project).or_default();
                of_project.push(constraint);
            }
        }
        let roots = problem.roots.iter();
        for root in roots.filter(|root| applies(&root.requirement, environment)) {
            demands.add_root(root);
        }
        demands.index();
        demands
    }

    fn add_root(&mut self, root: &'a Root) {
        let name = &root.requirement.name;
        if self.excludes.contains(name) {
            return;
        }
        match self.overrides.get(name) {
            Some(replacing) => {
                let replacing = replacing
                    .iter()
                    .map(|root| (*root, Origin::Override(&root.label)));
                self.roots.extend(replacing);
            }
            None => self.roots.push((root, Origin::Root(&root.label))),
        }
    }

    fn index(&mut self) {
        let overrides = self.overrides.values().flatten().copied();
        let requirements = self.roots.iter().map(|(root, _)| *root).chain(overrides);
        for Root { requirement, .. } in requirements {
            let of_project = self.named.entry(&requirement.name).or_default();
            of_project.push(&requirement.specifiers);
            if let Some(url) = &requirement.url {
                self.urls.entry(&requirement.name).or_insert(url);
            }
        }
        for constraint in self.constraints.values().flatten() {
            let of_project = self.named.entry(&constraint.project).or_default();
            of_project.push(&constraint.specifiers);
        }
    }

    pub(crate) fn is_excluded(&self, project: &ProjectName) -> bool {
        self.excludes.contains(project)
    }

    /// What takes the place of requirements on a project.
    pub(crate) fn overrides(&self, project: &ProjectName) -> Option<&[&'a Root]> {
        self.overrides.get(project).map(Vec::as_slice)
    }

    pub(crate) fn constraints(&self, project: &ProjectName) -> &[&'a Constraint] {
        self.constraints.get(project).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn preference(&self, project: &ProjectName) -> Option<&'a Version> {
        self.preferences.get(project)
    }

    /// The address that a root names for a project.
    pub(crate) fn url(&self, project: &ProjectName) -> Option<&'a str> {
        self.urls.get(project).copied()
    }

    /// Whether `url` is the address that a root names for a project; it may leave out the root's hash.
    pub(crate) fn names_address(&self, project: &ProjectName, url: &str) -> bool {
        self.url(project).is_some_and(|named| {
            let without_hash = named.split_once('#').map(|(address, _)| address);
            url == named || Some(url) == without_hash
        })
    }

    /// Whether a withdrawn version may be chosen: somebody outside asks for exactly it. That `==1.2`
    /// accepts 1.2+cpu as well names 1.2 only.
    pub(crate) fn pins(&self, project: &ProjectName, version: &Version) -> bool {
        self.preference(project) == Some(version)
            || self
                .named(project)
                .any(|specifiers| specifiers.exact_pin() == Some(version))
    }

    /// Whether somebody outside names a pre-release of a project.
    pub(crate) fn names_prerelease(&self, project: &ProjectName) -> bool {
        self.named(project).flatten().any(|specifier| {
            specifier.operator() != Operator::NotEqual
                && !specifier.is_wildcard()
                && specifier.version().is_some_and(Version::is_prerelease)
        })
    }

    fn named(&self, project: &ProjectName) -> impl Iterator<Item = &'a Specifiers> {
        self.named.get(project).into_iter().flatten().copied()
    }
}

fn applies(requirement: &Pep508, environment: &Environment) -> bool {
    let marker = requirement.marker.as_ref();
    marker.is_none_or(|marker| marker.evaluate(environment, &[]))
}
