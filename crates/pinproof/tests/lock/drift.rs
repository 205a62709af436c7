//! `lock && check` has nothing to say, and `lock --check` is red after every edit of whatever the lock was made from.

use crate::support::{Ran, Sandbox, Shelf, Wheel, asking, lock};

fn shelf() -> Shelf {
    let files = [
        Wheel::new("ash", "1.0").requires("birch"),
        Wheel::new("ash", "2.0")
            .requires("birch>=1")
            .requires("cedar"),
        Wheel::new("birch", "1.0"),
        Wheel::new("birch", "1.1"),
        Wheel::new("cedar", "1.0"),
        Wheel::new("elm", "1.0"),
    ];
    Shelf::with(&files.map(|wheel| wheel.offered()))
}

const INPUTS: [(&str, &str); 4] = [
    (
        "requirements.in",
        "# What we need.\n-r more.in\n-c limits.txt\nash\n",
    ),
    ("more.in", "birch\n"),
    ("limits.txt", "birch<2\n"),
    ("more-limits.txt", "cedar<2\n"),
];

const LIMITS: [&str; 2] = ["-c", "more-limits.txt"];

fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    for (name, text) in INPUTS {
        sandbox.write(name, text);
    }
    sandbox
}

/// `lock --check` of the same inputs; it changes nothing.
#[track_caller]
fn again(sandbox: &Sandbox, shelf: &Shelf, more: &[&str]) -> Ran {
    let before = sandbox.read("requirements.txt");
    let ran = lock(sandbox, shelf, &[&LIMITS[..], &["--check"], more].concat());
    assert_eq!(sandbox.read("requirements.txt"), before);
    ran
}

#[test]
fn a_check_of_a_new_lock_finds_nothing() {
    let (shelf, sandbox) = (shelf(), project());
    lock(&sandbox, &shelf, &LIMITS)
        .ends_with(0)
        .says("Wrote requirements.txt (3 releases, 3 sha256, unhashed: 0)");
    let check = [
        "check",
        "--index-url",
        &shelf.url(),
        "--as-of",
        crate::support::NOW,
        "--python",
        "3.12",
    ];
    let ran = sandbox.run(&check);
    ran.ends_with(0)
        .says("CLEAN")
        .says("0 denied, 0 warned")
        .says("0 questions unanswered");
}

#[test]
fn what_was_just_locked_is_up_to_date_and_stays_so() {
    let (shelf, sandbox) = (shelf(), project());
    lock(&sandbox, &shelf, &LIMITS).ends_with(0);
    again(&sandbox, &shelf, &[])
        .ends_with(0)
        .says("Unchanged requirements.txt");
    again(&sandbox, &shelf, &["--offline"])
        .ends_with(0)
        .says("Unchanged requirements.txt");
    let text = sandbox.read("requirements.txt");
    lock(&sandbox, &shelf, &LIMITS)
        .ends_with(0)
        .says("Unchanged requirements.txt");
    assert_eq!(sandbox.read("requirements.txt"), text);
}

/// Each edit of each file; a comment is one, because it may say why something is asked for.
#[test]
fn every_edit_of_an_input_is_seen_without_asking_anybody() {
    let (shelf, sandbox) = (shelf(), project());
    lock(&sandbox, &shelf, &LIMITS).ends_with(0);
    let asked = shelf.requests().len();
    for (name, text) in INPUTS {
        for edited in [
            format!("# Read by us.\n{text}"),
            format!("{text}elm\n"),
            text.replace("birch", "birch>=1.1")
                .replace("cedar<2", "cedar<3")
                .replace("ash\n", "ash>=1\n"),
        ] {
            assert_ne!(edited, text);
            sandbox.write(name, &edited);
            for more in [&[][..], &["--offline"]] {
                let ran = again(&sandbox, &shelf, more);
                ran.ends_with(1)
                    .says("Differs")
                    .says(name)
                    .says("requirements.txt");
            }
            sandbox.write(name, text);
        }
    }
    assert_eq!(shelf.requests().len(), asked, "nobody was asked");
    again(&sandbox, &shelf, &[]).ends_with(0);
    // One file less, and one more.
    let without = lock(&sandbox, &shelf, &["--check"]);
    without.ends_with(1).says("more-limits.txt");
    sandbox.write("requirements.in", "ash\n-c limits.txt\n");
    again(&sandbox, &shelf, &[]).ends_with(1).says("more.in");
}

