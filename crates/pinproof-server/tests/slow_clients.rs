//! Clients that send or read slowly, or not at all, are let go, and others are answered all the same.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use pinproof_engine::advisories::build;
use pinproof_engine::gather::Silent;
use pinproof_engine::sources::Database;
use pinproof_server::connections::{Bounds, Door, listen};
use pinproof_server::osv::Served;
use pinproof_server::tls::Tls;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Far longer than any bound here, and far shorter than what nobody waits for.
const PATIENCE: Duration = Duration::from_mins(1);
const SHORT: Duration = Duration::from_millis(300);
/// A record that no buffer of a socket holds twice.
const LARGE: usize = 4 * 1024 * 1024;

/// A service with one place, which somebody slow may take.
struct Service {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Service {
    fn start(change: impl FnOnce(&mut Bounds)) -> Self {
        Self::start_with(change, Door::from)
    }

    fn start_with(
        change: impl FnOnce(&mut Bounds),
        door: impl FnOnce(TcpListener) -> Door + Send + 'static,
    ) -> Self {
        let mut bounds = Bounds {
            connections: 1,
            head: PATIENCE,
            request: PATIENCE,
            stalled: PATIENCE,
            end: PATIENCE,
        };
        change(&mut bounds);
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let served = Served::new(database(), None).unwrap().with_bounds(bounds);
                let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                let stop = async { drop(stopped.await) };
                served.serve(door(listener), stop).await;
            });
        });
        Self {
            address: told.recv().unwrap(),
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// What a client that is not slow hears.
    fn ask(&self) -> String {
        let mut stream = self.connect();
        stream
            .write_all(b"GET /v1/vulns/NONE-1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .unwrap();
        all(&mut stream)
    }

    fn end(&mut self) {
        drop(self.stop.take());
        self.thread.take().unwrap().join().unwrap();
    }
}

fn database() -> Database {
    let folder = tempfile::tempdir().unwrap();
    let record = format!(
        r#"{{"id": "PYSEC-2026-1", "modified": "2026-01-01T00:00:00Z", "details": "{}", "affected":
        [{{"package": {{"ecosystem": "PyPI", "name": "example"}}, "versions": ["1"]}}]}}"#,
        "x".repeat(LARGE)
    );
    let source = folder.path().join("PYSEC-2026-1.json");
    std::fs::write(&source, record).unwrap();
    let path = folder.path().join("osv.db");
    build(&[source], &path, &Silent).unwrap();
    Database::open(&path).unwrap()
}

/// Everything until the service closes the connection.
fn all(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    match stream.read_to_end(&mut text) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}"),
    }
    String::from_utf8(text).unwrap()
}

#[test]
fn a_head_that_never_ends_is_let_go() {
    let service = Service::start(|bounds| bounds.head = SHORT);
    let mut slow = service.connect();
    slow.write_all(b"GET /v1/vulns/NONE-1 HTTP/1.1\r\nHos")
        .unwrap();
    assert!(service.ask().starts_with("HTTP/1.1 404"));
    assert!(!all(&mut slow).contains("200"));
}

#[test]
fn a_client_that_says_nothing_is_let_go() {
    let service = Service::start(|bounds| bounds.head = SHORT);
    let mut silent = service.connect();
    assert!(service.ask().starts_with("HTTP/1.1 404"));
    assert_eq!(all(&mut silent), "");
}

