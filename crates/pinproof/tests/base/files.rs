//! A file as base: it stands in for the one input.

use crate::support::{Index, Sandbox};
use crate::{releases, repository, unhashed};

#[test]
fn an_older_file_stands_in_for_the_one_that_is_named() {
    let index = Index::with(&releases());
    let sandbox = Sandbox::with_requirements(&unhashed(&releases()));
    sandbox.write("old.txt", unhashed(&releases()[1..]));
    let ran = sandbox.check(&index, &["--base", "old.txt", "requirements.txt"]);
    ran.ends_with(1)
        .says("error[unhashed-requirement]: `flask` is pinned, but has no hash")
        .says("already in old.txt, not counted: 5 denied");
    let json = ["--base", "old.txt", "requirements.txt", "--format", "json"];
    let json = sandbox.check(&index, &json).json();
    assert_eq!(json["base"]["name"], "old.txt");
    assert!(json["base"]["commit"].is_null());
    let absolute = sandbox.project().join("old.txt");
    let absolute = absolute.to_str().unwrap();
    sandbox
        .check(&index, &["--base", absolute, "requirements.txt"])
        .ends_with(1);
}

#[test]
fn a_file_is_compared_with_one_named_file_only() {
    let index = Index::with(&releases());
    let sandbox = Sandbox::with_requirements(&unhashed(&releases()));
    sandbox.write("old.txt", unhashed(&releases()));
    sandbox.write("empty/x", "");
    for paths in [
        &["."][..],
        &[],
        &["requirements.txt", "old.txt"],
        &["nowhere.txt"],
    ] {
        let args = [&["--base", "old.txt"], paths].concat();
        sandbox
            .check(&index, &args)
            .ends_with(2)
            .notes("one named file only")
            .notes("hint: ");
    }
    sandbox
        .check(
            &index,
            &["--base", "./requirements.txt", "requirements.txt"],
        )
        .ends_with(2)
        .notes("is the input itself");
    sandbox
        .check(&index, &["--base", "./nowhere.txt", "requirements.txt"])
        .ends_with(2)
        .notes("there is no such file");
}

#[test]
fn what_may_be_a_file_and_a_revision_is_refused() {
    let Some((index, sandbox)) = repository() else {
        return;
    };
    sandbox.write("main", unhashed(&releases()));
    let with = |base: &str| sandbox.check(&index, &["--base", base, "requirements.txt"]);
    with("main")
        .ends_with(2)
        .notes("`main` is a file and a revision")
        .notes("./main");
    with("./main").ends_with(0).says("already in ./main,");
    with("refs/heads/main")
        .ends_with(0)
        .says("already in refs/heads/main (");
}
