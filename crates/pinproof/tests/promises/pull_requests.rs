//! P1: an audit of a pull request is red only for what the change brings.

use std::fmt::Write as _;
use std::path::Path;

use crate::support::{Ran, Sandbox};

/// The records of the examples are new then.
const NOW: &str = "2024-07-12T00:00:00Z";

/// Six releases with one known vulnerability each, and one that has none.
const LOCK: [(&str, &str); 7] = [
    ("certifi", "2022.12.7"),
    ("flask", "2.2.2"),
    ("jinja2", "2.10"),
    ("pillow", "9.5.0"),
    ("pyyaml", "5.3"),
    ("requests", "2.28.2"),
    ("six", "1.16.0"),
];

fn lock(pins: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, version) in pins {
        let digest = format!("{:064x}", name.len() * 31 + version.len());
        let _ = writeln!(text, "{name}=={version} \\\n    --hash=sha256:{digest}");
    }
    text
}

/// The lock with another version of one project.
fn lock_with(name: &str, version: &'static str) -> String {
    let change = |pin: &(&'static str, &'static str)| {
        let version = if pin.0 == name { version } else { pin.1 };
        (pin.0, version)
    };
    lock(&LOCK.iter().map(change).collect::<Vec<_>>())
}

/// A real repository with that lock on `main`, a branch checked out, and a database of the example
/// records; none without git.
fn repository() -> Option<Sandbox> {
    let sandbox = Sandbox::new();
    sandbox.init()?;
    sandbox.write("requirements.txt", lock(&LOCK));
    sandbox.write("README.md", "a shop\n");
    sandbox.commit();
    sandbox.git(&["switch", "-q", "-c", "change"]);
    let records = Path::new("../../examples/advisories");
    let records = records.canonicalize().expect("the examples");
    let database = database(&sandbox);
    let build = [
        "db",
        "build",
        &records.display().to_string(),
        "--output",
        &database,
    ];
    sandbox.run(&build).ends_with(0);
    Some(sandbox)
}

fn database(sandbox: &Sandbox) -> String {
    sandbox.home().join("advisories.db").display().to_string()
}

fn audit(sandbox: &Sandbox, more: &[&str]) -> Ran {
    let database = database(sandbox);
    let args = ["audit", "--offline", "--db", &database, "--as-of", NOW];
    sandbox.run(&[&args[..], more].concat())
}

/// The projects of the findings that count, and those that were there already.
fn projects(sandbox: &Sandbox) -> (Vec<String>, Vec<String>) {
    let report = audit(sandbox, &["--base", "main", "--format", "json"]).json();
    let of = |state: &str| {
        let findings = report["findings"].as_array().expect("a list").iter();
        let counted = findings.filter(|finding| finding["baseline"] == state);
        let project = |finding: &serde_json::Value| finding["project"].as_str().map(str::to_owned);
        let mut projects: Vec<_> = counted.filter_map(project).collect();
        projects.sort();
        projects
    };
    (of("new"), of("existing"))
}

const SIX: [&str; 6] = ["certifi", "flask", "jinja2", "pillow", "pyyaml", "requests"];

#[test]
fn a_branch_that_changes_documentation_only_is_green_over_six_known_vulnerabilities() {
    let Some(sandbox) = repository() else { return };
    sandbox.write("README.md", "a better shop\n");
    sandbox.commit();
    audit(&sandbox, &[]).ends_with(1).says("6 denied");
    audit(&sandbox, &["--base", "main"])
        .ends_with(0)
        .says("already in main (")
        .says("), not counted: 6 denied\n")
        .says("6 already there\n")
        .never_says("error[");
    assert_eq!(
        projects(&sandbox),
        (vec![], SIX.map(str::to_owned).to_vec())
    );
}

#[test]
fn a_branch_that_adds_a_vulnerability_is_red_for_that_one() {
    let Some(sandbox) = repository() else { return };
    let more = [&LOCK[..], &[("idna", "3.4")]].concat();
    sandbox.write("requirements.txt", format!("# moved\n{}", lock(&more)));
    sandbox.commit();
    let ran = audit(&sandbox, &["--base", "main"]);
    ran.ends_with(1)
        .says("error[vulnerable-release]: `idna` 3.4 is affected by CVE-2024-3651")
        .says("FAILED  1 denied")
        .says("6 already there");
    assert_eq!(ran.stdout.matches("error[").count(), 1, "{}", ran.all());
    let (new, existing) = projects(&sandbox);
    assert_eq!(
        (new, existing),
        (vec!["idna".to_owned()], SIX.map(str::to_owned).to_vec())
    );
}

#[test]
fn a_branch_that_raises_a_release_to_another_with_the_same_flaw_is_not_red() {
    let Some(sandbox) = repository() else { return };
    for version in ["2.2.4", "2.3.1", "2.0"] {
        sandbox.write("requirements.txt", lock_with("flask", version));
        audit(&sandbox, &["--base", "main"])
            .ends_with(0)
            .says("6 already there");
    }
}

#[test]
fn a_branch_that_brings_another_flaw_of_the_same_project_is_red() {
    let Some(sandbox) = repository() else { return };
    sandbox.git(&["switch", "-q", "main"]);
    sandbox.write("requirements.txt", lock(&[("cryptography", "40.0")]));
    sandbox.commit();
    sandbox.write("requirements.txt", lock(&[("cryptography", "38.0")]));
    audit(&sandbox, &["--base", "main"])
        .ends_with(1)
        .says("`cryptography` 38.0 is affected by CVE-2023-23931")
        .says("FAILED  1 denied")
        .says("1 already there");
}

#[test]
fn a_second_lock_with_a_known_flaw_is_new() {
    let Some(sandbox) = repository() else { return };
    sandbox.write("requirements-dev.txt", lock(&[("requests", "2.28.2")]));
    audit(&sandbox, &["--base", "main"])
        .ends_with(1)
        .says("requirements-dev.txt")
        .says("FAILED  1 denied")
        .says("6 already there");
}

#[test]
fn a_branch_that_fixes_one_is_green_and_has_one_less() {
    let Some(sandbox) = repository() else { return };
    sandbox.write("requirements.txt", lock_with("flask", "2.2.5"));
    sandbox.commit();
    audit(&sandbox, &["--base", "main"])
        .ends_with(0)
        .says("5 already there");
    let fixed: Vec<String> = SIX
        .map(str::to_owned)
        .into_iter()
        .filter(|name| name != "flask")
        .collect();
    assert_eq!(projects(&sandbox), (vec![], fixed));
}

#[test]
fn a_base_does_not_hide_that_nothing_could_be_known() {
    let Some(sandbox) = repository() else { return };
    let more = [&LOCK[..], &[("idna", "3.4")]].concat();
    sandbox.write("requirements.txt", lock(&more));
    let nowhere = [
        "audit",
        "--offline",
        "--db",
        "nowhere.db",
        "--as-of",
        NOW,
        "--base",
        "main",
    ];
    sandbox.run(&nowhere).ends_with(3);
}
