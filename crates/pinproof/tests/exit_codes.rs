//! The table of exit codes, every row, with real sockets.

mod support;

use support::{Index, Mood, Ran, Release, Sandbox};

const NOW: &str = "2026-11-01T00:00:00Z";

fn flask() -> Release {
    Release::new("flask", "3.1.2")
}

fn check(index: &str, requirements: &str, more: &[&str]) -> Ran {
    let sandbox = Sandbox::with_requirements(requirements);
    let mut args = vec!["check", "--index-url", index, "--as-of", NOW];
    args.extend(["--timeout", "1", "--retries", "0"]);
    args.extend(more);
    sandbox.run(&args)
}

fn check_in_mood(mood: Mood) -> Ran {
    let index = Index::in_mood(mood, &[flask()]);
    check(&index.url(), &flask().locked(), &[])
}

#[test]
fn clean_is_0() {
    let index = Index::with(&[flask()]);
    let ran = check(&index.url(), &flask().locked(), &[]);
    assert_eq!(ran.code, 0, "{}", ran.all());
    assert!(ran.stdout.contains("a lock file"), "{}", ran.all());
    assert!(
        ran.last_line()
            .starts_with("judged 1 of 1 from requirements.txt sha256:"),
        "{}",
        ran.all()
    );
}

#[test]
fn denied_is_1() {
    let index = Index::with(&[flask()]);
    let ran = check(&index.url(), "flask==3.1.2\n", &[]);
    assert_eq!(ran.code, 1, "{}", ran.all());
}

#[test]
fn a_warning_alone_is_0() {
    let index = Index::with(&[flask().yanked("broken")]);
    let ran = check(&index.url(), &flask().locked(), &[]);
    assert_eq!(ran.code, 0, "{}", ran.all());
    assert!(
        ran.stdout.contains("warning[yanked-release]"),
        "{}",
        ran.all()
    );
}

#[test]
fn a_wrong_call_is_2() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.run(&["check", "--no-such-flag"]).code, 2);
    assert_eq!(sandbox.run(&["check", "--deny", "no-such-rule"]).code, 2);
}

#[test]
fn nothing_to_judge_is_2() {
    let empty = Sandbox::new().run(&["check"]);
    assert_eq!(empty.code, 2, "{}", empty.all());
    let comments = Sandbox::with_requirements("# nothing yet\n").run(&["check"]);
    assert_eq!(comments.code, 2, "{}", comments.all());
    assert!(
        comments.last_line().contains("0 of 0"),
        "{}",
        comments.all()
    );
}

#[test]
fn an_unreadable_named_input_is_2_and_the_others_are_reported() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements("flask==3.1.2\n");
    sandbox.write("broken.txt", [0xff, 0xfe, 0x00]);
    let ran = sandbox.run(&[
        "check",
        "requirements.txt",
        "broken.txt",
        "missing.txt",
        "--index-url",
        &index.url(),
    ]);
    assert_eq!(ran.code, 2, "{}", ran.all());
    for expected in ["broken.txt", "missing.txt", "error[unhashed-requirement]"] {
        assert!(ran.stdout.contains(expected), "{expected}: {}", ran.all());
    }
}

#[test]
fn an_invalid_configuration_is_2() {
    let sandbox = Sandbox::with_requirements("flask==3.1.2\n");
    sandbox.write("pinproof.toml", "[rules]\nunhashed-requirment = \"warn\"\n");
    let ran = sandbox.run(&["check"]);
    assert_eq!(ran.code, 2, "{}", ran.all());
    assert!(
        ran.stderr.contains("did you mean `unhashed-requirement`?"),
        "{}",
        ran.all()
    );
    assert!(ran.stderr.contains("pinproof.toml:2:1"), "{}", ran.all());
}

#[test]
fn a_source_that_gives_no_answer_is_3() {
    let moods = [
        Mood::Hung,
        Mood::Truncated,
        Mood::Html,
        Mood::Status(500),
        Mood::Status(403),
        Mood::Circle,
        Mood::Elsewhere,
        Mood::WrongTypes,
    ];
    for mood in moods {
        let ran = check_in_mood(mood.clone());
        assert_eq!(ran.code, 3, "{mood:?}: {}", ran.all());
        assert!(
            ran.stdout.contains("unavailable-evidence"),
            "{mood:?}: {}",
            ran.all()
        );
        assert!(
            ran.last_line().starts_with("judged 0 of 1"),
            "{mood:?}: {}",
            ran.all()
        );
    }
    let refused = check(&Index::refused(), &flask().locked(), &[]);
    assert_eq!(refused.code, 3, "{}", refused.all());
}

#[test]
fn an_empty_list_is_an_answer_and_1() {
    let ran = check_in_mood(Mood::Empty);
    assert_eq!(ran.code, 1, "{}", ran.all());
    assert!(
        ran.stdout.contains("error[unknown-release]"),
        "{}",
        ran.all()
    );
}

#[test]
fn not_found_is_an_answer_and_1() {
    let ran = check_in_mood(Mood::Status(404));
    assert_eq!(ran.code, 1, "{}", ran.all());
    assert!(
        ran.stdout.contains("error[unknown-project]"),
        "{}",
        ran.all()
    );
}

#[test]
fn a_page_without_end_is_bounded() {
    let ran = check_in_mood(Mood::Endless);
    assert_eq!(ran.code, 3, "{}", ran.all());
}

#[test]
fn denied_comes_before_undecided() {
    let ran = check(&Index::refused(), "flask==3.1.2\n", &[]);
    assert_eq!(ran.code, 1, "{}", ran.all());
}

#[test]
fn could_not_run_comes_before_denied() {
    let index = Index::with(&[flask()]);
    let ran = check(
        &index.url(),
        "flask==3.1.2\n",
        &["requirements.txt", "missing.txt"],
    );
    assert_eq!(ran.code, 2, "{}", ran.all());
}

#[test]
fn a_line_that_is_not_understood_is_3() {
    let index = Index::with(&[flask()]);
    let text = format!("{}this is no requirement\n", flask().locked());
    let ran = check(&index.url(), &text, &[]);
    assert_eq!(ran.code, 3, "{}", ran.all());
    assert!(ran.stdout.contains("requirements.txt:2:"), "{}", ran.all());
    assert!(
        ran.last_line().starts_with("judged 1 of 2"),
        "{}",
        ran.all()
    );
}

#[test]
fn exit_zero_turns_1_and_3_into_0_and_never_2() {
    let index = Index::with(&[flask()]);
    let zero = &["--exit-zero"][..];
    assert_eq!(check(&index.url(), "flask==3.1.2\n", zero).code, 0);
    assert_eq!(check(&Index::refused(), &flask().locked(), zero).code, 0);
    assert_eq!(check(&index.url(), "# nothing\n", zero).code, 2);
}

#[test]
fn offline_with_a_cold_cache_is_3_and_with_a_warm_one_the_same_as_online() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements(&flask().locked());
    let url = index.url();
    let online = ["check", "--index-url", &url, "--as-of", NOW];
    let offline = [&online[..], &["--offline"]].concat();
    let cold = sandbox.run(&offline);
    assert_eq!(cold.code, 3, "{}", cold.all());
    let warm = sandbox.run(&online);
    assert_eq!(warm.code, 0, "{}", warm.all());
    drop(index);
    let again = sandbox.run(&offline);
    assert_eq!(again.stdout, warm.stdout);
    assert_eq!(again.code, warm.code);
}
