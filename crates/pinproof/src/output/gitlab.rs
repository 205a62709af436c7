//! `--format gitlab`: a code-quality report, which GitLab shows in merge requests.
//!
//! GitLab compares two reports by their fingerprints, so what a base has too is in here as well, and what
//! an exception covers is not.

use pinproof_core::advisory::{Class, Kind, Severity};
use pinproof_core::{Finding, Level, Place};
use pinproof_engine::Report;
use pinproof_engine::report::InputError;
use serde::Serialize;

use super::fingerprints::Fingerprints;
use super::gaps::{Gap, gaps};
use super::json::pretty;
use super::spots::{Spot, anchor, spot};
use super::wording::cut;

/// Nobody reads a longer description.
const MOST_DESCRIPTION: usize = 1_000;

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

/// The report as a list of issues.
pub(crate) fn render(report: &Report) -> String {
    let mut issues = Vec::new();
    let mut fingerprints = Fingerprints::default();
    for error in &report.errors {
        let fingerprint = fingerprints.next(&format!("could-not-run:{}", error.path));
        issues.push(of_error(error, fingerprint));
    }
    for finding in report.findings.iter().chain(&report.existing) {
        let fingerprint = fingerprints.next(&finding.fingerprint());
        issues.push(of_finding(finding, fingerprint, report));
    }
    let questions = report.questions.iter().chain(&report.existing_questions);
    for gap in gaps(questions) {
        let fingerprint = fingerprints.next(&gap.identity());
        issues.push(of_gap(&gap, fingerprint, report));
    }
    pretty(&issues)
}

fn of_error(error: &InputError, fingerprint: String) -> Issue {
    let (line, _) = error.line_column.unwrap_or((1, 1));
    Issue {
        description: cut(error.message.as_str(), MOST_DESCRIPTION),
        check_name: "could-not-run",
        fingerprint,
        severity: "blocker",
        location: Location {
            path: error.path.to_string(),
            lines: Lines { begin: line },
        },
    }
}

fn of_finding(finding: &Finding, fingerprint: String, report: &Report) -> Issue {
    let (at, location) = location(finding.places.first(), report);
    let help = finding.help.first();
    let help = help.map_or_else(String::new, |help| format!(" ({help})"));
    Issue {
        description: cut(&format!("{at}{}{help}", finding.message), MOST_DESCRIPTION),
        check_name: finding.rule,
        fingerprint,
        severity: match (finding.level, &finding.advisories) {
            (Level::Deny, Some(class)) if is_worst(class) => "blocker",
            (Level::Deny, _) => "critical",
            _ => "minor",
        },
        location,
    }
}

fn is_worst(class: &Class) -> bool {
    class.kind == Kind::Malware || class.severity() == Some(Severity::Critical)
}

fn of_gap(gap: &Gap<'_>, fingerprint: String, report: &Report) -> Issue {
    let (at, location) = location(gap.places.first().copied(), report);
    let undecided = gap.undecided();
    let undecided = undecided.map_or_else(String::new, |rules| format!(" ({rules})"));
    Issue {
        description: cut(
            &format!("{at}{}{undecided}", gap.message()),
            MOST_DESCRIPTION,
        ),
        check_name: gap.name,
        fingerprint,
        severity: match gap.level {
            Level::Deny => "critical",
            Level::Warn | Level::Allow => "minor",
        },
        location,
    }
}

/// Where an issue is shown, and what to say before it if that is not where it is.
fn location(place: Option<&Place>, report: &Report) -> (String, Location) {
    let project = || anchor(report).unwrap_or(".");
    let (at, path, line) = match place.map(|place| spot(report, place)) {
        Some(Spot::InProject { path, range }) => {
            let line = range.map_or(1, |(start, _)| start.line);
            (String::new(), path, line)
        }
        Some(Spot::Elsewhere(origin)) => (format!("{origin}: "), project(), 1),
        None => (String::new(), project(), 1),
    };
    let location = Location {
        path: path.to_owned(),
        lines: Lines { begin: line },
    };
    (at, location)
}
