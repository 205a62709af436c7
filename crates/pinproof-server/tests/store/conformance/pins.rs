//! Pins and incidents.

use pinproof_server::store::Store;
use pinproof_server::store::records::Sighting;
use tokio::join;

use crate::support::{day, file, from, index, project, sighting, store_file};

const WHEEL: &str = "demo-1.0-py3-none-any.whl";

pub(crate) async fn the_first_sight_stays(store: &dyn Store) {
    let first = sighting(WHEEL, "first");
    let pinned = store
        .pin(from("demo", "pypi", 1), vec![first.clone()])
        .await
        .unwrap();
    assert!(!pinned[0].is_changed);
    let pin = pinned[0].pin.clone();
    assert_eq!(pin.first, first);
    assert_eq!(
        (pin.upstream.clone(), pin.first_seen),
        (index("pypi"), day(1))
    );
    let again = Sighting {
        size: None,
        upload_time: None,
        ..first
    };
    let pinned = store
        .pin(from("demo", "mirror", 2), vec![again])
        .await
        .unwrap();
    assert_eq!((&pinned[0].pin, pinned[0].is_changed), (&pin, false));
    let other = sighting(WHEEL, "other");
    let pinned = store
        .pin(from("demo", "mirror", 3), vec![other])
        .await
        .unwrap();
    assert_eq!((&pinned[0].pin, pinned[0].is_changed), (&pin, true));
    assert_eq!(
        store.pinned(project("demo"), file(WHEEL)).await.unwrap(),
        Some(pin)
    );
    assert_eq!(
        store.pinned(project("demo2"), file(WHEEL)).await.unwrap(),
        None
    );
}

pub(crate) async fn other_bytes_are_one_incident(store: &dyn Store) {
    let (first, other) = (sighting(WHEEL, "first"), sighting(WHEEL, "other"));
    store
        .pin(from("demo", "pypi", 1), vec![first.clone()])
        .await
        .unwrap();
    assert!(store.incidents(0, 10).await.unwrap().is_empty());
    for at in 2..4 {
        store
            .pin(from("demo", "pypi", at), vec![other.clone()])
            .await
            .unwrap();
    }
    store
        .pin(from("demo", "mirror", 4), vec![other.clone()])
        .await
        .unwrap();
    let incidents = store.incidents(0, 10).await.unwrap();
    assert_eq!(incidents.len(), 2, "{incidents:?}");
    assert_eq!(incidents[0].seen, other);
    assert_eq!(incidents[0].pinned, first.sha256);
    assert_eq!(
        (incidents[0].seen_at, incidents[1].seen_at),
        (day(2), day(4))
    );
    assert_eq!(incidents[1].upstream, index("mirror"));
    assert_eq!(store.incidents(0, 1).await.unwrap(), incidents[..1]);
    assert_eq!(
        store.incidents(incidents[0].id, 10).await.unwrap(),
        incidents[1..]
    );
}

pub(crate) async fn two_spellings_are_two_files(store: &dyn Store) {
    let seen = vec![
        sighting("Demo-1.0.tar.gz", "a"),
        sighting("demo-1.0.tar.gz", "b"),
    ];
    let pinned = store.pin(from("demo", "pypi", 1), seen).await.unwrap();
    assert!(pinned.iter().all(|pinned| !pinned.is_changed));
    let twice = vec![sighting("x-1.tar.gz", "a"), sighting("x-1.tar.gz", "b")];
    let pinned = store.pin(from("x", "pypi", 1), twice).await.unwrap();
    assert_eq!((pinned[0].is_changed, pinned[1].is_changed), (false, true));
}

pub(crate) async fn all_files_are_listed_in_order(store: &dyn Store) {
    for name in ["b", "a-b", "a"] {
        let files = (0..5).map(|number| {
            sighting(
                &format!("{name}-{number}.tar.gz"),
                &format!("{name}{number}"),
            )
        });
        store
            .pin(from(name, "pypi", 1), files.collect())
            .await
            .unwrap();
    }
    store_file(store, b"a3").await.unwrap();
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let next = store.files(after, 4).await.unwrap();
        let Some(last) = next.last() else { break };
        after = Some((last.pin.project.clone(), last.pin.first.filename.clone()));
        all.extend(next);
    }
    let names: Vec<_> = all
        .iter()
        .map(|known| known.pin.first.filename.to_string())
        .collect();
    let expected = ["a", "a-b", "b"]
        .into_iter()
        .flat_map(|name| (0..5).map(move |number| format!("{name}-{number}.tar.gz")));
    assert_eq!(names, expected.collect::<Vec<_>>());
    let stored = all.iter().filter(|known| known.is_stored);
    let stored: Vec<_> = stored
        .map(|known| known.pin.first.filename.as_str())
        .collect();
    assert_eq!(stored, ["a-3.tar.gz"]);
}

pub(crate) async fn many_at_once_agree(store: &dyn Store) {
    for round in 0..20 {
        let name = format!("demo-{round}.tar.gz");
        let see =
            |content: &str| store.pin(from("demo", content, 1), vec![sighting(&name, content)]);
        let (a, b, c) = join!(see("a"), see("b"), see("c"));
        let answers = [a, b, c].map(|answer| answer.unwrap().remove(0));
        let pin = &answers[0].pin;
        assert!(answers.iter().all(|answer| answer.pin == *pin));
        assert_eq!(answers.iter().filter(|answer| answer.is_changed).count(), 2);
    }
    assert_eq!(store.incidents(0, 100).await.unwrap().len(), 40);
}
