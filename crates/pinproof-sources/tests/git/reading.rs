//! What a commit holds: loose and packed, shared and linked, links and submodules.

use std::path::Path;

use pinproof_sources::git::{EntryKind, GitError, Limits, Repository};

use crate::made::Made;

#[test]
fn files_are_read_as_they_were_committed() {
    let Some(made) = Made::new() else { return };
    made.commit_file("requirements/main.txt", "flask==3.1.0\n");
    made.commit_file("requirements/main.txt", "flask==3.1.1\n");
    made.write("requirements/main.txt", "flask==3.1.2\n");
    assert_eq!(
        made.text("HEAD~1", "requirements/main.txt"),
        "flask==3.1.0\n"
    );
    assert_eq!(made.text("HEAD", "requirements/main.txt"), "flask==3.1.1\n");
}

#[test]
fn packs_with_deltas_and_packed_refs_are_read() {
    let Some(made) = Made::new() else { return };
    let long: String = (0..500).map(|at| format!("project{at}==1.0\n")).collect();
    for at in 0..20 {
        made.commit_file("requirements.txt", &format!("{long}last=={at}\n"));
    }
    made.git(&["tag", "v1"]);
    made.git(&["repack", "-adfq", "--depth=50"]);
    made.git(&["pack-refs", "--all"]);
    made.git(&["prune-packed"]);
    assert!(!made.path().join(".git/refs/heads/main").exists());
    for (revision, last) in [("main", 19), ("v1~19", 0), ("HEAD~7", 12)] {
        let text = made.text(revision, "requirements.txt");
        assert_eq!(text, format!("{long}last=={last}\n"), "{revision}");
    }
}

#[test]
fn objects_of_alternates_are_read() {
    let Some(made) = Made::new() else { return };
    made.commit_file("requirements.txt", "flask==3.1.0\n");
    let own = made.path().display().to_string();
    let shared = made.beside("shared");
    made.git(&["clone", "-q", "--shared", &own, shared.to_str().unwrap()]);
    assert!(shared.join(".git/objects/info/alternates").exists());
    let repository = Repository::discover(&shared, Limits::default()).unwrap();
    let tree = repository.resolve("origin/main").unwrap().tree;
    let entry = repository
        .entry(tree, Path::new("requirements.txt"))
        .unwrap();
    assert_eq!(
        repository.read(entry.unwrap().id).unwrap(),
        b"flask==3.1.0\n"
    );
}

#[test]
fn a_linked_working_tree_has_a_head_of_its_own() {
    let Some(made) = Made::new() else { return };
    made.commit_file("requirements.txt", "flask==3.1.0\n");
    let linked = made.beside("linked");
    made.git(&[
        "worktree",
        "add",
        "-q",
        "-b",
        "other",
        linked.to_str().unwrap(),
    ]);
    made.commit_file("requirements.txt", "flask==3.1.1\n");
    let below = linked.join("not/there/yet");
    let repository = Repository::discover(&below, Limits::default()).unwrap();
    assert_eq!(repository.work_tree(), linked);
    let head = repository.resolve("HEAD").unwrap();
    assert_eq!(head.id, repository.resolve("main~1").unwrap().id);
    assert_ne!(head.id, repository.resolve("main").unwrap().id);
}

#[cfg(unix)]
#[test]
fn links_and_submodules_are_named_and_not_followed() {
    let Some(made) = Made::new() else { return };
    let Some(library) = Made::new() else { return };
    library.commit_file("requirements.txt", "evil==1\n");
    std::os::unix::fs::symlink("/etc/passwd", made.path().join("linked.txt")).unwrap();
    std::os::unix::fs::symlink("requirements", made.path().join("folder")).unwrap();
    made.write("requirements/main.txt", "flask==3.1.0\n");
    let url = library.path().display().to_string();
    made.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        &url,
        "library",
    ]);
    made.commit();
    let repository = made.open();
    let tree = repository.resolve("HEAD").unwrap().tree;
    let kind = |path: &str| {
        let entry = repository.entry(tree, Path::new(path)).unwrap();
        entry.map(|entry| entry.kind)
    };
    assert_eq!(kind("linked.txt"), Some(EntryKind::Link));
    assert_eq!(kind("folder"), Some(EntryKind::Link));
    assert_eq!(kind("library"), Some(EntryKind::Submodule));
    assert_eq!(kind("requirements/main.txt"), Some(EntryKind::File));
    for nothing in [
        "folder/main.txt",
        "library/requirements.txt",
        "linked.txt/x",
        "../x",
        "/etc",
    ] {
        assert_eq!(kind(nothing), None, "{nothing}");
    }
    let names: Vec<_> = repository.folder(tree).unwrap();
    let names: Vec<_> = names
        .iter()
        .map(|entry| entry.name.to_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            ".gitmodules",
            "folder",
            "library",
            "linked.txt",
            "requirements"
        ]
    );
    let inside = Repository::discover(&made.path().join("library"), Limits::default()).unwrap();
    assert_eq!(inside.work_tree(), made.path().join("library"));
}

#[test]
fn a_file_above_the_limit_is_an_error_and_not_its_beginning() {
    let Some(made) = Made::new() else { return };
    made.commit_file("requirements.txt", &"x".repeat(2_000));
    let limits = Limits {
        blob_bytes: 1_999,
        ..Limits::default()
    };
    let repository = Repository::discover(made.path(), limits).unwrap();
    let tree = repository.resolve("HEAD").unwrap().tree;
    let entry = repository
        .entry(tree, Path::new("requirements.txt"))
        .unwrap();
    let error = repository.read(entry.unwrap().id).unwrap_err();
    assert!(
        matches!(error, GitError::TooLarge { size: 2_000, .. }),
        "{error:?}"
    );
}

#[test]
fn nothing_that_the_configuration_names_is_run_or_read() {
    let Some(made) = Made::new() else { return };
    made.commit_file("requirements.txt", "flask==3.1.0\n");
    let marker = made.beside("marker");
    let program = format!("touch {}", marker.display());
    for key in [
        "core.fsmonitor",
        "core.sshCommand",
        "filter.x.smudge",
        "diff.x.textconv",
    ] {
        made.git(&["config", key, &program]);
    }
    made.git(&["config", "core.worktree", "/nowhere"]);
    made.git(&["config", "include.path", "/dev/zero"]);
    std::fs::write(
        made.path().join(".git/info/attributes"),
        "* filter=x diff=x\n",
    )
    .unwrap();
    assert_eq!(made.text("HEAD", "requirements.txt"), "flask==3.1.0\n");
    assert_eq!(made.open().work_tree(), made.path());
    assert!(!marker.exists());
}

#[test]
fn replaced_objects_are_read_as_they_were() {
    let Some(made) = Made::new() else { return };
    let first = made.commit_file("requirements.txt", "flask==3.1.0\n");
    let second = made.commit_file("requirements.txt", "flask==3.1.1\n");
    made.git(&["replace", &second, &first]);
    assert_eq!(made.text(&second, "requirements.txt"), "flask==3.1.1\n");
}
