//! A12, a revived name: its owners delete a project, and somebody else takes the name that became free.

use crate::clients::BOTH;
use crate::lab::{Lab, tells};
use crate::shelf::{File, Shelf};

/// The days of the story; every upload time is from long before.
const THEN: &str = "2026-06-01T00:00:00Z";
const GONE: &str = "2026-08-01T00:00:00Z";
const STILL_GONE: &str = "2026-08-02T00:00:00Z";
const BACK: &str = "2026-08-03T00:00:00Z";
const LATER: &str = "2026-11-01T00:00:00Z";

/// What the new owner publishes, and says to be years old.
fn evil(version: &str) -> File {
    let files = [("demo/__init__.py", "version = \"evil\"\n")];
    File::wheel_of("demo", version, "py3-none-any", &files)
}

#[test]
fn what_somebody_else_publishes_under_a_free_name_waits_for_a_word() {
    let Some(lab) = Lab::open("a deleted project comes back in other hands") else {
        return;
    };
    let shelf = Shelf::with(&[File::wheel("demo", "1.0")]);
    tells("in June somebody installs it through the gateway");
    let gateway = lab.gateway_at(THEN, &shelf.url());
    lab.installs(BOTH[0], (&gateway.simple(), "demo"), &["demo"])
        .got("1.0");
    drop(gateway);
    tells("in August its owners delete it, and for two days nobody has the name");
    shelf.offers(&[]);
    for day in [GONE, STILL_GONE] {
        let gateway = lab.gateway_at(day, &shelf.url());
        assert!(gateway.page("demo")["_pinproof"]["stale"].is_string());
    }
    tells("then it is back, with a version 1.1");
    shelf.offers(&[evil("1.0"), evil("1.1")]);
    drop(lab.gateway_at(BACK, &shelf.url()).page("demo"));
    tells("three months later no cooldown holds it any more");
    let gateway = lab.gateway_at(LATER, &shelf.url());
    for client in BOTH {
        lab.installs(client, (&shelf.url(), "demo"), &["demo"])
            .got("evil");
        lab.installs(client, (&gateway.simple(), "demo"), &["demo"])
            .got("1.0");
        lab.installs(client, (&gateway.simple(), "demo"), &["demo==1.1"])
            .got_nothing("somebody else may have the name now [revived-project]");
    }
    drop(gateway);
    tells("somebody has looked at who it is, and admits that version");
    lab.sandbox.write(
        "pinproof.toml",
        "[[ignore]]\nrule = \"revived-project\"\nmatch = \"demo==1.1\"\nreason = \"it is them\"\n",
    );
    let gateway = lab.gateway_at(LATER, &shelf.url());
    lab.installs(BOTH[0], (&gateway.simple(), "demo"), &["demo==1.1"])
        .got("evil");
}
