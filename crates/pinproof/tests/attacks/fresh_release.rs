//! A6 and A11, a release that is bad and young: published this night, found out in a few days.

use crate::clients::BOTH;
use crate::lab::Lab;
use crate::shelf::{File, Shelf};

/// Two days before the time of the tests.
const TONIGHT: &str = "2026-10-30T00:00:00Z";
const REASON: &str =
    "`demo` 1.1 is 2 days old, younger than the cooldown of 7 days [recent-release]";

fn old() -> File {
    File::wheel("demo", "1.0")
}

fn young() -> File {
    let files = [("demo/__init__.py", "version = \"evil\"\n")];
    File::wheel_of("demo", "1.1", "py3-none-any", &files).uploaded(TONIGHT)
}

#[test]
fn a_release_of_tonight_waits_until_somebody_has_looked_at_it() {
    let Some(lab) = Lab::open("a malicious release of tonight") else {
        return;
    };
    let shelf = Shelf::with(&[old(), young()]);
    let gateway = lab.gateway(&shelf.url());
    for client in BOTH {
        lab.installs(client, (&shelf.url(), "demo"), &["demo"])
            .got("evil");
        lab.installs(client, (&gateway.simple(), "demo"), &["demo"])
            .got("1.0");
        lab.installs(client, (&gateway.simple(), "demo"), &["demo==1.1"])
            .got_nothing(REASON);
    }
}

#[test]
fn it_enters_no_lock_and_check_warns_where_it_is_in_one() {
    let Some(lab) = Lab::open("a malicious release of tonight: what lock and check do") else {
        return;
    };
    let (old, young) = (old(), young());
    let shelf = Shelf::with(&[old.clone(), young.clone()]);
    lab.installs(BOTH[0], (&shelf.url(), "demo"), &["demo"])
        .got("evil");
    lab.sandbox.write("requirements.in", "demo\n");
    lab.locks(
        &shelf.url(),
        &[],
        (0, "1.1 is held back, until 2026-11-06T00:00:00Z"),
    );
    assert!(lab.sandbox.read("requirements.txt").contains(&old.sha256()));
    for client in BOTH {
        let locked = ["--require-hashes", "-r", "requirements.txt"];
        lab.installs(client, (&shelf.url(), "demo"), &locked)
            .got("1.0");
    }
    lab.sandbox.write("requirements.txt", young.locked());
    let url = shelf.url();
    let check = ["check", "requirements.txt", "--index-url", &url];
    lab.pinproof(
        &check,
        (0, "warning[recent-release]: `demo` 1.1 is 2 days old"),
    );
    let download = ["download", "demo", "--no-deps", "-d", "files"];
    let of_index = ["--index-url", &url];
    lab.pinproof(&[&download[..], &of_index].concat(), (0, "demo-1.0"));
}
