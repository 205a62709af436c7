//! The diff of `--diff`, coloured and safe to show.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use pinproof_core::Printable;

use super::mask::mask_credentials;

const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const HUNK: Style = AnsiColor::Cyan.on_default();

/// A unified diff with its lines escaped and their credentials masked.
pub(crate) fn render(diff: &str) -> String {
    let mut text = String::new();
    for line in diff.lines() {
        let style = match line.as_bytes().first() {
            Some(b'+') => ADDED,
            Some(b'-') => REMOVED,
            Some(b'@') => HUNK,
            _ => Style::new(),
        };
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "{style}{}{style:#}",
            Printable::new(&mask_credentials(line))
        );
    }
    text
}
