//! Reads git repositories: what a path held at a commit, and when it changed.
//!
//! No process is started, and nothing of a repository is obeyed: its configuration is read only to know
//! how it is stored, no file is written, and hooks, filters, replacements and grafts mean nothing here.
//! Every object that is read is bounded by [`Limits`] and hashed again, so a damaged repository is an
//! error and never another answer.

mod error;
mod history;
mod layout;
mod objects;
mod revision;
mod tree;

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use gix_hash::ObjectId;
use jiff::Timestamp;

pub use error::GitError;
pub use history::{Change, Commits, History, Moment, Refs, Select};
pub use tree::{Entry, EntryKind};

use layout::Layout;
use objects::Objects;

/// How much of a repository is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a file's content.
    pub blob_bytes: usize,
    /// Bytes of a commit, a tree or a tag.
    pub object_bytes: usize,
    /// Commits that a history goes back.
    pub commits: usize,
    /// Folders and files that one history looks at, each version counted.
    pub entries: usize,
    /// Folders within folders.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: usize = 1024 * 1024;
        Self {
            blob_bytes: 128 * MIB,
            object_bytes: 32 * MIB,
            commits: 200_000,
            entries: 20_000_000,
            depth: 64,
        }
    }
}

/// The name of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(ObjectId);

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: Id,
    /// When it was committed, as whoever made it says.
    pub time: Timestamp,
    /// Its folder.
    pub tree: Id,
    parents: Vec<Id>,
}

/// An opened repository with its working tree.
pub struct Repository {
    work_tree: PathBuf,
    objects: Objects,
    refs: gix_ref::file::Store,
    /// The commits whose parents a shallow clone does not have.
    shallow: BTreeSet<Id>,
    limits: Limits,
}

impl Repository {
    /// Opens the repository whose working tree `start` lies in: the nearest folder upwards with `.git`.
    pub fn discover(start: &Path, limits: Limits) -> Result<Self, GitError> {
        let layout = Layout::find(start)?;
        let objects = Objects::open(&layout, &limits)?;
        let kind = gix_hash::Kind::Sha1;
        let refs = if layout.git_dir == layout.common_dir {
            gix_ref::file::Store::at(layout.git_dir.clone(), kind)
        } else {
            let (own, common) = (layout.git_dir.clone(), layout.common_dir.clone());
            gix_ref::file::Store::for_linked_worktree(own, common, kind)
        };
        Ok(Self {
            shallow: layout.shallow()?,
            work_tree: layout.work_tree,
            objects,
            refs,
            limits,
        })
    }

    /// The folder whose files it records.
    pub fn work_tree(&self) -> &Path {
        &self.work_tree
    }

    /// Whether it was cloned without its older commits.
    pub fn is_shallow(&self) -> bool {
        !self.shallow.is_empty()
    }

    /// The content of a file.
    pub fn read(&self, blob: Id) -> Result<Vec<u8>, GitError> {
        self.objects.blob(blob)
    }
}

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repository")
            .field("work_tree", &self.work_tree)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Id {
    /// Its first digits, enough for people.
    pub fn short(&self) -> String {
        self.0.to_hex_with_len(12).to_string()
    }
}
