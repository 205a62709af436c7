//! The tools that write locks, and what each says of its own lock.

use std::path::PathBuf;
use std::process::Command;

use crate::support::{Sandbox, environment};

/// A tool that writes locks.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    /// The file that it reads.
    pub(crate) input: &'static str,
    /// Its command that locks.
    pub(crate) lock: &'static str,
    /// Its command that says whether the lock is up to date, by its exit code.
    is_fresh: &'static [&'static str],
    programs: PathBuf,
}

impl Tool {
    pub(crate) fn uv() -> Option<Self> {
        Some(Self {
            name: "uv",
            input: "pyproject.toml",
            lock: "uv lock",
            is_fresh: &["lock", "--check"],
            programs: environment("uv", &["uv==0.13.9"])?,
        })
    }

    pub(crate) fn poetry() -> Option<Self> {
        Some(Self {
            name: "poetry",
            input: "pyproject.toml",
            lock: "poetry lock",
            is_fresh: &["check", "--lock"],
            programs: environment("poetry", &["poetry==2.5.1"])?,
        })
    }

    pub(crate) fn pdm() -> Option<Self> {
        Some(Self {
            name: "pdm",
            input: "pyproject.toml",
            lock: "pdm lock",
            is_fresh: &["lock", "--check"],
            programs: environment("pdm", &["pdm[locked]==2.24.2"])?,
        })
    }

    pub(crate) fn pipenv() -> Option<Self> {
        Some(Self {
            name: "pipenv",
            input: "Pipfile",
            lock: "pipenv lock",
            is_fresh: &["verify"],
            programs: environment("pipenv", &["pipenv==2026.10.3"])?,
        })
    }

    /// Locks the project.
    pub(crate) fn lock(&self, sandbox: &Sandbox) -> Option<()> {
        let (_, args) = self.lock.split_once(' ')?;
        self.compile(sandbox, args)
    }

    /// Runs a command that locks; `None`, loudly, where that fails: PyPI may not be there. Where `CI=true`, it has to be.
    #[expect(clippy::print_stderr, reason = "a skipped test has to say so")]
    pub(crate) fn compile(&self, sandbox: &Sandbox, args: &str) -> Option<()> {
        let args: Vec<&str> = args.split(' ').collect();
        let Err(said) = self.run(sandbox, &args) else {
            return Some(());
        };
        let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!in_ci, "{} does not lock: {said}", self.name);
        eprintln!("SKIPPED: {} does not lock: {said}", self.name);
        None
    }

    /// What the tool says of its lock.
    pub(crate) fn calls_fresh(&self, sandbox: &Sandbox) -> bool {
        self.run(sandbox, self.is_fresh).is_ok()
    }

    fn run(&self, sandbox: &Sandbox, args: &[&str]) -> Result<(), String> {
        // With the environment of the test: how PyPI is reached is the machine's affair.
        let output = Command::new(self.programs.join(self.name))
            .args(args)
            .current_dir(sandbox.project())
            .env_remove("PIP_FIND_LINKS")
            .env("PDM_CHECK_UPDATE", "false")
            .env("PIPENV_IGNORE_VIRTUALENVS", "1")
            .env("WORKON_HOME", sandbox.home())
            .output()
            .map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        output.status.success().then_some(()).ok_or(said)
    }
}
