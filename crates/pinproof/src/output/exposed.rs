//! Where a release was, when it came and when it went: as text, as lines, as JSON.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use pinproof_engine::ExitCode;
use pinproof_engine::exposed::{Asked, Exposure, Gap, LookedAt, Seen, Sighting};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::wording;

const BOLD: Style = Style::new().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();

/// The report for people.
pub(crate) fn text(asked: &Asked, exposure: &Exposure) -> String {
    let mut text = String::new();
    for sighting in &exposure.sightings {
        let _ = writeln!(
            text,
            "{BOLD}{}{BOLD:#}: {}",
            sighting.path,
            period(sighting)
        );
    }
    let errors = exposure.errors.iter().map(|gap| (RED, "error", gap));
    let gaps = exposure.gaps.iter().map(|gap| (YELLOW, "not known", gap));
    for (style, word, gap) in errors.chain(gaps) {
        let _ = writeln!(
            text,
            "{style}{word}{style:#}{BOLD}: {}: {}{BOLD:#}",
            gap.path, gap.why
        );
        if let Some(help) = &gap.help {
            let _ = writeln!(text, "  = help: {help}");
        }
    }
    if !text.is_empty() {
        text.push('\n');
    }
    let (style, word) = match exposure.exit_code() {
        ExitCode::Clean => (GREEN, "NOT EXPOSED"),
        ExitCode::Denied => (RED, "EXPOSED"),
        ExitCode::CouldNotRun => (RED, "COULD NOT RUN"),
        ExitCode::Undecided => (YELLOW, "UNDECIDED"),
    };
    let _ = writeln!(
        text,
        "{style}{word}{style:#}  {} {}: {}, {}",
        asked.project,
        asked.version,
        wording::count(exposure.sightings.len(), "place had it", "places had it"),
        wording::count(exposure.gaps.len(), "gap", "gaps"),
    );
    for looked_at in &exposure.looked_at {
        let _ = writeln!(text, "looked at {}", looked_at_text(looked_at));
    }
    text
}

/// One line for each place and each gap.
pub(crate) fn concise(exposure: &Exposure) -> String {
    let mut text = String::new();
    for sighting in &exposure.sightings {
        let _ = writeln!(text, "{}: exposed: {}", sighting.path, period(sighting));
    }
    for gap in &exposure.errors {
        let _ = writeln!(text, "{}: error: {}", gap.path, gap.why);
    }
    for gap in &exposure.gaps {
        let _ = writeln!(text, "{}: not known: {}", gap.path, gap.why);
    }
    for looked_at in &exposure.looked_at {
        let _ = writeln!(text, "looked at {}", looked_at_text(looked_at));
    }
    text
}

fn period(sighting: &Sighting) -> String {
    let Some(came) = &sighting.came else {
        return "installed".to_owned();
    };
    let or_earlier = if came.or_earlier { " or earlier" } else { "" };
    let went = sighting.went.as_ref();
    let went = went.map_or_else(
        || "still there".to_owned(),
        |went| format!("gone {}", moment(went)),
    );
    let versions = wording::count(sighting.versions, "version", "versions");
    format!(
        "came {}{or_earlier}, {went}, in {versions} of the file",
        moment(came)
    )
}

fn moment(seen: &Seen) -> String {
    let commit = seen.commit.get(..12).unwrap_or(&seen.commit);
    format!("{:.0} ({commit})", seen.time)
}

fn looked_at_text(looked_at: &LookedAt) -> String {
    match looked_at {
        LookedAt::History {
            path,
            commits,
            files,
            versions,
            since,
        } => {
            let since = since.map_or_else(String::new, |since| {
                format!(" since {}", since.strftime("%Y-%m-%d"))
            });
            format!(
                "{path}: {}{since}, {} of {}",
                wording::count(*commits, "commit", "commits"),
                wording::count(*versions, "version", "versions"),
                wording::count(*files, "file", "files"),
            )
        }
        LookedAt::Environment {
            path,
            distributions,
        } => format!(
            "{path}: {}",
            wording::count(
                *distributions,
                "installed distribution",
                "installed distributions"
            )
        ),
    }
}

