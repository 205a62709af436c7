//! `exposed`: was a release ever locked or installed here, when did it come, and when did it go?
//!
//! What is looked at are the locks, manifests and bills of materials of every commit and of the working
//! tree, the metadata of installed environments, the logs of gateways, and the names in the caches of installers. "Not found"
//! is an answer only where everything could be read: whatever could not is a [`Gap`], and the exit code
//! is not 0.
//!
//! A cache is another kind of witness: it forgets, and parts of it have no names. So what it has counts,
//! and what it has not counts for nothing: it cannot turn an answer into "no", nor does it spoil one.

mod asked;
mod caches;
mod contents;
mod environments;
mod gateways;
mod holders;
mod past;
mod timeline;
mod work_tree;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use pinproof_core::{Printable, ProjectName, Version};
use pinproof_sources::git::{GitError, Limits, Refs, Repository};

pub use asked::{Asked, Flaw, Hit, Question, UnknownAdvisory};
pub use gateways::{Answered, FileAnswers, Gateway, GatewayLog};

use crate::inputs::{normalize, shown_path};
use crate::report::ExitCode;
use crate::settings::Settings;

/// Where it is looked for.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Folders in git repositories; the whole repository of each is looked through.
    pub repositories: Vec<PathBuf>,
    /// Environments, as for a check.
    pub environments: Vec<PathBuf>,
    /// Gateways, each with what its log says.
    pub gateways: Vec<Gateway>,
    /// Caches of pip, uv or pinproof that were named.
    pub caches: Vec<PathBuf>,
    /// Where caches of this user may be; one that is not there is no error.
    pub usual_caches: Vec<PathBuf>,
    /// Every branch and tag instead of what is checked out.
    pub all_refs: bool,
}

/// What was found, and what could not be found out.
#[derive(Clone, Debug, Default)]
pub struct Exposure {
    /// Where it was.
    pub sightings: Vec<Sighting>,
    /// What could not be read: there it may have been too.
    pub gaps: Vec<Gap>,
    /// What was named and is nothing that can be looked at.
    pub errors: Vec<Gap>,
    /// What a cache cannot tell, by its nature.
    pub notes: Vec<Gap>,
    /// What was looked at.
    pub looked_at: Vec<LookedAt>,
}

/// A release in a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The file, or what an environment or a cache keeps of it, as reports show it.
    pub path: Printable,
    /// The project.
    pub project: ProjectName,
    /// The version.
    pub version: Version,
    /// Whether it is surely one that is looked for, and what mends it.
    pub hit: Hit,
    /// In which way it is, or was, there.
    pub presence: Presence,
}

/// In which way a release is, or was, in a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// In a file of a repository.
    Locked {
        /// When it came; `None` if it was there before the first commit that was looked at.
        came: Option<Seen>,
        /// When it went; `None` while it is there.
        went: Option<Went>,
        /// In how many committed versions of the file it was.
        versions: usize,
    },
    /// Installed; nothing tells since when.
    Installed,
    /// Handed out by a gateway, as its log says.
    HandedOut {
        /// The file.
        filename: Printable,
        /// When it might be had first.
        from: Timestamp,
        /// When it might not be had any more; `None` while it may.
        until: Option<Timestamp>,
        /// How often it was asked for, its metadata included, and might be had.
        times: u64,
        /// How often it might not.
        refused: u64,
    },
    /// In a cache of an installer; nothing tells since when, or whether it was installed.
    Cached,
}

/// A moment of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A commit.
    Committed {
        /// When it was made, as whoever made it says.
        time: Timestamp,
        /// Its id.
        commit: String,
        /// Whether the history is not known further back, so that it may have been earlier.
        or_earlier: bool,
    },
    /// In the working tree, and in no commit that was looked at.
    Uncommitted,
}

/// That a release went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Went {
    /// When.
    pub seen: Seen,
    /// The versions that the file pinned instead; none if it pinned none.
    pub then: Vec<Then>,
}

/// A version that took the place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Then {
    /// The version.
    pub version: Version,
    /// Whether it is one that is looked for, too.
    pub is_hit: bool,
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
        /// Files of the working tree.
        in_work_tree: usize,
    },
    /// An installed environment.
    Environment {
        /// Its folder.
        path: Printable,
        /// Installed distributions.
        distributions: usize,
    },
    /// The log of a gateway.
    Gateway {
        /// Its folder.
        path: Printable,
        /// How many entries it has.
        entries: u64,
        /// The time of the oldest.
        since: Option<Timestamp>,
    },
    /// A cache.
    Cache {
        /// Its folder.
        path: Printable,
        /// Whose it is.
        tool: &'static str,
        /// The names in it that were looked at.
        names: usize,
    },
}

impl Exposure {
    /// 2 where a named place cannot be looked at, 1 where something was found, 3 where it may have been.
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

/// Looks for what is asked for; `settings` say what paths are relative to.
pub fn exposed(asked: &Asked, places: &Places, settings: &Settings) -> Exposure {
    let mut exposure = Exposure {
        gaps: asked.gaps.clone(),
        ..Exposure::default()
    };
    // The sources do not even tell which projects an advisory is about.
    if asked.projects().next().is_none() {
        return exposure;
    }
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
                    let top = shown_path(repository.work_tree(), &settings.base);
                    past::look(asked, &repository, refs, &top, &mut exposure);
                }
            }
            Err(error) => exposure.errors.push(gap_of(path, &error, &settings.base)),
        }
    }
    for path in &places.environments {
        environments::look(asked, path, settings, &mut exposure);
    }
    for gateway in &places.gateways {
        gateways::look(asked, gateway, settings, &mut exposure);
    }
    for path in &places.caches {
        caches::look(asked, path, &settings.base, &mut exposure);
    }
    for path in places.usual_caches.iter().filter(|path| path.exists()) {
        caches::look_if_any(asked, path, &settings.base, &mut exposure);
    }
    let is_caches_alone = places.repositories.is_empty()
        && places.environments.is_empty()
        && places.gateways.is_empty();
    if is_caches_alone && exposure.sightings.is_empty() {
        exposure.gaps.push(Gap {
            path: Printable::new("caches"),
            why: Printable::new("nothing else was looked at, and a cache forgets"),
            help: Some(Printable::new(
                "name a repository, an environment with `--environment`, or a gateway with `--gateway`, too",
            )),
        });
    }
    exposure.gaps.sort();
    exposure.gaps.dedup();
    exposure
}

fn open(path: &Path) -> Result<Repository, GitError> {
    Repository::discover(&normalize(path), Limits::default())
}

fn gap_of(path: &Path, error: &GitError, base: &Path) -> Gap {
    Gap {
        path: shown_path(path, base),
        why: Printable::from(error.to_string()),
        help: error.hint().map(Printable::from),
    }
}
