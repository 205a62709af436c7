//! Why a repository gives no answer, and what to do.

use pinproof_core::Printable;
use thiserror::Error;

/// Why a repository could not be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum GitError {
    /// No folder upwards has a `.git`.
    #[error("{path} is in no git repository")]
    NotARepository {
        /// Where the search started.
        path: Printable,
    },
    /// It is stored in a way that is not read.
    #[error("the git repository {path} cannot be read: {what}")]
    Unsupported {
        /// The repository.
        path: Printable,
        /// What is not supported.
        what: Printable,
    },
    /// A file of the repository cannot be read.
    #[error("{path} cannot be read: {why}")]
    Unreadable {
        /// The file.
        path: Printable,
        /// Why.
        why: Printable,
    },
    /// No branch, tag or commit has that name.
    #[error("this clone has no `{revision}`{}", if *.is_shallow { ": it is shallow" } else { "" })]
    UnknownRevision {
        /// As given.
        revision: Printable,
        /// Whether the clone lacks a part of the history.
        is_shallow: bool,
        /// The remote and its branch that the name probably means.
        remote: Option<(Printable, Printable)>,
    },
    /// The name is written in a way that is not read.
    #[error("`{revision}` is not read as a revision: {why}")]
    BadRevision {
        /// As given.
        revision: Printable,
        /// Why.
        why: &'static str,
    },
    /// The first digits of an id fit more than one commit.
    #[error("`{revision}` is the beginning of several commit ids")]
    AmbiguousId {
        /// As given.
        revision: Printable,
    },
    /// A name or an id of something else.
    #[error("`{revision}` is {what}, not a commit")]
    NotACommit {
        /// As given.
        revision: Printable,
        /// What it is.
        what: Printable,
    },
    /// The revision goes back further than the history.
    #[error("`{revision}` is older than the first commit {}", if *.is_shallow { "of this shallow clone" } else { "of this history" })]
    TooOld {
        /// As given.
        revision: Printable,
        /// Whether the clone lacks a part of the history.
        is_shallow: bool,
    },
    /// An object is named and not there.
    #[error("this clone lacks the object {id}")]
    Missing {
        /// The object.
        id: Printable,
        /// Whether it was cloned without some of its objects.
        is_partial: bool,
    },
    /// An object is not what its id says, or cannot be understood.
    #[error("the object {id} is damaged: {why}")]
    Damaged {
        /// The object.
        id: Printable,
        /// Why.
        why: Printable,
    },
    /// An object is larger than the limit.
    #[error("the object {id} has {size} bytes, more than {limit}")]
    TooLarge {
        /// The object.
        id: Printable,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: usize,
    },
    /// Folders are nested too deeply.
    #[error("folders are nested more than {limit} deep")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
}

impl GitError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownRevision {
                remote: Some((remote, branch)),
                ..
            } => Some(format!(
                "fetch it: `git fetch --depth=1 {remote} {branch}:refs/remotes/{remote}/{branch}`"
            )),
            Self::UnknownRevision {
                is_shallow: true, ..
            } => Some("fetch it: `git fetch --unshallow --tags`".to_owned()),
            Self::UnknownRevision { .. } => {
                Some("`git branch --all` and `git tag` list the names that there are".to_owned())
            }
            Self::BadRevision { .. } => Some(
                "name a branch, a tag or a commit, with ~N or ^N; `git rev-parse` turns anything \
                 into a commit id"
                    .to_owned(),
            ),
            Self::AmbiguousId { .. } => Some("write more of its digits".to_owned()),
            Self::TooOld {
                is_shallow: true, ..
            } => Some("fetch older commits: `git fetch --unshallow`".to_owned()),
            Self::Missing {
                is_partial: true, ..
            } => Some(
                "it is a partial clone: `git fetch --refetch --no-filter` completes it".to_owned(),
            ),
            Self::Missing { .. } | Self::Damaged { .. } => {
                Some("`git fsck` says what else is wrong".to_owned())
            }
            _ => None,
        }
    }
}
