//! P5 at the gateway: one cooldown for what is asked for, what that needs, what is asked for again, what is only
//! downloaded, and what comes from an index of one's own.

use super::{TWO_INDEXES, YOUNG, downloaded, releases_in, with_both};
use crate::clients::{Clients, said};
use crate::gateway::Gateway;
use crate::support::{Sandbox, Shelf, Wheel};

const LIB_IS_YOUNG: &str =
    "`lib` 2.0 is 2 days old, younger than the cooldown of 7 days [recent-release]";

/// `app` needs `lib`, whose newest release is two days old; `eager` needs exactly that one.
fn shelf() -> Shelf {
    Shelf::with(&[
        Wheel::new("app", "1.0").requires("lib>=1").offered(),
        Wheel::new("eager", "1.0").requires("lib==2.0").offered(),
        Wheel::new("lib", "1.0").offered(),
        Wheel::new("lib", "2.0").uploaded(YOUNG).offered(),
    ])
}

#[test]
fn what_is_asked_for_and_what_that_needs_waits_alike() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let (sandbox, shelf) = (Sandbox::new(), shelf());
    let gateway = Gateway::before(&sandbox, &shelf.url());
    with_both(&clients, (&sandbox, &gateway), &["lib"], |ran, folder| {
        ran.ends_with(0);
        assert_eq!(releases_in(folder), ["lib-1.0"]);
    });
    with_both(&clients, (&sandbox, &gateway), &["app"], |ran, folder| {
        ran.ends_with(0);
        assert_eq!(releases_in(folder), ["app-1.0", "lib-1.0"]);
    });
    for what in ["lib==2.0", "eager"] {
        with_both(&clients, (&sandbox, &gateway), &[what], |ran, folder| {
            assert_ne!(ran.code, 0, "{}", ran.all());
            assert!(said(ran).contains(LIB_IS_YOUNG), "{}", ran.all());
            assert!(releases_in(folder).is_empty());
        });
    }
    let asked = shelf.requests();
    assert!(
        !asked
            .iter()
            .any(|path| path.ends_with("lib-2.0-py3-none-any.whl")),
        "{asked:?}"
    );
}

#[test]
fn what_is_only_downloaded_waits_too() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let (sandbox, shelf) = (Sandbox::new(), shelf());
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let (ran, _) = downloaded(&clients, &sandbox, &gateway.simple(), "eager");
    assert_ne!(ran.code, 0, "{}", ran.all());
    assert!(said(&ran).contains(LIB_IS_YOUNG), "{}", ran.all());
    let (ran, names) = downloaded(&clients, &sandbox, &gateway.simple(), "app");
    ran.ends_with(0);
    assert!(
        names.contains(&"lib-1.0-py3-none-any.whl".to_owned()),
        "{names:?}"
    );
    assert!(
        !names.contains(&"lib-2.0-py3-none-any.whl".to_owned()),
        "{names:?}"
    );
}

/// A lock with its hash skips the page, and a gateway that knows the page already asks nobody.
#[test]
fn a_lock_and_a_second_request_do_not_go_around_it_and_time_ends_it() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let (sandbox, shelf) = (Sandbox::new(), shelf());
    let young = Wheel::new("lib", "2.0").uploaded(YOUNG).offered();
    sandbox.write(
        "requirements.txt",
        format!("lib==2.0 --hash=sha256:{}\n", young.sha256()),
    );
    let path = format!("/files/{}/{}", young.sha256(), young.filename);
    let locked = ["--require-hashes", "-r", "requirements.txt"];
    for _run in 0..2 {
        // The second gateway finds the page and the log of the first one in its folder.
        let gateway = Gateway::before(&sandbox, &shelf.url());
        for _time in 0..2 {
            assert_eq!(gateway.get(&path, &[]).status, 403);
            assert_eq!(gateway.get(&format!("{path}.metadata"), &[]).status, 403);
        }
        with_both(&clients, (&sandbox, &gateway), &locked, |ran, folder| {
            assert_ne!(ran.code, 0, "{}", ran.all());
            assert!(said(ran).contains(LIB_IS_YOUNG), "{}", ran.all());
            assert!(releases_in(folder).is_empty());
        });
    }
    let more = ["--index-url", &shelf.url()];
    let gateway = Gateway::start_at(&sandbox, "2026-11-05T23:59:59Z", &more);
    assert_eq!(gateway.get(&path, &[]).status, 403);
    drop(gateway);
    let gateway = Gateway::start_at(&sandbox, "2026-11-06T00:00:00Z", &more);
    with_both(&clients, (&sandbox, &gateway), &["eager"], |ran, folder| {
        ran.ends_with(0);
        assert_eq!(releases_in(folder), ["eager-1.0", "lib-2.0"]);
    });
}

#[test]
fn an_index_of_ones_own_has_the_same_cooldown_unless_the_policy_says_otherwise() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let public = Shelf::with(&[Wheel::new("demo", "1.0").offered()]);
    let own = Shelf::with(&[
        Wheel::new("acme-core", "1.0").requires("demo").offered(),
        Wheel::new("acme-core", "2.0").uploaded(YOUNG).offered(),
    ]);
    let indexes = [
        format!("main={}", public.url()),
        format!("corp={}", own.url()),
    ];
    let more = ["--index", &indexes[0], "--index", &indexes[1]];
    let sandbox = Sandbox::new();
    sandbox.write("pinproof.toml", TWO_INDEXES);
    let gateway = Gateway::start(&sandbox, &more);
    with_both(
        &clients,
        (&sandbox, &gateway),
        &["acme-core"],
        |ran, folder| {
            ran.ends_with(0);
            assert_eq!(releases_in(folder), ["acme_core-1.0", "demo-1.0"]);
        },
    );
    with_both(
        &clients,
        (&sandbox, &gateway),
        &["acme-core==2.0"],
        |ran, _| {
            assert_ne!(ran.code, 0, "{}", ran.all());
            assert!(
                said(ran).contains("`acme-core` 2.0 is 2 days old"),
                "{}",
                ran.all()
            );
        },
    );
    drop(gateway);
    let except = format!("{TWO_INDEXES}\n[rules.recent-release]\nexcept = [\"acme-*\"]\n");
    let sandbox = Sandbox::new();
    sandbox.write("pinproof.toml", except);
    let gateway = Gateway::start(&sandbox, &more);
    with_both(
        &clients,
        (&sandbox, &gateway),
        &["acme-core"],
        |ran, folder| {
            ran.ends_with(0);
            assert_eq!(releases_in(folder), ["acme_core-2.0"]);
        },
    );
}
