//! `exposed`: was a release ever locked or installed here, when did it come, and when did it go?
//!
//! What is looked at are the lock and requirements files of every commit, and the metadata of installed
//! environments. "Not found" is an answer only where everything could be read: whatever could not is a
//! [`Gap`], and the exit code is not 0.

mod contents;
mod installed;
mod past;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use pinproof_core::{Printable, ProjectName, Specifiers, Version};
use pinproof_sources::git::{GitError, Limits, Refs, Repository};

use crate::inputs::{normalize, shown_path};
use crate::report::ExitCode;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The project.
    pub project: ProjectName,
    /// The version; its local versions, such as `2.0+cpu` of `2.0`, count too.
    pub version: Version,
    versions: Specifiers,
}

/// Where it is looked for.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The folder that paths are relative to.
    pub base: PathBuf,
    /// Folders in git repositories; the whole repository of each is looked through.
    pub repositories: Vec<PathBuf>,
    /// Environments: folders with `*.dist-info`, or with a `lib` that leads to such a folder.
    pub environments: Vec<PathBuf>,
    /// Every branch and tag instead of what is checked out.
    pub all_refs: bool,
}

/// What was found, and what could not be found out.
#[derive(Clone, Debug, Default)]
pub struct Exposure {
    /// Where the release was.
    pub sightings: Vec<Sighting>,
    /// What could not be read: there it may have been too.
    pub gaps: Vec<Gap>,
    /// What was named and is nothing that can be looked at.
    pub errors: Vec<Gap>,
    /// What was looked at.
    pub looked_at: Vec<LookedAt>,
}

/// A place that had the release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The file or the environment, as reports show it.
    pub path: Printable,
    /// When it came; an installed release does not tell.
    pub came: Option<Seen>,
    /// When it went; `None` while it is still there.
    pub went: Option<Seen>,
    /// In how many versions of the file it was.
    pub versions: usize,
}

/// A moment of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When it was committed, as whoever made the commit says.
    pub time: Timestamp,
    /// The id of the commit.
    pub commit: String,
    /// Whether the history is not known further back, so that it may have been earlier.
    pub or_earlier: bool,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// Where.
    pub path: Printable,
    /// Why, as a sentence without a full stop.
    pub why: Printable,
    /// What to do about it.
    pub help: Option<Printable>,
}

/// What was looked at in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookedAt {
    /// The history of a repository.
    History {
        /// Its folder.
        path: Printable,
        /// Commits.
        commits: usize,
        /// Files, by path.
        files: usize,
        /// Their versions.
        versions: usize,
        /// The time of the oldest commit.
        since: Option<Timestamp>,
    },
    /// An installed environment.
    Environment {
        /// Its folder.
        path: Printable,
        /// Installed distributions.
        distributions: usize,
    },
}

impl Asked {
    /// Reads `NAME==VERSION`.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, version) = text.split_once("==")?;
        let project = name.trim().parse().ok()?;
        let version: Version = version.trim().parse().ok()?;
        let versions = format!("=={version}").parse().ok()?;
        Some(Self {
            project,
            version,
            versions,
        })
    }

    fn is(&self, version: &Version) -> bool {
        let prereleases = pinproof_core::specifier::Prereleases::Allow;
        *version == self.version || self.versions.contains(version, prereleases)
    }
}

impl Exposure {
    /// 2 where a named place cannot be looked at, 1 where the release was found, 3 where it may have been.
    pub fn exit_code(&self) -> ExitCode {
        if !self.errors.is_empty() {
            ExitCode::CouldNotRun
        } else if !self.sightings.is_empty() {
            ExitCode::Denied
        } else if !self.gaps.is_empty() {
            ExitCode::Undecided
        } else {
            ExitCode::Clean
        }
    }
}

/// Looks for the release.
pub fn exposed(asked: &Asked, places: &Places) -> Exposure {
    let mut exposure = Exposure::default();
    let refs = if places.all_refs {
        Refs::All
    } else {
        Refs::Head
    };
    let mut seen = BTreeSet::new();
    for path in &places.repositories {
        match open(path) {
            Ok(repository) => {
                if seen.insert(repository.work_tree().to_owned()) {
                    let top = shown_path(repository.work_tree(), &places.base);
                    past::look(asked, &repository, refs, &top, &mut exposure);
                }
            }
            Err(error) => exposure.errors.push(gap_of(path, &error, places)),
        }
    }
    for path in &places.environments {
        installed::look(asked, path, &places.base, &mut exposure);
    }
    exposure.gaps.sort();
    exposure.gaps.dedup();
    exposure
}

fn open(path: &Path) -> Result<Repository, GitError> {
    Repository::discover(&normalize(path), Limits::default())
}

fn gap_of(path: &Path, error: &GitError, places: &Places) -> Gap {
    Gap {
        path: shown_path(path, &places.base),
        why: Printable::from(error.to_string()),
        help: error.hint().map(Printable::from),
    }
}
