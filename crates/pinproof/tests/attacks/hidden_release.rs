//! A12, rollback: an upstream hides the release with the fix, and everybody goes on with the flawed one.

use crate::clients::BOTH;
use crate::lab::Lab;
use crate::shelf::{File, Shelf};

const LOCKED: [&str; 3] = ["--require-hashes", "-r", "requirements.txt"];

#[test]
fn whoever_has_it_locked_keeps_a_release_that_is_hidden() {
    let Some(lab) = Lab::open("an upstream hides the newest release") else {
        return;
    };
    let (flawed, fixed) = (File::wheel("demo", "1.0"), File::wheel("demo", "2.0"));
    let shelf = Shelf::with(&[flawed.clone(), fixed]);
    lab.sandbox.write("requirements.in", "demo\n");
    lab.locks(&shelf.url(), &[], (0, "+ demo  2.0"));
    let gateway = lab.gateway(&shelf.url());
    lab.installs(BOTH[0], (&gateway.simple(), "demo"), &["demo"])
        .got("2.0");
    drop(gateway);
    shelf.offers(&[flawed]);
    let gateway = lab.gateway(&shelf.url());
    let said = ["No matching distribution found", "no version of demo==2.0"];
    for (client, said) in BOTH.into_iter().zip(said) {
        lab.installs(client, (&shelf.url(), "demo"), &["demo"])
            .got("1.0");
        lab.installs(client, (&shelf.url(), "demo"), &LOCKED)
            .got_nothing(said);
        lab.installs(client, (&gateway.simple(), "demo"), &LOCKED)
            .got("2.0");
    }
    let hidden = gateway.listed("demo", "demo-2.0-py3-none-any.whl");
    let reason = "no longer listed by its index; these are the bytes that were listed once";
    assert_eq!(hidden["yanked"], reason);
    let url = shelf.url();
    let check = ["check", "requirements.txt", "--index-url", &url];
    lab.pinproof(&check, (1, "error[unknown-release]"));
    // What is locked anew has to take what is there, and says so.
    let reason = "2.0 is held back: `demo` 2.0 is locked, and 127.0.0.1";
    let ran = lab.locks(&url, &["--check"], (1, reason));
    ran.says("does not list it any more [unknown-release]");
    lab.locks(&url, &[], (0, reason));
}
