//! What changed between two locks: pins that came, went, changed or stayed.

use std::collections::{BTreeMap, BTreeSet};

use crate::index::redact;
use crate::lock::{Lock, LockedOrigin, LockedRelease};
use crate::manifest::{Manifest, Origin, Requirement};
use crate::{Hash, Printable, ProjectName, Version, filename};

/// A release of a lock, as far as two locks are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The project.
    pub project: ProjectName,
    /// The version.
    pub version: Version,
    /// The address of its one file; `None` for a release of an index.
    pub url: Option<Printable>,
    /// The hashes of its files.
    pub hashes: BTreeSet<Hash>,
}

/// What happened to one project, or to one release of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The project.
    pub project: ProjectName,
    /// What happened.
    pub kind: ChangeKind,
}

/// Kinds of changes.
///
/// A project may have several versions, each for its own environments: versions that both locks have
/// are compared one by one, the rest as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// The project is new, or has more versions than before.
    Added(BTreeSet<Version>),
    /// The project is gone, or has fewer versions than before.
    Removed(BTreeSet<Version>),
    /// Other versions took the place of these.
    Changed {
        /// The versions before.
        old: BTreeSet<Version>,
        /// The versions now.
        new: BTreeSet<Version>,
    },
    /// Nothing changed that decides which bytes are installed.
    Kept(Version),
    /// The same version has other files: alarming where some are [gone](Self::is_alarming).
    Rehashed {
        /// The version.
        version: Version,
        /// Hashes that it had and has no longer.
        gone: BTreeSet<Hash>,
        /// Hashes that it did not have.
        come: BTreeSet<Hash>,
    },
    /// The same version is from elsewhere: an address instead of an index, or another address.
    Moved {
        /// The version.
        version: Version,
        /// The address before; `None` for an index.
        old: Option<Printable>,
        /// The address now; `None` for an index.
        new: Option<Printable>,
    },
}

impl ChangeKind {
    /// Whether the same version is no longer the same files.
    ///
    /// Files are added to releases all the time, as for a new Python; one that goes, or whose bytes
    /// change, is what an attack looks like.
    pub fn is_alarming(&self) -> bool {
        match self {
            Self::Rehashed { gone, .. } => !gone.is_empty(),
            Self::Moved { .. } => true,
            _ => false,
        }
    }
}

impl From<&LockedRelease> for Pin {
    fn from(release: &LockedRelease) -> Self {
        let hashes = release.files.iter().flat_map(|file| &file.hashes);
        Self {
            project: release.project.clone(),
            version: release.version.clone(),
            url: match &release.origin {
                LockedOrigin::Index => None,
                LockedOrigin::Url(url) => Some(redact(url)),
            },
            hashes: hashes.cloned().collect(),
        }
    }
}

impl Pin {
    /// The pin of a requirement; `None` where it tells no name or no version.
    pub fn of_requirement(requirement: &Requirement) -> Option<Self> {
        let project = requirement.name.clone()?;
        let (url, in_filename) = match &requirement.origin {
            Origin::Url {
                shown, filename, ..
            } => {
                let parsed = filename::parse(filename, &project);
                (Some(shown.clone()), parsed.map(|parsed| parsed.version))
            }
            _ => (None, None),
        };
        let hashes = requirement.hashes.iter();
        Some(Self {
            version: requirement.pin().cloned().or(in_filename)?,
            project,
            url,
            hashes: hashes.map(|written| written.hash.clone()).collect(),
        })
    }
}

/// The pins of a lock.
pub fn pins_of_lock(lock: &Lock) -> Vec<Pin> {
    lock.releases.iter().map(Pin::from).collect()
}

/// The pins of a file that was read; a requirement that is no pin has none.
pub fn pins_of_manifest(manifest: &Manifest) -> Vec<Pin> {
    let requirements = manifest.requirements.iter();
    requirements.filter_map(Pin::of_requirement).collect()
}

