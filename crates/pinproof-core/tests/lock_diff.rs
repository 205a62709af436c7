//! Two locks side by side.

#![expect(
    clippy::unwrap_used,
    reason = "the texts of the tests are what they say they are"
)]

use std::collections::BTreeSet;

use pinproof_core::lock_diff::{ChangeKind, Pin, diff};
use pinproof_core::{Hash, HashAlgorithm, Printable, Version};
use proptest::prelude::*;

fn hash(algorithm: HashAlgorithm, digit: char) -> Hash {
    Hash::new(algorithm, &digit.to_string().repeat(algorithm.hex_len())).unwrap()
}

/// `flask==3.1 ab`: a name, a version, and a SHA-256 for each digit.
fn pin(text: &str) -> Pin {
    let (name, rest) = text.split_once("==").unwrap();
    let (version, digits) = rest.split_once(' ').unwrap_or((rest, ""));
    Pin {
        project: name.parse().unwrap(),
        version: version.parse().unwrap(),
        url: None,
        hashes: digits
            .chars()
            .map(|digit| hash(HashAlgorithm::Sha256, digit))
            .collect(),
    }
}

fn pins(texts: &[&str]) -> Vec<Pin> {
    texts.iter().map(|text| pin(text)).collect()
}

fn versions(texts: &[&str]) -> BTreeSet<Version> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn kinds(old: &[Pin], new: &[Pin]) -> Vec<(String, ChangeKind)> {
    let changes = diff(old, new).into_iter();
    changes
        .map(|change| (change.project.to_string(), change.kind))
        .collect()
}

#[test]
fn projects_come_go_change_and_stay() {
    let old = pins(&["b==1 a", "gone==2", "a==1.0 a", "two==1", "two==2 a"]);
    let new = pins(&["new==3", "b==1.0 a", "a==1.1 b", "two==2 a", "two==3"]);
    let kept = |version: &str| ChangeKind::Kept(version.parse().unwrap());
    let changed = |old: &str, new: &str| ChangeKind::Changed {
        old: versions(&[old]),
        new: versions(&[new]),
    };
    assert_eq!(
        kinds(&old, &new),
        [
            ("a".to_owned(), changed("1", "1.1")),
            ("b".to_owned(), kept("1")),
            ("gone".to_owned(), ChangeKind::Removed(versions(&["2"]))),
            ("new".to_owned(), ChangeKind::Added(versions(&["3"]))),
            ("two".to_owned(), changed("1", "3")),
            ("two".to_owned(), kept("2")),
        ]
    );
}

/// The one change between two pins of the same release, and whether it is alarming.
fn rehashed(old: &Pin, new: &Pin) -> (String, bool) {
    let [(_, kind)] = &kinds(std::slice::from_ref(old), std::slice::from_ref(new))[..] else {
        panic!("one change")
    };
    let said = match kind {
        ChangeKind::Kept(_) => "kept".to_owned(),
        ChangeKind::Rehashed { gone, come, .. } => format!("-{} +{}", gone.len(), come.len()),
        other => format!("{other:?}"),
    };
    (said, kind.is_alarming())
}

#[test]
fn other_bytes_under_the_same_version_are_alarming() {
    for (old, new, said, is_alarming) in [
        ("a==1 ab", "a==1 ba", "kept", false),
        ("a==1 ab", "a==1 abc", "-0 +1", false),
        ("a==1 ab", "a==1 a", "-1 +0", true),
        ("a==1 ab", "a==1 ac", "-1 +1", true),
        ("a==1", "a==1 ab", "-0 +2", false),
        ("a==1 ab", "a==1", "-2 +0", true),
        ("a==1", "a==1", "kept", false),
    ] {
        assert_eq!(
            rehashed(&pin(old), &pin(new)),
            (said.to_owned(), is_alarming),
            "{old} {new}"
        );
    }
}

#[test]
fn another_algorithm_is_not_another_file() {
    let (short, mut both, mut long) = (pin("a==1 a"), pin("a==1 a"), pin("a==1"));
    both.hashes.insert(hash(HashAlgorithm::Sha512, 'a'));
    long.hashes.insert(hash(HashAlgorithm::Sha512, 'a'));
    assert_eq!(rehashed(&short, &both), ("kept".to_owned(), false));
    assert_eq!(rehashed(&both, &short), ("kept".to_owned(), false));
    // Nothing says that these are the same files, and nothing that they are not.
    assert_eq!(rehashed(&short, &long), ("-0 +1".to_owned(), false));
}

#[test]
fn a_release_that_moves_is_alarming() {
    let old = pin("a==1 a");
    let mut new = old.clone();
    new.url = Some(Printable::new("https://elsewhere.example/a-1.zip"));
    let kinds = kinds(&[old], &[new]);
    let [
        (
            _,
            kind @ ChangeKind::Moved {
                old: None,
                new: Some(_),
                ..
            },
        ),
    ] = &kinds[..]
    else {
        panic!("{kinds:?}")
    };
    assert!(kind.is_alarming());
}

proptest! {
    #[test]
    fn nothing_is_lost_and_the_way_back_is_the_mirror(
        old in proptest::collection::vec("[ab]==[12] [a-c]{0,2}", 0..6),
        new in proptest::collection::vec("[ab]==[12] [a-c]{0,2}", 0..6),
    ) {
        let read = |texts: &[String]| texts.iter().map(|text| pin(text)).collect::<Vec<_>>();
        let (old, new) = (read(&old), read(&new));
        let (there, back) = (diff(&old, &new), diff(&new, &old));
        prop_assert_eq!(there.len(), back.len());
        let mut named = BTreeSet::new();
        for change in &there {
            let versions: Vec<Version> = match &change.kind {
                ChangeKind::Added(versions) | ChangeKind::Removed(versions) => versions.iter().cloned().collect(),
                ChangeKind::Changed { old, new } => old.union(new).cloned().collect(),
                ChangeKind::Kept(version)
                | ChangeKind::Rehashed { version, .. }
                | ChangeKind::Moved { version, .. } => vec![version.clone()],
            };
            for version in versions {
                prop_assert!(named.insert((change.project.clone(), version)), "named twice");
            }
        }
        let all: BTreeSet<_> = old.iter().chain(&new).map(|pin| (pin.project.clone(), pin.version.clone())).collect();
        prop_assert_eq!(named, all);
        prop_assert!(diff(&old, &old).iter().all(|change| matches!(change.kind, ChangeKind::Kept(_))));
    }
}
