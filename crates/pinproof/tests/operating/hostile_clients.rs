//! Requests that no client of an index sends: each gets a status and a reason, and the next client an honest answer.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;

use crate::gateway::Gateway;
use crate::http::{exchange, host, parse, send};
use crate::shelf::{File, Shelf};
use crate::support::Sandbox;
use crate::{WHEEL, large};

/// A gateway before an index with one file.
pub(crate) struct Besieged {
    _sandbox: Sandbox,
    _shelf: Shelf,
    file: File,
    pub(crate) gateway: Gateway,
}

impl Besieged {
    pub(crate) fn start(more: &[&str]) -> Self {
        let (sandbox, file) = (Sandbox::new(), large());
        let shelf = Shelf::with(std::slice::from_ref(&file));
        let url = shelf.url();
        let gateway = Gateway::start(&sandbox, &[&["--index-url", &url], more].concat());
        Self {
            gateway,
            _sandbox: sandbox,
            _shelf: shelf,
            file,
        }
    }

    /// Sends the head of a request, and reads until the connection ends.
    pub(crate) fn head(&self, lines: &[&str]) -> crate::http::Answer {
        let lines = [lines, &["Host: 127.0.0.1", "Connection: close"]].concat();
        send(
            &self.gateway.url,
            format!("{}\r\n\r\n", lines.join("\r\n")).as_bytes(),
        )
    }

    /// Where the file is.
    pub(crate) fn path(&self) -> String {
        format!("/files/{}/{WHEEL}", self.file.sha256())
    }

    /// Fails unless an honest client gets the page and the file as ever, and no bug was met.
    #[track_caller]
    pub(crate) fn is_as_ever(&self) {
        let page = self.gateway.page("demo");
        assert_eq!(page["files"][0]["filename"], WHEEL);
        let answer = self.gateway.get(&self.path(), &[]);
        assert!(answer.status == 200 && answer.is_whole && answer.body == self.file.bytes);
        assert!(
            !self.gateway.log().contains("a bug"),
            "{}",
            self.gateway.log()
        );
    }
}

#[test]
fn methods_that_mean_nothing_here_are_405_and_say_which_do() {
    let besieged = Besieged::start(&[]);
    let file = besieged.path();
    for method in [
        "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW", "get",
    ] {
        for path in [
            "/",
            "/simple/",
            "/simple/demo/",
            "/why/demo",
            "/health",
            &file,
        ] {
            let answer = besieged.head(&[&format!("{method} {path} HTTP/1.1")]);
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.header("allow"), Some("GET,HEAD"), "{method} {path}");
            assert!(answer.phrase.contains("GET and HEAD"), "{}", answer.phrase);
        }
    }
    for line in ["OPTIONS * HTTP/1.1", "CONNECT pypi.example:443 HTTP/1.1"] {
        let answer = besieged.head(&[line]);
        assert!(
            (400..500).contains(&answer.status),
            "{line}: {}",
            answer.status
        );
    }
    besieged.is_as_ever();
}

