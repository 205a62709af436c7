//! P13 at the gateway: whether it ever handed a release out, from when to when, and how often; read beside it.

use serde_json::Value;

use super::with_both;
use crate::clients::Clients;
use crate::gateway::Gateway;
use crate::support::{Ran, Sandbox, Shelf, Wheel, record};

fn shelf() -> Shelf {
    Shelf::with(&[
        Wheel::new("demo", "1.0").offered(),
        Wheel::new("demo", "1.1").offered(),
        Wheel::new("demo", "2.0")
            .uploaded("2026-10-30T00:00:00Z")
            .offered(),
        Wheel::new("demo", "3.0").yanked("not yet").offered(),
    ])
}

fn exposed(sandbox: &Sandbox, what: &str, more: &[&str]) -> Ran {
    sandbox.run(&[&["exposed", what, "--gateway", "data"], more].concat())
}

#[test]
fn what_was_handed_out_is_found_beside_a_gateway_that_runs() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let (sandbox, shelf) = (Sandbox::new(), shelf());
    let gateway = Gateway::before(&sandbox, &shelf.url());
    with_both(&clients, (&sandbox, &gateway), &["demo==1.0"], |ran, _| {
        ran.ends_with(0);
    });
    with_both(&clients, (&sandbox, &gateway), &["demo==2.0"], |ran, _| {
        assert_ne!(ran.code, 0, "{}", ran.all());
    });
    exposed(&sandbox, "demo==1.0", &[])
        .ends_with(1)
        .says("demo 1.0: `demo-1.0-py3-none-any.whl` handed out from 2026-11-01T00:00:00Z on, still handed out; asked for")
        .says("EXPOSED  demo 1.0: 1 place had it, 1 still does, 0 gaps")
        .says("looked at data: the log of a gateway, 2 entries since 2026-11-01");
    // What was refused did not get in, and it is said that somebody asked.
    exposed(&sandbox, "demo==2.0", &[])
        .ends_with(0)
        .says("note: data: `demo-2.0-py3-none-any.whl` was refused since 2026-11-01T00:00:00Z [recent-release], ")
        .says("and never handed out")
        .says("NOT EXPOSED  demo 2.0");
    // Nobody asked for these, though they are on the page.
    for what in ["demo==1.1", "demo==3.0", "other==1.0"] {
        exposed(&sandbox, what, &[])
            .ends_with(0)
            .says("NOT EXPOSED");
    }
}

#[test]
fn it_is_said_how_often_and_when_it_ended() {
    let (sandbox, shelf) = (Sandbox::new(), shelf());
    let quiet = sandbox.database(&[record("PYSEC-2026-7", "spoken-of-by-nobody", "2")]);
    let url = shelf.url();
    let start = |now: &str, database: &str| {
        Gateway::start_at(&sandbox, now, &["--db", database, "--index-url", &url])
    };
    let gateway = start("2026-11-01T00:00:00Z", &quiet);
    let path = gateway.path("demo", "demo-1.0-py3-none-any.whl");
    for _ in 0..3 {
        assert_eq!(gateway.get(&path, &[]).status, 200);
    }
    assert_eq!(gateway.stop(), 0);
    // Two days later it is known to be malware.
    let sandbox_of_records = Sandbox::new();
    let mut malware = record("MAL-2026-9", "demo", "1.1");
    malware["modified"] = Value::from("2026-11-02T12:00:00Z");
    malware["published"] = Value::from("2026-11-02T12:00:00Z");
    let database = sandbox_of_records.database(&[malware]);
    let gateway = start("2026-11-03T00:00:00Z", &database);
    for _ in 0..2 {
        assert_eq!(gateway.get(&path, &[]).status, 403);
    }
    assert_eq!(gateway.stop(), 0);
    let words = "demo 1.0: `demo-1.0-py3-none-any.whl` handed out from 2026-11-01T00:00:00Z on, \
                 refused from 2026-11-03T00:00:00Z on; asked for 3 times, refused 3 times";
    exposed(&sandbox, "demo==1.0", &[])
        .ends_with(1)
        .says(words)
        .says("1 place had it, 0 still do");
    // By the advisory, too; and what is fixed is told.
    let by_id = [
        "--db",
        &database,
        "--offline",
        "--as-of",
        "2026-11-03T00:00:00Z",
    ];
    exposed(&sandbox, "MAL-2026-9", &by_id)
        .ends_with(1)
        .says("malware in demo")
        .says(words)
        .says("fixed in 1.1");
    let json = exposed(&sandbox, "demo==1.0", &["--format", "json"])
        .ends_with(1)
        .json();
    let presence = &json["sightings"][0]["presence"];
    assert_eq!(presence["kind"], "handed_out");
    assert_eq!(presence["filename"], "demo-1.0-py3-none-any.whl");
    assert_eq!(presence["from"], "2026-11-01T00:00:00Z");
    assert_eq!(presence["until"], "2026-11-03T00:00:00Z");
    assert_eq!(
        (&presence["times"], &presence["refused"]),
        (&Value::from(3), &Value::from(3))
    );
    assert_eq!(json["looked_at"][0]["kind"], "gateway");
    // The bytes are still there to be looked at.
    let bytes = json["sightings"][0]["path"].as_str().expect("a path");
    assert!(sandbox.project().join(bytes).is_file(), "{bytes}");
}

#[test]
fn a_folder_that_is_no_gateways_is_an_error_and_nothing_is_made_there() {
    let sandbox = Sandbox::new();
    exposed(&sandbox, "demo==1.0", &[])
        .ends_with(2)
        .says("error: data: ")
        .says("COULD NOT RUN");
    assert!(!sandbox.project().join("data").exists());
}

/// The gateway fetches the wheel to compare its metadata, and its log does not tell one request from the other: what may
/// have been handed out counts as handed out.
#[test]
fn whoever_asked_for_metadata_alone_counts_as_exposed() {
    let (sandbox, shelf) = (Sandbox::new(), shelf());
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let path = gateway.path("demo", "demo-1.0-py3-none-any.whl");
    exposed(&sandbox, "demo==1.0", &[]).ends_with(0);
    assert_eq!(gateway.get(&format!("{path}.metadata"), &[]).status, 200);
    exposed(&sandbox, "demo==1.0", &[])
        .ends_with(1)
        .says("asked for once");
}
