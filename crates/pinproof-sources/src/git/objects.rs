//! The objects of a repository: found, bounded, hashed again, and only then believed.

use std::cell::RefCell;

use gix_hash::{Kind as Hash, ObjectId, Prefix};
use gix_object::{CommitRef, Find as _, Kind, TagRef};
use gix_odb::Header as _;
use jiff::Timestamp;
use pinproof_core::Printable;

use super::layout::{Layout, unreadable};
use super::{Commit, GitError, Id, Limits};

/// The object database of one repository: loose objects, packs, and those of its alternates.
pub(super) struct Objects {
    store: gix_odb::Handle,
    buffer: RefCell<Vec<u8>>,
    blob_bytes: usize,
    object_bytes: usize,
    is_partial: bool,
}

/// What the beginning of an id stands for.
pub(super) enum Found {
    One(Id),
    None,
    Several,
}

impl Objects {
    pub(super) fn open(layout: &Layout, limits: &Limits) -> Result<Self, GitError> {
        let folder = layout.common_dir.join("objects");
        let options = gix_odb::store::init::Options {
            alloc_limit_bytes: Some(limits.blob_bytes.max(limits.object_bytes)),
            ..Default::default()
        };
        // No replacements: a commit is what its id says.
        let store = gix_odb::at_opts(&folder, Hash::Sha1, None, options)
            .map_err(|error| unreadable(&folder, &error.to_string()))?;
        Ok(Self {
            store,
            buffer: RefCell::default(),
            blob_bytes: limits.blob_bytes,
            object_bytes: limits.object_bytes,
            is_partial: layout.is_partial,
        })
    }

    /// The content of a file.
    pub(super) fn blob(&self, id: Id) -> Result<Vec<u8>, GitError> {
        self.with(id, Kind::Blob, |bytes| Ok(bytes.to_vec()))
    }

    pub(super) fn commit(&self, id: Id) -> Result<Commit, GitError> {
        self.with(id, Kind::Commit, |bytes| {
            let commit = CommitRef::from_bytes(bytes, Hash::Sha1)
                .map_err(|error| damaged(id, &error.to_string()))?;
            // A date that nobody can read is no reason to lose the commit; git shows it as 1970 too.
            let seconds = commit
                .committer()
                .map(|by| by.seconds())
                .unwrap_or_default();
            Ok(Commit {
                id,
                time: Timestamp::from_second(seconds).unwrap_or_default(),
                tree: Id(commit.tree()),
                parents: commit.parents().map(Id).collect(),
            })
        })
    }

    /// The object that a tag points to.
    pub(super) fn tag(&self, id: Id) -> Result<Id, GitError> {
        self.with(id, Kind::Tag, |bytes| {
            let tag = TagRef::from_bytes(bytes, Hash::Sha1)
                .map_err(|error| damaged(id, &error.to_string()))?;
            Ok(Id(tag.target()))
        })
    }

    /// What an object is.
    pub(super) fn kind(&self, id: Id) -> Result<Kind, GitError> {
        Ok(self.header(id)?.kind())
    }

    /// The commit or tag whose id begins with `digits`.
    pub(super) fn beginning_with(&self, digits: &str) -> Result<Found, GitError> {
        let Ok(prefix) = Prefix::from_hex(digits) else {
            return Ok(Found::None);
        };
        let mut candidates = std::collections::HashSet::new();
        self.store
            .lookup_prefix(prefix, Some(&mut candidates))
            .map_err(|error| GitError::Damaged {
                id: Printable::new(digits),
                why: Printable::from(error.to_string()).shortened(300),
            })?;
        let mut found = Found::None;
        for candidate in candidates {
            if matches!(self.kind(Id(candidate))?, Kind::Commit | Kind::Tag) {
                match found {
                    Found::None => found = Found::One(Id(candidate)),
                    Found::One(_) | Found::Several => return Ok(Found::Several),
                }
            }
        }
        Ok(found)
    }

    /// Gives the bytes of an object of a kind to `read`.
    pub(super) fn with<T>(
        &self,
        id: Id,
        kind: Kind,
        read: impl FnOnce(&[u8]) -> Result<T, GitError>,
    ) -> Result<T, GitError> {
        let header = self.header(id)?;
        if header.kind() != kind {
            return Err(damaged(
                id,
                &format!("it is a {}, not a {kind}", header.kind()),
            ));
        }
        let limit = match kind {
            Kind::Blob => self.blob_bytes,
            Kind::Tree | Kind::Commit | Kind::Tag => self.object_bytes,
        };
        if header.size() > limit as u64 {
            return Err(GitError::TooLarge {
                id: Printable::from(id.to_string()),
                size: header.size(),
                limit,
            });
        }
        let mut buffer = self.buffer.borrow_mut();
        let data = self
            .store
            .try_find(&id.0, &mut buffer)
            .map_err(|error| damaged(id, &error.to_string()))?
            .ok_or_else(|| self.missing(id))?;
        data.verify_checksum(&id.0)
            .map_err(|error| damaged(id, &error.to_string()))?;
        if data.kind != kind {
            return Err(damaged(id, &format!("it is a {}, not a {kind}", data.kind)));
        }
        read(data.data)
    }

    fn header(&self, id: Id) -> Result<gix_odb::find::Header, GitError> {
        self.store
            .try_header(&id.0)
            .map_err(|error| damaged(id, &error.to_string()))?
            .ok_or_else(|| self.missing(id))
    }

    fn missing(&self, id: Id) -> GitError {
        GitError::Missing {
            id: Printable::from(id.to_string()),
            is_partial: self.is_partial,
        }
    }
}

pub(super) fn damaged(id: impl Into<Id>, why: &str) -> GitError {
    GitError::Damaged {
        id: Printable::from(id.into().to_string()),
        why: Printable::new(why).shortened(300),
    }
}

impl From<ObjectId> for Id {
    fn from(id: ObjectId) -> Self {
        Self(id)
    }
}
