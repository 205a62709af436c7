//! What a gateway handed out, by its log: which files of the release, from when to when, and how often.
//!
//! The log is read by whoever owns it and given here in words of this module. It is a whole witness of what went
//! through that gateway: a release that it never handed out did not come this way. What it refused is a note.

use std::path::PathBuf;

use jiff::Timestamp;
use pinproof_core::{Printable, ProjectName, filename};

use super::{Asked, Exposure, Gap, LookedAt, Presence, Sighting};
use crate::inputs::shown_path;
use crate::settings::Settings;

/// Faults of a log that are shown one by one.
const MOST_FAULTS: usize = 5;

/// A gateway that was named, and what its log says of the projects in question.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// Its data folder.
    pub path: PathBuf,
    /// Its log, or why that cannot be read.
    pub log: Result<GatewayLog, Printable>,
}

/// The log of a gateway.
#[derive(Clone, Debug, Default)]
pub struct GatewayLog {
    /// How many entries it has.
    pub entries: u64,
    /// The time of the oldest.
    pub since: Option<Timestamp>,
    /// Why it may not be all that was written.
    pub faults: Vec<Printable>,
    /// Each file of the projects.
    pub files: Vec<FileAnswers>,
}

/// What a gateway answered about a file.
#[derive(Clone, Debug)]
pub struct FileAnswers {
    /// Its project.
    pub project: ProjectName,
    /// Its name.
    pub filename: String,
    /// Where its bytes are; `None` if they never came through.
    pub bytes: Option<PathBuf>,
    /// The verdicts that were new when they were given, by their time.
    pub verdicts: Vec<Answered>,
    /// How often it might be had.
    pub admitted: u64,
    /// How often it might not.
    pub withheld: u64,
}

/// A verdict that was given.
#[derive(Clone, Debug)]
pub struct Answered {
    /// When.
    pub time: Timestamp,
    /// Whether the file might be had.
    pub is_admitted: bool,
    /// The rule, where one refused.
    pub rule: Option<Printable>,
}

/// Looks at one gateway.
pub(super) fn look(asked: &Asked, gateway: &Gateway, settings: &Settings, exposure: &mut Exposure) {
    let path = shown_path(&gateway.path, &settings.base);
    let log = match &gateway.log {
        Ok(log) => log,
        Err(why) => {
            return exposure.errors.push(Gap {
                path,
                why: why.clone(),
                help: Some(Printable::new(
                    "`--gateway` names the folder that `pinproof serve` has as `--data`",
                )),
            });
        }
    };
    for file in &log.files {
        look_at(asked, file, (&path, settings), exposure);
    }
    for fault in log.faults.iter().take(MOST_FAULTS) {
        exposure.gaps.push(Gap {
            path: path.clone(),
            why: Printable::from(format!("its log is not whole: {fault}")),
            help: Some(Printable::new(
                "`pinproof serve log verify` shows all of it",
            )),
        });
    }
    exposure.looked_at.push(LookedAt::Gateway {
        path,
        entries: log.entries,
        since: log.since,
    });
}

fn look_at(
    asked: &Asked,
    file: &FileAnswers,
    (path, settings): (&Printable, &Settings),
    exposure: &mut Exposure,
) {
    let filename = Printable::new(&file.filename);
    let Some(parsed) = filename::parse(&file.filename, &file.project) else {
        return exposure.gaps.push(Gap {
            path: path.clone(),
            why: Printable::from(format!("the name `{filename}` tells no version")),
            help: None,
        });
    };
    let Some(hit) = asked.hit(&file.project, &parsed.version) else {
        return;
    };
    let first = file.verdicts.iter().find(|told| told.is_admitted);
    if let (Some(first), Some(bytes)) = (first, &file.bytes) {
        exposure.sightings.push(Sighting {
            path: shown_path(bytes, &settings.base),
            project: file.project.clone(),
            version: parsed.version,
            hit,
            presence: Presence::HandedOut {
                filename,
                from: first.time,
                until: until(file),
                times: file.admitted,
                refused: file.withheld,
            },
        });
    } else {
        exposure.notes.push(Gap {
            path: path.clone(),
            why: note(file, &filename),
            help: None,
        });
    }
}

/// When it was withheld for good, as far as the log goes.
fn until(file: &FileAnswers) -> Option<Timestamp> {
    let last_admitted = file.verdicts.iter().rposition(|told| told.is_admitted)?;
    file.verdicts.get(last_admitted + 1).map(|told| told.time)
}

/// What the log says of a file that was not handed out.
fn note(file: &FileAnswers, filename: &Printable) -> Printable {
    let refused = file.verdicts.iter().rev().find(|told| !told.is_admitted);
    let times = |times: u64| match times {
        1 => "once".to_owned(),
        times => format!("{times} times"),
    };
    Printable::from(match refused {
        Some(told) => {
            let rule = told.rule.as_ref().map(|rule| format!(" [{rule}]"));
            let first = file.verdicts.iter().find(|told| !told.is_admitted);
            let since = first.map_or(told.time, |first| first.time);
            format!(
                "`{filename}` was refused since {since:.0}{}, {}, and never handed out",
                rule.unwrap_or_default(),
                times(file.withheld)
            )
        }
        None => format!(
            "`{filename}` was asked about {}, and its bytes never came through",
            times(file.admitted)
        ),
    })
}
