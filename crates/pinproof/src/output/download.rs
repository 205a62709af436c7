//! What was fetched, from where, and what was not and why: as text, and as JSON.

mod json;

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use pinproof_core::Printable;
use pinproof_engine::ExitCode;
use pinproof_engine::download::{Bundle, FileState, Item, Outcome, PlannedFile, Reason};
use pinproof_engine::sources::{Arrival, Trouble};

use super::wording::{count, digest};

pub(crate) use json::{json, schema};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();

/// Releases passed over that are shown one by one.
const PASSED_OVER: usize = 3;

/// A run of `download` or `install`.
pub(crate) struct Told<'a> {
    /// What was wanted, and what became of it.
    pub(crate) bundle: &'a Bundle,
    /// The folder that files were fetched into, as given; none for one that is gone again.
    pub(crate) folder: Option<Printable>,
    /// The installation, if one was wanted.
    pub(crate) installed: Option<Installed>,
}

/// What an installer was asked to do.
pub(crate) struct Installed {
    /// The environment.
    pub(crate) environment: Printable,
    /// Its interpreter.
    pub(crate) python: Printable,
    /// Who installs.
    pub(crate) installer: Printable,
    /// How that ended.
    pub(crate) end: End,
}

/// How an installation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The environment was not touched.
    NotStarted,
    /// Everything is installed.
    Done,
    /// The installer failed; what it said is on stderr.
    Failed,
}

impl Told<'_> {
    /// How the run ends.
    pub(crate) fn exit_code(&self) -> ExitCode {
        let end = self.installed.as_ref().map(|installed| installed.end);
        match (self.bundle.exit_code(), end) {
            (ExitCode::Clean, Some(End::Failed)) => ExitCode::CouldNotRun,
            (code, _) => code,
        }
    }
}

/// The report for people.
pub(crate) fn text(told: &Told<'_>, verbose: bool) -> String {
    let mut text = String::new();
    let bundle = told.bundle;
    write_errors(&mut text, bundle);
    for item in &bundle.items {
        write_files(&mut text, item, verbose);
    }
    if !text.is_empty() {
        text.push('\n');
    }
    for item in &bundle.items {
        write_trouble(&mut text, item);
    }
    for reason in &bundle.refused {
        write_reason(&mut text, (RED, "error"), None, reason);
    }
    for (place, reason) in &bundle.not_understood {
        write_reason(
            &mut text,
            (YELLOW, "undecided"),
            Some(place.as_str()),
            reason,
        );
    }
    write_end(&mut text, told, verbose);
    text
}

fn write_errors(text: &mut String, bundle: &Bundle) {
    for error in &bundle.errors {
        let _ = writeln!(text, "{RED}error{RED:#}: {}: {}", error.path, error.message);
        if let Some(help) = &error.help {
            let _ = writeln!(text, "  = help: {help}");
        }
    }
}

/// `flask 3.1.2`, and below it each file that is there.
fn write_files(text: &mut String, item: &Item, verbose: bool) {
    let there = item.files().iter().filter_map(|file| match &file.state {
        FileState::There(found) => Some((file, found)),
        _ => None,
    });
    for (at, (file, found)) in there.enumerate() {
        if at == 0 {
            let _ = writeln!(text, "{BOLD}{}{BOLD:#}", named(item));
        }
        let size = size(found.size);
        let how = match found.arrival {
            Arrival::Fetched => format!("{size} from {}", file.from),
            Arrival::Resumed(before) => {
                format!(
                    "{size} from {}, {} of it by an earlier run",
                    file.from,
                    self::size(before)
                )
            }
            Arrival::Kept => format!("{size}, was there"),
        };
        let sha256 = digest(found.sha256.digest(), verbose);
        let name = Printable::new(&file.filename);
        let _ = writeln!(text, "  {name}  {how}  {DIM}sha256:{sha256}{DIM:#}");
    }
}

fn named(item: &Item) -> String {
    match &item.version {
        Some(version) => format!("{} {version}", item.name),
        None => item.name.to_string(),
    }
}

/// What was not fetched, what came wrong, and what is worth a word.
fn write_trouble(text: &mut String, item: &Item) {
    let name = named(item);
    let place = item
        .place
        .as_ref()
        .map(|(file, line)| format!("{file}:{line}"));
    let place = place.as_deref();
    match &item.outcome {
        Outcome::Refused(reasons) => write_reasons(text, (RED, "error"), (&name, place), reasons),
        Outcome::Undecided(reasons) => {
            write_reasons(text, (YELLOW, "undecided"), (&name, place), reasons);
        }
        Outcome::LeftOut(why) => {
            let _ = writeln!(text, "{BOLD}left out{BOLD:#}: `{name}`: {why}\n");
        }
        Outcome::Admitted(files) => {
            for file in files {
                write_failure(text, file, place);
            }
        }
    }
    let is_admitted = matches!(item.outcome, Outcome::Admitted(_));
    for warning in item.warnings.iter().filter(|_| is_admitted) {
        let _ = writeln!(
            text,
            "{YELLOW}warning[{}]{YELLOW:#}: {}",
            warning.rule, warning.message
        );
        write_place(text, place);
        text.push('\n');
    }
    for over in item
        .passed_over
        .iter()
        .take(PASSED_OVER)
        .filter(|_| is_admitted)
    {
        let (version, reason) = (&over.version, &over.reason);
        let _ = writeln!(
            text,
            "{BOLD}passed over{BOLD:#}: {} {version}: {}: {}\n",
            item.name, reason.rule, reason.message
        );
    }
    let more = item.passed_over.len().saturating_sub(PASSED_OVER);
    if is_admitted && more > 0 {
        let _ = writeln!(
            text,
            "{BOLD}passed over{BOLD:#}: {more} more of {}\n",
            item.name
        );
    }
}

