//! Whom an installing client would ask: the index settings that take effect with a file, and what follows.

use std::collections::BTreeMap;

use pinproof_core::index::{Address, LocationKind};
use pinproof_core::manifest::{InstallOptionKind, Requirement};
use pinproof_core::settings::{Client, MachineSetting};
use pinproof_core::{IndexUrl, Place, ProjectName, SourceFile, Span};
use pinproof_policy::subject::{ClientIndex, Placed, Reader, RequirementSubject, SettingsSubject};

use crate::inputs::{Format, LoadedFile};
use crate::roles;
use crate::routes::{self, is_pypi, pypi};

/// The names that a file binds to one of its indexes (uv's sources), with that index.
pub(crate) fn bound_clients(file: &LoadedFile) -> BTreeMap<ProjectName, Vec<ClientIndex>> {
    let bindings = routes::bindings(&file.manifest).into_iter();
    bindings
        .map(|(project, (url, span))| (project.clone(), vec![client_at(url, span, file)]))
        .collect()
}

/// The indexes that a lock says its entries are from.
pub(crate) fn locked_clients(file: &LoadedFile) -> BTreeMap<usize, Vec<ClientIndex>> {
    let requirements = file.manifest.requirements.iter().enumerate();
    requirements
        .filter_map(|(position, requirement)| {
            let url = requirement.index.as_ref()?;
            let client = client_at(url, requirement.origin_span, file);
            Some((position, vec![client]))
        })
        .collect()
}

fn client_at(url: &IndexUrl, span: Span, file: &LoadedFile) -> ClientIndex {
    ClientIndex {
        is_pypi: is_pypi(url),
        address: url.clone(),
        place: Some(place_in(&file.source, Some(span))),
    }
}

pub(crate) fn reader_of(format: Format) -> Reader {
    match format {
        Format::Conda => Reader::Conda,
        Format::Requirements | Format::Sbom | Format::Environment => Reader::Pip,
        Format::Pyproject | Format::Pipfile | Format::Script => Reader::Uv,
        Format::Pylock
        | Format::UvLock
        | Format::PoetryLock
        | Format::PdmLock
        | Format::PipfileLock => Reader::Lock,
    }
}

/// The client whose settings on the machine count for a file; Poetry, PDM and Pipenv have their own.
fn client_of(format: Format) -> Option<Client> {
    match format {
        Format::Requirements
        | Format::Conda
        | Format::Sbom
        | Format::Environment
        | Format::Pylock => Some(Client::Pip),
        Format::Pyproject | Format::Script | Format::UvLock => Some(Client::Uv),
        Format::PoetryLock | Format::PdmLock | Format::PipfileLock | Format::Pipfile => None,
    }
}

/// The index settings that a file is installed with: its own, those of its includes, the machine's.
pub(crate) fn settings_of<'a>(
    members: &[usize],
    files: &'a [LoadedFile],
    machine: &'a [MachineSetting],
    together: &[RequirementSubject<'a>],
) -> SettingsSubject<'a> {
    let root = &files[members[0]];
    let (reader, client) = (reader_of(root.format), client_of(root.format));
    let mut subject = SettingsSubject {
        reader,
        requirements: together.iter().map(placed).collect(),
        bindings: root.manifest.bindings.iter().collect(),
        ..SettingsSubject::default()
    };
    // A requirements file's own `--index-url` makes pip forget the machine's indexes.
    let has_own_index = has_own_index(members, files);
    for setting in machine
        .iter()
        .filter(|setting| Some(setting.client) == client)
    {
        add_machine(&mut subject, setting, !has_own_index);
    }
    for file in members.iter().map(|at| &files[*at]) {
        for location in &file.manifest.locations {
            subject.locations.push(Placed {
                place: place_in(&file.source, location.span),
                value: location,
                in_project: true,
            });
        }
        for option in &file.manifest.options {
            subject.options.push(Placed {
                place: place_in(&file.source, Some(option.span)),
                value: option,
                in_project: true,
            });
        }
    }
    subject
}

fn placed<'a>(subject: &RequirementSubject<'a>) -> Placed<&'a Requirement> {
    Placed {
        value: subject.requirement,
        place: subject.place(""),
        in_project: true,
    }
}

fn has_own_index(members: &[usize], files: &[LoadedFile]) -> bool {
    let locations = members.iter().flat_map(|at| &files[*at].manifest.locations);
    locations
        .into_iter()
        .any(|location| location.kind == LocationKind::Default)
}

fn place_in(source: &SourceFile, span: Option<Span>) -> Place {
    Place::in_file(source, span.unwrap_or_default(), "")
}

fn add_machine<'a>(
    subject: &mut SettingsSubject<'a>,
    setting: &'a MachineSetting,
    with_indexes: bool,
) {
    let place = || Place {
        origin: setting.origin.clone(),
        span: None,
        label: pinproof_core::Printable::default(),
    };
    for location in &setting.config.locations {
        if with_indexes || location.kind == LocationKind::FindLinks {
            subject.locations.push(Placed {
                place: place(),
                value: location,
                in_project: false,
            });
        }
    }
    for option in &setting.config.options {
        subject.options.push(Placed {
            place: place(),
            value: option,
            in_project: false,
        });
    }
}

pub(crate) fn machine_subjects(machine: &[MachineSetting]) -> Vec<SettingsSubject<'_>> {
    let clients = [(Client::Pip, Reader::Pip), (Client::Uv, Reader::Uv)];
    let subjects = clients.into_iter().map(|(client, reader)| {
        let mut subject = SettingsSubject {
            reader,
            ..SettingsSubject::default()
        };
        for setting in machine.iter().filter(|setting| setting.client == client) {
            add_machine(&mut subject, setting, true);
        }
        subject
    });
    subjects
        .filter(|subject| !subject.locations.is_empty() || !subject.options.is_empty())
        .collect()
}

/// The files whose indexes count for a file: those that are installed with it. PDM's lock does not say where
/// its entries are from: the project does that it was made for.
pub(crate) fn with_indexes_of(
    root: usize,
    members: &[Vec<usize>],
    files: &[LoadedFile],
) -> Vec<usize> {
    let mut members = members[root].clone();
    if files[root].format == Format::PdmLock {
        members.extend(roles::inputs_of(root, files).into_iter().flatten());
    }
    members
}

/// Whom the client that installs a file would ask for a name that nothing binds.
pub(crate) fn client(
    members: &[usize],
    files: &[LoadedFile],
    machine: &[MachineSetting],
) -> Vec<ClientIndex> {
    let client = client_of(files[members[0]].format);
    let subject = settings_of(members, files, machine, &[]);
    let asks_none = subject
        .options
        .iter()
        .any(|option| option.value.kind == InstallOptionKind::NoIndex);
    if asks_none {
        return Vec::new();
    }
    let of_kind = |kind: LocationKind| {
        subject.locations.iter().filter_map(move |location| {
            let Address::Url(url) = &location.value.address else {
                return None;
            };
            (location.value.kind == kind && !location.value.explicit).then(|| ClientIndex {
                is_pypi: is_pypi(url),
                address: url.clone(),
                place: Some(location.place.clone()),
            })
        })
    };
    let own_default = || {
        pypi().map(|address| ClientIndex {
            address: address.clone(),
            place: None,
            is_pypi: true,
        })
    };
    let default = of_kind(LocationKind::Default)
        .next_back()
        .or_else(own_default);
    let extras = of_kind(LocationKind::Extra);
    match client {
        None | Some(Client::Pip) => default.into_iter().chain(extras).collect(),
        // uv asks its other indexes before the default one.
        Some(Client::Uv) => extras.chain(default).collect(),
    }
}
