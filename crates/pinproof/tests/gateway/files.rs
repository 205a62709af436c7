//! Bytes: once from the upstream, right or not at all, and by parts.

use std::fmt::Write as _;
use std::thread;
use std::time::Duration;

use crate::gateway::Gateway;
use crate::http::Asking;
use crate::shelf::{File, Shelf};
use crate::support::{Reply, Sandbox};

const WHEEL: &str = "demo-1.0-py3-none-any.whl";

/// A wheel of a few hundred kilobytes, so that it comes in pieces.
fn large() -> File {
    // Text that does not compress well: numbers of a simple generator.
    let mut state: u32 = 1;
    let mut text = String::from("data = '");
    for _ in 0..40_000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let _ = write!(text, "{state:08x}");
    }
    text.push_str("'\n");
    let files = [
        ("demo/__init__.py", "version = \"1.0\"\n"),
        ("demo/data.py", &text),
    ];
    File::wheel_of("demo", "1.0", "py3-none-any", &files)
}

#[test]
fn many_who_ask_at_once_make_one_request_upstream() {
    let (sandbox, file) = (Sandbox::new(), large());
    let shelf = Shelf::with(std::slice::from_ref(&file));
    let slow = Reply::Drips(
        200,
        Vec::new(),
        file.bytes.clone(),
        Duration::from_millis(2),
    );
    shelf.answer(&format!("/files/{WHEEL}"), slow);
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let path = gateway.path("demo", WHEEL);
    thread::scope(|scope| {
        let clients: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| gateway.get(&path, &[])))
            .collect();
        for client in clients {
            let answer = client.join().expect("no panic");
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert!(answer.is_whole && answer.body == file.bytes);
        }
    });
    assert_eq!(shelf.fetched(), [WHEEL]);
}

/// A file of many megabytes, which is no wheel inside: nobody looks.
fn huge() -> File {
    let bytes: Vec<u8> = (0..4_000_000_u32).flat_map(u32::to_le_bytes).collect();
    File::new("demo", "1.0", WHEEL.to_owned(), bytes)
}

#[test]
fn a_client_that_is_slow_gets_the_rest_from_the_store() {
    let (sandbox, file) = (Sandbox::new(), huge());
    let shelf = Shelf::with(std::slice::from_ref(&file));
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let path = gateway.path("demo", WHEEL);
    let slow = Asking::start(&gateway.url, &path);
    // The whole file comes meanwhile, and is more than sockets and what is kept ahead can hold.
    let other = gateway.get(&path, &[]);
    assert!(other.status == 200 && other.is_whole && other.body == file.bytes);
    let answer = slow.finish();
    assert_eq!(answer.status, 200, "{}", answer.phrase);
    assert!(
        answer.is_whole && answer.body == file.bytes,
        "{} bytes",
        answer.body.len()
    );
    assert_eq!(shelf.fetched(), [WHEEL]);
}

#[test]
fn a_client_that_goes_away_does_not_stop_a_transfer() {
    let (sandbox, file) = (Sandbox::new(), large());
    let shelf = Shelf::with(std::slice::from_ref(&file));
    let drips = Reply::Drips(
        200,
        Vec::new(),
        file.bytes.clone(),
        Duration::from_millis(3),
    );
    shelf.answer(&format!("/files/{WHEEL}"), drips);
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let path = gateway.path("demo", WHEEL);
    let leaving = Asking::start(&gateway.url, &path);
    let is_asked = || !shelf.fetched().is_empty();
    let mut waits = 0..4_000;
    while !is_asked() && waits.next().is_some() {
        thread::sleep(Duration::from_millis(5));
    }
    assert!(is_asked(), "{}", gateway.log());
    drop(leaving);
    let answer = gateway.get(&path, &[]);
    assert!(answer.status == 200 && answer.is_whole && answer.body == file.bytes);
    assert_eq!(shelf.fetched(), [WHEEL]);
}

