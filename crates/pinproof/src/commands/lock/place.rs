//! What is locked, where the lock is, and in which format.

use std::path::{Path, PathBuf};

use pinproof_core::{Environment, Lock, Printable};
use pinproof_engine::lock::{LockFormat, command_path};

use crate::cli;
use crate::error::CliError;

/// The inputs that are taken where none is named, the first that is there.
const INPUTS: [&str; 2] = ["requirements.in", "pyproject.toml"];

/// Inputs and output of a lock.
#[derive(Debug)]
pub(crate) struct LockPlace {
    /// The inputs.
    pub(crate) inputs: Vec<PathBuf>,
    /// The file of the lock.
    pub(crate) path: PathBuf,
    /// The same, as it is shown.
    pub(crate) shown: Printable,
    /// What it is written in.
    pub(crate) format: LockFormat,
    base: PathBuf,
}

impl LockPlace {
    /// What the arguments name, or what is in the folder `base`.
    pub(crate) fn of(args: &cli::Lock, base: &Path) -> Result<Self, CliError> {
        let inputs = if args.inputs.is_empty() {
            let mut found = INPUTS.iter().filter(|name| base.join(name).is_file());
            let found = found.next().ok_or(CliError::NothingToLock)?;
            vec![PathBuf::from(found)]
        } else {
            args.inputs.clone()
        };
        let path = match &args.to {
            Some(path) => path.clone(),
            None => beside(&inputs[0])?,
        };
        let is_input = |input: &PathBuf| base.join(input) == base.join(&path);
        let shown = Printable::from(path.display().to_string());
        if inputs.iter().any(is_input) {
            return Err(CliError::LockIsInput { path: shown });
        }
        Ok(Self {
            format: LockFormat::of(&path),
            path: base.join(path),
            shown,
            inputs,
            base: base.to_owned(),
        })
    }

    /// The folder that inputs are named from in the lock.
    pub(crate) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(&self.base)
    }

    /// The lock in its format.
    pub(crate) fn text(&self, lock: &Lock, args: &cli::Lock, targets: &[Environment]) -> String {
        self.format.write(lock, &self.command(args, targets))
    }

    /// The command that makes the same lock anywhere, in the folder of the lock: no option is left to a default
    /// that may change.
    fn command(&self, args: &cli::Lock, targets: &[Environment]) -> String {
        let path = |path: &PathBuf| command_path(&self.base.join(path), self.folder());
        let mut words = vec!["pinproof lock".to_owned()];
        words.extend(self.inputs.iter().map(path));
        if args.to.is_some() {
            words.push(format!("--to {}", path(&self.path)));
        }
        let pythons = targets.iter().map(Environment::python);
        let platforms = targets.iter().map(Environment::platform);
        option(&mut words, "--python", pythons);
        option(
            &mut words,
            "--platform",
            platforms.map(pinproof_core::Platform::name),
        );
        option(&mut words, "--extra", &args.extra);
        option(&mut words, "--group", &args.group);
        option(
            &mut words,
            "--constraints",
            args.constraints.iter().map(path),
        );
        option(&mut words, "--override", args.overrides.iter().map(path));
        option(&mut words, "--exclude", &args.exclude);
        option(&mut words, "--allow-build", &args.allow_build);
        match args.prerelease {
            cli::Prerelease::IfNecessary => {}
            cli::Prerelease::IfNamed => words.push("--prerelease if-named".to_owned()),
            cli::Prerelease::Allow => words.push("--prerelease allow".to_owned()),
            cli::Prerelease::Disallow => words.push("--prerelease disallow".to_owned()),
        }
        if args.lowest {
            words.push("--lowest".to_owned());
        }
        words.join(" ")
    }
}

/// Adds an option with each value once.
fn option<T: std::fmt::Display>(
    words: &mut Vec<String>,
    name: &str,
    values: impl IntoIterator<Item = T>,
) {
    for value in values {
        let word = format!("{name} {value}");
        if !words.contains(&word) {
            words.push(word);
        }
    }
}

/// The lock that belongs beside an input.
fn beside(input: &Path) -> Result<PathBuf, CliError> {
    let name = input.file_name().unwrap_or_default();
    if input.extension().is_some_and(|end| end == "in") {
        return Ok(input.with_extension("txt"));
    }
    if name == "pyproject.toml" || name == "Pipfile" {
        return Ok(input.with_file_name("pylock.toml"));
    }
    Err(CliError::WhereTo {
        input: Printable::from(input.display().to_string()),
    })
}
