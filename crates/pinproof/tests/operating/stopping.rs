//! How it ends: what is under way is finished, nobody new comes in, and who cannot wait says so twice.

use std::net::TcpStream;
use std::time::Duration;

use crate::gateway::{Gateway, entries};
use crate::http::{Asking, host};
use crate::shelf::Shelf;
use crate::support::{Reply, Sandbox};
use crate::{WHEEL, large, until};

/// A download that is under way, on a gateway that then is asked to end.
fn asked_to_end(
    signal: &str,
    reply: impl FnOnce(Vec<u8>) -> Reply,
) -> (Sandbox, Shelf, Gateway, Asking) {
    let (sandbox, file) = (Sandbox::new(), large());
    let shelf = Shelf::with(std::slice::from_ref(&file));
    shelf.answer(&format!("/files/{WHEEL}"), reply(file.bytes));
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let path = gateway.path("demo", WHEEL);
    let download = Asking::start(&gateway.url, &path);
    until("the download is under way", || !shelf.fetched().is_empty());
    gateway.signal(signal);
    until("nobody new comes in", || {
        TcpStream::connect(host(&gateway.url)).is_err()
    });
    (sandbox, shelf, gateway, download)
}

#[test]
fn a_download_that_is_under_way_is_finished() {
    for signal in ["TERM", "INT"] {
        let drips = |bytes| Reply::Drips(200, Vec::new(), bytes, Duration::from_millis(10));
        let (sandbox, _shelf, gateway, download) = asked_to_end(signal, drips);
        let answer = download.finish();
        assert!(
            answer.status == 200 && answer.is_whole,
            "{signal}: {} bytes",
            answer.body.len()
        );
        assert_eq!(answer.body, large().bytes);
        let log = sandbox.home().join("gateway.log");
        assert_eq!(gateway.wait(), 0);
        let log = std::fs::read_to_string(log).expect("a log");
        assert!(
            log.contains("info: stopped; what was decided is in the log"),
            "{log}"
        );
        assert_eq!(entries(&sandbox).len(), 1);
    }
}

#[test]
fn who_asks_twice_does_not_wait() {
    let stalls = |bytes: Vec<u8>| Reply::Stalls(bytes[..100_000].to_vec());
    let (sandbox, _shelf, gateway, download) = asked_to_end("TERM", stalls);
    gateway.signal("TERM");
    let log = sandbox.home().join("gateway.log");
    assert_eq!(gateway.wait(), 0);
    let log = std::fs::read_to_string(log).expect("a log");
    assert!(
        log.contains("warning: stopped at once: asked twice"),
        "{log}"
    );
    assert!(!download.finish().is_whole);
    assert_eq!(
        entries(&sandbox).len(),
        1,
        "what was answered is in the log all the same"
    );
}

/// The first answer to a service manager does not wait for what a gateway fetches for itself.
#[test]
fn an_idle_connection_does_not_hold_it_up() {
    let sandbox = Sandbox::new();
    let shelf = Shelf::with(&[]);
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let _idle = TcpStream::connect(host(&gateway.url)).expect("it listens");
    assert_eq!(gateway.get("/health", &[]).status, 200);
    assert_eq!(gateway.stop(), 0);
}
