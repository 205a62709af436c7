//! "Is this a lock file?", for every kind of answer.

use pinproof_core::manifest::{Header, Origin};

use super::fixtures::{Project, needs};
use crate::Evidence;
use crate::Policy;
use crate::lock_status::{LockKind, LockStatus};

/// Metadata of `a`, `b` and `c` in version 1, none of which needs anything.
fn evidence() -> Evidence {
    let mut evidence = Evidence::default();
    for project in ["a", "b", "c"] {
        needs(&mut evidence, project, "1", &[]);
    }
    evidence
}

fn status(project: &Project) -> LockStatus {
    LockStatus::of(&project.file(), &evidence(), &Policy::default())
}

fn kind(text: &str) -> LockKind {
    status(&Project::of(text)).kind
}

#[test]
fn every_kind() {
    assert_eq!(kind(""), LockKind::Empty);
    assert_eq!(kind("a\nb>=1\n"), LockKind::Ranges);
    assert_eq!(kind("a==1 # ab\nb>=1\n"), LockKind::PartlyPinned);
    assert_eq!(kind("a==1\nb==1\n"), LockKind::PinnedWithoutHashes);
    assert_eq!(kind("a==1 # ab\nb==1\n"), LockKind::PartlyHashed);
    assert_eq!(kind("a==1 # ab\nb==1 # cd\n"), LockKind::Lock);
    assert_eq!(kind("a==1 # ab\nunasked==1 # cd\n"), LockKind::UnknownTree);
}

#[test]
fn a_missing_dependency_is_counted() {
    let mut evidence = evidence();
    needs(&mut evidence, "a", "1", &["b", "z"]);
    let project = Project::of("a==1 # ab\nb==1 # cd\n");
    let status = LockStatus::of(&project.file(), &evidence, &Policy::default());
    assert_eq!(status.kind, LockKind::IncompleteTree);
    assert_eq!(status.missing, 1);
    assert_eq!(status.unneeded, None);
}

#[test]
fn leftovers_are_counted_where_the_inputs_are_known() {
    let project = Project::with_inputs("a==1 # ab\nb==1 # cd\n", "a\n");
    assert_eq!(status(&project).unneeded, Some(1));
}

#[test]
fn a_commit_stands_for_a_hash_and_is_counted_apart() {
    let mut project = Project::of("a==1 # ab\nb==1\n");
    project.manifest.requirements[1].origin = Origin::Vcs {
        shown: "https://git.example/b".into(),
        revision: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
        is_open: false,
    };
    let status = status(&project);
    assert_eq!((status.pinned, status.hashed, status.by_commit), (2, 1, 1));
    // What the repository needs, only a build would tell.
    assert_eq!(status.kind, LockKind::UnknownTree);
}

/// A hashed file of this machine does not make up for a requirement without a hash.
#[test]
fn a_local_file_is_not_counted_as_hashed() {
    let mut project = Project::of("a==1\nb==1 # cd\n");
    project.manifest.requirements[1].origin = Origin::Path("./b-1-py3-none-any.whl".to_owned());
    let status = status(&project);
    assert_eq!((status.local, status.hashed), (1, 0));
    assert_eq!(status.kind, LockKind::PinnedWithoutHashes);
}

#[test]
fn pip_freeze_is_known_by_what_it_does_not_write() {
    let is_freeze = |text: &str| status(&Project::of(text)).is_freeze_output;
    assert!(is_freeze("a==1\nb==1\nc==1\n"));
    // Sorted by the normalized name, written as the authors write it.
    assert!(is_freeze(
        "click==1\nFlask==1\nruamel.yaml==1\nruamel-yaml-clib==1\nZope==1\n"
    ));
    assert!(!is_freeze("b==1\na==1\nc==1\n"), "not sorted");
    assert!(!is_freeze("a==1\nb==1\n"), "too short to tell");
    assert!(!is_freeze("a==1\nb>=1\nc==1\n"), "a range");
    assert!(!is_freeze("a==1 # ab\nb==1\nc==1\n"), "a hash");
    assert!(
        !is_freeze("a==1\nb==1 ; python_version < '4'\nc==1\n"),
        "a marker"
    );
    let mut compiled = Project::of("a==1\nb==1\nc==1\n");
    compiled.manifest.header = Some(Header::default());
    assert!(!status(&compiled).is_freeze_output, "a head");
}
