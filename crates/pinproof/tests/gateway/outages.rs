//! An upstream that dies takes nothing away, and is never "not found".

use crate::clients::{BOTH, Clients, installed};
use crate::gateway::Gateway;
use crate::shelf::{File, Shelf};
use crate::support::{Reply, Sandbox, Server};

const POLICY: &str = "[[index]]\nname = \"main\"\ndefault = true\n";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("pinproof.toml", POLICY);
    sandbox
}

fn start(sandbox: &Sandbox, index: &str) -> Gateway {
    Gateway::start(sandbox, &["--index", &format!("main={index}")])
}

#[test]
fn what_was_served_is_served_after_the_upstream_died_and_we_did_too() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let (sandbox, shelf) = (sandbox(), Shelf::with(&[File::wheel("demo", "1.0")]));
    let gateway = start(&sandbox, &shelf.url());
    let once = clients.install(BOTH[0], &sandbox, (&gateway.simple(), "once"), &["demo"]);
    once.ends_with(0);
    drop(shelf);
    drop(gateway);
    let gateway = start(&sandbox, &format!("{}simple/", Server::refused()));
    for client in BOTH {
        let into = format!("{client:?}");
        let ran = clients.install(client, &sandbox, (&gateway.simple(), &into), &["demo"]);
        ran.ends_with(0);
        assert_eq!(installed(&sandbox, &into, "demo").as_deref(), Some("1.0"));
    }
    assert!(!gateway.page("demo")["_pinproof"]["stale"].is_null());
    let unknown = gateway.get("/simple/other/", &[]);
    assert_eq!(unknown.status, 503, "{}", unknown.text());
    assert!(unknown.header("retry-after").is_some());
}

#[test]
fn every_way_to_give_no_answer_is_an_outage() {
    let (sandbox, shelf) = (sandbox(), Shelf::with(&[File::wheel("demo", "1.0")]));
    let gateway = start(&sandbox, &shelf.url());
    let html = vec![("Content-Type", "text/html".to_owned())];
    let replies = [
        ("forbidden", Reply::status(403)),
        ("broken", Reply::status(500)),
        ("cut", Reply::BreaksOff(b"{\"files\": [".to_vec())),
        (
            "login",
            Reply::Says(200, html, b"<html>Please log in</html>".to_vec()),
        ),
        (
            "elsewhere",
            Reply::Says(
                302,
                vec![("Location", "file:///etc/passwd".to_owned())],
                Vec::new(),
            ),
        ),
    ];
    for (name, reply) in replies {
        shelf.answer(&format!("/simple/{name}/"), reply);
        let answer = gateway.get(&format!("/simple/{name}/"), &[]);
        assert_eq!(answer.status, 503, "{name}: {}", answer.text());
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    let absent = gateway.get("/simple/absent/", &[]);
    assert_eq!(absent.status, 404);
    assert!(
        absent.text().contains("main has no project `absent`"),
        "{}",
        absent.text()
    );
}

#[test]
fn a_release_that_its_index_deleted_can_still_be_installed_by_whoever_pinned_it() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let sandbox = sandbox();
    let (kept, newer) = (File::wheel("demo", "1.0"), File::wheel("demo", "1.1"));
    let shelf = Shelf::with(&[kept, newer.clone()]);
    let gateway = start(&sandbox, &shelf.url());
    let once = clients.install(
        BOTH[0],
        &sandbox,
        (&gateway.simple(), "once"),
        &["demo==1.0"],
    );
    once.ends_with(0);
    drop((shelf, gateway));
    let shelf = Shelf::with(&[newer]);
    let gateway = start(&sandbox, &shelf.url());
    for client in BOTH {
        let (pinned, free) = (format!("{client:?}-pinned"), format!("{client:?}-free"));
        let index = gateway.simple();
        clients
            .install(client, &sandbox, (&index, &pinned), &["demo==1.0"])
            .ends_with(0);
        assert_eq!(installed(&sandbox, &pinned, "demo").as_deref(), Some("1.0"));
        clients
            .install(client, &sandbox, (&index, &free), &["demo"])
            .ends_with(0);
        assert_eq!(installed(&sandbox, &free, "demo").as_deref(), Some("1.1"));
    }
    assert!(
        shelf
            .fetched()
            .iter()
            .all(|name| name == "demo-1.1-py3-none-any.whl")
    );
}
