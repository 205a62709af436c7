//! A lock as `pinproof lock` makes it, before it is written in a format.

use std::collections::BTreeSet;

use crate::{ExtraName, Hash, HashAlgorithm, ProjectName, Specifiers, Version};

/// Releases with their hashes, and the environments that they are right for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// The environments, as markers (PEP 508), each once, in a stable order; empty for any.
    pub environments: Vec<String>,
    /// The Python versions it is for, if they are stated.
    pub requires_python: Option<Specifiers>,
    /// What it was made from, in a stable order.
    pub inputs: Vec<LockInput>,
    /// The releases by name, then version. A name may have several, with markers that exclude each
    /// other.
    pub releases: Vec<LockedRelease>,
}

/// A file that a lock was made from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LockInput {
    /// Its path, relative to the folder of the lock, with `/` between parts.
    pub path: String,
    /// The SHA-256 of its text, with line ends made `\n`; lower-case hex.
    pub sha256: String,
}

/// One release of a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedRelease {
    /// The project.
    pub project: ProjectName,
    /// The version.
    pub version: Version,
    /// The extras that something asks for.
    pub extras: BTreeSet<ExtraName>,
    /// Where it is from.
    pub origin: LockedOrigin,
    /// The environments that need it, as a marker (PEP 508); `None` for all of the lock.
    pub marker: Option<String>,
    /// `Requires-Python` of the release, as written by its authors; untrusted text.
    pub requires_python: Option<String>,
    /// Its distributions, by file name.
    pub files: Vec<LockedFile>,
    /// Who needs it, in a stable order.
    pub via: BTreeSet<LockedVia>,
    /// The projects of the lock that it needs in turn.
    pub needs: BTreeSet<ProjectName>,
    /// Nothing but a build can install it somewhere; `--allow-build` admitted it.
    pub needs_build: bool,
}

/// Where a release is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LockedOrigin {
    /// An index; a format that can do without says nothing of it.
    Index,
    /// One file at an address, without credentials.
    Url(String),
}

/// One distribution of a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedFile {
    /// The file name, checked to be one: no separators, no control characters.
    pub filename: String,
    /// Whether it is a wheel; otherwise it is a source distribution.
    pub is_wheel: bool,
    /// Its address, without credentials.
    pub url: String,
    /// Its hashes; at least one is strong.
    pub hashes: Vec<Hash>,
    /// Its size in bytes, if the index says it.
    pub size: Option<u64>,
    /// Nobody published its hash: pinproof read the file once, and what it read is what the hash says.
    pub is_hashed_here: bool,
}

/// Who needs a release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockedVia {
    /// An input of the lock: its path, as in [`LockInput`], or `pyproject.toml (group dev)`.
    Input(String),
    /// Another release of the lock.
    Project(ProjectName),
}

impl LockedFile {
    /// The hash that a lock writes: SHA-256, which every installer and index knows, or else the strongest.
    pub fn hash(&self) -> Option<&Hash> {
        self.hashes
            .iter()
            .max_by_key(|hash| match hash.algorithm() {
                HashAlgorithm::Sha256 => 4,
                HashAlgorithm::Sha512 => 3,
                HashAlgorithm::Sha384 => 2,
                algorithm => u8::from(algorithm.is_strong()),
            })
    }
}
