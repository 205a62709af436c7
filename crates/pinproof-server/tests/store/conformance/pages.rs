//! Pages and history.

use pinproof_server::store::Store;
use pinproof_server::store::records::{History, Listed, Page, Visit};
use pinproof_server::store::words::Sha256;

use crate::support::{day, from, index, listed, page, project, sighting};

const OLD: &str = "demo-1.0.tar.gz";
const NEW: &str = "demo-2.0.tar.gz";

async fn visit(store: &dyn Store, at: i64, files: Vec<Listed>) -> History {
    let visit = Visit {
        project: project("demo"),
        upstream: index("pypi"),
        page: page(at, &format!("page of day {at}")),
        files,
    };
    store.record_page(visit).await.unwrap()
}

pub(crate) async fn a_page_comes_back(store: &dyn Store) {
    let (demo, pypi) = (project("demo"), index("pypi"));
    assert_eq!(store.page(demo.clone(), pypi.clone()).await.unwrap(), None);
    assert!(!store.confirm_page(from("demo", "pypi", 1)).await.unwrap());
    let history = visit(store, 1, vec![listed(OLD, "1.0"), listed(NEW, "2.0")]).await;
    assert_eq!(history.files.len(), 2);
    assert_eq!(history.pins.len(), 2);
    assert_eq!(history.files[0].version, Some("1.0".parse().unwrap()));
    let kept = store
        .page(demo.clone(), pypi.clone())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(kept, page(1, "page of day 1"));
    assert_eq!(store.history(demo.clone(), pypi).await.unwrap(), history);
    assert_eq!(store.page(demo, index("mirror")).await.unwrap(), None);
}

