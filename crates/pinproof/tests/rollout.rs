//! `deny-from`: a rule that reports first, and denies from a day on.

#[path = "support/mod.rs"]
mod support;

use serde_json::Value;
use support::{Index, Mood, Ran, Release, Sandbox};

const BEFORE: &str = "2026-12-31T23:59:59Z";
const DAY: &str = "2027-01-01T00:00:00Z";

fn flask() -> Release {
    Release::new("flask", "1.0")
}

/// A lock without a hash, under a policy.
fn sandbox(rules: &str) -> Sandbox {
    let sandbox = Sandbox::with_requirements(&flask().pinned());
    sandbox.write("pinproof.toml", rules);
    sandbox
}

fn announced(rule: &str) -> String {
    format!("[rules.{rule}]\ndeny-from = 2027-01-01\n")
}

fn check(sandbox: &Sandbox, index: &Index, at: &str, more: &[&str]) -> Ran {
    let url = index.url();
    let args = [
        "check",
        "--index-url",
        &url,
        "--as-of",
        at,
        "--retries",
        "0",
    ];
    sandbox.run(&[&args[..], more].concat())
}

fn json(sandbox: &Sandbox, at: &str) -> Value {
    let index = Index::with(&[flask()]);
    check(
        sandbox,
        &index,
        at,
        &[
            "--format",
            "json",
            "-A",
            "vulnerable-release",
            "-A",
            "known-malware",
        ],
    )
    .json()
}

#[test]
fn a_rule_warns_before_the_day_and_denies_from_it_on() {
    let sandbox = sandbox(&announced("unhashed-requirement"));
    let index = Index::with(&[flask()]);
    let quiet = ["-A", "vulnerable-release", "-A", "known-malware"];
    check(&sandbox, &index, BEFORE, &quiet)
        .ends_with(0)
        .says("warning[unhashed-requirement]")
        .says("note: denied from 2027-01-01 on");
    check(&sandbox, &index, DAY, &quiet)
        .ends_with(1)
        .says("error[unhashed-requirement]")
        .never_says("denied from");
}

#[test]
fn the_day_is_part_of_the_policy_and_of_what_changes_next() {
    let with = sandbox(&announced("unhashed-requirement"));
    let (before, after) = (json(&with, BEFORE), json(&with, DAY));
    assert_eq!(before["next_change_at"], DAY);
    assert_eq!(after["next_change_at"], Value::Null);
    assert_eq!(before["policy_digest"], after["policy_digest"]);
    let denied = json(&sandbox("[rules]\nunhashed-requirement = \"deny\"\n"), DAY);
    assert_ne!(denied["policy_digest"], after["policy_digest"]);
    let later = sandbox("[rules.unhashed-requirement]\ndeny-from = 2027-01-02\n");
    assert_ne!(json(&later, DAY)["policy_digest"], after["policy_digest"]);
    // A day that concerns nothing in the report changes nothing of it.
    let other = json(&sandbox(&announced("yanked-release")), BEFORE);
    assert_eq!(other["next_change_at"], Value::Null);
}

#[test]
fn a_question_has_the_level_of_its_rule_on_that_day() {
    let silent = Index::in_mood(Mood::Status(503), &[]);
    let sandbox = Sandbox::with_requirements(&flask().locked());
    sandbox.write("pinproof.toml", announced("quarantined-project"));
    let only = ["--only", "quarantined-project", "--format", "json"];
    let level = |at: &str| {
        let report = check(&sandbox, &silent, at, &only).json();
        let mut questions = report["questions"].as_array().unwrap().iter();
        let of_rule = questions.find(|question| question["rule"] == "quarantined-project");
        (
            of_rule.unwrap()["level"].clone(),
            report["next_change_at"].clone(),
        )
    };
    assert_eq!(level(BEFORE), ("warn".into(), DAY.into()));
    assert_eq!(level(DAY), ("deny".into(), Value::Null));
}

#[test]
fn rules_about_the_tool_have_a_day_too() {
    let sandbox = Sandbox::with_requirements(&flask().locked());
    sandbox.write("setup.py", "");
    sandbox.write("pinproof.toml", announced("skipped-input"));
    let index = Index::with(&[flask()]);
    let only = ["--only", "skipped-input", "--format", "json"];
    let before = check(&sandbox, &index, BEFORE, &only);
    assert_eq!(before.ends_with(0).json()["next_change_at"], DAY);
    before.says("denied from 2027-01-01 on");
    check(&sandbox, &index, DAY, &only).ends_with(1);
}

#[test]
fn the_command_line_beats_the_day() {
    let sandbox = sandbox(&announced("unhashed-requirement"));
    let index = Index::with(&[flask()]);
    let only = ["--only", "unhashed-requirement"];
    let run = |at: &str, level: &str| {
        check(
            &sandbox,
            &index,
            at,
            &[&only[..], &[level, "unhashed-requirement"]].concat(),
        )
    };
    run(DAY, "-W")
        .ends_with(0)
        .says("warning[unhashed-requirement]");
    run(BEFORE, "-D")
        .ends_with(1)
        .says("error[unhashed-requirement]");
    run(DAY, "-A")
        .ends_with(0)
        .never_says("unhashed-requirement]");
}

#[test]
fn a_level_beside_the_day_and_a_day_that_is_none_could_not_run() {
    for (config, said) in [
        (
            "[rules.weak-hash]\nlevel = \"warn\"\ndeny-from = 2027-01-01\n",
            "`weak-hash` has a level, and a day from which it has another",
        ),
        (
            "[rules.weak-hash]\ndeny-from = \"soon\"\n",
            "a date such as 2027-01-31",
        ),
        ("[rules.weak-hash]\ndeny-form = 2027-01-01\n", "deny-from"),
    ] {
        sandbox(config).run(&["check"]).ends_with(2).notes(said);
    }
}
