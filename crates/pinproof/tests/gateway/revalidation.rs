//! A page that did not change is neither sent again, nor read again, nor decided again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::gateway::Gateway;
use crate::shelf::{self, File, JSON};
use crate::support::Sandbox;
use crate::upstream::{Request, Upstream, head, page, says};

const ACCEPT: &str = "Accept: application/vnd.pypi.simple.v1+json";

/// Nothing counts for longer than a moment.
const IMPATIENT: &str = "[cache]\nfresh-for = \"0 minutes\"\n";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("pinproof.toml", IMPATIENT);
    sandbox
}

/// An index with validators. The validator of its page counts up with each new one.
fn with_etags(files: &[File], changes: &Arc<AtomicUsize>) -> Upstream {
    let (files, changes) = (files.to_vec(), Arc::clone(changes));
    Upstream::new(move |request, stream| {
        let etag = format!("\"v{}\"", changes.load(Ordering::Relaxed));
        let headers = [("ETag", &*etag), ("Content-Type", JSON)];
        if request.header("if-none-match") == Some(&etag) {
            return head(stream, 304, &headers[..1]);
        }
        let shown = &files[..=changes.load(Ordering::Relaxed).min(files.len() - 1)];
        says(stream, 200, &headers, shelf::page("demo", shown).as_bytes())
    })
}

#[test]
fn what_did_not_change_is_not_sent_again_and_what_did_is() {
    let sandbox = sandbox();
    let files = [File::wheel("demo", "1.0"), File::wheel("demo", "1.1")];
    let changes = Arc::new(AtomicUsize::new(0));
    let upstream = with_etags(&files, &changes);
    let gateway = Gateway::before(&sandbox, &upstream.simple());
    let first = gateway.get("/simple/demo/", &[ACCEPT]);
    let again = gateway.get("/simple/demo/", &[ACCEPT]);
    assert_eq!((first.status, again.status), (200, 200));
    assert_eq!(first.body, again.body);
    assert_eq!(first.header("etag"), again.header("etag"));
    let sent = || upstream.headers("if-none-match");
    assert_eq!(sent(), [None, Some("\"v0\"".to_owned())]);
    // Another process asks with what the store has.
    drop(gateway);
    let gateway = Gateway::before(&sandbox, &upstream.simple());
    let page = gateway.page("demo");
    assert_eq!(page["versions"], serde_json::json!(["1.0"]));
    assert!(page["_pinproof"]["stale"].is_null(), "{page}");
    assert_eq!(sent().last(), Some(&Some("\"v0\"".to_owned())));
    changes.store(1, Ordering::Relaxed);
    assert_eq!(
        gateway.page("demo")["versions"],
        serde_json::json!(["1.0", "1.1"])
    );
    assert_eq!(
        gateway.page("demo")["versions"],
        serde_json::json!(["1.0", "1.1"])
    );
    assert_eq!(sent().last(), Some(&Some("\"v1\"".to_owned())));
}

#[test]
fn a_date_is_a_validator_too_and_without_one_nothing_is_confirmed() {
    let date = "Mon, 19 Oct 2026 10:00:00 GMT";
    for dated in [true, false] {
        let sandbox = sandbox();
        let text = shelf::page("demo", &[File::wheel("demo", "1.0")]);
        let upstream = Upstream::new(move |request, stream| {
            if request.header("if-modified-since").is_some() {
                return head(stream, 304, &[]);
            }
            let date = [("Content-Type", JSON), ("Last-Modified", date)];
            let headers = if dated { &date[..] } else { &date[..1] };
            says(stream, 200, headers, text.as_bytes())
        });
        let gateway = Gateway::before(&sandbox, &upstream.simple());
        let first = gateway.page("demo");
        assert_eq!(gateway.page("demo")["files"], first["files"]);
        let sent = dated.then(|| date.to_lowercase());
        assert_eq!(upstream.headers("if-modified-since"), [None, sent]);
    }
}

#[test]
fn a_verdict_changes_with_time_although_the_page_does_not() {
    let sandbox = sandbox();
    let young = [File::wheel("demo", "1.0").uploaded("2026-10-30T00:00:00Z")];
    let upstream = with_etags(&young, &Arc::default());
    let gateway = Gateway::before(&sandbox, &upstream.simple());
    let file = gateway.listed("demo", "demo-1.0-py3-none-any.whl");
    assert_eq!(file["_pinproof"]["admission"], "refused", "{file}");
    drop(gateway);
    let index = upstream.simple();
    let gateway = Gateway::start_at(&sandbox, "2026-11-06T00:00:01Z", &["--index-url", &index]);
    let file = gateway.listed("demo", "demo-1.0-py3-none-any.whl");
    assert_eq!(file["_pinproof"]["admission"], "admitted", "{file}");
    assert_eq!(
        upstream.headers("if-none-match").last(),
        Some(&Some("\"v0\"".to_owned()))
    );
}

