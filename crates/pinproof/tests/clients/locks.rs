//! Locks name files themselves: they are decided about before the command starts, and what the client then fetches
//! goes through the fence.

use crate::run::names_no_gateway;
use crate::shelf::{File, Shelf};
use crate::support::Sandbox;
use crate::tools::Tools;

const PROJECT: &str = "[project]\nname = \"app\"\nversion = \"1\"\nrequires-python = \">=3.9,<4\"\ndependencies = [\"demo\"]\n";

struct World {
    tools: Tools,
    sandbox: Sandbox,
    shelf: Shelf,
}

impl World {
    fn new(tables: &str) -> Option<Self> {
        let world = Self {
            tools: Tools::get()?,
            sandbox: Sandbox::new(),
            shelf: Shelf::with(&[File::wheel("demo", "1.0")]),
        };
        let tables = tables.replace("INDEX", &world.shelf.url());
        world
            .sandbox
            .write("pyproject.toml", format!("{PROJECT}{tables}"));
        Some(world)
    }

    /// Locks without a gateway.
    fn lock(&self, program: &str, args: &[&str], variables: &[(&str, &str)]) {
        let path = self.tools.path(&self.sandbox, &[program]);
        let program = self.sandbox.home().join("bin").join(program);
        let fixed = [
            ("PATH", path.as_str()),
            ("CI", "true"),
            ("PDM_CHECK_UPDATE", "0"),
            ("POETRY_VIRTUALENVS_IN_PROJECT", "true"),
        ];
        let ran = self
            .sandbox
            .run_program(&program, args, &[&fixed[..], variables].concat());
        ran.ends_with(0);
    }

    fn spoil(&self, lock: &str) {
        let text = self.sandbox.read(lock);
        let hash = File::wheel("demo", "1.0").sha256();
        assert!(text.contains(&hash), "{text}");
        self.sandbox
            .write(lock, text.replace(&hash, &"0".repeat(64)));
    }

    /// The command installs the lock, asks nobody past the gateway and the fence, and changes no file of the project;
    /// with a lock that the policy denies it is not started.
    fn installs(&self, command: &[&str], lock: &str, index: &str) {
        let before = (
            self.shelf.asked_straight(),
            self.sandbox.read(lock),
            self.sandbox.read("pyproject.toml"),
        );
        let variables = [
            ("POETRY_VIRTUALENVS_IN_PROJECT", "true"),
            ("PDM_VENV_IN_PROJECT", "true"),
        ];
        let ran = self.tools.run(&self.sandbox, index, (command, &variables));
        ran.ends_with(0);
        let after = (
            self.shelf.asked_straight(),
            self.sandbox.read(lock),
            self.sandbox.read("pyproject.toml"),
        );
        assert_eq!(before, after, "{}", ran.all());
        let installed = find(&self.sandbox, "demo-1.0.dist-info");
        assert!(installed, "{}", ran.all());
        names_no_gateway(
            &self.sandbox,
            &[self.shelf.url().trim_end_matches("simple/")],
        );
        std::fs::remove_dir_all(self.sandbox.project().join(".venv")).expect("it was there");
        self.spoil(lock);
        let ran = self.tools.run(&self.sandbox, index, (command, &variables));
        ran.ends_with(1)
            .notes("the command is not started: its inputs are denied")
            .notes("[hash-mismatch]");
        assert!(!find(&self.sandbox, "demo-1.0.dist-info"), "{}", ran.all());
        assert_eq!(self.shelf.asked_straight(), before.0);
    }
}

/// Whether the environment of the project has it.
fn find(sandbox: &Sandbox, name: &str) -> bool {
    let lib = sandbox.project().join(".venv/lib");
    let pythons = std::fs::read_dir(lib).into_iter().flatten().flatten();
    pythons
        .into_iter()
        .any(|python| python.path().join("site-packages").join(name).exists())
}

#[test]
fn uv_installs_its_lock() {
    let Some(world) = World::new("") else {
        return;
    };
    let index = world.shelf.url();
    let python = ["--no-cache", "--python", "/usr/bin/python3"];
    world.lock(
        "uv",
        &[&["lock", "--default-index", &index][..], &python].concat(),
        &[],
    );
    world.installs(
        &[&["uv", "sync", "--frozen"][..], &python].concat(),
        "uv.lock",
        &index,
    );
}

#[test]
fn pdm_installs_its_lock() {
    let Some(world) = World::new("[tool.pdm]\ndistribution = false\n") else {
        return;
    };
    let index = world.shelf.url();
    world.lock(
        "pdm",
        &["lock"],
        &[("PDM_PYPI_URL", &index), ("PDM_VENV_IN_PROJECT", "true")],
    );
    world.installs(&["pdm", "sync"], "pdm.lock", &index);
}

#[test]
fn poetry_installs_its_lock() {
    let Some(world) = World::new(
        "[tool.poetry]\npackage-mode = false\n[[tool.poetry.source]]\nname = \"main\"\nurl = \"INDEX\"\npriority = \"primary\"\n",
    ) else {
        return;
    };
    let index = world.shelf.url();
    world.lock("poetry", &["lock", "--no-interaction"], &[]);
    world.installs(
        &["poetry", "install", "--no-interaction"],
        "poetry.lock",
        &index,
    );
}

#[test]
fn a_file_with_its_hash_is_decided_and_fetched_through_the_fence() {
    let Some(world) = World::new("") else {
        return;
    };
    let other = Shelf::with(&[File::wheel("else", "1.0")]);
    let file = File::wheel("else", "1.0");
    let line = format!("else @ {}{}\n", other.url_of(&file), file.hash_option());
    world.sandbox.write("direct.txt", line);
    let command = [
        "pip",
        "install",
        "--no-cache-dir",
        "--no-deps",
        "--target",
        "into",
        "-r",
        "direct.txt",
    ];
    let ran = world
        .tools
        .run(&world.sandbox, &world.shelf.url(), (&command, &[]));
    ran.ends_with(0);
    assert_eq!(other.fetched(), std::slice::from_ref(&file.name));
    assert_eq!(other.asked_straight(), Vec::<String>::new());
}
