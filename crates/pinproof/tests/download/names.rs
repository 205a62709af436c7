//! `download NAME[==VERSION] --no-deps`: what a reviewer wants to read.

use crate::shelf::{File, Shelf, names};
use crate::support::{Reply, Sandbox};

fn get<'a>(what: &[&'a str]) -> Vec<&'a str> {
    [what, &["--no-deps", "-d", "got"]].concat()
}

#[test]
fn the_newest_release_that_is_admitted_comes() {
    let files = [
        File::wheel("aaa", "1.0"),
        File::wheel("aaa", "1.1"),
        File::wheel("aaa", "1.2").yanked(),
        File::sdist("aaa", "1.3", ""),
        File::wheel("aaa", "1.4").uploaded("2026-10-31T00:00:00Z"),
        File::wheel("aaa", "2.0rc1"),
    ];
    let shelf = Shelf::with(&files);
    let sandbox = Sandbox::new();
    let ran = shelf.download(&sandbox, &get(&["aaa"]));
    ran.ends_with(0)
        .says("passed over: aaa 1.4: recent-release:")
        .says("passed over: aaa 1.3: build-required:")
        .says("judged 1 of 1");
    assert_eq!(names(&sandbox, "got"), ["aaa-1.1-py3-none-any.whl"]);
    assert_eq!(shelf.fetched(), ["aaa-1.1-py3-none-any.whl"]);
}

#[test]
fn a_source_distribution_is_bytes_and_is_never_refused_for_being_one() {
    let files = [
        File::sdist("aaa", "1.0", "raise SystemExit"),
        File::wheel_for("aaa", "1.0", "cp312-cp312-win_amd64"),
        File::wheel("aaa", "1.0"),
    ];
    let shelf = Shelf::with(&files);
    let sandbox = Sandbox::new();
    let source = get(&["aaa==1.0", "--kind", "sdist"]);
    shelf.download(&sandbox, &source).ends_with(0);
    assert_eq!(names(&sandbox, "got"), ["aaa-1.0.zip"]);
    shelf
        .download(&sandbox, &get(&["aaa==1.0", "--kind", "all"]))
        .ends_with(0)
        .says("1 was there");
    assert_eq!(names(&sandbox, "got").len(), 3);
    let young = File::sdist("aaa", "1.0", "").uploaded("2026-10-31T00:00:00Z");
    let shelf = Shelf::with(&[young]);
    shelf
        .download(&Sandbox::new(), &source)
        .ends_with(1)
        .says("error[recent-release]");
}

#[test]
fn several_names_are_judged_each_for_itself() {
    let shelf = Shelf::with(&[File::wheel("aaa", "1.0"), File::wheel("bbb", "2.0")]);
    let sandbox = Sandbox::new();
    let ran = shelf.download(&sandbox, &get(&["aaa", "bbb==2.0", "nobody", "bbb==9"]));
    ran.ends_with(1)
        .says("`nobody` is not fetched")
        .says("`bbb 9` is not fetched")
        .says("judged 4 of 4");
    assert_eq!(names(&sandbox, "got").len(), 2);
}

#[test]
fn where_nothing_is_admitted_it_says_why() {
    let shelf = Shelf::with(&[File::wheel("aaa", "1.0").uploaded("2026-10-31T00:00:00Z")]);
    let ran = shelf.download(&Sandbox::new(), &get(&["aaa"]));
    ran.ends_with(1)
        .says("none of its newest 1 releases is admitted")
        .says("1.0: `aaa` 1.0 is");
}

#[test]
fn what_a_name_needs_is_not_guessed() {
    let shelf = Shelf::with(&[File::wheel("aaa", "1.0")]);
    let sandbox = Sandbox::new();
    let ran = shelf.download(&sandbox, &["aaa", "-d", "got"]);
    ran.ends_with(2)
        .notes("what `aaa` needs is not resolved")
        .notes("`--no-deps` fetches aaa alone");
    for bad in [
        "aaa>=1",
        "aaa[x]==1",
        "aaa ; os_name == 'nt'",
        "aaa @ https://x.example/",
        "-",
        "a\u{1b}b",
    ] {
        let ran = shelf.download(&sandbox, &get(&[bad]));
        assert_eq!(ran.code, 2, "{}", ran.all());
    }
    let both = ["-r", "requirements.txt", "aaa", "--no-deps", "-d", "got"];
    shelf.download(&sandbox, &both).ends_with(2);
    shelf.download(&sandbox, &["-d", "got"]).ends_with(2);
    assert_eq!(shelf.asked(), [""; 0]);
}

#[test]
fn nothing_of_the_folder_decides_but_its_configuration() {
    let shelf = Shelf::with(&[File::wheel("aaa", "1.0")]);
    let sandbox = Sandbox::with_requirements("aaa==7\n");
    sandbox.write("the command line", "aaa==8\n");
    shelf.download(&sandbox, &get(&["aaa"])).ends_with(0);
    sandbox.write(
        "pinproof.toml",
        "[[index]]\nname = \"own\"\nonly = [\"aaa\"]\n",
    );
    let ran = shelf.download(&sandbox, &get(&["aaa"]));
    ran.ends_with(3).says("nobody was asked");
}

/// Preset `observe` refuses nothing; that bytes match their hash is no policy.
#[test]
fn who_only_observes_gets_what_is_there_with_the_right_bytes() {
    let young = File::wheel("aaa", "1.1").uploaded("2026-10-31T00:00:00Z");
    let shelf = Shelf::with(&[File::wheel("aaa", "1.0"), young.clone()]);
    let sandbox = Sandbox::new();
    sandbox.write("pinproof.toml", "preset = \"observe\"\n");
    let ran = shelf.download(&sandbox, &get(&["aaa"]));
    ran.ends_with(0).says("warning[recent-release]");
    assert_eq!(names(&sandbox, "got"), [young.name.as_str()]);
    shelf.answer(&format!("/files/{}", young.name), Reply::ok("other"));
    let ran = shelf.download(&sandbox, &["aaa", "--no-deps", "-d", "again"]);
    ran.ends_with(1).says("alarm: `aaa-1.1-py3-none-any.whl`");
    assert_eq!(names(&sandbox, "again"), [""; 0]);
}

#[test]
fn an_exception_lets_one_release_in_and_no_other() {
    let young = |version| File::wheel("aaa", version).uploaded("2026-10-31T00:00:00Z");
    let shelf = Shelf::with(&[File::wheel("aaa", "1.0"), young("1.1"), young("1.2")]);
    let sandbox = Sandbox::new();
    let ignore = "[[ignore]]\nrule = \"recent-release\"\nmatch = \"aaa==1.1\"\n\
                  reason = \"the fix that we wait for\"\nuntil = 2026-11-06\n";
    sandbox.write("pinproof.toml", ignore);
    shelf.download(&sandbox, &get(&["aaa"])).ends_with(0);
    assert_eq!(names(&sandbox, "got"), ["aaa-1.1-py3-none-any.whl"]);
}
