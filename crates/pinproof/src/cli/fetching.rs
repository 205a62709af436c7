//! The command lines of what fetches distributions.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use pinproof_core::{Platform, PythonVersion};

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 everything is there · 1 something is refused, or has the wrong bytes · 2 could not run · 3 something could not be found out, or did not come"
)]
pub(crate) struct Download {
    /// Releases to fetch, such as flask==3.1.2; without a version, the newest one that is admitted
    #[arg(
        value_name = "NAME[==VERSION]",
        required_unless_present = "requirements"
    )]
    pub(crate) names: Vec<String>,
    /// Fetch what this lock names: a requirements file with hashes, pylock.toml, or another lock; may be repeated
    #[arg(short, long, value_name = "FILE", conflicts_with = "names")]
    pub(crate) requirements: Vec<PathBuf>,
    /// The folder to fetch into; it is made if it is missing
    #[arg(short, long, value_name = "DIR", env = "PINPROOF_DIR")]
    pub(crate) dir: PathBuf,
    /// Fetch the named releases, and nothing that they need; a lock names all that is needed
    #[arg(long, env = "PINPROOF_NO_DEPS")]
    pub(crate) no_deps: bool,
    /// Which files of each release
    #[arg(long, value_enum, default_value = "wheel", env = "PINPROOF_KIND")]
    pub(crate) kind: Kind,
    #[command(flatten)]
    pub(crate) target: Target,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 installed · 1 something is refused, or has the wrong bytes: nothing was installed · 2 could not run, or the installer failed · 3 something could not be found out, or did not come: nothing was installed"
)]
pub(crate) struct Install {
    /// Install what this lock names: a requirements file with hashes, pylock.toml, or another lock; may be repeated
    #[arg(short, long, value_name = "FILE", required = true)]
    pub(crate) requirements: Vec<PathBuf>,
    /// Install into the environment of this interpreter [default: the one of the active virtual environment]
    #[arg(long, value_name = "PATH", env = "PINPROOF_PYTHON_EXE")]
    pub(crate) python_exe: Option<PathBuf>,
    /// Who installs the verified wheels
    #[arg(long, value_enum, default_value = "auto", env = "PINPROOF_INSTALLER")]
    pub(crate) installer: Installer,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// The environment that files are chosen for.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct Target {
    /// The Python version to choose files for
    #[arg(
        long,
        value_name = "VERSION",
        env = "PINPROOF_PYTHON",
        help_heading = "What files are for"
    )]
    pub(crate) python: Option<PythonVersion>,
    /// The platform to choose files for
    #[arg(
        long,
        value_name = "PLATFORM",
        env = "PINPROOF_PLATFORM",
        help_heading = "What files are for"
    )]
    pub(crate) platform: Option<Platform>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// The wheel that an installer would take
    Wheel,
    /// The source distribution, to be read
    Sdist,
    /// Every wheel and source distribution, to be read
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Installer {
    /// The environment's own pip, else uv
    Auto,
    /// The environment's own pip
    Pip,
    /// uv, from PATH
    Uv,
}
