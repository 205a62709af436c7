//! Questions that stayed open: no answer, no upload times, no cache.

use insta::assert_snapshot;

use crate::support::{Index, Mood, Sandbox};
use crate::{flask, locked, shown};

fn in_mood(mood: Mood, more: &[&str]) -> String {
    let index = Index::in_mood(mood, &flask());
    let sandbox = Sandbox::with_requirements(&locked());
    shown(&sandbox.check(&index, more), Some(&index))
}

#[test]
fn an_index_that_fails() {
    assert_snapshot!(in_mood(Mood::Status(500), &[]), @"
    exit 3
    requirements.txt: not known to be a lock file: its dependency tree could not be checked
      3 requirements, 3 pinned, 3 hashed, completeness for Python 3.14 on linux-x86_64 not known

    error[unavailable-evidence]: no answer from [INDEX]/simple about blinker, click, flask:
                                 answered 500
      = note: not decided: hash-mismatch, incomplete-tree, quarantined-project, unknown-project,
              unknown-release
      = note: not known: archived-project, build-required, deprecated-project, late-file,
              recent-release, yanked-release

    UNDECIDED  0 denied, 0 warned, 0 ignored, 15 unanswered
    judged 0 of 3 from requirements.txt sha256:49a568f637ca…; 15 questions unanswered
    ");
}

#[test]
fn an_index_that_fails_in_lines() {
    assert_snapshot!(in_mood(Mood::Html, &["--format", "concise"]), @"
    exit 3
    requirements.txt:1:1: error[unavailable-evidence] no answer from [INDEX]/simple: answered a web page, not the Simple API (archived-project, build-required, deprecated-project, hash-mismatch, incomplete-tree, late-file, quarantined-project, recent-release, unknown-project, unknown-release, yanked-release)
    requirements.txt:2:1: error[unavailable-evidence] no answer from [INDEX]/simple: answered a web page, not the Simple API (archived-project, build-required, deprecated-project, hash-mismatch, incomplete-tree, late-file, quarantined-project, recent-release, unknown-project, unknown-release, yanked-release)
    requirements.txt:3:1: error[unavailable-evidence] no answer from [INDEX]/simple: answered a web page, not the Simple API (archived-project, build-required, deprecated-project, hash-mismatch, incomplete-tree, late-file, quarantined-project, recent-release, unknown-project, unknown-release, yanked-release)
    judged 0 of 3 from requirements.txt sha256:49a568f637cafe3e100a7e4d24ad2ceb288e80f2bab42a01d1f3f0e7699cf26d; 15 questions unanswered
    ");
}

#[test]
fn an_index_that_asks_for_a_password() {
    assert_snapshot!(in_mood(Mood::Status(401), &[]), @"
    exit 3
    requirements.txt: not known to be a lock file: its dependency tree could not be checked
      3 requirements, 3 pinned, 3 hashed, completeness for Python 3.14 on linux-x86_64 not known

    error[unavailable-evidence]: no answer from [INDEX]/simple about blinker, click, flask:
                                 answered 401
      = note: not decided: hash-mismatch, incomplete-tree, quarantined-project, unknown-project,
              unknown-release
      = note: not known: archived-project, build-required, deprecated-project, late-file,
              recent-release, yanked-release

    UNDECIDED  0 denied, 0 warned, 0 ignored, 15 unanswered
    judged 0 of 3 from requirements.txt sha256:49a568f637ca…; 15 questions unanswered
    ");
}

#[test]
fn nobody_was_asked() {
    assert_snapshot!(in_mood(Mood::Honest, &["--offline"]), @"
    exit 3
    requirements.txt: not known to be a lock file: its dependency tree could not be checked
      3 requirements, 3 pinned, 3 hashed, completeness for Python 3.14 on linux-x86_64 not known

    error[unavailable-evidence]: no answer from [INDEX]/simple about blinker, click, flask: its
                                 page is not in the cache, and --offline
      = note: not decided: hash-mismatch, incomplete-tree, quarantined-project, unknown-project,
              unknown-release
      = note: not known: archived-project, build-required, deprecated-project, late-file,
              recent-release, yanked-release

    UNDECIDED  0 denied, 0 warned, 0 ignored, 15 unanswered
    judged 0 of 3 from requirements.txt sha256:49a568f637ca…; 15 questions unanswered
    ");
}

#[test]
fn an_index_without_upload_times() {
    let releases: Vec<_> = flask()
        .into_iter()
        .map(|release| release.uploaded(""))
        .collect();
    let index = Index::with(&releases);
    let sandbox = Sandbox::with_requirements(&locked());
    assert_snapshot!(shown(&sandbox.check(&index, &[]), Some(&index)), @"
    exit 0
    requirements.txt: a lock file
      3 requirements, 3 pinned, 3 hashed, complete for Python 3.14 on linux-x86_64
      on other platforms it would also need colorama
    warning: [INDEX]/simple publishes no upload times; not known: late-file, recent-release

    CLEAN  0 denied, 0 warned, 0 ignored, 0 unanswered
    judged 3 of 3 from requirements.txt sha256:49a568f637ca…; 0 questions unanswered
    ");
}

#[test]
fn two_indexes_and_an_old_answer() {
    let index = Index::with(&flask());
    let corp = Index::refused();
    let sandbox = Sandbox::with_requirements(&locked());
    sandbox.write(
        "pinproof.toml",
        format!("[[index]]\nname = \"corp\"\nurl = \"{corp}\"\nonly = [\"click\"]\n"),
    );
    let url = index.url();
    let common = [
        "check",
        "--index-url",
        &url,
        "--retries",
        "0",
        "--allow",
        "name-outside-namespace",
    ];
    sandbox.run(&[&common[..], &["--as-of", "2026-10-30T00:00:00Z"]].concat());
    let later =
        sandbox.run(&[&common[..], &["--as-of", crate::support::NOW, "--offline"]].concat());
    let text = shown(&later, Some(&index)).replace(&corp, "https://corp.example/simple/");
    assert_snapshot!(text, @"
    exit 3
    requirements.txt: not known to be a lock file: its dependency tree could not be checked
      3 requirements, 3 pinned, 3 hashed, completeness for Python 3.14 on linux-x86_64 not known
    asked [INDEX]/simple about 2 projects; the oldest answer is 2 days old
    asked corp about 1 project (https://corp.example/simple/)
    warning: index `corp` has no source of advisories; not known: known-malware, vulnerable-release

    error[unavailable-evidence]: no answer from corp about click: its page is not in the cache, and
                                 --offline
      = note: not decided: hash-mismatch, incomplete-tree, quarantined-project, unknown-project,
              unknown-release
      = note: not known: archived-project, build-required, deprecated-project, late-file,
              recent-release, yanked-release

    UNDECIDED  0 denied, 0 warned, 0 ignored, 5 unanswered; the flaws of 1 requirement are not known
    judged 2 of 3 from requirements.txt sha256:49a568f637ca…; 5 questions unanswered
    ");
}
