//! What the gateway remembers is said: on its pages, under `/why/`, in the log, and to whoever keeps an eye on it.

use crate::gateway::{Gateway, entries};
use crate::shelf::{self, File, JSON, Shelf};
use crate::support::Sandbox;
use crate::upstream::{Upstream, says};

const WHEEL: &str = "demo-1.0-py3-none-any.whl";
const NEXT: &str = "demo-2.0-py3-none-any.whl";

fn start(sandbox: &Sandbox, now: &str, shelf: &Shelf) -> Gateway {
    Gateway::start_at(sandbox, now, &["--index-url", &shelf.url()])
}

fn fetch(gateway: &Gateway, filename: &str) {
    let answer = gateway.get(&gateway.path("demo", filename), &[]);
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// What the log says of a file, oldest first.
fn logged(sandbox: &Sandbox, filename: &str) -> Vec<(String, Option<String>)> {
    let of_file = entries(sandbox);
    let of_file = of_file.iter().filter(|entry| entry["filename"] == filename);
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    of_file
        .map(|entry| {
            let admission = text(&entry["admission"]).expect("an admission");
            (admission, text(&entry["rule"]))
        })
        .collect()
}

#[test]
fn a_file_that_was_changed_is_in_the_log_and_nobody_has_to_ask_for_it() {
    let sandbox = Sandbox::new();
    let shelf = Shelf::with(&[File::wheel("demo", "1.0")]);
    let gateway = start(&sandbox, "2026-10-01T00:00:00Z", &shelf);
    fetch(&gateway, WHEEL);
    drop(gateway);
    let evil = [("demo/__init__.py", "version = \"evil\"\n")];
    shelf.offers(&[File::wheel_of("demo", "1.0", "py3-none-any", &evil)]);
    // Nothing is refused under `strict` that is the first bytes.
    sandbox.write("pinproof.toml", "preset = \"strict\"\n");
    let gateway = start(&sandbox, "2026-10-02T00:00:00Z", &shelf);
    let listed = gateway.listed("demo", WHEEL);
    assert_eq!(listed["_pinproof"]["admission"], "admitted", "{listed}");
    assert_eq!(listed["_pinproof"]["findings"][0]["rule"], "changed-file");
    fetch(&gateway, WHEEL);
    gateway.writes("has other bytes on its index now");
    assert_eq!(gateway.stop(), 0);
    let changed = Some("changed-file".to_owned());
    let logged = logged(&sandbox, WHEEL);
    assert!(
        logged.contains(&("admitted".to_owned(), changed)),
        "{logged:?}"
    );
    // Whoever puts the first bytes back hides nothing.
    shelf.offers(&[File::wheel("demo", "1.0")]);
    let gateway = start(&sandbox, "2026-10-03T00:00:00Z", &shelf);
    let listed = gateway.listed("demo", WHEEL);
    let finding = listed["_pinproof"]["findings"][0]["message"].as_str();
    assert!(
        finding.is_some_and(|said| said.contains("other bytes once")),
        "{listed}"
    );
}

#[test]
fn a_release_that_vanished_is_said_whether_it_is_kept_or_not() {
    let sandbox = Sandbox::new();
    let all = ["1.0", "2.0", "3.0"].map(|version| File::wheel("demo", version));
    let [first, kept, lost] = all.clone();
    let shelf = Shelf::with(&all);
    let gateway = start(&sandbox, "2026-10-01T00:00:00Z", &shelf);
    fetch(&gateway, NEXT);
    assert!(gateway.page("demo")["_pinproof"]["vanished"].is_null());
    drop(gateway);
    shelf.offers(std::slice::from_ref(&first));
    let gateway = start(&sandbox, "2026-10-02T00:00:00Z", &shelf);
    let page = gateway.page("demo");
    assert_eq!(
        page["_pinproof"]["vanished"],
        serde_json::json!(["2.0", "3.0"])
    );
    let listed = gateway.listed("demo", &kept.name);
    assert_eq!(
        listed["_pinproof"]["findings"][0]["rule"],
        "vanished-release"
    );
    assert_eq!(listed["_pinproof"]["admission"], "admitted");
    fetch(&gateway, NEXT);
    let why = gateway.get("/why/demo", &[]).text();
    assert!(
        why.contains("3.0, missing since 2026-10-02T00:00:00Z"),
        "{why}"
    );
    let path = format!("/files/{}/{}", lost.sha256(), lost.name);
    assert_eq!(gateway.get(&path, &[]).status, 404);
    let why = gateway.get(&format!("/why/{NEXT}"), &[]).text();
    assert!(
        why.contains("is not listed by its index any more, and was not yanked"),
        "{why}"
    );
    assert_eq!(gateway.stop(), 0);
    let rules: Vec<_> = logged(&sandbox, NEXT)
        .into_iter()
        .map(|(_, rule)| rule)
        .collect();
    assert!(
        rules.contains(&Some("vanished-release".to_owned())),
        "{rules:?}"
    );
}

#[test]
fn what_was_yanked_before_it_went_did_not_vanish() {
    let sandbox = Sandbox::new();
    let (old, new) = (File::wheel("demo", "1.0"), File::wheel("demo", "2.0"));
    let shelf = Shelf::with(&[old.clone(), new.clone().yanked()]);
    start(&sandbox, "2026-10-01T00:00:00Z", &shelf).page("demo");
    shelf.offers(&[old]);
    let gateway = start(&sandbox, "2026-10-02T00:00:00Z", &shelf);
    assert!(gateway.page("demo")["_pinproof"]["vanished"].is_null());
}

#[test]
fn one_wrong_answer_holds_no_project() {
    let sandbox = Sandbox::new();
    let shelf = Shelf::with(&[File::wheel("demo", "1.0")]);
    start(&sandbox, "2026-08-01T00:00:00Z", &shelf).page("demo");
    shelf.offers(&[]);
    start(&sandbox, "2026-08-02T00:00:00Z", &shelf).page("demo");
    shelf.offers(&[File::wheel("demo", "1.0"), File::wheel("demo", "2.0")]);
    start(&sandbox, "2026-08-05T00:00:00Z", &shelf).page("demo");
    let gateway = start(&sandbox, "2026-11-01T00:00:00Z", &shelf);
    let listed = gateway.listed("demo", NEXT);
    assert_eq!(listed["_pinproof"]["admission"], "admitted", "{listed}");
    fetch(&gateway, NEXT);
}

/// Shows these files on a page with this serial number.
fn shows(upstream: &Upstream, serial: Option<&'static str>, files: &[File]) {
    let text = shelf::page("demo", files);
    upstream.behaves(move |_, stream| {
        let serial = serial.map(|serial| ("X-PyPI-Last-Serial", serial));
        let headers = [Some(("Content-Type", JSON)), serial];
        let headers: Vec<_> = headers.into_iter().flatten().collect();
        says(stream, 200, &headers, text.as_bytes())
    });
}

#[test]
fn an_index_that_goes_back_to_an_older_page_is_said_until_it_catches_up() {
    let sandbox = Sandbox::new();
    sandbox.write("pinproof.toml", "[cache]\nfresh-for = \"0 minutes\"\n");
    let (old, new) = (File::wheel("demo", "1.0"), File::wheel("demo", "2.0"));
    let both = [old.clone(), new];
    let upstream = Upstream::honest(&[]);
    let start = |now| Gateway::start_at(&sandbox, now, &["--index-url", &upstream.simple()]);
    shows(&upstream, Some("31"), &both);
    let gateway = start("2026-10-01T00:00:00Z");
    assert!(gateway.page("demo")["_pinproof"]["went-back-from"].is_null());
    // The page of yesterday, once more: what it lists is judged as ever.
    shows(&upstream, Some("17"), std::slice::from_ref(&old));
    let page = gateway.page("demo");
    assert_eq!(page["meta"]["_last-serial"], 17);
    assert_eq!(page["_pinproof"]["went-back-from"], 31, "{page}");
    assert_eq!(page["_pinproof"]["vanished"], serde_json::json!(["2.0"]));
    assert_eq!(page["files"][0]["_pinproof"]["admission"], "admitted");
    let said = "its page of `demo` has the serial number 17, and had 31 at 2026-10-01T00:00:00Z";
    gateway.writes(said);
    gateway.page("demo");
    assert_eq!(gateway.log().matches(said).count(), 1, "{}", gateway.log());
    let why = gateway.get("/why/demo", &[]).text();
    assert!(
        why.contains("has the serial number 17, and had 31"),
        "{why}"
    );
    drop(gateway);
    // Another process knows it too, and a newer page is not enough while it is older than the newest.
    let gateway = start("2026-10-02T00:00:00Z");
    shows(&upstream, Some("30"), std::slice::from_ref(&old));
    assert_eq!(gateway.page("demo")["_pinproof"]["went-back-from"], 31);
    gateway.writes("has the serial number 30, and had 31");
    // An index that gives no number says nothing, and what it said is not forgotten.
    shows(&upstream, None, &both);
    assert!(gateway.page("demo")["_pinproof"]["went-back-from"].is_null());
    shows(&upstream, Some("30"), &both);
    assert_eq!(gateway.page("demo")["_pinproof"]["went-back-from"], 31);
    shows(&upstream, Some("31"), &both);
    assert!(gateway.page("demo")["_pinproof"]["went-back-from"].is_null());
    let why = gateway.get("/why/demo", &[]).text();
    assert!(!why.contains("serial number"), "{why}");
}
