//! Where the files of a project are read: on the disk, in a commit, or with one file in place of another.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::inputs::{normalize, read_bytes};

/// Whoever has the files of a project.
pub(crate) trait Files {
    /// What is at `path`, links followed; `None` where there is nothing, or nothing that can be asked.
    fn kind(&self, path: &Path) -> Option<FileKind>;

    /// What a folder has, links not followed; `None` if it cannot be listed.
    fn list(&self, folder: &Path) -> Option<Vec<Listed>>;

    /// The bytes of a regular file, bounded; else why not.
    fn read(&self, path: &Path) -> Result<Vec<u8>, String>;

    /// Whether there is a regular file, links followed.
    fn is_file(&self, path: &Path) -> bool {
        self.kind(path) == Some(FileKind::File)
    }

    /// Whether there is a folder, links followed.
    fn is_folder(&self, path: &Path) -> bool {
        self.kind(path) == Some(FileKind::Folder)
    }
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    File,
    Folder,
    /// A link that was not followed, a pipe, a device, a submodule.
    Other,
}

/// An entry of a folder.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) name: OsString,
    pub(crate) kind: FileKind,
}

/// The disk.
pub(crate) struct Disk;

impl Files for Disk {
    fn kind(&self, path: &Path) -> Option<FileKind> {
        Some(kind_of(path.metadata().ok()?.file_type()))
    }

    fn list(&self, folder: &Path) -> Option<Vec<Listed>> {
        let entries = fs::read_dir(folder).ok()?.filter_map(Result::ok);
        let listed = entries.filter_map(|entry| {
            let kind = kind_of(entry.file_type().ok()?);
            let name = entry.file_name();
            Some(Listed { name, kind })
        });
        Some(listed.collect())
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        read_bytes(path)
    }
}

fn kind_of(kind: fs::FileType) -> FileKind {
    if kind.is_file() {
        FileKind::File
    } else if kind.is_dir() {
        FileKind::Folder
    } else {
        FileKind::Other
    }
}

/// The disk, with one file in place of another.
pub(crate) struct InPlaceOf {
    /// The file whose bytes are not read.
    pub(crate) named: PathBuf,
    /// The file whose bytes are read instead.
    pub(crate) by: PathBuf,
}

impl Files for InPlaceOf {
    fn kind(&self, path: &Path) -> Option<FileKind> {
        Disk.kind(path)
    }

    fn list(&self, folder: &Path) -> Option<Vec<Listed>> {
        Disk.list(folder)
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        if normalize(path) == self.named {
            return Disk.read(&self.by);
        }
        Disk.read(path)
    }
}