fn write_reasons(
    text: &mut String,
    mark: (Style, &str),
    (name, place): (&str, Option<&str>),
    reasons: &[Reason],
) {
    for reason in reasons {
        let told = Reason {
            message: Printable::from(format!("`{name}` is not fetched: {}", reason.message)),
            ..reason.clone()
        };
        write_reason(text, mark, place, &told);
    }
}

fn write_reason(
    text: &mut String,
    (style, word): (Style, &str),
    place: Option<&str>,
    reason: &Reason,
) {
    let rule = reason.rule;
    let _ = writeln!(
        text,
        "{style}{word}[{rule}]{style:#}{BOLD}: {}{BOLD:#}",
        reason.message
    );
    write_place(text, place);
    for note in &reason.notes {
        let _ = writeln!(text, "  = note: {note}");
    }
    for help in &reason.help {
        let _ = writeln!(text, "  = help: {help}");
    }
    text.push('\n');
}

fn write_place(text: &mut String, place: Option<&str>) {
    if let Some(place) = place {
        let _ = writeln!(text, "  --> {place}");
    }
}

fn write_failure(text: &mut String, file: &PlannedFile, place: Option<&str>) {
    let FileState::Failed { trouble, why } = &file.state else {
        return;
    };
    let (style, word) = match trouble {
        Trouble::Alarming => (RED, "alarm"),
        Trouble::Machine => (RED, "error"),
        Trouble::Unavailable => (YELLOW, "did not come"),
    };
    let name = Printable::new(&file.filename).shortened(120);
    let _ = writeln!(
        text,
        "{style}{word}{style:#}{BOLD}: `{name}`: {why}{BOLD:#}"
    );
    write_place(text, place);
    let _ = writeln!(text, "  = note: to be had from {}", file.from);
    if *trouble == Trouble::Alarming {
        let _ = writeln!(
            text,
            "  = help: find out why before you do anything else: a file never changes under its name"
        );
    }
    text.push('\n');
}

fn write_end(text: &mut String, told: &Told<'_>, verbose: bool) {
    let bundle = told.bundle;
    let code = told.exit_code();
    let (style, word) = match (code, &told.installed) {
        (ExitCode::Clean, None) => (GREEN, "COMPLETE"),
        (ExitCode::Clean, Some(_)) => (GREEN, "INSTALLED"),
        (ExitCode::Denied, _) => (RED, "REFUSED"),
        (ExitCode::CouldNotRun, _) => (RED, "COULD NOT RUN"),
        (ExitCode::Undecided, _) => (YELLOW, "UNDECIDED"),
    };
    let mut said = vec![files(told)];
    if let Some(installed) = &told.installed {
        said.push(match installed.end {
            End::NotStarted => format!("nothing is installed into {}", installed.environment),
            End::Done => format!(
                "{} installed them into {}",
                installed.installer, installed.environment
            ),
            End::Failed => format!(
                "{} failed; look at {}",
                installed.installer, installed.environment
            ),
        });
    }
    let _ = writeln!(text, "{style}{word}{style:#}  {}", said.join("; "));
    if let Some(contact) = bundle.contact.as_ref().filter(|_| code == ExitCode::Denied) {
        let _ = writeln!(text, "{contact} can lift a refusal");
    }
    let _ = writeln!(text, "{}", judged(bundle, verbose));
}

/// `3 files: 2 fetched (1.2 MB), 1 was there; 1 refused`.
fn files(told: &Told<'_>) -> String {
    let tally = told.bundle.tally();
    let mut parts = vec![format!(
        "{} fetched ({})",
        count(tally.fetched, "file", "files"),
        size(tally.bytes)
    )];
    let others = [
        (tally.kept, "was there", "were there"),
        (tally.refused, "refused", "refused"),
        (tally.undecided, "undecided", "undecided"),
        (tally.alarming, "with wrong bytes", "with wrong bytes"),
        (tally.missing, "did not come", "did not come"),
        (
            tally.unwritten,
            "could not be written",
            "could not be written",
        ),
    ];
    let others = others.into_iter().filter(|(number, ..)| *number > 0);
    parts.extend(others.map(|(number, one, many)| count(number, one, many)));
    let parts = parts.join(", ");
    match &told.folder {
        Some(folder) => format!("{parts}, in {folder}"),
        None => parts,
    }
}

fn judged(bundle: &Bundle, verbose: bool) -> String {
    let tally = bundle.tally();
    let mut text = format!("judged {} of {}", tally.judged, tally.wanted);
    for (at, input) in bundle.inputs.iter().enumerate() {
        let sha256 = digest(&input.source.sha256, verbose);
        let word = if at == 0 { " from" } else { "," };
        let _ = write!(text, "{word} {} sha256:{sha256}", input.source.path);
    }
    if let Some(input) = bundle.inputs.first() {
        let _ = write!(text, "; for {}", input.target);
    }
    if bundle.for_others > 0 {
        let _ = write!(text, "; {} for other environments", bundle.for_others);
    }
    text
}

/// A number of bytes as people read it.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1_000 {
        return format!("{bytes} bytes");
    }
    let mut tenths = bytes / 100;
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1_000;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_read_well() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1_000, "1.0 kB"),
            (101_730, "101.7 kB"),
            (1_234_567, "1.2 MB"),
            (8_000_000_000, "8.0 GB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }
}
