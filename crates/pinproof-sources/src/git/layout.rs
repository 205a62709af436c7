//! Where a repository is, and whether it is stored in a way that is read.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use gix_hash::ObjectId;
use pinproof_core::Printable;

use super::{GitError, Id};

/// Bytes of `.git`, where it is a file, and of the files beside it that hold one line.
const LINE_BYTES: u64 = 64 * 1024;
/// Bytes of the configuration and of the list of shallow commits.
const FILE_BYTES: u64 = 16 * 1024 * 1024;
/// Extensions that change nothing about how objects and refs are read.
const HARMLESS: [&str; 5] = [
    "noop",
    "partialclone",
    "preciousobjects",
    "relativeworktrees",
    "worktreeconfig",
];

/// The folders of a repository.
#[derive(Debug)]
pub(super) struct Layout {
    /// The folder that has `.git`.
    pub(super) work_tree: PathBuf,
    /// What belongs to this working tree alone, such as `HEAD`.
    pub(super) git_dir: PathBuf,
    /// What all working trees of the repository share.
    pub(super) common_dir: PathBuf,
    /// Whether objects may be missing by design.
    pub(super) is_partial: bool,
}

impl Layout {
    /// Finds the nearest `.git` from `start` upwards, a folder or a file that names one.
    pub(super) fn find(start: &Path) -> Result<Self, GitError> {
        let folder = start
            .ancestors()
            .find(|folder| folder.join(".git").exists());
        let Some(work_tree) = folder else {
            return Err(GitError::NotARepository { path: shown(start) });
        };
        let dot_git = work_tree.join(".git");
        let git_dir = if dot_git.is_file() {
            linked(&dot_git)?
        } else {
            dot_git
        };
        let common_dir = match line(&git_dir.join("commondir"))? {
            Some(common) => git_dir.join(common),
            None => git_dir.clone(),
        };
        let mut layout = Self {
            work_tree: work_tree.to_owned(),
            git_dir,
            common_dir,
            is_partial: false,
        };
        layout.check_format()?;
        Ok(layout)
    }

    /// Refuses what git itself refuses to read without support: another hash, other refs.
    fn check_format(&mut self) -> Result<(), GitError> {
        let path = self.common_dir.join("config");
        let Some(bytes) = read(&path, FILE_BYTES)? else {
            return Err(GitError::NotARepository {
                path: shown(&self.git_dir),
            });
        };
        let meta = gix_config::file::Metadata::api();
        let options = gix_config::file::init::Options::default();
        let config = gix_config::File::from_bytes_no_includes(&bytes, meta, options)
            .map_err(|error| unreadable(&path, &error.to_string()))?;
        let version = config.string("core.repositoryformatversion");
        if !matches!(version.unwrap_or_default().trim_ascii(), b"" | b"0" | b"1") {
            return Err(self.unsupported("its format is newer than version 1"));
        }
        let mut remotes = config.sections_by_name("remote").into_iter().flatten();
        self.is_partial = remotes.any(|remote| remote.contains_value_name("promisor"));
        for section in config.sections_by_name("extensions").into_iter().flatten() {
            for name in section.value_names() {
                let value = section.value(&name).unwrap_or_default();
                self.check_extension(&name.to_ascii_lowercase(), &value)?;
            }
        }
        Ok(())
    }

    fn check_extension(&self, name: &str, value: &[u8]) -> Result<(), GitError> {
        match (name, value.to_ascii_lowercase().as_slice()) {
            ("objectformat", b"sha1") | ("refstorage", b"files") => Ok(()),
            ("objectformat", b"sha256") => {
                Err(self.unsupported("it names its objects by SHA-256; only SHA-1 is read"))
            }
            ("refstorage", b"reftable") => {
                Err(self.unsupported("it keeps its refs in a reftable; only files are read"))
            }
            _ if HARMLESS.contains(&name) => Ok(()),
            _ => Err(self.unsupported(&format!("it uses the extension `{name}`"))),
        }
    }

    fn unsupported(&self, what: &str) -> GitError {
        GitError::Unsupported {
            path: shown(&self.work_tree),
            what: Printable::new(what).shortened(200),
        }
    }

    /// The commits whose parents a shallow clone does not have.
    pub(super) fn shallow(&self) -> Result<BTreeSet<Id>, GitError> {
        let path = self.common_dir.join("shallow");
        let bytes = read(&path, FILE_BYTES)?.unwrap_or_default();
        let lines = bytes.split(|byte| *byte == b'\n');
        let ids = lines
            .map(<[u8]>::trim_ascii)
            .filter(|line| !line.is_empty());
        ids.map(|id| {
            let id = ObjectId::from_hex(id);
            id.map(Id)
                .map_err(|error| unreadable(&path, &error.to_string()))
        })
        .collect()
    }
}

/// The folder that a `.git` file names: a linked working tree, or a submodule.
fn linked(dot_git: &Path) -> Result<PathBuf, GitError> {
    let text = line(dot_git)?.unwrap_or_default();
    let target = text.to_str().and_then(|text| text.strip_prefix("gitdir:"));
    let target = target.ok_or_else(|| unreadable(dot_git, "it names no `gitdir:`"))?;
    let folder = dot_git.parent().unwrap_or(Path::new(""));
    Ok(folder.join(target.trim_start()))
}

/// The one line of a file, as a path; `None` where there is no such file.
fn line(path: &Path) -> Result<Option<PathBuf>, GitError> {
    let Some(bytes) = read(path, LINE_BYTES)? else {
        return Ok(None);
    };
    let text = String::from_utf8(bytes).map_err(|_| unreadable(path, "it is not UTF-8"))?;
    Ok(Some(PathBuf::from(text.trim_end_matches(['\n', '\r']))))
}

/// The bytes of a regular file; `None` where there is none.
fn read(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, GitError> {
    let failed = |error: std::io::Error| unreadable(path, &error.to_string());
    // Before it is opened: opening a pipe waits until somebody writes to it.
    match path.metadata() {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Err(unreadable(path, "it is not a file")),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(failed(error)),
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(unreadable(
            path,
            &format!("it is larger than {limit} bytes"),
        ));
    }
    Ok(Some(bytes))
}

pub(super) fn unreadable(path: &Path, why: &str) -> GitError {
    GitError::Unreadable {
        path: shown(path),
        why: Printable::new(why).shortened(300),
    }
}

fn shown(path: &Path) -> Printable {
    Printable::from(path.display().to_string()).shortened(1_000)
}
