//! A cooldown goes by what the gateway has seen, where the upload times of an index are not trusted.

use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::shelf::{File, JSON, Shelf};
use crate::support::{Reply, Sandbox};

const FIRST: &str = "demo-1.0-py3-none-any.whl";
const NEXT: &str = "demo-2.0-py3-none-any.whl";

fn start(sandbox: &Sandbox, now: &str, shelf: &Shelf) -> Gateway {
    let index = format!("main={}", shelf.url());
    Gateway::start_at(sandbox, now, &["--index", &index])
}

fn trusting(sandbox: &Sandbox, more: &str) {
    let config = format!("[[index]]\nname = \"main\"\ndefault = true\n{more}");
    sandbox.write("pinproof.toml", config);
}

/// What the gateway says of a file.
fn said(gateway: &Gateway, filename: &str) -> Value {
    gateway.listed("demo", filename)["_pinproof"].clone()
}

/// A first visit, and then a new release that says that it is six years old.
fn story(sandbox: &Sandbox) -> Shelf {
    let shelf = Shelf::with(&[File::wheel("demo", "1.0")]);
    start(sandbox, "2026-10-01T00:00:00Z", &shelf).page("demo");
    shelf.offers(&[File::wheel("demo", "1.0"), File::wheel("demo", "2.0")]);
    start(sandbox, "2026-10-10T00:00:00Z", &shelf).page("demo");
    shelf
}

#[test]
fn an_old_time_makes_no_new_file_old() {
    let sandbox = Sandbox::new();
    trusting(&sandbox, "");
    let shelf = story(&sandbox);
    let gateway = start(&sandbox, "2026-10-11T00:00:00Z", &shelf);
    assert_eq!(said(&gateway, FIRST)["admission"], "admitted");
    let young = said(&gateway, NEXT);
    assert_eq!(young["admission"], "refused", "{young}");
    assert_eq!(young["rule"], "recent-release");
    // Seven days after its first sight less a day of grace.
    assert_eq!(young["until"], "2026-10-16T00:00:00Z");
    let why = gateway.get(&format!("/why/{NEXT}"), &[]).text();
    assert!(
        why.contains("first seen here 2026-10-10T00:00:00Z"),
        "{why}"
    );
    assert!(why.contains("are not trusted"), "{why}");
    drop(gateway);
    let gateway = start(&sandbox, "2026-10-16T00:00:00Z", &shelf);
    assert_eq!(said(&gateway, NEXT)["admission"], "admitted");
}

#[test]
fn times_that_are_trusted_count() {
    let sandbox = Sandbox::new();
    trusting(&sandbox, "upload-times = \"trusted\"\n");
    let shelf = story(&sandbox);
    let gateway = start(&sandbox, "2026-10-11T00:00:00Z", &shelf);
    assert_eq!(said(&gateway, NEXT)["admission"], "admitted");
}

#[test]
fn the_grace_is_a_setting() {
    let sandbox = Sandbox::new();
    trusting(&sandbox, "[rules.recent-release]\ngrace = \"3 days\"\n");
    let shelf = story(&sandbox);
    let gateway = start(&sandbox, "2026-10-11T00:00:00Z", &shelf);
    assert_eq!(said(&gateway, NEXT)["until"], "2026-10-14T00:00:00Z");
}

#[test]
fn a_file_that_joins_an_old_release_is_late_whatever_it_says() {
    let sandbox = Sandbox::new();
    trusting(&sandbox, "");
    let late = File::wheel_for("demo", "1.0", "1-py3-none-any");
    let shelf = Shelf::with(&[File::wheel("demo", "1.0")]);
    start(&sandbox, "2026-10-01T00:00:00Z", &shelf).page("demo");
    shelf.offers(&[File::wheel("demo", "1.0"), late.clone()]);
    let gateway = start(&sandbox, "2026-10-10T00:00:00Z", &shelf);
    assert_eq!(said(&gateway, &late.name)["rule"], "late-file");
    assert_eq!(said(&gateway, FIRST)["admission"], "admitted");
}

/// The page of an index that gives no upload times.
fn untimed(shelf: &Shelf, files: &[File]) {
    let listed = files.iter().map(|file| {
        let url = format!("../../files/{}", file.name);
        json!({"filename": file.name, "url": url, "hashes": {"sha256": file.sha256()}})
    });
    let files: Vec<Value> = listed.collect();
    let page = json!({"meta": {"api-version": "1.4"}, "name": "demo", "files": files});
    let kind = vec![("Content-Type", JSON.to_owned())];
    shelf.answer(
        "/simple/demo/",
        Reply::Says(200, kind, page.to_string().into_bytes()),
    );
}

#[test]
fn without_times_the_first_sight_is_the_clock() {
    let sandbox = Sandbox::new();
    trusting(&sandbox, "");
    let (old, new) = (File::wheel("demo", "1.0"), File::wheel("demo", "2.0"));
    let late = File::wheel_for("demo", "1.0", "1-py3-none-any");
    let shelf = Shelf::with(&[]);
    untimed(&shelf, std::slice::from_ref(&old));
    let gateway = start(&sandbox, "2026-10-01T00:00:00Z", &shelf);
    // A project that has been there for years, for all that anybody knows.
    assert_eq!(said(&gateway, FIRST)["admission"], "admitted");
    drop(gateway);
    untimed(&shelf, &[old, new, late.clone()]);
    let gateway = start(&sandbox, "2026-10-03T00:00:00Z", &shelf);
    assert_eq!(said(&gateway, FIRST)["admission"], "admitted");
    assert_eq!(said(&gateway, NEXT)["until"], "2026-10-10T00:00:00Z");
    assert_eq!(said(&gateway, &late.name)["rule"], "late-file");
    drop(gateway);
    let gateway = start(&sandbox, "2026-10-10T00:00:00Z", &shelf);
    assert_eq!(said(&gateway, NEXT)["admission"], "admitted");
}
