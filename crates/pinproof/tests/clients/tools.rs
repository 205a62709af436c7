//! The clients on a `PATH` of a test's own.

use std::path::{Path, PathBuf};

use crate::support::{NOW, Ran, Sandbox, environment};

/// The folders with the programs of the clients.
pub(crate) struct Tools {
    pip: PathBuf,
    uv: PathBuf,
    pdm: PathBuf,
    poetry: PathBuf,
}

impl Tools {
    /// All of them, or none, loudly, where they cannot be had.
    pub(crate) fn get() -> Option<Self> {
        Some(Self {
            pip: environment("pip", &["pip==26.3"])?,
            uv: environment("uv", &["uv==0.13.9"])?,
            pdm: environment("pdm", &["pdm[locked]==2.24.2"])?,
            poetry: environment("poetry", &["poetry==2.5.1"])?,
        })
    }

    /// A `PATH` with these clients and the system's programs.
    pub(crate) fn path(&self, sandbox: &Sandbox, clients: &[&str]) -> String {
        let folder = sandbox.home().join("bin");
        std::fs::create_dir_all(&folder).expect("a folder");
        for client in clients {
            let from = match *client {
                "uv" | "uvx" => &self.uv,
                "pdm" => &self.pdm,
                "poetry" => &self.poetry,
                "pip" => &self.pip,
                other => panic!("no client is called {other}"),
            };
            link(&from.join(client), &folder.join(client));
        }
        format!("{}:/usr/bin:/bin", folder.display())
    }

    /// The interpreter that has pip.
    pub(crate) fn python(&self) -> String {
        self.pip.join("python").display().to_string()
    }

    /// Runs a command through `pinproof run` in front of this index, at the time of the tests.
    pub(crate) fn run(
        &self,
        sandbox: &Sandbox,
        upstream: &str,
        (command, variables): (&[&str], &[(&str, &str)]),
    ) -> Ran {
        self.run_with(sandbox, upstream, &[], (command, variables))
    }

    /// The same with more options.
    pub(crate) fn run_with(
        &self,
        sandbox: &Sandbox,
        upstream: &str,
        more: &[&str],
        (command, variables): (&[&str], &[(&str, &str)]),
    ) -> Ran {
        let path = self.path(sandbox, &["pip", "uv", "uvx", "pdm", "poetry"]);
        let usual = [
            "run",
            "--index-url",
            upstream,
            "--as-of",
            NOW,
            "--timeout",
            "3",
            "--retries",
            "0",
        ];
        let args = [&usual[..], more, &["--"], command].concat();
        let fixed = [
            ("PATH", path.as_str()),
            // Nobody is reached through a proxy, so that those of the run are the only ones.
            ("http_proxy", ""),
            ("https_proxy", ""),
            ("no_proxy", ""),
            ("UV_HTTP_RETRIES", "0"),
            ("UV_PYTHON_DOWNLOADS", "never"),
            ("CI", "true"),
        ];
        sandbox.run_with(&args, &[&fixed[..], variables].concat())
    }
}

fn link(from: &Path, to: &Path) {
    if !to.exists() {
        std::os::unix::fs::symlink(from, to).expect("a link");
    }
}
