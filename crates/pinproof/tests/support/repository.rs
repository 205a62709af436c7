//! Git in the sandbox; the tests start it, pinproof never does.

use std::process::Command;

use super::Sandbox;

impl Sandbox {
    /// Makes the project a repository; `None` without git, said loudly, and a failure where `CI=true`.
    pub(crate) fn init(&self) -> Option<()> {
        if Command::new("git").arg("--version").output().is_err() {
            let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
            assert!(!in_ci, "there is no git");
            eprintln!("SKIPPED: there is no git");
            return None;
        }
        self.git(&["init", "-q", "--initial-branch=main"]);
        Some(())
    }

    /// Runs git in the project, and gives what it says.
    pub(crate) fn git(&self, args: &[&str]) -> String {
        said(
            args,
            self.git_command(args, "2026-10-01T12:00:00Z").output(),
        )
    }

    /// Commits everything, at a time.
    pub(crate) fn commit_at(&self, time: &str) {
        self.git(&["add", "--all"]);
        let commit = ["commit", "-q", "--allow-empty", "--message", "a change"];
        said(&commit, self.git_command(&commit, time).output());
    }

    /// Runs git with a text as its input, and checks out what came of it.
    pub(crate) fn feed(&self, args: &[&str], input: &str) {
        self.write(".git/input", input);
        let file = std::fs::File::open(self.project().join(".git/input")).expect("the input");
        let mut command = self.git_command(args, "2026-10-01T12:00:00Z");
        said(args, command.stdin(file).output());
        self.git(&["reset", "-q", "--hard"]);
    }

    fn git_command(&self, args: &[&str], time: &str) -> Command {
        let nobody = [
            "user.name=nobody",
            "user.email=nobody@nowhere.invalid",
            "gc.auto=0",
        ];
        let mut command = Command::new("git");
        command
            .args(nobody.iter().flat_map(|setting| ["-c", setting]))
            .args(args)
            .current_dir(self.project())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_DATE", time)
            .env("GIT_COMMITTER_DATE", time);
        command
    }

    /// Commits everything.
    pub(crate) fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "-q", "--message", "a change"]);
    }
}

/// What a run of git said.
fn said(args: &[&str], output: std::io::Result<std::process::Output>) -> String {
    let output = output.expect("git runs");
    assert!(output.status.success(), "git {args:?}: {output:?}");
    let text = String::from_utf8(output.stdout).expect("git speaks UTF-8");
    text.trim().to_owned()
}
