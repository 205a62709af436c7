//! Files, roles, settings and routes become the subjects that are decided.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use pinproof_core::manifest::{InstallOptionKind, Requirement, Scope};
use pinproof_core::settings::MachineSetting;
use pinproof_core::{Environment, ProjectName, Version};
use pinproof_policy::Policy;
use pinproof_policy::subject::{
    ClientIndex, FileSubject, InputRequirement, RequirementSubject, Role, Route, SettingsSubject,
};

use crate::addresses::OwnAddress;
use crate::includes::Includes;
use crate::inputs::{Format, LoadedFile};
use crate::installers::{self, client, reader_of, settings_of, with_indexes_of};
use crate::locks::Locks;
use crate::report::ScopeNote;
use crate::roles;
use crate::routes::{self, AddressBook, Router};
use crate::scope::{self, Chosen};
use crate::settings::Settings;
use crate::target::target;

/// Why no name of a file is asked about that is not the project's own.
const OUTSIDE: &str = "its file is not part of the project, so no name in it is sent to an index; name the \
                       file to have it judged";

/// What is derived from the files before anybody is asked; subjects borrow from it.
#[derive(Debug)]
pub struct Plan {
    /// What each file is for.
    pub roles: Vec<Role>,
    /// The file that each file is installed with: itself, or the first that includes it.
    roots: Vec<usize>,
    /// The files that are installed together with each file that is judged for itself.
    members: Vec<Vec<usize>>,
    /// The environment that each file is judged for.
    pub targets: Vec<Environment>,
    /// Whom the installing client of each file would ask.
    pub clients: Vec<Vec<ClientIndex>>,
    /// The parts of each pyproject.toml that are judged.
    pub scopes: Vec<Option<ScopeNote>>,
    /// The one index that the client asks for a name which the file binds to it.
    bound_clients: Vec<BTreeMap<ProjectName, Vec<ClientIndex>>>,
    /// The index that the client asks for each requirement of a lock that names it, by its position.
    locked_clients: Vec<BTreeMap<usize, Vec<ClientIndex>>>,
    /// The pins that constraints add to each file.
    constraint_pins: BTreeMap<usize, BTreeMap<ProjectName, Version>>,
    /// Files that take part as constraints only.
    pub constraints_only: BTreeSet<usize>,
    /// The addresses that pinproof itself is given.
    addresses: Vec<OwnAddress>,
}

/// Every subject of a run.
#[derive(Debug)]
pub struct Subjects<'a> {
    /// The addresses that pinproof itself is given, one subject for each.
    pub addresses: Vec<SettingsSubject<'a>>,
    /// The machine's settings, one subject for each client that has any.
    pub machine: Vec<SettingsSubject<'a>>,
    /// The files, with the requirements that stand in each.
    pub files: Vec<SubjectsOfFile<'a>>,
    /// The addresses of every index on a route.
    pub book: AddressBook,
}

/// A file and its requirements.
#[derive(Debug)]
pub struct SubjectsOfFile<'a> {
    /// The file as it is installed; `None` for one that is judged with the file that includes it.
    pub file: Option<FileSubject<'a>>,
    /// The requirements that stand in this file.
    pub requirements: Vec<RequirementSubject<'a>>,
}

