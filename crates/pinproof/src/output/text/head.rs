//! The head of a text report: is this a lock file, for which environment, who was asked.

use std::fmt::Write as _;

use pinproof_core::evidence::Openness;
use pinproof_core::{Level, Printable};
use pinproof_engine::report::{FileUse, JudgedFile, Kind, ScopeNote, SourceUse};
use pinproof_engine::{LockKind, Report, is_without_address};

use super::{BOLD, GREEN, RED, YELLOW};
use crate::output::{Look, advisories, wording};

/// Included files that are listed; they are judged with the file that includes them.
const PARTS: usize = 10;
/// Releases that the advice names.
const ADVICE: usize = 20;

/// Writes what every file is, and what the indexes do not publish.
pub(crate) fn write(text: &mut String, report: &Report, look: &Look) {
    let is_part = |file: &&JudgedFile| matches!(file.use_of, FileUse::IncludedBy(_));
    let (parts, files): (Vec<_>, Vec<_>) = report.files.iter().partition(is_part);
    let shown = if look.verbose > 0 { usize::MAX } else { PARTS };
    for file in files.into_iter().chain(parts.iter().copied().take(shown)) {
        match report.kind {
            Kind::Check => write_file(text, report, file),
            Kind::Audit => write_audited(text, report, file),
        }
    }
    if parts.len() > shown {
        let more = wording::count(
            parts.len() - shown,
            "more included file",
            "more included files",
        );
        let _ = writeln!(text, "and {more}");
    }
    let internal = report.counts().internal;
    if internal > 0 {
        let internal = wording::count(internal, "internal requirement", "internal requirements");
        let _ = writeln!(text, "{internal}: no public index was asked about them");
    }
    advisories::write_sources(text, report, look.verbose > 0);
    for source in &report.sources {
        write_source(text, report, source, look);
    }
    write_unsupported(text, report);
    let most = if look.verbose > 0 { usize::MAX } else { ADVICE };
    advisories::write_advice(text, report, most, look.width);
    if !text.is_empty() {
        text.push('\n');
    }
}

/// An audit does not ask whether a file is a lock, and says nothing of it.
fn write_audited(text: &mut String, report: &Report, file: &JudgedFile) {
    let path = &file.source.path;
    let requirements = wording::count(file.counts.requirements, "requirement", "requirements");
    let _ = match &file.use_of {
        FileUse::InputOf(_) | FileUse::IncludedBy(_) | FileUse::Inventory(_) => {
            writeln!(
                text,
                "{BOLD}{path}{BOLD:#}: {}",
                wording::kind(file, report)
            )
        }
        FileUse::Installed => writeln!(text, "{BOLD}{path}{BOLD:#}: {requirements}"),
    };
    write_parts(text, file);
}

fn write_file(text: &mut String, report: &Report, file: &JudgedFile) {
    let style = match file.lock.as_ref().map(|lock| lock.kind) {
        Some(LockKind::Lock) => GREEN,
        Some(LockKind::Empty) if file.counts.requirements > 0 => RED,
        Some(LockKind::UnknownTree | LockKind::UnaskedTree | LockKind::Empty) => YELLOW,
        Some(_) => RED,
        None => BOLD,
    };
    let path = &file.source.path;
    let _ = writeln!(
        text,
        "{BOLD}{path}{BOLD:#}: {style}{}{style:#}",
        wording::kind(file, report)
    );
    if let Some(properties) = wording::properties(file) {
        let _ = writeln!(text, "  {properties}");
    }
    if let Some(lock) = file.lock.as_ref().filter(|lock| !lock.elsewhere.is_empty()) {
        let names: Vec<_> = lock
            .elsewhere
            .iter()
            .map(|name| Printable::new(name))
            .collect();
        let _ = writeln!(
            text,
            "  on other platforms it would also need {}",
            wording::listing(&names, 6)
        );
    }
    write_parts(text, file);
}

/// Which parts of a file were judged, and which were not.
fn write_parts(text: &mut String, file: &JudgedFile) {
    if let Some(scope) = &file.scope {
        write_scope(text, scope);
    }
    if let Some(foreign) = wording::foreign(file) {
        let _ = writeln!(text, "  {foreign}");
    }
}

fn write_scope(text: &mut String, scope: &ScopeNote) {
    let list = |parts: &std::collections::BTreeSet<String>| {
        let parts: Vec<_> = parts.iter().map(|part| Printable::new(part)).collect();
        wording::listing(&parts, 8)
    };
    if !scope.judged.is_empty() {
        let _ = writeln!(text, "  judged: {}", list(&scope.judged));
    }
    if !scope.left_out.is_empty() {
        let _ = writeln!(text, "  left out by choice: {}", list(&scope.left_out));
    }
}

fn write_source(text: &mut String, report: &Report, source: &SourceUse, look: &Look) {
    let age = source
        .oldest
        .map(|oldest| report.decided_at.duration_since(oldest));
    let is_old = age.is_some_and(|age| age.as_hours() >= 1);
    if look.verbose == 0 && !is_old && report.sources.len() == 1 {
        return;
    }
    let asked = wording::count(source.asked, "project", "projects");
    let _ = write!(text, "asked {} about {asked}", source.name);
    if !source.address.as_str().contains(source.name.as_str()) {
        let _ = write!(text, " ({})", source.address);
    }
    if let Some(age) = age.filter(|_| is_old) {
        let hours = age.as_hours();
        let age = if hours >= 48 {
            format!("{} days", hours / 24)
        } else {
            wording::count(usize::try_from(hours).unwrap_or(0), "hour", "hours")
        };
        let _ = write!(text, "; the oldest answer is {age} old");
    }
    text.push('\n');
}

/// What an index never publishes is said once for each index.
fn write_unsupported(text: &mut String, report: &Report) {
    let mut said: Vec<Unsupported<'_>> = Vec::new();
    for question in &report.questions {
        let is_counted = question.level < Level::Deny && is_without_address(&question.source);
        if question.openness != Openness::Unsupported || is_counted {
            continue;
        }
        let (source, what) = (&question.source.0, &question.why);
        let known = said.iter_mut().find(|known| {
            (known.source, known.what, known.level) == (source, what, question.level)
        });
        match known {
            Some(known) if known.rules.contains(&question.rule) => {}
            Some(known) => known.rules.push(question.rule),
            None => said.push(Unsupported {
                source,
                what,
                level: question.level,
                rules: vec![question.rule],
            }),
        }
    }
    for Unsupported {
        source,
        what,
        level,
        rules,
    } in said
    {
        // A name that nobody is asked about has no answer of any kind.
        let what = if what.as_str().is_empty() {
            "answers nothing"
        } else {
            what.as_str()
        };
        let (style, word) = match level {
            Level::Deny => (RED, "error"),
            Level::Warn | Level::Allow => (YELLOW, "warning"),
        };
        let _ = writeln!(
            text,
            "{style}{word}{style:#}: {source} {what}; not known: {}",
            rules.join(", ")
        );
    }
}

/// What one source never publishes, and which rules would need it.
struct Unsupported<'a> {
    source: &'a Printable,
    what: &'a Printable,
    level: Level,
    rules: Vec<&'static str>,
}
