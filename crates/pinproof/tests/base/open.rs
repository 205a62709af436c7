//! Open questions: never let through because of what the answer might have been.

use crate::support::{Index, Mood, Release, Sandbox};

fn silent() -> Index {
    Index::in_mood(Mood::Status(503), &[])
}

fn flask() -> Release {
    Release::new("flask", "1.0")
}

#[test]
fn a_silent_index_does_not_stop_a_branch_that_changes_nothing_judged() {
    let internal = Release::new("acme-web", "1.0");
    let sandbox = Sandbox::with_requirements(&(flask().locked() + &internal.locked()));
    let corp = silent();
    let policy = format!(
        "[[index]]\nname = \"corp\"\nurl = \"{}\"\nonly = [\"acme-*\"]\n\n[rules]\nname-outside-namespace = \"allow\"\n",
        corp.url()
    );
    sandbox.write("pinproof.toml", policy);
    if sandbox.init().is_none() {
        return;
    }
    sandbox.commit();
    sandbox.write("README.md", "better\n");
    let index = Index::with(&[flask()]);
    sandbox.check(&index, &[]).ends_with(3);
    let ran = sandbox.check(&index, &["--base", "HEAD"]);
    ran.ends_with(0).says("unanswered, and as it was");
    let json = sandbox
        .check(&index, &["--base", "HEAD", "--format", "json"])
        .json();
    assert_eq!(json["questions"][0]["baseline"], "existing");
    assert_eq!(json["summary"]["unanswered"], 0);
}

/// What nobody could judge is no pass, whatever the base was.
#[test]
fn a_run_that_judges_nothing_is_no_pass_with_a_base_either() {
    let sandbox = Sandbox::with_requirements(&flask().locked());
    if sandbox.init().is_none() {
        return;
    }
    sandbox.commit();
    let ran = sandbox.check(&silent(), &["--base", "HEAD"]);
    ran.ends_with(3).says("unanswered, and as it was");
}

#[test]
fn a_silent_index_stops_a_branch_that_changes_anything_judged() {
    let sandbox = Sandbox::with_requirements(&flask().locked());
    if sandbox.init().is_none() {
        return;
    }
    sandbox.commit();
    sandbox.write(
        "requirements.txt",
        format!("# a comment\n{}", flask().locked()),
    );
    sandbox.check(&silent(), &["--base", "HEAD"]).ends_with(3);
    sandbox.git(&["checkout", "-q", "."]);
    sandbox.write(
        "requirements-dev.txt",
        Release::new("click", "1.0").locked(),
    );
    sandbox.check(&silent(), &["--base", "HEAD"]).ends_with(3);
}

#[test]
fn text_that_nobody_understands_is_as_it_was_in_a_file_with_the_same_bytes() {
    let index = Index::with(&[flask(), Release::new("click", "1.0")]);
    let sandbox = Sandbox::with_requirements(&format!("{}=== what ===\n", flask().locked()));
    if sandbox.init().is_none() {
        return;
    }
    sandbox.commit();
    sandbox.check(&index, &[]).ends_with(3);
    sandbox.write(
        "requirements-dev.txt",
        Release::new("click", "1.0").locked(),
    );
    sandbox.check(&index, &["--base", "HEAD"]).ends_with(0);
    sandbox.write(
        "requirements.txt",
        format!("{}=== what ===\n# x\n", flask().locked()),
    );
    sandbox.check(&index, &["--base", "HEAD"]).ends_with(3);
}

#[test]
fn a_finding_where_the_base_has_no_answer_counts() {
    // The base asks about a project of an index that is silent, the branch about one that answers.
    let index = Index::with(&[flask()]);
    let silent = silent();
    let with = |index: &Index| format!("--index-url {}\nflask==1.0\n", index.url());
    let sandbox = Sandbox::with_requirements(&with(&silent));
    if sandbox.init().is_none() {
        return;
    }
    sandbox.commit();
    let missing = with(&index).replace("==1.0", "==9.0 --hash=sha256:") + &"a".repeat(64) + "\n";
    sandbox.write("requirements.txt", missing.replace(":\n", ":"));
    let ran = sandbox.check_as_configured(&["--base", "HEAD"], &[]);
    ran.ends_with(1).says("unknown-release");
}
