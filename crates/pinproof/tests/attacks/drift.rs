//! A4, drift: the same command installs other code tomorrow.

use crate::clients::BOTH;
use crate::lab::{Lab, tells};
use crate::shelf::{File, Shelf};

#[test]
fn a_lock_of_today_installs_the_same_tomorrow() {
    let Some(lab) = Lab::open("drift: the same command, other code") else {
        return;
    };
    let today = [File::wheel("demo", "1.0")];
    let tomorrow = [today[0].clone(), File::wheel("demo", "1.1")];
    let shelf = Shelf::with(&today);
    lab.sandbox.write("requirements.in", "demo\n");
    let url = shelf.url();
    let check = ["check", "requirements.in", "--index-url", &url];
    lab.pinproof(&check, (1, "error[unpinned-requirement]"));
    lab.locks(&url, &[], (0, "+ demo  1.0"));
    let wished = ["-r", "requirements.in"];
    let locked = ["--require-hashes", "-r", "requirements.txt"];
    for client in BOTH {
        for what in [&wished[..], &locked] {
            lab.installs(client, (&shelf.url(), "demo"), what)
                .got("1.0");
        }
    }
    tells("tomorrow");
    shelf.offers(&tomorrow);
    for client in BOTH {
        lab.installs(client, (&shelf.url(), "demo"), &wished)
            .got("1.1");
        lab.installs(client, (&shelf.url(), "demo"), &locked)
            .got("1.0");
    }
    let before = lab.sandbox.read("requirements.txt");
    lab.locks(&url, &[], (0, "Unchanged requirements.txt"));
    assert_eq!(lab.sandbox.read("requirements.txt"), before);
}