impl Plan {
    /// Derives roles, environments and clients.
    pub fn new(
        files: &[LoadedFile],
        roles: Vec<Role>,
        machine: &[MachineSetting],
        settings: &Settings,
    ) -> Self {
        let Includes { roots, members } = Includes::of(files, &roles);
        let distinct: BTreeSet<usize> = roots.iter().copied().collect();
        let clients: BTreeMap<usize, Vec<ClientIndex>> = distinct
            .iter()
            .map(|root| {
                (
                    *root,
                    client(&with_indexes_of(*root, &members, files), files, machine),
                )
            })
            .collect();
        let constraint_pins = distinct
            .iter()
            .map(|root| (*root, constraint_pins(&members[*root], files)))
            .collect();
        Self {
            targets: roots
                .iter()
                .map(|root| target(&files[*root], settings))
                .collect(),
            clients: roots.iter().map(|root| clients[root].clone()).collect(),
            scopes: files
                .iter()
                .map(|file| scope::note(file, &settings.scope))
                .collect(),
            bound_clients: files.iter().map(installers::bound_clients).collect(),
            locked_clients: files.iter().map(installers::locked_clients).collect(),
            constraints_only: constraints_only(files),
            addresses: OwnAddress::all(settings),
            roles,
            roots,
            members,
            constraint_pins,
        }
    }

    /// Builds the subjects.
    pub fn subjects<'a>(
        &'a self,
        files: &'a [LoadedFile],
        machine: &'a [MachineSetting],
        policy: &'a Policy,
        settings: &'a Settings,
    ) -> Subjects<'a> {
        let mut book = AddressBook::new(policy, settings);
        let requirements: Vec<Vec<RequirementSubject<'a>>> = (0..files.len())
            .map(|at| self.requirements(at, files, (policy, settings), &mut book))
            .collect();
        let subjects = (0..files.len())
            .map(|at| SubjectsOfFile {
                file: self.file(at, files, machine, (&requirements, settings)),
                requirements: requirements[at].clone(),
            })
            .collect();
        Subjects {
            addresses: self.addresses.iter().map(OwnAddress::subject).collect(),
            machine: installers::machine_subjects(machine),
            files: subjects,
            book,
        }
    }

    fn requirements<'a>(
        &'a self,
        at: usize,
        files: &'a [LoadedFile],
        (policy, settings): (&'a Policy, &'a Settings),
        book: &mut AddressBook,
    ) -> Vec<RequirementSubject<'a>> {
        if self.constraints_only.contains(&at) {
            return Vec::new();
        }
        let file = &files[at];
        let router = Router {
            policy,
            settings,
            client: &self.clients[at],
            bindings: routes::bindings(&file.manifest),
            may_name_indexes: self.roles[at] != Role::Inventory,
        };
        let chosen = Chosen::of(&file.manifest, &settings.scope);
        let requirements = file.manifest.requirements.iter().enumerate();
        let judged = requirements.filter(|(_, requirement)| chosen.judges(&requirement.scope));
        judged
            .map(|(position, requirement)| RequirementSubject {
                source: file.metadata.get(position).unwrap_or(&file.source),
                environment: (file.format == Format::Environment).then_some(&file.source.path),
                requirement,
                pin: self.pin(at, requirement),
                route: match route(&router, requirement, book) {
                    Route::Indexes(_) if file.is_outside => Route::Unasked(OUTSIDE),
                    route => route,
                },
                client: self.client(at, position, requirement),
                role: &self.roles[at],
                ignores: &file.manifest.ignores,
                target: &self.targets[at],
                no_binary: is_built_from_source(requirement, &self.members[self.roots[at]], files),
                reader: reader_of(file.format),
            })
            .collect()
    }

    fn client(&self, at: usize, position: usize, requirement: &Requirement) -> &[ClientIndex] {
        if let Some(locked) = self.locked_clients[at].get(&position) {
            return locked;
        }
        let bound = requirement.name.as_ref();
        let bound = bound.and_then(|name| self.bound_clients[at].get(name));
        bound.unwrap_or(&self.clients[at])
    }

    fn pin<'a>(&'a self, at: usize, requirement: &'a Requirement) -> Option<&'a Version> {
        if let Some(version) = &requirement.version {
            return Some(version);
        }
        requirement.specifiers()?;
        let pins = || self.constraint_pins.get(&self.roots[at]);
        let constraint = || pins()?.get(requirement.name.as_ref()?);
        requirement.pin().or_else(constraint)
    }

    fn file<'a>(
        &'a self,
        at: usize,
        files: &'a [LoadedFile],
        machine: &'a [MachineSetting],
        (requirements, settings): (&[Vec<RequirementSubject<'a>>], &'a Settings),
    ) -> Option<FileSubject<'a>> {
        if matches!(self.roles[at], Role::IncludedBy(_)) {
            return None;
        }
        let file = &files[at];
        let together: Vec<_> = self.members[at]
            .iter()
            .flat_map(|member| requirements[*member].iter().cloned())
            .collect();
        let inputs = roles::inputs_of(at, files).map(|inputs| {
            inputs
                .into_iter()
                .flat_map(|input| self.members[input].iter())
                .flat_map(|member| input_requirements(&files[*member]))
                .collect()
        });
        Some(FileSubject {
            source: &file.source,
            manifest: &file.manifest,
            role: self.roles[at].clone(),
            settings: match self.roles[at] {
                // Nobody installs from it, so no setting takes effect with it.
                Role::Inventory => SettingsSubject::default(),
                _ => settings_of(&self.members[at], files, machine, &together),
            },
            requirements: together,
            locks: Locks {
                files,
                members: &self.members,
                choice: &settings.scope,
            }
            .of(at),
            inputs,
            target: &self.targets[at],
            tree: OnceCell::new(),
        })
    }
}

