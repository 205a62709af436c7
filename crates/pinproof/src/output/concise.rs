//! `--format concise`: one line for each finding, for editors and `grep`.

use std::fmt::Write as _;

use pinproof_core::verdict::NOT_UNDERSTOOD;
use pinproof_core::{Level, Place};
use pinproof_engine::Report;

use super::wording;

/// `FILE:LINE:COLUMN: LEVEL[RULE] MESSAGE`.
pub(crate) fn render(report: &Report) -> String {
    let mut text = String::new();
    for error in &report.errors {
        let place = match error.line_column {
            Some((line, column)) => format!("{}:{line}:{column}", error.path),
            None => error.path.to_string(),
        };
        let _ = writeln!(text, "{place}: error: {}", error.message);
    }
    for finding in &report.findings {
        let place = finding
            .places
            .first()
            .map_or_else(String::new, |at| locate(report, at));
        let level = word(finding.level);
        let _ = writeln!(
            text,
            "{place}: {level}[{}] {}",
            finding.rule, finding.message
        );
    }
    for question in &report.questions {
        let place = question
            .places
            .first()
            .map_or_else(|| question.source.to_string(), |at| locate(report, at));
        let level = word(question.level);
        let (rule, why) = (question.rule, &question.why);
        let _ = if rule == NOT_UNDERSTOOD {
            writeln!(text, "{place}: {level}[{rule}] {why}")
        } else {
            let source = &question.source;
            writeln!(
                text,
                "{place}: {level}[{rule}] no answer from {source}: {why}"
            )
        };
    }
    let _ = writeln!(text, "{}", wording::judged(report, true));
    text
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn | Level::Allow => "warning",
    }
}

/// `FILE:LINE:COLUMN`, or the origin of a machine setting.
pub(crate) fn locate(report: &Report, place: &Place) -> String {
    let file = report.source(&place.origin);
    match (file, place.span) {
        (Some(file), Some(span)) => {
            let at = file.locate(span);
            format!("{}:{}:{}", place.origin, at.line, at.column)
        }
        _ => place.origin.to_string(),
    }
}
