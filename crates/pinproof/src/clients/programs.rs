//! Which clients this machine has: on `PATH`, and in the environment.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::{Client, Installed};

/// Where clients are looked for.
pub(crate) struct Programs<'a> {
    /// The variable `PATH`.
    pub(crate) path: Option<&'a OsStr>,
    /// The interpreter whose pip is asked, if the user names one.
    pub(crate) python: Option<&'a Path>,
    /// The active virtual environment.
    pub(crate) active: Option<&'a Path>,
    /// The project: what lies in it may be anybody's.
    pub(crate) project: &'a Path,
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// What can be asked.
    pub(crate) installed: Vec<Installed>,
    /// What lies in the project, outside the environment, and is not started.
    pub(crate) not_started: Vec<Installed>,
    /// The interpreter.
    pub(crate) python: Option<PathBuf>,
}

impl Programs<'_> {
    /// The clients, pip first.
    pub(crate) fn find(&self) -> Found {
        let mut found = Found::default();
        let python = self.python.map(Path::to_owned).or_else(|| {
            let active = self.active.map(|folder| in_environment(folder, "python"));
            let active = active.filter(|python| python.is_file());
            active.or_else(|| {
                ["python3", "python"]
                    .iter()
                    .find_map(|name| self.first(name))
            })
        });
        if let Some(python) = &python {
            self.add(&mut found, (Client::Pip, python.clone(), true));
        }
        let beside = python.as_deref().and_then(Path::parent);
        let pip = self.first("pip").filter(|pip| pip.parent() != beside);
        if let Some(pip) = pip.filter(|_| self.python.is_none()) {
            self.add(&mut found, (Client::Pip, pip, false));
        }
        if let Some(uv) = self.first("uv") {
            self.add(&mut found, (Client::UvPip, uv.clone(), false));
            self.add(&mut found, (Client::Uv, uv, false));
        }
        for (client, name) in [(Client::Pdm, "pdm"), (Client::Poetry, "poetry")] {
            if let Some(program) = self.first(name) {
                self.add(&mut found, (client, program, false));
            }
        }
        found.python = python.filter(|python| self.may_start(python));
        found
    }

    fn first(&self, name: &str) -> Option<PathBuf> {
        first_on_path(self.path?, name, |_| true)
    }

    fn add(&self, found: &mut Found, (client, program, is_module): (Client, PathBuf, bool)) {
        let may_start = self.may_start(&program);
        let installed = Installed {
            client,
            program,
            is_module,
        };
        if may_start {
            found.installed.push(installed);
        } else {
            found.not_started.push(installed);
        }
    }

    /// A program in the project is started only if the user named it, or its environment is the active one.
    fn may_start(&self, program: &Path) -> bool {
        let is_named = self.python.is_some_and(|python| python == program);
        let is_active = self
            .active
            .is_some_and(|folder| program.starts_with(folder));
        is_named || is_active || is_outside(program, self.project)
    }
}

/// A program of a virtual environment.
fn in_environment(folder: &Path, name: &str) -> PathBuf {
    if cfg!(windows) {
        folder.join("Scripts").join(format!("{name}.exe"))
    } else {
        folder.join("bin").join(name)
    }
}

/// The first program of that name in the folders of `PATH` that is accepted; a folder that is not absolute is left out.
pub(crate) fn first_on_path(
    path: &OsStr,
    name: &str,
    accepts: impl Fn(&Path) -> bool,
) -> Option<PathBuf> {
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let folders = std::env::split_paths(path).filter(|folder| folder.is_absolute());
    let mut found = folders
        .map(|folder| folder.join(&name))
        .filter(|found| found.is_file());
    found.find(|found| accepts(found))
}

/// Whether a program lies outside a project, links followed.
pub(crate) fn is_outside(program: &Path, project: &Path) -> bool {
    let Ok(project) = project.canonicalize() else {
        return false;
    };
    program
        .canonicalize()
        .is_ok_and(|real| !real.starts_with(&project))
}