#[test]
fn a_body_that_never_ends_is_refused() {
    let service = Service::start(|bounds| bounds.request = SHORT);
    let mut slow = service.connect();
    slow.write_all(b"POST /v1/query HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        .unwrap();
    assert!(service.ask().starts_with("HTTP/1.1 404"));
    assert!(all(&mut slow).starts_with("HTTP/1.1 408"));
}

#[test]
fn an_answer_that_nobody_reads_is_given_up() {
    let service = Service::start(|bounds| bounds.stalled = SHORT);
    let mut slow = service.connect();
    let request = b"GET /v1/vulns/PYSEC-2026-1 HTTP/1.1\r\nHost: x\r\n\r\n";
    slow.write_all(&request.repeat(10)).unwrap();
    assert!(service.ask().starts_with("HTTP/1.1 404"));
    assert!(all(&mut slow).len() < 10 * LARGE);
}

#[test]
fn who_finds_no_place_waits_for_one() {
    let service = Service::start(|_| {});
    let first = service.connect();
    let mut second = service.connect();
    second
        .write_all(b"GET /v1/vulns/NONE-1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .unwrap();
    second.set_read_timeout(Some(SHORT)).unwrap();
    let nothing = second.read(&mut [0]).unwrap_err().kind();
    assert!(matches!(
        nothing,
        ErrorKind::WouldBlock | ErrorKind::TimedOut
    ));
    drop(first);
    second.set_read_timeout(Some(PATIENCE)).unwrap();
    assert!(all(&mut second).starts_with("HTTP/1.1 404"));
}

/// Where every place is taken, who has an answer gives the place to whoever waits.
#[test]
fn a_client_that_was_answered_does_not_keep_the_last_place() {
    let service = Service::start(|bounds| bounds.connections = 3);
    let request = b"GET /v1/vulns/NONE-1 HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut alone = service.connect();
    alone.write_all(request).unwrap();
    let mut first = [0; 12];
    alone.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 404");
    // It keeps its place, and whoever comes next has one at the door: no other is left.
    let mut second = service.connect();
    second.write_all(request).unwrap();
    let said = all(&mut second);
    assert!(
        said.starts_with("HTTP/1.1 404") && said.contains("connection: close"),
        "{said}"
    );
    assert!(service.ask().starts_with("HTTP/1.1 404"));
}

#[test]
fn a_body_that_is_too_large_is_refused() {
    let service = Service::start(|_| {});
    let mut stream = service.connect();
    let head = "POST /v1/query HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5000000\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&b" ".repeat(4 * 1024 * 1024 + 1)).unwrap();
    assert!(all(&mut stream).starts_with("HTTP/1.1 413"));
}

/// Somebody who idles does not keep the service from ending.
#[test]
fn the_service_ends_while_clients_are_there() {
    let mut service = Service::start(|bounds| bounds.end = SHORT);
    let mut slow = service.connect();
    slow.write_all(b"GET /v1/vulns/NONE-1 HTTP/1.1\r\n")
        .unwrap();
    service.end();
    assert_eq!(all(&mut slow), "");
}

/// More than there are places, and than anybody waits for: all are let go, a few at a time.
#[test]
fn a_crowd_that_says_nothing_passes() {
    let service = Service::start(|bounds| {
        bounds.connections = 50;
        bounds.head = SHORT;
    });
    let mut crowd: Vec<TcpStream> = (0..500).map(|_| service.connect()).collect();
    assert!(service.ask().starts_with("HTTP/1.1 404"));
    for silent in &mut crowd {
        assert_eq!(all(silent), "");
    }
}

fn tls() -> Tls {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let (certificate, key) = (folder.path().join("cert"), folder.path().join("key"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    Tls::open(&certificate, &key).unwrap()
}

#[test]
fn who_never_agrees_on_tls_is_let_go() {
    let tls = tls();
    let service = Service::start_with(
        |bounds| bounds.head = SHORT,
        |listener| Door::with_tls(listener, tls),
    );
    let begun = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
    for said in [&b""[..], begun, b"\x16", b"\xff\xff\xff"] {
        let mut slow = service.connect();
        slow.write_all(said).unwrap();
        // The one place is free again, or this would not be answered.
        let next = service.ask();
        assert!(next.starts_with("HTTP/1.1 400"), "{next}");
        assert!(next.contains("this port speaks TLS"), "{next}");
        let mut rest = Vec::new();
        let _ = slow.read_to_end(&mut rest);
        assert!(!rest.starts_with(b"HTTP"));
    }
}
