//! Names of the command line: each is judged like a line of a file that nobody wrote.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pinproof_core::evidence::Answer;
use pinproof_core::requirement::Pep508;
use pinproof_core::{Printable, ProjectName, Specifiers, Version};
use thiserror::Error;

use super::bundle::Bundle;
use super::item::{Item, Outcome, PassedOver, Reason};
use super::{Order, command_line, evidence, planned, shown};
use crate::check;
use crate::files::{Disk, FileKind, Files, Listed};
use crate::gather::{EvidenceSource, Progress};
use crate::inputs::normalize;
use crate::prepare::{Prepared, prepare_from};
use crate::settings::Settings;

/// Releases that are looked at, the newest first, until one is admitted.
const MOST_RELEASES: usize = 40;

/// A release, or the newest one that is admitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The project.
    pub project: ProjectName,
    /// The version.
    pub version: Option<Version>,
}

/// A text that names no release.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no name, and no name with `==` and a version")]
pub struct AskedError(Printable);

impl Asked {
    /// Reads `NAME` or `NAME==VERSION`.
    pub fn parse(text: &str) -> Result<Self, AskedError> {
        let refused = || AskedError(Printable::new(text).shortened(80));
        let read: Pep508 = text.parse().map_err(|_| refused())?;
        let is_plain = read.extras.is_empty() && read.marker.is_none() && read.url.is_none();
        let version = read.specifiers.exact_pin().cloned();
        let is_named = version.is_some() || read.specifier_span.is_none();
        (is_plain && is_named)
            .then_some(Self {
                project: read.name,
                version,
            })
            .ok_or_else(refused)
    }

    fn line(&self) -> String {
        match &self.version {
            Some(version) => format!("{}=={version}\n", self.project),
            None => format!("{}\n", self.project),
        }
    }
}

/// Plans what to fetch for names of the command line.
pub async fn of_names(
    asked: &[Asked],
    order: Order,
    settings: &Settings,
    source: &impl EvidenceSource,
    progress: &impl Progress,
) -> Bundle {
    let order = Order {
        is_of_a_lock: false,
        ..order
    };
    let world = (source, progress);
    let candidates = candidates(asked, settings, world).await;
    let lines = asked
        .iter()
        .flat_map(|one| match candidates.get(&one.project) {
            Some(Ok(versions)) if one.version.is_none() => versions
                .iter()
                .map(|version| format!("{}=={version}\n", one.project))
                .collect(),
            _ => vec![one.line()],
        });
    let (settings, prepared) = read_as_lines(&lines.collect::<Vec<_>>(), settings);
    let mut bundle = planned(&prepared, order, &settings, world).await;
    bundle.inputs.clear();
    let mut items = std::mem::take(&mut bundle.items);
    for one in asked {
        let item = match candidates
            .get(&one.project)
            .filter(|_| one.version.is_none())
        {
            Some(Err(outcome)) => item(one, outcome.clone()),
            Some(Ok(_)) => newest(one, &items),
            None => take(one, &mut items),
        };
        bundle.items.push(item);
    }
    bundle
}

fn item(asked: &Asked, outcome: Outcome) -> Item {
    Item {
        name: shown(&asked.project),
        version: asked.version.clone(),
        place: None,
        outcome,
        warnings: Vec::new(),
        passed_over: Vec::new(),
    }
}

/// The one that was asked for by its version.
fn take(asked: &Asked, items: &mut Vec<Item>) -> Item {
    let is_it = |item: &Item| item.name == shown(&asked.project) && item.version == asked.version;
    match items.iter().position(is_it) {
        Some(at) => items.remove(at),
        // Two names of one release are one line.
        None => item(asked, Outcome::LeftOut("it is asked for twice")),
    }
}

