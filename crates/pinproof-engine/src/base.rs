//! What a project is compared with: a commit, or a file in place of the one input.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use pinproof_core::Printable;
use pinproof_sources::git::{Commit, GitError, Limits, Repository};
use thiserror::Error;

use crate::commit_files::CommitFiles;
use crate::files::{Disk, Files, InPlaceOf};
use crate::inputs::{normalize, shown_path};
use crate::prepare::{Prepared, prepare_from};
use crate::report::InputError;
use crate::settings::Settings;

/// The base of a comparison, read and not yet judged.
#[derive(Debug)]
pub struct Base {
    /// What it is, for the report.
    pub about: BaseUse,
    pub(crate) prepared: Prepared,
}

/// What a report was compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUse {
    /// As given, such as `origin/main`.
    pub name: Printable,
    /// The commit; `None` where it is a file.
    pub commit: Option<BaseCommit>,
    /// Inputs of the base that cannot be read: nothing of them counts as already there.
    pub unread: Vec<InputError>,
}

/// A commit that a report was compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseCommit {
    /// Its id.
    pub id: String,
    /// When it was committed.
    pub time: Timestamp,
}

/// Why there is nothing to compare with.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BaseError {
    /// The repository has no answer.
    #[error(transparent)]
    Git(#[from] GitError),
    /// It may mean either.
    #[error("`{given}` is a file and a revision")]
    Ambiguous {
        /// As given.
        given: Printable,
    },
    /// A file stands in for one other.
    #[error("the file {given} can be compared with one named file only")]
    NotOneFile {
        /// As given.
        given: Printable,
    },
    /// A file has nothing that is not in itself.
    #[error("{given} is the input itself")]
    Itself {
        /// As given.
        given: Printable,
    },
    /// The file cannot be read or understood.
    #[error("{}: {}", .0.path, .0.message)]
    Unreadable(Box<InputError>),
    /// The inputs lie in several repositories, or outside.
    #[error("{path} is not in the repository of the other inputs, so `{given}` says nothing of it")]
    OtherRepository {
        /// The input.
        path: Printable,
        /// As given.
        given: Printable,
    },
}

impl BaseError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Git(error @ GitError::NotARepository { .. }) => error.hint().or_else(|| {
                Some("`--base` takes a git revision, or the path of an older file".to_owned())
            }),
            Self::Git(error) => error.hint(),
            Self::Ambiguous { given } => Some(format!(
                "write `./{given}` for the file, or the full name such as `refs/heads/{given}`"
            )),
            Self::NotOneFile { .. } => {
                Some("name the one file: `pinproof check --base OLD requirements.txt`".to_owned())
            }
            Self::OtherRepository { .. } => Some("check each repository by itself".to_owned()),
            Self::Itself { .. } | Self::Unreadable(_) => None,
        }
    }
}

/// Reads the base that `given` names: a revision of the repository of the inputs, or a file.
///
/// The same paths are read as for the project itself, found in the same way and by the same
/// configuration, which is today's. That a path is not in the base is no error: then nothing of it was
/// there. That the base itself cannot be read is one, because nobody could tell what is new.
pub fn read(given: &str, settings: &Settings) -> Result<Base, BaseError> {
    let file = normalize(&settings.base.join(given));
    let is_path = ["./", "../", ".\\", "..\\"]
        .iter()
        .any(|start| given.starts_with(start))
        || Path::new(given).is_absolute();
    if is_path {
        return of_file(given, file, settings);
    }
    let found = repository(given, settings).and_then(|repository| {
        let commit = repository.resolve(given)?;
        Ok((repository, commit))
    });
    match (found, file.is_file()) {
        (Ok(_), true) => Err(BaseError::Ambiguous {
            given: shown(given),
        }),
        (Ok((repository, commit)), false) => of_commit(given, &repository, &commit, settings),
        (Err(_), true) => of_file(given, file, settings),
        (Err(error), false) => Err(error),
    }
}

/// The one repository that all inputs are in.
fn repository(given: &str, settings: &Settings) -> Result<Repository, BaseError> {
    let open = |path: &Path| Repository::discover(&normalize(path), Limits::default());
    let mut paths = settings.paths.iter();
    let first = open(paths.next().unwrap_or(&settings.base))?;
    for path in paths {
        let is_same = open(path).is_ok_and(|other| other.work_tree() == first.work_tree());
        if !is_same {
            return Err(BaseError::OtherRepository {
                path: shown_path(path, &settings.base),
                given: shown(given),
            });
        }
    }
    Ok(first)
}

/// What is installed on this machine is in no base: all that is found of it is new.
fn without_environments(settings: &Settings) -> Settings {
    Settings {
        environments: Vec::new(),
        ..settings.clone()
    }
}

fn of_commit(
    given: &str,
    repository: &Repository,
    commit: &Commit,
    settings: &Settings,
) -> Result<Base, BaseError> {
    let files = CommitFiles::new(repository, commit.tree);
    let mut there = without_environments(settings);
    there.paths.retain(|path| files.kind(path).is_some());
    let mut prepared = prepare_from(&there, &files);
    if let Some(trouble) = files.into_trouble() {
        return Err(trouble.into());
    }
    let mut unread = std::mem::take(&mut prepared.inputs.errors);
    unread.extend(prepared.unread.iter().cloned());
    Ok(Base {
        about: BaseUse {
            name: shown(given),
            commit: Some(BaseCommit {
                id: commit.id.to_string(),
                time: commit.time,
            }),
            unread,
        },
        prepared,
    })
}

fn of_file(given: &str, by: PathBuf, settings: &Settings) -> Result<Base, BaseError> {
    let [named] = settings.paths.as_slice() else {
        return Err(BaseError::NotOneFile {
            given: shown(given),
        });
    };
    let named = normalize(named);
    if !Disk.is_file(&named) {
        return Err(BaseError::NotOneFile {
            given: shown(given),
        });
    }
    if named == by {
        return Err(BaseError::Itself {
            given: shown(given),
        });
    }
    let there = without_environments(settings);
    let mut prepared = prepare_from(&there, &InPlaceOf { named, by });
    if let Some(mut error) = prepared.inputs.errors.pop() {
        error.path = shown(given);
        return Err(BaseError::Unreadable(Box::new(error)));
    }
    let unread = prepared.unread.clone();
    prepared.inputs.errors.clear();
    Ok(Base {
        about: BaseUse {
            name: shown(given),
            commit: None,
            unread,
        },
        prepared,
    })
}

fn shown(given: &str) -> Printable {
    Printable::new(given).shortened(200)
}
