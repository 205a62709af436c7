//! Names of commits: what git understands by them, and what to do where there is none.

use pinproof_sources::git::GitError;

use crate::made::Made;

#[test]
fn names_mean_what_git_means() {
    let Some(made) = Made::new() else { return };
    let first = made.commit_file("a", "1");
    made.git(&["tag", "v1.0"]);
    made.commit_file("a", "2");
    made.git(&["tag", "--annotate", "-m", "a tag", "v1.1"]);
    made.git(&[
        "tag",
        "--annotate",
        "-m",
        "a tag of a tag",
        "v1.1-again",
        "v1.1",
    ]);
    made.git(&["switch", "-q", "-c", "feature/x", &first]);
    made.commit_file("b", "3");
    made.git(&["switch", "-q", "main"]);
    made.git(&["merge", "-q", "--no-ff", "-m", "a merge", "feature/x"]);
    made.git(&["update-ref", "refs/remotes/origin/main", "HEAD~1"]);
    made.git(&[
        "symbolic-ref",
        "refs/remotes/origin/HEAD",
        "refs/remotes/origin/main",
    ]);
    let repository = made.open();
    let (short, long) = (&first[..7], first.as_str());
    for revision in [
        "HEAD",
        "@",
        "main",
        "feature/x",
        "heads/feature/x",
        "refs/heads/main",
        "origin/main",
        "origin",
        "v1.0",
        "v1.1",
        "v1.1-again",
        "v1.1-again^{commit}",
        "v1.1^{}",
        "HEAD~1",
        "HEAD^",
        "HEAD^2",
        "HEAD^2~1",
        "@~2",
        "main^^",
        "v1.1^0",
        short,
        long,
        "HEAD~0",
    ] {
        let expected = made.git(&["rev-parse", &format!("{revision}^{{commit}}")]);
        let found = repository.resolve(revision);
        assert_eq!(found.unwrap().id.to_string(), expected, "{revision}");
    }
    let time = repository.resolve("v1.0").unwrap().time;
    assert_eq!(time.to_string(), "2026-01-02T12:00:00Z");
}

#[test]
fn fetch_head_is_a_name_too() {
    let Some(made) = Made::new() else { return };
    let first = made.commit_file("a", "1");
    let clone = made.cloned(&[]);
    clone.git(&["fetch", "-q", "origin", "main"]);
    let found = clone.open().resolve("FETCH_HEAD");
    assert_eq!(found.unwrap().id.to_string(), first);
}

#[test]
fn what_does_not_exist_is_an_error_with_advice() {
    let Some(made) = Made::new() else { return };
    made.commit_file("a", "1");
    let blob = made.git(&["rev-parse", "HEAD:a"]);
    made.git(&["tag", "a-file", &blob]);
    let repository = made.open();
    let error = |revision: &str| repository.resolve(revision).unwrap_err();
    assert!(matches!(error("nowhere"), GitError::UnknownRevision { .. }));
    assert!(matches!(error("abcdef1"), GitError::UnknownRevision { .. }));
    assert!(matches!(error(&"0".repeat(40)), GitError::Missing { .. }));
    assert!(matches!(
        error("HEAD~1"),
        GitError::TooOld {
            is_shallow: false,
            ..
        }
    ));
    assert!(matches!(error("HEAD^2"), GitError::TooOld { .. }));
    assert!(matches!(error("HEAD@{1}"), GitError::BadRevision { .. }));
    assert!(matches!(
        error("--upload-pack=x"),
        GitError::BadRevision { .. }
    ));
    assert_eq!(
        error("a-file").to_string(),
        "`a-file` is a file, not a commit"
    );
    let hint = error("origin/main").hint().unwrap();
    assert!(
        hint.contains("git fetch --depth=1 origin main:refs/remotes/origin/main"),
        "{hint}"
    );
    assert!(error("../../etc/passwd").hint().is_some());
}

#[test]
fn a_shallow_clone_says_what_it_lacks_and_how_to_get_it() {
    let Some(made) = Made::new() else { return };
    made.commit_file("a", "1");
    made.commit_file("a", "2");
    made.git(&["switch", "-q", "-c", "change"]);
    made.commit_file("a", "3");
    let clone = made.cloned(&["--depth=1", "--branch=change"]);
    let repository = clone.open();
    assert!(repository.is_shallow());
    let error = repository.resolve("origin/main").unwrap_err();
    assert_eq!(
        error.to_string(),
        "this clone has no `origin/main`: it is shallow"
    );
    let hint = error.hint().unwrap();
    let error = repository.resolve("HEAD~1").unwrap_err();
    assert!(
        matches!(
            error,
            GitError::TooOld {
                is_shallow: true,
                ..
            }
        ),
        "{error:?}"
    );
    // The advice is run as it is written.
    let command = hint
        .split('`')
        .nth(1)
        .unwrap()
        .strip_prefix("git ")
        .unwrap();
    clone.git(&command.split(' ').collect::<Vec<_>>());
    assert_eq!(clone.text("origin/main", "a"), "2");
}

#[test]
fn a_short_id_that_fits_several_commits_is_refused() {
    let Some(made) = Made::new() else { return };
    let mut ids: Vec<String> = Vec::new();
    let pair = loop {
        let id = made.git(&[
            "commit-tree",
            "-m",
            &ids.len().to_string(),
            &empty_tree(&made),
        ]);
        if let Some(other) = ids.iter().find(|other| other[..4] == id[..4]) {
            break (other.clone(), id);
        }
        assert!(ids.len() < 3_000, "no two ids begin with the same digits");
        ids.push(id);
    };
    let repository = made.open();
    let error = repository.resolve(&pair.0[..4]).unwrap_err();
    assert!(matches!(error, GitError::AmbiguousId { .. }), "{error:?}");
    let common = pair
        .0
        .bytes()
        .zip(pair.1.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    let found = repository.resolve(&pair.0[..=common]).unwrap();
    assert_eq!(found.id.to_string(), pair.0);
}

fn empty_tree(made: &Made) -> String {
    made.git(&["write-tree"])
}