#[test]
fn head_is_get_without_a_body() {
    let besieged = Besieged::start(&[]);
    let file = besieged.path();
    let zeros = format!("/files/{}/{WHEEL}", "0".repeat(64));
    for (path, status) in [
        ("/simple/demo/", 200),
        (file.as_str(), 200),
        ("/simple/Demo/", 301),
        ("/why/demo", 200),
        ("/simple/absent/", 404),
        (&zeros, 404),
        ("/nothing", 404),
    ] {
        let get = besieged.gateway.get(path, &[]);
        let head = besieged.head(&[&format!("HEAD {path} HTTP/1.1")]);
        assert_eq!((head.status, get.status), (status, status), "{path}");
        assert!(head.body.is_empty(), "{path}");
        for name in [
            "content-type",
            "content-length",
            "etag",
            "accept-ranges",
            "location",
        ] {
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
        if status == 200 {
            let length = get.body.len().to_string();
            assert_eq!(
                head.header("content-length"),
                Some(length.as_str()),
                "{path}"
            );
        }
    }
}

/// What two servers in a row could read as different numbers of requests is not read at all.
#[test]
fn a_request_that_hides_another_is_refused() {
    const HIDDEN: &str = "GET /why/demo HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    let besieged = Besieged::start(&[]);
    for lines in [
        "Content-Length: 5\r\nContent-Length: 50",
        "Content-Length: 50, 5",
        "Content-Length: -1",
        "Content-Length: +5",
        "Content-Length: 0x10",
        "Content-Length: 99999999999999999999",
        "Content-Length: 34",
        "Content-Length: 34\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 34",
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow",
        "Transfer-Encoding:\u{b}chunked",
        "Transfer-Encoding : chunked",
        "X: y\r\n Transfer-Encoding: chunked",
        "Content-Length : 34",
        "\u{1}Content-Length: 34",
    ] {
        for method in ["GET", "HEAD", "POST"] {
            let request = format!(
                "{method} /simple/demo/ HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n\r\n{HIDDEN}"
            );
            let said = exchange(&besieged.gateway.url, request.as_bytes());
            let said = String::from_utf8_lossy(&said);
            assert_eq!(said.matches("HTTP/1.").count(), 1, "{lines:?}: {said}");
            assert!(
                said.starts_with("HTTP/1.1 400 "),
                "{method} {lines:?}: {said}"
            );
        }
    }
    besieged.is_as_ever();
}

#[test]
fn requests_in_a_row_are_answered_in_a_row() {
    let besieged = Besieged::start(&[]);
    let paths = ["/simple/demo/", "/nothing", "/health", "/simple/Demo/"];
    let requests = paths.map(|path| format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
    let mut requests = requests.concat();
    requests += "GET /ready HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    let said = exchange(&besieged.gateway.url, requests.as_bytes());
    let said = String::from_utf8_lossy(&said);
    let statuses: Vec<&str> = said
        .split("HTTP/1.1 ")
        .skip(1)
        .map(|answer| &answer[..3])
        .collect();
    assert_eq!(statuses, ["200", "404", "200", "301", "200"]);
}

#[test]
fn a_head_that_is_too_large_is_refused() {
    let besieged = Besieged::start(&[]);
    let large = format!("X: {}", "x".repeat(200_000));
    let many: Vec<String> = (0..2_000).map(|number| format!("X-{number}: y")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for headers in [&[large.as_str()][..], &many] {
        let answer = besieged.head(&[&["GET /simple/demo/ HTTP/1.1"], headers].concat());
        // Who sends on while it is refused may see a reset instead.
        assert!(matches!(answer.status, 431 | 0), "{}", answer.status);
    }
    let answer = besieged.head(&[
        "GET /simple/demo/ HTTP/1.1",
        &format!("X: {}", "x".repeat(20_000)),
    ]);
    assert_eq!(answer.status, 200);
    besieged.is_as_ever();
}

/// A web page whose name was made to lead to this machine asks as any page does: with its own name.
#[test]
fn a_page_of_a_browser_reads_nothing() {
    let besieged = Besieged::start(&[]);
    let ask = |gateway: &Gateway, host: &str| {
        let request =
            format!("GET /simple/demo/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        send(&gateway.url, request.as_bytes())
    };
    let port = besieged.gateway.url.rsplit_once(':').expect("a port").1;
    for evil in [
        "evil.example",
        &format!("evil.example:{port}"),
        "127.0.0.1.evil.example",
    ] {
        let answer = ask(&besieged.gateway, evil);
        assert_eq!(answer.status, 421, "{evil}");
        assert!(!answer.text().contains(WHEEL) && answer.phrase.contains("`--url`"));
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    assert_eq!(
        ask(&besieged.gateway, &format!("localhost:{port}")).status,
        200
    );
    let named = Besieged::start(&["--url", "https://pypi.corp.example/"]);
    assert_eq!(ask(&named.gateway, "pypi.corp.example").status, 200);
}

#[test]
fn what_is_no_http_gets_no_answer_of_the_index() {
    let besieged = Besieged::start(&[]);
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /simple/demo/\r\n\r\n",
        b"GET /simple/demo/ HTTP/9.9\r\n\r\n",
        b"GET simple/demo/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /simple/demo/ HTTP/1.1 again\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET  /simple/demo/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /simple/\x00demo/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /simple/demo/ HTTP/1.1\r\nA\r\n\r\n",
        b"\r\n\r\n\r\n\x00\xff\xfe\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n",
    ] {
        let answer = parse(&exchange(&besieged.gateway.url, bytes));
        assert!(
            matches!(answer.status, 0 | 400..500),
            "{bytes:?}: {}",
            answer.status
        );
    }
    besieged.is_as_ever();
}

#[test]
fn ranges_are_parts_of_the_file_or_all_of_it() {
    let besieged = Besieged::start(&[]);
    let (path, whole) = (besieged.path(), besieged.file.bytes.clone());
    besieged.is_as_ever();
    let many: Vec<String> = (0..2_000).map(|at| format!("{at}-{at}")).collect();
    let (many, end) = (format!("bytes={}", many.join(",")), whole.len());
    for (range, expected) in [
        (many.as_str(), Some(0..end)),
        ("bytes=0-,0-,0-,0-", Some(0..end)),
        ("bytes=0-100,50-150", Some(0..end)),
        ("bytes=--5", Some(0..end)),
        ("bytes=-5-10", Some(0..end)),
        ("bytes=5-4", Some(0..end)),
        ("bytes=18446744073709551616-", Some(0..end)),
        ("bytes=0-18446744073709551615", Some(0..end)),
        ("bytes=1-18446744073709551615", Some(1..end)),
        ("bytes=-18446744073709551615", Some(0..end)),
        ("bytes=18446744073709551615-", None),
        ("bytes=18446744073709551615-18446744073709551615", None),
        ("bytes=-0", None),
        ("bytes=\u{663}-", Some(0..end)),
        ("bytes", Some(0..end)),
    ] {
        let answer = besieged.gateway.get(&path, &[&format!("Range: {range}")]);
        let Some(expected) = expected else {
            assert_eq!(answer.status, 416, "{range}");
            continue;
        };
        assert!(
            matches!(answer.status, 200 | 206),
            "{range}: {}",
            answer.status
        );
        assert!(answer.is_whole && answer.body == whole[expected], "{range}");
    }
    let twice = besieged
        .gateway
        .get(&path, &["Range: bytes=0-1", "Range: bytes=5-9"]);
    assert!(
        twice.body == whole[0..2] || twice.body == whole,
        "{}",
        twice.status
    );
    besieged.is_as_ever();
}

/// More of them than there are places: the rest waits, nothing grows without a bound, and nobody is turned away for long.
#[test]
fn a_thousand_connections_are_bounded_and_leave_no_trace() {
    let besieged = Besieged::start(&["--connections", "100"]);
    let address = host(&besieged.gateway.url).to_owned();
    // As much of a head as is taken, and not its end.
    let start = format!(
        "GET /simple/demo/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX: {}",
        "x".repeat(60_000)
    );
    let connections: Vec<TcpStream> = (0..1_000)
        .map(|_| {
            let mut stream = TcpStream::connect(&address).expect("it listens");
            stream.set_nonblocking(true).expect("a socket");
            // What does not fit waits for whoever has no place yet.
            let _ = stream.write(start.as_bytes());
            stream
        })
        .collect();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| besieged.is_as_ever());
        drop(connections);
        waiting.join().expect("it is answered in the end");
    });
    if cfg!(target_os = "linux") {
        let path = format!("/proc/{}/status", besieged.gateway.id());
        let status = std::fs::read_to_string(path).expect("it runs");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak
            .and_then(|peak| peak.split_whitespace().next())
            .expect("a number");
        let kilobytes: u64 = peak.parse().expect("a number");
        assert!(kilobytes < 200_000, "{kilobytes} kB");
    }
}

#[test]
fn who_takes_nothing_of_an_answer_keeps_no_other_from_theirs() {
    let besieged = Besieged::start(&[]);
    let path = besieged.path();
    let mut slow = TcpStream::connect(host(&besieged.gateway.url)).expect("it listens");
    for _ in 0..50 {
        write!(slow, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").expect("it reads");
    }
    besieged.is_as_ever();
    let mut first = [0; 15];
    slow.read_exact(&mut first).expect("it is answered, too");
    assert_eq!(&first, b"HTTP/1.1 200 OK");
}
