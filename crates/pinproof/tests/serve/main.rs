//! `pinproof serve`: the decision log as whoever audits it meets it, and the copy of the data folder.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[path = "../support/mod.rs"]
mod support;

use std::path::Path;

use pinproof_core::Admission;
use pinproof_server::store::Store as _;
use pinproof_server::store::local::LocalStore;
use pinproof_server::store::records::{Decision, VerdictKey};
use pinproof_server::store::words::Sha256;
use support::{Ran, Sandbox};

/// A gateway that has decided five times and still runs.
fn gateway(data: &Path) -> LocalStore {
    let store = LocalStore::open(data).unwrap();
    let decisions = (1..=5).map(decision).collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(store.record(decisions)).unwrap();
    store
}

fn decision(number: u8) -> Decision {
    Decision {
        key: VerdictKey {
            project: "demo".parse().unwrap(),
            filename: format!("demo-{number}.0-py3-none-any.whl").parse().unwrap(),
            sha256: Sha256::of(&[number]),
            policy: "policy".to_owned(),
            evidence: "evidence".to_owned(),
        },
        upstream: "pypi".parse().unwrap(),
        admission: Admission::Refused,
        rule: Some("recent-release".to_owned()),
        reason: Some("`demo` is \u{202e}too young\n".to_owned()),
        decided_at: "2026-11-01T00:00:00Z".parse().unwrap(),
        next_change_at: None,
    }
}

fn ends_with(ran: &Ran, code: i32, words: &str) {
    assert_eq!(ran.code, code, "{}", ran.all());
    assert!(ran.all().contains(words), "{}", ran.all());
}

#[test]
fn a_log_is_exported_and_verified_beside_the_gateway() {
    let sandbox = Sandbox::new();
    let _gateway = gateway(&sandbox.project().join("data"));
    let verified = sandbox.run(&["serve", "log", "verify", "--data", "data"]);
    ends_with(&verified, 0, "5 entries");
    assert_eq!(verified.last_line(), "the log is whole");
    let shown = sandbox.run(&["serve", "log", "export", "--data", "data"]);
    assert_eq!(shown.code, 0, "{}", shown.all());
    assert_eq!(shown.stdout.lines().count(), 5);
    let first: serde_json::Value =
        serde_json::from_str(shown.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(first["entry"]["filename"], "demo-1.0-py3-none-any.whl");
    assert_eq!(first["entry"]["admission"], "refused");
    let written = sandbox.run(&[
        "serve",
        "log",
        "export",
        "--data",
        "data",
        "-o",
        "log.jsonl",
    ]);
    assert_eq!((written.code, written.stdout.as_str()), (0, ""));
    assert_eq!(sandbox.read("log.jsonl"), shown.stdout);
    ends_with(
        &sandbox.run(&["serve", "log", "verify", "log.jsonl"]),
        0,
        "the log is whole",
    );
}

#[test]
fn an_edited_export_is_1_and_names_the_entries() {
    let sandbox = Sandbox::new();
    drop(gateway(&sandbox.project().join("data")));
    let export = sandbox
        .run(&["serve", "log", "export", "--data", "data"])
        .stdout;
    let lines: Vec<&str> = export.lines().collect();
    let edited = format!(
        "{}\n{}\n{}\n",
        lines[0],
        lines[1].replace("refused", "admitted"),
        lines[4]
    );
    sandbox.write("log.jsonl", edited);
    let ran = sandbox.run(&["serve", "log", "verify", "log.jsonl"]);
    ends_with(&ran, 1, "entry 2 of writer ");
    ends_with(&ran, 1, "entries 3 to 4 of writer ");
    assert_eq!(ran.last_line(), "the log is not whole: 2 faults");
    sandbox.write("log.jsonl", "\u{1b}[2J{}\n");
    let ran = sandbox.run(&["serve", "log", "verify", "log.jsonl"]);
    ends_with(&ran, 1, "line 1: it is no entry of a log");
    assert!(!ran.all().contains('\u{1b}'), "{}", ran.all());
}

#[test]
fn a_noted_head_shows_what_was_cut_off() {
    let sandbox = Sandbox::new();
    drop(gateway(&sandbox.project().join("data")));
    let export = sandbox
        .run(&["serve", "log", "export", "--data", "data"])
        .stdout;
    let last: serde_json::Value = serde_json::from_str(export.lines().last().unwrap()).unwrap();
    let head = last["hash"].as_str().unwrap();
    ends_with(
        &sandbox.run(&["serve", "log", "verify", "--data", "data", "--head", head]),
        0,
        "whole",
    );
    let cut: Vec<&str> = export.lines().take(4).collect();
    sandbox.write("log.jsonl", cut.join("\n"));
    ends_with(
        &sandbox.run(&["serve", "log", "verify", "log.jsonl"]),
        0,
        "4 entries",
    );
    let ran = sandbox.run(&["serve", "log", "verify", "log.jsonl", "--head", head]);
    ends_with(&ran, 1, &format!("no entry has the hash {head}"));
}

#[test]
fn what_is_not_there_is_2() {
    let sandbox = Sandbox::new();
    for command in ["export", "verify"] {
        let ran = sandbox.run(&["serve", "log", command, "--data", "data"]);
        ends_with(&ran, 2, "data has no store");
        ends_with(&ran, 2, "hint: name the folder");
    }
    assert!(!sandbox.project().join("data").exists());
    ends_with(
        &sandbox.run(&["serve", "log", "verify", "none.jsonl"]),
        2,
        "cannot be read",
    );
    ends_with(&sandbox.run(&["serve", "log", "verify"]), 2, "--data");
    drop(gateway(&sandbox.project().join("data")));
    sandbox.write(
        "data/store.sqlite3",
        "this is a text, and longer than a head\n".repeat(100),
    );
    ends_with(
        &sandbox.run(&["serve", "log", "verify", "--data", "data"]),
        2,
        "damaged",
    );
}

#[test]
fn a_backup_is_taken_beside_the_gateway() {
    let sandbox = Sandbox::new();
    let _gateway = gateway(&sandbox.project().join("data"));
    let ran = sandbox.run(&["serve", "backup", "--data", "data", "copy"]);
    ends_with(&ran, 0, "copy: the database and 0 files");
    ends_with(
        &sandbox.run(&["serve", "log", "verify", "--data", "copy"]),
        0,
        "5 entries",
    );
    ends_with(
        &sandbox.run(&["serve", "backup", "--data", "data", "copy"]),
        2,
        "error: copy: ",
    );
}
