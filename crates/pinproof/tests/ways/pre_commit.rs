//! A real pre-commit runs the hooks: green on a good project, red on a bad one, quiet where nothing of interest changes.

use std::path::Path;
use std::process::Output;

use xtask::binary::Binary;
use xtask::workspace;

use crate::support::{Index, NOW, Release, Sandbox, quiet_db};
use crate::tools::{Tools, both, skip};
use crate::wheel::wheel;

/// A project that is a repository with pre-commit configured, and the index it asks.
struct Project {
    tools: Tools,
    sandbox: Sandbox,
    index: Index,
    flask: Release,
}

impl Project {
    fn new() -> Option<Self> {
        let tools = Tools::new()?;
        // Building it may link the binary again, so nothing may run that before.
        wheel(&tools);
        let sandbox = Sandbox::new();
        sandbox.init()?;
        let flask = Release::new("flask", "3.1.2");
        let index = Index::with(std::slice::from_ref(&flask));
        Some(Self {
            tools,
            sandbox,
            index,
            flask,
        })
    }

    /// Has the hook with this id run, from a repository with our list of hooks.
    fn configure(&self, hooks: &Sandbox, id: &str) {
        let (folder, rev) = (hooks.project(), hooks.git(&["rev-parse", "HEAD"]));
        let text = format!(
            "repos:\n- repo: {}\n  rev: {rev}\n  hooks:\n  - id: {id}\n",
            folder.display()
        );
        self.sandbox.write(".pre-commit-config.yaml", text);
    }

    /// Stages everything and runs pre-commit on these files.
    fn run(&self, files: &[&str]) -> Output {
        self.sandbox.git(&["add", "--all"]);
        let mut command = self.tools.command("pre-commit");
        let programs = Path::new(env!("CARGO_BIN_EXE_pinproof")).parent();
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let paths = programs.map(Path::to_owned).into_iter();
        let paths = std::env::join_paths(paths.chain(std::env::split_paths(&inherited)));
        command
            .args(["run", "--color", "never", "--verbose", "--files"])
            .args(files)
            .current_dir(self.sandbox.project())
            .env("PATH", paths.expect("folders"))
            .env("HOME", self.sandbox.home())
            .env("PRE_COMMIT_HOME", self.sandbox.home().join("pre-commit"))
            .env("PINPROOF_INDEX_URL", self.index.url())
            .env("PINPROOF_AS_OF", NOW)
            .env("PINPROOF_DB", quiet_db())
            .env_remove("PIP_FIND_LINKS");
        command.output().expect("pre-commit runs")
    }

    /// A lock is green, the same without hashes is red.
    fn is_judged(&self) {
        self.sandbox.write("requirements.txt", self.flask.locked());
        let green = self.run(&["requirements.txt"]);
        assert!(green.status.success(), "{}", both(&green));
        assert!(both(&green).contains("requirements.txt: a lock file"));
        self.sandbox.write("requirements.txt", self.flask.pinned());
        let red = self.run(&["requirements.txt"]);
        assert_eq!(red.status.code(), Some(1), "{}", both(&red));
        assert!(both(&red).contains("error[unhashed-requirement]"));
    }
}

/// A repository that has our list of hooks, and nothing to build.
fn hooks() -> Option<Sandbox> {
    let sandbox = Sandbox::new();
    let name = ".pre-commit-hooks.yaml";
    sandbox.init()?;
    sandbox.write(
        name,
        workspace::read(&workspace::root().join(name)).expect("hooks"),
    );
    sandbox.commit();
    Some(sandbox)
}

#[test]
fn the_hook_with_an_installed_pinproof_is_green_and_red() {
    let Some(project) = Project::new() else {
        return;
    };
    let Some(hooks) = hooks() else { return };
    project.configure(&hooks, "pinproof-system");
    project.is_judged();
}

/// A change of any input has the whole project judged; one of something else costs nothing.
#[test]
fn the_hook_runs_for_the_files_that_are_inputs() {
    let Some(project) = Project::new() else {
        return;
    };
    let Some(hooks) = hooks() else { return };
    project.configure(&hooks, "pinproof-system");
    project
        .sandbox
        .write("requirements.txt", project.flask.pinned());
    let inputs = [
        "requirements.in",
        "dev-requirements.txt",
        "requirements/prod.txt",
        "a/constraints.txt",
        "pyproject.toml",
        "pinproof.toml",
        "pylock.toml",
        "pylock.prod.toml",
        "b/uv.lock",
        "Pipfile",
        "Pipfile.lock",
    ];
    let others = [
        "notes.txt",
        "requirements.md",
        "docs/prod.txt",
        "Pipfile.lock.old",
        "src/app.py",
    ];
    for name in inputs.iter().chain(&others) {
        project.sandbox.write(name, "");
        let ran = project.run(&[name]);
        let is_input = inputs.contains(name);
        assert_eq!(ran.status.success(), !is_input, "{name}: {}", both(&ran));
        assert_eq!(
            both(&ran).contains("Skipped"),
            !is_input,
            "{name}: {}",
            both(&ran)
        );
    }
}

/// What the guide shows for a version that pip installs: the wheel stands in for one that is published.
#[test]
fn pre_commit_installs_the_wheel_and_runs_it() {
    let Some(project) = Project::new() else {
        return;
    };
    let binary = Binary::new(Path::new(env!("CARGO_BIN_EXE_pinproof"))).expect("the binary");
    if !binary.reaches_pypi().expect("an answer") {
        return skip("PyPI does not answer, and pre-commit makes its environments with setuptools");
    }
    let text = workspace::read(&workspace::root().join("docs/guide/ways/pre-commit.md"));
    let text = text.expect("the chapter");
    let (_, rest) = text
        .split_once("```yaml file=.pre-commit-config.yaml\n")
        .expect("a configuration");
    let (shown, _) = rest.split_once("```").expect("its end");
    let wheel = wheel(&project.tools).display().to_string();
    let pin = concat!("pinproof==", env!("CARGO_PKG_VERSION"));
    assert!(shown.contains(pin), "{shown}");
    project
        .sandbox
        .write(".pre-commit-config.yaml", shown.replace(pin, &wheel));
    project.is_judged();
}
