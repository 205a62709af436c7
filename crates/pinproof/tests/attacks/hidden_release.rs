//! A12, rollback: an upstream hides the release with the fix, and everybody goes on with the flawed one.

use crate::clients::BOTH;
use crate::lab::Lab;
use crate::shelf::{File, Shelf};

#[test]
fn a_release_that_was_seen_is_not_hidden() {
    let Some(lab) = Lab::open("an upstream hides the newest release") else {
        return;
    };
    let (flawed, fixed) = (File::wheel("demo", "1.0"), File::wheel("demo", "2.0"));
    let shelf = Shelf::with(&[flawed.clone(), fixed]);
    let gateway = lab.gateway(&shelf.url());
    lab.installs(BOTH[0], (&gateway.simple(), "demo"), &["demo"])
        .got("2.0");
    drop(gateway);
    shelf.offers(&[flawed]);
    let gateway = lab.gateway(&shelf.url());
    for client in BOTH {
        lab.installs(client, (&shelf.url(), "demo"), &["demo"])
            .got("1.0");
        lab.installs(client, (&gateway.simple(), "demo"), &["demo==2.0"])
            .got("2.0");
        lab.installs(client, (&gateway.simple(), "demo"), &["demo"])
            .got("2.0");
    }
    println!("{:#}", gateway.page("demo"));
}
