//! A temporary project and home, and the binary run in them with a cleared environment.

use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::Index;

/// The time of every test.
pub(crate) const NOW: &str = "2026-11-01T00:00:00Z";
const IMPATIENT: &[&str] = &["--timeout", "1", "--retries", "0"];

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

    /// The sha256 of a file of the project.
    pub(crate) fn sha256(&self, path: &str) -> String {
        let bytes = std::fs::read(self.project().join(path)).expect("a file");
        let digest = Sha256::digest(bytes);
        digest
            .iter()
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }

    /// Runs `check` against an index, at [`NOW`] and without patience.
    pub(crate) fn check(&self, index: &Index, more: &[&str]) -> Ran {
        let url = index.url();
        let args = [
            &["check", "--index-url", &url, "--as-of", NOW],
            IMPATIENT,
            more,
        ];
        self.run(&args.concat())
    }

    /// Runs `check` at [`NOW`] and without patience, asking whom the project and the machine name.
    pub(crate) fn check_as_configured(&self, more: &[&str], variables: &[(&str, &str)]) -> Ran {
        let args = [&["check", "--as-of", NOW], IMPATIENT, more];
        self.run_with(&args.concat(), variables)
    }

    /// Runs the binary in the project.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, &[])
    }

    /// Runs the binary in the project with variables of the environment.
    pub(crate) fn run_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Ran {
        let binary = Path::new(env!("CARGO_BIN_EXE_pinproof"));
        self.run_program(binary, args, variables)
    }

    /// Runs a program in the project as the binary is run: with a cleared environment.
    pub(crate) fn run_program(
        &self,
        program: &Path,
        args: &[&str],
        variables: &[(&str, &str)],
    ) -> Ran {
        let mut command = self.command_of(program, args);
        // What a test does not want to say of advisories is that there are none.
        command.env("PINPROOF_DB", super::quiet_db());
        self.finish(command.envs(variables.iter().copied()))
    }

    /// Runs the binary in the project without patience, where no database is named for it.
    pub(crate) fn run_without_db(&self, args: &[&str]) -> Ran {
        self.finish(&mut self.command(&[args, IMPATIENT].concat()))
    }

    /// The binary in the project, in an environment of its own.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        self.command_of(Path::new(env!("CARGO_BIN_EXE_pinproof")), args)
    }

    fn command_of(&self, program: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(self.project())
            .env_clear()
            .env("HOME", self.home())
            .env("PATH", "/usr/bin:/bin")
            // No test leaves this machine: nobody listens there.
            .env("http_proxy", "http://127.0.0.1:1")
            .env("https_proxy", "http://127.0.0.1:1")
            .env("no_proxy", "127.0.0.1");
        command
    }

    fn finish(&self, command: &mut Command) -> Ran {
        let output = command.output().expect("it runs");
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

    /// Fails unless it ended with this code.
    #[track_caller]
    pub(crate) fn ends_with(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "{}", self.all());
        self
    }

    /// Whether the report has this text, however its lines are folded.
    fn has(&self, text: &str) -> bool {
        self.stdout.contains(text) || unfolded(&self.stdout).contains(&unfolded(text))
    }

    /// Fails unless the report has this text.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> &Self {
        assert!(self.has(text), "does not say {text:?}: {}", self.all());
        self
    }

    /// Fails unless stderr has this text.
    #[track_caller]
    pub(crate) fn notes(&self, text: &str) -> &Self {
        assert!(
            self.stderr.contains(text),
            "does not note {text:?}: {}",
            self.all()
        );
        self
    }

    /// Fails if the text is anywhere in the output.
    #[track_caller]
    pub(crate) fn never_says(&self, text: &str) -> &Self {
        let said = self.has(text) || self.stderr.contains(text);
        assert!(!said, "says {text:?}: {}", self.all());
        self
    }

    /// Everything that was written, for a failed assertion.
    pub(crate) fn all(&self) -> String {
        format!(
            "exit {}\n{}\n--- stderr\n{}",
            self.code, self.stdout, self.stderr
        )
    }

    /// The report as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{}", self.all()))
    }
}

fn unfolded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
