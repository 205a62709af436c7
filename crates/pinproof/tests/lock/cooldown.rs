//! The cooldown in a lock: what is young stays out, release by release and file by file, and what lets it in.

use crate::support::{Shelf, Wheel, asking, lock, pins, record};

const OLD: &str = "2026-01-01T00:00:00Z";
const YOUNG: &str = "2026-10-30T00:00:00Z";

fn flask(version: &str, uploaded: &str) -> Wheel {
    Wheel::new("flask", version).uploaded(uploaded)
}

#[test]
fn a_young_release_is_held_back_and_it_is_said_until_when() {
    let shelf = Shelf::with(&[flask("3.0", OLD).offered(), flask("3.1", YOUNG).offered()]);
    let sandbox = asking("flask\n");
    let ran = lock(&sandbox, &shelf, &[]);
    ran.ends_with(0).says(
        " = flask                  3.0                  3.1 is held back, until 2026-11-06T00:00:00Z: ",
    );
    ran.says("[recent-release]");
    assert!(sandbox.read("requirements.txt").contains("flask==3.0 "));
    // When it is over, the same command takes it.
    let later = ["--upgrade", "--as-of", "2026-11-06T00:00:00Z"];
    let args = [
        "lock",
        "--index-url",
        &shelf.url(),
        "--python",
        "3.12",
        "--platform",
        "linux-x86_64",
    ];
    let ran = sandbox.run(&[&args[..], &later].concat());
    ran.ends_with(0)
        .says(" ~ flask                  3.0 -> 3.1")
        .never_says("held back");
}

/// A wheel that appears in an old release: the release is old, the wheel is not.
#[test]
fn a_file_that_was_added_late_has_no_hash_in_the_lock() {
    let old = flask("3.0", OLD)
        .tag("cp312-cp312-manylinux_2_17_x86_64")
        .offered();
    let any = flask("3.0", OLD).offered();
    let late = flask("3.0", YOUNG).tag("cp312-cp312-win_amd64").offered();
    let shelf = Shelf::with(&[old.clone(), any.clone(), late.clone()]);
    for to in ["requirements.txt", "pylock.toml"] {
        let sandbox = asking("flask\n");
        lock(&sandbox, &shelf, &["requirements.in", "--to", to])
            .ends_with(0)
            .says("1 release, 2 sha256");
        let text = sandbox.read(to);
        assert!(
            text.contains(&old.sha256()) && text.contains(&any.sha256()),
            "{text}"
        );
        assert!(!text.contains(&late.sha256()), "{text}");
        assert!(!text.contains("win_amd64"), "{text}");
    }
}

/// If the late wheel is the only one that fits, there is nothing to install without a build.
#[test]
fn a_late_file_does_not_make_a_release_fit() {
    let elsewhere = flask("3.0", OLD).tag("cp312-cp312-win_amd64").offered();
    let late = flask("3.0", YOUNG).offered();
    let shelf = Shelf::with(&[elsewhere, late, flask("2.0", OLD).offered()]);
    let sandbox = asking("flask\n");
    lock(&sandbox, &shelf, &[]).ends_with(0);
    assert!(sandbox.read("requirements.txt").contains("flask==2.0 "));
    let only = asking("flask>2\n");
    lock(&only, &shelf, &[])
        .ends_with(1)
        .says("nothing fits")
        .says("late-file");
}

#[test]
fn a_young_release_that_is_locked_with_hashes_is_kept_and_gets_no_newer_files() {
    let first = flask("3.1", "2026-10-28T00:00:00Z").offered();
    let later = flask("3.1", "2026-10-31T00:00:00Z")
        .tag("cp312-cp312-manylinux_2_17_x86_64")
        .offered();
    let shelf = Shelf::with(&[flask("3.0", OLD).offered(), first.clone(), later.clone()]);
    let sandbox = asking("flask\n");
    let locked = format!("flask==3.1 --hash=sha256:{}\n", first.sha256());
    sandbox.write("requirements.txt", &locked);
    lock(&sandbox, &shelf, &[])
        .ends_with(0)
        .never_says("held back");
    let kept = pins(&sandbox.read("requirements.txt"));
    assert_eq!(
        kept,
        [("flask==3.1".to_owned(), [first.sha256()].into())].into()
    );
    // Without a hash, nobody has it yet; and chosen anew, it has to be old enough as any other.
    sandbox.write("requirements.txt", "flask==3.1\n");
    lock(&sandbox, &shelf, &[])
        .ends_with(0)
        .says("3.1 is held back");
    sandbox.write("requirements.txt", &locked);
    lock(&sandbox, &shelf, &["-P", "flask"])
        .ends_with(0)
        .says(" ~ flask                  3.1 -> 3.0");
}

#[test]
fn a_security_fix_passes_through_the_advisory_lane() {
    let shelf = Shelf::with(&[
        flask("3.0", OLD).offered(),
        flask("3.0.1", YOUNG).offered(),
        flask("3.1", YOUNG).offered(),
    ]);
    let sandbox = asking("flask\n");
    let db = sandbox.database(&[record("PYSEC-2026-7", "flask", "3.0.1")]);
    let ran = lock(&sandbox, &shelf, &["--db", &db]);
    ran.ends_with(0)
        .says(" + flask                  3.0.1")
        .says("3.1 is held back, until 2026-11-06");
    ran.says(
        "`flask` 3.0.1 is inside its cooldown and passes: it is the smallest fix of PYSEC-2026-7",
    );
    ran.says("its cooldown ends 2026-11-06T00:00:00Z; then it needs no advisory to pass");
    // The lane is derived: nothing is written down for it, and without the record there is none.
    assert!(!sandbox.project().join("pinproof.toml").exists());
    let without = asking("flask\n");
    lock(&without, &shelf, &[])
        .ends_with(0)
        .says(" + flask                  3.0 ")
        .never_says("passes");
}

#[test]
fn an_exception_with_a_reason_and_an_end_lets_one_release_in() {
    let shelf = Shelf::with(&[
        flask("3.0", OLD).offered(),
        flask("3.1", YOUNG).offered(),
        flask("3.2", YOUNG).offered(),
    ]);
    let ignore = |until: &str| {
        format!(
            "[[ignore]]\nrule = \"recent-release\"\nmatch = \"flask==3.1\"\nuntil = {until}\n\
             reason = \"fixes the login, read in #812\"\n"
        )
    };
    let sandbox = asking("flask\n");
    sandbox.write("pinproof.toml", ignore("2026-11-06"));
    let ran = lock(&sandbox, &shelf, &[]);
    ran.ends_with(0)
        .says(" + flask                  3.1")
        .says("3.2 is held back");
    let expired = asking("flask\n");
    expired.write("pinproof.toml", ignore("2026-10-31"));
    lock(&expired, &shelf, &[]);
    assert!(expired.read("requirements.txt").contains("flask==3.0 "));
}

#[test]
fn a_file_without_a_time_where_others_have_one_is_not_of_age() {
    let mut unknown = flask("3.1", OLD).offered();
    unknown.uploaded = String::new();
    let shelf = Shelf::with(&[flask("3.0", OLD).offered(), unknown]);
    let sandbox = asking("flask\n");
    lock(&sandbox, &shelf, &[])
        .ends_with(0)
        .says("3.1 is held back");
    assert!(sandbox.read("requirements.txt").contains("flask==3.0 "));
}
