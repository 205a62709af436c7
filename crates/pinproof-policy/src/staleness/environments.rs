//! The environments that a lock is for, as far as it tells.

use pinproof_core::manifest::Requirement;
use pinproof_core::specifier::Prereleases;
use pinproof_core::{Environment, Manifest, Platform, PythonVersion, Specifiers, Version};

/// The oldest Python that a lock without a word about it may be for.
const OLDEST: u16 = 8;
/// The newest Python that is looked at; a later one asks for nothing that this does not.
const NEWEST: u16 = 15;

/// Environments of a lock.
pub(super) struct Environments {
    /// For each Python, one environment for each platform.
    of_python: Vec<Vec<Environment>>,
    /// Whether the lock is for each of these Pythons; otherwise it is for some that nobody knows.
    is_known: bool,
    /// Whether it is for every platform; otherwise for one that nobody knows.
    is_universal: bool,
}

impl Environments {
    pub(super) fn of(lock: &Manifest) -> Self {
        let header = lock.header.as_ref();
        let is_universal = header.is_some_and(|header| header.universal);
        let named = header.and_then(|header| header.python);
        let pythons = match (named, &lock.requires_python) {
            (Some(python), _) if !is_universal => vec![python],
            (Some(oldest), _) => (oldest.minor..=NEWEST)
                .map(|minor| python(minor, None))
                .collect(),
            (None, Some(specifiers)) => within(specifiers),
            (None, None) => (OLDEST..NEWEST).map(|minor| python(minor, None)).collect(),
        };
        let on_each = |python| {
            Platform::ALL
                .map(|platform| Environment::of_target(python, platform))
                .into()
        };
        Self {
            of_python: pythons.into_iter().map(on_each).collect(),
            is_known: named.is_some() || lock.requires_python.is_some(),
            is_universal,
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Environment> {
        self.of_python.iter().flatten()
    }

    /// Whether the lock must have what a requirement asks for. Where it is not known for which environment a lock
    /// was made, the requirement has to be for every one that it may be.
    pub(super) fn need(&self, requirement: &Requirement) -> bool {
        let Some(marker) = &requirement.marker else {
            return true;
        };
        let holds = |environment: &Environment| marker.evaluate(environment, &[]);
        let mut pythons = self.of_python.iter().map(|on_each| {
            if self.is_universal {
                on_each.iter().any(holds)
            } else {
                on_each.iter().all(holds)
            }
        });
        if self.is_universal && self.is_known {
            pythons.any(|is_needed| is_needed)
        } else {
            !self.of_python.is_empty() && pythons.all(|is_needed| is_needed)
        }
    }
}

fn python(minor: u16, patch: Option<u16>) -> PythonVersion {
    PythonVersion {
        major: 3,
        minor,
        patch,
    }
}

/// The first and a late release of every Python that specifiers accept.
pub(super) fn within(specifiers: &Specifiers) -> Vec<PythonVersion> {
    let minors = 0..=NEWEST;
    let all = minors.flat_map(|minor| [0, 99].map(|patch| python(minor, Some(patch))));
    all.filter(|python| accepts(specifiers, *python)).collect()
}

fn accepts(specifiers: &Specifiers, python: PythonVersion) -> bool {
    let patch = python.patch.unwrap_or(0);
    let text = format!("{}.{}.{patch}", python.major, python.minor);
    let version: Option<Version> = text.parse().ok();
    version.is_some_and(|version| specifiers.contains(&version, Prereleases::Allow))
}
