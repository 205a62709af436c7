//! When no hash is added: it would bless bytes that nobody had time to look at, or that anybody could send.

use crate::support::{Index, Mood, NOW, Ran, Release, Sandbox};

const UNHASHED: &str = "flask==3.1.2\n";

fn flask() -> Release {
    Release::new("flask", "3.1.2")
}

/// Runs `--fix`, which must leave the file alone and say why.
#[track_caller]
fn is_refused(sandbox: &Sandbox, index: &Index, why: &str) -> Ran {
    let ran = sandbox.check(index, &["--fix"]);
    assert_eq!(sandbox.read("requirements.txt"), UNHASHED, "{}", ran.all());
    ran.notes("warning: requirements.txt:1: `flask` got no hashes: ")
        .notes(why);
    ran
}

fn sandbox() -> Sandbox {
    Sandbox::with_requirements(UNHASHED)
}

#[test]
fn a_release_inside_the_cooldown() {
    let index = Index::with(&[flask().uploaded("2026-10-30T00:00:00Z")]);
    let ran = is_refused(
        &sandbox(),
        &index,
        "recent-release: `flask` 3.1.2 is 2 days old",
    );
    ran.ends_with(1);
}

#[test]
fn a_file_that_was_added_late() {
    let late = flask()
        .tag("cp314-cp314-win_amd64")
        .uploaded("2026-10-30T00:00:00Z");
    let index = Index::with(&[flask(), late]);
    is_refused(&sandbox(), &index, "late-file: ").ends_with(1);
}

#[test]
fn an_index_without_sha256() {
    let index = Index::with(&[flask().md5_only()]);
    is_refused(&sandbox(), &index, "the index publishes no sha256");
}

#[test]
fn an_index_without_upload_times() {
    let index = Index::with(&[flask().uploaded("")]);
    is_refused(&sandbox(), &index, "publishes no upload times");
}

#[test]
fn one_file_without_an_upload_time() {
    let index = Index::with(&[flask(), flask().tag("cp314-cp314-win_amd64").uploaded("")]);
    is_refused(
        &sandbox(),
        &index,
        "recent-release: the age of `flask` 3.1.2 is not known",
    );
}

#[test]
fn no_answer() {
    for mood in [
        Mood::Status(500),
        Mood::Html,
        Mood::Truncated,
        Mood::WrongTypes,
    ] {
        let index = Index::in_mood(mood, &[flask()]);
        is_refused(&sandbox(), &index, "no answer from 127.0.0.1:");
    }
}

#[test]
fn a_release_or_project_that_is_not_there() {
    is_refused(&sandbox(), &Index::with(&[]), "no index has the project");
    let other = Index::with(&[Release::new("flask", "3.1.1")]);
    is_refused(&sandbox(), &other, "has no such release");
}

#[test]
fn a_bound_name_without_an_address() {
    let public = Index::with(&[flask()]);
    let sandbox = sandbox();
    sandbox.write(
        "pinproof.toml",
        "[[index]]\nname = \"corp\"\nonly = [\"flask\"]\n",
    );
    is_refused(&sandbox, &public, "index `corp` (no address configured)");
    assert_eq!(public.asked(), [""; 0]);
}

#[test]
fn a_name_that_two_indexes_may_answer() {
    let index = Index::with(&[flask()]);
    let sandbox = sandbox();
    let two = "[[index]]\nname = \"corp\"\nurl = \"https://corp.example/\"\nonly = [\"flask\"]\n";
    sandbox.write("pinproof.toml", two);
    let url = format!("corp={}", index.url());
    let args = [
        "check",
        "--fix",
        "--index",
        &url,
        "--as-of",
        NOW,
        "--retries",
        "0",
    ];
    let ran = sandbox.run(&args);
    assert_eq!(sandbox.read("requirements.txt"), UNHASHED, "{}", ran.all());
    ran.notes("`flask` got no hashes: name-outside-namespace");
}

/// The tool is given a proxy for plain HTTP, which would answer for every host: it stands for anybody
/// on the way.
#[test]
fn an_index_over_plain_http() {
    let anybody = Index::with(&[flask()]);
    let proxy = anybody.url();
    let sandbox = sandbox();
    let configured =
        "[[index]]\nname = \"corp\"\nurl = \"http://corp.example/simple/\"\ndefault = true\n";
    sandbox.write("pinproof.toml", configured);
    let variables = [("http_proxy", proxy.as_str()), ("no_proxy", "")];
    let ran = sandbox.check_as_configured(&["--fix"], &variables);
    assert_eq!(sandbox.read("requirements.txt"), UNHASHED, "{}", ran.all());
    ran.notes("`flask` got no hashes: corp is asked over plain HTTP");
}

#[test]
fn a_refused_line_does_not_hold_up_the_others() {
    let click = Release::new("click", "8.3.0");
    let index = Index::with(&[flask().uploaded("2026-10-30T00:00:00Z"), click.clone()]);
    let sandbox = Sandbox::with_requirements("flask==3.1.2\nclick==8.3.0\n");
    let ran = sandbox.check(&index, &["--fix"]);
    ran.notes("added 1 hash to 1 requirement")
        .notes("`flask` got no hashes");
    let expected = format!(
        "flask==3.1.2\nclick==8.3.0 \\\n    --hash=sha256:{}\n",
        click.sha256()
    );
    assert_eq!(sandbox.read("requirements.txt"), expected);
}

#[test]
fn an_accepted_exception_lets_a_young_release_through() {
    let index = Index::with(&[flask().uploaded("2026-10-30T00:00:00Z")]);
    let sandbox = sandbox();
    let ignore = "[[ignore]]\nrule = \"recent-release\"\nmatch = \"flask==3.1.2\"\n\
                  reason = \"fixes the login, see #812\"\nuntil = 2026-11-06\n";
    sandbox.write("pinproof.toml", ignore);
    sandbox.check(&index, &["--fix"]).notes("added 1 hash");
    assert!(sandbox.read("requirements.txt").contains(&flask().sha256()));
}
