//! A backup beside a running gateway.

use std::fs;

use pinproof_core::Admission;
use pinproof_server::store::local::{LocalStore, LogBook, backup};
use pinproof_server::store::words::Sha256;
use pinproof_server::store::{Store as _, StoreError};

use super::Home;
use crate::support::{bytes, decision, file, from, project, sighting, store_file};

#[tokio::test]
async fn a_backup_of_a_store_in_use_is_a_store() {
    let home = Home::new();
    let store = home.open();
    for number in 0..20 {
        write(&store, number).await;
    }
    let to = home.folder.path().join("copy");
    let (data, target) = (home.data(), to.clone());
    let copying = tokio::task::spawn_blocking(move || backup(&data, &target));
    let mut number = 20;
    while !copying.is_finished() {
        write(&store, number).await;
        number += 1;
    }
    let files = copying.await.unwrap().unwrap();
    assert!(files >= 20, "{files}");
    let copy = LocalStore::open(&to).unwrap();
    for number in 0..20 {
        let (name, content) = (format!("demo-{number}.tar.gz"), format!("content {number}"));
        let hash = Sha256::of(content.as_bytes());
        let pin = copy
            .pinned(project("demo"), file(&name))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(pin.first.sha256, hash);
        assert_eq!(
            bytes(&copy, hash).await.unwrap().unwrap(),
            content.as_bytes()
        );
    }
    drop(copy);
    let verified = LogBook::open(&to).unwrap().verify(&[]).unwrap();
    assert_eq!(verified.faults, []);
    assert!(verified.heads[0].entries >= 20);
    let again = backup(&home.data(), &to);
    assert!(again.is_err(), "an existing folder is left alone");
}

#[tokio::test]
async fn damage_does_not_get_into_a_backup_in_silence() {
    let home = Home::new();
    let store = home.open();
    let hash = store_file(&store, b"content").await.unwrap().to_string();
    fs::write(
        home.data().join("files").join(&hash[..2]).join(&hash),
        b"CONTENT",
    )
    .unwrap();
    let error = backup(&home.data(), &home.folder.path().join("copy")).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
}

async fn write(store: &LocalStore, number: u32) {
    let (name, content) = (format!("demo-{number}.tar.gz"), format!("content {number}"));
    store_file(store, content.as_bytes()).await.unwrap();
    store
        .pin(from("demo", "pypi", 1), vec![sighting(&name, &content)])
        .await
        .unwrap();
    let decision = decision(&name, Admission::Admitted, None);
    store.record(vec![decision]).await.unwrap();
}
