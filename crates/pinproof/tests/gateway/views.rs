//! The two forms of a page say the same, and clients are spared what they have.

use std::collections::BTreeMap;

use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::gateway::Gateway;
use crate::shelf::{File, Shelf};
use crate::support::{Reply, Sandbox};

const JSON: &str = "Accept: application/vnd.pypi.simple.v1+json";
const HTML: &str = "Accept: application/vnd.pypi.simple.v1+html";

/// A page with everything that a page can have, and text that wants to be markup.
fn rich(shelf: &Shelf) {
    let hash = |digit: &str| json!({"sha256": digit.repeat(64)});
    let page = json!({
        "meta": {"api-version": "1.4"},
        "name": "demo",
        "project-status": {"status": "archived", "reason": "<b>\"over\"</b>"},
        "files": [
            {"filename": "demo-1.0-py3-none-any.whl", "url": "/files/a", "hashes": hash("a"), "size": 10,
             "upload-time": "2020-01-01T00:00:00.123456Z", "requires-python": ">=3.8,<4", "yanked": false,
             "core-metadata": hash("b")},
            {"filename": "demo-1.1-py3-none-any.whl", "url": "/files/b", "hashes": hash("c"), "size": 11,
             "upload-time": "2020-02-01T00:00:00Z", "yanked": "it has <script>alert('x')</script> & more"},
            {"filename": "demo-1.2-py3-none-any.whl", "url": "/files/c", "hashes": hash("d"), "size": 12,
             "upload-time": "2020-03-01T00:00:00Z", "yanked": true, "core-metadata": true},
            {"filename": "demo-2.0-py3-none-any.whl", "url": "/files/d", "hashes": hash("e"), "size": 13,
             "upload-time": "2026-10-30T00:00:00Z", "yanked": false},
            {"filename": "demo-1.0.tar.gz", "url": "/files/e", "hashes": hash("f"), "size": 14,
             "upload-time": "2020-01-01T00:00:00Z", "yanked": false},
        ],
    });
    let kind = vec![(
        "Content-Type",
        "application/vnd.pypi.simple.v1+json".to_owned(),
    )];
    shelf.answer(
        "/simple/demo/",
        Reply::Says(200, kind, page.to_string().into_bytes()),
    );
}

fn started(sandbox: &Sandbox) -> (Shelf, Gateway) {
    let shelf = Shelf::with(&[]);
    rich(&shelf);
    let gateway = Gateway::before(sandbox, &shelf.url());
    (shelf, gateway)
}

/// What a client makes of a file: its address, Python versions, whether and why it is withdrawn, its metadata.
type Seen = (String, Option<String>, Option<String>, Option<String>);

fn seen_in_json(page: &serde_json::Value) -> BTreeMap<String, Seen> {
    let files = page["files"].as_array().expect("files").iter();
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    files
        .map(|file| {
            let url = file["url"].as_str().expect("an address");
            let hash = file["hashes"]["sha256"].as_str().expect("a hash");
            let yanked = match &file["yanked"] {
                serde_json::Value::Bool(false) => None,
                serde_json::Value::Bool(true) => Some(String::new()),
                reason => text(reason),
            };
            let metadata = text(&file["core-metadata"]["sha256"]);
            let seen = (
                format!("{url}#sha256={hash}"),
                text(&file["requires-python"]),
                yanked,
                metadata.map(|hash| format!("sha256={hash}")),
            );
            (file["filename"].as_str().expect("a name").to_owned(), seen)
        })
        .collect()
}

fn seen_in_html(html: &str) -> BTreeMap<String, Seen> {
    html.split("<a ")
        .skip(1)
        .map(|link| {
            let (attributes, rest) = link.split_once('>').expect("the end of a tag");
            let attribute = |name: &str| {
                let (_, rest) = attributes.split_once(&format!("{name}=\""))?;
                Some(unescaped(rest.split_once('"')?.0))
            };
            assert_eq!(
                attribute("data-core-metadata"),
                attribute("data-dist-info-metadata")
            );
            let name = rest.split_once("</a>").expect("an end").0;
            let seen = (
                attribute("href").expect("an address"),
                attribute("data-requires-python"),
                attribute("data-yanked"),
                attribute("data-core-metadata"),
            );
            (unescaped(name), seen)
        })
        .collect()
}

