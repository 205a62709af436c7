//! A line of options for the whole file, or an include.

use pinproof_core::index::{Address, LocationKind};
use pinproof_core::manifest::{Include, InstallOption, InstallOptionKind, Manifest, Scope};
use pinproof_core::{IndexLocation, ProjectName, Span};

use super::options::{Given, Name};
use super::problem::Problem;
use super::statement::Statement;
use super::variables;
use crate::address;

/// Values of `--use-feature` that pip 26 knows; it stops at any other.
const FEATURES: [&str; 6] = [
    "build-constraint",
    "fast-deps",
    "inprocess-build-deps",
    "no-binary-enable-wheel-cache",
    "truststore",
    "venv-isolation",
];

/// Reads the line into the manifest; returns the places of what was read.
pub(super) fn read(statement: &Statement<'_>, manifest: &mut Manifest) -> Vec<Span> {
    let given = &statement.options.given;
    let include = [Name::Requirement, Name::Constraint]
        .into_iter()
        .find_map(|name| given.iter().find(|given| given.name == name));
    let mut seen_find_links = false;
    for given in given {
        let is_heeded = match include {
            Some(include) => given == include || given.name.acts_everywhere(),
            // pip takes only the first of several on a line.
            None => given.name != Name::FindLinks || !std::mem::replace(&mut seen_find_links, true),
        };
        if is_heeded {
            set(statement, given, manifest);
        } else {
            statement.note_unheeded(given, manifest);
        }
    }
    given
        .iter()
        .map(|given| statement.span(given.range.clone()))
        .collect()
}

/// Enters one option into the manifest.
pub(super) fn set(statement: &Statement<'_>, given: &Given, manifest: &mut Manifest) {
    let span = statement.span(given.range.clone());
    let entry = match given.name {
        Name::Requirement => return manifest.includes.push(include(given, false, span)),
        Name::Constraint => return manifest.includes.push(include(given, true, span)),
        Name::IndexUrl => location(LocationKind::Default, statement, given),
        Name::ExtraIndexUrl => location(LocationKind::Extra, statement, given),
        Name::FindLinks => location(LocationKind::FindLinks, statement, given),
        _ => {
            match kind(given) {
                Ok(kind) => manifest.options.push(InstallOption { kind, span }),
                Err(problem) => manifest.not_understood.push(problem.at(span)),
            }
            return;
        }
    };
    if let Err(problem) = check_address(
        &entry.address,
        &variables::expand(&given.value, statement.env),
    ) {
        manifest.not_understood.push(problem.at(span));
    }
    manifest.locations.push(IndexLocation {
        span: Some(span),
        ..entry
    });
}

fn include(given: &Given, constraint: bool, span: Span) -> Include {
    Include {
        target: given.value.clone(),
        constraint,
        span,
        scope: if constraint {
            Scope::Constraint
        } else {
            Scope::Main
        },
    }
}

fn location(kind: LocationKind, statement: &Statement<'_>, given: &Given) -> IndexLocation {
    let value = variables::expand(&given.value, statement.env);
    let is_written_out = matches!(value, std::borrow::Cow::Borrowed(_));
    IndexLocation {
        kind,
        address: match Address::parse(&value) {
            address if is_written_out => address,
            Address::Url(url) => Address::Url(url.shown_as(address::shown(&given.value))),
            Address::Folder(_) => Address::Folder(given.value.clone()),
            Address::Invalid(_) => Address::Invalid(address::shown(&given.value)),
        },
        name: None,
        explicit: false,
        span: None,
    }
}

/// Whether it is known where a location leads; `value` has the values of variables and is not shown.
fn check_address(location: &Address, value: &str) -> Result<(), Problem> {
    let is_clear = |kind| address::is_unambiguous(value, kind);
    let problem = match location {
        Address::Url(_) if !address::kind(value).is_some_and(is_clear) => {
            Problem::new("an address that every reader takes apart differently")
                .help("write https://HOST/PATH, with special characters percent-encoded")
        }
        Address::Invalid(_) => Problem::new("neither an address of an index nor a folder")
            .help("an address starts with https://, http:// or file://"),
        Address::Url(_) | Address::Folder(_) => {
            let open = variables::variables(address::without_credentials(value)).next();
            let Some(variable) = open else {
                return Ok(());
            };
            let why = format!(
                "`${{{}}}` is not set here, and may be set where pip runs",
                variable.name
            );
            Problem::new(why).help("set the variable, or write the address out")
        }
    };
    Err(problem)
}

fn kind(given: &Given) -> Result<InstallOptionKind, Problem> {
    let value = given.value.as_str();
    match given.name {
        Name::NoIndex => Ok(InstallOptionKind::NoIndex),
        Name::RequireHashes => Ok(InstallOptionKind::RequireHashes),
        Name::NoRequireHashes => Ok(InstallOptionKind::NoRequireHashes),
        Name::TrustedHost if value.is_empty() => {
            Err(Problem::new("a host is missing; pip stops at it"))
        }
        Name::TrustedHost => Ok(InstallOptionKind::TrustedHost(value.to_owned())),
        Name::NoBinary => names(value).map(InstallOptionKind::NoBinary),
        Name::OnlyBinary => names(value).map(InstallOptionKind::OnlyBinary),
        Name::Pre => Ok(InstallOptionKind::Pre),
        Name::AllReleases => names(value).map(|names| {
            if names.iter().any(|name| name == ":all:") {
                InstallOptionKind::Pre
            } else {
                other(given)
            }
        }),
        Name::OnlyFinal => names(value).map(|_| other(given)),
        Name::UseFeature if !FEATURES.contains(&value) => {
            Err(Problem::new("pip knows no such feature and stops at it"))
        }
        Name::ConfigSettings if !value.contains('=') => Err(Problem::new(
            "`--config-settings` takes KEY=VALUE; pip stops at it",
        )),
        Name::Hash => Err(Problem::new("pip drops a hash without a requirement")
            .help("end the line above in a backslash, with no comment or blank line between")),
        _ => Ok(other(given)),
    }
}

fn other(given: &Given) -> InstallOptionKind {
    InstallOptionKind::Other(given.name.long().trim_start_matches('-').to_owned())
}

/// The projects of `--only-binary` and its kin, normalized; `:all:` and `:none:` stay as they are.
fn names(value: &str) -> Result<Vec<String>, Problem> {
    if value.starts_with('-') {
        return Err(Problem::new(
            "names of projects are expected, and this starts with `-`; pip stops at it",
        ));
    }
    let normalized = |name: &str| {
        let name = name.trim();
        name.parse::<ProjectName>()
            .map_or_else(|_| name.to_owned(), String::from)
    };
    Ok(value.split(',').map(normalized).collect())
}
