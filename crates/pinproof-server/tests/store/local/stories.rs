//! What a log tells of the files of a project, long after.

use std::collections::BTreeSet;

use pinproof_core::{Admission, ProjectName};
use pinproof_server::store::Store as _;
use pinproof_server::store::local::{FileStory, LogBook, Stories};
use pinproof_server::store::records::Decision;
use pinproof_server::store::words::Sha256;

use super::Home;
use crate::support::{day, decision, project, store_file};

fn stories(home: &Home, names: &[&str]) -> Stories {
    let projects: BTreeSet<ProjectName> = names.iter().map(|name| project(name)).collect();
    let book = LogBook::open(&home.data()).unwrap();
    book.stories(&home.data(), &projects).unwrap()
}

fn of<'a>(stories: &'a Stories, name: &str) -> &'a FileStory {
    let mut files = stories.files.iter();
    files.find(|file| file.filename.as_str() == name).unwrap()
}

fn decided(name: &str, at: i64, admission: Admission) -> Decision {
    Decision {
        decided_at: day(at),
        ..decision(name, admission, None)
    }
}

#[tokio::test]
async fn verdicts_that_turned_are_told_in_order_and_counted() {
    let home = Home::new();
    let store = home.open();
    let name = "demo-1.0.tar.gz";
    // The bytes of `decision` are the name.
    store_file(&store, name.as_bytes()).await.unwrap();
    let refused = decided(name, 1, Admission::Refused);
    store.record(vec![refused.clone()]).await.unwrap();
    store.count(vec![(refused.key, 4)]).await.unwrap();
    // The same evidence and policy: time turned it, and the counter of the refusals with it.
    let admitted = decided(name, 8, Admission::Admitted);
    store.record(vec![admitted.clone()]).await.unwrap();
    store.count(vec![(admitted.key.clone(), 2)]).await.unwrap();
    // Other evidence has a counter of its own.
    let mut again = decided(name, 9, Admission::Refused);
    again.key.evidence = "sha256:other".to_owned();
    store.record(vec![again]).await.unwrap();
    let told = stories(&home, &["demo"]);
    let file = of(&told, name);
    let verdicts: Vec<_> = story
        .verdicts
        .iter()
        .map(|told| (told.time, told.admission))
        .collect();
    let expected = [
        (day(1), Admission::Refused),
        (day(8), Admission::Admitted),
        (day(9), Admission::Refused),
    ];
    assert_eq!(verdicts, expected);
    assert_eq!((file.admitted, file.withheld), (3, 2), "at least so many");
    let bytes = std::fs::read(file.bytes.as_ref().unwrap()).unwrap();
    assert_eq!(Sha256::of(&bytes), Sha256::of(name.as_bytes()));
    assert_eq!(told.since, Some(day(1)));
}

#[tokio::test]
async fn only_the_projects_that_are_asked_about_are_told_and_bytes_that_never_came_are_not_there() {
    let home = Home::new();
    let store = home.open();
    let mut other = decided("other-1.0.tar.gz", 1, Admission::Admitted);
    other.key.project = project("other");
    let own = decided("demo-1.0.tar.gz", 2, Admission::Admitted);
    store.record(vec![other, own]).await.unwrap();
    let stories_of_demo = stories(&home, &["demo"]);
    assert_eq!(stories_of_demo.files.len(), 1);
    assert_eq!(of(&stories_of_demo, "demo-1.0.tar.gz").bytes, None);
    // The whole log counts, whatever is asked about.
    assert_eq!(stories_of_demo.since, Some(day(1)));
    assert_eq!(stories_of_demo.verified.heads[0].entries, 2);
    assert!(stories(&home, &["unknown"]).files.is_empty());
}

#[tokio::test]
async fn a_log_that_somebody_edited_says_so_and_one_that_cannot_be_read_is_an_error() {
    let home = Home::new();
    let store = home.open();
    for number in 1..=3 {
        let name = format!("demo-{number}.0.tar.gz");
        store
            .record(vec![decided(&name, 1, Admission::Admitted)])
            .await
            .unwrap();
    }
    drop(store);
    home.edit("UPDATE log SET entry = replace(entry, 'admitted', 'refused') WHERE sequence = 2");
    let edited = stories(&home, &["demo"]);
    assert_eq!(edited.verified.faults.len(), 1, "{:?}", edited.verified);
    home.edit("DELETE FROM log WHERE sequence = 1");
    assert!(stories(&home, &["demo"]).verified.faults.len() > 1);
    home.edit("UPDATE log SET entry = '{}' WHERE sequence = 3");
    let book = LogBook::open(&home.data()).unwrap();
    let read = book.stories(&home.data(), &BTreeSet::from([project("demo")]));
    assert!(read.unwrap_err().to_string().contains("entry 3"));
}
