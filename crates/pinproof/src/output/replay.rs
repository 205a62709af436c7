//! What another policy would change, as text and as JSON.

mod json;

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use pinproof_core::{Admission, Printable};
use pinproof_engine::ExitCode;
use pinproof_server::replay::{Change, Listing, Report, Said};

pub(crate) use json::{json, schema};

const BOLD: Style = Style::new().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();

/// Files of a kind that are shown one by one; the rest is counted.
const MOST_SHOWN: usize = 20;

/// The two policies.
pub(crate) struct Tried<'a> {
    /// The file of the other one.
    pub(crate) policy: Printable,
    /// The digest of the one in effect.
    pub(crate) current: &'a str,
    /// The digest of the other one.
    pub(crate) other: &'a str,
    /// Whether every file is decided for now, and not only what was answered.
    pub(crate) is_of_everything: bool,
}

/// 1 if something would change; 3 if nothing would as far as is known, and something could not be decided.
pub(crate) fn exit_code(report: &Report) -> ExitCode {
    if report.would_change() {
        ExitCode::Denied
    } else if report.is_open() {
        ExitCode::Undecided
    } else {
        ExitCode::Clean
    }
}

/// The report for people.
pub(crate) fn text(report: &Report, tried: &Tried<'_>) -> String {
    let mut text = String::new();
    section(&mut text, "newly refused", &report.refused, |change| {
        sentence(&change.other)
    });
    section(&mut text, "newly admitted", &report.admitted, |change| {
        format!("refused so far: {}", sentence(&change.current))
    });
    section(
        &mut text,
        "not decided",
        &report.open,
        |change| match &change.note {
            Some(why) => why.to_string(),
            None => sentence(&change.other),
        },
    );
    section(
        &mut text,
        "not as it was answered, by the policy in effect either",
        &report.moved_on,
        moved_on,
    );
    let (style, word) = match exit_code(report) {
        ExitCode::Denied => (RED, "WOULD CHANGE"),
        ExitCode::Undecided => (YELLOW, "UNDECIDED"),
        ExitCode::Clean | ExitCode::CouldNotRun => (GREEN, "NO CHANGE"),
    };
    let _ = writeln!(
        text,
        "{style}{word}{style:#}  {}: {} newly refused, {} newly admitted, {} unchanged, {} not decided, {} not as answered; {} of {} decided again",
        tried.policy,
        report.refused.files,
        report.admitted.files,
        report.unchanged,
        report.open.files,
        report.moved_on.files,
        files(report.files),
        projects(report.projects),
    );
    let when = if tried.is_of_everything {
        "now"
    } else {
        "the time of its last answer"
    };
    let _ = writeln!(
        text,
        "each for {when}, on the pages that are kept and the advisories as they are now"
    );
    let _ = writeln!(text, "policy in effect sha256:{}", tried.current);
    let _ = writeln!(text, "policy tried     sha256:{}", tried.other);
    text
}

fn section(text: &mut String, title: &str, listing: &Listing, says: impl Fn(&Change) -> String) {
    if listing.files == 0 {
        return;
    }
    let _ = writeln!(
        text,
        "{BOLD}{title}{BOLD:#}: {}, {}",
        files(listing.files),
        answered(listing.times)
    );
    for (rule, counts) in &listing.by_rule {
        let rule = if rule.is_empty() { "no rule" } else { rule };
        let _ = writeln!(
            text,
            "  {rule}: {}, {}",
            files(counts.files),
            answered(counts.times)
        );
    }
    for change in listing.listed().take(MOST_SHOWN) {
        let filename = Printable::new(change.filename.as_str());
        let _ = writeln!(
            text,
            "  - {filename} ({}): {}",
            answered(change.times),
            says(change)
        );
    }
    let more = listing.files.saturating_sub(MOST_SHOWN as u64);
    if more > 0 {
        let _ = writeln!(
            text,
            "  and {more} more, answered less often; `--format json` lists up to 1,000"
        );
    }
    text.push('\n');
}

fn moved_on(change: &Change) -> String {
    let word = |said: &Said| word(said.admission);
    let answered = change.answered.as_ref().map_or("never answered", word);
    let mut text = format!("answered {answered}, ");
    let reason = |said: &Said| match &said.reason {
        Some(_) => format!("{}: {}", word(said), sentence(said)),
        None => word(said).to_owned(),
    };
    let _ = write!(text, "now {}", reason(&change.current));
    if change.current.admission != change.other.admission {
        let _ = write!(text, "; tried {}", reason(&change.other));
    }
    if let Some(note) = &change.note {
        let _ = write!(text, "; {note}");
    }
    text
}

fn sentence(said: &Said) -> String {
    match (&said.reason, &said.rule) {
        (Some(reason), Some(rule)) => format!("{reason} [{rule}]"),
        (Some(reason), None) => reason.to_string(),
        (None, _) => word(said.admission).to_owned(),
    }
}

fn word(admission: Admission) -> &'static str {
    match admission {
        Admission::Admitted => "admitted",
        Admission::Undecided => "undecided",
        Admission::Refused => "refused",
    }
}

fn files(number: u64) -> String {
    counted(number, "file", "files")
}

fn projects(number: u64) -> String {
    counted(number, "project", "projects")
}

fn answered(times: u64) -> String {
    match times {
        0 => "not asked for".to_owned(),
        1 => "answered once".to_owned(),
        times => format!("answered {times} times"),
    }
}

fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
