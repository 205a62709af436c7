//! `lock && check` has nothing to say, and `lock --check` is red after every edit of whatever the lock was made from.

use crate::support::{NOW, Ran, Sandbox, Shelf, Wheel, asking, lock};

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

/// A check of the project as it is.
fn check(sandbox: &Sandbox, shelf: &Shelf) -> Ran {
    sandbox.run(&[
        "check",
        "--index-url",
        &shelf.url(),
        "--as-of",
        NOW,
        "--python",
        "3.12",
    ])
}

#[test]
fn a_check_of_a_new_lock_finds_nothing() {
    let (shelf, sandbox) = (shelf(), project());
    lock(&sandbox, &shelf, &LIMITS)
        .ends_with(0)
        .says("Wrote requirements.txt (3 releases, 3 sha256, unhashed: 0)");
    let ran = check(&sandbox, &shelf);
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
fn a_pin_with_the_hash_of_another_release_is_no_lock() {
    let (shelf, sandbox) = (shelf(), project());
    lock(&sandbox, &shelf, &LIMITS).ends_with(0);
    let text = sandbox.read("requirements.txt");
    let edited = text.replace("birch==1.1", "birch==1.0");
    assert_ne!(edited, text);
    sandbox.write("requirements.txt", &edited);
    let ran = again(&sandbox, &shelf, &[]);
    let why = "`birch` 1.0 has other files on the index than in the lock";
    ran.ends_with(1).says(why);
    again(&sandbox, &shelf, &["--offline"])
        .ends_with(1)
        .says(why);
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

/// The example that people copy: its input is locked by its own policy, and a check has nothing to add.
#[test]
fn the_example_is_locked_and_clean() {
    let example = std::path::Path::new("../../examples/good-project");
    let read =
        |name: &str| std::fs::read_to_string(example.join(name)).expect("a file of the example");
    let sandbox = asking(&read("requirements.in"));
    sandbox.write("pinproof.toml", read("pinproof.toml"));
    // The releases of its lock, each needing what the lock says it was added for.
    let lock_of_example = read("requirements.txt");
    let mut wheels: Vec<(Wheel, String)> = Vec::new();
    let mut needs: Vec<(String, String)> = Vec::new();
    for line in lock_of_example
        .lines()
        .map(|line| line.trim_matches([' ', '#', '\\']))
    {
        if let Some((name, version)) = line.split_once("==") {
            wheels.push((Wheel::new(name, version.trim()), name.to_owned()));
        } else if let Some((_, by)) = wheels.last().zip(line.strip_prefix("via ").or(Some(line)))
            && let Some((_, name)) = wheels.last()
        {
            needs.push((by.to_owned(), name.clone()));
        }
    }
    let offered = wheels.into_iter().map(|(wheel, name)| {
        let own = needs.iter().filter(|(by, _)| *by == name);
        own.fold(wheel, |wheel, (_, need)| wheel.requires(need))
            .offered()
    });
    let shelf = Shelf::with(&offered.collect::<Vec<_>>());
    lock(&sandbox, &shelf, &[])
        .ends_with(0)
        .says("Wrote requirements.txt (9 releases, 9 sha256, unhashed: 0)");
    check(&sandbox, &shelf)
        .ends_with(0)
        .says("0 denied, 0 warned")
        .says("0 questions unanswered");
}

/// The example of everything that is common and wrong is refused, with each reason, and nobody is asked.
#[test]
fn the_bad_example_is_refused() {
    let example = std::path::Path::new("../../examples/bad-project");
    for (name, reasons) in [
        (
            "requirements-internal.txt",
            &["[mixed-indexes]", "[insecure-index]"][..],
        ),
        (
            "requirements.txt",
            &["`acme-reports` is taken from a repository"],
        ),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write(
            name,
            std::fs::read_to_string(example.join(name)).expect("the example"),
        );
        let shelf = shelf();
        let ran = lock(&sandbox, &shelf, &[name, "--to", "lock.txt"]);
        ran.ends_with(1).says("lock.txt was not written");
        for reason in reasons {
            ran.says(reason);
        }
        assert_eq!(shelf.requests(), [""; 0]);
    }
}
