//! Includes without end, in circles, and of what is no file.

use std::os::unix::fs::symlink;

use crate::support::{Index, Release, Sandbox};
use crate::{is_no_bug, is_short};

fn flask() -> Release {
    Release::new("flask", "3.1.2")
}

#[test]
fn ten_thousand_nested_includes_end_with_a_sentence() {
    let sandbox = Sandbox::with_requirements("-r i0.txt\nflask==3.1.2\n");
    for at in 0..10_000 {
        sandbox.write(&format!("i{at}.txt"), format!("-r i{}.txt\n", at + 1));
    }
    let ran = sandbox.check_as_configured(&["--offline", "requirements.txt"], &[]);
    is_no_bug(&ran);
    ran.ends_with(2).says("more than 2000 files are included");
    ran.says("error[unhashed-requirement]: `flask` is pinned, but has no hash");
    ran.says("and 1989 more included files");
    is_short(&ran, 10_000);
}

#[test]
fn a_file_that_includes_itself_is_read_once() {
    let index = Index::with(&[flask()]);
    let text = format!(
        "-r requirements.txt\n-r ./requirements.txt\n{}",
        flask().locked()
    );
    let ran = Sandbox::with_requirements(&text).check(&index, &[]);
    ran.ends_with(0).says("requirements.txt: a lock file");
    assert!(
        ran.last_line().starts_with("judged 1 of 1 from"),
        "{}",
        ran.all()
    );
}

/// Each file of a circle is included by another one; still, one of them is what is installed.
#[test]
fn a_circle_is_judged_as_one_file_and_not_as_none() {
    let index = Index::with(&[flask(), Release::new("click", "8.3.0")]);
    let sandbox = Sandbox::new();
    sandbox.write(
        "a.txt",
        "-r b.txt\nflask>=3\n--extra-index-url https://extra.example/simple/\n",
    );
    sandbox.write("b.txt", "-r c.txt\n");
    sandbox.write("c.txt", "-r a.txt\nclick==8.3.0\n");
    let ran = sandbox.check(&index, &["a.txt"]);
    ran.ends_with(1)
        .says("a.txt: not a lock file: only part of it is pinned");
    ran.says("error[mixed-indexes]")
        .says("error[unpinned-requirement]: `flask>=3`");
    ran.says("error[unhashed-requirement]: `click` is pinned, but has no hash");
    ran.says("b.txt: part of a.txt")
        .says("c.txt: part of b.txt");
    let found_last = sandbox.check(&index, &["b.txt", "c.txt", "a.txt"]);
    found_last
        .ends_with(1)
        .says("error[mixed-indexes]")
        .says("error[unpinned-requirement]");
}

#[test]
fn a_circle_of_links_is_an_error_of_the_line_that_names_it() {
    let sandbox = Sandbox::with_requirements("-r loop.txt\nflask==3.1.2\n");
    symlink("loop.txt", sandbox.project().join("loop.txt")).expect("a link");
    let ran = sandbox.check_as_configured(&["--offline"], &[]);
    ran.ends_with(2)
        .says("error: loop.txt: included by requirements.txt:1:1: it cannot be read");
}

#[test]
fn includes_of_folders_devices_and_pages_are_errors_or_questions() {
    let cases = [
        ("-r .", 2, "it is a folder"),
        ("-r /dev/zero", 2, "it is a pipe or a device, not a file"),
        ("-r missing.txt", 2, "there is no such file"),
        ("-r https://x.example/r.txt", 3, "is not followed"),
        (
            "-c ../../../../../../../../etc/shadow.d/none",
            2,
            "there is no such file",
        ),
    ];
    for (line, code, why) in cases {
        let index = Index::with(&[flask()]);
        let sandbox = Sandbox::with_requirements(&format!("{line}\n{}", flask().locked()));
        let ran = sandbox.check(&index, &[]);
        ran.ends_with(code).says(why).says("requirements.txt:1:1");
    }
}

/// The include of a stranger's change may name any file of the machine, and a line of it may look like a name.
#[test]
fn no_line_of_a_file_outside_the_project_is_sent_to_an_index() {
    let index = Index::with(&[flask(), Release::new("build-host-7", "1.0")]);
    let sandbox = Sandbox::new();
    sandbox.write_home("hostname", "build-host-7\n");
    symlink(
        sandbox.home().join("hostname"),
        sandbox.project().join("link.txt"),
    )
    .expect("a link");
    let outside = sandbox.home().join("hostname");
    for target in [
        "../home/hostname",
        "link.txt",
        outside.to_str().expect("a path"),
    ] {
        sandbox.write(
            "requirements.txt",
            format!("-r {target}\n{}", flask().locked()),
        );
        let ran = sandbox.check(&index, &["requirements.txt"]);
        // It is followed, as pip would: it has no version.
        ran.ends_with(1)
            .says("error[unpinned-requirement]: `build-host-7` has no version")
            .says("its file is not part of the project, so no name in it is sent to an index");
        assert_eq!(index.asked(), ["flask"], "{target}");
        assert!(ran.last_line().contains("0 of 1 from"), "{}", ran.all());
    }
    // A file that is found and leads outside is no other.
    sandbox.write("requirements.txt", flask().locked());
    std::fs::rename(
        sandbox.project().join("link.txt"),
        sandbox.project().join("requirements-dev.txt"),
    )
    .expect("a rename");
    sandbox
        .check(&index, &[])
        .says("is not part of the project");
    assert_eq!(index.asked(), ["flask"]);
    // Whoever names the file wants to have it judged.
    let named = sandbox.check(
        &index,
        &["requirements.txt", outside.to_str().expect("a path")],
    );
    named.never_says("is not part of the project");
    assert_eq!(index.asked(), ["build-host-7", "flask"]);
}

/// A repository holds the folders of more than one project; a part of it is no stranger.
#[test]
fn a_file_elsewhere_in_the_repository_or_the_working_folder_is_part_of_the_project() {
    let index = Index::with(&[flask(), Release::new("click", "8.3.0")]);
    let sandbox = Sandbox::new();
    sandbox.write("base.txt", Release::new("click", "8.3.0").locked());
    sandbox.write(
        "app/requirements.txt",
        format!("-r ../base.txt\n{}", flask().locked()),
    );
    sandbox
        .check(&index, &["app/requirements.txt"])
        .ends_with(0);
    assert_eq!(index.asked(), ["click", "flask"]);
    let index = Index::with(&[flask()]);
    sandbox.write("repository/.git/HEAD", "ref: refs/heads/main\n");
    sandbox.write(
        "repository/app/requirements.txt",
        format!("-r ../../base.txt\n{}", flask().locked()),
    );
    sandbox
        .check(&index, &["repository/app/requirements.txt"])
        .ends_with(3)
        .says("its file is not part of the project");
    assert_eq!(index.asked(), ["flask"]);
}
