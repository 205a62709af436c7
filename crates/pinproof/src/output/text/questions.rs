//! What stayed open: grouped by who was asked and why there is no answer.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use pinproof_core::evidence::Openness;
use pinproof_core::verdict::NOT_UNDERSTOOD;
use pinproof_core::{Level, Printable, ProjectName, Question, Span};
use pinproof_engine::Report;

use super::{BOLD, RED, YELLOW};
use crate::output::concise::locate;
use crate::output::{Look, wording};

/// Lines that are shown one by one; a file of another kind has thousands that are not understood.
const SHOWN: usize = 10;

/// Questions that one source did not answer, for one reason.
struct Group<'a> {
    source: &'a Printable,
    why: &'a Printable,
    denying: Vec<&'static str>,
    warning: Vec<&'static str>,
    subjects: BTreeSet<&'a str>,
}

/// Writes the open questions; what an index never publishes is in the head.
pub(crate) fn write(text: &mut String, report: &Report, look: &Look) {
    let open = report
        .questions
        .iter()
        .filter(|question| question.openness != Openness::Unsupported);
    let (mut unclear, asked): (Vec<_>, Vec<_>) =
        open.partition(|question| question.rule == NOT_UNDERSTOOD);
    unclear.sort_by_key(|question| place(question));
    let shown = if look.verbose > 0 { usize::MAX } else { SHOWN };
    for question in unclear.iter().take(shown) {
        write_unclear(text, report, question);
    }
    if let Some(more) = unclear.len().checked_sub(shown).filter(|more| *more > 0) {
        let _ = writeln!(
            text,
            "{RED}error[{NOT_UNDERSTOOD}]{RED:#}{BOLD}: {more} more lines are not understood{BOLD:#}"
        );
        let _ = writeln!(text, "  = help: `--verbose` shows them all\n");
    }
    for group in group(&asked) {
        write_group(text, &group, look);
    }
}

fn place(question: &Question) -> Option<(&Printable, Option<Span>)> {
    let place = question.places.first()?;
    Some((&place.origin, place.span))
}

fn write_unclear(text: &mut String, report: &Report, question: &Question) {
    let place = question.places.first();
    let at = place.map_or_else(
        || question.source.to_string(),
        |place| locate(report, place),
    );
    let _ = writeln!(
        text,
        "{RED}error[{NOT_UNDERSTOOD}]{RED:#}{BOLD}: {at}: {}{BOLD:#}",
        question.why
    );
    if let Some(help) = place
        .map(|place| &place.label)
        .filter(|label| !label.as_str().is_empty())
    {
        let _ = writeln!(text, "  = help: {help}");
    }
    text.push('\n');
}

fn group<'a>(questions: &[&'a Question]) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<_, Group<'a>> = BTreeMap::new();
    for question in questions {
        let (source, why) = (&question.source.0, &question.why);
        let group = groups.entry((source, why)).or_insert_with(|| Group {
            source,
            why,
            denying: Vec::new(),
            warning: Vec::new(),
            subjects: BTreeSet::new(),
        });
        let rules = match question.level {
            Level::Deny => &mut group.denying,
            Level::Warn | Level::Allow => &mut group.warning,
        };
        if !rules.contains(&question.rule) {
            rules.push(question.rule);
        }
        let subject = question.project.as_ref().map(ProjectName::as_str);
        group.subjects.extend(subject);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_key(|group| group.denying.is_empty());
    groups
}

fn write_group(text: &mut String, group: &Group<'_>, look: &Look) {
    let (style, word) = if group.denying.is_empty() {
        (YELLOW, "warning")
    } else {
        (RED, "error")
    };
    let most = if look.verbose > 0 { usize::MAX } else { 6 };
    let names = || {
        let names: Vec<_> = group
            .subjects
            .iter()
            .map(|name| Printable::new(name))
            .collect();
        wording::listing(&names, most)
    };
    let about = match group.subjects.len() {
        0 => String::new(),
        1..=3 => format!(" about {}", names()),
        count => format!(" about {count} projects"),
    };
    let _ = writeln!(
        text,
        "{style}{word}[unavailable-evidence]{style:#}{BOLD}: no answer from {}{about}: {}{BOLD:#}",
        group.source, group.why
    );
    if !group.denying.is_empty() {
        let _ = writeln!(text, "  = note: not decided: {}", group.denying.join(", "));
    }
    if !group.warning.is_empty() {
        let _ = writeln!(text, "  = note: not known: {}", group.warning.join(", "));
    }
    if group.subjects.len() > 3 {
        let _ = writeln!(text, "  = note: {}", names());
    }
    text.push('\n');
}
