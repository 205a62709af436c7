//! The code-quality report: every field that GitLab wants, and fingerprints that are unique.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Index, Mood, NOW, Sandbox};
use crate::{click, flask, half_hashed, index};

fn issues(sandbox: &Sandbox, index: &Index, more: &[&str]) -> Vec<Value> {
    let ran = sandbox.check(index, &[&["--format", "gitlab"], more].concat());
    ran.json().as_array().expect("a list").clone()
}

#[test]
fn a_finding_is_an_issue_at_its_line() {
    let issues = issues(&half_hashed(), &index(), &[]);
    let fingerprint = issues[0]["fingerprint"].clone();
    assert_eq!(
        issues,
        [json!({
            "description": "`click` is pinned, but has no hash (`pinproof check --fix` adds the hashes that the index publishes)",
            "check_name": "unhashed-requirement",
            "fingerprint": fingerprint,
            "severity": "critical",
            "location": {"path": "requirements.txt", "lines": {"begin": 2}}
        })]
    );
    assert_eq!(fingerprint.as_str().map(str::len), Some(34));
}

#[test]
fn every_issue_has_every_field_and_a_fingerprint_of_its_own() {
    let sandbox = half_hashed();
    let pin = click().pinned();
    sandbox.write("requirements-dev.txt", format!("{pin}{pin}!!\n!!\n"));
    sandbox.write("setup.py", "");
    let silent = Index::in_mood(Mood::Status(503), &[]);
    let issues = issues(&sandbox, &silent, &[".", "missing.txt"]);
    let mut fingerprints = BTreeSet::new();
    let mut names = BTreeSet::new();
    for issue in &issues {
        assert!(!issue["description"].as_str().unwrap().is_empty());
        let path = issue["location"]["path"].as_str().unwrap();
        assert!(!path.is_empty() && !path.starts_with(['/', '.']), "{path}");
        assert!(issue["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
        let severity = issue["severity"].as_str().unwrap();
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity));
        fingerprints.insert(issue["fingerprint"].as_str().unwrap());
        names.insert(issue["check_name"].as_str().unwrap());
    }
    assert_eq!(fingerprints.len(), issues.len());
    for name in [
        "could-not-run",
        "not-understood",
        "skipped-input",
        "unavailable-evidence",
    ] {
        assert!(names.contains(name), "{name}: {names:?}");
    }
}

#[test]
fn a_base_takes_nothing_out_and_an_exception_does() {
    let sandbox = half_hashed();
    let before = issues(&sandbox, &index(), &[]);
    sandbox.write("old.txt", sandbox.read("requirements.txt"));
    let args = ["--base", "old.txt", "requirements.txt"];
    assert_eq!(issues(&sandbox, &index(), &args), before);
    let text = flask().locked() + "click==8.3.0  # pinproof: ignore[unhashed-requirement] #1\n";
    sandbox.write("requirements.txt", text);
    assert_eq!(issues(&sandbox, &index(), &[]), [json!(null); 0]);
}

#[test]
fn a_setting_of_the_machine_is_shown_at_a_file() {
    let sandbox = Sandbox::with_requirements(&(flask().locked() + &click().locked()));
    let index = index();
    let url = index.url();
    let args = [
        "check",
        "--index-url",
        &url,
        "--as-of",
        NOW,
        "--format",
        "gitlab",
    ];
    let issues = sandbox
        .run_with(&args, &[("PIP_TRUSTED_HOST", "corp.example")])
        .json();
    let text = issues[0]["description"].as_str().unwrap();
    assert!(text.starts_with("PIP_TRUSTED_HOST: "), "{text}");
    assert_eq!(issues[0]["location"]["path"], "requirements.txt");
}
