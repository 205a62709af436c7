//! Which parts of a project are judged: groups and extras by choice, with the parts they include.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use pinproof_core::manifest::Scope;
use pinproof_core::{ExtraName, Manifest, Printable};

use crate::inputs::{Format, LoadedFile};
use crate::report::{InputError, ScopeNote};
use crate::settings::{ScopeChoice, Settings};

/// The parts of one file that were chosen.
pub(crate) struct Chosen<'a> {
    choice: &'a ScopeChoice,
    named: BTreeSet<Scope>,
}

impl<'a> Chosen<'a> {
    /// What `choice` means for a file: a chosen group brings the groups that it includes.
    pub(crate) fn of(manifest: &Manifest, choice: &'a ScopeChoice) -> Self {
        let named = named(choice);
        Self {
            choice,
            named: named
                .flat_map(|scope| manifest.with_included(&scope))
                .collect(),
        }
    }

    /// Whether the requirements of a part are judged.
    pub(crate) fn judges(&self, scope: &Scope) -> bool {
        match scope {
            Scope::Main | Scope::Build => true,
            Scope::Extra(_) => self.choice.extras.is_none() || self.named.contains(scope),
            Scope::Group(_) => self.choice.groups.is_none() || self.named.contains(scope),
            Scope::ExtraOrGroup(name) => {
                self.judges(&Scope::Extra(name.clone())) || self.judges(&Scope::Group(name.clone()))
            }
            Scope::Constraint | Scope::BuildConstraint => false,
        }
    }
}

fn named(choice: &ScopeChoice) -> impl Iterator<Item = Scope> {
    let extras = choice.extras.iter().flatten().cloned().map(Scope::Extra);
    extras.chain(choice.groups.iter().flatten().cloned().map(Scope::Group))
}

/// The parts of a pyproject.toml that are judged, and those that are left out.
pub(crate) fn note(file: &LoadedFile, choice: &ScopeChoice) -> Option<ScopeNote> {
    if file.format != Format::Pyproject {
        return None;
    }
    let chosen = Chosen::of(&file.manifest, choice);
    let mut note = ScopeNote::default();
    for requirement in &file.manifest.requirements {
        if !requirement.scope.is_needed() {
            continue;
        }
        let list = if chosen.judges(&requirement.scope) {
            &mut note.judged
        } else {
            &mut note.left_out
        };
        list.insert(requirement.scope.to_string());
    }
    Some(note)
}

/// Chosen groups and extras that no project declares: a slip of the pen must not judge less.
///
/// Those of the configuration may belong to another project of the same repository.
pub(crate) fn undeclared(files: &[LoadedFile], settings: &Settings) -> Vec<InputError> {
    let projects: Vec<_> = files
        .iter()
        .filter(|file| file.format == Format::Pyproject)
        .collect();
    let Some(project) = projects.first() else {
        return Vec::new();
    };
    let declared: BTreeSet<&Scope> = projects
        .iter()
        .flat_map(|file| &file.manifest.parts)
        .map(|part| &part.scope)
        .collect();
    named(&settings.scope)
        .filter(|scope| !declared.contains(scope) && !is_configured(scope, settings))
        .map(|scope| InputError {
            path: project.source.path.clone(),
            place: None,
            line_column: None,
            message: Printable::from(format!("there is no {scope}")),
            help: Some(Printable::from(match declared.len() {
                0 => "it declares neither groups nor extras".to_owned(),
                _ => format!("declared are {}", listing(&declared)),
            })),
        })
        .collect()
}

fn is_configured(scope: &Scope, settings: &Settings) -> bool {
    let has = |names: &Option<Vec<ExtraName>>, name| {
        names.as_ref().is_some_and(|names| names.contains(name))
    };
    match scope {
        Scope::Extra(name) => has(&settings.config.extras, name),
        Scope::Group(name) => has(&settings.config.groups, name),
        Scope::ExtraOrGroup(name) => {
            has(&settings.config.extras, name) || has(&settings.config.groups, name)
        }
        Scope::Main | Scope::Build | Scope::Constraint | Scope::BuildConstraint => false,
    }
}

/// Tells extras from groups where a lock names them alike, by the project that stands beside it.
pub(crate) fn tell_apart(files: &mut [LoadedFile]) {
    let mut declared: BTreeMap<PathBuf, BTreeSet<Scope>> = BTreeMap::new();
    for file in files.iter().filter(|it| it.format == Format::Pyproject) {
        let parts = file.manifest.parts.iter().map(|part| part.scope.clone());
        declared.entry(file.path.clone()).or_default().extend(parts);
    }
    for file in files.iter_mut().filter(|it| it.format == Format::PdmLock) {
        let Some(declared) = declared.get(&file.path.with_file_name("pyproject.toml")) else {
            continue;
        };
        for requirement in &mut file.manifest.requirements {
            let Scope::ExtraOrGroup(name) = &requirement.scope else {
                continue;
            };
            let both = [Scope::Extra(name.clone()), Scope::Group(name.clone())];
            // Declared as both or as neither, it stays either.
            if let [Some(only), None] | [None, Some(only)] = both.map(|scope| declared.get(&scope))
            {
                requirement.scope = only.clone();
            }
        }
    }
}

fn listing(scopes: &BTreeSet<&Scope>) -> String {
    let scopes: Vec<_> = scopes.iter().map(ToString::to_string).collect();
    scopes.join(", ")
}
