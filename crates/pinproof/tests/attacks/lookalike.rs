//! A2, typosquatting: somebody has registered the name that is one letter away.

use crate::clients::BOTH;
use crate::lab::Lab;
use crate::shelf::{File, Shelf};

const REASON: &str = "`requestz` is easily mistaken for `requests`";

fn shelf() -> (Shelf, File) {
    let files = [("requestz/__init__.py", "version = \"evil\"\n")];
    // Old enough for the cooldown, and still young for a project.
    let typo =
        File::wheel_of("requestz", "2.0", "py3-none-any", &files).uploaded("2026-10-01T00:00:00Z");
    (
        Shelf::with(&[typo.clone(), File::wheel("requests", "2.0")]),
        typo,
    )
}

#[test]
fn a_new_name_that_is_one_letter_away_is_refused() {
    let Some(lab) = Lab::open("typosquatting: `requestz`") else {
        return;
    };
    let (shelf, _) = shelf();
    let gateway = lab.gateway(&shelf.url());
    for client in BOTH {
        lab.installs(client, (&shelf.url(), "requestz"), &["requestz"])
            .got("evil");
        lab.installs(client, (&gateway.simple(), "requestz"), &["requestz==2.0"])
            .got_nothing(REASON);
        lab.installs(client, (&gateway.simple(), "requests"), &["requests"])
            .got("2.0");
    }
}

#[test]
fn check_and_lock_say_whom_it_resembles() {
    let Some(lab) = Lab::open("typosquatting: what check and lock say") else {
        return;
    };
    let (shelf, typo) = shelf();
    let url = shelf.url();
    lab.installs(BOTH[1], (&url, "requestz"), &["requestz"])
        .got("evil");
    lab.sandbox.write("requirements.txt", typo.locked());
    let check = ["check", "requirements.txt", "--index-url", &url];
    let ran = lab.pinproof(&check, (1, REASON));
    ran.says("error[lookalike-name]");
    std::fs::remove_file(lab.sandbox.project().join("requirements.txt")).expect("it was there");
    lab.sandbox.write("requirements.in", "requestz\n");
    lab.locks(&url, &[], (1, REASON));
    assert!(!lab.sandbox.project().join("requirements.txt").exists());
}
