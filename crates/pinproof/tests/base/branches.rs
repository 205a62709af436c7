//! P1: a pull request is red only for what it brings.

use serde_json::json;

use crate::support::{Index, Release, Sandbox};
use crate::{releases, repository, unhashed};

#[test]
fn a_branch_that_changes_documentation_only_is_green() {
    let Some((index, sandbox)) = repository() else {
        return;
    };
    sandbox.write("README.md", "better\n");
    sandbox.commit();
    sandbox.check(&index, &[]).ends_with(1);
    let ran = sandbox.check(&index, &["--base", "main"]);
    ran.ends_with(0)
        .says("already in main (")
        .says("), not counted: 6 denied\n  deny  unhashed-requirement  requirements.txt: ")
        .says("flask, ")
        .says(" and 3 more\n")
        .says("PASSED  0 denied, 0 warned, 0 ignored, 0 unanswered, 6 already there\n")
        .never_says("error[");
}

#[test]
fn a_branch_that_adds_one_is_red_for_that_one() {
    let Some((index, sandbox)) = repository() else {
        return;
    };
    let index_with_more = Index::with(&[releases(), vec![Release::new("evil", "1.0")]].concat());
    drop(index);
    let lock = format!(
        "# a comment moves every line\nevil==1.0\n{}",
        unhashed(&releases())
    );
    sandbox.write("requirements.txt", lock);
    let ran = sandbox.check(&index_with_more, &["--base", "main"]);
    ran.ends_with(1)
        .says("error[unhashed-requirement]: `evil` is pinned, but has no hash")
        .says("FAILED  1 denied")
        .says("6 already there");
    let json = sandbox
        .check(&index_with_more, &["--base", "main", "--format", "json"])
        .json();
    assert_eq!(json["base"]["name"], "main");
    assert_eq!(
        json["base"]["commit"],
        sandbox.git(&["rev-parse", "main"]).as_str()
    );
    assert_eq!(json["summary"]["denied"], 1);
    assert_eq!(json["summary"]["existing"], 6);
    let states: Vec<_> = json["findings"].as_array().unwrap().iter().collect();
    assert_eq!(states.len(), 7);
    assert_eq!(states[0]["baseline"], "new");
    assert_eq!(states[0]["project"], "evil");
    assert!(
        states[1..]
            .iter()
            .all(|finding| finding["baseline"] == "existing")
    );
    sandbox
        .check(&index_with_more, &["--base", "main", "--format", "concise"])
        .says("already in main (")
        .says("), not counted: 6 denied\n");
}

#[test]
fn without_a_base_nothing_has_a_state() {
    let Some((index, sandbox)) = repository() else {
        return;
    };
    let json = sandbox.check(&index, &["--format", "json"]).json();
    assert_eq!(json["base"], json!(null));
    assert_eq!(json["findings"][0]["baseline"], json!(null));
    assert_eq!(json["summary"]["existing"], 0);
}

#[test]
fn a_mended_finding_is_gone_and_a_new_file_is_new() {
    let Some((index, sandbox)) = repository() else {
        return;
    };
    let (hashed, rest) = releases()
        .split_first()
        .map(|(a, b)| (a.locked(), unhashed(b)))
        .unwrap();
    sandbox.write("requirements.txt", format!("{hashed}{rest}"));
    sandbox
        .check(&index, &["--base", "main"])
        .ends_with(0)
        .says("5 already there");
    sandbox.write("requirements-dev.txt", "flask==1.0\n");
    sandbox
        .check(&index, &["--base", "main"])
        .ends_with(1)
        .says("requirements-dev.txt")
        .says("FAILED  1 denied");
}

#[test]
fn the_variable_and_every_kind_of_name_do_the_same() {
    let Some((index, sandbox)) = repository() else {
        return;
    };
    sandbox.write("README.md", "better\n");
    sandbox.commit();
    let id = sandbox.git(&["rev-parse", "main"]);
    sandbox.git(&["tag", "v1", "main"]);
    for base in ["main", "HEAD~1", "@^", "v1", &id, &id[..10]] {
        let ran = sandbox.check(&index, &["--base", base]);
        ran.ends_with(0).says("6 already there");
    }
    let url = index.url();
    let args = ["check", "--index-url", &url, "--as-of", crate::support::NOW];
    sandbox
        .run_with(&args, &[("PINPROOF_BASE", "main")])
        .ends_with(0);
}

#[test]
fn the_configuration_is_that_of_the_branch_for_both() {
    let Some((index, sandbox)) = repository() else {
        return;
    };
    sandbox.write(
        "pinproof.toml",
        "[rules.unhashed-requirement]\nlevel = \"warn\"\n",
    );
    let ran = sandbox.check(&index, &["--base", "main"]);
    ran.ends_with(0).says("not counted: 6 warned");
}

#[test]
fn each_project_is_asked_about_once() {
    let Some((index, sandbox)) = repository() else {
        return;
    };
    sandbox.check(&index, &["--base", "main"]);
    let mut asked = index.asked();
    asked.sort();
    let mut once = asked.clone();
    once.dedup();
    assert_eq!(asked, once);
}

#[test]
fn a_subfolder_of_the_repository_is_compared_with_itself() {
    let index = Index::with(&releases());
    let sandbox = Sandbox::new();
    if sandbox.init().is_none() {
        return;
    }
    sandbox.write("service/requirements.txt", unhashed(&releases()));
    sandbox.commit();
    sandbox.write("other/requirements.txt", "flask==1.0\n");
    sandbox
        .check(&index, &["--base", "HEAD", "service"])
        .ends_with(0)
        .says("6 already there");
    let both = [
        "--base",
        "HEAD",
        "service/requirements.txt",
        "other/requirements.txt",
    ];
    sandbox
        .check(&index, &both)
        .ends_with(1)
        .says("1 denied")
        .says("6 already there");
}
