//! pip-audit and uv, pointed at `pinproof db serve`, find what `pinproof audit` finds.
//!
//! All three are asked about the same pins, on the same database, and nobody reaches the internet. What
//! they say is compared as (name, version, all ids of one flaw); the differences are those of
//! `differences.md`, each with its cause, and no others.

#[path = "../support/mod.rs"]
mod support;

mod findings;
mod programs;

use std::path::{Path, PathBuf};

use findings::{Findings, differences};
use programs::Programs;
use support::{Sandbox, Served};

/// The time of all answers.
const AT: &str = "2024-10-11";
const ARGUED: &str = include_str!("differences.md");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The real records; `None`, loudly, where they are not beside the repository.
#[expect(clippy::print_stderr, reason = "a skipped test has to say so")]
fn export() -> Option<PathBuf> {
    let path = root().join("../shared/data/osv-pypi-2024-10.zip");
    if path.exists() {
        return Some(path);
    }
    let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(!in_ci, "{} is missing", path.display());
    eprintln!("SKIPPED: {} is missing", path.display());
    None
}

/// The report of pinproof, on a database made of `records`.
fn audit(sandbox: &Sandbox, records: &Path) -> serde_json::Value {
    let records = records.display().to_string();
    let build = ["db", "build", &records, "--output", "osv.db"];
    sandbox.run(&build).ends_with(0);
    let json = ["--as-of", AT, "--format", "json"];
    let args = [&["audit", "requirements.txt", "--db", "osv.db"][..], &json].concat();
    sandbox.run_without_db(&args).ends_with(1).json()
}

/// What the three say of the requirements of a sandbox, on a database made of `records`.
fn compare(sandbox: &Sandbox, records: &Path, programs: &Programs) -> (Findings, Vec<String>) {
    let report = audit(sandbox, records);
    let ours = Findings::of_pinproof(&report);
    let server = Served::start(sandbox, "osv.db", &["--as-of", AT]);
    let pip_audit = programs.pip_audit(sandbox, &server.url);
    let uv = programs.uv_audit(sandbox, &report, &server.url);
    let mut different = differences("pip-audit", &ours, &pip_audit);
    different.extend(differences("uv", &ours, &uv));
    (ours, different)
}

/// The differences that a section of `differences.md` lists, without their causes.
fn argued(section: &str) -> Vec<String> {
    let (_, rest) = ARGUED
        .split_once(&format!("## {section}\n"))
        .expect("the section");
    let rest = rest.split("\n## ").next().expect("its text");
    let rows = rest
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let rows = rows.map(|row| row.split(" | ").collect::<Vec<_>>());
    // The first two rows are the head of the table.
    let listed = rows.skip(2).map(|cells| match cells.as_slice() {
        [tool, release, ours, theirs, _cause] => format!("{tool}: {release}: {ours}: {theirs}"),
        cells => panic!("a row has five cells: {cells:?}"),
    });
    listed.collect()
}

#[test]
fn the_lock_of_2023_on_real_records() {
    let Some((records, programs)) = export().zip(Programs::new()) else {
        return;
    };
    let lock = root().join("examples/lock-of-2023/requirements.txt");
    let sandbox = Sandbox::with_requirements(&std::fs::read_to_string(lock).expect("the lock"));
    let (ours, different) = compare(&sandbox, &records, &programs);
    assert_eq!(ours.len(), 56);
    assert_eq!(different, argued("The lock of 2023"));
}

/// Records and versions that are read in more than one way.
#[test]
fn what_is_hard_to_agree_on() {
    let Some(programs) = Programs::new() else {
        return;
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/other_tools");
    let pins = std::fs::read_to_string(folder.join("pins.txt")).expect("the pins");
    let sandbox = Sandbox::with_requirements(&pins);
    let (_, different) = compare(&sandbox, &folder.join("records"), &programs);
    assert_eq!(different, argued("Made by hand"));
}

#[test]
fn a_boundary_that_is_no_version() {
    let Some(programs) = Programs::new() else {
        return;
    };
    let sandbox = Sandbox::with_requirements("example-undecidable==1.0\n");
    let record = r#"{
        "id": "PYSEC-2024-9013",
        "modified": "2024-10-10T12:00:00Z",
        "affected": [{
            "package": {"ecosystem": "PyPI", "name": "example-undecidable"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2019-09-12"}]}]
        }]
    }"#;
    sandbox.write("records/PYSEC-2024-9013.json", record);
    let report = audit(&sandbox, &sandbox.project().join("records"));
    assert_ne!(
        report["findings"][0]["advisories"]["doubt"],
        serde_json::Value::Null
    );
    let ours = Findings::of_pinproof(&report);
    let server = Served::start(&sandbox, "osv.db", &["--as-of", AT]);
    let uv = programs.uv_audit(&sandbox, &report, &server.url);
    assert_eq!(differences("uv", &ours, &uv), [""; 0]);
    let said = programs.pip_audit_says(&sandbox, &server.url);
    assert!(said.contains("InvalidVersion"), "{said}");
}
