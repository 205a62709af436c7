//! Dependency confusion: a name is asked of its one index, whatever the others have.

use crate::clients::{BOTH, Clients, installed, said};
use crate::gateway::Gateway;
use crate::shelf::{File, Shelf};
use crate::support::{Sandbox, Server};

const POLICY: &str = r#"
[[index]]
name = "main"
default = true

[[index]]
name = "corp"
only = ["acme-*"]
"#;

fn public() -> Shelf {
    Shelf::with(&[
        File::wheel("demo", "1.0"),
        File::wheel("acme-core", "9999.0"),
    ])
}

fn with_policy() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("pinproof.toml", POLICY);
    sandbox
}

fn start(sandbox: &Sandbox, public: &str, internal: Option<&str>) -> Gateway {
    let public = format!("main={public}");
    let internal = internal.map(|url| format!("corp={url}"));
    let mut more = vec!["--index", &public];
    if let Some(internal) = &internal {
        more.extend(["--index", internal]);
    }
    Gateway::start(sandbox, &more)
}

#[test]
fn an_internal_name_is_never_asked_of_the_public_index() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let (sandbox, public) = (with_policy(), public());
    let internal = Shelf::with(&[File::wheel("acme-core", "1.2.0")]);
    // Without the gateway, pip takes the other one: that is what this is about.
    let confused = ["acme-core", "--extra-index-url", &public.url()];
    let ran = clients.install(BOTH[0], &sandbox, (&internal.url(), "confused"), &confused);
    ran.ends_with(0);
    assert_eq!(
        installed(&sandbox, "confused", "acme_core").as_deref(),
        Some("9999.0")
    );
    let before = public.asked().len();
    let gateway = start(&sandbox, &public.url(), Some(&internal.url()));
    for client in BOTH {
        let into = format!("{client:?}");
        let what = ["acme-core", "demo"];
        clients
            .install(client, &sandbox, (&gateway.simple(), &into), &what)
            .ends_with(0);
        assert_eq!(
            installed(&sandbox, &into, "acme_core").as_deref(),
            Some("1.2.0")
        );
    }
    assert_eq!(public.asked()[before..], ["demo"]);
    assert!(internal.asked().iter().all(|name| name == "acme-core"));
}

#[test]
fn an_internal_index_that_is_down_is_no_reason_to_ask_another() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let (sandbox, public) = (with_policy(), public());
    let down = Server::refused();
    let gateway = start(&sandbox, &public.url(), Some(&format!("{down}simple/")));
    for client in BOTH {
        let ran = clients.install(
            client,
            &sandbox,
            (&gateway.simple(), "into"),
            &["acme-core"],
        );
        assert_ne!(ran.code, 0, "{}", ran.all());
        assert_eq!(installed(&sandbox, "into", "acme_core"), None);
    }
    let answer = gateway.get("/simple/acme-core/", &[]);
    assert_eq!(answer.status, 503);
    assert!(
        answer
            .text()
            .contains("nothing is known of `acme-core` yet"),
        "{}",
        answer.text()
    );
    assert!(public.asked().is_empty(), "{:?}", public.asked());
}

#[test]
fn a_reserved_name_without_an_index_here_is_refused_and_nobody_is_asked() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let (sandbox, public) = (with_policy(), public());
    let gateway = start(&sandbox, &public.url(), None);
    let answer = gateway.get("/simple/acme-new/", &[]);
    assert_eq!(answer.status, 451);
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
    assert!(
        answer.phrase.contains("`acme-new` belongs to index `corp`"),
        "{}",
        answer.phrase
    );
    let ran = clients.install(
        BOTH[1],
        &sandbox,
        (&gateway.simple(), "into"),
        &["acme-core"],
    );
    assert_ne!(ran.code, 0, "{}", ran.all());
    assert!(
        said(&ran).contains("belongs to index `corp`, which has no address here"),
        "{}",
        ran.all()
    );
    assert!(public.asked().is_empty(), "{:?}", public.asked());
}
