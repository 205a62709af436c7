//! What bad input gets: bounded time, memory and output, a clear sentence, no panic, and nothing raw.

#[path = "../support/mod.rs"]
mod support;

mod bytes;
mod includes;
mod index_text;
mod locks;
mod paths;
mod secrets;
mod syntax;

use support::{Ran, Sandbox};

/// The formats of a report, and the ways in which the text may look.
const LOOKS: &[&[&str]] = &[
    &["--format", "text"],
    &["--format", "text", "--verbose", "--color", "always"],
    &["--format", "text", "--statistics"],
    &["--format", "concise"],
    &["--format", "json"],
    &["--format", "sarif", "--verbose"],
    &["--format", "github"],
    &["--format", "gitlab"],
    &["--format", "markdown"],
    &["--format", "html"],
];

/// Runs a check in every look.
fn in_every_look(sandbox: &Sandbox, args: &[&str], variables: &[(&str, &str)]) -> Vec<Ran> {
    let run = |look: &&[&str]| sandbox.check_as_configured(&[args, look].concat(), variables);
    LOOKS.iter().map(run).collect()
}

/// Fails if a character that acts on a terminal or on a reader is in the output as it is.
///
/// The escapes that are our own, of the form `ESC [ digits ; digits m`, are not counted.
#[track_caller]
fn is_inert(ran: &Ran) {
    let text = without_styles(&format!("{}{}", ran.stdout, ran.stderr));
    let acting = text.chars().find(|c| {
        (c.is_control() && *c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    });
    assert_eq!(
        acting,
        None,
        "acts on a terminal: {}",
        ran.all().escape_debug()
    );
}

fn without_styles(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let style = part.find('m').filter(|end| {
            let is_style = |c: char| c.is_ascii_digit() || c == ';';
            part[..*end].chars().all(is_style)
        });
        if let Some(end) = style {
            plain.push_str(&part[end + 1..]);
        } else {
            plain.push('\u{1b}');
            plain.push_str(part);
        }
    }
    plain
}

/// Fails unless the whole output is shorter than this.
#[track_caller]
fn is_short(ran: &Ran, most: usize) {
    let length = ran.stdout.len() + ran.stderr.len();
    assert!(
        length < most,
        "{length} bytes of output, that begin {:.400}",
        ran.stdout
    );
}

/// Fails if it ended with a panic, or said that it did.
#[track_caller]
fn is_no_bug(ran: &Ran) {
    assert!(
        (0..=3).contains(&ran.code),
        "exit {}: {:.2000}",
        ran.code,
        ran.stderr
    );
    assert!(!ran.stderr.contains("panicked"), "{:.2000}", ran.stderr);
}

#[test]
fn the_helper_sees_what_it_is_for() {
    let said = |stdout: &str| Ran {
        code: 0,
        stdout: stdout.to_owned(),
        stderr: String::new(),
    };
    is_inert(&said("\u{1b}[1m\u{1b}[38;5;9mbold\u{1b}[0m\n"));
    for acting in [
        "\u{1b}]0;x\u{7}",
        "\u{1b}[2J",
        "\u{9b}31m",
        "\u{202e}",
        "a\r",
        "\u{200b}",
    ] {
        let caught = std::panic::catch_unwind(|| is_inert(&said(acting)));
        assert!(caught.is_err(), "{acting:?}");
    }
}
