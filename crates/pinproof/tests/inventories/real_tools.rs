//! What real tools write of a real environment is read, and to the last release.

use std::collections::BTreeSet;
use std::process::Command;

use crate::support::{Index, Release, Sandbox};
use crate::tools::{Tools, output};

/// An environment with a few real releases, made by pip.
fn environment(sandbox: &Sandbox) {
    let folder = sandbox.project().join("env");
    output(Command::new("python3").args(["-m", "venv"]).arg(&folder));
    let install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    let projects = ["jinja2==3.1.6", "six==1.17.0"];
    output(
        Command::new(folder.join("bin/python"))
            .args(install)
            .args(projects),
    );
}

/// What pip itself says is installed.
fn installed(sandbox: &Sandbox) -> BTreeSet<(String, String)> {
    let mut command = Command::new(sandbox.project().join("env/bin/python"));
    let list = [
        "-m",
        "pip",
        "--disable-pip-version-check",
        "list",
        "--format",
        "json",
    ];
    let listed = output(command.args(list));
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    let of = |value: &serde_json::Value| value.as_str().unwrap_or("").to_lowercase();
    let listed = listed.as_array().expect("a list").iter();
    listed
        .map(|one| (of(&one["name"]), of(&one["version"])))
        .collect()
}

/// What was judged, as JSON, by an index that has none of it.
fn judged(sandbox: &Sandbox, args: &[&str]) -> serde_json::Value {
    let index = Index::with(&[Release::new("nothing", "1")]);
    let more = [&["--format", "json", "--only", "unknown-project"], args].concat();
    sandbox.check(&index, &more).ends_with(1).json()
}

fn releases(report: &serde_json::Value) -> BTreeSet<(String, String)> {
    let decisions = report["decisions"].as_array().expect("a list").iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("").to_owned();
    decisions
        .map(|one| (text(&one["name"]), text(&one["release"])))
        .collect()
}

fn needed_by(report: &serde_json::Value, name: &str) -> String {
    let mut decisions = report["decisions"].as_array().expect("a list").iter();
    let found = decisions.find(|one| one["name"] == name);
    found.expect("the release")["needed_by"].to_string()
}

#[test]
fn an_environment_is_what_pip_and_cyclonedx_py_say_it_is() {
    let Some(tools) = Tools::new() else { return };
    let sandbox = Sandbox::new();
    environment(&sandbox);
    let expected = installed(&sandbox);
    assert!(expected.iter().any(|(name, _)| name == "markupsafe"));

    let report = judged(&sandbox, &["--environment", "env"]);
    assert_eq!(releases(&report), expected);
    assert_eq!(report["files"][0]["judged"], expected.len());
    assert_eq!(
        needed_by(&report, "markupsafe"),
        r#"["asked for by name","jinja2"]"#
    );
    assert_eq!(needed_by(&report, "six"), r#"["asked for by name"]"#);

    let document = output(
        tools
            .command("cyclonedx-py")
            .args(["environment"])
            .arg(sandbox.project().join("env")),
    );
    sandbox.write("env.cdx.json", document);
    let report = judged(&sandbox, &["env.cdx.json"]);
    assert_eq!(releases(&report), expected);
    assert_eq!(report["questions"], serde_json::json!([]));
    assert_eq!(needed_by(&report, "markupsafe"), r#"["jinja2"]"#);
}

#[test]
fn an_export_of_uv_is_read_with_the_hashes_of_its_files() {
    let Some(tools) = Tools::new() else { return };
    let sandbox = Sandbox::new();
    sandbox.write(
        "pyproject.toml",
        "[project]\nname = \"shop\"\nversion = \"7\"\nrequires-python = \">=3.11\"\n\
         dependencies = [\"jinja2==3.1.6\", \"six==1.17.0\"]\n",
    );
    let uv = |args: &[&str]| {
        let mut command = tools.command("uv");
        let cache = sandbox.home().join("uv");
        output(
            command
                .args(args)
                .current_dir(sandbox.project())
                .env("UV_CACHE_DIR", cache),
        )
    };
    uv(&["lock", "--quiet"]);
    let document = uv(&["export", "--quiet", "--preview", "--format", "cyclonedx1.5"]);
    sandbox.write("uv.cdx.json", document);
    let report = judged(&sandbox, &["uv.cdx.json"]);
    let names: Vec<_> = releases(&report)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["jinja2", "markupsafe", "six"]);
    assert_eq!(report["questions"], serde_json::json!([]));
    assert_eq!(report["files"][0]["inventory"]["subject"], "shop 7");
    assert_eq!(needed_by(&report, "markupsafe"), r#"["shop 7","jinja2"]"#);
}
