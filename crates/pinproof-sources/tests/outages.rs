//! Each way in which an index can fail to answer: the answer is `Unavailable`, says why, and comes in time.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pinproof_core::{Answer, ProjectFacts};
use pinproof_sources::{ClientSettings, Index, IndexClient, Limits};
use support::{
    JSON, Reply, Server, client, demo_page, gzip, index, limits, project, settings, versions,
};

async fn ask(client: &IndexClient, index: &Index) -> Answer<ProjectFacts> {
    client
        .project(index, &project("demo"), &versions(&["1.0"]))
        .await
}

/// The reason why there is no answer.
async fn why(client: &IndexClient, index: &Index) -> String {
    let start = Instant::now();
    let answer = ask(client, index).await;
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "took {:?}",
        start.elapsed()
    );
    match answer {
        Answer::Unavailable(reason) => {
            assert_eq!(reason.source.to_string(), "corp");
            reason.why.to_string()
        }
        other => panic!("not unavailable: {other:?}"),
    }
}

async fn why_for(reply: Reply) -> String {
    let server = Server::always(reply).await;
    why(&client(), &server.index()).await
}

fn head(rest: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-type: {JSON}\r\n{rest}\r\n\r\n")
}

#[tokio::test]
async fn a_good_page_is_known() {
    let server = Server::always(Reply::json(demo_page())).await;
    let facts = ask(&client(), &server.index()).await.known().unwrap();
    assert_eq!(facts.releases.len(), 2);
    let seen = server.seen();
    assert_eq!(seen[0].path, "/simple/demo/");
    assert!(seen[0].header("accept").unwrap().starts_with(JSON));
    assert!(
        seen[0]
            .header("user-agent")
            .unwrap()
            .starts_with("pinproof/")
    );
}

#[tokio::test]
async fn no_connection() {
    let server = Server::refusing().await;
    assert_eq!(why(&client(), &server.index()).await, "connection refused");
    let nowhere = index("http://does-not-exist.invalid/simple/");
    assert_eq!(why(&client(), &nowhere).await, "the host name is not known");
    assert_eq!(
        why_for(Reply::Close).await,
        "the connection was closed without an answer"
    );
    assert!(
        why_for(Reply::Raw(b"SSH-2.0-OpenSSH\r\n".to_vec()))
            .await
            .contains("HTTP")
    );
}

#[tokio::test]
async fn no_trusted_connection() {
    let server = Server::always(Reply::json(demo_page())).await;
    let https = index(&format!(
        "{}/simple/",
        server.origin.replace("http:", "https:")
    ));
    let answer = why(&client(), &https).await;
    assert!(answer.starts_with("no trusted connection: "), "{answer}");
    let self_signed = support::self_signed_server().await;
    assert_eq!(
        why(&client(), &index(&self_signed)).await,
        "no trusted connection: the certificate is not valid: its issuer is not trusted"
    );
}

#[tokio::test]
async fn hung_and_slow() {
    assert_eq!(why_for(Reply::Hang).await, "timed out after 300 ms");
    let drip = Reply::Drip(
        head("connection: close"),
        demo_page().into(),
        Duration::from_millis(20),
    );
    assert_eq!(why_for(drip).await, "timed out after 1500 ms");
}

#[tokio::test]
async fn truncated() {
    let sentence = "truncated: the answer ended before it was complete";
    let page = demo_page();
    let length = head(&format!("content-length: {}", page.len() + 1));
    assert_eq!(
        why_for(Reply::Raw(format!("{length}{page}").into())).await,
        sentence
    );
    let chunked = head("transfer-encoding: chunked");
    let cut = format!("{chunked}{:x}\r\n{}", page.len(), &page[..page.len() / 2]);
    assert_eq!(why_for(Reply::Raw(cut.into())).await, sentence);
    let no_last_chunk = format!("{chunked}{:x}\r\n{page}\r\n", page.len());
    assert_eq!(why_for(Reply::Raw(no_last_chunk.into())).await, sentence);
    let gzipped = gzip(page.as_bytes());
    let short = Reply::json(&gzipped[..gzipped.len() / 2]).with("content-encoding", "gzip");
    assert_eq!(why_for(short).await, sentence);
    let damaged = Reply::json("no gzip at all").with("content-encoding", "gzip");
    assert_eq!(
        why_for(damaged).await,
        "the compression of the answer is damaged"
    );
}

