//! What the gateway remembers is said: on its pages, under `/why/`, in the log, and to whoever keeps an eye on it.

use crate::gateway::{Gateway, entries};
use crate::shelf::{File, Shelf};
use crate::support::Sandbox;

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
