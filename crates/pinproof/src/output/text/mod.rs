//! `--format text`: the report for people.
//!
//! First what every file is, then one block for each rule and file, then what stayed open, then how
//! it ended. The last line always says how many requirements of how many were judged.

mod base;
pub(crate) mod blocks;
mod config;
pub(crate) mod excerpts;
mod head;
mod questions;

use std::fmt::Write as _;

use annotate_snippets::Renderer;
use anstyle::{AnsiColor, Style};
use pinproof_engine::{ExitCode, Report};

use super::{Look, lanes, wording};
pub(crate) use config::config_errors;

pub(crate) const BOLD: Style = Style::new().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();

/// The report, with terminal styles; the console removes them where they do not belong.
pub(crate) fn render(report: &Report, look: &Look) -> String {
    let mut text = String::new();
    head::write(&mut text, report, look);
    blocks::write_errors(&mut text, report);
    text = wording::folded(&text, look.width);
    if !look.statistics {
        // An excerpt is folded by nobody: its lines are those of the file.
        blocks::write(&mut text, report, look);
    }
    let mut rest = String::new();
    if look.statistics {
        blocks::write_statistics(&mut rest, report);
    } else {
        blocks::write_ignored(&mut rest, report, look);
        lanes::write(&mut rest, report);
        questions::write(&mut rest, report, look);
    }
    base::write(&mut rest, report, look);
    text += &wording::folded(&rest, look.width);
    write_end(&mut text, report, look);
    text
}

/// How the run ended, and what was judged.
pub(crate) fn write_end(text: &mut String, report: &Report, look: &Look) {
    let style = style_of(report.exit_code());
    let word = wording::word(report);
    let _ = writeln!(text, "{style}{word}{style:#}  {}", wording::summary(report));
    if report.counts().requirements == 0 {
        let _ = writeln!(text, "nothing to judge: no requirement was found");
        if report.files.is_empty() && report.errors.is_empty() && report.questions.is_empty() {
            let _ = writeln!(
                text,
                "looked for: *requirements*.txt and .in, requirements/*.txt and .in, constraints*.txt, pyproject.toml, environment.yml, and the locks of all tools"
            );
        }
    }
    if let Some(rule) = first_rule(report) {
        let _ = writeln!(text, "`pinproof explain {rule}` says more");
    }
    let refuses = report.findings.iter().any(|finding| finding.refuses);
    if let Some(contact) = report.contact.as_ref().filter(|_| refuses) {
        let _ = writeln!(text, "who can lift a refusal: {contact}");
    }
    let _ = writeln!(text, "{}", wording::judged(report, look.verbose > 0));
}

/// The style of the word that says how a run ended.
pub(crate) fn style_of(code: ExitCode) -> Style {
    match code {
        ExitCode::Clean => GREEN,
        ExitCode::Denied | ExitCode::CouldNotRun => RED,
        ExitCode::Undecided => YELLOW,
    }
}

fn first_rule(report: &Report) -> Option<&'static str> {
    let strongest = report.findings.iter().max_by_key(|finding| finding.level);
    // `max_by_key` takes the last of equals; the first block is what a reader saw first.
    let level = strongest?.level;
    let first = report
        .findings
        .iter()
        .find(|finding| finding.level == level);
    first.map(|finding| finding.rule)
}

fn renderer(look: &Look) -> Renderer {
    Renderer::styled().term_width(look.width)
}
