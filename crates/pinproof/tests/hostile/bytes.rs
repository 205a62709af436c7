//! Files that are too large, too long or no text.

use std::fmt::Write as _;

use crate::support::{Index, Ran, Release, Sandbox};
use crate::{in_every_look, is_inert, is_no_bug, is_short};

const MEGABYTE: usize = 1024 * 1024;

fn flask() -> Release {
    Release::new("flask", "3.1.2")
}

/// Bytes that look random and are the same in every run.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn garbage_named_could_not_run_and_garbage_found_is_an_open_question() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements(&flask().locked());
    sandbox.write("requirements-dev.txt", noise(3_000));
    let named = sandbox.check(&index, &["requirements.txt", "requirements-dev.txt"]);
    named
        .ends_with(2)
        .says("error: requirements-dev.txt:1:")
        .says("UTF-8");
    assert!(
        named
            .last_line()
            .starts_with("judged 1 of 1 from requirements.txt"),
        "{}",
        named.all()
    );
    let found = sandbox.check(&index, &[]);
    found
        .ends_with(3)
        .says("error[not-understood]: requirements-dev.txt: line 1, column ");
    assert!(
        found.last_line().ends_with("; 1 question unanswered"),
        "{}",
        found.all()
    );
    for ran in in_every_look(&sandbox, &["--offline"], &[]) {
        is_no_bug(&ran);
        is_inert(&ran);
    }
}

#[test]
fn nul_bytes_are_not_understood() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements("\0\u{1}\n\u{2}\n");
    let ran = sandbox.check(&index, &[]);
    ran.ends_with(3)
        .says("requirements.txt: nothing of it is understood");
    assert!(
        ran.last_line()
            .starts_with("judged 0 of 2 from requirements.txt"),
        "{}",
        ran.all()
    );
    is_inert(&ran);
}

#[test]
fn a_line_of_100_megabytes_gives_a_short_report() {
    let sandbox = Sandbox::new();
    let line = "a".repeat(100 * MEGABYTE);
    for (name, text) in [
        ("name.txt", line.clone()),
        (
            "version.txt",
            format!("flask=={}", "1".repeat(100 * MEGABYTE)),
        ),
        ("comment.txt", format!("flask==1.0 # {line}")),
    ] {
        sandbox.write(name, text);
        let ran = sandbox.check_as_configured(&["--offline", name], &[]);
        is_no_bug(&ran);
        is_short(&ran, 20_000);
        assert_ne!(ran.code, 0, "{name}");
    }
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let sandbox = Sandbox::new();
    let path = sandbox.project().join("large.txt");
    let file = std::fs::File::create(path).expect("a file");
    // A hole: it has a length, and takes no room.
    file.set_len(3 << 40).expect("a length");
    let ran = sandbox.check_as_configured(&["large.txt"], &[]);
    ran.ends_with(2)
        .says("error: large.txt: it is larger than 128 MiB");
}

#[test]
fn twenty_thousand_lines_that_nobody_understands_are_counted_and_not_listed() {
    let sandbox = Sandbox::with_requirements(&"!!\n".repeat(20_000));
    for ran in in_every_look(&sandbox, &["--offline"], &[]) {
        is_no_bug(&ran);
        is_short(&ran, 2 * MEGABYTE);
        assert_eq!(ran.code, 3);
    }
    let text = sandbox.check_as_configured(&["--offline"], &[]);
    is_short(&text, 10_000);
    assert!(
        text.last_line().starts_with("judged 0 of 20000"),
        "{}",
        text.last_line()
    );
    text.says("more lines are not understood");
}

#[test]
fn names_and_versions_of_a_megabyte_are_cut_in_every_look() {
    let long = "a".repeat(MEGABYTE);
    let lines = [
        long.clone(),
        format!("{long}==1.0"),
        format!("flask=={}", "1".repeat(MEGABYTE)),
        format!("flask[{long}]==1.0"),
        format!("flask==1.0 ; python_version == '{long}'"),
        format!("x @ https://h.example/{long}.whl"),
        format!("-e git+https://h.example/{long}.git"),
        format!("--index-url https://h.example/{long}\nflask==1.0"),
        format!("--trusted-host {long}\nflask==1.0"),
        format!("--find-links {long}\nflask==1.0"),
        format!("-r {long}\nflask==1.0"),
        format!("flask==1.0 --hash=sha256:{long}"),
        format!("flask==1.0 # pinproof: ignore[{long}] {long}"),
        format!("--{long}"),
    ];
    // Some formats carry the pages of every rule, whatever is judged.
    let length = |ran: &Ran| ran.stdout.len() + ran.stderr.len();
    let plain = Sandbox::with_requirements("flask==1.0\n");
    let usual: Vec<usize> = in_every_look(&plain, &["--offline"], &[])
        .iter()
        .map(length)
        .collect();
    for line in lines {
        let sandbox = Sandbox::with_requirements(&line);
        let looks = in_every_look(&sandbox, &["--offline"], &[]);
        for (ran, usual) in looks.into_iter().zip(&usual) {
            is_no_bug(&ran);
            assert_ne!(ran.code, 0, "{line:.60}");
            let length = length(&ran);
            assert!(
                length < usual + 60_000,
                "{:.60}: {length} bytes: {:.3000}",
                line,
                ran.stdout
            );
        }
    }
}

#[test]
fn toml_that_is_huge_or_deep_ends() {
    let mut many = "[project]\nname = \"x\"\nversion = \"1\"\n[dependency-groups]\n".to_owned();
    for group in 0..20_000 {
        let next = (group + 1) % 20_000;
        writeln!(many, "g{group} = [{{ include-group = \"g{next}\" }}]").expect("a string");
    }
    let deep = format!(
        "[project]\nname = \"x\"\ndependencies = {}{}\n",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let dotted = format!("{}x = 1\n", "a.".repeat(100_000));
    let long = format!("[project]\nname = \"{}\"\n", "x".repeat(20 * MEGABYTE));
    for text in [many, deep, dotted, long] {
        let sandbox = Sandbox::new();
        sandbox.write("pyproject.toml", &text);
        sandbox.write("pinproof.toml", "");
        let ran = sandbox.check_as_configured(&["--offline", "pyproject.toml"], &[]);
        is_no_bug(&ran);
        is_short(&ran, 10 * MEGABYTE);
        assert_ne!(ran.code, 0, "{text:.60}");
    }
}
