//! A data folder that somebody edited, or a disk spoiled: it is said, and nobody panics.

use std::fs;
use std::path::PathBuf;

use pinproof_core::Admission;
use pinproof_server::store::local::LocalStore;
use pinproof_server::store::records::{VerdictKey, Visit};
use pinproof_server::store::words::Sha256;
use pinproof_server::store::{Store, StoreError};

use super::Home;
use crate::support::{
    bytes, decision, file, from, index, listed, page, project, sighting, store_file,
};

const WHEEL: &str = "demo-1.0.tar.gz";

/// A store with something in each table.
async fn fill(store: &LocalStore) -> VerdictKey {
    store_file(store, WHEEL.as_bytes()).await.unwrap();
    let file = Sha256::of(WHEEL.as_bytes());
    store
        .save_metadata(file, b"Name: demo".to_vec())
        .await
        .unwrap();
    let visit = Visit {
        project: project("demo"),
        upstream: index("pypi"),
        page: page(1, &"a page ".repeat(1000)),
        files: vec![listed(WHEEL, "1.0")],
    };
    store.record_page(visit).await.unwrap();
    let other = vec![sighting(WHEEL, "other")];
    store.pin(from("demo", "pypi", 2), other).await.unwrap();
    let decision = decision(WHEEL, Admission::Refused, Some("recent-release"));
    store.record(vec![decision.clone()]).await.unwrap();
    decision.key
}

/// Asks everything; what went wrong.
async fn ask_everything(store: &dyn Store, key: &VerdictKey) -> Vec<StoreError> {
    let hash = Sha256::of(WHEEL.as_bytes());
    let (demo, pypi) = (project("demo"), index("pypi"));
    let mut errors = Vec::new();
    errors.extend(bytes(store, hash).await.err());
    errors.extend(store.metadata(hash).await.err());
    errors.extend(store.files(None, 10).await.err());
    errors.extend(store.pinned(demo.clone(), file(WHEEL)).await.err());
    errors.extend(store.incidents(0, 10).await.err());
    errors.extend(store.page(demo.clone(), pypi.clone()).await.err());
    errors.extend(store.history(demo, pypi).await.err());
    errors.extend(store.verdict(key.clone()).await.err());
    match store.writers().await {
        Ok(writers) => {
            for writer in writers {
                errors.extend(store.log(writer, 0, 10).await.err());
            }
        }
        Err(error) => errors.push(error),
    }
    let again = decision(WHEEL, Admission::Admitted, None);
    errors.extend(store.record(vec![again]).await.err());
    errors
}

#[tokio::test]
async fn an_edited_column_is_an_error_and_no_panic() {
    let edits = [
        "UPDATE pin SET project = 'no/name'",
        "UPDATE pin SET sha256 = x'00'",
        "UPDATE pin SET size = -1",
        "UPDATE pin SET first_seen = 9223372036854775807",
        "UPDATE pin SET upload_time = -9223372036854775808",
        "UPDATE pin SET upstream = ''",
        "UPDATE pin SET filename = '../../etc/passwd'",
        "UPDATE pin SET upstream = CAST(x'ff' AS TEXT)",
        "UPDATE incident SET pinned = x''",
        "UPDATE incident SET filename = ''",
        "UPDATE file SET size = -1",
        "UPDATE file SET size = 3",
        "UPDATE metadata SET content = x'00'",
        "UPDATE page SET body = x'00'",
        "UPDATE page SET size = 9223372036854775807",
        "UPDATE page SET size = 10",
        "UPDATE page SET serial = -5",
        "UPDATE page SET largest_serial = -5",
        "UPDATE page SET largest_serial_at = 9223372036854775807",
        "UPDATE listed SET version = 'not a version'",
        "UPDATE listed SET first_seen = 9223372036854775807",
        "UPDATE presence SET at = 9223372036854775807",
        "UPDATE verdict SET admission = 'perhaps'",
        "UPDATE verdict SET times = -1",
        "UPDATE log SET previous = x'01'",
        "UPDATE writer SET hash = x'01'",
        "UPDATE writer SET sequence = -1",
    ];
    let good = Home::new();
    let store = good.open();
    let key = fill(&store).await;
    assert_eq!(ask_everything(&store, &key).await, []);
    drop(store);
    for edit in edits {
        let home = Home::new();
        let store = home.open();
        let key = fill(&store).await;
        drop(store);
        home.edit(edit);
        let store = home.open();
        let errors = ask_everything(&store, &key).await;
        let is_damage = |error: &StoreError| matches!(error, StoreError::Damaged { .. });
        assert!(!errors.is_empty(), "{edit}");
        assert!(errors.iter().all(is_damage), "{edit}: {errors:?}");
    }
}