/// The first that is admitted, the newest first; one that stays undecided ends the search.
fn newest(asked: &Asked, items: &[Item]) -> Item {
    let mut passed_over = Vec::new();
    let own = items
        .iter()
        .filter(|item| item.name == shown(&asked.project));
    for item in own {
        let (Outcome::Refused(reasons), Some(version)) = (&item.outcome, &item.version) else {
            return Item {
                passed_over,
                ..item.clone()
            };
        };
        if let Some(reason) = reasons.first() {
            passed_over.push(PassedOver {
                version: version.clone(),
                reason: reason.clone(),
            });
        }
    }
    let why = format!(
        "none of its newest {} releases is admitted",
        passed_over.len()
    );
    let mut reason = Reason::new("recent-release", why);
    if let Some(first) = passed_over.first() {
        reason.rule = first.reason.rule;
        let note = format!("{}: {}", first.version, first.reason.message);
        reason.notes.push(Printable::from(note));
    }
    Item {
        passed_over,
        ..item(asked, Outcome::Refused(vec![reason]))
    }
}

/// The releases to look at for every name without a version, the newest first.
async fn candidates(
    asked: &[Asked],
    settings: &Settings,
    world: (&impl EvidenceSource, &impl Progress),
) -> BTreeMap<ProjectName, Result<Vec<Version>, Outcome>> {
    let open: Vec<&Asked> = asked.iter().filter(|one| one.version.is_none()).collect();
    if open.is_empty() {
        return BTreeMap::new();
    }
    let lines: Vec<String> = open.iter().map(|one| one.line()).collect();
    let (settings, prepared) = read_as_lines(&lines, settings);
    let plan = check::plan(&prepared, &settings);
    let subjects = check::subjects(&plan, &prepared, &settings);
    let evidence = evidence(&subjects, &settings, world).await;
    let mut found = BTreeMap::new();
    for subject in subjects.files.iter().flat_map(|file| &file.requirements) {
        let Some(name) = &subject.requirement.name else {
            continue;
        };
        let every = Specifiers::default();
        let undecided = |why: String| {
            Err(Outcome::Undecided(vec![Reason::new(
                "unknown-project",
                why,
            )]))
        };
        let versions = match evidence.project(&subject.route, name) {
            Answer::Known(page) => {
                let matching = page
                    .matching(&every)
                    .rev()
                    .filter(|release| !release.yanked);
                let versions: Vec<Version> = matching
                    .take(MOST_RELEASES)
                    .map(|release| release.version.clone())
                    .collect();
                if versions.is_empty() {
                    let why = format!("{} has no release of it that is not withdrawn", page.source);
                    Err(Outcome::Refused(vec![Reason::new("unknown-release", why)]))
                } else {
                    Ok(versions)
                }
            }
            Answer::Absent => {
                let why = Reason::new("unknown-project", "no index has this project");
                Err(Outcome::Refused(vec![why]))
            }
            Answer::Unsupported(source) => undecided(format!("nobody was asked: {source}")),
            Answer::Unavailable(reason) => undecided(reason.to_string()),
        };
        found.insert(name.clone(), versions);
    }
    found
}

/// Reads these lines as if they stood in a file of this folder.
fn read_as_lines(lines: &[String], settings: &Settings) -> (Settings, Prepared) {
    let path = command_line(settings);
    let typed = Typed {
        path: normalize(&path),
        text: lines.concat(),
    };
    let settings = Settings {
        paths: vec![path],
        environments: Vec::new(),
        ..settings.clone()
    };
    let mut prepared = prepare_from(&settings, &typed);
    for file in &mut prepared.inputs.files {
        // Whoever runs the command wrote its lines.
        file.is_outside = file.is_outside && file.path != typed.path;
    }
    (settings, prepared)
}

/// The disk, with one file that only stands on the command line.
struct Typed {
    path: PathBuf,
    text: String,
}

impl Files for Typed {
    fn kind(&self, path: &Path) -> Option<FileKind> {
        if normalize(path) == self.path {
            return Some(FileKind::File);
        }
        Disk.kind(path)
    }

    fn list(&self, folder: &Path) -> Option<Vec<Listed>> {
        Disk.list(folder)
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        if normalize(path) == self.path {
            return Ok(self.text.clone().into_bytes());
        }
        Disk.read(path)
    }
}
