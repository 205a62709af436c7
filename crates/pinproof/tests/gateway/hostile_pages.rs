//! Pages of upstreams that are broken, or mean harm: a status and a reason, nothing kept, and the right answer as soon
//! as there is one.

use std::fmt::Write as _;
use std::io::{Result, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::shelf::JSON;
use crate::support::Sandbox;
use crate::upstream::{Upstream, head, page, says};

const ACCEPT: &str = "Accept: application/vnd.pypi.simple.v1+json";
const WHEEL: &str = "demo-1.0-py3-none-any.whl";

type Answer = Box<dyn Fn(&mut TcpStream) -> Result<()> + Send + Sync>;

pub(crate) fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("pinproof.toml", "[cache]\nfresh-for = \"0 minutes\"\n");
    sandbox
}

/// An entry with this digit in its hash. Whatever a bad answer says of a hash must not be remembered.
pub(crate) fn entry(digit: &str) -> String {
    let hash = digit.repeat(64);
    format!(
        r#"{{"filename": "{WHEEL}", "url": "/files/{WHEEL}", "hashes": {{"sha256": "{hash}"}}, "upload-time": "2020-01-01T00:00:00Z"}}"#
    )
}

pub(crate) fn bad() -> String {
    entry("b")
}

pub(crate) fn good() -> String {
    format!(
        r#"{{"meta": {{"api-version": "1.1"}}, "name": "demo", "files": [{}]}}"#,
        entry("a")
    )
}

/// What is sent as a page in JSON.
fn json(body: impl Into<String>) -> Answer {
    let body = body.into();
    Box::new(move |stream| page(stream, &body))
}

/// What is sent with another type.
fn typed(kind: &'static str, body: impl Into<Vec<u8>>) -> Answer {
    let body = body.into();
    Box::new(move |stream| says(stream, 200, &[("Content-Type", kind)], &body))
}

fn status(status: u16, headers: &'static [(&'static str, &'static str)]) -> Answer {
    Box::new(move |stream| says(stream, status, headers, b"{\"files\": []}"))
}

fn raw(bytes: impl Into<Vec<u8>>) -> Answer {
    let bytes = bytes.into();
    Box::new(move |stream| stream.write_all(&bytes))
}

/// The same bytes again and again, until nobody takes them.
fn endless(first: String, again: &'static [u8]) -> Answer {
    Box::new(move |stream| {
        stream.write_all(first.as_bytes())?;
        let block = again.repeat(65_536 / again.len());
        // More than anybody should take.
        for _ in 0..16_000 {
            stream.write_all(&block)?;
        }
        Ok(())
    })
}

fn gzipped(bytes: &[u8], times: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..times {
        encoder.write_all(bytes).expect("memory");
    }
    encoder.finish().expect("memory")
}

