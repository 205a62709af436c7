//! The first hash of a file name counts for ever.

use crate::clients::{BOTH, Clients, installed};
use crate::gateway::Gateway;
use crate::shelf::{File, Shelf};
use crate::support::Sandbox;

const WHEEL: &str = "demo-1.0-py3-none-any.whl";

/// Another wheel under the same name: its module says so.
fn replaced() -> File {
    let files = [("demo/__init__.py", "version = \"evil\"\n")];
    File::wheel_of("demo", "1.0", "py3-none-any", &files)
}

fn start(sandbox: &Sandbox, shelf: &Shelf) -> Gateway {
    sandbox.write(
        "pinproof.toml",
        "[[index]]\nname = \"main\"\ndefault = true\n",
    );
    Gateway::start(sandbox, &["--index", &format!("main={}", shelf.url())])
}

#[test]
fn a_file_that_was_replaced_upstream_is_served_as_it_was_first_seen() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let sandbox = Sandbox::new();
    let first = Shelf::with(&[File::wheel("demo", "1.0")]);
    let gateway = start(&sandbox, &first);
    let once = clients.install(BOTH[0], &sandbox, (&gateway.simple(), "once"), &["demo"]);
    once.ends_with(0);
    drop((first, gateway));
    let second = Shelf::with(&[replaced()]);
    // Without the gateway, it is installed.
    let evil = clients.install(BOTH[0], &sandbox, (&second.url(), "direct"), &["demo"]);
    evil.ends_with(0);
    assert_eq!(
        installed(&sandbox, "direct", "demo").as_deref(),
        Some("evil")
    );
    let gateway = start(&sandbox, &second);
    for client in BOTH {
        let into = format!("{client:?}");
        let ran = clients.install(client, &sandbox, (&gateway.simple(), &into), &["demo"]);
        ran.ends_with(0);
        assert_eq!(installed(&sandbox, &into, "demo").as_deref(), Some("1.0"));
    }
    assert_eq!(gateway.listed("demo", WHEEL)["_pinproof"]["changed"], true);
    let why = gateway.get(&format!("/why/{WHEEL}"), &[]).text();
    assert!(
        why.contains(
            "has other bytes on its index now than were seen first; the first ones are handed out"
        ),
        "{why}"
    );
}

#[test]
fn bytes_that_were_seen_and_never_fetched_are_not_replaced_by_others() {
    let sandbox = Sandbox::new();
    let first = Shelf::with(&[File::wheel("demo", "1.0")]);
    let gateway = start(&sandbox, &first);
    let pinned = gateway.path("demo", WHEEL);
    drop((first, gateway));
    let second = Shelf::with(&[replaced()]);
    let gateway = start(&sandbox, &second);
    assert_eq!(gateway.path("demo", WHEEL), pinned);
    let answer = gateway.get(&pinned, &[]);
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(
        answer.phrase.contains("[changed-file]"),
        "{}",
        answer.phrase
    );
    assert!(answer.text().contains("the first ones are not kept here"));
    let path = format!("/files/{}/{WHEEL}", replaced().sha256());
    let other = gateway.get(&path, &[]);
    assert_eq!(other.status, 403, "{}", other.text());
}
