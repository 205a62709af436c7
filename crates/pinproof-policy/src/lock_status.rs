//! "Is this a lock file?": what a file is, and which property of a lock it lacks.
//!
//! A lock pins every requirement to one version, holds every one to a strong hash, and names the full
//! dependency tree.

use std::fmt;

use pinproof_core::manifest::{LockTool, Origin};
use serde::Serialize;

use crate::decide::needs;
use crate::evidence::Evidence;
use crate::policy::Policy;
use crate::rule::Need;
use crate::subject::{FileSubject, RequirementSubject};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LockKind {
    /// Pinned, hashed and complete.
    Lock,
    /// No requirement at all.
    Empty,
    /// No requirement is pinned to one version.
    Ranges,
    /// Some requirements are pinned, some are not.
    PartlyPinned,
    /// All pinned, none hashed.
    PinnedWithoutHashes,
    /// All pinned, some hashed.
    PartlyHashed,
    /// All pinned and hashed; a dependency is missing.
    IncompleteTree,
    /// All pinned and hashed; whether anything is missing could not be found out.
    UnknownTree,
    /// All pinned and hashed; no rule asks whether anything is missing.
    UnaskedTree,
}

/// What a file is, with the counts behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LockStatus {
    /// The answer.
    pub kind: LockKind,
    /// Its requirements, those of included files counted in.
    pub requirements: usize,
    /// How many are held to one version, one commit or one hashed URL.
    pub pinned: usize,
    /// How many are held to a strong hash; those of this machine are not counted in.
    pub hashed: usize,
    /// How many are held to a full commit id instead of a hash; pip's hash mode refuses them.
    pub by_commit: usize,
    /// How many are files or folders of this machine; pip's hash mode refuses them.
    pub local: usize,
    /// All hashes written in the file.
    pub hashes: usize,
    /// Looks like the output of `pip freeze`.
    pub is_freeze_output: bool,
    /// Needed, and not in the file.
    pub missing: usize,
    /// In the file, and needed by no declared input; `None` where the inputs are not known.
    pub unneeded: Option<usize>,
    /// Needed by the same Python on other platforms only, and not in the file.
    pub elsewhere: Vec<String>,
    /// Who wrote it.
    pub tool: Option<LockTool>,
}

impl LockStatus {
    /// Judges a file on what it says and on the metadata of its pinned releases.
    pub fn of(file: &FileSubject<'_>, evidence: &Evidence, policy: &Policy) -> Self {
        let subjects = &file.requirements;
        let count = |holds: fn(&RequirementSubject<'_>) -> bool| {
            subjects.iter().filter(|subject| holds(subject)).count()
        };
        let tree = file.tree(evidence);
        let mut status = Self {
            kind: LockKind::Empty,
            requirements: subjects.len(),
            pinned: count(is_pinned),
            hashed: count(|subject| !is_local(subject) && subject.requirement.has_strong_hash()),
            by_commit: count(|subject| subject.requirement.is_pinned_to_commit()),
            local: count(is_local),
            hashes: subjects
                .iter()
                .map(|subject| subject.requirement.hashes.len())
                .sum(),
            is_freeze_output: is_freeze_output(file),
            missing: tree.map_or(0, |tree| tree.missing.len()),
            unneeded: tree
                .and_then(|tree| tree.unneeded.as_ref().map(std::collections::BTreeSet::len)),
            elsewhere: tree.map_or_else(Vec::new, |tree| {
                tree.elsewhere.keys().map(ToString::to_string).collect()
            }),
            tool: file.manifest.header.as_ref().and_then(|header| header.tool),
        };
        status.kind = status.classify(tree.and_then(crate::tree::Tree::is_complete));
        if status.kind == LockKind::UnknownTree && !needs(policy, Need::Metadata) {
            status.kind = LockKind::UnaskedTree;
        }
        status
    }

    fn classify(&self, is_complete: Option<bool>) -> LockKind {
        let third_party = self.requirements - self.local;
        let held = self.hashed + self.by_commit;
        if self.requirements == 0 {
            LockKind::Empty
        } else if self.pinned == 0 {
            LockKind::Ranges
        } else if self.pinned < third_party {
            LockKind::PartlyPinned
        } else if self.hashed == 0 && held < third_party {
            LockKind::PinnedWithoutHashes
        } else if held < third_party {
            LockKind::PartlyHashed
        } else {
            match is_complete {
                Some(true) => LockKind::Lock,
                Some(false) => LockKind::IncompleteTree,
                None => LockKind::UnknownTree,
            }
        }
    }
}

fn is_local(subject: &RequirementSubject<'_>) -> bool {
    matches!(subject.requirement.origin, Origin::Path(_))
}

fn is_pinned(subject: &RequirementSubject<'_>) -> bool {
    match &subject.requirement.origin {
        Origin::Index(_) => subject.pin.is_some(),
        Origin::Url { .. } => subject.requirement.has_strong_hash(),
        Origin::Vcs { .. } => subject.requirement.is_pinned_to_commit(),
        Origin::Path(_) => false,
    }
}

/// `pip freeze` writes pins and nothing else: no head, no hashes, no options, sorted by name.
fn is_freeze_output(file: &FileSubject<'_>) -> bool {
    let manifest = file.manifest;
    let is_bare = manifest.header.is_none()
        && manifest.locations.is_empty()
        && manifest.options.is_empty()
        && manifest.includes.is_empty()
        && !file.source.text.contains('#');
    let from_index: Vec<_> = file.from_index().collect();
    // pip sorts by the normalized name, whatever the spelling.
    let is_sorted = from_index.iter().map(|(name, _)| name).is_sorted();
    is_bare
        && from_index.len() >= 3
        && from_index.iter().all(|(_, subject)| {
            subject.pin.is_some()
                && subject.requirement.hashes.is_empty()
                && subject.requirement.marker.is_none()
                && subject.requirement.extras.is_empty()
        })
        && is_sorted
}

impl fmt::Display for LockKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lock => "a lock file",
            Self::Empty => "empty",
            Self::Ranges => "not a lock file: it pins nothing",
            Self::PartlyPinned => "not a lock file: only part of it is pinned",
            Self::PinnedWithoutHashes => "not a lock file: pinned, but without hashes",
            Self::PartlyHashed => "not a lock file: only part of it is hashed",
            Self::IncompleteTree => "not a lock file: its dependency tree is incomplete",
            Self::UnknownTree => {
                "not known to be a lock file: its dependency tree could not be checked"
            }
            Self::UnaskedTree => {
                "pinned and hashed; no rule was asked whether its dependency tree is complete"
            }
        })
    }
}
