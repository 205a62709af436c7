//! P6: exceptions have a reason, may have an owner and an end, and report themselves.

use crate::support::{Index, Release, Sandbox};

const UNHASHED: &str = "flask==3.1.2\n";

fn sandbox(requirements: &str, ignore: &str) -> (Index, Sandbox) {
    let index = Index::with(&[
        Release::new("flask", "3.1.2"),
        Release::new("click", "8.3.0"),
    ]);
    let sandbox = Sandbox::with_requirements(requirements);
    if !ignore.is_empty() {
        sandbox.write("pinproof.toml", format!("[[ignore]]\n{ignore}"));
    }
    (index, sandbox)
}

#[test]
fn an_exception_covers_its_finding_and_is_counted() {
    let ignore = "rule = \"unhashed-requirement\"\nmatch = \"flask\"\nreason = \"see #812\"\n\
                  owner = \"web team\"\nuntil = 2026-11-01\n";
    let (index, sandbox) = sandbox(UNHASHED, ignore);
    let ran = sandbox.check(&index, &[]);
    ran.ends_with(0).says("0 denied, 0 warned, 1 ignored");
    ran.never_says("error[unhashed-requirement]");
    sandbox
        .check(&index, &["-v"])
        .says("`flask` is pinned, but has no hash (see #812");
    let json = sandbox.check(&index, &["--format", "json"]).json();
    assert_eq!(json["ignored"][0]["reason"], "see #812");
    assert_eq!(
        json["ignored"][0]["finding"]["rule"],
        "unhashed-requirement"
    );
}

#[test]
fn an_exception_for_one_project_is_not_one_for_another() {
    let ignore = "rule = \"unhashed-requirement\"\nmatch = \"click\"\nreason = \"see #812\"\n";
    let (index, sandbox) = sandbox("flask==3.1.2\nclick==8.3.0\n", ignore);
    let ran = sandbox.check(&index, &[]);
    ran.ends_with(1)
        .says("error[unhashed-requirement]: `flask` is pinned, but has no hash");
    ran.says("1 denied, 0 warned, 1 ignored");
}

#[test]
fn without_a_reason_nothing_runs() {
    for reason in ["", "reason = \"\"\n", "reason = \"  \"\n"] {
        let ignore = format!("rule = \"unhashed-requirement\"\n{reason}");
        let (index, sandbox) = sandbox(UNHASHED, &ignore);
        let ran = sandbox.check(&index, &[]);
        ran.ends_with(2).notes("an `[[ignore]]` needs a reason");
        ran.notes("pinproof.toml:1:1");
        assert_eq!(ran.stdout, "", "{}", ran.all());
    }
}

#[test]
fn after_its_last_day_it_covers_nothing_and_says_so() {
    let ignore = "rule = \"unhashed-requirement\"\nmatch = \"flask\"\nreason = \"see #812\"\n\
                  owner = \"web team\"\nuntil = 2026-10-31\n";
    let (index, sandbox) = sandbox(UNHASHED, ignore);
    let ran = sandbox.check(&index, &[]);
    ran.ends_with(1).says("error[expired-ignore]");
    ran.says("`unhashed-requirement` ended on 2026-10-31");
    ran.says(" --> pinproof.toml:1:1");
    ran.says("error[unhashed-requirement]: `flask` is pinned, but has no hash");
    ran.says("2 denied, 0 warned, 0 ignored");
}

#[test]
fn one_that_covers_nothing_says_so() {
    let ignore = "rule = \"yanked-release\"\nmatch = \"jinja2\"\nreason = \"see #812\"\n";
    let (index, sandbox) = sandbox(&Release::new("flask", "3.1.2").locked(), ignore);
    let ran = sandbox.check(&index, &[]);
    ran.ends_with(0)
        .says("warning[unused-ignore]: the exception from `yanked-release` covers nothing");
    ran.says("PASSED  0 denied, 1 warned");
}

#[test]
fn a_comment_with_a_reason_covers_its_line_only() {
    let text = "flask==3.1.2  # pinproof: ignore[unhashed-requirement] see #812\nclick==8.3.0\n";
    let (index, sandbox) = sandbox(text, "");
    let ran = sandbox.check(&index, &[]);
    ran.ends_with(1)
        .says("error[unhashed-requirement]: `click` is pinned, but has no hash");
    ran.says("1 denied, 0 warned, 1 ignored");
}

#[test]
fn a_comment_without_a_reason_covers_nothing_and_says_so() {
    let (index, sandbox) = sandbox(
        "flask==3.1.2  # pinproof: ignore[unhashed-requirement]\n",
        "",
    );
    let ran = sandbox.check(&index, &[]);
    ran.ends_with(1).says("error[unhashed-requirement]");
    ran.says("warning[unused-ignore]: this comment gives no reason, so it ignores nothing");
    ran.says("1 denied, 1 warned, 0 ignored");
}

#[test]
fn a_comment_about_a_rule_that_does_not_exist_says_so() {
    let (index, sandbox) = sandbox("flask==3.1.2  # pinproof: ignore[unhashed] see #812\n", "");
    let ran = sandbox.check(&index, &[]);
    ran.ends_with(1)
        .says("`unhashed` is no rule, so this comment ignores nothing");
    ran.says("error[unhashed-requirement]");
}

#[test]
fn an_open_question_can_be_accepted_too_and_is_not_judged_as_an_unused_exception() {
    let rules = [
        "incomplete-tree",
        "quarantined-project",
        "unknown-project",
        "unknown-release",
    ];
    let more = [
        "hash-mismatch",
        "build-required",
        "late-file",
        "recent-release",
        "yanked-release",
        "archived-project",
        "deprecated-project",
    ];
    let ignores = rules.iter().chain(&more).map(|rule| {
        format!("[[ignore]]\nrule = \"{rule}\"\nreason = \"the index is down, see #9\"\n")
    });
    let (_, sandbox) = sandbox(&Release::new("flask", "3.1.2").locked(), "");
    sandbox.write("pinproof.toml", ignores.collect::<String>());
    let url = Index::refused();
    let args = [
        "check",
        "--index-url",
        &url,
        "--as-of",
        crate::support::NOW,
        "--retries",
        "0",
    ];
    let ran = sandbox.run(&args);
    ran.ends_with(0).never_says("unused-ignore");
}