#[test]
fn nobody_gets_all_of_a_wrong_file_and_the_next_try_may_succeed() {
    let (sandbox, file) = (Sandbox::new(), large());
    let shelf = Shelf::with(std::slice::from_ref(&file));
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let path = gateway.path("demo", WHEEL);
    let mut wrong = file.bytes.clone();
    *wrong.last_mut().expect("a byte") ^= 1;
    let longer = [&file.bytes[..], b"x"].concat();
    let replies = [
        Reply::ok(wrong.clone()),
        Reply::Drips(200, Vec::new(), wrong, Duration::from_millis(1)),
        Reply::ok(longer),
        Reply::ok(file.bytes[..1000].to_vec()),
        Reply::BreaksOff(file.bytes[..100_000].to_vec()),
        Reply::status(500),
        Reply::status(404),
    ];
    for (at, reply) in replies.into_iter().enumerate() {
        shelf.answer(&format!("/files/{WHEEL}"), reply);
        let answer = gateway.get(&path, &[]);
        let is_whole = answer.status == 200 && answer.is_whole;
        assert!(!is_whole, "{at}: {} bytes", answer.body.len());
        if !matches!(answer.status, 0 | 200) {
            assert_eq!(answer.status, 503, "{at}: {}", answer.text());
        }
    }
    shelf.answer(&format!("/files/{WHEEL}"), Reply::ok(file.bytes.clone()));
    let answer = gateway.get(&path, &[]);
    assert!(answer.status == 200 && answer.is_whole && answer.body == file.bytes);
    assert!(
        answer
            .header("cache-control")
            .is_some_and(|value| value.contains("immutable"))
    );
}

#[test]
fn a_part_of_a_file_is_answered() {
    let (sandbox, file) = (Sandbox::new(), large());
    let shelf = Shelf::with(std::slice::from_ref(&file));
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let path = gateway.path("demo", WHEEL);
    let end = file.bytes.len();
    for (range, expected) in [
        ("bytes=10-19", Some(10..20)),
        ("bytes=-100", Some(end - 100..end)),
        ("bytes=0-", Some(0..end)),
        ("bytes=999999999-", None),
    ] {
        let answer = gateway.get(&path, &[&format!("Range: {range}")]);
        let Some(expected) = expected else {
            assert_eq!(answer.status, 416);
            continue;
        };
        assert_eq!(answer.status, 206, "{}", answer.text());
        assert_eq!(answer.body, file.bytes[expected.clone()]);
        let says = format!("bytes {}-{}/{end}", expected.start, expected.end - 1);
        assert_eq!(answer.header("content-range"), Some(&*says));
    }
    let etag = gateway.get(&path, &[]);
    let etag = etag.header("etag").expect("a validator").to_owned();
    assert_eq!(
        gateway
            .get(&path, &[&format!("If-None-Match: {etag}")])
            .status,
        304
    );
    let other = gateway.get(&path, &["Range: bytes=0-9", "If-Range: \"other\""]);
    assert_eq!((other.status, other.body.len()), (200, end));
}

#[test]
fn an_address_that_means_nothing_is_answered_and_nobody_is_asked() {
    let (sandbox, shelf) = (Sandbox::new(), Shelf::with(&[File::wheel("demo", "1.0")]));
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let zeros = "0".repeat(64);
    for path in [
        "/files/".to_owned(),
        "/files/abc/demo".to_owned(),
        format!("/files/{zeros}/..%2f..%2fetc%2fpasswd"),
        format!("/files/{zeros}/%00"),
        "/simple/..%2f/".to_owned(),
        "/simple/-/".to_owned(),
        "/nothing".to_owned(),
    ] {
        let answer = gateway.get(&path, &[]);
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
    }
    assert!(shelf.asked().is_empty(), "{:?}", shelf.asked());
    let other = gateway.get(&format!("/files/{zeros}/{WHEEL}"), &[]);
    assert_eq!(other.status, 404);
    assert!(other.text().contains("has other bytes"), "{}", other.text());
}
