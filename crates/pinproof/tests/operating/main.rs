//! `pinproof serve` as whoever runs it meets it: metrics, TLS, a proxy before it, its lines, its end, and clients that
//! mean it no good.

#[path = "../support/mod.rs"]
mod support;

#[path = "../download/shelf.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod shelf;

#[path = "../gateway/clients.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod clients;

#[path = "../gateway/gateway.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod gateway;

#[path = "../gateway/http.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod http;

#[path = "../schemas/validator.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod validator;

mod certificates;
mod hostile_clients;
mod hostile_paths;
mod hostile_text;
mod lines;
mod metrics;
mod proxy;
mod stopping;
mod tls;

use std::fmt::Write as _;
use std::thread;
use std::time::Duration;

use crate::shelf::File;

/// The name of the one file of most tests.
const WHEEL: &str = "demo-1.0-py3-none-any.whl";

/// Waits until something is so; fails after a minute.
#[track_caller]
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let mut waits = 0..2_400;
    while !is_so() {
        assert!(waits.next().is_some(), "it never happens: {what}");
        thread::sleep(Duration::from_millis(25));
    }
}

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
