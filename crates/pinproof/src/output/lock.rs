//! What `pinproof lock` says, for people: what changed, what was held back, what a check says of it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use pinproof_core::lock_diff::{Change, ChangeKind};
use pinproof_core::{Environment, Finding, Level, Printable, Version};
use pinproof_engine::lock::{HeldBack, LockError, Locked};
use pinproof_engine::{ExitCode, Report};

use super::text::{self, BOLD};
use super::wording::{self, count};
use super::{Look, lanes};
use crate::commands::lock::LockPlace;

const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
/// Columns of a name, and of the versions behind it; longer ones push the rest to the right.
const NAME: usize = 22;
const VERSIONS: usize = 20;
/// Of one project, more than this many releases that were held back are counted only.
const MOST_HELD_BACK: usize = 1;

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
    /// What it is for.
    pub(crate) targets: &'a [Environment],
    /// Whether its text is another one than before.
    pub(crate) is_changed: bool,
    /// Whether nothing was to be written.
    pub(crate) only_looks: bool,
}

/// Why there is no lock, and how the run ends.
pub(crate) struct NoLock {
    /// For stdout.
    pub(crate) text: String,
    /// The end.
    pub(crate) code: ExitCode,
}

/// The whole report.
pub(crate) fn render(made: &Made<'_>, look: &Look) -> String {
    let mut text = String::new();
    let locked = made.locked;
    let _ = writeln!(
        text,
        "{BOLD}Resolved{BOLD:#} {} for {}",
        count(locked.lock.releases.len(), "release", "releases"),
        for_whom(made.targets),
    );
    write_changes(&mut text, made, look);
    write_held_back(&mut text, &locked.held_back);
    write_notes(&mut text, locked);
    if let Some(report) = made.report {
        write_findings(&mut text, report);
        lanes::write(&mut text, report);
        write_alarms(&mut text, report);
    }
    write_end(&mut text, made);
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

fn write_changes(text: &mut String, made: &Made<'_>, look: &Look) {
    let mut kept = 0;
    for change in &made.changes {
        let name = change.project.as_str();
        let (sign, style, versions, more) = match &change.kind {
            ChangeKind::Kept(_) => {
                kept += 1;
                continue;
            }
            ChangeKind::Added(versions) => ('+', GREEN, listed(versions), String::new()),
            ChangeKind::Removed(versions) => ('-', YELLOW, listed(versions), String::new()),
            ChangeKind::Changed { old, new } => {
                let versions = format!("{} -> {}", listed(old), listed(new));
                ('~', YELLOW, versions, String::new())
            }
            ChangeKind::Rehashed {
                version,
                gone,
                come,
            } => {
                let style = if gone.is_empty() { YELLOW } else { RED };
                let more = rehashed(gone.len(), come.len());
                ('#', style, version.to_string(), more)
            }
            ChangeKind::Moved { version, old, new } => {
                let from = |place: &Option<Printable>| {
                    place
                        .as_ref()
                        .map_or("an index".to_owned(), ToString::to_string)
                };
                let more = format!("was from {}, now from {}", from(old), from(new));
                ('#', RED, version.to_string(), more)
            }
        };
        write_line(text, (sign, style), (name, &versions), &more);
    }
    if kept > 0 && (look.verbose > 0 || kept < made.changes.len()) {
        let _ = writeln!(
            text,
            "   {} unchanged",
            count(kept, "release is", "releases are")
        );
    }
}

fn rehashed(gone: usize, come: usize) -> String {
    match (gone, come) {
        (0, come) => format!("{} more", count(come, "file", "files")),
        (gone, 0) => format!("{} fewer", count(gone, "file", "files")),
        (gone, come) => format!(
            "the same version has other files: {gone} of its hashes are gone, {come} are new"
        ),
    }
}

fn listed(versions: &BTreeSet<Version>) -> String {
    let versions: Vec<_> = versions.iter().map(ToString::to_string).collect();
    versions.join(", ")
}

fn write_line(
    text: &mut String,
    (sign, style): (char, Style),
    (name, versions): (&str, &str),
    more: &str,
) {
    let line = format!("{name:NAME$} {versions:VERSIONS$} {more}");
    let _ = writeln!(text, " {style}{sign}{style:#} {}", line.trim_end());
}

/// The newest releases that were not taken, with what keeps each out and until when.
fn write_held_back(text: &mut String, held_back: &[HeldBack]) {
    for of_project in held_back.chunk_by(|a, b| a.project == b.project) {
        for held in of_project.iter().take(MOST_HELD_BACK) {
            let because = &held.because;
            let until = because.until.map(|until| format!(", until {until:.0}"));
            let more = format!(
                "{} is held back{}: {} [{}]",
                held.version,
                until.unwrap_or_default(),
                because.message,
                because.rule
            );
            let versions = held.instead.to_string();
            write_line(
                text,
                ('=', YELLOW),
                (held.project.as_str(), &versions),
                &more,
            );
        }
        let rest = of_project.len().saturating_sub(MOST_HELD_BACK);
        if rest > 0 {
            let more = format!("and {} more", count(rest, "release", "releases"));
            write_line(text, (' ', YELLOW), ("", ""), &more);
        }
    }
}

fn write_notes(text: &mut String, locked: &Locked) {
    for (project, extra) in &locked.unknown_extras {
        let more = format!("asked for with the extra `{extra}`, which it does not have");
        write_line(text, ('!', YELLOW), (project.as_str(), ""), &more);
    }
    for release in locked
        .lock
        .releases
        .iter()
        .filter(|release| release.needs_build)
    {
        let version = release.version.to_string();
        let more = "needs a build: installing it can run its code (--allow-build)";
        write_line(
            text,
            ('!', YELLOW),
            (release.project.as_str(), &version),
            more,
        );
    }
}

/// What a check says of the new lock, one line each.
fn write_findings(text: &mut String, report: &Report) {
    let mut lines = BTreeSet::new();
    for finding in &report.findings {
        let style = match finding.level {
            Level::Deny => RED,
            Level::Warn | Level::Allow => YELLOW,
        };
        let mut line = String::new();
        write_finding(&mut line, finding, style);
        if lines.insert(line.clone()) {
            text.push_str(&line);
        }
    }
}

fn write_finding(text: &mut String, finding: &Finding, style: Style) {
    let name = finding.project.as_ref().map_or("", |name| name.as_str());
    let version = finding.version.as_ref().map(ToString::to_string);
    let more = format!("{} [{}]", finding.message, finding.rule);
    write_line(
        text,
        ('!', style),
        (name, &version.unwrap_or_default()),
        &more,
    );
}

/// Sources of advisories that are out of date: what was chosen rests on the last that is known.
fn write_alarms(text: &mut String, report: &Report) {
    let mut asked = report.asked.iter();
    if !asked.any(|rule| matches!(*rule, "known-malware" | "vulnerable-release")) {
        return;
    }
    for used in &report.advisories {
        if let Some(trouble) = &used.trouble {
            let _ = writeln!(
                text,
                "{RED}warning{RED:#}: advisories of {} are not up to date, so a release that is known to be bad \
                 may have been chosen: {trouble}",
                used.name
            );
        }
    }
}

fn write_end(text: &mut String, made: &Made<'_>) {
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
        (true, true) => (
            "Differs",
            format!("{shown} is not what it would be now ({what})"),
        ),
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
        let style = text::style_of(report.exit_code());
        let word = wording::word(report);
        let _ = writeln!(text, "{style}{word}{style:#}  {}", wording::summary(report));
        let _ = writeln!(text, "{}", wording::judged(report, false));
    }
}

