//! Entries of pages that are broken, or mean harm: each costs itself, and no text of theirs becomes markup.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::hostile_pages::{bad, entry, good, sandbox, with_files};
use crate::shelf::JSON;
use crate::upstream::{Upstream, page, says};

#[test]
fn a_bad_entry_costs_itself_and_is_counted() {
    let (sandbox, upstream) = (sandbox(), Upstream::honest(&[]));
    let gateway = Gateway::before(&sandbox, &upstream.simple());
    let with = |name: &str, key: &str, value: Value| {
        let mut entry: Value = serde_json::from_str(&bad()).expect("JSON");
        entry["filename"] = json!(format!("demo-{name}-py3-none-any.whl"));
        entry[key] = value;
        entry
    };
    let nested = (0..100).fold(json!(1), |inner, _| json!([inner]));
    let mut bad: Vec<Value> = vec![
        with("2", "size", json!(-1)),
        with("3", "size", json!(1.5)),
        with("4", "size", json!("12")),
        with("5", "url", json!(5)),
        with("6", "url", json!("file:///etc/passwd")),
        with("7", "url", json!("data:text/plain,x")),
        with("8", "hashes", json!(["sha256"])),
        with("9", "hashes", json!({"sha256": "short"})),
        with("10", "yanked", json!(7)),
        with("11", "requires-python", json!({})),
        with("12", "upload-time", json!("yesterday")),
        with("13", "core-metadata", json!("yes")),
        with("14", "filename", json!("other-1.0-py3-none-any.whl")),
        with("15", "filename", json!("../../demo-1.0-py3-none-any.whl")),
        with("16", "filename", json!("demo-1.0-py3-none-any.whl\u{0}")),
        with("17", "filename", json!(17)),
        with("18", "upload-time", nested),
        with("19", "provenance", json!(19)),
    ];
    let count = bad.len() + 2;
    bad.push(json!("just text"));
    let mut text =
        json!({"meta": {"api-version": "1.1"}, "name": "demo", "files": bad}).to_string();
    // A number that no number holds, and the good one.
    let huge = entry("b")
        .replace("demo-1.0", "demo-20")
        .replace("\"upload-time\"", "\"size\": 1e999, \"upload-time\"");
    let more = format!("\"files\":[{huge}, {}, ", entry("a"));
    text = text.replacen("\"files\":[", &more, 1);
    let names: Value = serde_json::from_str(&good()).expect("JSON");
    upstream.behaves(move |_, stream| page(stream, &text));
    let page = gateway.page("demo");
    assert_eq!(page["files"].as_array().map(Vec::len), Some(1), "{page}");
    assert_eq!(page["files"][0]["hashes"], names["files"][0]["hashes"]);
    assert_eq!(page["_pinproof"]["not-understood"], count, "{page}");
}

#[test]
fn a_name_that_is_listed_twice_is_the_first_one() {
    let (sandbox, upstream) = (sandbox(), Upstream::honest(&[]));
    let gateway = Gateway::before(&sandbox, &upstream.simple());
    let text = with_files(&format!("[{}, {}]", entry("a"), entry("b")));
    upstream.behaves(move |_, stream| page(stream, &text));
    for _ in 0..2 {
        let page = gateway.page("demo");
        assert_eq!(page["files"].as_array().map(Vec::len), Some(1), "{page}");
        assert_eq!(page["files"][0]["hashes"]["sha256"], "a".repeat(64));
    }
    let html = gateway.get("/simple/demo/", &["Accept: text/html"]).text();
    assert_eq!(html.matches("<a ").count(), 1, "{html}");
}

#[test]
fn no_text_of_an_upstream_becomes_markup() {
    let (sandbox, upstream) = (sandbox(), Upstream::honest(&[]));
    let gateway = Gateway::before(&sandbox, &upstream.simple());
    let evil = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>\u{202e}\u{1b}[31m";
    let file = |version: &str, time: &str| {
        json!({"filename": format!("demo-{version}-py3-none-any.whl"), "url": format!("/files/{evil}"),
            "hashes": {"sha256": "a".repeat(64), evil: "x"}, "upload-time": time, "yanked": evil,
            "requires-python": evil, "core-metadata": {"sha256": "b".repeat(64), evil: evil},
            "provenance": format!("/{evil}"), evil: evil})
    };
    let page = json!({"meta": {"api-version": "1.4", "tracks": [evil], "alternate-locations": evil}, "name": "demo",
        "project-status": {"status": evil, "reason": evil}, "alternate-locations": [evil], "versions": [evil],
        "files": [file("1.0", "2020-01-01T00:00:00Z"), file("2.0", "2026-10-30T00:00:00Z")]});
    let html = format!(
        "<meta name=\"pypi:project-status\" content='{0}'><base href='/{0}/'><script>document.write('<a href=demo-9.0.tar.gz>')</script>\
         <a href='demo-1.0-py3-none-any.whl#sha256={1}' data-yanked='{0}' data-requires-python='{0}' onclick='alert(1)' style='x'>{0}</a>\
         <a href='demo-2.0-py3-none-any.whl#sha256={1}' data-provenance='{0}' data-core-metadata='sha256={1}&x={0}'>",
        evil.replace('\'', "&#39;"),
        "a".repeat(64),
    );
    for (project_page, is_json) in [(page.to_string(), true), (html, false)] {
        let kind = if is_json { JSON } else { "text/html" };
        upstream.behaves(move |_, stream| {
            says(
                stream,
                200,
                &[("Content-Type", kind)],
                project_page.as_bytes(),
            )
        });
        let json = gateway.page("demo");
        let files = json["files"].as_array().expect("files");
        // What a script would have written is not there.
        assert!(
            files
                .iter()
                .all(|file| file["filename"] != "demo-9.0.tar.gz"),
            "{json}"
        );
        assert_eq!(files.len(), 2, "{json}");
        for silent in ["tracks", "alternate-locations", evil] {
            assert!(
                json.get(silent).is_none() && json["meta"].get(silent).is_none(),
                "{json}"
            );
            assert!(
                files.iter().all(|file| file.get(silent).is_none()),
                "{json}"
            );
        }
        for path in [
            "/simple/demo/",
            "/why/demo",
            "/why/demo-1.0-py3-none-any.whl",
            "/why/demo-2.0-py3-none-any.whl",
        ] {
            let answer = gateway.get(path, &["Accept: text/html"]);
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            let text = answer.text();
            for markup in ["<script", "<img", "onclick", "style='x'", "\u{1b}"] {
                assert!(!text.contains(markup), "{path}: {markup}: {text}");
            }
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        }
        let path = gateway.path("demo", "demo-2.0-py3-none-any.whl");
        let refused = gateway.get(&path, &[]);
        assert!(
            !refused.phrase.contains(['\u{1b}', '\r', '\n']),
            "{}",
            refused.phrase
        );
    }
    assert!(!gateway.log().contains('\u{1b}'));
}
