//! `--format sarif`: version 2.1.0 of the Static Analysis Results Interchange Format, for code scanning.
//!
//! What stayed open is a result, at the level of the rule that asked: the kind `open` of the standard has
//! no level, and what has no level is not shown by those who read it. Exceptions are suppressions,
//! and only in there with `--verbose`: GitHub knows none, and would open an alert for each.

mod model;
mod rules;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use pinproof_core::span::LineColumn;
use pinproof_core::verdict::{Exception, IgnoreRef};
use pinproof_core::{Finding, Level, Place, Printable};
use pinproof_engine::report::{InputError, Kind};
use pinproof_engine::{ExitCode, Report};
use serde_json::{Value, json};

use self::model::{
    Artifact, ArtifactLocation, AutomationDetails, Driver, Invocation, Location, Log,
    LogicalLocation, Message, Notification, PhysicalLocation, Region, Run, SarifResult,
    Suppression, Tool, UriBase,
};
use super::fingerprints::Fingerprints;
use super::gaps::{Gap, gaps};
use super::json::pretty;
use super::spots::{Spot, anchor, spot};
use super::{Look, wording};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const BASE: &str = "%SRCROOT%";
/// GitHub refuses a file with more results.
const MOST_RESULTS: usize = 25_000;
/// GitHub keeps so many locations of a result.
const MOST_LOCATIONS: usize = 100;
/// Nobody reads more characters of one message.
const MOST_MESSAGE: usize = 4_000;
/// The fingerprint that code scanning reads. Without it, the upload action computes one of the line, and
/// two advisories about one pin are one alert.
const READ_BY_GITHUB: &str = "primaryLocationLineHash";
const OWN_FINGERPRINT: &str = "pinproofFingerprint/v1";

/// The report as a SARIF log.
pub(crate) fn render(report: &Report, look: &Look) -> String {
    let descriptors = rules::descriptors();
    let mut collector = Collector {
        report,
        rules: descriptors.iter().map(|rule| rule.id).collect(),
        fingerprints: Fingerprints::default(),
        results: Vec::new(),
    };
    collector.collect(look.verbose > 0);
    let mut notifications: Vec<Notification> = report
        .errors
        .iter()
        .map(|error| notification(error, report))
        .collect();
    let results = cut(collector.results, &mut notifications);
    let code = report.exit_code();
    pretty(&Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "pinproof",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: descriptors,
                },
            },
            automation_details: AutomationDetails {
                id: match report.kind {
                    Kind::Check => "pinproof/check/",
                    Kind::Audit => "pinproof/audit/",
                },
            },
            invocations: [Invocation {
                execution_successful: code != ExitCode::CouldNotRun,
                exit_code: code.number(),
                tool_execution_notifications: notifications,
            }],
            original_uri_base_ids: BTreeMap::from([(
                BASE,
                UriBase {
                    description: message("The folder that pinproof was run in."),
                },
            )]),
            artifacts: artifacts(report),
            results,
            column_kind: "unicodeCodePoints",
            properties: properties(report),
        }],
    })
}

/// The worst results that fit, and a word about the rest.
fn cut(
    mut results: Vec<(Level, SarifResult)>,
    notifications: &mut Vec<Notification>,
) -> Vec<SarifResult> {
    results.sort_by_key(|(level, _)| Reverse(*level));
    if let Some(more) = results
        .len()
        .checked_sub(MOST_RESULTS)
        .filter(|more| *more > 0)
    {
        notifications.push(Notification {
            level: "warning",
            message: message(&format!(
                "{more} more results are left out: code scanning takes {MOST_RESULTS}"
            )),
            locations: Vec::new(),
        });
        results.truncate(MOST_RESULTS);
    }
    results.into_iter().map(|(_, result)| result).collect()
}

struct Collector<'a> {
    report: &'a Report,
    rules: Vec<&'static str>,
    fingerprints: Fingerprints,
    results: Vec<(Level, SarifResult)>,
}

/// What is said of a result beyond what it says itself.
#[derive(Default)]
struct State {
    baseline: Option<&'static str>,
    suppression: Option<Suppression>,
}