pub(crate) async fn a_confirmed_page_is_younger(store: &dyn Store) {
    visit(store, 1, vec![listed(OLD, "1.0")]).await;
    for at in [5, 3] {
        assert!(store.confirm_page(from("demo", "pypi", at)).await.unwrap());
    }
    let kept = store
        .page(project("demo"), index("pypi"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(kept.fetched_at, day(5));
    assert_eq!(kept.body, b"page of day 1");
}

pub(crate) async fn an_earlier_answer_changes_only_pins(store: &dyn Store) {
    let now = visit(store, 5, vec![listed(NEW, "2.0")]).await;
    let late = visit(store, 4, vec![listed(OLD, "1.0")]).await;
    assert_eq!(late, now);
    let absence = store.record_absence(from("demo", "pypi", 4)).await.unwrap();
    assert_eq!(absence, now);
    let kept = store
        .page(project("demo"), index("pypi"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(kept.body, b"page of day 5");
    let pin = store
        .pinned(project("demo"), OLD.parse().unwrap())
        .await
        .unwrap();
    assert_eq!(pin.unwrap().first_seen, day(4));
}

pub(crate) async fn a_file_goes_and_comes_back(store: &dyn Store) {
    visit(store, 1, vec![listed(OLD, "1.0"), listed(NEW, "2.0")]).await;
    let yanked = Listed {
        is_yanked: true,
        ..listed(NEW, "2.0")
    };
    let history = visit(store, 2, vec![listed(OLD, "1.0"), yanked]).await;
    assert!(history.files[1].is_yanked);
    let history = visit(store, 3, vec![listed(OLD, "1.0")]).await;
    let gone = &history.files[1];
    assert_eq!(
        (gone.is_listed, gone.is_yanked, gone.gone_at),
        (false, true, Some(day(3)))
    );
    let history = visit(store, 4, vec![listed(OLD, "1.0")]).await;
    assert_eq!(history.files[1].gone_at, Some(day(3)), "not gone once more");
    let changed = Listed {
        sighting: Some(sighting(NEW, "other bytes")),
        ..listed(NEW, "2.0")
    };
    let history = visit(store, 5, vec![listed(OLD, "1.0"), changed]).await;
    let back = &history.files[1];
    assert_eq!((back.is_listed, back.returned_at), (true, Some(day(5))));
    assert_eq!((back.first_seen, back.gone_at), (day(1), Some(day(3))));
    assert_eq!(history.incidents.len(), 1);
    assert_eq!(history.pins[1].first, sighting(NEW, NEW));
}

pub(crate) async fn a_name_that_is_listed_twice_is_one_file(store: &dyn Store) {
    let again = Listed {
        is_yanked: true,
        sighting: Some(sighting(OLD, "other bytes")),
        ..listed(OLD, "1.0")
    };
    for at in 1..4 {
        let history = visit(store, at, vec![listed(OLD, "1.0"), again.clone()]).await;
        assert_eq!(history.files.len(), 1);
        let file = &history.files[0];
        assert_eq!(
            (file.first_seen, file.is_listed, file.is_yanked),
            (day(1), true, false)
        );
        assert_eq!(history.incidents.len(), 1);
    }
}

pub(crate) async fn a_project_goes_and_comes_back(store: &dyn Store) {
    let told = |history: &History| -> Vec<_> {
        history
            .presence
            .iter()
            .map(|known| (known.at, known.is_present))
            .collect()
    };
    store.record_absence(from("demo", "pypi", 1)).await.unwrap();
    visit(store, 2, vec![listed(OLD, "1.0")]).await;
    visit(store, 3, vec![listed(OLD, "1.0")]).await;
    let history = store.record_absence(from("demo", "pypi", 4)).await.unwrap();
    assert!(!history.files[0].is_listed);
    assert_eq!(history.files[0].gone_at, Some(day(4)));
    store.record_absence(from("demo", "pypi", 5)).await.unwrap();
    let history = visit(store, 6, vec![listed(OLD, "1.0")]).await;
    let expected = [(1, false), (2, true), (4, false), (6, true)];
    assert_eq!(
        told(&history),
        expected.map(|(at, is_present)| (day(at), is_present))
    );
    let kept = store
        .page(project("demo"), index("pypi"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(kept.body, b"page of day 6");
}

pub(crate) async fn an_absence_is_confirmed(store: &dyn Store) {
    visit(store, 1, vec![listed(OLD, "1.0")]).await;
    for at in [2, 5, 4] {
        store
            .record_absence(from("demo", "pypi", at))
            .await
            .unwrap();
    }
    let history = visit(store, 7, vec![listed(OLD, "1.0")]).await;
    let told = history.presence.iter();
    let told: Vec<_> = told.map(|known| (known.at, known.confirmed_at)).collect();
    let expected = [(1, 1), (2, 5), (7, 7)];
    assert_eq!(told, expected.map(|(at, until)| (day(at), day(until))));
}

pub(crate) async fn metadata_that_was_read_is_in_the_history(store: &dyn Store) {
    let history = visit(store, 1, vec![listed(OLD, "1.0"), listed(NEW, "2.0")]).await;
    assert!(history.metadata.is_empty());
    let (pinned, content) = (
        Sha256::of(NEW.as_bytes()),
        b"Metadata-Version: 2.1\n".to_vec(),
    );
    store.save_metadata(pinned, content.clone()).await.unwrap();
    let history = store.history(project("demo"), index("pypi")).await.unwrap();
    let read: Vec<_> = history.metadata.into_iter().collect();
    assert_eq!(read, [(NEW.parse().unwrap(), Sha256::of(&content))]);
}

pub(crate) async fn indexes_have_their_own_history(store: &dyn Store) {
    visit(store, 1, vec![listed(OLD, "1.0")]).await;
    let other = store
        .history(project("demo"), index("mirror"))
        .await
        .unwrap();
    assert_eq!(other, History::default());
    store
        .record_absence(from("demo", "mirror", 2))
        .await
        .unwrap();
    let history = store.history(project("demo"), index("pypi")).await.unwrap();
    assert!(history.files[0].is_listed);
    assert_eq!(history.presence.len(), 1);
}

pub(crate) async fn an_absence_cannot_be_confirmed_with_the_last_page(store: &dyn Store) {
    visit(store, 1, vec![listed(OLD, "1.0")]).await;
    store.record_absence(from("demo", "pypi", 2)).await.unwrap();
    let kept = store.page(project("demo"), index("pypi")).await.unwrap();
    let kept = kept.unwrap();
    assert_eq!((kept.etag, kept.last_modified), (None, None));
    assert_eq!((kept.fetched_at, kept.serial), (day(1), Some(17)));
    assert_eq!(kept.body, b"page of day 1");
}

pub(crate) async fn the_largest_serial_number_is_remembered(store: &dyn Store) {
    let largest = |history: History| {
        let largest = history.largest_serial.expect("a serial number");
        (largest.serial, largest.seen_at)
    };
    let visit = async |at: i64, serial: Option<u64>| {
        let page = Page {
            serial,
            ..page(at, "a page")
        };
        let visit = Visit {
            project: project("demo"),
            upstream: index("pypi"),
            page,
            files: Vec::new(),
        };
        store.record_page(visit).await.unwrap()
    };
    assert_eq!(visit(1, None).await.largest_serial, None);
    assert_eq!(largest(visit(2, Some(17)).await), (17, day(2)));
    assert_eq!(largest(visit(3, Some(16)).await), (17, day(2)));
    assert_eq!(largest(visit(4, None).await), (17, day(2)));
    let kept = store.page(project("demo"), index("pypi")).await.unwrap();
    assert_eq!(kept.unwrap().serial, None);
    let gone = store.record_absence(from("demo", "pypi", 5)).await.unwrap();
    assert_eq!(largest(gone), (17, day(2)));
    assert_eq!(largest(visit(6, Some(17)).await), (17, day(6)));
    assert_eq!(largest(visit(7, Some(20)).await), (20, day(7)));
    let elsewhere = store.history(project("demo"), index("mirror")).await;
    assert_eq!(elsewhere.unwrap().largest_serial, None);
}
