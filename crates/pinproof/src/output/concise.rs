//! `--format concise`: one line for each finding and for each gap, for editors and `grep`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use pinproof_core::evidence::Openness;
use pinproof_core::span::LineColumn;
use pinproof_core::verdict::NOT_UNDERSTOOD;
use pinproof_core::{Level, Place, Printable, ProjectName, Question};
use pinproof_engine::Report;

use super::{lanes, wording};

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
    lanes::write_concise(&mut text, report);
    write_questions(&mut text, report);
    write_base(&mut text, report);
    let _ = writeln!(text, "{}", wording::judged(report, true));
    text
}

/// One line for everything that does not count, because it was there before.
fn write_base(text: &mut String, report: &Report) {
    let Some(base) = &report.base else { return };
    let name = wording::base(base);
    for error in &base.unread {
        let why = &error.message;
        let _ = writeln!(
            text,
            "{}: warning: cannot be read in {name}: {why}",
            error.path
        );
    }
    if let Some(existing) = wording::existing(report) {
        let _ = writeln!(text, "already in {name}, not counted: {existing}");
    }
}

/// What gives one line: the place, the project, and why nobody could tell.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Unanswered<'a> {
    origin: &'a Printable,
    line: Option<usize>,
    project: Option<&'a ProjectName>,
    source: &'a Printable,
    openness: Openness,
    why: &'a Printable,
}

/// One line for each requirement and reason, however many rules asked.
fn write_questions(text: &mut String, report: &Report) {
    let mut lines: BTreeMap<Unanswered<'_>, Vec<&Question>> = BTreeMap::new();
    for question in &report.questions {
        let place = question.places.first();
        let line = place.and_then(|place| line_column(report, place));
        let unanswered = Unanswered {
            origin: place.map_or(&question.source.0, |place| &place.origin),
            line: line.map(|at| at.line),
            project: question.project.as_ref(),
            source: &question.source.0,
            openness: question.openness,
            why: &question.why,
        };
        lines.entry(unanswered).or_default().push(question);
    }
    for (unanswered, questions) in lines {
        write_unanswered(text, report, &unanswered, &questions);
    }
}

fn write_unanswered(
    text: &mut String,
    report: &Report,
    unanswered: &Unanswered<'_>,
    questions: &[&Question],
) {
    let Unanswered { source, why, .. } = unanswered;
    let places = questions
        .iter()
        .filter_map(|question| question.places.first());
    let first = places.min_by_key(|place| place.span);
    let place = first.map_or_else(|| source.to_string(), |place| locate(report, place));
    let levels = questions.iter().map(|question| question.level);
    let level = word(levels.max().unwrap_or(Level::Allow));
    let rules: Vec<_> = questions.iter().map(|question| question.rule).collect();
    let rules = rules.join(", ");
    let _ = match unanswered.openness {
        _ if rules == NOT_UNDERSTOOD => writeln!(text, "{place}: {level}[{rules}] {why}"),
        Openness::Unsupported => writeln!(text, "{place}: {level}[{rules}] {source}: {why}"),
        Openness::Absent | Openness::Unavailable => writeln!(
            text,
            "{place}: {level}[unavailable-evidence] no answer from {source}: {why} ({rules})"
        ),
    };
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn | Level::Allow => "warning",
    }
}

/// `FILE:LINE:COLUMN`, or the origin of a machine setting.
pub(crate) fn locate(report: &Report, place: &Place) -> String {
    match line_column(report, place) {
        Some(at) => format!("{}:{}:{}", place.origin, at.line, at.column),
        None => place.origin.to_string(),
    }
}

fn line_column(report: &Report, place: &Place) -> Option<LineColumn> {
    let file = report.source(&place.origin)?;
    Some(file.locate(place.span?))
}