impl Collector<'_> {
    fn collect(&mut self, with_ignored: bool) {
        let report = self.report;
        let new = report.base.as_ref().map(|_| "new");
        let old = report.base.as_ref().map(|_| "unchanged");
        for (findings, baseline) in [(&report.findings, new), (&report.existing, old)] {
            for finding in findings {
                let state = State {
                    baseline,
                    ..State::default()
                };
                self.finding(finding, state);
            }
        }
        for (questions, baseline) in [(&report.questions, new), (&report.existing_questions, old)] {
            for gap in gaps(questions) {
                let state = State {
                    baseline,
                    ..State::default()
                };
                self.gap(&gap, state);
            }
        }
        if with_ignored {
            self.ignored();
            // Where one result has suppressions, those of every other are said too: there are none.
            for (_, result) in &mut self.results {
                result.suppressions.get_or_insert_default();
            }
        }
    }

    fn ignored(&mut self) {
        let report = self.report;
        let state = |exception| State {
            baseline: None,
            suppression: Some(suppression(exception)),
        };
        for ignored in &report.ignored {
            self.finding(&ignored.finding, state(&ignored.exception));
        }
        for ignored in &report.ignored_questions {
            for gap in gaps([&ignored.question]) {
                self.gap(&gap, state(&ignored.exception));
            }
        }
    }

    fn finding(&mut self, finding: &Finding, state: State) {
        let mut text = finding.message.to_string();
        for note in &finding.notes {
            let _ = write!(text, "\n{note}");
        }
        for help in &finding.help {
            let _ = write!(text, "\nhelp: {help}");
        }
        let mut properties = json!({"refuses": finding.refuses});
        if let Some(project) = &finding.project {
            properties["project"] = json!(project.as_str());
        }
        if let Some(version) = &finding.version {
            properties["release"] = json!(version.to_string());
        }
        if let Some(class) = &finding.advisories {
            properties["advisories"] = json!(class.ids);
            properties["severity"] = json!(class.severity());
        }
        let places: Vec<&Place> = finding.places.iter().collect();
        let identity = finding.fingerprint();
        let said = (text, properties);
        self.add(
            (finding.rule, finding.level),
            &places,
            said,
            (&identity, state),
        );
    }

    fn gap(&mut self, gap: &Gap<'_>, state: State) {
        let mut text = gap.message();
        if let Some(undecided) = gap.undecided() {
            let _ = write!(text, "\n{undecided}");
        }
        if gap.projects.len() > 3 {
            let _ = write!(text, "\n{}", gap.names(30));
        }
        let openness = format!("{:?}", gap.openness).to_lowercase();
        let properties = json!({"asked": gap.asked.keys().collect::<Vec<_>>(), "source": gap.source, "openness": openness});
        let said = (text, properties);
        self.add(
            (gap.name, gap.level),
            &gap.places,
            said,
            (&gap.identity(), state),
        );
    }

    fn add(
        &mut self,
        (rule, strength): (&'static str, Level),
        places: &[&Place],
        (text, properties): (String, Value),
        (identity, state): (&str, State),
    ) {
        let fingerprint = self.fingerprints.next(identity);
        let mut locations = places
            .iter()
            .take(MOST_LOCATIONS)
            .map(|place| location(self.report, place));
        let first = locations.next().unwrap_or_else(|| Location {
            physical: whole_project(self.report),
            logical: Vec::new(),
            message: None,
        });
        let related = locations.collect();
        let is_suppressed = state.suppression.is_some();
        let result = SarifResult {
            rule_id: rule,
            rule_index: self.rules.iter().position(|known| *known == rule),
            level: level(strength),
            message: message(&text),
            locations: vec![first],
            related_locations: related,
            partial_fingerprints: BTreeMap::from([
                (OWN_FINGERPRINT, fingerprint.clone()),
                (READ_BY_GITHUB, fingerprint),
            ]),
            baseline_state: state.baseline,
            suppressions: state.suppression.map(|one| vec![one]),
            properties,
        };
        // What is accepted comes last, and is cut first.
        let order = if is_suppressed {
            Level::Allow
        } else {
            strength
        };
        self.results.push((order, result));
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Allow => "none",
    }
}

