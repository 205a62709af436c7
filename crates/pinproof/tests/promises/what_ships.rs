//! P9: what ships is judged: groups, extras and build requirements by choice, the tool's own environment never.

use crate::support::{Index, Ran, Release, Sandbox};

const PROJECT: &str = "\
[project]
name = \"shop\"
version = \"1\"
dependencies = [\"flask\"]

[project.optional-dependencies]
socks = [\"pysocks\"]
docs = [\"sphinx\"]

[dependency-groups]
dev = [\"pytest\"]
lint = [\"ruff\", { include-group = \"dev\" }]

[build-system]
requires = [\"hatchling\"]
build-backend = \"hatchling.build\"
";

const ALL: [&str; 6] = ["flask", "hatchling", "pysocks", "pytest", "ruff", "sphinx"];

fn check(more: &[&str]) -> (Vec<String>, Ran) {
    let releases = ALL.map(|name| Release::new(name, "1.0"));
    let index = Index::with(&releases);
    let sandbox = Sandbox::new();
    sandbox.write("pyproject.toml", PROJECT);
    let ran = sandbox.check(&index, more);
    (index.asked(), ran)
}

#[test]
fn everything_is_judged_unless_it_is_left_out() {
    let (asked, ran) = check(&[]);
    assert_eq!(asked, ALL);
    ran.says("judged: build requirements, dependencies, extra `docs`, extra `socks`, group `dev`, group `lint`");
    ran.never_says("left out");
}

#[test]
fn without_groups_and_extras_what_ships_is_left() {
    let (asked, ran) = check(&["--no-groups", "--no-extras"]);
    assert_eq!(asked, ["flask", "hatchling"]);
    ran.says("judged: build requirements, dependencies\n");
    ran.says("left out by choice: extra `docs`, extra `socks`, group `dev`, group `lint`");
    assert!(
        ran.last_line()
            .starts_with("judged 2 of 2 from pyproject.toml"),
        "{}",
        ran.all()
    );
}

#[test]
fn one_group_and_one_extra() {
    let (asked, ran) = check(&["--group", "dev", "--extra", "socks"]);
    assert_eq!(asked, ["flask", "hatchling", "pysocks", "pytest"]);
    ran.says("left out by choice: extra `docs`, group `lint`");
}

#[test]
fn a_group_brings_the_groups_that_it_includes() {
    let (asked, ran) = check(&["--group", "lint", "--no-extras"]);
    assert_eq!(
        asked,
        ["flask", "hatchling", "pytest", "ruff"],
        "{}",
        ran.all()
    );
}

#[test]
fn a_group_or_extra_that_does_not_exist_could_not_run() {
    for choice in [["--group", "lnit"], ["--extra", "sock"]] {
        let (_, ran) = check(&choice);
        ran.ends_with(2);
        assert!(ran.all().contains(choice[1]), "{}", ran.all());
    }
}

#[test]
fn the_configuration_chooses_and_the_command_line_overrules_it() {
    let index = Index::with(&ALL.map(|name| Release::new(name, "1.0")));
    let sandbox = Sandbox::new();
    sandbox.write("pyproject.toml", PROJECT);
    sandbox.write("pinproof.toml", "groups = [\"dev\"]\nextras = []\n");
    sandbox.check(&index, &[]);
    assert_eq!(index.asked(), ["flask", "hatchling", "pytest"]);
    sandbox.check(&index, &["--extra", "socks"]);
    assert_eq!(index.asked(), ["flask", "hatchling", "pysocks", "pytest"]);
}

/// PDM names extras and groups alike, and the project beside the lock tells one from the other.
#[test]
fn the_groups_of_a_lock_of_pdm_are_chosen_like_those_of_its_project() {
    let entry = |(name, group)| {
        let hash = "0".repeat(64);
        format!(
            "[[package]]\nname = \"{name}\"\nversion = \"1.0\"\ngroups = [\"{group}\"]\n\
             files = [{{file = \"{name}-1.0.tar.gz\", hash = \"sha256:{hash}\"}}]\n"
        )
    };
    let entries = [
        ("flask", "default"),
        ("pysocks", "socks"),
        ("pytest", "dev"),
        ("ruff", "lint"),
    ];
    let entries: String = entries.map(entry).concat();
    let asked = |project: &str, choice: &[&str]| {
        let index = Index::with(&ALL.map(|name| Release::new(name, "1.0")));
        let sandbox = Sandbox::new();
        sandbox.write(
            "pdm.lock",
            format!("[metadata]\nlock_version = \"4.5.0\"\n{entries}"),
        );
        if !project.is_empty() {
            sandbox.write("pyproject.toml", project);
        }
        sandbox.check(&index, &[&["pdm.lock"], choice].concat());
        index.asked()
    };
    // Without the project, a name may be that of an extra.
    let all = ["flask", "pysocks", "pytest", "ruff"];
    assert_eq!(asked("", &["--no-groups"]), all);
    assert_eq!(asked("", &["--no-groups", "--no-extras"]), ["flask"]);
    assert_eq!(asked(PROJECT, &["--no-groups"]), ["flask", "pysocks"]);
    let chosen = ["--group", "dev", "--no-extras"];
    assert_eq!(asked(PROJECT, &chosen), ["flask", "pytest"]);
}

#[test]
fn json_lists_both_parts() {
    let (_, ran) = check(&["--no-groups", "--format", "json"]);
    let file = &ran.json()["files"][0];
    let judged = [
        "build requirements",
        "dependencies",
        "extra `docs`",
        "extra `socks`",
    ];
    assert_eq!(file["scope"], serde_json::json!(judged));
    assert_eq!(
        file["left_out"],
        serde_json::json!(["group `dev`", "group `lint`"])
    );
}

#[test]
fn environments_and_tools_in_the_folder_are_not_judged() {
    let index = Index::with(&[Release::new("flask", "1.0")]);
    let sandbox = Sandbox::with_requirements(&Release::new("flask", "1.0").locked());
    let evil = "--extra-index-url http://evil.invalid/\nevil>=1\n";
    for folder in [
        ".venv",
        "venv",
        ".tox/py",
        "node_modules/x",
        "lib/site-packages/x",
    ] {
        sandbox.write(&format!("{folder}/requirements.txt"), evil);
    }
    sandbox.write("tools/pyvenv.cfg", "home = /usr/bin\n");
    sandbox.write("tools/requirements.txt", evil);
    let ran = sandbox.check(&index, &[]);
    ran.ends_with(0).never_says("evil");
    assert_eq!(index.asked(), ["flask"]);
}

/// A pyproject.toml says what is needed, whatever it pins: one finding, and no word of hashes, which
/// cannot stand there.
#[test]
fn a_pyproject_without_a_lock_is_one_finding_that_names_the_command() {
    let index = Index::with(&[
        Release::new("flask", "3.1.2"),
        Release::new("click", "8.3.0"),
    ]);
    let cases = [
        (
            "[\"flask==3.1.2\", \"click>=8\"]",
            "1 of the 2 requirements is not pinned, and no lock file pins it",
        ),
        (
            "[\"flask==3.1.2\", \"click==8.3.0\"]",
            "the 2 requirements are pinned, but no lock file pins what they need",
        ),
        (
            "[\"flask\", \"click\"]",
            "none of the 2 requirements is pinned, and no lock file pins them",
        ),
    ];
    for (dependencies, message) in cases {
        let sandbox = Sandbox::new();
        let project =
            format!("[project]\nname = \"x\"\nversion = \"1\"\ndependencies = {dependencies}\n");
        sandbox.write("pyproject.toml", project);
        let ran = sandbox.check(&index, &[]);
        ran.ends_with(1)
            .says(&format!("error[unpinned-requirement]: {message}"))
            .says("`pinproof lock pyproject.toml`")
            .never_says("--fix")
            .never_says("unhashed-requirement");
        let json = sandbox.check(&index, &["--format", "json"]).json();
        assert_eq!(json["summary"]["denied"], 1, "{}", ran.all());
    }
}

/// An input whose lock lies beside it is no manifest without a lock, and its lock is not said to be judged.
#[test]
fn an_input_alone_is_told_from_a_manifest_without_a_lock() {
    let index = Index::with(&[Release::new("flask", "3.1.2")]);
    let sandbox = Sandbox::new();
    sandbox.write("requirements.in", "flask\n");
    sandbox
        .check(&index, &["requirements.in"])
        .ends_with(1)
        .says("no lock file pins it");
    sandbox.write("requirements.txt", Release::new("flask", "3.1.2").locked());
    let ran = sandbox.check(&index, &["requirements.in"]);
    ran.ends_with(0)
        .says("requirements.in: the input of requirements.txt, which this run does not judge")
        .never_says("no lock file");
    assert!(
        ran.last_line()
            .starts_with("judged 1 of 1 from requirements.in"),
        "{}",
        ran.all()
    );
    sandbox
        .check(&index, &[])
        .ends_with(0)
        .never_says("does not judge");
}
