//! What an index says is shown as its words and does nothing else; a wrong page is no answer.

use serde_json::{Value, json};

use crate::support::{Index, Mood, Ran, Release, Sandbox};
use crate::{LOOKS, is_inert, is_no_bug, is_short};

const ACTING: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}\u{9b}31m\r\nerror: all is well";

fn flask() -> Release {
    Release::new("flask", "3.1.2")
}

fn file() -> Value {
    json!({
        "filename": "flask-3.1.2-py3-none-any.whl",
        "url": "https://files.example/flask-3.1.2-py3-none-any.whl",
        "hashes": {"sha256": flask().sha256()},
        "size": 10,
        "upload-time": "2020-01-01T00:00:00Z",
    })
}

fn page(more: &Value) -> Value {
    let mut page = json!({"meta": {"api-version": "1.4"}, "name": "flask", "files": [file()]});
    for (key, value) in more.as_object().expect("an object") {
        page[key] = value.clone();
    }
    page
}

fn check(page: &str, look: &[&str]) -> Ran {
    let index = Index::in_mood(Mood::Says(page.to_owned()), &[]);
    // Its files are not there, so their metadata would stay unknown.
    let args = [&["--allow", "incomplete-tree"], look].concat();
    Sandbox::with_requirements(&flask().locked()).check(&index, &args)
}

#[track_caller]
fn is_quoted(page: &Value) {
    for look in LOOKS {
        let ran = check(&page.to_string(), look);
        is_no_bug(&ran);
        is_inert(&ran);
        // The pages of the rules in SARIF are most of it.
        is_short(&ran, 200_000);
    }
}

#[test]
fn a_reason_for_yanking_is_quoted_and_cut() {
    let mut yanked = file();
    yanked["yanked"] = ACTING.into();
    let page_of = |file: &Value| page(&json!({"files": [file]}));
    is_quoted(&page_of(&yanked));
    let ran = check(&page_of(&yanked).to_string(), &[]);
    ran.ends_with(0)
        .says("they say: \\u{1b}[2J\\u{1b}]0;owned\\u{7}\\u{202e}\\u{9b}31m\\u{d}\\u{a}error");
    yanked["yanked"] = "x".repeat(1_000_000).into();
    is_quoted(&page_of(&yanked));
}

#[test]
fn a_status_and_its_reason_are_quoted() {
    let quarantined = json!({"status": "quarantined", "reason": ACTING});
    let page_with = |status: &Value| page(&json!({"project-status": status}));
    is_quoted(&page_with(&quarantined));
    check(&page_with(&quarantined).to_string(), &[])
        .ends_with(1)
        .says("error[quarantined-project]")
        .says("\\u{1b}[2J");
    let unknown = json!({"status": ACTING, "reason": "x".repeat(1_000_000)});
    is_quoted(&page_with(&unknown));
    check(&page_with(&unknown).to_string(), &[])
        .ends_with(0)
        .says("warning[quarantined-project]");
}

#[test]
fn file_names_that_act_are_no_files_of_the_project() {
    for name in [
        format!("flask-3.1.2-{ACTING}.whl"),
        ACTING.to_owned(),
        "../../flask-3.1.2.tar.gz".into(),
    ] {
        let mut other = file();
        other["filename"] = name.into();
        is_quoted(&page(&json!({"files": [file(), other.clone()]})));
        is_quoted(&page(&json!({"files": [other]})));
    }
}

#[test]
fn a_page_about_another_project_is_no_answer() {
    for name in ["requests", "flask-evil", ACTING, ""] {
        let other = page(&json!({"name": name}));
        is_quoted(&other);
        let ran = check(&other.to_string(), &[]);
        ran.ends_with(3).says("no answer from");
        assert!(
            ran.last_line().starts_with("judged 0 of 1"),
            "{}",
            ran.all()
        );
    }
}

#[test]
fn a_page_that_says_a_thing_twice_is_no_answer() {
    let honest = page(&json!({})).to_string();
    let doubled = [
        honest.replacen("{\"files\"", "{\"files\":[],\"files\"", 1),
        honest.replacen(
            "\"name\":\"flask\"",
            "\"name\":\"requests\",\"name\":\"flask\"",
            1,
        ),
    ];
    for page in doubled {
        assert_ne!(page, honest);
        check(&page, &[]).ends_with(3).says("no answer from");
    }
}

/// pip and uv take the last as well; what matters is that all see the same.
#[test]
fn of_a_hash_that_is_written_twice_the_last_counts() {
    let honest = page(&json!({})).to_string();
    let sha256 = format!("\"sha256\":\"{}\"", flask().sha256());
    let other = format!("\"sha256\":\"{}\"", "0".repeat(64));
    let twice = |first: &str, last: &str| honest.replace(&sha256, &format!("{first},{last}"));
    check(&twice(&other, &sha256), &[]).ends_with(0);
    check(&twice(&sha256, &other), &[])
        .ends_with(1)
        .says("error[hash-mismatch]");
}

#[test]
fn json_of_another_shape_is_no_answer() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let pages = ["null", "\"\\ud800\"", "{", "", "[]", "{\"files\": 1}"];
    for page in pages.into_iter().chain([deep.as_str()]) {
        let ran = check(page, &[]);
        is_no_bug(&ran);
        is_inert(&ran);
        ran.ends_with(3).says("no answer from");
    }
}

#[test]
fn what_is_not_asked_for_may_be_as_deep_as_it_likes() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let honest = page(&json!({})).to_string();
    let nested = honest.replacen("{\"files\"", &format!("{{\"x\":{deep},\"files\""), 1);
    assert_ne!(nested, honest);
    check(&nested, &[]).ends_with(0);
}

#[test]
fn values_at_the_edge_of_their_type_do_no_harm() {
    let edges = [
        ("upload-time", json!("9999-12-31T23:59:59.999999999Z")),
        ("upload-time", json!("-9999-01-01T00:00:00Z")),
        ("size", json!(u64::MAX)),
        ("size", json!(-1)),
        ("requires-python", json!(ACTING)),
        ("hashes", json!({"sha256": "0"})),
        ("url", json!("javascript:alert(1)")),
        ("core-metadata", json!({"sha256": ACTING})),
    ];
    for (key, value) in edges {
        let mut listed = file();
        listed[key] = value;
        is_quoted(&page(&json!({"files": [listed]})));
    }
}

#[test]
fn metadata_that_acts_is_quoted() {
    let evil = flask().requires(&format!("cli\u{202e}ck{ACTING}"));
    let index = Index::with(std::slice::from_ref(&evil));
    for look in LOOKS {
        let ran = Sandbox::with_requirements(&evil.locked()).check(&index, look);
        is_no_bug(&ran);
        is_inert(&ran);
    }
}
