//! From the files that were named to what a search is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use pinproof_core::manifest::{Origin, Requirement, Scope};
use pinproof_core::requirement::Pep508;
use pinproof_core::{Printable, ProjectName, Span, Specifiers};
use pinproof_policy::config::Overridden;
use pinproof_resolve::problem::{Constraint, Root};

use super::direct::Direct;
use super::paths::relative;
use super::{Request, is_input};
use crate::check::Prepared;
use crate::inputs::LoadedFile;
use crate::scope::Chosen;
use crate::settings::ScopeChoice;

/// How explanations name the overrides of the configuration.
const CONFIGURED: &str = "the configuration";

/// What the inputs ask for.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Requirements.
    pub(super) roots: Vec<Root>,
    /// Limits.
    pub(super) constraints: Vec<Constraint>,
    /// Requirements that take the place of every other one about their project.
    pub(super) overrides: Vec<Root>,
    /// Projects that are left out.
    pub(super) excludes: BTreeSet<ProjectName>,
    /// The first requirement of each project: its file and its position there, for exceptions that stand
    /// beside it.
    pub(super) places: BTreeMap<ProjectName, (usize, usize)>,
    /// The files that are named by their addresses.
    pub(super) directs: BTreeMap<ProjectName, Direct>,
}

/// A requirement that no lock can be made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlockable {
    /// The place: `requirements.in:3`.
    pub place: Printable,
    /// Why, as a sentence without a full stop.
    pub why: Printable,
}

impl Asked {
    /// Notes the file that a requirement names by its address, if it does.
    fn add_direct(
        &mut self,
        file: &LoadedFile,
        requirement: &Requirement,
    ) -> Result<(), Printable> {
        let (Some(direct), Some(name)) = (Direct::of(file, requirement)?, &requirement.name) else {
            return Ok(());
        };
        let known = self
            .directs
            .entry(name.clone())
            .or_insert_with(|| direct.clone());
        if known.is_same_file(&direct) {
            Ok(())
        } else {
            Err(Printable::from(format!(
                "`{name}` is taken from two addresses"
            )))
        }
    }
}

/// What the inputs and the request ask for, and the requirements that nothing can be made of.
pub(super) fn asked(
    prepared: &Prepared,
    request: &Request,
    choice: &ScopeChoice,
) -> (Asked, Vec<Unlockable>) {
    let mut asked = Asked::default();
    let mut wrong = Vec::new();
    let files = &prepared.inputs.files;
    let constraints_only = constraints_only(files);
    let inputs = files.iter().enumerate();
    for (at, file) in inputs.filter(|(_, file)| is_input(file, prepared)) {
        wrong.extend(not_understood(file));
        let chosen = Chosen::of(&file.manifest, choice);
        for (position, requirement) in file.manifest.requirements.iter().enumerate() {
            let is_limit = constraints_only.contains(&at) || requirement.scope == Scope::Constraint;
            let is_asked = chosen.judges(&requirement.scope) && requirement.scope != Scope::Build;
            if !is_limit && !is_asked {
                continue;
            }
            let label = || label(file, requirement, &request.folder);
            match requirement_of(file, requirement) {
                Ok(pep508) if is_limit => asked.constraints.push(limit(pep508, label())),
                Ok(pep508) => {
                    let place = asked
                        .places
                        .entry(pep508.name.clone())
                        .or_insert((at, position));
                    if pep508.url.is_some() || !requirement.hashes.is_empty() {
                        *place = (at, position);
                    }
                    match asked.add_direct(file, requirement) {
                        Ok(()) => asked.roots.push(root(pep508, label())),
                        Err(why) => wrong.push(unlockable(file, requirement, why)),
                    }
                }
                Err(why) => wrong.push(unlockable(file, requirement, why)),
            }
        }
    }
    asked.excludes.clone_from(&request.excludes);
    for one in &request.configured {
        match &one.what {
            Overridden::Requirement(requirement) => {
                asked
                    .overrides
                    .push(root((**requirement).clone(), CONFIGURED.to_owned()));
            }
            Overridden::Without(name) => {
                asked.excludes.insert(name.clone());
            }
        }
    }
    for (file, is_limit) in request.limits() {
        wrong.extend(not_understood(file));
        for requirement in &file.manifest.requirements {
            let label = || label(file, requirement, &request.folder);
            match requirement_of(file, requirement) {
                Ok(pep508) if is_limit => asked.constraints.push(limit(pep508, label())),
                Ok(pep508) => asked.overrides.push(root(pep508, label())),
                Err(why) => wrong.push(unlockable(file, requirement, why)),
            }
        }
    }
    (asked, wrong)
}

