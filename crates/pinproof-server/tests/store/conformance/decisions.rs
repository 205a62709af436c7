//! Verdicts and the decision log.

use pinproof_core::Admission::{Admitted, Refused};
use pinproof_server::store::log::{LogEntry, LogLine, START};
use pinproof_server::store::records::{Decision, Recorded, VerdictKey};
use pinproof_server::store::{Store, StoreError};

use crate::support::{day, decision, from, project, sighting};

async fn log(store: &dyn Store) -> Vec<LogLine> {
    let mut all = Vec::new();
    for writer in store.writers().await.unwrap() {
        all.extend(store.log(writer, 0, 1000).await.unwrap());
    }
    all
}

pub(crate) async fn new_verdicts_are_logged_and_repeats_counted(store: &dyn Store) {
    let (good, bad) = (
        decision("a-1.tar.gz", Admitted, None),
        decision("b-1.tar.gz", Refused, Some("recent-release")),
    );
    let batch = vec![good.clone(), bad.clone(), good.clone()];
    let recorded = store.record(batch).await.unwrap();
    let expected = [
        Recorded::New { sequence: 1 },
        Recorded::New { sequence: 2 },
        Recorded::Repeat,
    ];
    assert_eq!(recorded, expected);
    assert_eq!(
        store.record(vec![bad.clone()]).await.unwrap(),
        [Recorded::Repeat]
    );
    let unknown = decision("c-1.tar.gz", Admitted, None).key;
    store
        .count(vec![(bad.key.clone(), 40), (unknown.clone(), 1)])
        .await
        .unwrap();
    let last = store.verdict(bad.key.clone()).await.unwrap().unwrap();
    assert_eq!(
        (last.admission, last.rule.as_deref(), last.times),
        (Refused, Some("recent-release"), 42)
    );
    assert_eq!(
        (last.decided_at, last.next_change_at),
        (day(0), Some(day(7)))
    );
    assert_eq!(store.verdict(unknown).await.unwrap(), None);
    let entry = log(store).await[1].read().unwrap();
    assert_eq!(entry, entry_of(&bad));
}

fn entry_of(decision: &Decision) -> LogEntry {
    let key = decision.key.clone();
    LogEntry {
        time: decision.decided_at,
        project: key.project,
        filename: key.filename,
        sha256: key.sha256,
        index: decision.upstream.clone(),
        admission: decision.admission,
        rule: decision.rule.clone(),
        reason: decision.reason.clone(),
        policy: key.policy,
        shadow: false,
        evidence: key.evidence,
        next_change: decision.next_change_at,
    }
}

pub(crate) async fn a_verdict_that_changes_is_logged_again(store: &dyn Store) {
    let refused = decision("a-1.tar.gz", Refused, Some("recent-release"));
    let admitted = Decision {
        decided_at: day(8),
        ..decision("a-1.tar.gz", Admitted, None)
    };
    let mut other_policy = admitted.clone();
    other_policy.key.policy.push_str(" two");
    for (decision, is_new) in [
        (&refused, true),
        (&refused, false),
        (&admitted, true),
        (&admitted, false),
        (&other_policy, true),
    ] {
        let recorded = store.record(vec![decision.clone()]).await.unwrap();
        assert_eq!(matches!(recorded[0], Recorded::New { .. }), is_new);
    }
    let last = store.verdict(refused.key).await.unwrap().unwrap();
    assert_eq!(
        (last.admission, last.decided_at, last.times),
        (Admitted, day(8), 2)
    );
    assert_eq!(log(store).await.len(), 3);
}

