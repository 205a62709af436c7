//! Files that are read before anybody gets them: those without a hash, and the metadata of wheels.

use std::time::Duration;

use serde_json::{Value, json};

use crate::clients::{BOTH, Clients, installed};
use crate::gateway::{Gateway, entries};
use crate::shelf::{File, JSON, Shelf};
use crate::support::{Reply, Sandbox};

const WHEEL: &str = "demo-1.0-py3-none-any.whl";
const UNHASHED: &str = "/files/unhashed/demo-1.0-py3-none-any.whl";
const OWN: &str = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n";
const FORGED: &str = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Dist: evil\n";

fn demo() -> File {
    File::wheel("demo", "1.0")
}

/// An index that says this of its one wheel, and nothing more.
fn says(file: &File, said: &Value) -> Shelf {
    let shelf = Shelf::with(std::slice::from_ref(file));
    lists(&shelf, file, said);
    shelf
}

fn lists(shelf: &Shelf, file: &File, said: &Value) {
    let mut listed = json!({
        "filename": file.name,
        "url": format!("../../files/{}", file.name),
        "upload-time": "2020-01-01T00:00:00Z",
    });
    let said = said.as_object().expect("an object").clone();
    listed.as_object_mut().expect("an object").extend(said);
    let page = json!({"meta": {"api-version": "1.4"}, "name": "demo", "files": [listed]});
    let kind = vec![("Content-Type", JSON.to_owned())];
    let page = Reply::Says(200, kind, page.to_string().into_bytes());
    shelf.answer("/simple/demo/", page);
}

fn digest(text: &str) -> String {
    File::new("demo", "1.0", String::new(), text.into()).sha256()
}

/// What a page says of a wheel with metadata beside it.
fn offering(file: &File, metadata: &str) -> Value {
    json!({
        "hashes": {"sha256": file.sha256()}, "size": file.bytes.len(),
        "core-metadata": {"sha256": digest(metadata)},
    })
}

#[test]
fn a_file_without_a_hash_is_pinned_by_its_bytes() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let sandbox = Sandbox::new();
    let shelf = says(&demo(), &json!({"hashes": {}}));
    let gateway = Gateway::before(&sandbox, &shelf.url());
    assert_eq!(gateway.path("demo", WHEEL), UNHASHED);
    for client in BOTH {
        let into = format!("{client:?}");
        let ran = clients.install(client, &sandbox, (&gateway.simple(), &into), &["demo"]);
        ran.ends_with(0);
        assert_eq!(installed(&sandbox, &into, "demo").as_deref(), Some("1.0"));
    }
    let pinned = gateway.listed("demo", WHEEL);
    assert_eq!(pinned["hashes"]["sha256"], demo().sha256());
    let moved = gateway.get(UNHASHED, &[]);
    assert_eq!(moved.status, 302);
    let location = format!("../{}/{WHEEL}", demo().sha256());
    assert_eq!(moved.header("location"), Some(location.as_str()));
    drop(gateway);
    // Other bytes later are never fetched: nothing on the page would tell them.
    let evil = [("demo/__init__.py", "version = \"evil\"\n")];
    let evil = File::wheel_of("demo", "1.0", "py3-none-any", &evil);
    shelf.offers(&[evil]);
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let again = gateway.get(&gateway.path("demo", WHEEL), &[]);
    assert_eq!(again.body, demo().bytes);
    assert_eq!(shelf.fetched(), [WHEEL]);
    assert_eq!(gateway.stop(), 0);
    let entries = entries(&sandbox);
    let admitted = entries.iter().filter(|entry| entry["filename"] == WHEEL);
    assert!(admitted.count() > 0, "{entries:?}");
}

#[test]
fn another_hash_that_is_published_has_to_be_right() {
    let sandbox = Sandbox::new();
    let wrong = json!({"hashes": {"sha512": "ab".repeat(64)}});
    let shelf = says(&demo(), &wrong);
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let answer = gateway.get(UNHASHED, &[]);
    assert_eq!(answer.status, 503, "{}", answer.text());
    let why = answer.text();
    assert!(
        why.contains("not those that its index gives the hash of"),
        "{why}"
    );
    assert_eq!(
        gateway.listed("demo", WHEEL)["hashes"]["sha256"],
        Value::Null
    );
}

#[test]
fn what_takes_long_goes_on_while_clients_come_again() {
    let sandbox = Sandbox::new();
    let large = File::new("demo", "1.0", WHEEL.to_owned(), vec![7; 20_000]);
    let shelf = says(&large, &json!({"hashes": {}}));
    // Ten pieces, and a pause after each: longer than anybody is kept waiting.
    let slow = Reply::Drips(200, Vec::new(), large.bytes, Duration::from_millis(1200));
    shelf.answer(&format!("/files/{WHEEL}"), slow);
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let first = gateway.get(UNHASHED, &[]);
    assert_eq!(first.status, 503, "{}", first.text());
    assert_eq!(first.header("retry-after"), Some("5"));
    let mut answer = gateway.get(UNHASHED, &[]);
    for _ in 0..20 {
        if answer.status == 302 {
            break;
        }
        answer = gateway.get(UNHASHED, &[]);
    }
    assert_eq!(answer.status, 302, "{}", answer.text());
    assert_eq!(shelf.fetched(), [WHEEL], "it was fetched once");
}

