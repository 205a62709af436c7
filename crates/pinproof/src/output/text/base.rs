//! What the base of a comparison has too: counted, and listed in one line for each rule and file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use pinproof_core::{Finding, Level, Printable};
use pinproof_engine::Report;

use super::{BOLD, YELLOW};
use crate::output::{Look, wording};

/// Lines of the list, unless more is asked for.
const SHOWN: usize = 10;

/// Writes what was there before; nothing without a base.
pub(crate) fn write(text: &mut String, report: &Report, look: &Look) {
    let Some(base) = &report.base else { return };
    let name = wording::base(base);
    let all = look.verbose > 0;
    for error in base
        .unread
        .iter()
        .take(if all { usize::MAX } else { SHOWN })
    {
        let _ = writeln!(
            text,
            "{YELLOW}warning{YELLOW:#}: {name} has {} too, but it cannot be read there ({}): nothing of it \
             counts as already there",
            error.path, error.message
        );
    }
    let Some(existing) = wording::existing(report) else {
        let _ = writeln!(text, "nothing of this was in {name} already\n");
        return;
    };
    let _ = writeln!(
        text,
        "{BOLD}already in {name}, not counted{BOLD:#}: {existing}"
    );
    let lines = lines(&report.existing);
    let shown = if all { usize::MAX } else { SHOWN };
    for ((level, rule, file), projects) in lines.iter().take(shown) {
        let most = if all { usize::MAX } else { 3 };
        let projects = match projects.as_slice() {
            [] => String::new(),
            projects => format!(": {}", wording::listing(projects, most)),
        };
        let _ = writeln!(text, "  {:5} {rule}  {file}{projects}", level.0);
    }
    if lines.len() > shown {
        let more = wording::count(lines.len() - shown, "more line", "more lines");
        let _ = writeln!(text, "  and {more}; `--verbose` shows them all");
    }
    text.push('\n');
}

type Line<'a> = (std::cmp::Reverse<Level>, &'static str, &'a str);

fn lines(findings: &[Finding]) -> BTreeMap<Line<'_>, Vec<Printable>> {
    let mut lines: BTreeMap<Line<'_>, Vec<Printable>> = BTreeMap::new();
    for finding in findings {
        let file = finding.places.first();
        let file = file.map_or("", |place| place.origin.as_str());
        let line = (std::cmp::Reverse(finding.level), finding.rule, file);
        let projects = lines.entry(line).or_default();
        if let Some(project) = &finding.project {
            projects.push(Printable::new(project.as_str()));
        }
    }
    lines
}
