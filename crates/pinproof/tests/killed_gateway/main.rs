//! A whole gateway that is killed under load, again and again: no pin changes, nothing that was answered is missing in
//! the log, the chain holds, and no partial file is ever seen.
//!
//! `PINPROOF_KILLS=200 cargo test -p pinproof --test killed_gateway` does it 200 times. A kill leaves what the kernel had taken;
//! that a power failure loses nothing rests on the calls that wait for the disk.

#[path = "../support/mod.rs"]
mod support;

#[path = "../gateway/gateway.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod gateway;

#[path = "../gateway/http.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod http;

#[path = "../download/shelf.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod shelf;

#[path = "../lock/dice.rs"]
#[allow(dead_code, reason = "made for other tests, too")]
mod dice;

mod load;
mod remembered;
mod upstream;

use std::thread;
use std::time::Duration;

use gateway::Gateway;
use load::under_load;
use remembered::{Remembered, nothing_waits};
use support::Sandbox;
use upstream::Upstream;

/// Kills where nobody asks for another number.
const KILLS: u64 = 8;

#[test]
#[allow(clippy::print_stderr, reason = "a long run says what it did")]
fn a_gateway_that_is_killed_under_load_forgets_nothing_that_it_answered() {
    let kills = std::env::var("PINPROOF_KILLS").ok();
    let kills = kills.map_or(KILLS, |kills| kills.parse().expect("a number"));
    let (sandbox, upstream) = (Sandbox::new(), Upstream::start());
    let mut remembered = Remembered::default();
    for round in 0..kills {
        upstream.begin(round);
        let gateway = Gateway::before(&sandbox, &upstream.url());
        nothing_waits(&sandbox);
        // In every third round, pages are asked for first while it is killed.
        if round % 3 != 1 {
            remembered.still_answered(&gateway, &upstream);
        }
        // From a moment before the first answer to some dozens of them, and then anywhere between two.
        let answers = usize::try_from(round * 7 % 41).expect("a small number");
        let pause = Duration::from_millis(round * 13 % 29);
        let url = gateway.url.clone();
        let answers = under_load(&url, (round, answers), || {
            thread::sleep(pause);
            // SIGKILL, and nothing else.
            drop(gateway);
        });
        remembered.take(answers);
        remembered.whole_files_only(&sandbox);
        remembered.in_the_log(&sandbox);
    }
    let gateway = Gateway::before(&sandbox, &upstream.url());
    remembered.still_answered(&gateway, &upstream);
    drop(gateway);
    remembered.no_invented_incident(&sandbox, &upstream);
    let seen = remembered.summary();
    eprintln!("{kills} kills: {seen}");
    remembered.is_enough(usize::try_from(kills).expect("a small number"));
}
