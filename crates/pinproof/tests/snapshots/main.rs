//! Whole outputs as a reader sees them: both streams and the exit code.
//!
//! The port of an index is `[INDEX]`, the sandbox is `[SANDBOX]`; in JSON, digests are `[DIGEST]`.

#![expect(clippy::too_many_lines, reason = "a snapshot is as long as the output")]

#[path = "../support/mod.rs"]
mod support;

mod bad_files;
mod commands;
mod conda;
mod configuration;
mod help;
mod json;
mod locks;
mod machine;
mod open;
mod unreadable;

use support::{Index, Ran, Release, Sandbox};

/// Both streams and the exit code; the part of stderr is left out where it is empty.
fn shown(ran: &Ran, index: Option<&Index>) -> String {
    let mut text = format!("exit {}\n{}", ran.code, ran.stdout);
    if !ran.stderr.is_empty() {
        text += "--- stderr\n";
        text += &ran.stderr;
    }
    if let Some(index) = index {
        let url = index.url();
        let host = url
            .trim_start_matches("http://")
            .trim_end_matches("/simple/");
        text = text.replace(host, "[INDEX]");
    }
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// The output of a check of `requirements.txt`.
fn check(releases: &[Release], requirements: &str, more: &[&str]) -> String {
    let index = Index::with(releases);
    let sandbox = Sandbox::with_requirements(requirements);
    shown(&sandbox.check(&index, more), Some(&index))
}

fn release(name: &str, version: &str) -> Release {
    Release::new(name, version)
}

/// A web framework and what it needs.
fn flask() -> Vec<Release> {
    vec![
        release("blinker", "1.9.0"),
        release("click", "8.3.0").requires("colorama; platform_system == 'Windows'"),
        release("flask", "3.1.2")
            .requires("blinker>=1.9")
            .requires("click>=8"),
        release("flask", "3.1.1"),
        release("colorama", "0.4.6"),
    ]
}

/// The lines that lock it.
fn locked() -> String {
    flask()[..3].iter().map(Release::locked).collect()
}
