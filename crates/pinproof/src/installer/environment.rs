//! Where to install: an interpreter that the user named, or that of the active virtual environment. None is
//! looked for: a folder of a project may hold anybody's program under the name `python`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use pinproof_core::Printable;

use super::EnvironmentError;

/// An environment, by its interpreter.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    /// The interpreter, absolute, as it is started: its path tells it which environment it is of.
    pub(super) python: PathBuf,
    /// The folder of the environment, without links.
    pub(super) folder: PathBuf,
    /// Whether it is a virtual environment.
    pub(super) is_virtual: bool,
}

impl Environment {
    /// The environment of the named interpreter, or else the active one.
    pub(crate) fn find(
        named: Option<&Path>,
        active: Option<OsString>,
        base: &Path,
    ) -> Result<Self, EnvironmentError> {
        if let Some(named) = named {
            return Self::of_interpreter(&base.join(named));
        }
        let active = active
            .filter(|folder| !folder.is_empty())
            .map(PathBuf::from);
        let folder = active.ok_or(EnvironmentError::NotNamed)?;
        let refused = || EnvironmentError::NotAnEnvironment {
            path: shown(&folder),
        };
        if !folder.is_absolute() || !folder.join("pyvenv.cfg").is_file() {
            return Err(refused());
        }
        let folder = folder.canonicalize().map_err(|_| refused())?;
        let python = if cfg!(windows) {
            folder.join("Scripts").join("python.exe")
        } else {
            folder.join("bin").join("python")
        };
        Self::of_interpreter(&python)
    }

    /// The interpreter is not followed to where it leads: that one knows nothing of the environment.
    fn of_interpreter(python: &Path) -> Result<Self, EnvironmentError> {
        let missing = || EnvironmentError::NoInterpreter {
            path: shown(python),
        };
        if !python.is_file() {
            return Err(missing());
        }
        let (Some(folder), Some(name)) = (python.parent(), python.file_name()) else {
            return Err(missing());
        };
        let folder = folder.canonicalize().map_err(|_| missing())?;
        // Of an installed Python, Windows has the interpreter at the top.
        let is_at_the_top = cfg!(windows) && !folder.ends_with("Scripts");
        let above = folder.parent().filter(|_| !is_at_the_top);
        let around = above.unwrap_or(&folder);
        let is_virtual = around.join("pyvenv.cfg").is_file();
        Ok(Self {
            python: folder.join(name),
            folder: around.to_owned(),
            is_virtual,
        })
    }

    /// Its folder, for reports.
    pub(crate) fn shown(&self) -> Printable {
        shown(&self.folder)
    }

    /// Its interpreter, for reports.
    pub(crate) fn shown_python(&self) -> Printable {
        shown(&self.python)
    }

    /// Its folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

pub(super) fn shown(path: &Path) -> Printable {
    Printable::from(path.display().to_string())
}