/// What nobody can make sense of may ask for anything, so no lock is complete without it.
fn not_understood(file: &LoadedFile) -> impl Iterator<Item = Unlockable> {
    let unclear = file.manifest.not_understood.iter();
    unclear.map(|unclear| unlockable_at(file, unclear.span, unclear.why.clone()))
}

/// Files that other files include as constraints, and nothing includes otherwise.
fn constraints_only(files: &[LoadedFile]) -> BTreeSet<usize> {
    let is_limit = |file: &LoadedFile| {
        let mut by = file.included_by.iter();
        !file.included_by.is_empty() && by.all(|(_, is_constraint)| *is_constraint)
    };
    let positions = files.iter().enumerate();
    positions
        .filter(|(_, file)| is_limit(file))
        .map(|(at, _)| at)
        .collect()
}

fn root(requirement: Pep508, label: String) -> Root {
    Root { requirement, label }
}

fn limit(requirement: Pep508, label: String) -> Constraint {
    Constraint {
        project: requirement.name,
        specifiers: requirement.specifiers,
        marker: requirement.marker,
        label,
    }
}

/// The label of a root: its file, from the folder of the lock, and the part of a project.
fn label(file: &LoadedFile, requirement: &Requirement, folder: &Path) -> String {
    let path = relative(&file.path, folder);
    match &requirement.scope {
        Scope::Extra(extra) => format!("{path} (extra {extra})"),
        Scope::Group(group) => format!("{path} (group {group})"),
        _ => path,
    }
}

fn unlockable(file: &LoadedFile, requirement: &Requirement, why: Printable) -> Unlockable {
    unlockable_at(file, requirement.span, why)
}

fn unlockable_at(file: &LoadedFile, span: Span, why: Printable) -> Unlockable {
    let at = file.source.locate(span);
    let place = format!("{}:{}:{}", file.source.path, at.line, at.column);
    Unlockable {
        place: Printable::from(place),
        why,
    }
}

/// The requirement in the notation of PEP 508, or why a lock cannot be made from it.
fn requirement_of(file: &LoadedFile, requirement: &Requirement) -> Result<Pep508, Printable> {
    let Some(name) = requirement.name.clone() else {
        return Err(Printable::new(
            "nothing says which project it is: write `NAME @ ADDRESS`",
        ));
    };
    let (specifiers, url) = match &requirement.origin {
        Origin::Index(specifiers) => (specifiers.clone(), None),
        Origin::Url { .. } => {
            let url = file.source.slice(requirement.origin_span).trim().to_owned();
            (Specifiers::default(), Some(url))
        }
        Origin::Vcs { .. } => {
            return Err(Printable::from(format!(
                "`{name}` is taken from a repository: what it needs cannot be read without running its \
                 build; publish a wheel of it, or name one by its address and hash"
            )));
        }
        Origin::Path(_) => {
            return Err(Printable::from(format!(
                "`{name}` is taken from a folder of this machine: lock what it needs, and install it \
                 beside the lock"
            )));
        }
    };
    Ok(Pep508 {
        name,
        name_span: Span::default(),
        extras: requirement.extras.clone(),
        specifiers,
        specifier_span: None,
        url,
        url_span: None,
        marker: requirement.marker.clone(),
        marker_span: None,
    })
}
