//! Files over upstreams that are slow, or break off.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::clients::{BOTH, Clients, installed};
use crate::gateway::Gateway;
use crate::http::Asking;
use crate::shelf::{self, File};
use crate::support::Sandbox;
use crate::upstream::{Request, Upstream, head, page, says};

const WHEEL: &str = "demo-1.0-py3-none-any.whl";
const MIB: usize = 1 << 20;

/// A wheel of about so many bytes; its module says its version.
fn wheel(bytes: usize) -> File {
    // Digits of the numbers of a simple generator, of which an archive makes half as many bytes.
    let mut state: u32 = 1;
    let mut text = String::with_capacity(2 * bytes + 16);
    while text.len() < 2 * bytes {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let _ = write!(text, "{state:08x}");
    }
    let files = [
        ("demo/__init__.py", "version = \"1.0\"\n"),
        ("demo/data.txt", &*text),
    ];
    File::wheel_of("demo", "1.0", "py3-none-any", &files)
}

fn is_page(request: &Request) -> bool {
    request.path == "/simple/demo/"
}

/// An upstream that sends a file in two halves, the second only when `go_on` is set.
fn in_halves(file: &File, text: String, go_on: &Arc<AtomicBool>) -> Upstream {
    let (file, go_on) = (file.clone(), Arc::clone(go_on));
    Upstream::new(move |request, stream| {
        if is_page(request) {
            return page(stream, &text);
        }
        let length = file.bytes.len().to_string();
        head(stream, 200, &[("Content-Length", &length)])?;
        let (first, second) = file.bytes.split_at(file.bytes.len() / 2);
        stream.write_all(first)?;
        while !go_on.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(5));
        }
        stream.write_all(second)
    })
}

#[test]
fn who_comes_late_is_sent_what_is_there_and_does_not_wait_for_the_end() {
    let (sandbox, file) = (Sandbox::new(), wheel(MIB));
    let go_on = Arc::new(AtomicBool::new(false));
    let text = shelf::page("demo", std::slice::from_ref(&file));
    let upstream = in_halves(&file, text, &go_on);
    let gateway = Gateway::before(&sandbox, &upstream.simple());
    let path = gateway.path("demo", WHEEL);
    // Each reads bytes of the first half while the second is not even sent.
    let mut clients: Vec<_> = (0..4).map(|_| Asking::start(&gateway.url, &path)).collect();
    for client in &mut clients {
        client.wait_for(file.bytes.len() / 4);
    }
    // One of them goes away, the first.
    drop(clients.remove(0));
    go_on.store(true, Ordering::Relaxed);
    for client in clients {
        let answer = client.finish();
        assert_eq!(answer.status, 200, "{}", answer.phrase);
        assert!(answer.is_whole && answer.body == file.bytes);
    }
    assert_eq!(upstream.asked(&format!("/files/{WHEEL}")), 1);
}

#[test]
fn who_comes_late_gets_all_of_a_wrong_file_as_little_as_the_first() {
    let (sandbox, file) = (Sandbox::new(), wheel(MIB));
    let go_on = Arc::new(AtomicBool::new(false));
    let mut wrong = file.clone();
    *wrong.bytes.last_mut().expect("a byte") ^= 1;
    // The page says the hash of the right bytes.
    let text = shelf::page("demo", std::slice::from_ref(&file));
    let upstream = in_halves(&wrong, text, &go_on);
    let gateway = Gateway::before(&sandbox, &upstream.simple());
    let path = gateway.path("demo", WHEEL);
    let mut clients: Vec<_> = (0..3).map(|_| Asking::start(&gateway.url, &path)).collect();
    for client in &mut clients {
        client.wait_for(file.bytes.len() / 4);
    }
    go_on.store(true, Ordering::Relaxed);
    for client in clients {
        let answer = client.finish();
        assert!(!answer.is_whole, "{} bytes", answer.body.len());
        assert!(answer.body.len() < file.bytes.len());
    }
}

/// An upstream that breaks off after each `piece`, and answers as `resumes` says to a range.
fn breaking(file: &File, piece: usize, resumes: bool, tries: &Arc<AtomicUsize>) -> Upstream {
    let (file, tries) = (file.clone(), Arc::clone(tries));
    Upstream::new(move |request, stream| {
        if is_page(request) {
            return page(stream, &shelf::page("demo", std::slice::from_ref(&file)));
        }
        let before = tries.fetch_add(1, Ordering::Relaxed);
        let all = file.bytes.len();
        let from = request.from().filter(|_| resumes).unwrap_or(0);
        // Who cannot send a part gets a bit further each time.
        let until = if resumes {
            from + piece
        } else {
            piece * (before + 1)
        };
        let length = (all - from).to_string();
        let range = format!("bytes {from}-{}/{all}", all - 1);
        let headers = [("Content-Length", &*length), ("Content-Range", &*range)];
        let (status, headers) = match from {
            0 => (200, &headers[..1]),
            _ => (206, &headers[..]),
        };
        head(stream, status, headers)?;
        stream.write_all(&file.bytes[from..until.min(all)])
    })
}

