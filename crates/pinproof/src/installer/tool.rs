//! pip or uv, told to install these wheels and nothing else.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use pinproof_core::{Hash, Printable, PythonVersion, Version};

use super::environment::Environment;
use super::{EnvironmentError, process};
use crate::cli::Installer;
use crate::clients::{first_on_path, is_outside};

/// The file that pip takes for no configuration at all.
const NO_CONFIGURATION: &str = if cfg!(windows) { "nul" } else { "/dev/null" };

/// Who installs.
#[derive(Clone, Debug)]
pub(crate) enum Tool {
    /// The environment's own pip.
    Pip,
    /// uv, at that path.
    Uv(PathBuf),
}

/// A wheel to install.
#[derive(Clone, Debug)]
pub(crate) struct Wheel {
    /// The project.
    pub(crate) name: Printable,
    /// Its version.
    pub(crate) version: Version,
    /// The hash of the verified file.
    pub(crate) sha256: Hash,
}

/// How an installation went.
#[derive(Debug)]
pub(crate) struct Installation {
    /// Whether everything is installed.
    pub(crate) is_done: bool,
    /// What the installer said.
    pub(crate) said: Vec<Printable>,
}

impl Tool {
    /// The one that is chosen, or else the one that the environment has.
    pub(crate) fn choose(
        chosen: Installer,
        (environment, python): (&Environment, PythonVersion),
        path: Option<&OsStr>,
        project: &Path,
    ) -> Result<Self, EnvironmentError> {
        let uv = || find_uv(path, environment, project);
        let missing = || EnvironmentError::NoInstaller {
            environment: environment.shown(),
        };
        match chosen {
            Installer::Pip => Ok(Self::Pip),
            Installer::Auto if has_pip(environment, python) => Ok(Self::Pip),
            Installer::Auto | Installer::Uv => uv().ok_or_else(missing),
        }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Pip => "pip",
            Self::Uv(_) => "uv",
        }
    }

    /// The program, for reports.
    pub(crate) fn shown(&self) -> Option<Printable> {
        match self {
            Self::Pip => None,
            Self::Uv(path) => Some(super::environment::shown(path)),
        }
    }

    /// Has it install `wheels`, whose files are in `folder`.
    pub(crate) fn install(
        &self,
        wheels: &[Wheel],
        environment: &Environment,
        folder: &Path,
    ) -> Result<Installation, EnvironmentError> {
        let file = folder.join("requirements.txt");
        fs::write(&file, requirements(wheels)).map_err(|error| EnvironmentError::NoFolder {
            path: super::environment::shown(folder),
            error,
        })?;
        let python = environment.python.as_path();
        let (program, mut args): (&Path, Vec<OsString>) = match self {
            Self::Pip => (python, PIP.map(OsString::from).to_vec()),
            Self::Uv(uv) => {
                let mut args = UV.map(OsString::from).to_vec();
                args.extend(["--python".into(), python.into()]);
                (uv, args)
            }
        };
        args.extend(SAME.map(OsString::from));
        args.extend([
            "--find-links".into(),
            folder.into(),
            "-r".into(),
            file.into(),
        ]);
        let variables = [("PIP_CONFIG_FILE", NO_CONFIGURATION)];
        let ended = process::install(program, &args, &variables, folder)?;
        let lines = ended.said.lines().filter(|line| !line.trim().is_empty());
        Ok(Installation {
            is_done: ended.is_success,
            said: lines
                .map(|line| Printable::new(line).shortened(500))
                .collect(),
        })
    }
}

/// pip without its own settings; nothing is downloaded, and what it built before is not taken.
const PIP: [&str; 10] = [
    "-I",
    "-m",
    "pip",
    "--isolated",
    "--disable-pip-version-check",
    "--no-input",
    "--no-cache-dir",
    "install",
    "--only-binary",
    ":all:",
];

/// uv without its own settings, and without what it unpacked before.
const UV: [&str; 8] = [
    "pip",
    "install",
    "--no-config",
    "--no-cache",
    "--offline",
    "--link-mode",
    "copy",
    "--no-build",
];

/// What both know by the same names.
const SAME: [&str; 3] = ["--no-index", "--no-deps", "--require-hashes"];

/// One line for each wheel, held to its verified bytes.
fn requirements(wheels: &[Wheel]) -> String {
    let line = |wheel: &Wheel| {
        format!(
            "{}=={} --hash={}\n",
            wheel.name, wheel.version, wheel.sha256
        )
    };
    wheels.iter().map(line).collect()
}

/// Whether the environment has pip. An interpreter that is no virtual environment's may have it anywhere.
fn has_pip(environment: &Environment, python: PythonVersion) -> bool {
    if !environment.is_virtual {
        return true;
    }
    let packages = if cfg!(windows) {
        environment.folder.join("Lib")
    } else {
        let version = format!("python{}.{}", python.major, python.minor);
        environment.folder.join("lib").join(version)
    };
    packages.join("site-packages/pip/__init__.py").is_file()
}

/// uv in a folder of `PATH` that is no folder of the project, where anybody's program may lie; the environment
/// itself may be one.
fn find_uv(path: Option<&OsStr>, environment: &Environment, project: &Path) -> Option<Tool> {
    let is_of_environment = |found: &Path| {
        let real = found.canonicalize();
        real.is_ok_and(|real| real.starts_with(&environment.folder))
    };
    let is_trusted = |found: &Path| is_of_environment(found) || is_outside(found, project);
    first_on_path(path?, "uv", is_trusted).map(Tool::Uv)
}
