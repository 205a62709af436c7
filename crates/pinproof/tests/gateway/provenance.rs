//! PEP 740: what an index says of where its files come from is passed through from our own address, for files that
//! are handed out.

use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::shelf::{File, JSON};
use crate::support::Sandbox;
use crate::upstream::{Upstream, head, page, says};

const WHEEL: &str = "demo-1.0-py3-none-any.whl";
const YOUNG: &str = "demo-2.0-py3-none-any.whl";
const GIVEN: &[u8] = br#"{"version": 1, "attestation_bundles": [{"publisher": {"kind": "GitHub"}, "attestations": [{}]}]}"#;

/// A page of files, one of them refused, with addresses as `address` makes them.
fn listing(address: &str) -> String {
    let file = |name: &str, digit: &str, time: &str| {
        json!({"filename": name, "url": format!("/files/{name}"), "hashes": {"sha256": digit.repeat(64)},
            "upload-time": time, "provenance": address})
    };
    let files = [
        file(WHEEL, "a", "2020-01-01T00:00:00Z"),
        file(YOUNG, "b", "2026-10-30T00:00:00Z"),
    ];
    json!({"meta": {"api-version": "1.3"}, "name": "demo", "files": files}).to_string()
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("pinproof.toml", "[cache]\nfresh-for = \"0 minutes\"\n");
    sandbox
}

fn offering() -> Upstream {
    Upstream::new(|request, stream| match &*request.path {
        "/simple/demo/" => page(stream, &listing("/integrity/demo")),
        "/integrity/demo" => says(stream, 200, &[("Content-Type", "application/json")], GIVEN),
        _ => says(stream, 404, &[], b"no"),
    })
}

/// The path of the provenance that a page offers.
fn path(gateway: &Gateway) -> String {
    let file = gateway.listed("demo", WHEEL);
    let address = file["provenance"].as_str().expect("an address");
    let path = address.strip_prefix(&gateway.url);
    path.expect("our own address").to_owned()
}

#[test]
fn both_forms_offer_it_at_our_address_and_it_is_fetched_once() {
    let (sandbox, upstream) = (sandbox(), offering());
    let gateway = Gateway::before(&sandbox, &upstream.simple());
    let path = path(&gateway);
    assert_eq!(
        path,
        format!("/files/{}/{WHEEL}.provenance", "a".repeat(64))
    );
    assert_eq!(gateway.page("demo")["meta"]["api-version"], "1.3");
    let html = gateway.get("/simple/demo/", &["Accept: text/html"]).text();
    let attribute = format!("data-provenance=\"{}{path}\"", gateway.url);
    assert!(html.contains(&attribute), "{html}");
    for _ in 0..2 {
        let answer = gateway.get(&path, &[]);
        assert_eq!((answer.status, &*answer.body), (200, GIVEN));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let etag = answer.header("etag").expect("a validator");
        let same = gateway.get(&path, &[&format!("If-None-Match: {etag}")]);
        assert_eq!(same.status, 304);
    }
    assert_eq!(upstream.asked("/integrity/demo"), 1);
    // It stays, whatever becomes of the upstream.
    drop((upstream, gateway));
    let gateway = Gateway::before(&sandbox, &crate::support::Server::refused());
    let answer = gateway.get(&path, &[]);
    assert_eq!(
        answer.status, 503,
        "another index is not the one that it is from"
    );
}

#[test]
fn it_stays_when_the_upstream_dies() {
    let (sandbox, upstream) = (sandbox(), offering());
    let gateway = Gateway::before(&sandbox, &upstream.simple());
    let path = path(&gateway);
    assert_eq!(gateway.get(&path, &[]).status, 200);
    drop(upstream);
    let answer = gateway.get(&path, &[]);
    assert_eq!((answer.status, &*answer.body), (200, GIVEN));
}

#[test]
fn what_is_refused_or_not_offered_has_none() {
    let (sandbox, upstream) = (sandbox(), offering());
    let gateway = Gateway::before(&sandbox, &upstream.simple());
    let young = gateway.listed("demo", YOUNG);
    assert_eq!(young["provenance"], Value::Null, "{young}");
    let path = format!("/files/{}/{YOUNG}.provenance", "b".repeat(64));
    assert_eq!(gateway.get(&path, &[]).status, 403);
    for (name, address) in [
        ("none", ""),
        ("script", "javascript:alert(1)"),
        ("file", "file:///etc/passwd"),
        ("broken", "http://["),
    ] {
        let text = listing(address);
        upstream.behaves(move |_, stream| page(stream, &text));
        let file = gateway.listed("demo", WHEEL);
        assert_eq!(file["provenance"], Value::Null, "{name}");
        let path = format!("/files/{}/{WHEEL}.provenance", "a".repeat(64));
        assert_eq!(gateway.get(&path, &[]).status, 404, "{name}");
    }
    assert_eq!(upstream.asked("/integrity/demo"), 0);
}

#[test]
fn what_is_no_provenance_is_not_kept() {
    let (sandbox, upstream) = (sandbox(), offering());
    let gateway = Gateway::before(&sandbox, &upstream.simple());
    let path = path(&gateway);
    let large = [GIVEN, &b" ".repeat(1 << 20)].concat();
    let deep = format!(
        "{{\"version\": 1, \"attestation_bundles\": [{}",
        "[".repeat(9_000)
    );
    for body in [
        &b"<html>Please log in</html>"[..],
        b"",
        b"{}",
        &large,
        deep.as_bytes(),
    ] {
        let body = body.to_vec();
        upstream.behaves(move |request, stream| match &*request.path {
            "/simple/demo/" => page(stream, &listing("/integrity/demo")),
            _ => says(stream, 200, &[], &body),
        });
        let answer = gateway.get(&path, &[]);
        assert_eq!(answer.status, 503, "{}", answer.text());
        assert!(answer.text().contains("provenance"), "{}", answer.text());
        assert!(answer.header("retry-after").is_some());
    }
    upstream.behaves(|request, stream| match &*request.path {
        "/simple/demo/" => page(stream, &listing("/integrity/demo")),
        _ => head(stream, 404, &[("Content-Type", JSON)]),
    });
    assert_eq!(gateway.get(&path, &[]).status, 503);
    upstream.behaves(|request, stream| match &*request.path {
        "/simple/demo/" => page(stream, &listing("/integrity/demo")),
        _ => says(stream, 200, &[], GIVEN),
    });
    let answer = gateway.get(&path, &[]);
    assert_eq!((answer.status, &*answer.body), (200, GIVEN));
}

#[test]
fn a_file_with_other_bytes_has_not_the_provenance_of_the_first() {
    let (sandbox, upstream) = (sandbox(), offering());
    let gateway = Gateway::before(&sandbox, &upstream.simple());
    let path = path(&gateway);
    upstream.behaves(|_, stream| {
        let other = listing("/integrity/demo").replace(&"a".repeat(64), &"c".repeat(64));
        page(stream, &other)
    });
    let file = gateway.listed("demo", WHEEL);
    assert_eq!(file["_pinproof"]["changed"], true, "{file}");
    assert_eq!(file["provenance"], Value::Null, "{file}");
    // The first bytes are not here, and the others are refused.
    assert_eq!(gateway.get(&path, &[]).status, 403);
    let files = [File::wheel("demo", "1.0")];
    assert!(!crate::shelf::page("demo", &files).contains("provenance"));
}
