//! Markers for a part of the environments that a lock is for.
//!
//! A lock lists its environments, so a marker only has to tell these apart: what it says of others has no
//! meaning. `sys_platform == 'win32'` is enough where Windows is one of two platforms.

mod axis;
mod cover;

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::{Environment, PythonVersion};
use axis::Axes;

/// How many environments markers are made for; releases of Python times platforms are far fewer.
const MAX_CELLS: usize = 128;

/// Why there is no marker.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoMarker {
    /// None of the environments is chosen.
    #[error("no environment needs it")]
    Nowhere,
    /// Every variable of a marker has the same value in both: glibc and musl are no marker's business.
    #[error("no marker tells {chosen} and {other} apart")]
    Alike {
        /// The one that is chosen.
        chosen: Box<Environment>,
        /// The one that is not.
        other: Box<Environment>,
    },
    /// There are more environments than markers are made for.
    #[error("{0} environments are more than the {MAX_CELLS} that markers are made for")]
    TooMany(usize),
}

/// What markers can know of an environment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cell {
    /// With a patch number.
    python: PythonVersion,
    platform: Machine,
}

/// What markers can know of a platform.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Machine {
    sys_platform: String,
    platform_machine: String,
}

impl Machine {
    fn of(environment: &Environment) -> Self {
        let value = |name| {
            environment
                .marker_value(name)
                .unwrap_or_default()
                .to_owned()
        };
        Self {
            sys_platform: value("sys_platform"),
            platform_machine: value("platform_machine"),
        }
    }
}

impl Cell {
    fn of(environment: &Environment) -> Self {
        let python = environment.python();
        Self {
            python: PythonVersion {
                patch: Some(python.patch.unwrap_or(0)),
                ..python
            },
            platform: Machine::of(environment),
        }
    }
}

/// The shortest clear marker that holds in exactly the `chosen` ones of `all` environments, by their
/// positions; `None` if these are all.
///
/// # Errors
///
/// No marker does that.
pub fn marker_for(
    all: &[Environment],
    chosen: &BTreeSet<usize>,
) -> Result<Option<String>, NoMarker> {
    let mut cells: BTreeMap<Cell, (bool, &Environment)> = BTreeMap::new();
    for (at, environment) in all.iter().enumerate() {
        let is_chosen = chosen.contains(&at);
        let cell = cells.entry(Cell::of(environment));
        let (was_chosen, first) = *cell.or_insert((is_chosen, environment));
        if was_chosen != is_chosen {
            let (chosen, other) = if is_chosen {
                (environment, first)
            } else {
                (first, environment)
            };
            return Err(NoMarker::Alike {
                chosen: Box::new(chosen.clone()),
                other: Box::new(other.clone()),
            });
        }
    }
    if cells.len() > MAX_CELLS {
        return Err(NoMarker::TooMany(cells.len()));
    }
    let is_chosen: Vec<bool> = cells.values().map(|(is_chosen, _)| *is_chosen).collect();
    if is_chosen.iter().all(|is_chosen| *is_chosen) {
        return if cells.is_empty() {
            Err(NoMarker::Nowhere)
        } else {
            Ok(None)
        };
    }
    if !is_chosen.contains(&true) {
        return Err(NoMarker::Nowhere);
    }
    let axes = Axes::of(cells.into_keys().collect());
    Ok(Some(axes.marker(axes.mask(|at| is_chosen[at]))))
}

/// The markers of these environments, as a lock states for which it is: one for each platform and run of
/// Python versions, in a stable order. They hold nowhere else.
pub fn environments(all: &[Environment]) -> Vec<String> {
    let mut platforms: BTreeMap<Machine, BTreeSet<PythonVersion>> = BTreeMap::new();
    for environment in all {
        let pythons = platforms.entry(Machine::of(environment)).or_default();
        pythons.insert(environment.python());
    }
    let of_platform = |(platform, pythons): (&Machine, &BTreeSet<PythonVersion>)| {
        let Machine {
            sys_platform,
            platform_machine,
        } = platform;
        let rest = format!(
            "sys_platform == '{sys_platform}' and platform_machine == '{platform_machine}' and implementation_name == 'cpython'"
        );
        let runs = runs(pythons).into_iter();
        runs.map(|run| format!("{run} and {rest}"))
            .collect::<Vec<_>>()
    };
    platforms.iter().flat_map(of_platform).collect()
}

/// Python versions as markers: neighbours are one.
fn runs(pythons: &BTreeSet<PythonVersion>) -> Vec<String> {
    let whole = |python: &PythonVersion| PythonVersion {
        patch: None,
        ..*python
    };
    let mut minors: Vec<(PythonVersion, PythonVersion)> = Vec::new();
    let mut markers = Vec::new();
    for python in pythons {
        match minors.last_mut() {
            _ if python.patch.is_some() => {
                if !pythons.contains(&whole(python)) {
                    markers.push(format!("python_full_version == '{python}'"));
                }
            }
            Some((_, end)) if *end == *python => *end = after(*python),
            _ => minors.push((*python, after(*python))),
        }
    }
    for (start, end) in minors {
        markers.push(if after(start) == end {
            format!("python_version == '{start}'")
        } else {
            format!("python_version >= '{start}' and python_version < '{end}'")
        });
    }
    markers
}

fn after(python: PythonVersion) -> PythonVersion {
    PythonVersion {
        minor: python.minor.saturating_add(1),
        ..python
    }
}