#[tokio::test]
async fn too_large() {
    let sentence = "page larger than 256 KiB";
    let two_gigabytes = head("content-length: 2147483648");
    assert_eq!(why_for(Reply::Endless(two_gigabytes)).await, sentence);
    assert_eq!(
        why_for(Reply::Endless(head("connection: close"))).await,
        sentence
    );
    let bomb = Reply::json(gzip(&vec![b' '; 8 * 1024 * 1024])).with("content-encoding", "gzip");
    assert_eq!(why_for(bomb).await, sentence);
}

#[tokio::test]
async fn redirects() {
    let circle = Server::always(Reply::redirect("/simple/demo/")).await;
    assert_eq!(
        why(&client(), &circle.index()).await,
        "redirected in a circle"
    );
    let count = AtomicUsize::new(0);
    let long = Server::start(move |_| {
        Reply::redirect(format!("/{}", count.fetch_add(1, Ordering::Relaxed)))
    })
    .await;
    assert_eq!(
        why(&client(), &long.index()).await,
        "redirected more than 5 times"
    );
    assert_eq!(long.requests(), 6);
    for bad in ["file:///etc/passwd", "javascript:alert(1)", "http://"] {
        let sentence = "redirected to something that is no http address";
        assert_eq!(why_for(Reply::redirect(bad)).await, sentence, "{bad}");
    }
}

#[tokio::test]
async fn a_redirect_is_followed_without_the_credentials() {
    let other = Server::always(Reply::json(demo_page())).await;
    let target = format!("{}/elsewhere/demo/", other.origin);
    let first = Server::start(move |_| Reply::redirect(&target)).await;
    let with_secret = first.origin.replace("http://", "http://me:s3cret@");
    let facts = ask(&client(), &index(&with_secret)).await.known().unwrap();
    // Relative addresses start at the page that answered.
    let file = &facts.files.values().next().unwrap().files[0];
    assert_eq!(
        file.url,
        format!("{}/files/demo-1.0-py3-none-any.whl", other.origin)
    );
    assert_eq!(
        first.seen()[0].header("authorization"),
        Some("Basic bWU6czNjcmV0")
    );
    assert_eq!(other.seen()[0].header("authorization"), None);
}

#[tokio::test]
async fn statuses() {
    assert_eq!(
        why_for(Reply::status(503)).await,
        "answered 503 three times"
    );
    assert_eq!(why_for(Reply::status(403)).await, "answered 403");
    assert_eq!(why_for(Reply::status(304)).await, "answered 304");
    let busy = Reply::status(429).with("retry-after", "3600");
    assert_eq!(why_for(busy).await, "answered 429, asking to wait 3600 s");
    let problem = r#"{"title": "pinproof", "detail": "demo is held: 2 days old\u001b[2J"}"#;
    let refused = Reply::new(451, "application/problem+json", problem);
    assert_eq!(
        why_for(refused).await,
        "answered 451: pinproof, demo is held: 2 days old\\u{1b}[2J"
    );
}

#[tokio::test]
async fn no_such_project_is_an_answer() {
    for status in [404, 410] {
        let server = Server::always(Reply::status(status)).await;
        assert_eq!(ask(&client(), &server.index()).await, Answer::Absent);
        assert_eq!(server.requests(), 1);
    }
}

#[tokio::test]
async fn a_failure_that_passes_is_tried_again() {
    for first in [
        Reply::status(503),
        Reply::status(429).with("retry-after", "0"),
        Reply::Close,
    ] {
        let count = AtomicUsize::new(0);
        let server = Server::start(move |_| match count.fetch_add(1, Ordering::Relaxed) {
            0 => first.clone(),
            _ => Reply::json(demo_page()),
        })
        .await;
        assert!(ask(&client(), &server.index()).await.known().is_some());
        assert_eq!(server.requests(), 2);
    }
}

