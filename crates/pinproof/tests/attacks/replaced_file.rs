//! A5, a file changes after publication: the same name and version, other bytes.

use crate::clients::BOTH;
use crate::lab::{Lab, tells};
use crate::shelf::{File, Shelf};

/// Another wheel under the same name: its module says so.
fn replaced() -> File {
    let files = [("demo/__init__.py", "version = \"evil\"\n")];
    File::wheel_of("demo", "1.0", "py3-none-any", &files)
}

pub(crate) fn a_wheel_is_replaced_under_its_name() {
    let Some(lab) = Lab::open("a file is replaced after its publication") else {
        return;
    };
    let shelf = Shelf::with(&[File::wheel("demo", "1.0")]);
    tells("yesterday somebody installed it through the gateway");
    let gateway = lab.gateway(&shelf.url());
    lab.installs(BOTH[0], (&gateway.simple(), "demo"), &["demo==1.0"])
        .got("1.0");
    drop(gateway);
    tells("today the same file name has other bytes, and clients take them");
    shelf.offers(&[replaced()]);
    for client in BOTH {
        lab.installs(client, (&shelf.url(), "demo"), &["demo==1.0"])
            .got("evil");
    }
    tells("the gateway knows the first ones");
    let gateway = lab.gateway(&shelf.url());
    for client in BOTH {
        lab.installs(client, (&gateway.simple(), "demo"), &["demo==1.0"])
            .got("1.0");
    }
    let why = gateway.get("/why/demo-1.0-py3-none-any.whl", &[]).text();
    let reason = "has other bytes on its index now than were seen first";
    assert!(why.contains(reason), "{why}");
    tells(&format!("its page about the file: it {reason}"));
    let listed = gateway.listed("demo", "demo-1.0-py3-none-any.whl");
    assert_eq!(listed["_pinproof"]["findings"][0]["rule"], "changed-file");
}

/// Without a gateway: the lock of yesterday holds, and a check tells what has happened.
#[test]
fn a_lock_of_yesterday_has_the_hash() {
    let Some(lab) = Lab::open("a file is replaced: what a lock does") else {
        return;
    };
    let shelf = Shelf::with(&[File::wheel("demo", "1.0")]);
    lab.sandbox.write("requirements.in", "demo\n");
    lab.locks(&shelf.url(), &[], (0, "+ demo  1.0"));
    shelf.offers(&[replaced()]);
    let locked = ["--require-hashes", "-r", "requirements.txt"];
    let said = ["DO NOT MATCH THE HASHES", "Hash mismatch"];
    for (client, said) in BOTH.into_iter().zip(said) {
        lab.installs(client, (&shelf.url(), "demo"), &["demo==1.0"])
            .got("evil");
        lab.installs(client, (&shelf.url(), "demo"), &locked)
            .got_nothing(said);
    }
    let url = shelf.url();
    let check = ["check", "requirements.txt", "--index-url", &url];
    lab.pinproof(&check, (1, "error[hash-mismatch]"));
}
