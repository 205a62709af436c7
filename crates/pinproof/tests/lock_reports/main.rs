//! What `pinproof lock` says at each of its ends, in a terminal of 80 columns.

#[path = "../support/mod.rs"]
mod support;

mod times;

use support::{Index, NOW, Ran, Release, Sandbox};

/// Locks `input` at [`NOW`].
fn lock(sandbox: &Sandbox, index: &Index, more: &[&str]) -> Ran {
    let url = index.url();
    let args = [
        "lock",
        "--index-url",
        &url,
        "--as-of",
        NOW,
        "--python",
        "3.12",
        "-A",
        "insecure-index",
        "--retries",
        "0",
    ];
    sandbox.run_with(&[&args, more].concat(), &[("COLUMNS", "80")])
}

fn project(input: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("requirements.in", input);
    sandbox
}

fn world() -> Index {
    Index::with(&[
        Release::new("web", "3.0").requires("core<3,>=2"),
        Release::new("web", "2.0").requires("core"),
        Release::new("api", "1.0").requires("core<2"),
        Release::new("core", "1.9"),
        Release::new("core", "2.1"),
        Release::new("core", "2.2").uploaded("2026-10-30T00:00:00Z"),
        Release::new("core", "2.3").uploaded("2026-10-31T00:00:00Z"),
        Release::new("old", "1.0").sdist_only(),
        Release::new("young", "1.0").uploaded("2026-10-31T00:00:00Z"),
    ])
}

/// No line is longer than the terminal, but for what cannot be broken.
fn fits(ran: &Ran) {
    for line in ran.stdout.lines() {
        let is_judged = line.starts_with("judged ");
        assert!(is_judged || line.chars().count() <= 80, "too long: {line}");
    }
}

#[test]
fn a_lock_is_told_in_columns_and_says_what_is_held_back() {
    let sandbox = project("web\n");
    let ran = lock(&sandbox, &world(), &[]);
    ran.ends_with(0).says(
        "Resolved 2 releases for Python 3.12 on linux-x86_64\n \
         + core  2.1\n \
         + web   3.0\n \
         = core  2.1\n     \
         2.3 is held back, until 2026-11-07T00:00:00Z: `core` 2.3 is 1 day old,\n     \
         younger than the cooldown of 7 days [recent-release]; and 1 release more\n\
         Wrote requirements.txt (2 releases, 2 sha256, unhashed: 0)\n\
         CLEAN  0 denied, 0 warned, 0 ignored, 0 unanswered\n",
    );
    fits(&ran);
}

#[test]
fn a_change_is_one_row_and_what_stays_is_counted() {
    let sandbox = project("web\n");
    let world = world();
    lock(&sandbox, &world, &[]).ends_with(0);
    sandbox.write("requirements.in", "web<3\n");
    let ran = lock(&sandbox, &world, &["--diff"]);
    ran.ends_with(0)
        .says("-web==3.0 \\\n")
        .says(" ~ web  3.0 -> 2.0\n   1 release is unchanged\n")
        .says("Differs requirements.txt is not what it would be now");
    lock(&sandbox, &world, &["--check"])
        .ends_with(1)
        .says("Differs requirements.txt was not made from these inputs: requirements.in changed\n");
    lock(&sandbox, &world, &[]).ends_with(0);
    lock(&sandbox, &world, &["--check"])
        .ends_with(0)
        .says("Unchanged requirements.txt (2 releases, 2 sha256, unhashed: 0)\n");
}

#[test]
fn other_hashes_of_the_same_version_are_a_row() {
    let sandbox = project("api\n");
    let world = world();
    lock(&sandbox, &world, &[]).ends_with(0);
    let right = Release::new("api", "1.0").sha256();
    let swapped = sandbox
        .read("requirements.txt")
        .replace(&right, &"0".repeat(64));
    sandbox.write("requirements.txt", swapped);
    lock(&sandbox, &world, &["--diff"]).ends_with(1).says(
        "error: `api` 1.0 has other files on the index than in the lock: 1 of its hashes gone, 1 new; find out\n",
    );
    lock(&sandbox, &world, &["--diff", "-P", "api"])
        .says(" # api  1.0  the same version has other files: 1 hash is gone, 1 is new\n");
    let both = sandbox.read("requirements.txt").replace(
        &"0".repeat(64),
        &format!("{right} --hash=sha256:{}", "0".repeat(64)),
    );
    sandbox.write("requirements.txt", both);
    lock(&sandbox, &world, &["--diff"]).says(" # api  1.0  1 hash fewer\n");
}

