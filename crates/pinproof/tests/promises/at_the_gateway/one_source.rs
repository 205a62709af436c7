//! P15 at the gateway: no name is taken from two sources, and no file name has two contents, whichever upstreams there are.

use super::{TWO_INDEXES, releases_in, with_both};
use crate::clients::Clients;
use crate::gateway::Gateway;
use crate::support::{Offered, Sandbox, Shelf, Wheel};

const WHEEL: &str = "demo-1.0-py3-none-any.whl";

/// The same file name with other bytes in it.
fn other() -> Offered {
    Wheel::new("demo", "1.0")
        .member("demo/other.py", "")
        .offered()
}

fn first() -> Offered {
    Wheel::new("demo", "1.0").offered()
}

fn options(main: &Shelf, corp: &Shelf) -> [String; 2] {
    [
        format!("main={}", main.url()),
        format!("corp={}", corp.url()),
    ]
}

fn start(sandbox: &Sandbox, [main, corp]: &[String; 2]) -> Gateway {
    Gateway::start(sandbox, &["--index", main, "--index", corp])
}

#[test]
fn a_name_has_one_upstream_and_versions_of_the_other_do_not_exist() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let own = |version: &str| Wheel::new("acme-core", version).offered();
    let main = Shelf::with(&[
        Wheel::new("demo", "1.0").offered(),
        own("9999.0"),
        own("1.0"),
    ]);
    let corp = Shelf::with(&[own("1.2"), Wheel::new("demo", "9999.0").offered()]);
    let sandbox = Sandbox::new();
    sandbox.write("pinproof.toml", TWO_INDEXES);
    let gateway = start(&sandbox, &options(&main, &corp));
    // Spelling does not change whose a name is.
    let what = ["ACME_core", "Demo"];
    with_both(&clients, (&sandbox, &gateway), &what, |ran, folder| {
        ran.ends_with(0);
        assert_eq!(releases_in(folder), ["acme_core-1.2", "demo-1.0"]);
    });
    for what in ["acme-core==9999.0", "demo==9999.0"] {
        with_both(&clients, (&sandbox, &gateway), &[what], |ran, folder| {
            assert_ne!(ran.code, 0, "{}", ran.all());
            assert!(releases_in(folder).is_empty());
        });
    }
    assert_eq!(main.asked(), ["demo"]);
    assert_eq!(corp.asked(), ["acme-core"]);
    // Nor by the address of a file that the other one has.
    let theirs = own("9999.0");
    let path = format!("/files/{}/{}", theirs.sha256(), theirs.filename);
    assert_eq!(gateway.get(&path, &[]).status, 404);
    assert_eq!(main.asked(), ["demo"]);
}

/// Two upstreams have the same file name with different bytes, and a change of the policy moves the name to the other.
#[test]
fn the_same_file_name_on_two_upstreams_has_the_bytes_that_were_seen_first() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let (main, corp) = (Shelf::with(&[first()]), Shelf::with(&[other()]));
    assert_ne!(first().sha256(), other().sha256());
    let sandbox = Sandbox::new();
    let indexes = options(&main, &corp);
    sandbox.write("pinproof.toml", TWO_INDEXES);
    let gateway = start(&sandbox, &indexes);
    let path = gateway.path("demo", WHEEL);
    assert_eq!(gateway.get(&path, &[]).body, first().bytes);
    drop(gateway);
    sandbox.write("pinproof.toml", TWO_INDEXES.replace("acme-*", "demo"));
    let gateway = start(&sandbox, &indexes);
    let listed = gateway.listed("demo", WHEEL);
    assert_eq!(listed["hashes"]["sha256"], first().sha256(), "{listed}");
    assert_eq!(listed["_pinproof"]["changed"], true, "{listed}");
    assert_eq!(corp.asked(), ["demo"]);
    with_both(&clients, (&sandbox, &gateway), &["demo"], |ran, folder| {
        ran.ends_with(0);
        assert!(!folder.join("demo/other.py").exists());
    });
    let theirs = format!("/files/{}/{WHEEL}", other().sha256());
    assert_eq!(gateway.get(&theirs, &[]).status, 404);
    let asked = corp.requests();
    assert!(!asked.iter().any(|path| path.ends_with(WHEEL)), "{asked:?}");
}
