//! A12, rollback: an upstream hides the release with the fix, and everybody goes on with the flawed one.

use std::sync::{Arc, Mutex};

use crate::clients::BOTH;
use crate::lab::Lab;
use crate::shelf::{File, JSON, Shelf, page};
use crate::support::{Reply, Server};

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

/// An index that numbers its pages, and what it shows.
fn numbered(shown: &Arc<Mutex<(u64, Vec<File>)>>) -> Server {
    let shown = Arc::clone(shown);
    Server::new(move |asked| {
        let (serial, files) = &*shown.lock().expect("no test thread panicked");
        if asked.path == "/simple/demo/" {
            let headers = vec![
                ("Content-Type", JSON.to_owned()),
                ("X-PyPI-Last-Serial", serial.to_string()),
            ];
            return Reply::Says(200, headers, page("demo", files).into_bytes());
        }
        let named = |file: &&File| asked.path == format!("/files/{}", file.name);
        let found = files.iter().find(named);
        found.map_or(Reply::status(404), |file| Reply::ok(file.bytes.clone()))
    })
}

#[test]
fn a_page_of_yesterday_is_said() {
    let Some(lab) = Lab::open("an upstream shows its page of yesterday once more") else {
        return;
    };
    let (flawed, fixed) = (File::wheel("demo", "1.0"), File::wheel("demo", "2.0"));
    let shown = Arc::new(Mutex::new((31, vec![flawed.clone(), fixed])));
    let index = numbered(&shown);
    let url = format!("{}simple/", index.url());
    let gateway = lab.gateway(&url);
    lab.installs(BOTH[0], (&gateway.simple(), "demo"), &["demo"])
        .got("2.0");
    drop(gateway);
    *shown.lock().expect("no test thread panicked") = (17, vec![flawed]);
    let gateway = lab.gateway(&url);
    for client in BOTH {
        lab.installs(client, (&url, "demo"), &["demo"]).got("1.0");
        lab.installs(client, (&gateway.simple(), "demo"), &["demo==2.0"])
            .got("2.0");
    }
    gateway.writes("has the serial number 17, and had 31");
    assert_eq!(gateway.page("demo")["_pinproof"]["went-back-from"], 31);
}
