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
    write_questions(&mut text, report);
    let _ = writeln!(text, "{}", wording::judged(report, true));
    text
}

/// One line for each project and reason: every rule that asked has the same answer.
fn write_questions(text: &mut String, report: &Report) {
    let mut lines: BTreeMap<_, (Level, Vec<&'static str>)> = BTreeMap::new();
    for question in &report.questions {
        let place = question.places.first();
        let origin = place.map_or(&question.source.0, |place| &place.origin);
        let line = place.map(|place| start_of_line(report, place));
        let reason = (question.openness, &question.source.0, &question.why);
        let key = (origin, line, question.rule == NOT_UNDERSTOOD, reason, &question.project);
        let (level, rules) = lines.entry(key).or_insert((question.level, Vec::new()));
        *level = (*level).max(question.level);
        if !rules.contains(&question.rule) {
            rules.push(question.rule);
        }
    }
    for ((origin, line, is_unclear, (openness, source, why), project), (level, rules)) in lines {
        let place = match line {
            Some((Some(line), column)) => format!("{origin}:{line}:{column}"),
            _ => origin.to_string(),
        };
        let level = word(level);
        let about = project.as_ref().map_or_else(String::new, |name| format!(" about {name}"));
        let rules = rules.join(", ");
        let _ = match openness {
            _ if is_unclear => writeln!(text, "{place}: {level}[{rules}] {why}"),
            Openness::Unsupported => writeln!(text, "{place}: {level}[{rules}] {source}: {why}"),
            Openness::Absent | Openness::Unavailable => {
                writeln!(text, "{place}: {level}[{rules}] no answer from {source}{about}: {why}")
            }
        };
    }
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