/// An answer of `pinproof exposed`.
#[derive(Serialize, JsonSchema)]
struct ExposureV1 {
    /// The version of this format: 1.
    version: u8,
    /// The version of pinproof that wrote it.
    pinproof: &'static str,
    /// 0 nowhere, 1 somewhere, 2 a named place cannot be looked at, 3 nowhere as far as is known.
    exit_code: u8,
    /// The project.
    project: String,
    /// The version that was looked for.
    release: String,
    /// Where it was.
    sightings: Vec<SightingV1>,
    /// What could not be read: there it may have been too.
    gaps: Vec<GapV1>,
    /// Named places that cannot be looked at.
    errors: Vec<GapV1>,
    /// What was looked at.
    looked_at: Vec<LookedAtV1>,
}

/// A place that had it.
#[derive(Serialize, JsonSchema)]
struct SightingV1 {
    /// A file of a repository, or of an environment.
    path: String,
    /// When it came; null for an environment, which does not tell.
    came: Option<SeenV1>,
    /// When it went; null while it is there.
    went: Option<SeenV1>,
    /// In how many versions of the file it was.
    versions: usize,
}

/// A commit.
#[derive(Serialize, JsonSchema)]
struct SeenV1 {
    /// When it was made (RFC 3339), as whoever made it says.
    time: String,
    /// Its id.
    commit: String,
    /// Whether it may have been earlier, because the history is not known further back.
    or_earlier: bool,
}

/// Something that could not be read.
#[derive(Serialize, JsonSchema)]
struct GapV1 {
    /// Where.
    path: String,
    /// Why.
    why: String,
    /// What to do.
    help: Option<String>,
}

/// What was looked at in one place.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
enum LookedAtV1 {
    /// The history of a repository.
    History {
        /// Its folder.
        path: String,
        /// Commits.
        commits: usize,
        /// Files, by path.
        files: usize,
        /// Their versions.
        versions: usize,
        /// The time of the oldest commit (RFC 3339).
        since: Option<String>,
    },
    /// An installed environment.
    Environment {
        /// Its folder.
        path: String,
        /// Installed distributions.
        distributions: usize,
    },
}

/// The answer as JSON.
pub(crate) fn json(asked: &Asked, exposure: &Exposure) -> String {
    let answer = ExposureV1 {
        version: 1,
        pinproof: env!("CARGO_PKG_VERSION"),
        exit_code: exposure.exit_code().number(),
        project: asked.project.to_string(),
        release: asked.version.to_string(),
        sightings: exposure.sightings.iter().map(sighting).collect(),
        gaps: exposure.gaps.iter().map(gap).collect(),
        errors: exposure.errors.iter().map(gap).collect(),
        looked_at: exposure.looked_at.iter().map(looked_at_v1).collect(),
    };
    super::json::pretty(&answer)
}

/// The JSON schema of the answer.
pub(crate) fn schema() -> Value {
    schemars::schema_for!(ExposureV1).to_value()
}

fn sighting(sighting: &Sighting) -> SightingV1 {
    SightingV1 {
        path: sighting.path.to_string(),
        came: sighting.came.as_ref().map(seen),
        went: sighting.went.as_ref().map(seen),
        versions: sighting.versions,
    }
}

fn seen(seen: &Seen) -> SeenV1 {
    SeenV1 {
        time: seen.time.to_string(),
        commit: seen.commit.clone(),
        or_earlier: seen.or_earlier,
    }
}

fn gap(gap: &Gap) -> GapV1 {
    GapV1 {
        path: gap.path.to_string(),
        why: gap.why.to_string(),
        help: gap.help.as_ref().map(ToString::to_string),
    }
}

fn looked_at_v1(looked_at: &LookedAt) -> LookedAtV1 {
    match looked_at {
        LookedAt::History {
            path,
            commits,
            files,
            versions,
            since,
        } => LookedAtV1::History {
            path: path.to_string(),
            commits: *commits,
            files: *files,
            versions: *versions,
            since: since.map(|since| since.to_string()),
        },
        LookedAt::Environment {
            path,
            distributions,
        } => LookedAtV1::Environment {
            path: path.to_string(),
            distributions: *distributions,
        },
    }
}