#[tokio::test]
async fn a_schema_that_somebody_changed_is_refused() {
    let edits = [
        "DROP TRIGGER pin_is_not_changed",
        "CREATE TRIGGER theirs AFTER INSERT ON log BEGIN DELETE FROM presence; END",
        "DROP TABLE incident",
        "CREATE TABLE theirs (x)",
    ];
    for edit in edits {
        let home = Home::new();
        drop(home.open());
        let database = home.data().join("store.sqlite3");
        rusqlite::Connection::open(database)
            .unwrap()
            .execute_batch(edit)
            .unwrap();
        let error = LocalStore::open(&home.data()).unwrap_err();
        assert!(
            matches!(error, StoreError::Damaged { .. }),
            "{edit}: {error:?}"
        );
    }
}

#[tokio::test]
async fn pins_and_entries_resist_a_shell() {
    let home = Home::new();
    let store = home.open();
    fill(&store).await;
    let shell = rusqlite::Connection::open(home.data().join("store.sqlite3")).unwrap();
    for sql in [
        "UPDATE pin SET sha256 = randomblob(32)",
        "DELETE FROM pin",
        "UPDATE log SET entry = '{}'",
        "DELETE FROM log",
    ] {
        let error = shell.execute_batch(sql).unwrap_err().to_string();
        assert!(
            error.contains("never changes") || error.contains("only grows"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn bytes_that_are_gone_or_short_are_damage_and_heal() {
    let home = Home::new();
    let store = home.open();
    let hash = store_file(&store, b"content").await.unwrap();
    let path = path_of(&home, hash);
    fs::write(&path, b"cont").unwrap();
    let error = bytes(&store, hash).await.unwrap_err();
    assert!(error.to_string().contains("4 bytes"), "{error}");
    fs::remove_file(&path).unwrap();
    let error = bytes(&store, hash).await.unwrap_err();
    assert!(error.to_string().contains("gone"), "{error}");
    for damaged in ["cont", "CONTENT"] {
        fs::write(&path, damaged).unwrap();
        store_file(&store, b"content").await.unwrap();
        assert_eq!(bytes(&store, hash).await.unwrap().unwrap(), b"content");
    }
}

#[tokio::test]
async fn a_page_does_not_grow_beyond_what_was_noted() {
    let home = Home::new();
    let store = home.open();
    let key = fill(&store).await;
    drop(store);
    home.edit("UPDATE page SET size = 6999");
    let store = home.open();
    let errors = ask_everything(&store, &key).await;
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].to_string().contains("a page"), "{errors:?}");
}

#[test]
fn a_spoiled_database_is_refused_or_answers_with_errors() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let home = Home::new();
    let store = home.open();
    let key = runtime.block_on(fill(&store));
    drop(store);
    let path = home.data().join("store.sqlite3");
    let whole = fs::read(&path).unwrap();
    let mut refused = 0;
    for block in 0..whole.len() / 4096 {
        let mut spoiled = whole.clone();
        spoiled[block * 4096..(block + 1) * 4096].fill(0xa5);
        fs::write(&path, &spoiled).unwrap();
        let errors = match LocalStore::open(&home.data()) {
            Ok(store) => runtime.block_on(ask_everything(&store, &key)),
            Err(error) => vec![error],
        };
        refused += usize::from(!errors.is_empty());
        let is_damage = |error: &StoreError| matches!(error, StoreError::Damaged { .. });
        assert!(errors.iter().all(is_damage), "block {block}: {errors:?}");
    }
    assert!(refused > 5, "{refused}");
}

fn path_of(home: &Home, hash: Sha256) -> PathBuf {
    let name = hash.to_string();
    home.data().join("files").join(&name[..2]).join(name)
}
