//! The files of a working tree, committed or not: what is there today.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pinproof_core::Printable;
use pinproof_sources::git::Select as _;

use super::Asked;
use super::contents::{self, Says};
use super::holders::Holders;
use crate::files::{Disk, FileKind, Files as _};

/// Deeper folders are not looked into, and that is said.
const MAX_DEPTH: usize = 64;
/// A working tree with more entries than this is not looked through, and that is said.
const MAX_ENTRIES: usize = 1_000_000;

/// What a working tree says.
#[derive(Debug, Default)]
pub(super) struct WorkTree {
    /// By path, from its top. A file that is missing says nothing: that it is gone counts when it is
    /// committed, for a sparse checkout lacks files too.
    pub(super) says: BTreeMap<PathBuf, Says>,
    /// What could not be looked at, and why.
    pub(super) gaps: Vec<(PathBuf, Printable)>,
    entries: usize,
}

/// Reads the files below `top` that may hold a release. Links are not followed, as in a history, and
/// folders that are repositories of their own, or environments, are left out.
pub(super) fn read(asked: &Asked, top: &Path) -> WorkTree {
    let mut work_tree = WorkTree::default();
    work_tree.visit(asked, top, Path::new(""), 0);
    work_tree
}

impl WorkTree {
    fn visit(&mut self, asked: &Asked, top: &Path, folder: &Path, depth: usize) {
        let path = top.join(folder);
        let Some(mut entries) = Disk.list(&path) else {
            return self.gap(folder, "the folder cannot be listed");
        };
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        let is_apart =
            |name: &str| name == "pyvenv.cfg" || (name == ".git" && folder != Path::new(""));
        if entries
            .iter()
            .any(|entry| entry.name.to_str().is_some_and(is_apart))
        {
            return;
        }
        let folder_name = folder.file_name().unwrap_or_default().to_string_lossy();
        for entry in entries {
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                return self.gap(folder, "the working tree has too many files to look at");
            }
            let name = entry.name.to_string_lossy();
            let inside = folder.join(&entry.name);
            match entry.kind {
                FileKind::Folder if !Holders.enters(&name) => {}
                FileKind::Folder if depth == MAX_DEPTH => {
                    self.gap(&inside, "it is too deep to be looked at");
                }
                FileKind::Folder => self.visit(asked, top, &inside, depth + 1),
                FileKind::File if Holders.takes(&folder_name, &name) => {
                    self.add_file(asked, top, inside);
                }
                FileKind::File | FileKind::Other => {}
            }
        }
    }

    fn add_file(&mut self, asked: &Asked, top: &Path, path: PathBuf) {
        match Disk.read(&top.join(&path)) {
            Ok(bytes) => {
                let says = contents::of(asked, &path, &bytes);
                self.says.insert(path, says);
            }
            Err(why) => self.gap(&path, &why),
        }
    }

    fn gap(&mut self, path: &Path, why: &str) {
        self.gaps.push((path.to_owned(), Printable::new(why)));
    }
}