/// A message; brackets that would make a link of it (SARIF 3.11.6) are escaped.
fn message(text: &str) -> Message {
    let mut text = wording::cut(text, MOST_MESSAGE);
    if text.contains("](") {
        text = text.replace('[', "\\[").replace(']', "\\]");
    }
    Message { text }
}

/// A place as a location. What is outside of the project is shown at the first file that was judged, by
/// its own name: code scanning refuses a file in which one result has no physical location.
fn location(report: &Report, place: &Place) -> Location {
    let label = Some(&place.label).filter(|label| !label.as_str().is_empty());
    let message = label.map(|label| message(label.as_str()));
    match spot(report, place) {
        Spot::InProject { path, range } => Location {
            physical: Some(PhysicalLocation {
                artifact_location: in_project(path),
                region: region(range),
            }),
            logical: Vec::new(),
            message,
        },
        Spot::Elsewhere(origin) => Location {
            physical: whole_project(report),
            logical: vec![LogicalLocation {
                fully_qualified_name: origin.to_string(),
            }],
            message,
        },
    }
}

fn whole_project(report: &Report) -> Option<PhysicalLocation> {
    anchor(report).map(|path| PhysicalLocation {
        artifact_location: in_project(path),
        region: region(None),
    })
}

/// A part of a file. Code scanning wants one for every place: that of a whole file is where it starts.
fn region(range: Option<(LineColumn, LineColumn)>) -> Region {
    let file = LineColumn { line: 1, column: 1 };
    let (start, end) = range.unwrap_or((file, file));
    Region {
        start_line: start.line,
        start_column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

fn in_project(path: &str) -> ArtifactLocation {
    ArtifactLocation {
        uri: percent_encoded(path),
        uri_base_id: Some(BASE),
    }
}

/// A path as a relative reference (RFC 3986): all but unreserved characters and `/` is encoded.
fn percent_encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

fn suppression(exception: &Exception) -> Suppression {
    let mut properties = Value::Null;
    if let Some(owner) = &exception.owner {
        properties["owner"] = json!(owner);
    }
    if let Some(until) = &exception.until {
        properties["until"] = json!(until.to_string());
    }
    Suppression {
        kind: match exception.by {
            IgnoreRef::Configured(_) => "external",
            IgnoreRef::Inline { .. } => "inSource",
        },
        status: "accepted",
        justification: exception.reason.to_string(),
        properties,
    }
}

fn notification(error: &InputError, report: &Report) -> Notification {
    let place = Place {
        origin: error.path.clone(),
        span: None,
        label: error.help.clone().unwrap_or_default(),
    };
    let at = match error.line_column {
        Some((line, column)) => format!("{}:{line}:{column}", error.path),
        None => error.path.to_string(),
    };
    Notification {
        level: "error",
        message: message(&format!("{at}: {}", error.message)),
        locations: vec![location(report, &place)],
    }
}

fn artifacts(report: &Report) -> Vec<Artifact> {
    let is_inside = |path: &&Printable| super::spots::is_in_project(report, path);
    let files = report.files.iter().map(|file| &file.source);
    files
        .filter(|file| is_inside(&&file.path))
        .map(|file| Artifact {
            location: in_project(file.path.as_str()),
            roles: ["analysisTarget"],
            hashes: BTreeMap::from([("sha-256", file.sha256.clone())]),
        })
        .collect()
}

fn properties(report: &Report) -> Value {
    let counts = report.counts();
    json!({
        "verdict": wording::word(report),
        "summary": wording::summary(report),
        "requirements": counts.requirements,
        "judged": counts.judged,
        "policyDigest": format!("sha256:{}", report.policy_digest),
        "decidedAt": report.decided_at.to_string(),
        "nextChangeAt": report.next_change_at.map(|time| time.to_string()),
        "base": report.base.as_ref().map(wording::base),
    })
}
