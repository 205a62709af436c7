//! What a search finds.

use std::collections::{BTreeMap, BTreeSet};

use pinproof_core::{ExtraName, ProjectName, Version};

/// One version for each project that is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Solution {
    /// What was chosen.
    pub chosen: BTreeMap<ProjectName, Chosen>,
    /// Extras that were asked for and that the chosen release does not have.
    pub unknown_extras: BTreeSet<(ProjectName, ExtraName)>,
}

/// A chosen release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Its version.
    pub version: Version,
    /// The extras that are asked for.
    pub extras: BTreeSet<ExtraName>,
    /// The labels of the roots that ask for it.
    pub roots: BTreeSet<String>,
    /// The projects that need it.
    pub needed_by: BTreeSet<ProjectName>,
}
