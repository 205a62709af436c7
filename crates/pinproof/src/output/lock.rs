//! What `pinproof lock` says, for people: what changed, what was held back, what a check says of it.

mod json;
mod no_lock;
mod rows;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use pinproof_core::lock_diff::{Change, ChangeKind};
use pinproof_core::{Environment, Level, Printable, ProjectName, Version};
use pinproof_engine::Report;
use pinproof_engine::config::{Overridden, Override};
use pinproof_engine::lock::{HeldBack, Locked};

pub(crate) use json::{
    made as made_as_json, no_lock as no_lock_as_json, other_inputs as other_inputs_as_json, schema,
};
pub(crate) use no_lock::{no_lock, other_inputs};
use rows::{Row, Rows};

use super::text::{self, BOLD};
use super::wording::{self, count};
use super::{Look, lanes};
use crate::commands::lock::LockPlace;

const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();

/// A lock that was made.
pub(crate) struct Made<'a> {
    /// Where it is.
    pub(crate) place: &'a LockPlace,
    /// The lock.
    pub(crate) locked: &'a Locked,
    /// What is different from the lock that was there.
    pub(crate) changes: Vec<Change>,
    /// What a check says of it; nobody asked where nothing was written.
    pub(crate) report: Option<&'a Report>,
    /// The overrides of the configuration that count.
    pub(crate) overrides: &'a [Override],
    /// Those that do not any more.
    pub(crate) expired: &'a [Override],
    /// What it is for.
    pub(crate) targets: &'a [Environment],
    /// Whether there was one before.
    pub(crate) was_there: bool,
    /// Whether its text is another one than before.
    pub(crate) is_changed: bool,
    /// Whether nothing was to be written.
    pub(crate) only_looks: bool,
}

/// The whole report.
pub(crate) fn render(made: &Made<'_>, look: &Look) -> String {
    let mut text = String::new();
    let locked = made.locked;
    let releases = count(locked.lock.releases.len(), "release", "releases");
    let what = format!("{releases} for {}", for_whom(made.targets));
    let what = rows::hanging(&what, ("Resolved ".len(), 2), look.width);
    let _ = writeln!(text, "{BOLD}Resolved{BOLD:#} {what}");
    let mut rows = Rows::default();
    add_changes(&mut rows, made, look);
    add_held_back(&mut rows, &locked.held_back);
    add_notes(&mut rows, made);
    if let Some(report) = made.report {
        add_findings(&mut rows, report);
    }
    text.push_str(&rows.text(look.width));
    if let Some(report) = made.report {
        lanes::write(&mut text, report);
        write_alarms(&mut text, report, look.width);
    }
    write_end(&mut text, made, look);
    text
}

fn for_whom(targets: &[Environment]) -> String {
    match targets {
        [one] => one.to_string(),
        [first, second] => format!("{first} and {second}"),
        many => {
            let pythons: BTreeSet<_> = many.iter().map(Environment::python).collect();
            let platforms: BTreeSet<_> = many.iter().map(Environment::platform).collect();
            let words = |words: Vec<String>| words.join(", ");
            format!(
                "{} environments (Python {} on {})",
                many.len(),
                words(pythons.iter().map(ToString::to_string).collect()),
                words(
                    platforms
                        .iter()
                        .map(|platform| platform.name().to_owned())
                        .collect()
                ),
            )
        }
    }
}

fn add_changes(rows: &mut Rows, made: &Made<'_>, look: &Look) {
    let mut kept = 0;
    for change in &made.changes {
        let (sign, versions, more) = match &change.kind {
            ChangeKind::Kept(_) => {
                kept += 1;
                continue;
            }
            ChangeKind::Added(versions) => (('+', GREEN), listed(versions), String::new()),
            ChangeKind::Removed(versions) => (('-', YELLOW), listed(versions), String::new()),
            ChangeKind::Changed { old, new } => {
                let versions = format!("{} -> {}", listed(old), listed(new));
                (('~', YELLOW), versions, String::new())
            }
            ChangeKind::Rehashed {
                version,
                gone,
                come,
            } => {
                let style = if gone.is_empty() { YELLOW } else { RED };
                let more = rehashed(gone.len(), come.len());
                (('#', style), version.to_string(), more)
            }
            ChangeKind::Moved { version, old, new } => {
                let more = format!(
                    "was from {}, now from {}",
                    origin(old.as_ref()),
                    origin(new.as_ref())
                );
                (('#', RED), version.to_string(), more)
            }
        };
        rows.add(Row {
            sign,
            name: change.project.to_string(),
            versions,
            more,
        });
    }
    if kept > 0 && (look.verbose > 0 || kept < made.changes.len()) {
        let kept = count(kept, "release is", "releases are");
        rows.add_line(format!("   {kept} unchanged"));
    }
}

fn origin(place: Option<&Printable>) -> String {
    place.map_or_else(|| "an index".to_owned(), ToString::to_string)
}

fn rehashed(gone: usize, come: usize) -> String {
    match (gone, come) {
        (0, come) => format!("{} more", count(come, "hash", "hashes")),
        (gone, 0) => format!("{} fewer", count(gone, "hash", "hashes")),
        (gone, come) => format!(
            "the same version has other files: {} gone, {} new",
            count(gone, "hash is", "hashes are"),
            count(come, "is", "are"),
        ),
    }
}

fn listed(versions: &BTreeSet<Version>) -> String {
    let versions: Vec<_> = versions.iter().map(ToString::to_string).collect();
    versions.join(", ")
}

