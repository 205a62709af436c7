//! What stayed open: grouped by who was asked and why there is no answer.

use std::fmt::Write as _;

use pinproof_core::evidence::Openness;
use pinproof_core::verdict::NOT_UNDERSTOOD;
use pinproof_core::{Level, Printable, Question};
use pinproof_engine::Report;

use super::{BOLD, RED, YELLOW};
use crate::output::concise::locate;
use crate::output::{Look, wording};

/// Questions of one kind.
struct Group<'a> {
    level: Level,
    source: &'a Printable,
    why: &'a Printable,
    rules: Vec<&'static str>,
    subjects: Vec<Printable>,
}

/// Writes the open questions; what an index never publishes is in the head.
pub(crate) fn write(text: &mut String, report: &Report, look: &Look) {
    let open = report
        .questions
        .iter()
        .filter(|question| question.openness != Openness::Unsupported);
    let (unclear, asked): (Vec<_>, Vec<_>) =
        open.partition(|question| question.rule == NOT_UNDERSTOOD);
    for question in unclear {
        write_unclear(text, report, question);
    }
    for group in group(&asked) {
        write_group(text, &group, look);
    }
}

fn write_unclear(text: &mut String, report: &Report, question: &Question) {
    let place = question.places.first();
    let at = place.map_or_else(|| question.source.to_string(), |place| locate(report, place));
    let _ = writeln!(
        text,
        "{RED}error[{NOT_UNDERSTOOD}]{RED:#}{BOLD}: {at}: {}{BOLD:#}",
        question.why
    );
    if let Some(help) = place.map(|place| &place.label).filter(|label| !label.as_str().is_empty()) {
        let _ = writeln!(text, "  = help: {help}");
    }
    text.push('\n');
}

fn group<'a>(questions: &[&'a Question]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for question in questions {
        let subject = question.project.as_ref().map(|name| Printable::new(name.as_str()));
        let same = |group: &&mut Group<'_>| {
            group.source == &question.source.0
                && group.why == &question.why
                && group.level == question.level
        };
        let known = groups.iter_mut().find(same);
        let group = match known {
            Some(group) => group,
            None => {
                groups.push(Group {
                    level: question.level,
                    source: &question.source.0,
                    why: &question.why,
                    rules: Vec::new(),
                    subjects: Vec::new(),
                });
                let Some(last) = groups.last_mut() else { continue };
                last
            }
        };
        if !group.rules.contains(&question.rule) {
            group.rules.push(question.rule);
        }
        if let Some(subject) = subject.filter(|subject| !group.subjects.contains(subject)) {
            group.subjects.push(subject);
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.level));
    groups
}

fn write_group(text: &mut String, group: &Group<'_>, look: &Look) {
    let (style, word) = match group.level {
        Level::Deny => (RED, "error"),
        Level::Warn | Level::Allow => (YELLOW, "warning"),
    };
    let most = if look.verbose > 0 { usize::MAX } else { 6 };
    let about = match group.subjects.len() {
        0 => String::new(),
        1..=3 => format!(" about {}", wording::listing(&group.subjects, most)),
        count => format!(" about {count} projects"),
    };
    let _ = writeln!(
        text,
        "{style}{word}[unavailable-evidence]{style:#}{BOLD}: no answer from {}{about}: {}{BOLD:#}",
        group.source, group.why
    );
    let _ = writeln!(text, "  = note: unanswered: {}", group.rules.join(", "));
    if group.subjects.len() > 3 {
        let _ = writeln!(text, "  = note: {}", wording::listing(&group.subjects, most));
    }
    text.push('\n');
}