pub(crate) fn with_files(files: &str) -> String {
    format!(r#"{{"meta": {{"api-version": "1.1"}}, "name": "demo", "files": {files}}}"#)
}

/// Each answer is shown to a gateway that knows nothing, then the upstream heals.
fn each_is_an_outage(more: &[&str], cases: Vec<(&str, Answer, &str)>) {
    let sandbox = sandbox();
    let upstream = Upstream::honest(&[]);
    let index = upstream.simple();
    for (name, answer, said) in cases {
        let data = ["--data", name];
        let options = [&["--index-url", &index][..], &data, more].concat();
        let gateway = Gateway::start(&sandbox, &options);
        upstream.behaves(move |_, stream| answer(stream));
        let refused = gateway.get("/simple/demo/", &[ACCEPT]);
        assert_eq!(refused.status, 503, "{name}: {}", refused.text());
        assert!(refused.text().contains(said), "{name}: {}", refused.text());
        assert_eq!(refused.header("cache-control"), Some("no-store"), "{name}");
        assert!(refused.header("retry-after").is_some(), "{name}");
        let file = gateway.get(&format!("/files/{}/{WHEEL}", "b".repeat(64)), &[]);
        assert_eq!(file.status, 503, "{name}: {}", file.text());
        upstream.behaves(|_, stream| page(stream, &good()));
        let mut healed = gateway.get("/simple/demo/", &[ACCEPT]);
        // Who is still waiting for the bad answer shares it.
        for _ in 0..100 {
            if healed.status == 200 {
                break;
            }
            thread::sleep(Duration::from_millis(100));
            healed = gateway.get("/simple/demo/", &[ACCEPT]);
        }
        assert_eq!(healed.status, 200, "{name}: {}", healed.text());
        let healed: Value = serde_json::from_slice(&healed.body).expect("JSON");
        let file = &healed["files"][0];
        assert_eq!(file["hashes"]["sha256"], "a".repeat(64), "{name}: {healed}");
        assert_eq!(
            file["_pinproof"]["changed"],
            Value::Null,
            "{name}: {healed}"
        );
        assert_eq!(
            healed["_pinproof"]["stale"],
            Value::Null,
            "{name}: {healed}"
        );
    }
}

#[test]
fn what_is_no_page() {
    let html = "application/vnd.pypi.simple.v1+html";
    let unknown = format!(
        "<meta name=\"pypi:repository-version\" content=\"2.0\"><a href=\"{WHEEL}#sha256={}\">",
        "b".repeat(64)
    );
    each_is_an_outage(
        &[],
        vec![
            ("nothing", json(""), "not a page of the Simple API"),
            ("null", json("null"), "not a page of the Simple API"),
            (
                "no-files",
                json(r#"{"meta": {"api-version": "1.1"}}"#),
                "missing field `files`",
            ),
            (
                "list",
                json(format!("[{}]", bad())),
                "not a page of the Simple API",
            ),
            (
                "untyped",
                raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
                "no content type",
            ),
            ("plain", typed("text/plain", good()), "answered text/plain"),
            (
                "other-json",
                typed("application/json", good()),
                "answered application/json",
            ),
            (
                "login",
                typed("text/html", "<html><form>Please log in</form></html>"),
                "a web page",
            ),
            ("empty-html", typed(html, ""), "a web page"),
            ("binary", typed(html, vec![0xff; 5_000]), "a web page"),
            (
                "version-2",
                json(with_files(&format!("[{}]", bad())).replace("1.1", "2.0")),
                "only version 1",
            ),
            ("version-2-html", typed(html, unknown), "only version 1"),
            (
                "version-none",
                json(with_files("[]").replace("1.1", "new")),
                "only version 1",
            ),
            (
                "other-project",
                json(with_files(&format!("[{}]", bad())).replace("demo\"", "other\"")),
                "for the project `other`",
            ),
            (
                "nothing-understood",
                json(with_files(r#"[{"filename": "demo-1.0.zip"}]"#)),
                "could be understood",
            ),
        ],
    );
}

#[test]
fn json_that_wants_to_be_read_in_two_ways_or_in_none() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let twice = with_files(&format!("[{}]", bad())).replace(r#""name""#, r#""files": [], "name""#);
    each_is_an_outage(
        &[],
        vec![
            (
                "map",
                json(with_files(&format!("{{\"x\": {}}}", bad()))),
                "not a page",
            ),
            ("string", json(with_files("\"none\"")), "not a page"),
            ("number", json(with_files("1e400")), "not a page"),
            (
                "nan",
                json(with_files(&format!("[{}, NaN]", bad()))),
                "not a page",
            ),
            ("deep", json(with_files(&deep)), "could be understood"),
            ("deep-top", json(deep.clone()), "not a page"),
            ("twice", json(twice), "duplicate field `files`"),
            (
                "meta",
                json(
                    good()
                        .replace(r#"{"api-version": "1.1"}"#, "[1.1]")
                        .replace(&entry("a"), &bad()),
                ),
                "not a page",
            ),
            (
                "name",
                json(with_files(&format!("[{}]", bad())).replace("\"demo\"", "7")),
                "not a page",
            ),
            (
                "utf-16",
                typed(JSON, vec![0xff, 0xfe, b'{', 0]),
                "not a page",
            ),
            (
                "rest",
                json(format!("{} and more", with_files(&format!("[{}]", bad())))),
                "not a page",
            ),
        ],
    );
}

/// The head of a page, up to where more may be said.
fn head_of(more: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\n{more}\r\n")
}

#[test]
fn answers_that_end_early() {
    let start = with_files(&format!("[{}, ", bad())).replace("}}", "");
    let chunk = format!("{:x}\r\n{start}", start.len() + 1);
    let chunked = head_of("Transfer-Encoding: chunked\r\n");
    each_is_an_outage(
        &["--timeout", "1"],
        vec![
            (
                "cut",
                raw(format!("{}{start}", head_of("Content-Length: 100000\r\n"))),
                "truncated",
            ),
            ("chunk-cut", raw(format!("{chunked}{chunk}")), "truncated"),
            (
                "unended",
                raw(format!("{}{start}", head_of("Connection: close\r\n"))),
                "not a page",
            ),
            ("no-answer", raw(""), "without an answer"),
            (
                "garbage",
                raw("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
                "invalid HTTP",
            ),
            ("bad-chunk", raw(format!("{chunked}zz\r\n")), "chunk"),
            (
                "no-gzip",
                coded(b"plain".to_vec()),
                "compression of the answer is damaged",
            ),
        ],
    );
}

fn coded(bytes: Vec<u8>) -> Answer {
    let headers = [("Content-Type", JSON), ("Content-Encoding", "gzip")];
    Box::new(move |stream| says(stream, 200, &headers, &bytes))
}

#[test]
fn answers_that_never_end() {
    let closing = head_of("Connection: close\r\n");
    let start = || "HTTP/1.1 200 OK\r\n".to_owned();
    let too_large = "message head is too large";
    each_is_an_outage(
        &["--timeout", "1"],
        vec![
            (
                "large",
                raw(head_of("Content-Length: 99999999999\r\n")),
                "larger than 64 MiB",
            ),
            ("endless", endless(closing, b" "), "larger than 64 MiB"),
            (
                "head",
                endless(start(), b"X-More: of the same\r\n"),
                too_large,
            ),
            ("line", endless(start() + "X: ", b"x"), too_large),
            (
                "bomb",
                coded(gzipped(&b" ".repeat(1 << 20), 80)),
                "larger than 64 MiB",
            ),
        ],
    );
}

#[test]
fn upstreams_that_say_one_byte_at_a_time_are_not_waited_for() {
    each_is_an_outage(
        &["--timeout", "1"],
        vec![
            (
                "head",
                Box::new(|stream| {
                    drip(
                        stream,
                        &format!("HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\n"),
                    )
                }),
                "timed out after 4 s",
            ),
            (
                "body",
                Box::new(|stream| {
                    head(
                        stream,
                        200,
                        &[("Content-Type", JSON), ("Content-Length", "5000")],
                    )?;
                    drip(stream, &good())
                }),
                "timed out after 4 s",
            ),
        ],
    );
}

fn drip(stream: &mut TcpStream, text: &str) -> Result<()> {
    for byte in text.bytes().cycle().take(200) {
        stream.write_all(&[byte])?;
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

#[test]
fn statuses_and_redirects_that_lead_to_no_page() {
    each_is_an_outage(
        &[],
        vec![
            ("forbidden", status(403, &[]), "answered 403"),
            ("login", status(401, &[]), "answered 401"),
            ("teapot", status(418, &[]), "answered 418"),
            ("legal", status(451, &[]), "answered 451"),
            ("error", status(500, &[]), "answered 500"),
            ("busy", status(503, &[("Retry-After", "1")]), "answered 503"),
            (
                "part",
                status(206, &[("Content-Type", JSON)]),
                "answered 206",
            ),
            (
                "no-content",
                status(204, &[("Content-Type", JSON)]),
                "not a page",
            ),
            (
                "loop",
                status(302, &[("Location", "/simple/demo/")]),
                "redirected in a circle",
            ),
            ("nowhere", status(302, &[]), "no http address"),
            (
                "file",
                status(302, &[("Location", "file:///etc/passwd")]),
                "no http address",
            ),
            (
                "ftp",
                status(301, &[("Location", "ftp://127.0.0.1/")]),
                "no http address",
            ),
            (
                "script",
                status(307, &[("Location", "javascript:alert(1)")]),
                "no http address",
            ),
        ],
    );
}

#[test]
fn redirects_without_end_end() {
    let (sandbox, upstream) = (sandbox(), Upstream::honest(&[]));
    let gateway = Gateway::before(&sandbox, &upstream.simple());
    upstream.behaves(|request, stream| {
        let next = format!("{}x/", request.path);
        says(stream, 302, &[("Location", &next)], b"")
    });
    let answer = gateway.get("/simple/demo/", &[ACCEPT]);
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(
        answer.text().contains("redirected more than 5 times"),
        "{}",
        answer.text()
    );
    assert_eq!(upstream.headers("host").len(), 6);
}

#[test]
fn a_page_with_more_files_than_any_project_has() {
    let many = |entry: &str| {
        let mut all = format!("[{}", bad());
        for number in 0..50_001 {
            let _ = write!(all, ",{}", entry.replace('N', &number.to_string()));
        }
        all + "]"
    };
    let files = many(r#"{"filename":"demo-N.tar.gz","url":"N","hashes":{}}"#);
    let broken = many(r#"{"filename":"demo-N.tar.gz"}"#);
    let mut html = String::new();
    for number in 0..50_001 {
        let _ = write!(html, "<a href=demo-{number}.tar.gz>");
    }
    let html = typed("text/html", html);
    each_is_an_outage(
        &["--timeout", "15"],
        vec![
            ("files", json(with_files(&files)), "more than 50000 entries"),
            (
                "broken",
                json(with_files(&broken)),
                "more than 50000 entries",
            ),
            ("html", html, "more than 50000 entries"),
        ],
    );
}