/// The newest releases that were not taken, with what keeps each out and until when.
fn add_held_back(rows: &mut Rows, held_back: &[HeldBack]) {
    for of_project in held_back.chunk_by(|a, b| a.project == b.project) {
        let Some(held) = of_project.first() else {
            continue;
        };
        let because = &held.because;
        let until = because.until.map(|until| format!(", until {until:.0}"));
        let rest = match of_project.len() - 1 {
            0 => String::new(),
            rest => format!("; and {} more", count(rest, "release", "releases")),
        };
        let more = format!(
            "{} is held back{}: {} [{}]{rest}",
            held.version,
            until.unwrap_or_default(),
            because.message,
            because.rule
        );
        rows.add(Row {
            sign: ('=', YELLOW),
            name: held.project.to_string(),
            versions: held.instead.to_string(),
            more,
        });
    }
}

fn add_notes(rows: &mut Rows, made: &Made<'_>) {
    let locked = made.locked;
    for (project, extra) in &locked.unknown_extras {
        rows.add(Row {
            sign: ('!', YELLOW),
            name: project.to_string(),
            versions: String::new(),
            more: format!("asked for with the extra `{extra}`, which it does not have"),
        });
    }
    // A check of the lock says the same, unless its rule is not asked.
    let is_said = |project: &ProjectName| {
        let mut findings = made.report.iter().flat_map(|report| &report.findings);
        findings.any(|of| of.rule == "build-required" && of.project.as_ref() == Some(project))
    };
    for (overrides, is_expired) in [(made.overrides, false), (made.expired, true)] {
        for one in overrides {
            rows.add(overridden(one, is_expired));
        }
    }
    for build in &locked.builds {
        let of_the_build = match &build.requires {
            Ok(requires) => format!(
                "it is built with {}, which this lock does not hold",
                wording::listing(requires, 6)
            ),
            Err(why) => format!("what builds it is not known: {why}"),
        };
        let code = "installing it can run its code";
        rows.add(Row {
            sign: ('!', YELLOW),
            name: build.project.to_string(),
            versions: build.version.to_string(),
            more: if is_said(&build.project) {
                of_the_build
            } else {
                format!("needs a build: {code} (--allow-build); {of_the_build}")
            },
        });
    }
}

/// What the configuration does with a project, and why.
fn overridden(one: &Override, is_expired: bool) -> Row {
    let over = if is_expired {
        ": it does not count any more"
    } else {
        ""
    };
    let until = one.until.map(|until| format!(", until {until}{over}"));
    let what = match &one.what {
        Overridden::Requirement(requirement) => {
            format!("held to `{}{}`", requirement.name, requirement.specifiers)
        }
        Overridden::Without(_) => "left out".to_owned(),
    };
    Row {
        sign: ('!', YELLOW),
        name: one.project().to_string(),
        versions: String::new(),
        more: format!(
            "{what} by the configuration{}: {}",
            until.unwrap_or_default(),
            one.reason
        ),
    }
}

/// What a check says of the new lock, each once; what is about no project has its rule only.
fn add_findings(rows: &mut Rows, report: &Report) {
    let mut told = BTreeSet::new();
    for finding in &report.findings {
        let style = match finding.level {
            Level::Deny => RED,
            Level::Warn | Level::Allow => YELLOW,
        };
        let text = |of: Option<String>| of.unwrap_or_default();
        let row = Row {
            sign: ('!', style),
            name: text(finding.project.as_ref().map(ToString::to_string)),
            versions: text(finding.version.as_ref().map(ToString::to_string)),
            more: format!("{} [{}]", finding.message, finding.rule),
        };
        if told.insert((row.name.clone(), row.versions.clone(), row.more.clone())) {
            rows.add(row);
        }
    }
}

/// Sources of advisories that are out of date: what was chosen rests on the last that is known.
fn write_alarms(text: &mut String, report: &Report, width: usize) {
    let mut asked = report.asked.iter();
    if !asked.any(|rule| matches!(*rule, "known-malware" | "vulnerable-release")) {
        return;
    }
    for used in &report.advisories {
        if let Some(trouble) = &used.trouble {
            let what = format!(
                "advisories of {} are not up to date, so a release that is known to be bad may have been \
                 chosen: {trouble}",
                used.name
            );
            let _ = writeln!(
                text,
                "{RED}warning{RED:#}: {}",
                rows::hanging(&what, ("warning: ".len(), 2), width)
            );
        }
    }
}

fn write_end(text: &mut String, made: &Made<'_>, look: &Look) {
    let locked = made.locked;
    let hashes: usize = locked
        .lock
        .releases
        .iter()
        .map(|release| release.files.len())
        .sum();
    let unhashed = &locked.unhashed;
    let shown = &made.place.shown;
    let releases = count(locked.lock.releases.len(), "release", "releases");
    let what = format!("{releases}, {hashes} sha256, unhashed: {}", unhashed.len());
    let (word, rest) = match (made.only_looks, made.is_changed) {
        (false, true) => ("Wrote", format!("{shown} ({what})")),
        (true, true) if made.was_there => (
            "Differs",
            format!("{shown} is not what it would be now ({what})"),
        ),
        (true, true) => ("Missing", format!("{shown} is not there ({what})")),
        (_, false) => ("Unchanged", format!("{shown} ({what})")),
    };
    if !unhashed.is_empty() {
        let names = wording::listing(unhashed, 5);
        let _ = writeln!(
            text,
            "{YELLOW}left out{YELLOW:#}, because no index says their hashes: {names}"
        );
    }
    let _ = writeln!(text, "{BOLD}{word}{BOLD:#} {rest}");
    if let Some(report) = made.report {
        text::write_end(text, report, look);
    }
}
