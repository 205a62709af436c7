//! pip and uv, installing into a folder of the project.

use std::path::{Path, PathBuf};

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
        let (program, args): (&Path, Vec<&str>) = match client {
            Client::Pip => (
                &self.pip.join("python"),
                vec![
                    "-m",
                    "pip",
                    "install",
                    "--disable-pip-version-check",
                    "--no-cache-dir",
                    "--retries",
                    "0",
                    "--index-url",
                    index,
                    "--target",
                    into,
                ],
            ),
            Client::Uv => (
                &self.uv.join("uv"),
                vec![
                    "pip",
                    "install",
                    "--no-cache",
                    "--default-index",
                    index,
                    "--target",
                    into,
                    "--python",
                    "/usr/bin/python3",
                ],
            ),
        };
        sandbox.run_program(
            program,
            &[&args[..], what].concat(),
            &[("UV_HTTP_RETRIES", "0")],
        )
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
