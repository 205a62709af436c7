//! The files of a project as a commit has them.
//!
//! A path outside the repository is read from the disk: it is no part of any commit, so no commit can
//! have changed it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use pinproof_sources::git::{EntryKind, GitError, Id, Repository};

use crate::files::{Disk, FileKind, Files, Listed};
use crate::inputs::normalize;

/// Links that lead to links.
const MAX_LINKS: usize = 16;

/// The files of one commit.
pub(crate) struct CommitFiles<'a> {
    repository: &'a Repository,
    tree: Id,
    /// The folders that were listed, so that a deep one is not looked for from the top again.
    folders: RefCell<HashMap<PathBuf, Id>>,
    trouble: RefCell<Option<GitError>>,
}

/// Where a path leads.
enum Place {
    Outside(PathBuf),
    Inside(EntryKind, Id),
    Nowhere,
}

impl<'a> CommitFiles<'a> {
    pub(crate) fn new(repository: &'a Repository, tree: Id) -> Self {
        Self {
            repository,
            tree,
            folders: RefCell::default(),
            trouble: RefCell::default(),
        }
    }

    /// The first object that could not be read: without it, what the commit has is not known.
    pub(crate) fn into_trouble(self) -> Option<GitError> {
        self.trouble.into_inner()
    }

    fn note<T>(&self, result: Result<T, GitError>) -> Option<T> {
        let note = |error| self.trouble.borrow_mut().get_or_insert(error).clone();
        result.map_err(note).ok()
    }

    fn place(&self, path: &Path) -> Result<Place, GitError> {
        let mut path = normalize(path);
        for _ in 0..MAX_LINKS {
            match self.step(&path)? {
                Step::Ends(place) => return Ok(place),
                Step::Follow(next) => path = normalize(&next),
            }
        }
        Ok(Place::Nowhere)
    }

    /// Walks down a path as far as the first link.
    fn step(&self, path: &Path) -> Result<Step, GitError> {
        let top = self.repository.work_tree();
        let Ok(inside) = path.strip_prefix(top) else {
            return Ok(Step::Ends(Place::Outside(path.to_owned())));
        };
        let known = self.folders.borrow().get(inside).copied();
        if let Some(tree) = known {
            return Ok(Step::Ends(Place::Inside(EntryKind::Folder, tree)));
        }
        let (mut kind, mut id) = (EntryKind::Folder, self.tree);
        let mut at = top.to_owned();
        let mut parts = inside.components();
        while let Some(part) = parts.next() {
            let Component::Normal(name) = part else {
                return Ok(Step::Ends(Place::Nowhere));
            };
            let Some(entry) = self.repository.entry(id, Path::new(name))? else {
                return Ok(Step::Ends(Place::Nowhere));
            };
            (kind, id) = (entry.kind, entry.id);
            match kind {
                EntryKind::Folder => {}
                EntryKind::Link => {
                    let target = self.repository.read(id)?;
                    let Ok(target) = String::from_utf8(target) else {
                        return Ok(Step::Ends(Place::Nowhere));
                    };
                    return Ok(Step::Follow(at.join(target).join(parts.as_path())));
                }
                EntryKind::File | EntryKind::Submodule
                    if parts.as_path().as_os_str().is_empty() => {}
                EntryKind::File | EntryKind::Submodule => return Ok(Step::Ends(Place::Nowhere)),
            }
            at.push(name);
        }
        Ok(Step::Ends(Place::Inside(kind, id)))
    }

    fn list_inside(&self, folder: &Path, tree: Id) -> Result<Vec<Listed>, GitError> {
        let folder = normalize(folder);
        let inside = folder.strip_prefix(self.repository.work_tree());
        let mut listed = Vec::new();
        for entry in self.repository.folder(tree)? {
            if entry.kind == EntryKind::Folder
                && let Ok(inside) = inside
            {
                let path = inside.join(&entry.name);
                self.folders.borrow_mut().insert(path, entry.id);
            }
            listed.push(Listed {
                name: entry.name,
                kind: kind_of(entry.kind),
            });
        }
        Ok(listed)
    }
}

enum Step {
    Ends(Place),
    Follow(PathBuf),
}

fn kind_of(kind: EntryKind) -> FileKind {
    match kind {
        EntryKind::File => FileKind::File,
        EntryKind::Folder => FileKind::Folder,
        EntryKind::Link | EntryKind::Submodule => FileKind::Other,
    }
}

impl Files for CommitFiles<'_> {
    fn kind(&self, path: &Path) -> Option<FileKind> {
        match self.note(self.place(path))? {
            Place::Outside(path) => Disk.kind(&path),
            Place::Inside(kind, _) => Some(kind_of(kind)),
            Place::Nowhere => None,
        }
    }

    fn list(&self, folder: &Path) -> Option<Vec<Listed>> {
        match self.note(self.place(folder))? {
            Place::Outside(path) => Disk.list(&path),
            Place::Inside(EntryKind::Folder, tree) => self.note(self.list_inside(folder, tree)),
            Place::Inside(..) | Place::Nowhere => None,
        }
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        let unreadable = || "the commit cannot be read".to_owned();
        match self.note(self.place(path)).ok_or_else(unreadable)? {
            Place::Outside(path) => Disk.read(&path),
            Place::Inside(EntryKind::File, id) => {
                self.note(self.repository.read(id)).ok_or_else(unreadable)
            }
            Place::Inside(EntryKind::Folder, _) => Err("it is a folder".to_owned()),
            Place::Inside(..) => Err("it is no file".to_owned()),
            Place::Nowhere => Err("there is no such file".to_owned()),
        }
    }
}
