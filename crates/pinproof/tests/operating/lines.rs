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

#[test]
fn every_line_is_json_and_as_its_schema_says() {
    let young = File::wheel("demo", "2.0").uploaded("2026-10-30T00:00:00Z");
    let (sandbox, shelf) = (Sandbox::new(), Shelf::with(&[young.clone()]));
    let more = [
        "--index-url",
        &shelf.url(),
        "--format",
        "json",
        "--listen",
        "0.0.0.0:0",
    ];
    let gateway = Gateway::start(&sandbox, &more);
    let url = gateway.url.replace("0.0.0.0", "127.0.0.1");
    let file = format!("/files/{}/{}", young.sha256(), young.name);
    let long = format!("/simple/{}/", "x".repeat(900));
    for path in [
        file.as_str(),
        "/simple/demo/?token=hunter2",
        "/simple/%1b%5b2J%0a/",
        &long,
    ] {
        let answer = get(&url, path, &["Authorization: Basic c2VjcmV0OnNlY3JldA=="]);
        assert_ne!(answer.status, 0, "{path}");
    }
    let raw = send(
        &url,
        b"BR\x45W /simple/demo/\xe2\x80\xae HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    );
    assert_ne!(raw.status, 200);
    let with_password = send(
        &url,
        b"GET http://me:hunter2@x/simple/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    );
    assert_eq!(with_password.status, 200);
    let log = sandbox.home().join("gateway.log");
    assert_eq!(gateway.stop(), 0);
    let log = std::fs::read_to_string(log).expect("a log");
    let told = lines(&log);
    for secret in ["hunter2", "c2VjcmV0", "\u{1b}", "\u{202e}"] {
        assert!(!log.contains(secret), "{log}");
    }
    let refused = told
        .iter()
        .find(|line| line["path"] == file)
        .expect("it is told");
    assert_eq!(
        (
            &refused["kind"],
            &refused["status"],
            &refused["method"],
            &refused["client"],
            &refused["level"]
        ),
        (
            &"request".into(),
            &403.into(),
            &"GET".into(),
            &"127.0.0.1".into(),
            &"info".into()
        )
    );
    let said = refused["said"].as_str().expect("a reason");
    assert!(said.contains("[recent-release]"), "{said}");
    let long = told.iter().filter_map(|line| line["path"].as_str());
    assert!(long.map(str::len).max() < Some(400));
    let events: Vec<&Value> = told.iter().filter(|line| line["kind"] == "event").collect();
    let levels: Vec<&str> = events
        .iter()
        .filter_map(|line| line["level"].as_str())
        .collect();
    assert_eq!(levels, ["warning", "info"], "{events:?}");
    let Some(validator) = Validator::new() else {
        return;
    };
    let schema = sandbox.run(&["config", "schema", "serve-log"]).stdout;
    for line in log.lines() {
        assert_eq!(validator.errors(&schema, line), "", "{line}");
    }
    assert_ne!(
        validator.errors(&schema, "{\"kind\": \"request\", \"status\": \"x\"}"),
        ""
    );
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
