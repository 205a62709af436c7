//! How much a search may cost.

use pinproof_core::{Printable, ProjectName};
use thiserror::Error;

/// The bounds of a search. What a project needs comes from whoever published it, so all of it is bounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Decisions, those taken back included.
    pub steps: u64,
    /// Steps, each counted once for every release that was looked at before it: what a step costs grows
    /// with what is known.
    pub effort: u64,
    /// Projects that are looked at.
    pub projects: usize,
    /// Extras of projects that are looked at.
    pub extras: usize,
    /// Requirements of one release.
    pub requirements_per_release: usize,
    /// Requirements of all releases that are looked at.
    pub requirements: usize,
    /// Comparisons of a version with a clause of a specifier.
    pub comparisons: u64,
    /// Sentences of an explanation; what is beyond is counted.
    pub sentences: usize,
}

impl Default for Limits {
    /// Ten times and more of what the largest published applications take.
    fn default() -> Self {
        Self {
            steps: 200_000,
            effort: 200_000_000,
            projects: 10_000,
            extras: 10_000,
            requirements_per_release: 10_000,
            requirements: 2_000_000,
            comparisons: 50_000_000,
            sentences: 20,
        }
    }
}

/// A search that would cost more than it may.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TooMuch {
    /// Too many decisions.
    #[error("the search for versions that fit together took more than {0} steps")]
    Steps(u64),
    /// Too many decisions among too many releases.
    #[error("the search for versions that fit together went too often through too many releases")]
    Effort(u64),
    /// Too many projects, as an endless chain of requirements makes them.
    #[error("the requirements lead to more than {limit} projects; the last one is `{last}`")]
    Projects {
        /// How many there may be.
        limit: usize,
        /// The one too many.
        last: ProjectName,
    },
    /// Too many extras.
    #[error("the requirements ask for more than {limit} extras; the last one is of `{last}`")]
    Extras {
        /// How many there may be.
        limit: usize,
        /// The project of the one too many.
        last: ProjectName,
    },
    /// A release with too many requirements.
    #[error("`{release}` has more than {limit} requirements")]
    RequirementsOfRelease {
        /// How many there may be.
        limit: usize,
        /// The project and its version.
        release: Printable,
    },
    /// Too many requirements.
    #[error("the releases that were looked at have more than {0} requirements")]
    Requirements(usize),
    /// Too many comparisons of versions.
    #[error("the requirements would take more than {0} comparisons of versions")]
    Comparisons(u64),
}
