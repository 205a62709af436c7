//! `--format github`: the report as text, and workflow commands of GitHub Actions that annotate files.
//!
//! Nothing but the option chooses this format: the same call writes the same bytes on every machine. The
//! text may quote anything, so it stands between `stop-commands` and its end; the token is the digest of
//! the text itself, which no text can contain.

use std::fmt::Write as _;

use pinproof_core::Level;
use pinproof_engine::Report;
use pinproof_engine::report::InputError;
use sha2::{Digest as _, Sha256};

use super::gaps::{Gap, gaps};
use super::spots::{Spot, spot};
use super::text::blocks::{self, Block};
use super::wording::{count, cut};
use super::{Look, text};

/// GitHub shows so many annotations of each kind for one step.
const SHOWN: usize = 10;
/// Places of a block that its annotation names.
const NAMED: usize = 3;
/// GitHub cuts a longer annotation.
const MOST_MESSAGE: usize = 4_000;

/// The text, then at most ten errors and ten warnings, the worst first.
pub(crate) fn render(report: &Report, look: &Look) -> String {
    let text = text::render(report, look);
    let token = Sha256::digest(&text)
        .iter()
        .fold(String::new(), |token, byte| format!("{token}{byte:02x}"));
    let mut out = format!("::stop-commands::{token}\n{text}::{token}::\n");
    let annotations = annotations(report);
    let mut left_out = Vec::new();
    for (kind, level) in [("error", Level::Deny), ("warning", Level::Warn)] {
        let of_kind: Vec<_> = annotations
            .iter()
            .filter(|one| one.level == level)
            .collect();
        for annotation in of_kind.iter().take(SHOWN) {
            annotation.write(&mut out, kind);
        }
        let more = of_kind.len().saturating_sub(SHOWN);
        if more > 0 {
            left_out.push(count(
                more,
                &format!("more {kind}"),
                &format!("more {kind}s"),
            ));
        }
    }
    if !left_out.is_empty() {
        let left_out = left_out.join(" and ");
        let _ = writeln!(
            out,
            "::notice title=pinproof::{left_out} in the log only: GitHub shows {SHOWN} of a kind for one step"
        );
    }
    out
}

struct Annotation<'a> {
    level: Level,
    title: String,
    spot: Option<Spot<'a>>,
    message: String,
}

/// What there is to say, the worst first; what the base has too is in the text only.
fn annotations(report: &Report) -> Vec<Annotation<'_>> {
    let errors = report.errors.iter().map(of_error);
    let blocks = blocks::blocks(report);
    let findings = blocks.iter().map(|block| of_block(block, report));
    let gaps = gaps(&report.questions);
    let gaps = gaps.iter().map(|gap| of_gap(gap, report));
    errors.chain(findings).chain(gaps).collect()
}

fn of_error(error: &InputError) -> Annotation<'_> {
    let help = error.help.iter().map(|help| format!("\nhelp: {help}"));
    let help: String = help.collect();
    let at = match error.line_column {
        Some((line, column)) => format!("{}:{line}:{column}", error.path),
        None => error.path.to_string(),
    };
    Annotation {
        level: Level::Deny,
        title: "pinproof: could not run".to_owned(),
        spot: None,
        message: format!("{at}: {}{help}", error.message),
    }
}

fn of_block<'a>(block: &Block<'a>, report: &Report) -> Annotation<'a> {
    let mut message = blocks::title(block);
    for note in blocks::notes(block, NAMED) {
        let _ = write!(message, "\n{note}");
    }
    let help = block.findings.iter().flat_map(|finding| &finding.help);
    for help in blocks::distinct(help, NAMED) {
        let _ = write!(message, "\nhelp: {help}");
    }
    let first = block.findings[0];
    let place = first.places.first();
    Annotation {
        level: block.level,
        title: format!("pinproof: {}", first.rule),
        spot: place.map(|place| spot(report, place)),
        message,
    }
}

fn of_gap<'a>(gap: &Gap<'a>, report: &Report) -> Annotation<'a> {
    let mut message = gap.message();
    if let Some(undecided) = gap.undecided() {
        let _ = write!(message, "\n{undecided}");
    }
    let place = gap.places.first().copied();
    Annotation {
        level: gap.level,
        title: format!("pinproof: {}", gap.name),
        spot: place.map(|place| spot(report, place)),
        message,
    }
}

impl Annotation<'_> {
    fn write(&self, out: &mut String, kind: &str) {
        let mut properties = Vec::new();
        let mut message = self.message.clone();
        match self.spot {
            Some(Spot::InProject { path, range }) => {
                properties.push(format!("file={}", escape_property(path)));
                if let Some((start, end)) = range {
                    properties.push(format!("line={},endLine={}", start.line, end.line));
                    if start.line == end.line {
                        properties.push(format!("col={},endColumn={}", start.column, end.column));
                    }
                }
            }
            Some(Spot::Elsewhere(origin)) => message = format!("{origin}: {message}"),
            None => {}
        }
        properties.push(format!("title={}", escape_property(&self.title)));
        let message = escape_data(&cut(&message, MOST_MESSAGE));
        let _ = writeln!(out, "::{kind} {}::{message}", properties.join(","));
    }
}

/// The message of a command: what would end its line, and the sign of escapes themselves.
fn escape_data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property of a command: also what would end it, or the list of them.
fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}