#[test]
fn metadata_comes_from_the_wheel_that_it_is_of() {
    let sandbox = Sandbox::new();
    let shelf = says(&demo(), &offering(&demo(), OWN));
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let path = gateway.path("demo", WHEEL);
    let metadata = gateway.get(&format!("{path}.metadata"), &[]);
    assert_eq!((metadata.status, metadata.text().as_str()), (200, OWN));
    assert_eq!(gateway.get(&path, &[]).body, demo().bytes);
    // The index was asked for the wheel, once, and for no metadata.
    assert_eq!(shelf.fetched(), [WHEEL]);
    assert!(gateway.listed("demo", WHEEL)["_pinproof"]["findings"].is_null());
}

#[test]
fn a_wheel_whose_metadata_is_another_one_reaches_nobody() {
    let sandbox = Sandbox::new();
    let shelf = says(&demo(), &offering(&demo(), FORGED));
    let beside = format!("/files/{WHEEL}.metadata");
    shelf.answer(&beside, Reply::ok(FORGED));
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let path = gateway.path("demo", WHEEL);
    // Whoever has a lock asks for the wheel at once: it is never whole.
    let wheel = gateway.get(&path, &[]);
    assert!(wheel.status != 200 || !wheel.is_whole, "{}", wheel.status);
    for path in [path.clone(), format!("{path}.metadata")] {
        let refused = gateway.get(&path, &[]);
        assert_eq!(refused.status, 403, "{}", refused.text());
        assert!(
            refused.phrase.contains("[metadata-mismatch]"),
            "{}",
            refused.phrase
        );
    }
    let why = gateway.get(&format!("/why/{WHEEL}"), &[]).text();
    assert!(
        why.contains(&digest(FORGED)) && why.contains(&digest(OWN)),
        "{why}"
    );
    gateway.writes("is not the one in the file");
    drop(gateway);
    // It is remembered, and an index that corrects itself is heard.
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let listed = gateway.listed("demo", WHEEL);
    assert_eq!(listed["_pinproof"]["rule"], "metadata-mismatch");
    drop(gateway);
    lists(&shelf, &demo(), &offering(&demo(), OWN));
    let gateway = Gateway::before(&sandbox, &shelf.url());
    assert_eq!(gateway.get(&path, &[]).body, demo().bytes);
}

#[test]
fn where_the_policy_lets_it_in_the_metadata_of_the_wheel_is_what_counts() {
    let sandbox = Sandbox::new();
    sandbox.write("pinproof.toml", "preset = \"observe\"\n");
    let shelf = says(&demo(), &offering(&demo(), FORGED));
    shelf.answer(&format!("/files/{WHEEL}.metadata"), Reply::ok(FORGED));
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let path = gateway.path("demo", WHEEL);
    // The first answer is that it was not what its page said.
    assert_eq!(gateway.get(&format!("{path}.metadata"), &[]).status, 503);
    let metadata = gateway.get(&format!("{path}.metadata"), &[]);
    assert_eq!((metadata.status, metadata.text().as_str()), (200, OWN));
    let listed = gateway.listed("demo", WHEEL);
    assert_eq!(listed["core-metadata"]["sha256"], digest(OWN));
    assert_eq!(gateway.get(&path, &[]).status, 200);
}

#[test]
fn the_metadata_of_a_wheel_of_unknown_size_is_read_from_its_end() {
    let sandbox = Sandbox::new();
    let mut says_so = offering(&demo(), OWN);
    says_so.as_object_mut().expect("an object").remove("size");
    let shelf = says(&demo(), &says_so);
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let path = format!("{}.metadata", gateway.path("demo", WHEEL));
    assert_eq!(gateway.get(&path, &[]).text(), OWN);
    says_so["core-metadata"] = json!({"sha256": digest(FORGED)});
    lists(&shelf, &demo(), &says_so);
    drop(gateway);
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let refused = gateway.get(&path, &[]);
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert!(
        refused.phrase.contains("[metadata-mismatch]"),
        "{}",
        refused.phrase
    );
}

#[test]
fn a_wheel_that_nobody_can_read_is_handed_out_without_metadata() {
    let sandbox = Sandbox::new();
    let broken = File::new(
        "demo",
        "1.0",
        WHEEL.to_owned(),
        b"this is no archive".to_vec(),
    );
    let shelf = says(&broken, &offering(&broken, OWN));
    shelf.answer(&format!("/files/{WHEEL}.metadata"), Reply::ok(OWN));
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let path = gateway.path("demo", WHEEL);
    let metadata = gateway.get(&format!("{path}.metadata"), &[]);
    assert_eq!(metadata.status, 404, "{}", metadata.text());
    assert_eq!(gateway.listed("demo", WHEEL)["core-metadata"], false);
    assert_eq!(gateway.get(&path, &[]).body, broken.bytes);
}