#[test]
fn nothing_changed_is_no_answer_to_who_did_not_ask_that() {
    let sandbox = sandbox();
    let upstream = Upstream::new(|_: &Request, stream| head(stream, 304, &[]));
    let gateway = Gateway::before(&sandbox, &upstream.simple());
    let answer = gateway.get("/simple/demo/", &[ACCEPT]);
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.text().contains("answered 304"), "{}", answer.text());
    let text = shelf::page("demo", &[File::wheel("demo", "1.0")]);
    upstream.behaves(move |_, stream| page(stream, &text));
    assert_eq!(gateway.page("demo")["versions"], serde_json::json!(["1.0"]));
}

#[test]
fn who_was_gone_is_asked_for_everything_again() {
    let sandbox = sandbox();
    let files = [File::wheel("demo", "1.0")];
    let upstream = with_etags(&files, &Arc::default());
    let gateway = Gateway::before(&sandbox, &upstream.simple());
    gateway.page("demo");
    upstream.behaves(|_, stream| says(stream, 404, &[], b"no"));
    let gone = gateway.page("demo");
    let stale = gone["_pinproof"]["stale"].as_str();
    assert!(
        stale.is_some_and(|why| why.ends_with("does not have it any more")),
        "{gone}"
    );
    let text = shelf::page("demo", &files);
    upstream.behaves(move |_, stream| page(stream, &text));
    assert!(gateway.page("demo")["_pinproof"]["stale"].is_null());
    let sent = upstream.headers("if-none-match");
    assert_eq!(sent, [None, Some("\"v0\"".to_owned()), None]);
}

#[test]
fn an_index_says_how_long_its_page_counts_within_bounds() {
    for (says_so, counts) in [
        ("public, max-age=90", "max-age=90"),
        ("max-age=1", "max-age=30"),
        ("no-cache", "max-age=30"),
        ("max-age=86400", "max-age=600"),
        ("public", "max-age=600"),
    ] {
        let sandbox = Sandbox::new();
        let text = shelf::page("demo", &[File::wheel("demo", "1.0")]);
        let upstream = Upstream::new(move |_, stream| {
            let headers = [("Content-Type", JSON), ("Cache-Control", says_so)];
            says(stream, 200, &headers, text.as_bytes())
        });
        let gateway = Gateway::before(&sandbox, &upstream.simple());
        let answer = gateway.get("/simple/demo/", &[ACCEPT]);
        assert_eq!(answer.header("cache-control"), Some(counts), "{says_so}");
    }
}

#[test]
fn the_serial_number_of_an_index_is_passed_on() {
    let in_page =
        r#"{"meta": {"api-version": "1.4", "_last-serial": 31}, "name": "demo", "files": []}"#;
    for (header, body, serial) in [
        (Some("32000001"), in_page, serde_json::json!(32_000_001)),
        (None, in_page, serde_json::json!(31)),
        (
            Some("soon"),
            r#"{"meta": {"api-version": "1.4", "_last-serial": "x"}, "name": "demo", "files": []}"#,
            serde_json::Value::Null,
        ),
    ] {
        let sandbox = Sandbox::new();
        let upstream = Upstream::new(move |_, stream| {
            let kind = ("Content-Type", JSON);
            let serial = header.map(|serial| ("X-PyPI-Last-Serial", serial));
            let headers: Vec<_> = [Some(kind), serial].into_iter().flatten().collect();
            says(stream, 200, &headers, body.as_bytes())
        });
        let gateway = Gateway::before(&sandbox, &upstream.simple());
        assert_eq!(gateway.page("demo")["meta"]["_last-serial"], serial);
    }
}

#[test]
fn credentials_of_an_index_are_sent_to_it_and_shown_nowhere() {
    let sandbox = sandbox();
    let changes = Arc::default();
    let upstream = with_etags(&[File::wheel("demo", "1.0")], &changes);
    let index = upstream.simple().replace("http://", "http://me:hunter2@");
    let gateway = Gateway::before(&sandbox, &index);
    gateway.page("demo");
    upstream.behaves(|_, stream| says(stream, 401, &[], b"no"));
    let mut shown = String::new();
    for path in [
        "/simple/demo/",
        "/simple/other/",
        "/why/demo",
        "/why/demo-1.0-py3-none-any.whl",
        "/",
    ] {
        shown.push_str(&gateway.get(path, &[]).text());
    }
    assert!(
        upstream
            .headers("authorization")
            .iter()
            .all(|sent| sent.as_deref() == Some("basic bwu6ahvudgvymg=="))
    );
    drop(upstream);
    shown.push_str(&gateway.get("/simple/third/", &[]).text());
    shown.push_str(&gateway.log());
    assert!(shown.contains("answered 401"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
}