fn unescaped(text: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[test]
fn both_forms_say_the_same() {
    let sandbox = Sandbox::new();
    let (_shelf, gateway) = started(&sandbox);
    let page = gateway.page("demo");
    let html = gateway.get("/simple/demo/", &[HTML]).text();
    let (json, html_files) = (seen_in_json(&page), seen_in_html(&html));
    assert_eq!(json.len(), 5);
    assert_eq!(json, html_files, "{html}");
    assert!(
        !html.contains("<script>") && !html.contains("<b>"),
        "{html}"
    );
    assert!(
        html.contains("<meta name=\"pypi:project-status\" content=\"archived\">"),
        "{html}"
    );
    assert_eq!(page["project-status"]["status"], "archived");
    assert_eq!(page["project-status"]["reason"], "<b>\"over\"</b>");
    let reason = "<meta name=\"pypi:project-status-reason\" content=\"&lt;b&gt;&quot;over&quot;&lt;/b&gt;\">";
    assert!(html.contains(reason), "{html}");
    assert_eq!(page["versions"], json!(["1.0", "1.1", "1.2", "2.0"]));
}

#[test]
fn the_true_state_stands_beside_the_verdict() {
    let sandbox = Sandbox::new();
    let (_shelf, gateway) = started(&sandbox);
    let file = |name: &str| gateway.listed("demo", name);
    let good = file("demo-1.0-py3-none-any.whl");
    assert_eq!(good["yanked"], false);
    assert_eq!(good["upload-time"], "2020-01-01T00:00:00.123456Z");
    assert_eq!(good["core-metadata"]["sha256"], "b".repeat(64));
    let withdrawn = file("demo-1.1-py3-none-any.whl");
    assert_eq!(
        withdrawn["yanked"],
        "it has <script>alert('x')</script> & more"
    );
    assert_eq!(withdrawn["_pinproof"]["admission"], "admitted");
    // Metadata without a hash is not offered: nobody could say that it is right.
    assert_eq!(file("demo-1.2-py3-none-any.whl")["core-metadata"], false);
    let young = file("demo-2.0-py3-none-any.whl");
    assert_eq!(young["_pinproof"]["yanked"], false);
    assert_eq!(young["_pinproof"]["rule"], "recent-release");
    assert_eq!(young["_pinproof"]["until"], "2026-11-06T00:00:00Z");
    assert!(
        young["yanked"]
            .as_str()
            .is_some_and(|why| why.starts_with("pinproof: "))
    );
}

#[test]
fn the_metadata_of_a_refused_file_is_refused_like_the_file() {
    let sandbox = Sandbox::new();
    let (shelf, gateway) = started(&sandbox);
    let path = gateway.path("demo", "demo-2.0-py3-none-any.whl");
    for path in [path.clone(), format!("{path}.metadata")] {
        let answer = gateway.get(&path, &[]);
        assert_eq!(answer.status, 403);
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
        assert!(
            answer
                .phrase
                .starts_with("pinproof: `demo` 2.0 is 2 days old"),
            "{}",
            answer.phrase
        );
    }
    assert!(shelf.fetched().is_empty(), "{:?}", shelf.fetched());
}

#[test]
fn metadata_is_passed_through_if_it_is_what_the_page_says() {
    let sandbox = Sandbox::new();
    let mut file = File::wheel("demo", "1.0");
    file.bytes = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n".to_vec();
    let shelf = Shelf::with(&[]);
    let page = |hash: &str| {
        json!({"meta": {"api-version": "1.1"}, "name": "demo", "files": [
            {"filename": file.name, "url": "/files/w", "hashes": {"sha256": "a".repeat(64)},
             "upload-time": "2020-01-01T00:00:00Z", "core-metadata": {"sha256": hash}}]})
    };
    let kind = || {
        vec![(
            "Content-Type",
            "application/vnd.pypi.simple.v1+json".to_owned(),
        )]
    };
    let right = page(&file.sha256()).to_string().into_bytes();
    shelf.answer("/simple/demo/", Reply::Says(200, kind(), right));
    shelf.answer(
        "/files/w.metadata",
        Reply::ok(b"Metadata-Version: 2.1\nName: evil\n".to_vec()),
    );
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let path = format!("{}.metadata", gateway.path("demo", &file.name));
    assert_eq!(gateway.get(&path, &[]).status, 503);
    shelf.answer("/files/w.metadata", Reply::ok(file.bytes.clone()));
    let answer = gateway.get(&path, &[]);
    assert_eq!((answer.status, &answer.body), (200, &file.bytes));
}

#[test]
fn metadata_is_read_from_a_wheel_whose_index_offers_none() {
    let (sandbox, shelf) = (Sandbox::new(), Shelf::with(&[File::wheel("demo", "1.0")]));
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let name = "demo-1.0-py3-none-any.whl";
    let path = gateway.path("demo", name);
    // Before the wheel is here nobody knows it, so it is not offered.
    assert_eq!(gateway.listed("demo", name)["core-metadata"], false);
    assert_eq!(gateway.get(&format!("{path}.metadata"), &[]).status, 404);
    assert_eq!(gateway.get(&path, &[]).status, 200);
    drop(gateway);
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let answer = gateway.get(&format!("{path}.metadata"), &[]);
    assert_eq!(
        answer.text(),
        "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"
    );
    let hash = Sha256::digest(&answer.body)
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    assert_eq!(
        gateway.listed("demo", name)["core-metadata"]["sha256"],
        hash
    );
}

#[test]
fn what_a_client_has_is_not_sent_again_and_expires_with_the_verdict() {
    let sandbox = Sandbox::new();
    let (shelf, gateway) = started(&sandbox);
    for accept in [JSON, HTML] {
        let first = gateway.get("/simple/demo/", &[accept]);
        let etag = first.header("etag").expect("a validator").to_owned();
        assert_eq!(first.header("vary"), Some("Accept, Accept-Encoding"));
        assert_eq!(first.header("cache-control"), Some("max-age=600"));
        let again = gateway.get(
            "/simple/demo/",
            &[accept, &format!("If-None-Match: {etag}")],
        );
        assert_eq!((again.status, again.body.len()), (304, 0));
    }
    assert_eq!(shelf.asked(), ["demo"]);
    drop(gateway);
    let etag = |more: &[&str]| {
        let url = shelf.url();
        let gateway = Gateway::start(
            &sandbox,
            &[
                &["--index-url", &url, "--url", "http://gateway.example"][..],
                more,
            ]
            .concat(),
        );
        gateway
            .get("/simple/demo/", &[JSON])
            .header("etag")
            .expect("a validator")
            .to_owned()
    };
    let before = etag(&[]);
    assert_eq!(before, etag(&[]));
    // Another policy is another page, although the upstream says the same.
    sandbox.write(
        "strict.toml",
        "[rules.recent-release]\ncooldown = \"8 days\"\n",
    );
    assert_ne!(before, etag(&["--config", "strict.toml"]));
}

#[test]
fn no_client_keeps_a_page_beyond_the_end_of_a_cooldown() {
    let sandbox = Sandbox::new();
    // Seven days before five minutes after the time of the tests.
    let young = File::wheel("demo", "1.0").uploaded("2026-10-25T00:05:00Z");
    let shelf = Shelf::with(&[young]);
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let page = gateway.get("/simple/demo/", &[JSON]);
    assert_eq!(page.header("cache-control"), Some("max-age=300"));
    drop(gateway);
    let later = "2026-11-01T00:05:00Z";
    let gateway = Gateway::start_at(&sandbox, later, &["--index-url", &shelf.url()]);
    let file = gateway.listed("demo", "demo-1.0-py3-none-any.whl");
    assert_eq!(file["_pinproof"]["admission"], "admitted", "{file}");
}

#[test]
fn bytes_that_nobody_could_tell_from_others_are_refused() {
    let sandbox = Sandbox::new();
    let shelf = Shelf::with(&[]);
    let page = json!({"meta": {"api-version": "1.1"}, "name": "demo", "files": [
        {"filename": "demo-1.0-py3-none-any.whl", "url": "/files/w", "hashes": {"md5": "a".repeat(32)},
         "upload-time": "2020-01-01T00:00:00Z"}]});
    let kind = vec![(
        "Content-Type",
        "application/vnd.pypi.simple.v1+json".to_owned(),
    )];
    shelf.answer(
        "/simple/demo/",
        Reply::Says(200, kind, page.to_string().into_bytes()),
    );
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let file = gateway.listed("demo", "demo-1.0-py3-none-any.whl");
    assert_eq!(file["_pinproof"]["admission"], "refused", "{file}");
    let answer = gateway.get(&gateway.path("demo", "demo-1.0-py3-none-any.whl"), &[]);
    assert_eq!(answer.status, 403);
    assert!(
        answer.phrase.contains("publishes no SHA-256"),
        "{}",
        answer.phrase
    );
    assert!(shelf.fetched().is_empty());
}

#[test]
fn a_page_is_compressed_for_whoever_takes_it() {
    let sandbox = Sandbox::new();
    let (_shelf, gateway) = started(&sandbox);
    let plain = gateway.get("/simple/demo/", &[JSON]);
    let gzip = gateway.get("/simple/demo/", &[JSON, "Accept-Encoding: gzip"]);
    assert_eq!(plain.header("content-encoding"), None);
    assert_eq!(gzip.header("content-encoding"), Some("gzip"));
    assert!(gzip.body.starts_with(&[0x1f, 0x8b]) && gzip.body.len() < plain.body.len() / 2);
    assert_ne!(gzip.header("etag"), plain.header("etag"));
}

#[test]
fn other_spellings_of_a_name_lead_to_its_page() {
    let sandbox = Sandbox::new();
    let (_shelf, gateway) = started(&sandbox);
    for (path, location) in [
        ("/simple/Demo/", "../demo/"),
        ("/simple/De_mo.x/", "../de-mo-x/"),
        ("/simple/demo", "demo/"),
        ("/simple", "simple/"),
    ] {
        let answer = gateway.get(path, &[]);
        assert_eq!(answer.status, 301, "{path}");
        assert_eq!(answer.header("location"), Some(location), "{path}");
    }
    let root = gateway.get("/simple/", &[JSON]);
    assert_eq!(root.status, 200);
    assert!(root.text().contains("\"projects\""), "{}", root.text());
}
