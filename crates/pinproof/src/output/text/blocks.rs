//! Findings as blocks: one for each rule and file, however often the rule speaks.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level as Title, Origin, Snippet};
use pinproof_core::{Finding, Level, Place, Printable};
use pinproof_engine::Report;
use pinproof_engine::rules::find_rule;

use super::excerpts::{Shown, excerpts};
use super::{BOLD, RED, renderer};
use crate::output::{Look, advisories, wording};

/// Columns before the text of a note: the widest number of a line, and `= note: `.
const MARGIN: usize = 15;
/// Places that one block shows in full.
const SHOWN: usize = 3;

/// Writes the inputs that could not be read.
pub(crate) fn write_errors(text: &mut String, report: &Report) {
    for error in &report.errors {
        let at = match error.line_column {
            Some((line, column)) => format!("{}:{line}:{column}", error.path),
            None => error.path.to_string(),
        };
        let _ = writeln!(
            text,
            "{RED}error{RED:#}{BOLD}: {at}: {}{BOLD:#}",
            error.message
        );
        if let Some(help) = &error.help {
            let _ = writeln!(text, "  = help: {help}");
        }
        text.push('\n');
    }
}

/// Writes how often each rule spoke.
pub(crate) fn write_statistics(text: &mut String, report: &Report) {
    let mut counts: BTreeMap<(std::cmp::Reverse<Level>, &str), usize> = BTreeMap::new();
    for finding in &report.findings {
        *counts
            .entry((std::cmp::Reverse(finding.level), finding.rule))
            .or_default() += 1;
    }
    for ((level, rule), count) in counts {
        let _ = writeln!(text, "{count:6}  {:5}  {rule}", level.0);
    }
    text.push('\n');
}

/// Writes the findings.
pub(crate) fn write(text: &mut String, report: &Report, look: &Look) {
    for block in blocks(report) {
        let shown = render(&block, report, look);
        let _ = writeln!(text, "{shown}\n");
    }
}

/// Writes what exceptions cover, where somebody wants to know.
pub(crate) fn write_ignored(text: &mut String, report: &Report, look: &Look) {
    if look.verbose > 0 {
        for ignored in &report.ignored {
            let finding = &ignored.finding;
            let _ = writeln!(
                text,
                "ignored[{}]: {} ({})",
                finding.rule, finding.message, ignored.exception.reason
            );
        }
        for ignored in &report.ignored_questions {
            let question = &ignored.question;
            let about = question.project.as_ref();
            let about = about.map_or_else(String::new, |project| format!(" about {project}"));
            let _ = writeln!(
                text,
                "ignored[{}]: no answer from {}{about} ({})",
                question.rule, question.source, ignored.exception.reason
            );
        }
    }
}

/// The findings of one rule, at one level, in one file.
pub(crate) struct Block<'a> {
    /// The level.
    pub(crate) level: Level,
    /// The findings, the worst flaws first; there is one at least.
    pub(crate) findings: Vec<&'a Finding>,
}

/// Denied first, then by file and rule, in the order in which they were found.
pub(crate) fn blocks(report: &Report) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    for finding in &report.findings {
        let same = |block: &&mut Block<'_>| {
            let first = block.findings[0];
            block.level == finding.level
                && first.rule == finding.rule
                && origin(first) == origin(finding)
                && case(first) == case(finding)
        };
        match blocks.iter_mut().find(same) {
            Some(block) => block.findings.push(finding),
            None => blocks.push(Block {
                level: finding.level,
                findings: vec![finding],
            }),
        }
    }
    for block in &mut blocks {
        advisories::worst_first(&mut block.findings);
    }
    blocks.sort_by_key(|block| {
        let worst = block
            .findings
            .first()
            .and_then(|first| advisories::weight(first));
        std::cmp::Reverse((block.level, worst))
    });
    blocks
}

fn origin(finding: &Finding) -> Option<&Printable> {
    finding.places.first().map(|place| &place.origin)
}

fn case(finding: &Finding) -> &str {
    finding.key.split('/').next().unwrap_or("")
}

