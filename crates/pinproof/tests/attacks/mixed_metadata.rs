//! A12, mix-and-match: the wheel of one day, and the metadata of another beside it. Here that asks for one project
//! more.

use serde_json::{Value, json};

use crate::clients::{BOTH, Client};
use crate::lab::{Lab, tells};
use crate::shelf::{File, JSON, Shelf};
use crate::support::Reply;

const FORGED: &str = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Dist: evil\n";

/// An index whose metadata is not that of its wheel; `says` is what the page says of the metadata.
fn mixed(says: &Value) -> Shelf {
    let (demo, evil) = (File::wheel("demo", "1.0"), File::wheel("evil", "6.6"));
    let shelf = Shelf::with(&[demo.clone(), evil]);
    let page = json!({"meta": {"api-version": "1.4"}, "name": "demo", "files": [{
        "filename": demo.name, "url": format!("../../files/{}", demo.name),
        "hashes": {"sha256": demo.sha256()}, "size": demo.bytes.len(),
        "upload-time": "2020-01-01T00:00:00Z", "core-metadata": says,
    }]});
    let kind = vec![("Content-Type", JSON.to_owned())];
    let page = Reply::Says(200, kind, page.to_string().into_bytes());
    shelf.answer("/simple/demo/", page);
    let beside = format!("/files/{}.metadata", demo.name);
    shelf.answer(&beside, Reply::ok(FORGED));
    shelf
}

#[test]
fn metadata_that_nothing_holds_is_not_offered() {
    let Some(lab) = Lab::open("the wheel of one day and the metadata of another") else {
        return;
    };
    // The hash is not there, as PEP 658 allows.
    let shelf = mixed(&json!(true));
    tells("uv installs what the metadata asks for; pip has fetched it, and then compares");
    lab.installs(Client::Uv, (&shelf.url(), "evil"), &["demo"])
        .got("6.6");
    lab.installs(Client::Pip, (&shelf.url(), "evil"), &["demo"])
        .got_nothing("inconsistent Requires-Dist");
    let gateway = lab.gateway(&shelf.url());
    for client in BOTH {
        let ran = lab.installs(client, (&gateway.simple(), "demo"), &["demo"]);
        ran.got("1.0");
        ran.has_not("evil");
    }
    lab.sandbox.write("requirements.in", "demo\n");
    lab.locks(&shelf.url(), &[], (0, "+ demo  1.0"));
    assert!(!lab.sandbox.read("requirements.txt").contains("evil"));
}

/// The index is consistent with itself: it names the hash of its forged metadata.
#[test]
fn metadata_that_contradicts_its_wheel_is_not_handed_on() {
    let Some(lab) = Lab::open("metadata that is not that of its wheel, with its hash") else {
        return;
    };
    let forged = File::new("demo", "1.0", String::new(), FORGED.into());
    let shelf = mixed(&json!({"sha256": forged.sha256()}));
    lab.installs(Client::Uv, (&shelf.url(), "evil"), &["demo"])
        .got("6.6");
    let gateway = lab.gateway(&shelf.url());
    let reason = "is not the one in the file [metadata-mismatch]";
    for client in BOTH {
        let ran = lab.installs(client, (&gateway.simple(), "demo"), &["demo"]);
        ran.got_nothing(reason);
        ran.has_not("evil");
    }
    let listed = gateway.listed("demo", "demo-1.0-py3-none-any.whl");
    let finding = &listed["_pinproof"]["findings"][0];
    assert_eq!(finding["rule"], "metadata-mismatch");
}