/// What changed, by project and then by version.
pub fn diff(old: &[Pin], new: &[Pin]) -> Vec<Change> {
    let (mut old, new) = (by_project(old), by_project(new));
    let mut changes: BTreeMap<ProjectName, Vec<ChangeKind>> = BTreeMap::new();
    for (project, new) in new {
        let old = old.remove(&project).unwrap_or_default();
        changes.insert(project, of_project(&old, &new));
    }
    for (project, old) in old {
        changes.insert(project, of_project(&old, &Releases::new()));
    }
    let flat = |(project, kinds): (ProjectName, Vec<ChangeKind>)| {
        let change = move |kind| Change {
            project: project.clone(),
            kind,
        };
        kinds.into_iter().map(change)
    };
    changes.into_iter().flat_map(flat).collect()
}

/// The releases of a project: where each is from, and its hashes.
type Releases = BTreeMap<Version, (Option<Printable>, BTreeSet<Hash>)>;

/// A release that stands there twice, with two markers, has the hashes of both.
fn by_project(pins: &[Pin]) -> BTreeMap<ProjectName, Releases> {
    let mut projects: BTreeMap<ProjectName, Releases> = BTreeMap::new();
    for pin in pins {
        let releases = projects.entry(pin.project.clone()).or_default();
        let release = releases.entry(pin.version.clone()).or_default();
        if pin.url.is_some() {
            release.0.clone_from(&pin.url);
        }
        release.1.extend(pin.hashes.iter().cloned());
    }
    projects
}

fn of_project(old: &Releases, new: &Releases) -> Vec<ChangeKind> {
    let mut kinds = Vec::new();
    let only = |these: &Releases, others: &Releases| -> BTreeSet<Version> {
        let versions = these
            .keys()
            .filter(|version| !others.contains_key(*version));
        versions.cloned().collect()
    };
    match (only(old, new), only(new, old)) {
        (gone, come) if gone.is_empty() && come.is_empty() => {}
        (gone, come) if gone.is_empty() => kinds.push(ChangeKind::Added(come)),
        (gone, come) if come.is_empty() => kinds.push(ChangeKind::Removed(gone)),
        (old, new) => kinds.push(ChangeKind::Changed { old, new }),
    }
    for (version, (old_url, old_hashes)) in old {
        let Some((new_url, new_hashes)) = new.get(version) else {
            continue;
        };
        let moved = old_url != new_url;
        if moved {
            kinds.push(ChangeKind::Moved {
                version: version.clone(),
                old: old_url.clone(),
                new: new_url.clone(),
            });
        }
        let (gone, come) = exchanged(old_hashes, new_hashes);
        if !(gone.is_empty() && come.is_empty()) {
            let version = version.clone();
            kinds.push(ChangeKind::Rehashed {
                version,
                gone,
                come,
            });
        } else if !moved {
            kinds.push(ChangeKind::Kept(version.clone()));
        }
    }
    kinds
}

/// The hashes that are no longer there, and the new ones.
///
/// A file whose hash is written in another algorithm is not another file: only hashes of algorithms that
/// both have are compared. Hashes where there were none are new; none where there were some are gone.
fn exchanged(old: &BTreeSet<Hash>, new: &BTreeSet<Hash>) -> (BTreeSet<Hash>, BTreeSet<Hash>) {
    let algorithms =
        |hashes: &BTreeSet<Hash>| -> BTreeSet<_> { hashes.iter().map(Hash::algorithm).collect() };
    let shared = &algorithms(old) & &algorithms(new);
    let missing = |these: &BTreeSet<Hash>, others: &BTreeSet<Hash>| -> BTreeSet<Hash> {
        let hashes = these.difference(others);
        let hashes = hashes.filter(|hash| shared.contains(&hash.algorithm()));
        hashes.cloned().collect()
    };
    let gone = if new.is_empty() {
        old.clone()
    } else {
        missing(old, new)
    };
    let come = if shared.is_empty() {
        new.clone()
    } else {
        missing(new, old)
    };
    (gone, come)
}