#[test]
fn what_breaks_off_goes_on_where_it_was() {
    for resumes in [true, false] {
        let (sandbox, file) = (Sandbox::new(), wheel(3 * MIB));
        let tries = Arc::default();
        let upstream = breaking(&file, 5 * MIB / 4, resumes, &tries);
        let gateway = Gateway::start(
            &sandbox,
            &["--index-url", &upstream.simple(), "--retries", "1"],
        );
        let answer = gateway.get(&gateway.path("demo", WHEEL), &[]);
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(
            answer.is_whole && answer.body == file.bytes,
            "{} bytes",
            answer.body.len()
        );
        assert_eq!(tries.load(Ordering::Relaxed), 3, "{resumes}");
    }
}

#[test]
fn a_part_that_is_another_one_is_not_taken_for_the_rest() {
    let (sandbox, file) = (Sandbox::new(), wheel(MIB));
    let bytes = file.bytes.clone();
    let upstream = Upstream::honest(std::slice::from_ref(&file));
    let gateway = Gateway::start(
        &sandbox,
        &["--index-url", &upstream.simple(), "--retries", "2"],
    );
    let path = gateway.path("demo", WHEEL);
    upstream.behaves(move |request, stream| {
        let all = bytes.len();
        let range = format!("bytes 0-{}/{all}", all - 1);
        let length = all.to_string();
        let headers = [("Content-Length", &*length), ("Content-Range", &*range)];
        match request.from() {
            None => {
                head(stream, 200, &headers[..1])?;
                stream.write_all(&bytes[..all / 2])
            }
            Some(_) => says(stream, 206, &headers[1..], &bytes),
        }
    });
    let answer = gateway.get(&path, &[]);
    assert!(
        !(answer.status == 200 && answer.is_whole),
        "{}",
        answer.text()
    );
    let honest = crate::upstream::honest(std::slice::from_ref(&file));
    upstream.behaves(honest);
    let answer = gateway.get(&path, &[]);
    assert!(answer.is_whole && answer.body == file.bytes);
}

#[test]
fn an_end_without_a_length_is_no_clean_end() {
    let (sandbox, file) = (Sandbox::new(), wheel(MIB));
    let upstream = Upstream::honest(std::slice::from_ref(&file));
    let gateway = Gateway::before(&sandbox, &upstream.simple());
    let path = gateway.path("demo", WHEEL);
    let bytes = file.bytes.clone();
    upstream.behaves(move |_, stream| {
        head(stream, 200, &[])?;
        stream.write_all(&bytes[..bytes.len() / 2])
    });
    let answer = gateway.get(&path, &[]);
    assert!(
        !(answer.status == 200 && answer.is_whole),
        "{} bytes",
        answer.body.len()
    );
}

/// An upstream that sends a file at a pace, and makes a pause now and then.
fn slow(file: File, piece: usize, every: Duration, pause: Duration) -> Upstream {
    Upstream::new(move |request, stream| {
        if is_page(request) {
            return page(stream, &shelf::page("demo", std::slice::from_ref(&file)));
        }
        if request.path != format!("/files/{WHEEL}") {
            return says(stream, 404, &[], b"no");
        }
        let length = file.bytes.len().to_string();
        head(stream, 200, &[("Content-Length", &length)])?;
        let pieces = file.bytes.chunks(piece);
        let middle = pieces.len() / 2;
        for (at, piece) in pieces.enumerate() {
            stream.write_all(piece)?;
            thread::sleep(if at == middle { pause } else { every });
        }
        Ok(())
    })
}

/// Installs through a gateway that has nothing yet, with the settings that a client has by itself; two at one time.
fn installs(upstream: &Upstream) {
    let Some(clients) = Clients::get() else {
        return;
    };
    for client in BOTH {
        let sandbox = Sandbox::new();
        let timeout = ["--index-url", &upstream.simple(), "--timeout", "15"];
        let gateway = Gateway::start(&sandbox, &timeout);
        thread::scope(|scope| {
            let both: Vec<_> = ["one", "two"]
                .map(|into| {
                    let (clients, gateway, sandbox) = (&clients, &gateway, &sandbox);
                    scope.spawn(move || {
                        clients.install(client, sandbox, (&gateway.simple(), into), &["demo"])
                    })
                })
                .into();
            for ran in both {
                ran.join().expect("no panic").ends_with(0);
            }
        });
        for into in ["one", "two"] {
            assert_eq!(installed(&sandbox, into, "demo").as_deref(), Some("1.0"));
        }
    }
}

#[test]
fn a_large_wheel_over_a_slow_upstream_installs() {
    let file = wheel(60 * MIB);
    let (piece, every) = (MIB, Duration::from_millis(50));
    let upstream = slow(file, piece, every, Duration::from_secs(4));
    installs(&upstream);
    // One transfer for two clients, for each of the two gateways.
    assert_eq!(upstream.asked(&format!("/files/{WHEEL}")), 2);
}

#[test]
#[ignore = "500 MB at 20 MB/s and with a pause of twelve seconds, for each client: run it by hand"]
fn a_very_large_wheel_over_a_slow_upstream_installs() {
    let file = wheel(500 * MIB);
    let (piece, every) = (MIB, Duration::from_millis(50));
    let upstream = slow(file, piece, every, Duration::from_secs(12));
    installs(&upstream);
    assert_eq!(upstream.asked(&format!("/files/{WHEEL}")), 2);
}