#[tokio::test]
async fn a_dead_index_is_not_asked_by_everybody() {
    let server = Server::always(Reply::Hang).await;
    let (client, index) = (client(), server.index());
    let start = Instant::now();
    for n in 0..100 {
        let name = project(&format!("demo{n}"));
        let answer = client.project(&index, &name, &versions(&[])).await;
        assert!(matches!(answer, Answer::Unavailable(_)));
    }
    assert_eq!(server.requests(), 3 * 3);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_gathering_has_an_end() {
    let server = Server::always(Reply::Hang).await;
    let limits = Limits {
        gather_timeout: Duration::from_millis(200),
        ..limits()
    };
    let client = IndexClient::new(ClientSettings {
        limits,
        ..settings()
    });
    let why = why(&client.gather(), &server.index()).await;
    assert_eq!(why, "not answered within the 200 ms for the whole run");
}

#[tokio::test]
async fn other_content() {
    let web = "<html><h1>Welcome to the hotel Wi-Fi</h1><a href=\"/login\">log in</a></html>";
    assert_eq!(
        why_for(Reply::html(web)).await,
        "answered a web page, not the Simple API"
    );
    assert_eq!(
        why_for(Reply::html("")).await,
        "answered a web page, not the Simple API"
    );
    let plain = Reply::new(200, "text/plain", demo_page());
    assert_eq!(
        why_for(plain).await,
        "answered text/plain, not the Simple API"
    );
    let next = Reply::new(200, "application/vnd.pypi.simple.v2+json", demo_page());
    assert_eq!(
        why_for(next).await,
        "answered application/vnd.pypi.simple.v2+json, not the Simple API"
    );
    let html_as_json = why_for(Reply::json(web)).await;
    assert!(html_as_json.starts_with("answered JSON that is not a page of the Simple API"));
}

#[tokio::test]
async fn json_that_is_no_page() {
    let deep = format!(r#"{{"files": {}"#, "[".repeat(100_000));
    let deep_meta = format!(
        r#"{{"files": [], "meta": {}{}}}"#,
        "[".repeat(9_999),
        "]".repeat(9_999)
    );
    let wrong = [
        "",
        "null",
        "[]",
        "{}",
        r#"{"files": null}"#,
        r#"{"files": {}}"#,
        r#"{"files": [], "name": 1}"#,
        r#"{"files": [], "meta": "1.0"}"#,
        r#"{"files": []"#,
        deep.as_str(),
        deep_meta.as_str(),
    ];
    for body in wrong {
        let why = why_for(Reply::json(body)).await;
        assert!(
            why.starts_with("answered JSON that is not a page"),
            "{body:.60}: {why}"
        );
    }
    let other = r#"{"meta": {"api-version": "1.0"}, "name": "other", "files": []}"#;
    assert_eq!(
        why_for(Reply::json(other)).await,
        "answered for the project `other` instead"
    );
    let next = r#"{"meta": {"api-version": "2.0"}, "name": "demo", "files": []}"#;
    assert_eq!(
        why_for(Reply::json(next)).await,
        "answered version 2.0 of the Simple API; only version 1 is understood"
    );
    let unusable = r#"{"name": "demo", "files": [{"filename": 1}, [[]], "x"]}"#;
    assert_eq!(
        why_for(Reply::json(unusable)).await,
        "none of the 3 entries of its page could be understood"
    );
}

#[tokio::test]
async fn an_empty_page_is_a_known_project_without_releases() {
    let empty = r#"{"meta": {"api-version": "1.0"}, "name": "demo", "files": []}"#;
    let server = Server::always(Reply::json(empty)).await;
    let facts = ask(&client(), &server.index()).await.known().unwrap();
    assert!(facts.releases.is_empty());
    assert_eq!(facts.not_understood, 0);
}
