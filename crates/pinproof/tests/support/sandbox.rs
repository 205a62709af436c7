//! A temporary project and home, and the binary run in them with a cleared environment.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A project folder, a home and a cache that nothing else uses.
pub(crate) struct Sandbox {
    folder: TempDir,
}

/// What a run of the binary gave.
pub(crate) struct Ran {
    /// The exit code; a signal is a failure of the test.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

impl Sandbox {
    /// An empty project.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in ["project", "home"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        Self { folder }
    }

    /// A project with one requirements file.
    pub(crate) fn with_requirements(text: &str) -> Self {
        let sandbox = Self::new();
        sandbox.write("requirements.txt", text);
        sandbox
    }

    /// The project's folder.
    pub(crate) fn project(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// The home folder.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        write(&self.project().join(path), text.as_ref());
    }

    /// Writes a file of the home folder.
    pub(crate) fn write_home(&self, path: &str, text: &str) {
        write(&self.home().join(path), text.as_bytes());
    }

    /// Reads a file of the project.
    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.project().join(path)).expect("a file")
    }

    /// Runs the binary in the project.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, &[])
    }

    /// Runs the binary in the project with variables of the environment.
    pub(crate) fn run_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pinproof"));
        command
            .args(args)
            .current_dir(self.project())
            .env_clear()
            .env("HOME", self.home())
            .env("PATH", "/usr/bin:/bin")
            .envs(variables.iter().copied());
        let output = command.output().expect("the binary runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
        Ran {
            code: output.status.code().expect("no signal ended the run"),
            stdout: self.scrub(&text(output.stdout)),
            stderr: self.scrub(&text(output.stderr)),
        }
    }

    /// Paths of the sandbox differ from run to run.
    fn scrub(&self, text: &str) -> String {
        let folder = self.folder.path().display().to_string();
        text.replace(&folder, "[SANDBOX]")
    }
}

fn write(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, bytes).expect("a file");
}

impl Ran {
    /// The last line of the report.
    pub(crate) fn last_line(&self) -> &str {
        self.stdout.lines().last().unwrap_or("")
    }

    /// Everything that was written, for a failed assertion.
    pub(crate) fn all(&self) -> String {
        format!("exit {}\n{}\n--- stderr\n{}", self.code, self.stdout, self.stderr)
    }

    /// The report as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{}", self.all()))
    }
}
