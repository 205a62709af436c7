//! Text of an upstream that wants to be markup: wherever a browser or a client sees it, it is text.

use serde_json::json;

use crate::WHEEL;
use crate::gateway::Gateway;
use crate::http::Answer;
use crate::shelf::{JSON, Shelf};
use crate::support::{Reply, Sandbox};

const EVIL: &str = "</title></script>\"'><script>alert(1)</script><img src=x onerror=alert(2)>\u{1b}[2J\u{202e}\r\nX-Evil: yes";

fn start(sandbox: &Sandbox) -> (Shelf, Gateway) {
    let file = |name: &str, time: &str, yanked: serde_json::Value| {
        json!({"filename": name, "url": format!("/files/{name}"), "hashes": {"sha256": "a".repeat(64)}, "size": 10,
               "upload-time": time, "yanked": yanked, "requires-python": EVIL})
    };
    let old = "2020-01-01T00:00:00Z";
    let page = json!({
        "meta": {"api-version": "1.4"}, "name": "demo",
        "project-status": {"status": "quarantined", "reason": EVIL},
        "files": [
            file(WHEEL, old, json!(EVIL)),
            file(&format!("demo-1.1{EVIL}-py3-none-any.whl"), old, json!(false)),
            file(&format!("demo-1.2-py3-none-any{EVIL}.whl"), old, json!(false)),
            file(&format!("demo-1.3{EVIL}.tar.gz"), old, json!(false)),
            file("demo-2.0-py3-none-any.whl", "2026-10-30T00:00:00Z", json!(EVIL)),
        ],
    });
    let shelf = Shelf::with(&[]);
    let kind = vec![("Content-Type", JSON.to_owned())];
    shelf.answer(
        "/simple/demo/",
        Reply::Says(200, kind, page.to_string().into_bytes()),
    );
    let gateway = Gateway::before(sandbox, &shelf.url());
    (shelf, gateway)
}

/// What a browser would make of it.
#[track_caller]
fn is_harmless(what: &str, answer: &Answer) {
    let text = answer.text();
    for markup in ["<script", "<img", "onerror=alert(2)>", "\u{1b}"] {
        assert!(!text.contains(markup), "{what} has {markup:?}: {text}");
    }
    let header = |name| answer.header(name).unwrap_or("");
    assert!(
        header("content-security-policy").starts_with("default-src 'none'"),
        "{what}"
    );
    assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(header("referrer-policy"), "no-referrer", "{what}");
    assert_eq!(header("x-frame-options"), "DENY", "{what}");
    assert_eq!(header("x-evil"), "", "{what}");
}

#[test]
fn what_an_upstream_writes_stays_text() {
    let sandbox = Sandbox::new();
    let (_shelf, gateway) = start(&sandbox);
    let html = gateway.get("/simple/demo/", &["Accept: text/html"]);
    assert!(
        html.status == 200 && html.text().contains(WHEEL),
        "{}",
        html.text()
    );
    assert!(
        html.text().contains("&lt;script&gt;"),
        "it is shown: {}",
        html.text()
    );
    is_harmless("the page", &html);
    let json = gateway.get("/simple/demo/", &[&format!("Accept: {JSON}")]);
    assert!(json.header("content-type").is_some_and(|kind| kind == JSON));
    let page: serde_json::Value = serde_json::from_slice(&json.body).expect("JSON");
    for file in page["files"].as_array().expect("files") {
        let name = file["filename"].as_str().expect("a name");
        let name = name.bytes().map(|byte| format!("%{byte:02x}"));
        let name = name.collect::<Vec<_>>().concat();
        let why = gateway.get(&format!("/why/{name}"), &[]);
        is_harmless("why a file", &why);
        let refused = gateway.get(&format!("/files/{}/{name}", "a".repeat(64)), &[]);
        assert!(refused.status >= 400, "the project is in quarantine");
        is_harmless_as_header(&refused);
    }
    for what in ["demo", WHEEL, "demo-2.0-py3-none-any.whl"] {
        let why = gateway.get(&format!("/why/{what}"), &[]);
        assert_eq!(why.status, 200, "{what}");
        is_harmless(what, &why);
    }
}

#[track_caller]
fn is_harmless_as_header(answer: &Answer) {
    let is_plain = |c: char| c.is_ascii_graphic() || c == ' ';
    assert!(answer.phrase.chars().all(is_plain), "{:?}", answer.phrase);
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
    assert_eq!(answer.header("x-evil"), None);
    assert!(!answer.text().contains('\u{1b}'));
}

#[test]
fn what_a_client_writes_is_not_shown_as_markup() {
    let sandbox = Sandbox::new();
    let (_shelf, gateway) = start(&sandbox);
    let script = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for path in [
        format!("/simple/{script}/"),
        format!("/why/{script}"),
        format!("/why/demo-1.0-{script}.whl"),
        format!("/files/{script}/demo-1.0.zip"),
        format!("/{script}"),
    ] {
        let answer = gateway.get(&path, &["Accept: text/html"]);
        assert!(
            matches!(answer.status, 403 | 404),
            "{path}: {}",
            answer.status
        );
        // It is quoted in JSON, which no browser renders, and is told not to guess.
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
}
