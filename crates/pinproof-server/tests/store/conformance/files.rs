//! Files and their metadata.

use pinproof_server::store::words::Sha256;
use pinproof_server::store::{Store, StoreError};

use crate::support::{bytes, store_file};

pub(crate) async fn bytes_come_back_whole_and_in_ranges(store: &dyn Store) {
    let content: Vec<u8> = (0..50_000_u32).flat_map(u32::to_le_bytes).collect();
    let hash = store_file(store, &content).await.unwrap();
    assert_eq!(bytes(store, hash).await.unwrap().unwrap(), content);
    let mut file = store.open(hash).await.unwrap().unwrap();
    assert_eq!(file.size(), 200_000);
    assert_eq!(
        file.read(190_001, 5).await.unwrap(),
        content[190_001..190_006]
    );
    assert_eq!(file.read(199_999, 100).await.unwrap(), content[199_999..]);
    assert_eq!(file.read(200_000, 100).await.unwrap(), b"");
    assert_eq!(file.read(u64::MAX >> 1, 100).await.unwrap(), b"");
}

pub(crate) async fn what_is_not_as_announced_is_never_seen(store: &dyn Store) {
    let announced = Sha256::of(b"announced");
    let mut incoming = store.receive().await.unwrap();
    incoming.write(b"something".to_vec()).await.unwrap();
    let error = incoming.finish(announced, Some(9)).await.unwrap_err();
    let found = Sha256::of(b"something");
    let expected = announced;
    assert_eq!(error, StoreError::WrongHash { expected, found });
    let mut incoming = store.receive().await.unwrap();
    incoming.write(b"announced".to_vec()).await.unwrap();
    let error = incoming.finish(announced, Some(10)).await.unwrap_err();
    assert_eq!(
        error,
        StoreError::WrongSize {
            expected: 10,
            found: 9
        }
    );
    assert!(store.open(announced).await.unwrap().is_none());
    assert!(store.open(found).await.unwrap().is_none());
}

pub(crate) async fn what_nobody_finishes_is_never_seen(store: &dyn Store) {
    let mut incoming = store.receive().await.unwrap();
    incoming.write(b"half".to_vec()).await.unwrap();
    assert!(store.open(Sha256::of(b"half")).await.unwrap().is_none());
    drop(incoming);
    assert!(store.open(Sha256::of(b"half")).await.unwrap().is_none());
}

pub(crate) async fn what_has_no_announced_hash_is_kept_under_its_own(store: &dyn Store) {
    let mut incoming = store.receive().await.unwrap();
    incoming.write(b"some".to_vec()).await.unwrap();
    incoming.write(b"thing".to_vec()).await.unwrap();
    let hash = Sha256::of(b"something");
    assert_eq!(incoming.keep(None).await.unwrap(), (hash, 9));
    assert_eq!(bytes(store, hash).await.unwrap().unwrap(), b"something");
    let mut incoming = store.receive().await.unwrap();
    incoming.write(b"other".to_vec()).await.unwrap();
    let error = incoming.keep(Some(6)).await.unwrap_err();
    assert!(matches!(error, StoreError::WrongSize { .. }), "{error}");
    assert!(store.open(Sha256::of(b"other")).await.unwrap().is_none());
}

pub(crate) async fn the_same_file_may_come_twice(store: &dyn Store) {
    let hash = store_file(store, b"content").await.unwrap();
    let mut open = store.open(hash).await.unwrap().unwrap();
    assert_eq!(store_file(store, b"content").await.unwrap(), hash);
    assert_eq!(open.read(0, 100).await.unwrap(), b"content");
    assert_eq!(bytes(store, hash).await.unwrap().unwrap(), b"content");
    assert_eq!(store_file(store, b"").await.unwrap(), Sha256::of(b""));
    assert_eq!(bytes(store, Sha256::of(b"")).await.unwrap().unwrap(), b"");
}

pub(crate) async fn metadata_stays_as_it_came_first(store: &dyn Store) {
    let file = Sha256::of(b"a wheel");
    assert_eq!(store.metadata(file).await.unwrap(), None);
    let first = b"Metadata-Version: 2.1\n".to_vec();
    let kept = store.save_metadata(file, first.clone()).await.unwrap();
    assert_eq!(kept, Sha256::of(&first));
    let again = store.save_metadata(file, b"other".to_vec()).await.unwrap();
    assert_eq!(again, kept);
    assert_eq!(store.metadata(file).await.unwrap(), Some(first));
    let huge = store
        .save_metadata(Sha256::of(b"b"), vec![0; 9 << 20])
        .await;
    assert!(matches!(huge, Err(StoreError::TooLarge { .. })), "{huge:?}");
}

pub(crate) async fn provenance_stays_as_it_came_first(store: &dyn Store) {
    let file = Sha256::of(b"a wheel");
    assert_eq!(store.provenance(file).await.unwrap(), None);
    let first = b"{\"version\": 1}".to_vec();
    let kept = store.save_provenance(file, first.clone()).await.unwrap();
    assert_eq!(kept, Sha256::of(&first));
    let again = store.save_provenance(file, b"{}".to_vec()).await.unwrap();
    assert_eq!(again, kept);
    assert_eq!(store.provenance(file).await.unwrap(), Some(first));
    assert_eq!(store.metadata(file).await.unwrap(), None);
    let huge = store
        .save_provenance(Sha256::of(b"b"), vec![0; 2 << 20])
        .await;
    assert!(matches!(huge, Err(StoreError::TooLarge { .. })), "{huge:?}");
}

pub(crate) async fn what_is_written_can_be_read_before_the_end(store: &dyn Store) {
    let content: Vec<u8> = (0..50_000_u32).flat_map(u32::to_le_bytes).collect();
    let mut incoming = store.receive().await.unwrap();
    let window = incoming.window().await.unwrap();
    assert_eq!(window.read(0, 100).await.unwrap(), b"");
    for (at, part) in content.chunks(60_000).enumerate() {
        incoming.write(part.to_vec()).await.unwrap();
        let (from, to) = (at * 60_000, at * 60_000 + part.len());
        let read = window.read(from as u64, 1 << 20).await.unwrap();
        assert_eq!(read, content[from..to]);
        assert_eq!(window.read(to as u64, 10).await.unwrap(), b"");
    }
    // Two look at different places at one time.
    let (first, last) = tokio::join!(window.read(5, 7), window.read(150_000, 9));
    assert_eq!(first.unwrap(), content[5..12]);
    assert_eq!(last.unwrap(), content[150_000..150_009]);
    let hash = Sha256::of(&content);
    assert!(store.open(hash).await.unwrap().is_none());
    incoming.finish(hash, None).await.unwrap();
    assert_eq!(window.read(0, 1 << 20).await.unwrap(), content);
}

pub(crate) async fn a_window_stays_open_whatever_becomes_of_the_file(store: &dyn Store) {
    let mut wrong = store.receive().await.unwrap();
    let mut left = store.receive().await.unwrap();
    let windows = [wrong.window().await.unwrap(), left.window().await.unwrap()];
    wrong.write(b"content".to_vec()).await.unwrap();
    left.write(b"content".to_vec()).await.unwrap();
    wrong.finish(Sha256::of(b"other"), None).await.unwrap_err();
    drop(left);
    for window in windows {
        assert_eq!(window.read(3, 100).await.unwrap(), b"tent");
    }
    assert!(store.open(Sha256::of(b"content")).await.unwrap().is_none());
}