#[test]
fn many_environments_fold() {
    let sandbox = project("api\n");
    let environments = [
        "--python",
        "3.13,3.14",
        "--platform",
        "linux-x86_64,macos-arm64,windows-x86_64",
    ];
    let ran = lock(&sandbox, &world(), &environments);
    ran.ends_with(0).says(
        "Resolved 2 releases for 9 environments (Python 3.12, 3.13, 3.14 on linux-x86_64,\n  ",
    );
    fits(&ran);
}

#[test]
fn a_lock_that_is_not_there_is_missing() {
    lock(&project("api\n"), &world(), &["--check"])
        .ends_with(1)
        .says("Missing requirements.txt is not there\n");
    lock(&project("api\n"), &world(), &["--diff"])
        .ends_with(0)
        .says("Missing requirements.txt is not there (2 releases, 2 sha256, unhashed: 0)\n");
}

#[test]
fn a_conflict_is_told_by_its_facts() {
    let sandbox = project("web>=3\napi\n");
    let ran = lock(&sandbox, &world(), &[]);
    ran.ends_with(1);
    assert_eq!(
        ran.stdout,
        "error: nothing fits for Python 3.12 on linux-x86_64\n  \
         requirements.in asks for `api` and `web>=3`\n  \
         `api` 1.0 needs `core<2`\n  \
         `web` 3.0 needs `core<3,>=2`\n  \
         no version of `core` fits `core<2` and `core<3,>=2`\n\
         requirements.txt was not written\n"
    );
}

#[test]
fn what_may_not_be_chosen_says_why_and_until_when() {
    let ran = lock(&project("young\n"), &world(), &[]);
    ran.ends_with(1)
        .says("1.0 is left out: `young` 1.0 is 1 day\n    old, younger than the cooldown of 7 days [recent-release]; until")
        .says("2026-11-07T00:00:00Z");
    fits(&ran);
    let ran = lock(&project("old\n"), &world(), &[]);
    ran.ends_with(1).says("`--allow-build old` lets it in");
    fits(&ran);
}

#[test]
fn a_build_that_was_allowed_is_said_once() {
    let sandbox = project("old\n");
    let ran = lock(&sandbox, &world(), &["--allow-build", "old"]);
    ran.ends_with(0)
        .says(" ! old  1.0\n     `old` 1.0 has no wheel that is accepted here");
    assert!(!ran.stdout.contains("needs a build"), "{}", ran.stdout);
    let ran = lock(
        &sandbox,
        &world(),
        &["--allow-build", "old", "-A", "build-required"],
    );
    ran.ends_with(0)
        .says(" ! old  1.0  needs a build: installing it can run its code (--allow-build)\n");
}

#[test]
fn refused_inputs_say_where_and_what_to_do() {
    let sandbox = project("web\n--extra-index-url https://index.acme.example/simple/\n");
    let ran = lock(&sandbox, &world(), &[]);
    ran.ends_with(1)
        .says("error[mixed-indexes]: package indexes are mixed: any of them may answer for any\n  name\n")
        .says("  --> requirements.in\n")
        .says("  = help: name what it may serve under `[[index]]` in pinproof.toml");
    fits(&ran);
}

#[test]
fn an_index_that_does_not_answer_leaves_it_undecided() {
    let sandbox = project("web\n");
    let index = Index::in_mood(support::Mood::Status(500), &[]);
    lock(&sandbox, &index, &[])
        .ends_with(3)
        .says("undecided: no answer about `web`: ")
        .says("requirements.txt was not written\n");
}
