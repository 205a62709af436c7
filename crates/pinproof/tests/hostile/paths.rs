//! Names of files and folders that mislead, loop, or are not what they look like.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;

use crate::support::{Index, Release, Sandbox};
use crate::{in_every_look, is_inert, is_no_bug, is_short};

fn flask() -> Release {
    Release::new("flask", "3.1.2")
}

#[test]
fn names_that_act_on_a_terminal_are_shown_and_do_not_act() {
    let sandbox = Sandbox::new();
    let names = [
        "requirements-\u{1b}[2J.txt",
        "requirements-\u{202e}txt.exe.txt",
        "requirements-\nerror: fine.txt",
        "requirements-\u{9b}31m.txt",
        "requirements-\u{200b}.txt",
        "requirements/\u{1b}]0;title\u{7}.in",
    ];
    for name in names {
        sandbox.write(
            name,
            "flask==3.1.2\nflask>=3\n!!\n--extra-index-url http://x.example/\n",
        );
    }
    for ran in in_every_look(&sandbox, &["--offline"], &[]) {
        is_no_bug(&ran);
        is_inert(&ran);
        assert_eq!(ran.code, 1, "{}", ran.all());
    }
    let text = sandbox.check_as_configured(&["--offline", "--diff"], &[]);
    is_inert(&text);
    text.says("requirements-\\u{1b}[2J.txt")
        .says("requirements-\\u{202e}txt.exe.txt");
    let missing = sandbox.check_as_configured(&["\u{1b}[31m\u{202e}missing.txt"], &[]);
    is_inert(&missing);
    missing.ends_with(2).says("\\u{1b}[31m\\u{202e}missing.txt");
}

#[test]
fn names_that_are_no_utf_8_are_judged_too() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::new();
    let name = OsStr::from_bytes(b"requirements-\xff.txt");
    std::fs::write(sandbox.project().join(name), "flask==3.1.2\n").expect("a file");
    sandbox
        .check(&index, &[])
        .ends_with(1)
        .says("error[unhashed-requirement]");
}

#[test]
fn a_folder_with_the_name_of_a_file() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.project().join("requirements.txt")).expect("a folder");
    sandbox
        .check(&index, &[])
        .ends_with(2)
        .says("nothing to judge");
    sandbox
        .check(&index, &["requirements.txt"])
        .ends_with(2)
        .says("nothing to judge");
    sandbox.write("requirements.txt/requirements.txt", flask().locked());
    let ran = sandbox.check(&index, &["requirements.txt"]);
    ran.ends_with(0)
        .says("requirements.txt/requirements.txt: a lock file");
}

#[test]
fn links_in_circles_and_out_of_the_project_are_not_walked() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements(&flask().locked());
    let project = sandbox.project();
    sandbox.write_home("requirements.txt", "evil==6.6.6\n");
    symlink(".", project.join("here")).expect("a link");
    symlink("..", project.join("up")).expect("a link");
    symlink("/", project.join("requirements")).expect("a link");
    symlink("b", project.join("a")).expect("a link");
    symlink("a", project.join("b")).expect("a link");
    let ran = sandbox.check(&index, &[]);
    ran.ends_with(0).never_says("evil");
    assert!(
        ran.last_line()
            .starts_with("judged 1 of 1 from requirements.txt"),
        "{}",
        ran.all()
    );
}

#[test]
fn a_link_or_pipe_with_the_name_of_an_input_is_named_and_waits_for_nobody() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements(&flask().locked());
    let project = sandbox.project();
    symlink("nowhere", project.join("requirements-a.txt")).expect("a link");
    symlink("/dev/stdin", project.join("requirements-b.txt")).expect("a link");
    let made = Command::new("mkfifo")
        .arg(project.join("requirements-c.txt"))
        .status();
    assert!(made.expect("mkfifo").success());
    let ran = sandbox.check(&index, &[]);
    for name in ["a", "b", "c"] {
        ran.says(&format!(
            "`requirements-{name}.txt` is not judged: there is no file behind it"
        ));
    }
    ran.ends_with(0);
    let named = sandbox.check(&index, &["requirements-c.txt"]);
    named
        .ends_with(2)
        .says("it is a pipe or a device, not a file");
}

#[test]
fn a_very_deep_folder_is_left_out_by_name() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements(&flask().locked());
    let deep = vec!["d"; 300].join("/");
    sandbox.write(&format!("{deep}/requirements.txt"), "flask>=1\n");
    let ran = sandbox.check(&index, &[]);
    ran.ends_with(0)
        .says("warning[skipped-input]")
        .says("its folders are nested too deeply");
}

#[test]
fn thousands_of_folders_and_inputs_give_a_short_report() {
    let sandbox = Sandbox::new();
    for at in 0..3_000 {
        sandbox.write(&format!("p{at}/requirements.txt"), "flask>=3\n");
    }
    let ran = sandbox.check_as_configured(&["--offline", "--format", "concise"], &[]);
    is_no_bug(&ran);
    assert!(
        ran.last_line().contains("3000 files"),
        "{}",
        ran.last_line()
    );
    is_short(&ran, 4_000_000);
}

#[test]
fn a_file_that_may_not_be_read() {
    let sandbox = Sandbox::with_requirements("flask==3.1.2\n");
    sandbox.write("secret.txt", "flask==3.1.2\n");
    let path = sandbox.project().join("secret.txt");
    let none = std::fs::Permissions::from_mode(0o000);
    std::fs::set_permissions(&path, none).expect("a mode");
    if std::fs::read(&path).is_ok() {
        // Root reads everything.
        return;
    }
    let ran = sandbox.check_as_configured(&["--offline", "requirements.txt", "secret.txt"], &[]);
    ran.ends_with(2)
        .says("error: secret.txt: it may not be read (permission denied)");
    ran.says("error[unhashed-requirement]");
}
