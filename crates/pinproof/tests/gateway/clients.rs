//! pip and uv, installing into a folder of the project.

use std::path::PathBuf;

use crate::support::{Ran, Sandbox, environment};

/// The installers.
pub(crate) struct Clients {
    pip: PathBuf,
    uv: PathBuf,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    Pip,
    Uv,
}

impl Client {
    /// How it is told the one index to ask.
    pub(crate) fn index_option(self) -> &'static str {
        match self {
            Self::Pip => "--index-url",
            Self::Uv => "--default-index",
        }
    }
}

pub(crate) const BOTH: [Client; 2] = [Client::Pip, Client::Uv];

impl Clients {
    /// Both, or none, loudly, where they cannot be had.
    pub(crate) fn get() -> Option<Self> {
        Some(Self {
            pip: environment("pip", &["pip==26.3"])?,
            uv: environment("uv", &["uv==0.13.9"])?,
        })
    }

    /// Installs into the folder `into` of the project with nothing kept from earlier runs.
    pub(crate) fn install(
        &self,
        client: Client,
        sandbox: &Sandbox,
        (index, into): (&str, &str),
        what: &[&str],
    ) -> Ran {
        let args = [
            &["install", client.index_option(), index, "--target", into],
            what,
        ]
        .concat();
        self.run(client, sandbox, &args, &[])
    }

    /// Runs `pip …` or `uv pip …` in the project with nothing kept from earlier runs, and without patience.
    pub(crate) fn run(
        &self,
        client: Client,
        sandbox: &Sandbox,
        args: &[&str],
        variables: &[(&str, &str)],
    ) -> Ran {
        let (program, before, after): (PathBuf, &[&str], &[&str]) = match client {
            Client::Pip => (
                self.pip.join("python"),
                &["-m", "pip"],
                &[
                    "--disable-pip-version-check",
                    "--no-cache-dir",
                    "--retries",
                    "0",
                ],
            ),
            Client::Uv => (
                self.uv.join("uv"),
                &["pip"],
                &["--no-cache", "--python", "/usr/bin/python3"],
            ),
        };
        let variables = [&[("UV_HTTP_RETRIES", "0")], variables].concat();
        sandbox.run_program(&program, &[before, args, after].concat(), &variables)
    }

    /// Runs uv in the project.
    pub(crate) fn uv(&self, sandbox: &Sandbox, args: &[&str]) -> Ran {
        sandbox.run_program(&self.uv.join("uv"), args, &[("UV_HTTP_RETRIES", "0")])
    }
}

/// The version that the installed module says of itself.
pub(crate) fn installed(sandbox: &Sandbox, into: &str, module: &str) -> Option<String> {
    let path = sandbox
        .project()
        .join(into)
        .join(module)
        .join("__init__.py");
    let text = std::fs::read_to_string(path).ok()?;
    let version = text.trim().strip_prefix("version = ")?;
    Some(version.trim_matches('"').to_owned())
}

/// Everything a client said, in one line: it folds where it likes.
pub(crate) fn said(ran: &Ran) -> String {
    let text = format!("{} {}", ran.stdout, ran.stderr);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