/// What `--check` says where the inputs are not those of the lock.
pub(crate) fn other_inputs(place: &LockPlace, changed: &[String]) -> String {
    let names: Vec<Printable> = changed.iter().map(|path| Printable::new(path)).collect();
    format!(
        "{RED}Differs{RED:#} {shown} was not made from these inputs: {} changed\n\
         `pinproof lock` makes it anew; nobody was asked\n",
        wording::listing(&names, 10),
        shown = place.shown,
    )
}

/// Why there is no lock; one that is there stays as it is.
pub(crate) fn no_lock(error: &LockError, place: &LockPlace, is_there: bool) -> NoLock {
    let mut text = String::new();
    let code = match error {
        LockError::Nothing => {
            let _ = writeln!(text, "{RED}error{RED:#}: the inputs ask for nothing");
            ExitCode::CouldNotRun
        }
        LockError::Unlockable(wrong) => {
            for one in wrong {
                let _ = writeln!(text, "{RED}error{RED:#}: {}: {}", one.place, one.why);
            }
            ExitCode::Denied
        }
        LockError::Refused(findings) => {
            for finding in findings {
                let rule = finding.rule;
                let _ = writeln!(text, "{RED}error[{rule}]{RED:#}: {}", finding.message);
                for line in finding.notes.iter().chain(&finding.help) {
                    let _ = writeln!(text, "  = {line}");
                }
            }
            ExitCode::Denied
        }
        LockError::Conflict { target, conflict } => {
            let _ = writeln!(text, "{RED}error{RED:#}: nothing fits for {target}");
            let _ = writeln!(text, "{conflict}");
            ExitCode::Denied
        }
        LockError::Unanswered(why) => {
            let _ = writeln!(text, "{YELLOW}undecided{YELLOW:#}: {why}");
            ExitCode::Undecided
        }
        LockError::TooMuch(why) => {
            let _ = writeln!(text, "{RED}error{RED:#}: {why}");
            ExitCode::CouldNotRun
        }
        LockError::Inseparable(why) => {
            let _ = writeln!(text, "{RED}error{RED:#}: {why}");
            ExitCode::Denied
        }
    };
    let left = if is_there {
        "is as it was"
    } else {
        "was not written"
    };
    let _ = writeln!(text, "{} {left}", place.shown);
    NoLock { text, code }
}
