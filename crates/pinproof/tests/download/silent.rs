//! An index that gives no answer, or half of one: undecided, and nothing under a final name.

use crate::shelf::{File, Shelf, names, usual};
use crate::support::{Reply, Sandbox, Server};

const GET: [&str; 4] = ["-r", "requirements.txt", "-d", "wheels"];

fn a() -> File {
    File::wheel("aaa", "1.0")
}

#[test]
fn a_file_that_does_not_come_is_undecided() {
    let shelf = Shelf::with(&[a()]);
    let half = a().bytes[..100].to_vec();
    let replies = [
        Reply::status(500),
        Reply::status(404),
        Reply::status(403),
        Reply::Hangs,
        Reply::BreaksOff(half.clone()),
        Reply::Stalls(half),
    ];
    for reply in replies {
        let sandbox = Sandbox::with_requirements(&a().locked());
        shelf.answer(&format!("/files/{}", a().name), reply);
        let ran = shelf.download(&sandbox, &GET);
        ran.ends_with(if ran.stdout.contains("alarm") { 1 } else { 3 });
        let there = names(&sandbox, "wheels");
        assert!(!there.contains(&a().name), "{there:?}");
    }
}

#[test]
fn a_page_that_does_not_come_is_undecided_and_no_file_is_asked_for() {
    let sandbox = Sandbox::with_requirements(&a().locked());
    for reply in [
        Reply::status(500),
        Reply::Hangs,
        Reply::ok("<html>log in</html>"),
    ] {
        let shelf = Shelf::with(&[a()]);
        shelf.answer("/simple/aaa/", reply);
        let ran = shelf.download(&sandbox, &GET);
        ran.ends_with(3).says("UNDECIDED").says("judged 0 of 1");
        assert_eq!(shelf.fetched(), [""; 0]);
    }
    let dead = format!("{}simple/", Server::refused());
    sandbox
        .run(&[&["download"][..], &GET, &usual(&dead)].concat())
        .ends_with(3);
}

#[test]
fn offline_gives_what_is_there_and_asks_nobody() {
    let shelf = Shelf::with(&[a()]);
    let sandbox = Sandbox::with_requirements(&a().locked());
    let offline = [&GET[..], &["--offline"]].concat();
    shelf.download(&sandbox, &offline).ends_with(3);
    assert_eq!(shelf.asked(), [""; 0]);
    shelf.download(&sandbox, &GET).ends_with(0);
    shelf
        .download(&sandbox, &offline)
        .ends_with(0)
        .says("1 was there");
    std::fs::remove_dir_all(sandbox.project().join("wheels")).unwrap();
    shelf
        .download(&sandbox, &offline)
        .ends_with(3)
        .says("--offline");
    assert_eq!(shelf.fetched().len(), 1);
}

#[test]
fn without_a_database_of_advisories_nothing_is_fetched() {
    let shelf = Shelf::with(&[a()]);
    let sandbox = Sandbox::with_requirements(&a().locked());
    let url = shelf.url();
    let args = [&["download"][..], &GET, &["--index-url", &url, "--offline"]].concat();
    let ran = sandbox.run_without_db(&args);
    ran.ends_with(3).says("`pinproof db update` fetches it");
    assert_eq!(shelf.fetched(), [""; 0]);
}