fn constraints_only(files: &[LoadedFile]) -> BTreeSet<usize> {
    (0..files.len())
        .filter(|at| {
            let by = &files[*at].included_by;
            !by.is_empty() && by.iter().all(|(_, is_constraint)| *is_constraint)
        })
        .collect()
}

/// The exact pins of the constraint files that files which are installed together name.
fn constraint_pins(members: &[usize], files: &[LoadedFile]) -> BTreeMap<ProjectName, Version> {
    let members: BTreeSet<_> = members.iter().collect();
    let mut pins = BTreeMap::new();
    for file in files {
        let is_constraint = file
            .included_by
            .iter()
            .any(|(by, is_constraint)| *is_constraint && members.contains(by));
        if is_constraint {
            for requirement in &file.manifest.requirements {
                if let (Some(name), Some(pin)) = (&requirement.name, requirement.pin()) {
                    pins.insert(name.clone(), pin.clone());
                }
            }
        }
    }
    pins
}

fn route(router: &Router<'_>, requirement: &Requirement, book: &mut AddressBook) -> Route {
    match (&requirement.name, requirement.specifiers()) {
        (Some(name), Some(_)) => router.route(name, requirement.index.as_ref(), book),
        _ => Route::Nowhere,
    }
}

/// Whether `--no-binary` asks for the source distribution of a requirement.
fn is_built_from_source(
    requirement: &Requirement,
    members: &[usize],
    files: &[LoadedFile],
) -> bool {
    let Some(name) = &requirement.name else {
        return false;
    };
    let mut built = false;
    let options = members.iter().flat_map(|at| &files[*at].manifest.options);
    for option in options {
        match &option.kind {
            InstallOptionKind::NoBinary(names) => {
                apply_format_control(&mut built, names, name, true);
            }
            InstallOptionKind::OnlyBinary(names) => {
                apply_format_control(&mut built, names, name, false);
            }
            _ => {}
        }
    }
    built
}

fn apply_format_control(built: &mut bool, names: &[String], name: &ProjectName, value: bool) {
    for listed in names {
        if listed == ":none:" {
            *built = !value && *built;
        } else if listed == ":all:" || listed.parse().as_ref() == Ok(name) {
            *built = value;
        }
    }
}

fn input_requirements(file: &LoadedFile) -> impl Iterator<Item = InputRequirement<'_>> {
    let requirements = file.manifest.requirements.iter();
    requirements
        .filter(|requirement| requirement.scope.is_needed() && requirement.scope != Scope::Build)
        .map(|requirement| InputRequirement {
            requirement,
            source: &file.source,
        })
}
