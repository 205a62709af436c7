//! What is there today, whether it is committed or not.

use crate::support::Sandbox;
use crate::{BAD, exposed, repository};

#[test]
fn a_lock_that_is_not_committed_counts() {
    let Some(sandbox) = repository("requirements.txt", &["litellm==1.82.7\n"]) else {
        return;
    };
    exposed(&sandbox, &[]).ends_with(0);
    sandbox.write("requirements.txt", BAD);
    exposed(&sandbox, &[])
        .ends_with(1)
        .says("requirements.txt: litellm 1.82.8: in the working tree, not committed, still there\n")
        .says("1 place had it, 1 still does");
    exposed(&sandbox, &["--all-refs"]).ends_with(1);
    let json = exposed(&sandbox, &["--format", "json"]).json();
    let presence = &json["sightings"][0]["presence"];
    assert_eq!(presence["came"]["commit"], serde_json::Value::Null);
    assert_eq!(presence["versions"], 0);
    sandbox.git(&["checkout", "-q", "--", "."]);
    sandbox.write("service/requirements.txt", BAD);
    exposed(&sandbox, &[])
        .ends_with(1)
        .says("service/requirements.txt: litellm 1.82.8: in the working tree, not committed");
}

#[test]
fn a_fix_that_is_not_committed_is_told() {
    let Some(sandbox) = repository("requirements.txt", &["litellm==1.82.8\n"]) else {
        return;
    };
    sandbox.write("requirements.txt", "litellm==1.82.9\n");
    exposed(&sandbox, &[])
        .ends_with(1)
        .says("came 2026-03-01T12:00:00Z")
        .says(
            ", gone from the working tree, not committed, in 1 version of the file; then 1.82.9\n",
        )
        .says("0 still do");
    // The branch has it, whatever is checked out.
    exposed(&sandbox, &["--all-refs"])
        .ends_with(1)
        .says("still there");
    // A sparse checkout lacks files, too.
    std::fs::remove_file(sandbox.project().join("requirements.txt")).unwrap();
    exposed(&sandbox, &[]).ends_with(1).says("still there");
}

#[test]
fn the_same_file_is_no_news() {
    let Some(sandbox) = repository("requirements.txt", &["litellm==1.82.8\n"]) else {
        return;
    };
    let committed = exposed(&sandbox, &[]);
    sandbox.write("requirements.txt", "# a comment\nlitellm==1.82.8\n");
    assert_eq!(exposed(&sandbox, &[]).stdout, committed.stdout);
}

#[test]
fn a_repository_without_a_commit_has_files_already() {
    let sandbox = Sandbox::new();
    if sandbox.init().is_none() {
        return;
    }
    sandbox.write("requirements.txt", BAD);
    exposed(&sandbox, &[])
        .ends_with(1)
        .says("in the working tree, not committed");
    sandbox.write("requirements.txt", "flask==1.0\n");
    exposed(&sandbox, &[]).ends_with(3);
}

#[test]
fn repositories_and_environments_inside_are_not_of_it() {
    let Some(sandbox) = repository("requirements.txt", &["flask==1.0\n"]) else {
        return;
    };
    sandbox.write("other/.git/HEAD", "ref: refs/heads/main\n");
    sandbox.write("other/requirements.txt", BAD);
    sandbox.write("my-env/pyvenv.cfg", "");
    sandbox.write("my-env/requirements.txt", BAD);
    sandbox.write("node_modules/x/requirements.txt", BAD);
    exposed(&sandbox, &[]).ends_with(0);
}

#[test]
fn what_is_not_understood_is_a_gap_there_too() {
    let Some(sandbox) = repository("requirements.txt", &["flask==1.0\n"]) else {
        return;
    };
    for (path, text) in [
        ("uv.lock", "[[package]]\nname = \"litellm\"\n"),
        ("requirements.in", "litellm\n"),
    ] {
        sandbox.write(path, text);
        exposed(&sandbox, &[]).ends_with(3).says(path);
        std::fs::remove_file(sandbox.project().join(path)).unwrap();
    }
    exposed(&sandbox, &[]).ends_with(0);
}