#[test]
fn an_edit_of_the_lock_itself_is_shown_as_a_diff() {
    let (shelf, sandbox) = (shelf(), project());
    lock(&sandbox, &shelf, &LIMITS).ends_with(0);
    let text = sandbox.read("requirements.txt");
    let edited = text.replace("birch==1.1", "birch==1.0");
    assert_ne!(edited, text);
    sandbox.write("requirements.txt", &edited);
    let ran = again(&sandbox, &shelf, &[]);
    // The pin is one that fits, and its hash is another release's.
    ran.ends_with(1)
        .says("Differs requirements.txt is not what it would be now");
    ran.says("-    --hash=sha256:").says("+    --hash=sha256:");
    again(&sandbox, &shelf, &["--offline"])
        .ends_with(1)
        .says("Differs");
}

#[test]
fn a_pin_that_the_inputs_do_not_need_is_shown_as_a_diff() {
    let (shelf, sandbox) = (shelf(), project());
    lock(&sandbox, &shelf, &LIMITS).ends_with(0);
    let text = sandbox.read("requirements.txt");
    sandbox.write(
        "requirements.txt",
        format!("{text}elm==1.0 --hash=sha256:{}\n", "a".repeat(64)),
    );
    let ran = again(&sandbox, &shelf, &[]);
    ran.ends_with(1)
        .says(" - elm")
        .says("-elm==1.0 --hash=sha256:aaaa");
}

#[test]
fn an_edit_of_a_group_or_an_extra_is_seen() {
    let shelf = shelf();
    let sandbox = Sandbox::new();
    let text = "[project]\nname = \"shop\"\nversion = \"1\"\ndependencies = [\"ash\"]\n\n\
                [project.optional-dependencies]\nweb = [\"cedar\"]\n\n[dependency-groups]\ndev = [\"birch\"]\n";
    sandbox.write("pyproject.toml", text);
    let of = ["--group", "dev", "--extra", "web"];
    let check = [&of[..], &["--check"]].concat();
    lock(&sandbox, &shelf, &of)
        .ends_with(0)
        .says("Wrote pylock.toml");
    lock(&sandbox, &shelf, &check)
        .ends_with(0)
        .says("Unchanged pylock.toml");
    for (from, to) in [
        ("\"birch\"", "\"birch\", \"elm\""),
        ("\"cedar\"", "\"cedar>=1\""),
        ("\"ash\"", "\"ash<2\""),
    ] {
        sandbox.write("pyproject.toml", text.replacen(from, to, 1));
        lock(&sandbox, &shelf, &check)
            .ends_with(1)
            .says("pyproject.toml");
        lock(&sandbox, &shelf, &[&check[..], &["--offline"]].concat()).ends_with(1);
    }
    sandbox.write("pyproject.toml", text);
    lock(&sandbox, &shelf, &check).ends_with(0);
    // Another selection makes another lock.
    let ran = lock(&sandbox, &shelf, &["--group", "dev", "--check"]);
    ran.ends_with(1)
        .says("Differs pylock.toml")
        .says("-")
        .says("pyproject.toml (extra web)");
}

#[test]
fn there_is_nothing_to_check_where_no_lock_is() {
    let shelf = shelf();
    let sandbox = asking("ash\n");
    let ran = lock(&sandbox, &shelf, &["--check"]);
    ran.ends_with(1).says("requirements.txt");
    assert!(!sandbox.project().join("requirements.txt").exists());
}
