//! What is damaged, missing, or stored in another way is an error, and never another answer.

use std::fs;
use std::path::{Path, PathBuf};

use pinproof_sources::git::{GitError, Limits, Repository};

use crate::made::Made;

#[test]
fn a_folder_without_repository() {
    let folder = tempfile::tempdir().unwrap();
    let error = Repository::discover(folder.path(), Limits::default()).unwrap_err();
    assert!(
        matches!(error, GitError::NotARepository { .. }),
        "{error:?}"
    );
    assert!(
        error.to_string().ends_with("is in no git repository"),
        "{error}"
    );
    fs::create_dir(folder.path().join(".git")).unwrap();
    let error = Repository::discover(folder.path(), Limits::default()).unwrap_err();
    assert!(
        matches!(error, GitError::NotARepository { .. }),
        "{error:?}"
    );
}

#[test]
fn a_repository_without_commits() {
    let Some(made) = Made::new() else { return };
    let error = made.open().resolve("HEAD").unwrap_err();
    assert!(
        matches!(error, GitError::UnknownRevision { .. }),
        "{error:?}"
    );
}

#[test]
fn other_ways_to_store_are_refused_by_name() {
    let Some(made) = Made::init(&["--object-format=sha256"]) else {
        return;
    };
    made.commit_file("a", "1");
    let said = made.try_open().unwrap_err().to_string();
    assert!(
        said.ends_with("it names its objects by SHA-256; only SHA-1 is read"),
        "{said}"
    );
    let Some(made) = Made::new() else { return };
    for (version, extension, said) in [
        ("1", "refStorage=reftable", "reftable"),
        ("1", "somethingNew=true", "extension `somethingnew`"),
        ("2", "noop=1", "newer than version 1"),
    ] {
        let (key, value) = extension.split_once('=').unwrap();
        let config =
            format!("[core]\nrepositoryformatversion = {version}\n[extensions] {key} = {value}\n");
        fs::write(made.path().join(".git/config"), config).unwrap();
        let error = made.try_open().unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn a_partial_clone_says_what_it_lacks() {
    let Some(made) = Made::new() else { return };
    made.git(&["config", "uploadpack.allowFilter", "true"]);
    made.commit_file("a", "1");
    made.commit_file("a", "2");
    let clone = made.cloned(&["--filter=blob:none"]);
    assert_eq!(clone.text("HEAD", "a"), "2");
    let repository = clone.open();
    let tree = repository.resolve("HEAD~1").unwrap().tree;
    let entry = repository.entry(tree, Path::new("a")).unwrap().unwrap();
    let error = repository.read(entry.id).unwrap_err();
    assert!(
        matches!(
            error,
            GitError::Missing {
                is_partial: true,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(error.hint().unwrap().contains("partial clone"));
}

/// The file of a loose object.
fn loose(made: &Made, id: &str) -> PathBuf {
    made.path()
        .join(".git/objects")
        .join(&id[..2])
        .join(&id[2..])
}

fn put(path: &Path, bytes: &[u8]) {
    // git makes its objects read-only.
    if path.exists() {
        fs::remove_file(path).unwrap();
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn an_object_that_is_another_one_is_damaged() {
    let Some(made) = Made::new() else { return };
    made.commit_file("a", "good\n");
    made.commit_file("b", "evil\n");
    let (good, evil) = (
        made.git(&["rev-parse", "HEAD:a"]),
        made.git(&["rev-parse", "HEAD:b"]),
    );
    let evil = fs::read(loose(&made, &evil)).unwrap();
    put(&loose(&made, &good), &evil);
    let repository = made.open();
    let tree = repository.resolve("HEAD").unwrap().tree;
    let entry = repository.entry(tree, Path::new("a")).unwrap().unwrap();
    let error = repository.read(entry.id).unwrap_err();
    assert!(matches!(error, GitError::Damaged { .. }), "{error:?}");
}

/// Every answer from a damaged repository is the right one or an error.
fn never_lies(made: &Made) {
    let read = || -> Result<Vec<u8>, GitError> {
        let repository = made.try_open()?;
        let tree = repository.resolve("HEAD")?.tree;
        let entry = repository.entry(tree, Path::new("requirements.txt"))?;
        repository.read(entry.expect("the tree has it").id)
    };
    if let Ok(bytes) = read() {
        assert_eq!(bytes, b"flask==3.1.0\n");
    }
}

#[test]
fn cut_and_changed_loose_objects_never_lie() {
    let Some(made) = Made::new() else { return };
    made.commit_file("requirements.txt", "flask==3.1.0\n");
    for name in ["HEAD", "HEAD^{tree}", "HEAD:requirements.txt"] {
        let path = loose(&made, &made.git(&["rev-parse", name]));
        let whole = fs::read(&path).unwrap();
        for end in 0..whole.len() {
            put(&path, &whole[..end]);
            never_lies(&made);
        }
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 0x41;
            put(&path, &changed);
            never_lies(&made);
        }
        put(&path, &whole);
    }
}

#[test]
fn cut_and_changed_packs_never_lie() {
    let Some(made) = Made::new() else { return };
    made.commit_file("requirements.txt", "flask==3.1.0\n");
    made.git(&["repack", "-adq"]);
    let folder = made.path().join(".git/objects/pack");
    let files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    for path in files {
        let is_read = path
            .extension()
            .is_some_and(|end| end == "pack" || end == "idx");
        if !is_read {
            continue;
        }
        let whole = fs::read(&path).unwrap();
        for at in (0..whole.len()).step_by(7) {
            put(&path, &whole[..at]);
            never_lies(&made);
            let mut changed = whole.clone();
            changed[at] ^= 0x41;
            put(&path, &changed);
            never_lies(&made);
        }
        put(&path, &whole);
    }
}

#[test]
fn garbage_in_small_files_never_lies() {
    let Some(made) = Made::new() else { return };
    made.commit_file("requirements.txt", "flask==3.1.0\n");
    made.git(&["pack-refs", "--all"]);
    let git = made.path().join(".git");
    for name in [
        "HEAD",
        "packed-refs",
        "config",
        "shallow",
        "commondir",
        "objects/info/alternates",
    ] {
        let path = git.join(name);
        let whole = fs::read(&path).ok();
        for garbage in [
            &b""[..],
            b"\0\0\0",
            b"ref: ref: x",
            b"gitdir:\n",
            b"[core\n",
            b"/dev/zero\n",
        ] {
            put(&path, garbage);
            never_lies(&made);
        }
        match whole {
            Some(whole) => put(&path, &whole),
            None => fs::remove_file(&path).unwrap(),
        }
    }
}
