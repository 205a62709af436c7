//! A5 and A6, a late file: an old, well-known release gets one more wheel tonight, and every client prefers it.

use crate::clients::BOTH;
use crate::lab::Lab;
use crate::shelf::{File, Shelf};

const TONIGHT: &str = "2026-10-30T00:00:00Z";
const REASON: &str = "[late-file]";

fn old() -> File {
    File::wheel("demo", "1.0")
}

/// The same once more with a build number: of two that fit alike, installers take this one.
fn late() -> File {
    let files = [("demo/__init__.py", "version = \"evil\"\n")];
    let tags = "1-py3-none-any";
    File::wheel_of("demo", "1.0", tags, &files).uploaded(TONIGHT)
}

#[test]
fn a_file_that_joins_an_old_release_waits_like_a_release() {
    let Some(lab) = Lab::open("one more wheel for an old release") else {
        return;
    };
    let shelf = Shelf::with(&[old(), late()]);
    lab.sandbox.write("requirements.in", "demo\n");
    lab.locks(&shelf.url(), &[], (0, "1 release, 1 sha256"));
    let gateway = lab.gateway(&shelf.url());
    for client in BOTH {
        lab.installs(client, (&shelf.url(), "demo"), &["demo==1.0"])
            .got("evil");
        lab.installs(client, (&gateway.simple(), "demo"), &["demo"])
            .got("1.0");
        let locked = ["--require-hashes", "-r", "requirements.txt"];
        lab.installs(client, (&shelf.url(), "demo"), &locked)
            .got("1.0");
    }
    let listed = gateway.listed("demo", &late().name);
    let told = listed["yanked"].as_str().expect("a reason");
    assert!(told.contains(REASON), "{told}");
    lab.sandbox.write(
        "requirements.txt",
        old().locked().trim_end().to_owned() + &late().hash_option(),
    );
    let url = shelf.url();
    let check = ["check", "requirements.txt", "--index-url", &url];
    lab.pinproof(&check, (0, "warning[late-file]"));
}
