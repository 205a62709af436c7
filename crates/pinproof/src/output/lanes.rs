//! What passes the cooldown as the fix of a published flaw, in each format.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use pinproof_core::Printable;
use pinproof_core::verdict::Lane;
use pinproof_engine::Report;
use schemars::JsonSchema;
use serde::Serialize;

use super::concise::locate;
use super::text::BOLD;
use super::wording::listing;

const GREEN: Style = AnsiColor::Green.on_default().bold();
/// Ids that one line names.
const SHOWN: usize = 3;

/// A release that passes the cooldown, because it is the smallest fix of a published flaw.
#[derive(Serialize, JsonSchema)]
pub(crate) struct LaneV1 {
    /// The rule that lets it pass.
    rule: &'static str,
    /// The project.
    project: String,
    /// The release.
    release: String,
    /// An id of each flaw that it is the fix of.
    fixes: Vec<String>,
    /// When its cooldown is over (RFC 3339).
    until: String,
    /// The file that asks for it; null for a release by itself.
    file: Option<String>,
    /// The line, from 1.
    line: Option<usize>,
}

/// For `--format json`.
pub(crate) fn v1(report: &Report) -> Vec<LaneV1> {
    let lane = |lane: &Lane| {
        let place = lane.places.first();
        let source = place.and_then(|place| report.source(&place.origin));
        let at = source.zip(place.and_then(|place| place.span));
        LaneV1 {
            rule: lane.rule,
            project: lane.project.to_string(),
            release: lane.version.to_string(),
            fixes: lane.fixes.iter().map(ToString::to_string).collect(),
            until: lane.ends_at.to_string(),
            file: place.map(|place| place.origin.to_string()),
            line: at.map(|(source, span)| source.locate(span).line),
        }
    };
    report.lanes.iter().map(lane).collect()
}

/// For `--format text`: a note for each.
pub(crate) fn write(text: &mut String, report: &Report) {
    for lane in &report.lanes {
        let _ = writeln!(
            text,
            "{GREEN}note[{}]{GREEN:#}{BOLD}: {}{BOLD:#}",
            lane.rule,
            sentence(lane)
        );
        let at = lane.places.first().map(|place| locate(report, place));
        if let Some(at) = at {
            let _ = writeln!(text, "  --> {at}");
        }
        let _ = writeln!(
            text,
            "  = note: its cooldown ends {:.0}; then it needs no advisory to pass\n",
            lane.ends_at
        );
    }
}

/// For `--format concise`: a line for each.
pub(crate) fn write_concise(text: &mut String, report: &Report) {
    for lane in &report.lanes {
        let at = lane.places.first().map(|place| locate(report, place));
        let _ = writeln!(
            text,
            "{}: note[{}] {} (until {:.0})",
            at.unwrap_or_default(),
            lane.rule,
            sentence(lane),
            lane.ends_at
        );
    }
}

fn sentence(lane: &Lane) -> Printable {
    Printable::from(format!(
        "`{}` {} is inside its cooldown and passes: it is the smallest fix of {}",
        lane.project,
        lane.version,
        listing(&lane.fixes, SHOWN)
    ))
}
