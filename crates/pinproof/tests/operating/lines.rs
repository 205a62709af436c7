//! The lines that it writes: complete, safe, as their schema says, and never in the way of an answer.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use serde_json::Value;

use crate::gateway::Gateway;
use crate::http::{get, send};
use crate::shelf::{File, Shelf};
use crate::support::{NOW, Sandbox, quiet_db};
use crate::until;
use crate::validator::Validator;

fn lines(log: &str) -> Vec<Value> {
    let lines = log.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

/// What a gateway told in JSON of clients that send what they should not.
struct Told {
    sandbox: Sandbox,
    /// The path of a file that is refused.
    refused: String,
    log: String,
}

fn told() -> Told {
    let young = File::wheel("demo", "2.0").uploaded("2026-10-30T00:00:00Z");
    let refused = format!("/files/{}/{}", young.sha256(), young.name);
    let (sandbox, shelf) = (Sandbox::new(), Shelf::with(&[young]));
    let url = shelf.url();
    let json = ["--index-url", &url, "--format", "json"];
    let gateway = Gateway::start(&sandbox, &[&json[..], &["--listen", "0.0.0.0:0"]].concat());
    let url = gateway.url.replace("0.0.0.0", "127.0.0.1");
    let endless = format!("/simple/{}/", "x".repeat(900));
    for path in [
        refused.as_str(),
        "/simple/demo/?token=hunter2",
        "/simple/%1b%5b2J%0a/",
        &endless,
    ] {
        let answer = get(&url, path, &["Authorization: Basic c2VjcmV0OnNlY3JldA=="]);
        assert_ne!(answer.status, 0, "{path}");
    }
    for (line, status) in [
        ("BREW /simple/demo%e2%80%ae/", 405),
        ("GET http://me:hunter2@127.0.0.1/simple/", 200),
    ] {
        let request = format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = send(&url, request.as_bytes());
        assert_eq!(answer.status, status, "{line}");
    }
    let log = sandbox.home().join("gateway.log");
    assert_eq!(gateway.stop(), 0);
    Told {
        log: std::fs::read_to_string(log).expect("a log"),
        sandbox,
        refused,
    }
}

#[test]
fn a_line_has_what_happened_and_no_secret() {
    let told = told();
    for secret in ["hunter2", "c2VjcmV0", "\u{1b}", "\u{202e}"] {
        assert!(!told.log.contains(secret), "{}", told.log);
    }
    let all = lines(&told.log);
    let refused = all.iter().find(|line| line["path"] == told.refused);
    let refused = refused.expect("it is told");
    for (key, value) in [
        ("kind", "request"),
        ("level", "info"),
        ("method", "GET"),
        ("client", "127.0.0.1"),
    ] {
        assert_eq!(refused[key], value, "{refused}");
    }
    assert_eq!(refused["status"], 403);
    let said = refused["said"].as_str().expect("a reason");
    assert!(said.contains("[recent-release]"), "{said}");
    let paths = all.iter().filter_map(|line| line["path"].as_str());
    assert!(paths.map(str::len).max() < Some(400));
    let events = all.iter().filter(|line| line["kind"] == "event");
    let levels: Vec<&str> = events.filter_map(|line| line["level"].as_str()).collect();
    assert_eq!(levels, ["warning", "info"], "{}", told.log);
}

#[test]
fn every_line_is_as_its_schema_says() {
    let Some(validator) = Validator::new() else {
        return;
    };
    let told = told();
    let schema = told.sandbox.run(&["config", "schema", "serve-log"]).stdout;
    for line in told.log.lines() {
        assert_eq!(validator.errors(&schema, line), "", "{line}");
    }
    let wrong = "{\"kind\": \"request\", \"status\": \"x\"}";
    assert_ne!(validator.errors(&schema, wrong), "");
}

/// A reader that hangs holds up a pipe after some 64 KiB, and with it whoever writes into it.
#[test]
fn who_does_not_read_the_lines_holds_up_no_answer() {
    let (sandbox, shelf) = (Sandbox::new(), Shelf::with(&[File::wheel("demo", "1.0")]));
    let args = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data",
        "data",
        "--as-of",
        NOW,
        "--index-url",
        &shelf.url(),
    ];
    let mut command = sandbox.command(&args);
    command
        .env("PINPROOF_DB", quiet_db())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    stdout.read_line(&mut line).expect("a line");
    let url = line
        .trim()
        .strip_prefix("answering at ")
        .expect("an address")
        .to_owned();
    let path = format!("/simple/{}/", "y".repeat(280));
    for _ in 0..1_000 {
        assert_eq!(get(&url, &path, &[]).status, 404);
    }
    let id = child.id().to_string();
    let asked = std::process::Command::new("kill").arg(&id).status();
    assert!(asked.expect("kill is there").success());
    let mut stderr = String::new();
    let mut reader = child.stderr.take().expect("a pipe");
    reader.read_to_string(&mut stderr).expect("text");
    assert!(child.wait().expect("it ends").success());
    assert_eq!(
        stderr.matches(&path).count(),
        1_000,
        "none is lost that can wait"
    );
    assert!(
        stderr.contains("info: stopped;"),
        "{}",
        &stderr[stderr.len() - 300..]
    );
}

/// The last known advisories go on deciding, which nobody should find out by chance.
#[test]
fn advisories_that_are_too_old_are_a_warning() {
    let (sandbox, shelf) = (Sandbox::new(), Shelf::with(&[File::wheel("demo", "1.0")]));
    let later = "2027-02-01T00:00:00Z";
    let gateway = Gateway::start_at(&sandbox, later, &["--index-url", &shelf.url()]);
    let path = gateway.path("demo", crate::WHEEL);
    assert_eq!(gateway.get(&path, &[]).status, 200);
    until("somebody is told", || {
        gateway.log().contains("warning: advisories of osv: ")
    });
}

#[test]
fn quiet_leaves_out_what_is_as_it_should_be_and_nothing_else() {
    let (sandbox, shelf) = (Sandbox::new(), Shelf::with(&[File::wheel("demo", "1.0")]));
    let more = ["--index-url", &shelf.url(), "-q", "--listen", "0.0.0.0:0"];
    let gateway = Gateway::start(&sandbox, &more);
    until("the warning is there", || {
        gateway.log().contains("warning: links in refusals")
    });
    assert_eq!(
        get(&gateway.url.replace("0.0.0.0", "127.0.0.1"), "/health", &[]).status,
        200
    );
    let log = sandbox.home().join("gateway.log");
    assert_eq!(gateway.stop(), 0);
    let log = std::fs::read_to_string(log).expect("a log");
    assert_eq!(log.lines().count(), 1, "{log}");
}
