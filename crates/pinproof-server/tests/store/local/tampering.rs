//! A log that somebody edited: what was done to it is found, and said.

use pinproof_core::Admission;
use pinproof_server::store::Store as _;
use pinproof_server::store::chain::{Chains, Fault, Verified};
use pinproof_server::store::local::LogBook;
use pinproof_server::store::log::LogLine;
use pinproof_server::store::words::Sha256;

use super::Home;
use crate::support::decision;

/// A store whose log has ten entries.
async fn ten() -> Home {
    let home = Home::new();
    let store = home.open();
    for number in 1..=10 {
        let admitted = decision(&format!("a-{number}.tar.gz"), Admission::Admitted, None);
        store.record(vec![admitted]).await.unwrap();
    }
    home
}

fn verify(home: &Home) -> Verified {
    LogBook::open(&home.data()).unwrap().verify(&[]).unwrap()
}

/// The export of ten entries, line by line.
async fn export() -> Vec<String> {
    let home = ten().await;
    let mut out = Vec::new();
    let written = LogBook::open(&home.data())
        .unwrap()
        .export(&mut out)
        .unwrap();
    assert_eq!(written, 10);
    let text = String::from_utf8(out).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn verify_lines(lines: &[String]) -> Verified {
    let mut chains = Chains::default();
    chains.take_lines(lines.join("\n").as_bytes()).unwrap();
    chains.finish()
}

/// The faults without the name of the writer.
fn said(verified: &Verified) -> Vec<String> {
    let writer = verified.heads[0].writer.as_str();
    let shown = verified.faults.iter().map(ToString::to_string);
    shown
        .map(|fault| fault.replace(&format!(" of writer {writer}"), ""))
        .map(|fault| fault.replace(writer, "WRITER"))
        .collect()
}

#[tokio::test]
async fn a_log_that_nobody_touched_is_whole() {
    let empty = Home::new();
    drop(empty.open());
    assert_eq!(verify(&empty), Verified::default());
    let home = ten().await;
    let verified = verify(&home);
    assert_eq!(verified.faults, []);
    assert_eq!(verified.heads[0].entries, 10);
    let lines = export().await;
    let verified = verify_lines(&lines);
    assert_eq!(verified.faults, []);
    assert_eq!(verified.heads[0].entries, 10);
}

#[tokio::test]
async fn the_log_is_read_beside_a_store_that_writes() {
    let home = ten().await;
    let store = home.open();
    let book = LogBook::open(&home.data()).unwrap();
    let more = decision("b-1.tar.gz", Admission::Admitted, None);
    store.record(vec![more]).await.unwrap();
    let verified = book.verify(&[]).unwrap();
    assert_eq!((verified.heads[0].entries, verified.faults.len()), (11, 0));
}

#[tokio::test]
async fn edits_of_the_database_are_found() {
    let cases: [(&str, &[&str]); 9] = [
        (
            "UPDATE log SET entry = replace(entry, 'admitted', 'refused') WHERE sequence = 4",
            &["entry 4 was changed: it has another hash than it states"],
        ),
        (
            "UPDATE log SET entry = replace(entry, 'admitted', 'refused') WHERE sequence = 10",
            &["entry 10 was changed: it has another hash than it states"],
        ),
        ("DELETE FROM log WHERE sequence IN (3, 4, 7)", &["entries 3 to 4 are missing", "entry 7 is missing"]),
        ("DELETE FROM log WHERE sequence = 1", &["entry 1 is missing"]),
        (
            "DELETE FROM log WHERE sequence > 8",
            &["entry 10 is the newest one that was written, and the log ends otherwise"],
        ),
        (
            "UPDATE log SET sequence = 99 WHERE sequence = 2; UPDATE log SET sequence = 2 WHERE sequence = 3;
             UPDATE log SET sequence = 3 WHERE sequence = 99",
            &[
                "entry 2 was changed: it has another hash than it states",
                "entry 2 does not follow the entry before it: one of the two was replaced",
                "entry 3 was changed: it has another hash than it states",
                "entry 3 does not follow the entry before it: one of the two was replaced",
                "entry 4 does not follow the entry before it: one of the two was replaced",
            ],
        ),
        (
            "DELETE FROM writer",
            &["the store does not know the writer WRITER"],
        ),
        (
            "UPDATE writer SET sequence = 9",
            &["entry 9 is the newest one that was written, and the log ends otherwise"],
        ),
        (
            "UPDATE log SET previous = zeroblob(32) WHERE sequence = 5",
            &[
                "entry 5 was changed: it has another hash than it states",
                "entry 5 does not follow the entry before it: one of the two was replaced",
            ],
        ),
    ];
    for (edit, expected) in cases {
        let home = ten().await;
        home.edit(edit);
        assert_eq!(said(&verify(&home)), expected, "{edit}");
    }
}

#[tokio::test]
async fn an_entry_with_a_hash_of_its_own_is_found_by_the_next() {
    let mut lines = export().await;
    let mut line = LogLine::from_json(&lines[3]).unwrap();
    line.entry = line.entry.replace("admitted", "refused");
    line.hash = line.counted_hash();
    lines[3] = line.to_json().unwrap();
    assert_eq!(
        said(&verify_lines(&lines)),
        ["entry 5 does not follow the entry before it: one of the two was replaced"]
    );
}

#[tokio::test]
async fn edits_of_an_export_are_found() {
    let whole = export().await;
    let edited = |edit: fn(&mut Vec<String>)| {
        let mut lines = whole.clone();
        edit(&mut lines);
        said(&verify_lines(&lines))
    };
    assert_eq!(
        edited(|lines| lines.swap(4, 5)),
        ["entry 5 is not at its place"]
    );
    assert_eq!(
        edited(|lines| lines.insert(7, lines[2].clone())),
        ["entry 3 is there more than once"]
    );
    assert_eq!(
        edited(|lines| drop(lines.remove(5))),
        ["entry 6 is missing"]
    );
    assert_eq!(
        edited(|lines| drop(lines.drain(..9))),
        ["entries 1 to 9 are missing"]
    );
    let spoiled = edited(|lines| lines[1].truncate(40));
    assert!(
        spoiled[0].starts_with("line 2: it is no entry of a log"),
        "{spoiled:?}"
    );
    assert_eq!(spoiled[1..], ["entry 2 is missing"]);
}

#[tokio::test]
async fn a_head_that_was_noted_shows_what_was_cut_off() {
    let home = ten().await;
    let head = verify(&home).heads[0].hash;
    let book = LogBook::open(&home.data()).unwrap();
    assert_eq!(book.verify(&[head]).unwrap().faults, []);
    let other = Sha256::of(b"other");
    assert_eq!(
        book.verify(&[other]).unwrap().faults,
        [Fault::UnknownHead(other)]
    );
    let mut chains = Chains::default();
    chains.expect(head);
    chains
        .take_lines(export().await[..8].join("\n").as_bytes())
        .unwrap();
    assert_eq!(chains.finish().faults, [Fault::UnknownHead(head)]);
}

#[tokio::test]
async fn hostile_lines_are_bounded() {
    let mut chains = Chains::default();
    let line = "x".repeat(1 << 20);
    assert!(chains.take_lines(line.as_bytes()).is_err());
    let mut lines = export().await;
    let mut far = LogLine::from_json(&lines[0]).unwrap();
    far.sequence = u64::MAX;
    lines.push(far.to_json().unwrap());
    lines.push(lines[1].clone());
    far.sequence = 0;
    lines.push(far.to_json().unwrap());
    let verified = verify_lines(&lines);
    let last = verified.faults.last().unwrap().to_string();
    assert!(
        last.contains("entries 11 to 18446744073709551614"),
        "{last}"
    );
    let nonsense = vec!["nonsense".to_owned(); 5000];
    let verified = verify_lines(&nonsense);
    assert_eq!((verified.faults.len(), verified.more_faults), (1000, 4000));
}
