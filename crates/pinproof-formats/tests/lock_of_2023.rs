//! The lock in `examples/lock-of-2023` and the records in `examples/advisories`: what its README says.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the crate is pure; its tests read files, and stop where they fail"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pinproof_core::advisory::Match;
use pinproof_core::{Manifest, ProjectName};
use pinproof_formats::coverage::uncovered;
use pinproof_formats::osv;
use pinproof_formats::requirements_txt::parse;

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

fn lock() -> Manifest {
    let text = std::fs::read_to_string(examples().join("lock-of-2023/requirements.txt")).unwrap();
    let manifest = parse(&text, &|_| None);
    assert_eq!(uncovered(&manifest, &text), []);
    assert_eq!(manifest.not_understood, []);
    manifest
}

#[test]
fn every_line_is_an_exact_pin_with_hashes() {
    let lock = lock();
    assert_eq!(lock.requirements.len(), 298);
    for requirement in &lock.requirements {
        let is_locked = requirement.pin().is_some() && requirement.has_strong_hash();
        assert!(is_locked, "{requirement:?}");
    }
}

#[test]
fn the_carried_records_are_about_some_of_it() {
    let lock = lock();
    let pin = |name: &ProjectName| {
        let mut of_it = lock
            .requirements
            .iter()
            .filter(|r| r.name.as_ref() == Some(name));
        of_it.next()?.pin()
    };
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(examples().join("advisories")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        for (name, advisory) in osv::parse(&std::fs::read(path).unwrap()).advisories {
            let is_affected =
                pin(&name).is_some_and(|pin| matches!(advisory.affects(pin), Match::Yes(_)));
            if is_affected && advisory.withdrawn.is_none() {
                found.insert((name, advisory.id));
            }
        }
    }
    let projects: BTreeSet<_> = found.iter().map(|(name, _)| name).collect();
    assert_eq!((found.len(), projects.len()), (12, 9), "{found:#?}");
}
