//! The folders of a commit.

use std::ffi::OsString;
use std::path::{Component, Path};

use gix_hash::Kind as Hash;
use gix_object::{Kind, TreeRefIter};

use super::objects::damaged;
use super::{GitError, Id, Repository};

/// What a folder of a commit has under one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: OsString,
    /// What it is.
    pub kind: EntryKind,
    /// Its object; that of a submodule is in another repository.
    pub id: Id,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A file, executable or not.
    File,
    /// A folder.
    Folder,
    /// A symbolic link; its content is where it points to. It is not followed.
    Link,
    /// A commit of another repository. It is not followed.
    Submodule,
}

impl Repository {
    /// The entries of a folder, in git's order.
    pub fn folder(&self, tree: Id) -> Result<Vec<Entry>, GitError> {
        let mut entries = Vec::new();
        self.each_entry(tree, |name, kind, id| {
            entries.push(Entry {
                name: os_string(name),
                kind,
                id,
            });
        })?;
        Ok(entries)
    }

    /// What `path` is, from the folder `tree` on; `None` where there is nothing of that name.
    ///
    /// A path through a link or a submodule leads to nothing: neither is followed.
    pub fn entry(&self, tree: Id, path: &Path) -> Result<Option<Entry>, GitError> {
        let mut at = Entry {
            name: OsString::new(),
            kind: EntryKind::Folder,
            id: tree,
        };
        for part in path.components() {
            let Component::Normal(name) = part else {
                return Ok(None);
            };
            if at.kind != EntryKind::Folder {
                return Ok(None);
            }
            let wanted = bytes(name);
            let mut found = None;
            self.each_entry(at.id, |name, kind, id| {
                if name == wanted.as_slice() {
                    found = Some((kind, id));
                }
            })?;
            let Some((kind, id)) = found else {
                return Ok(None);
            };
            at = Entry {
                name: name.to_owned(),
                kind,
                id,
            };
        }
        Ok(Some(at))
    }

    pub(super) fn each_entry(
        &self,
        tree: Id,
        mut each: impl FnMut(&[u8], EntryKind, Id),
    ) -> Result<(), GitError> {
        self.objects.with(tree, Kind::Tree, |bytes| {
            for entry in TreeRefIter::from_bytes(bytes, Hash::Sha1) {
                let entry = entry.map_err(|error| damaged(tree, &error.to_string()))?;
                let kind = match entry.mode.kind() {
                    gix_object::tree::EntryKind::Tree => EntryKind::Folder,
                    gix_object::tree::EntryKind::Blob
                    | gix_object::tree::EntryKind::BlobExecutable => EntryKind::File,
                    gix_object::tree::EntryKind::Link => EntryKind::Link,
                    gix_object::tree::EntryKind::Commit => EntryKind::Submodule,
                };
                each(entry.filename, kind, Id(entry.oid.to_owned()));
            }
            Ok(())
        })
    }
}

#[cfg(unix)]
pub(super) fn os_string(name: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStringExt as _;
    OsString::from_vec(name.to_vec())
}

#[cfg(unix)]
fn bytes(name: &std::ffi::OsStr) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt as _;
    name.as_bytes().to_vec()
}

// git stores names as UTF-8; what is none cannot be a name on these systems.
#[cfg(not(unix))]
pub(super) fn os_string(name: &[u8]) -> OsString {
    String::from_utf8_lossy(name).into_owned().into()
}

#[cfg(not(unix))]
fn bytes(name: &std::ffi::OsStr) -> Vec<u8> {
    name.to_string_lossy().into_owned().into_bytes()
}