fn render(block: &Block<'_>, report: &Report, look: &Look) -> String {
    let rule = block.findings[0].rule;
    let title = wrapped_title(&title(block), (block.level, rule), look.width);
    let severity = match block.level {
        Level::Deny => Title::ERROR,
        Level::Warn | Level::Allow => Title::WARNING,
    };
    let mut group = severity
        .primary_title(title.as_str())
        .id(rule)
        .elements(Vec::<Origin<'_>>::new());
    let shown = if look.verbose > 0 { usize::MAX } else { SHOWN };
    let places: Vec<&Place> = block
        .findings
        .iter()
        .take(shown)
        .flat_map(|finding| &finding.places)
        .collect();
    let mut excerpts = excerpts(&places, report);
    let moved: Vec<Printable> = excerpts
        .iter_mut()
        .flat_map(|excerpt| excerpt.take_long_labels(look.width))
        .collect();
    for excerpt in &excerpts {
        group = match excerpt {
            Shown::Source {
                excerpt,
                path,
                labels,
            } => {
                let annotations = excerpt.ranges.iter().zip(labels).map(|(range, label)| {
                    let annotation = AnnotationKind::Primary.span(range.clone());
                    match label {
                        Some(label) => annotation.label(label.as_str()),
                        None => annotation,
                    }
                });
                group.element(
                    Snippet::source(excerpt.text.as_ref())
                        .line_start(excerpt.first_line)
                        .path(path.as_str())
                        .annotations(annotations),
                )
            }
            Shown::Origin(origin) => group.element(Origin::path(origin.as_str())),
        };
    }
    let mut notes = notes(block, shown);
    notes.splice(0..0, distinct(moved.iter(), usize::MAX));
    let help = distinct(block.findings.iter().flat_map(|finding| &finding.help), 3);
    let notes: Vec<String> = notes.iter().map(|note| wrapped(note, look.width)).collect();
    let help: Vec<String> = help.iter().map(|help| wrapped(help, look.width)).collect();
    for note in &notes {
        group = group.element(Title::NOTE.message(note.as_str()));
    }
    for help in &help {
        group = group.element(Title::HELP.message(help.as_str()));
    }
    let group: Group<'_> = group;
    renderer(look).render(&[group])
}

/// A title in lines that fit beside `error[rule]: `.
fn wrapped_title(title: &str, (level, rule): (Level, &str), width: usize) -> String {
    let word = match level {
        Level::Deny => "error",
        Level::Warn | Level::Allow => "warning",
    };
    let label = word.len() + rule.len() + "[]: ".len();
    wording::lines(title, width.saturating_sub(label)).join("\n")
}

/// A note in lines that fit beside the margin of the excerpt.
fn wrapped(note: &Printable, width: usize) -> String {
    wording::lines(note.as_str(), width.saturating_sub(MARGIN)).join("\n")
}

/// One finding speaks for itself; of several, the rule says what they have in common.
pub(crate) fn title(block: &Block<'_>) -> String {
    let first = block.findings[0];
    let count = block.findings.len();
    let is_same = block
        .findings
        .iter()
        .all(|finding| finding.message == first.message);
    if count == 1 || is_same {
        return first.message.to_string();
    }
    if let Some(title) = advisories::title(&block.findings) {
        return title;
    }
    let summary = find_rule(first.rule).map_or("", |rule| rule.summary);
    format!("{summary}: {count} times")
}

/// What supports the findings, and the names of those that are not shown.
pub(crate) fn notes(block: &Block<'_>, shown: usize) -> Vec<Printable> {
    let visible = block.findings.iter().take(shown);
    let mut notes: Vec<Printable> = Vec::new();
    let several = block.findings.len() > 1;
    for finding in visible {
        let is_labelled = finding
            .places
            .iter()
            .any(|place| !place.label.as_str().is_empty());
        if several && !is_labelled && !notes.contains(&finding.message) {
            notes.push(finding.message.clone());
        }
        // A place without text has nowhere to show its label.
        let labels = finding.places.iter().filter(|place| place.span.is_none());
        let labels = labels.map(|place| &place.label);
        let labels = labels.filter(|label| !label.as_str().is_empty());
        for note in labels.chain(&finding.notes) {
            if !notes.contains(note) {
                notes.push(note.clone());
            }
        }
    }
    let rest = block.findings.get(shown..).unwrap_or_default();
    if !rest.is_empty() {
        let listing = wording::listing(&names(rest), 12);
        notes.push(Printable::from(format!(
            "and {} more: {listing}",
            rest.len()
        )));
    }
    notes
}

/// The projects of findings, each once, with how many there are; what speaks of none says it all.
fn names(findings: &[&Finding]) -> Vec<Printable> {
    let mut counts: Vec<(Printable, usize)> = Vec::new();
    for finding in findings {
        let name = match &finding.project {
            Some(project) => Printable::new(project.as_str()),
            None => finding.message.clone(),
        };
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    let shown = counts.into_iter().map(|(name, count)| match count {
        1 => name,
        count => Printable::from(format!("{name} ({count})")),
    });
    shown.collect()
}

/// Lines without repetition, at most so many.
pub(crate) fn distinct<'a>(
    lines: impl Iterator<Item = &'a Printable>,
    most: usize,
) -> Vec<Printable> {
    let mut kept: Vec<Printable> = Vec::new();
    for line in lines {
        if kept.len() < most && !kept.contains(line) {
            kept.push(line.clone());
        }
    }
    kept
}
