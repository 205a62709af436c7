//! The arguments of `pinproof lock`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use pinproof_core::{ExtraName, Platform, ProjectName, PythonVersion, Version};

use super::Levels;

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 locked, and nothing in the lock is denied · 1 the policy or the requirements leave no lock, something in it is denied, or --check found a difference · 2 could not run · 3 a question stayed open, so nothing is written"
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Lock {
    /// What shall be locked: requirements files, pyproject.toml, Pipfile [default: requirements.in or
    /// pyproject.toml in this folder]
    #[arg(value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Write the lock here: a requirements file, or PEP 751 where it is called pylock.toml or pylock.NAME.toml
    /// [default: NAME.txt beside NAME.in, pylock.toml beside pyproject.toml]
    #[arg(
        long,
        value_name = "FILE",
        env = "PINPROOF_TO",
        help_heading = "The lock"
    )]
    pub(crate) to: Option<PathBuf>,
    /// Say whether the lock is what its inputs make, with what differs, and write nothing; ends with 1 if it is not
    #[arg(long, env = "PINPROOF_CHECK", help_heading = "The lock")]
    pub(crate) check: bool,
    /// Show what would change, and write nothing
    #[arg(long, env = "PINPROOF_DIFF", help_heading = "The lock")]
    pub(crate) diff: bool,
    /// A Python version that the lock has to be right for; may be repeated [default: the newest that the
    /// project is for, else 3.14]
    #[arg(
        long,
        value_name = "VERSION",
        env = "PINPROOF_PYTHON",
        value_delimiter = ',',
        help_heading = "What it is for"
    )]
    pub(crate) python: Vec<PythonVersion>,
    /// A platform that the lock has to be right for; may be repeated [default: linux-x86_64]
    #[arg(
        long,
        value_name = "PLATFORM",
        env = "PINPROOF_PLATFORM",
        value_delimiter = ',',
        help_heading = "What it is for"
    )]
    pub(crate) platform: Vec<Platform>,
    /// Lock this extra of pyproject.toml too; may be repeated
    #[arg(
        long,
        value_name = "EXTRA",
        env = "PINPROOF_EXTRA",
        value_delimiter = ',',
        help_heading = "What it is for"
    )]
    pub(crate) extra: Vec<ExtraName>,
    /// Lock this dependency group of pyproject.toml too; may be repeated
    #[arg(
        long,
        value_name = "GROUP",
        env = "PINPROOF_GROUP",
        value_delimiter = ',',
        help_heading = "What it is for"
    )]
    pub(crate) group: Vec<ExtraName>,
    /// Choose every version anew; without it, the pins of the existing lock are kept where they fit
    #[arg(
        short = 'U',
        long,
        env = "PINPROOF_UPGRADE",
        help_heading = "What is chosen"
    )]
    pub(crate) upgrade: bool,
    /// Choose this project anew, or raise it to this version; may be repeated
    #[arg(short = 'P', long, value_name = "NAME[==VERSION]", env = "PINPROOF_UPGRADE_PACKAGE", value_delimiter = ',', value_parser = upgrade, help_heading = "What is chosen")]
    pub(crate) upgrade_package: Vec<(ProjectName, Option<Version>)>,
    /// Raise only what an advisory names, to the smallest version that mends it
    #[arg(
        long,
        env = "PINPROOF_LOWEST_FIX",
        conflicts_with = "upgrade",
        help_heading = "What is chosen"
    )]
    pub(crate) lowest_fix: bool,
    /// Come from this lock, and keep its pins where they fit: poetry.lock, uv.lock, pdm.lock, Pipfile.lock, or any
    /// other
    #[arg(
        long,
        value_name = "LOCK",
        env = "PINPROOF_FROM",
        help_heading = "What is chosen"
    )]
    pub(crate) from: Option<PathBuf>,
    /// Limit versions by this requirements file; may be repeated
    #[arg(
        short = 'c',
        long,
        value_name = "FILE",
        env = "PINPROOF_CONSTRAINTS",
        help_heading = "What is chosen"
    )]
    pub(crate) constraints: Vec<PathBuf>,
    /// Let the requirements of this file take the place of all others about their projects; may be repeated
    #[arg(
        long = "override",
        value_name = "FILE",
        env = "PINPROOF_OVERRIDE",
        help_heading = "What is chosen"
    )]
    pub(crate) overrides: Vec<PathBuf>,
    /// Leave this project out, whoever needs it; may be repeated
    #[arg(
        long,
        value_name = "NAME",
        env = "PINPROOF_EXCLUDE",
        value_delimiter = ',',
        help_heading = "What is chosen"
    )]
    pub(crate) exclude: Vec<ProjectName>,
    /// Let this project be built where no wheel fits: installing it runs its code; may be repeated
    #[arg(
        long,
        value_name = "NAME",
        env = "PINPROOF_ALLOW_BUILD",
        value_delimiter = ',',
        help_heading = "What is chosen"
    )]
    pub(crate) allow_build: Vec<ProjectName>,
    /// Which pre-releases may be chosen
    #[arg(
        long,
        value_enum,
        default_value = "if-necessary",
        env = "PINPROOF_PRERELEASE",
        help_heading = "What is chosen"
    )]
    pub(crate) prerelease: Prerelease,
    /// Choose the lowest versions instead of the newest, to find out whether the lower bounds of a project
    /// are true
    #[arg(long, env = "PINPROOF_LOWEST", help_heading = "What is chosen")]
    pub(crate) lowest: bool,
    #[command(flatten)]
    pub(crate) levels: Levels,
}

/// Which pre-releases may be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Prerelease {
    /// Those of a project of which no final release fits, as PEP 440 has it
    IfNecessary,
    /// Those of projects that have nothing else, and those that a requirement of the inputs names
    IfNamed,
    /// All
    Allow,
    /// None
    Disallow,
}

/// Reads `NAME` or `NAME==VERSION`.
fn upgrade(text: &str) -> Result<(ProjectName, Option<Version>), String> {
    let (name, version) = match text.split_once("==") {
        Some((name, version)) => (name, Some(version)),
        None => (text, None),
    };
    let name = name
        .trim()
        .parse()
        .map_err(|error: pinproof_core::name::NameError| error.to_string())?;
    let version = version.map(|version| version.trim().parse::<Version>());
    let version = version.transpose().map_err(|error| error.to_string())?;
    Ok((name, version))
}
