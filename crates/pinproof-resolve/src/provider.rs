//! Where the search learns what there is.

use std::sync::Arc;

use pinproof_core::requirement::Pep508;
use pinproof_core::{ExtraName, Printable, ProjectName, Version};

/// A question that got no answer: the search ends, because any result would depend on luck.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unanswered(pub Printable);

/// Answers the questions of a search.
///
/// An answer never changes during a search.
pub trait Provider {
    /// The versions of a project, lowest first, each once.
    ///
    /// # Errors
    ///
    /// Nobody answered.
    fn versions(&mut self, project: &ProjectName) -> Result<Versions, Unanswered>;

    /// Whether a version may be chosen. It is asked for one version after the other, the best first,
    /// and only as far as needed.
    ///
    /// # Errors
    ///
    /// Nobody answered.
    fn standing(
        &mut self,
        project: &ProjectName,
        version: &Version,
    ) -> Result<Standing, Unanswered>;

    /// What a version needs.
    ///
    /// # Errors
    ///
    /// Nobody answered.
    fn dependencies(
        &mut self,
        project: &ProjectName,
        version: &Version,
    ) -> Result<Dependencies, Unanswered>;

    /// Told of projects whose versions will be asked for, so that a provider can ask ahead.
    fn foresee(&mut self, projects: &[ProjectName]);
}

/// The versions of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Versions {
    /// These, lowest first.
    Known(Arc<[ListedVersion]>),
    /// There is no such project, or nobody may be asked for it; a sentence without a full stop.
    None(Printable),
}

/// A version that an index lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedVersion {
    /// The version.
    pub version: Version,
    /// PEP 592: withdrawn; chosen only where a root, a constraint, an override or a preference names
    /// exactly this version.
    pub yanked: bool,
}

/// Whether a version may be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Good,
    /// Only where no good one fits; why.
    Poor(Printable),
    /// Never; why, as a sentence without a full stop that can follow "1.2 is left out: ".
    Barred(Printable),
}

/// What a version needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dependencies {
    /// These.
    Known(Arc<Needs>),
    /// They cannot be read, so the version is never chosen; why, as in [`Standing::Barred`].
    Unreadable(Printable),
}

/// The requirements of a release, as its metadata has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    /// `Requires-Dist`.
    pub requires: Vec<Pep508>,
    /// `Provides-Extra`.
    pub extras: Vec<ExtraName>,
}
