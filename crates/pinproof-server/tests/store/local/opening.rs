//! Who may open a data folder, and what is there afterwards.

use std::fs;

use pinproof_core::Admission;
use pinproof_server::store::local::{LocalStore, LogBook};
use pinproof_server::store::{Store as _, StoreError};
use rusqlite::Connection;

use super::Home;
use crate::support::{bytes, decision, file, from, project, sighting, store_file};

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let home = Home::new();
    let store = home.open();
    let hash = store_file(&store, b"content").await.unwrap();
    let seen = vec![sighting("demo-1.0.tar.gz", "content")];
    store.pin(from("demo", "pypi", 1), seen).await.unwrap();
    let admitted = decision("a-1.tar.gz", Admission::Admitted, None);
    store.record(vec![admitted]).await.unwrap();
    let writers = store.writers().await.unwrap();
    drop(store);
    let store = home.open();
    assert_eq!(bytes(&store, hash).await.unwrap().unwrap(), b"content");
    let pin = store
        .pinned(project("demo"), file("demo-1.0.tar.gz"))
        .await
        .unwrap();
    assert_eq!(pin.unwrap().first.sha256, hash);
    let refused = decision("a-1.tar.gz", Admission::Refused, Some("x"));
    store.record(vec![refused]).await.unwrap();
    assert_eq!(store.writers().await.unwrap(), writers);
    let lines = store.log(writers[0].clone(), 0, 10).await.unwrap();
    assert_eq!(lines[1].previous, lines[0].hash);
}

#[tokio::test]
async fn one_process_has_it_at_a_time() {
    let home = Home::new();
    let store = home.open();
    let error = LocalStore::open(&home.data()).unwrap_err();
    assert!(matches!(error, StoreError::InUse { .. }), "{error:?}");
    let incoming = store.receive().await.unwrap();
    drop(store);
    let still = LocalStore::open(&home.data()).unwrap_err();
    assert!(
        matches!(still, StoreError::InUse { .. }),
        "a file is still coming: {still:?}"
    );
    drop(incoming);
    LocalStore::open(&home.data()).unwrap();
}

#[cfg(unix)]
#[test]
fn the_folder_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    drop(home.open());
    let mode = fs::metadata(home.data()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn a_later_schema_is_refused() {
    let home = Home::new();
    drop(home.open());
    home.edit("PRAGMA user_version = 99");
    let error = LocalStore::open(&home.data()).unwrap_err();
    let StoreError::NewerSchema { found: 99, known } = error else {
        panic!("{error:?}");
    };
    assert!(known < 99);
    let error = LogBook::open(&home.data()).unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { .. }), "{error:?}");
}

#[test]
fn what_is_no_store_is_left_alone() {
    let home = Home::new();
    fs::create_dir_all(home.data()).unwrap();
    let path = home.data().join("store.sqlite3");
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE theirs (x)")
        .unwrap();
    let before = fs::read(&path).unwrap();
    let error = LocalStore::open(&home.data()).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error:?}");
    assert_eq!(fs::read(&path).unwrap(), before);
    fs::write(
        &path,
        "this is a text, and longer than the head of a database\n".repeat(50),
    )
    .unwrap();
    let error = LocalStore::open(&home.data()).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
}

#[test]
fn a_log_is_not_made_by_looking_for_it() {
    let home = Home::new();
    let error = LogBook::open(&home.data()).unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error:?}");
    assert!(!home.data().exists());
}

#[tokio::test]
async fn half_files_of_an_earlier_process_are_removed() {
    let home = Home::new();
    drop(home.open());
    let left = home.data().join("incoming/.tmpabc");
    fs::write(&left, "half").unwrap();
    drop(home.open());
    assert!(!left.exists());
}
