//! The wheel is built by maturin, installed by pip, uv and pipx, and what they install works.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;
use xtask::workspace;

use crate::support::{Index, NOW, Release, Sandbox};
use crate::tools::{Tools, output};

/// The wheel of this build; every test uses the same one.
pub(crate) fn wheel(tools: &Tools) -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        build(
            tools,
            &[
                "build",
                "--offline",
                "--profile",
                PROFILE,
                "--compression-level",
                "1",
            ],
        )
    })
}

/// The profile of this test: its libraries are built already.
const PROFILE: &str = if cfg!(debug_assertions) {
    "dev"
} else {
    "release"
};

/// What maturin makes with these arguments: one file in a folder of its own.
fn build(tools: &Tools, args: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("maturin-{}", args[0]));
    let _ = std::fs::remove_dir_all(&folder);
    let mut command = tools.command("maturin");
    command
        .args(args)
        .arg("--out")
        .arg(&folder)
        .current_dir(workspace::root());
    if args[0] == "build" {
        // The machine's own libc decides where this wheel runs, and it runs here only.
        command.args(["--compatibility", "linux", "--auditwheel", "skip"]);
    }
    output(&mut command);
    let mut made = std::fs::read_dir(&folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path());
    let file = made.next().expect("a file");
    assert_eq!(made.next(), None, "one file is made");
    file
}

/// An environment with the wheel, by pip and with nothing else to choose from.
pub(crate) fn installed(tools: &Tools) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    output(
        Command::new("python3")
            .args(["-m", "venv"])
            .arg(folder.path()),
    );
    let install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-index",
        "--no-cache-dir",
    ];
    output(
        Command::new(folder.path().join("bin/python"))
            .args(install)
            .arg(wheel(tools))
            .env_remove("PIP_FIND_LINKS"),
    );
    folder
}

const VERSION: &str = concat!("pinproof ", env!("CARGO_PKG_VERSION"), "\n");

#[test]
fn what_pip_installs_in_a_fresh_environment_checks_a_project() {
    let Some(tools) = Tools::new() else { return };
    let environment = installed(&tools);
    let binary = environment.path().join("bin/pinproof");
    assert_eq!(output(Command::new(&binary).arg("--version")), VERSION);

    let flask = Release::new("flask", "3.1.2");
    let index = Index::with(std::slice::from_ref(&flask));
    let check = |requirements: &str| {
        let sandbox = Sandbox::with_requirements(requirements);
        let args = ["check", "--as-of", NOW, "requirements.txt"];
        sandbox.run_program(&binary, &args, &[("PINPROOF_INDEX_URL", &index.url())])
    };
    check(&flask.locked())
        .ends_with(0)
        .says("requirements.txt: a lock file");
    check(&flask.pinned())
        .ends_with(1)
        .says("error[unhashed-requirement]");
    assert_eq!(index.asked(), ["flask"]);
}

#[test]
fn uvx_and_pipx_run_the_wheel_without_an_environment_of_ones_own() {
    let Some(tools) = Tools::new() else { return };
    let wheel = wheel(&tools);
    let home = tempfile::tempdir().expect("a folder");
    let mut uvx = tools.command("uvx");
    uvx.args(["--quiet", "--offline", "--no-index", "--no-cache", "--from"]);
    let mut pipx = tools.command("pipx");
    pipx.args(["run", "--spec"])
        .env("PIPX_HOME", home.path().join("pipx"));
    for command in [&mut uvx, &mut pipx] {
        command
            .arg(wheel)
            .args(["pinproof", "--version"])
            .env("HOME", home.path());
        assert_eq!(output(command), VERSION);
    }
}

/// Beside the program: what it is, under which terms, and what is in it; no module that could be imported.
#[test]
fn the_wheel_has_a_program_its_metadata_and_its_licences() {
    let Some(tools) = Tools::new() else { return };
    let environment = installed(&tools);
    let python = environment.path().join("bin/python");
    let show = "import importlib.metadata as m; d = m.distribution('pinproof'); print(d._path)";
    let info = PathBuf::from(output(Command::new(&python).args(["-c", show])).trim());
    let read = |name: &str| {
        std::fs::read_to_string(info.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    };

    let record = read("RECORD");
    let files: Vec<_> = record
        .lines()
        .map(|line| line.split(',').next().expect("a path"))
        .collect();
    let stem = concat!("pinproof-", env!("CARGO_PKG_VERSION"), ".dist-info/");
    let outside: Vec<_> = files
        .iter()
        .filter(|file| !file.starts_with(stem))
        .collect();
    assert_eq!(outside, [&"../../../bin/pinproof"], "{record}");
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        assert_eq!(
            read(&format!("licenses/{licence}")),
            workspace::read(&workspace::root().join(licence)).expect("a licence")
        );
    }
    let components =
        serde_json::from_str::<serde_json::Value>(&read("sboms/pinproof.cyclonedx.json"))
            .expect("JSON");
    let components = components["components"].as_array().expect("a list");
    assert!(
        components.iter().any(|one| one["name"] == "rustls"),
        "the crates in the binary are listed"
    );

    let metadata = read("METADATA");
    let (head, readme) = metadata.split_once("\n\n").expect("a readme");
    for line in [
        "Name: pinproof",
        "License-Expression: MIT OR Apache-2.0",
        "License-File: LICENSE-MIT",
        "Requires-Python: >=3.8",
    ] {
        assert!(head.lines().any(|found| found == line), "{line}: {head}");
    }
    assert!(!head.contains("Requires-Dist"), "it needs nothing: {head}");
    assert_eq!(
        readme.trim(),
        workspace::read(&workspace::root().join("README.md"))
            .expect("a readme")
            .trim()
    );
}

#[test]
fn the_source_distribution_has_what_builds_the_wheel() {
    let Some(tools) = Tools::new() else { return };
    let sdist = build(&tools, &["sdist"]);
    let listed = output(
        tools
            .command("python")
            .args(["-m", "tarfile", "-l"])
            .arg(sdist),
    );
    let root = concat!("pinproof-", env!("CARGO_PKG_VERSION"), "/");
    let files: Vec<_> = listed
        .lines()
        .map(|line| line.trim().trim_start_matches(root))
        .collect();
    for name in [
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "PKG-INFO",
        "README.md",
        "pyproject.toml",
        "crates/pinproof/src/main.rs",
    ] {
        assert!(files.contains(&name), "{name}: {listed}");
    }
    let odd: Vec<_> = files
        .iter()
        .filter(|file| {
            file.contains("target/")
                || file.contains(".ci/")
                || file.contains("fuzz/")
                || file.starts_with("crates/pinproof/tests")
        })
        .collect();
    assert!(odd.is_empty(), "{odd:?}");
}

/// What builds the wheel is held to its bytes by the lock of the tools, in the same version.
#[test]
fn the_build_requirement_is_the_one_that_the_tools_have() {
    let pyproject =
        workspace::read(&workspace::root().join("pyproject.toml")).expect("pyproject.toml");
    let tools = workspace::read(&workspace::root().join(".ci/tools.txt")).expect("tools.txt");
    let (_, requires) = pyproject
        .split_once("requires = [\"")
        .expect("build requirements");
    let (pin, rest) = requires.split_once('"').expect("one of them");
    assert!(rest.starts_with("]\n"), "one requirement only");
    assert!(pin.starts_with("maturin=="), "{pin}");
    assert!(
        tools.contains(&format!("\n{pin} \\\n    --hash=sha256:")),
        "{pin}"
    );
}
