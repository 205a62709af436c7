//! What a report says of a young fix that passes the cooldown, and of imports beside an advisory.

mod support;

use support::{Index, Release, Sandbox};

/// A flaw of every flask before 1.1, with a source of its own.
const RECORD: &str = r#"{
    "id": "CORP-1", "aliases": ["CVE-2026-1"],
    "modified": "2026-10-30T00:00:00Z", "published": "2026-10-30T00:00:00Z",
    "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
    "affected": [{
        "package": {"ecosystem": "PyPI", "name": "flask"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}]
    }]
}"#;

const SOURCE: &str = "[[advisories]]\nname = \"corp\"\npath = \"advisories\"\n";

fn old() -> Release {
    Release::new("flask", "1.0")
}

fn fix() -> Release {
    Release::new("flask", "1.1").uploaded("2026-10-30T00:00:00Z")
}

fn later() -> Release {
    Release::new("flask", "1.2").uploaded("2026-10-30T00:00:00Z")
}

fn index() -> Index {
    Index::with(&[old(), fix(), later()])
}

fn sandbox(lock: &str, config: &str) -> Sandbox {
    let sandbox = Sandbox::with_requirements(lock);
    sandbox.write("advisories/CORP-1.json", RECORD);
    sandbox.write("pinproof.toml", format!("{config}{SOURCE}"));
    sandbox
}

#[test]
fn every_format_says_that_a_fix_passes_and_until_when() {
    let sandbox = sandbox(&fix().locked(), "");
    let sentence =
        "`flask` 1.1 is inside its cooldown and passes: it is the smallest fix of CVE-2026-1";
    let text = sandbox.check(&index(), &[]);
    text.ends_with(0).says(sentence);
    text.says("its cooldown ends 2026-11-06T00:00:00Z")
        .never_says("younger than the cooldown");
    let line = format!(
        "requirements.txt:1:6: note[recent-release] {sentence} (until 2026-11-06T00:00:00Z)"
    );
    sandbox
        .check(&index(), &["--format", "concise"])
        .says(&line);
    let json = sandbox.check(&index(), &["--format", "json"]).json();
    let passing = &json["lanes"][0];
    assert_eq!(passing["release"], "1.1");
    assert_eq!(passing["fixes"][0], "CVE-2026-1");
    assert_eq!(passing["until"], "2026-11-06T00:00:00Z");
    assert_eq!(
        (&passing["file"], &passing["line"]),
        (&"requirements.txt".into(), &1.into())
    );
    assert_eq!(json["decisions"][0]["admission"], "admitted");
    assert_eq!(json["next_change_at"], "2026-11-06T00:00:00Z");
}

#[test]
fn strict_lets_the_fix_pass_and_what_is_later_waits() {
    let strict = "preset = \"strict\"\n";
    sandbox(&fix().locked(), strict)
        .check(&index(), &[])
        .ends_with(0);
    let ran = sandbox(&later().locked(), strict).check(&index(), &[]);
    ran.ends_with(1)
        .says("younger than the cooldown")
        .never_says("passes");
}

/// `--fix` blesses bytes, and asks the same function.
#[test]
fn a_fix_gets_its_hashes() {
    let sandbox = sandbox(&format!("{}\n", fix().pinned()), "");
    sandbox.check(&index(), &["--fix"]);
    assert!(sandbox.read("requirements.txt").contains(&fix().sha256()));
}

#[test]
fn without_the_records_a_fix_waits_and_the_report_says_why() {
    let sandbox = sandbox(&fix().locked(), "");
    sandbox.write("advisories/CORP-1.json", "{");
    let ran = sandbox.check(&index(), &["--format", "json"]);
    let json = ran.ends_with(3).json();
    assert_eq!(json["lanes"].as_array().map(Vec::len), Some(0));
    assert_eq!(json["decisions"][0]["admission"], "refused");
    ran.says("the fix of a known vulnerability would pass; whether this is one is not known: corp");
}

#[test]
fn imports_are_said_and_change_no_exit_code() {
    let sandbox = sandbox(&old().locked(), "");
    let none = "`flask`, a guess from the project's name: no file of the project imports it";
    sandbox.write("app/other.py", "import os\n");
    sandbox.check(&index(), &[]).ends_with(1).says(none);
    sandbox.write("app/views.py", "import os\n\nfrom flask import Flask\n");
    let ran = sandbox.check(&index(), &[]);
    ran.ends_with(1).says("imported by app/views.py:3");
}
