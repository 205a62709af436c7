//! A repository that git made, in an environment of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use pinproof_sources::git::{GitError, Limits, Repository};
use tempfile::TempDir;

/// A repository in a temporary folder; time goes on by a day with each commit.
pub(crate) struct Made {
    folder: TempDir,
    work_tree: PathBuf,
    day: std::cell::Cell<u32>,
}

impl Made {
    /// An empty repository; `None` without git, said loudly, and a failure where `CI=true`.
    pub(crate) fn new() -> Option<Self> {
        Self::init(&[])
    }

    /// An empty repository, with more options for `git init`.
    pub(crate) fn init(more: &[&str]) -> Option<Self> {
        if Command::new("git").arg("--version").output().is_err() {
            let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
            assert!(!in_ci, "there is no git");
            eprintln!("SKIPPED: there is no git");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let work_tree = folder.path().canonicalize().unwrap().join("project");
        std::fs::create_dir(&work_tree).unwrap();
        let made = Self {
            folder,
            work_tree,
            day: std::cell::Cell::new(0),
        };
        let init = [&["init", "--quiet", "--initial-branch=main"], more].concat();
        made.git(&init);
        Some(made)
    }

    /// A clone of this repository, in a folder beside it.
    pub(crate) fn cloned(&self, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let work_tree = folder.path().canonicalize().unwrap().join("clone");
        let url = format!("file://{}", self.work_tree.display());
        let target = work_tree.display().to_string();
        let args = [&["clone", "--quiet"], options, &[&url, &target]].concat();
        self.git(&args);
        Self {
            folder,
            work_tree,
            day: self.day.clone(),
        }
    }

    /// The folder with the files.
    pub(crate) fn path(&self) -> &Path {
        &self.work_tree
    }

    /// A folder beside the working tree.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    /// Runs git, and gives what it says.
    pub(crate) fn git(&self, args: &[&str]) -> String {
        let day = self.day.get();
        let date = format!("2026-{:02}-{:02}T12:00:00Z", 1 + day / 28, 1 + day % 28);
        let nobody = [
            "user.name=nobody",
            "user.email=nobody@nowhere.invalid",
            "gc.auto=0",
        ];
        let output = Command::new("git")
            .args(nobody.iter().flat_map(|setting| ["-c", setting]))
            .args(args)
            .current_dir(&self.work_tree)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date)
            .output()
            .unwrap();
        assert!(output.status.success(), "git {args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Writes a file.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.work_tree.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Commits everything, one day after the last commit; gives the id.
    pub(crate) fn commit(&self) -> String {
        self.day.set(self.day.get() + 1);
        self.git(&["add", "--all"]);
        self.git(&[
            "commit",
            "--quiet",
            "--allow-empty",
            "--message",
            "a change",
        ]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Writes a file and commits it.
    pub(crate) fn commit_file(&self, path: &str, text: &str) -> String {
        self.write(path, text);
        self.commit()
    }

    /// Opens it.
    pub(crate) fn open(&self) -> Repository {
        self.try_open().unwrap()
    }

    /// Opens it, or says why not.
    pub(crate) fn try_open(&self) -> Result<Repository, GitError> {
        Repository::discover(&self.work_tree, Limits::default())
    }

    /// The text of a file at a revision.
    pub(crate) fn text(&self, revision: &str, path: &str) -> String {
        let repository = self.open();
        let commit = repository.resolve(revision).unwrap();
        let entry = repository.entry(commit.tree, Path::new(path)).unwrap();
        String::from_utf8(repository.read(entry.unwrap().id).unwrap()).unwrap()
    }
}