pub(crate) async fn a_policy_that_is_only_tried_answers_nothing(store: &dyn Store) {
    let mut tried = decision("a-1.tar.gz", Refused, Some("unlisted-release"));
    let digest = tried.key.policy.clone();
    tried.key.policy = VerdictKey::shadow(&digest);
    assert!(tried.key.is_shadow() && tried.key.policy_digest() == digest);
    // The day on which it decides, its first answer is a new one.
    let decides = decision("a-1.tar.gz", Refused, Some("unlisted-release"));
    for (decision, is_new) in [(&tried, true), (&tried, false), (&decides, true)] {
        let recorded = store.record(vec![decision.clone()]).await.unwrap();
        assert_eq!(matches!(recorded[0], Recorded::New { .. }), is_new);
    }
    let entries: Vec<LogEntry> = log(store)
        .await
        .iter()
        .map(|line| line.read().unwrap())
        .collect();
    let marks: Vec<bool> = entries.iter().map(|entry| entry.shadow).collect();
    assert_eq!(marks, [true, false]);
    assert!(entries.iter().all(|entry| entry.policy == digest));
    // What was written before there were such policies has no such mark.
    assert!(!log(store).await[1].entry.contains("shadow"));
}

pub(crate) async fn the_same_bytes_under_two_names_are_two_files(store: &dyn Store) {
    let one = decision("a-1.tar.gz", Admitted, None);
    let mut other = decision("a-1.tar.gz", Refused, Some("unknown-project"));
    other.key.project = project("copy");
    let recorded = store
        .record(vec![one.clone(), other.clone()])
        .await
        .unwrap();
    assert_eq!(recorded[1], Recorded::New { sequence: 2 });
    assert_eq!(
        store.verdict(one.key).await.unwrap().unwrap().admission,
        Admitted
    );
    assert_eq!(
        store.verdict(other.key).await.unwrap().unwrap().admission,
        Refused
    );
}

pub(crate) async fn a_batch_that_fails_leaves_nothing(store: &dyn Store) {
    let good = decision("a-1.tar.gz", Admitted, None);
    let mut huge = decision("b-1.tar.gz", Refused, Some("recent-release"));
    huge.reason = Some("x".repeat(100_000));
    let error = store.record(vec![good.clone(), huge]).await.unwrap_err();
    assert!(matches!(error, StoreError::TooLarge { .. }), "{error:?}");
    assert_eq!(store.verdict(good.key.clone()).await.unwrap(), None);
    assert!(log(store).await.is_empty());
    assert_eq!(
        store.record(vec![good]).await.unwrap(),
        [Recorded::New { sequence: 1 }]
    );
}

pub(crate) async fn entries_are_a_chain(store: &dyn Store) {
    for number in 0..5 {
        let new = decision(&format!("a-{number}.tar.gz"), Admitted, None);
        store.record(vec![new]).await.unwrap();
    }
    let lines = log(store).await;
    let mut previous = START;
    for (line, sequence) in lines.iter().zip(1..) {
        assert_eq!((line.sequence, line.previous), (sequence, previous));
        assert_eq!(line.hash, line.counted_hash());
        assert_eq!(LogLine::from_json(&line.to_json().unwrap()).unwrap(), *line);
        previous = line.hash;
    }
    let writer = lines[0].writer.clone();
    assert_eq!(store.log(writer, 2, 2).await.unwrap(), lines[2..4]);
}

pub(crate) async fn totals_count_what_is_there(store: &dyn Store) {
    let totals = async || {
        let totals = store.totals().await.unwrap();
        (totals.log_entries, totals.incidents)
    };
    assert_eq!(totals().await, (0, 0));
    let good = decision("a-1.tar.gz", Admitted, None);
    let bad = decision("b-1.tar.gz", Refused, Some("recent-release"));
    store.record(vec![good.clone(), bad]).await.unwrap();
    // A repeat is no entry.
    store.record(vec![good]).await.unwrap();
    for (bytes, at) in [("first", 1), ("other", 2), ("other", 3)] {
        let seen = sighting("a-1.tar.gz", bytes);
        let pinned = store.pin(from("demo", "pypi", at), vec![seen]);
        pinned.await.unwrap();
    }
    assert_eq!(totals().await, (2, 1));
    assert_eq!(store.totals().await.unwrap().waiting, 0);
}
