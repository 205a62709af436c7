//! When a release came and went, over the history of a repository.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use pinproof_core::Printable;
use pinproof_sources::git::{Change, History, Id, Refs, Repository, Select};

use super::contents::{self, Pin, Says};
use super::{Asked, Exposure, Gap, LookedAt, Seen, Sighting};
use crate::discover::{is_input_in, is_left_alone, unsupported_format};

/// The files that may hold a release: those that `check` finds, and locks that are only searched for names.
struct Holders;

impl Select for Holders {
    fn enters(&self, folder: &str) -> bool {
        !is_left_alone(folder)
    }

    fn takes(&self, folder: &str, file: &str) -> bool {
        is_input_in(folder, file) || unsupported_format(Path::new(file)).is_some()
    }
}

/// Looks through the history of one repository; `top` is how reports show its folder.
pub(super) fn look(
    asked: &Asked,
    repository: &Repository,
    refs: Refs,
    top: &Printable,
    exposure: &mut Exposure,
) {
    let history = match repository.history(refs, &Holders) {
        Ok(history) => history,
        Err(error) => {
            exposure.gaps.push(Gap {
                path: top.clone(),
                why: Printable::from(error.to_string()),
                help: error.hint().map(Printable::from),
            });
            return;
        }
    };
    let mut past = Past {
        asked,
        repository,
        top,
        said: HashMap::new(),
        files: BTreeMap::new(),
    };
    for change in &history.changes {
        past.add(change);
    }
    past.add_present(&history);
    exposure.looked_at.push(LookedAt::History {
        path: top.clone(),
        commits: history.commits.read,
        files: past.files.len(),
        versions: past.said.len(),
        since: history.commits.oldest.map(|oldest| oldest.time),
    });
    past.conclude(exposure);
    exposure.gaps.extend(limits(&history, top));
}

/// Where a history ends before the project began.
fn limits(history: &History, top: &Printable) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let day = |time: Timestamp| time.strftime("%Y-%m-%d").to_string();
    let edges = history.commits.shallow.iter().map(|edge| edge.time);
    if let Some(edge) = edges.max() {
        gaps.push(Gap {
            path: top.clone(),
            why: Printable::from(format!("history before {} is not here", day(edge))),
            help: Some(Printable::new("fetch it: `git fetch --unshallow`")),
        });
    }
    if history.commits.is_cut {
        let oldest = history.commits.oldest.map(|oldest| day(oldest.time));
        let oldest = oldest.unwrap_or_else(|| "today".to_owned());
        let why = format!(
            "it is too large: {} commits were looked at, and nothing before {oldest}",
            history.commits.read
        );
        gaps.push(Gap {
            path: top.clone(),
            why: Printable::from(why),
            help: None,
        });
    }
    gaps
}

struct Past<'a> {
    asked: &'a Asked,
    repository: &'a Repository,
    top: &'a Printable,
    /// What each version of a file says: none is read twice.
    said: HashMap<(PathBuf, Id), Says>,
    files: BTreeMap<PathBuf, OfFile>,
}

/// What happened to one path.
#[derive(Default)]
struct OfFile {
    came: Option<Seen>,
    went: Option<Seen>,
    is_there: bool,
    versions: BTreeSet<Id>,
    accepted: Option<Timestamp>,
    pinned: Option<Timestamp>,
    /// What it says now, on any of the branches that are looked at.
    now: BTreeSet<Pin>,
}

impl Past<'_> {
    fn says(&mut self, path: &Path, id: Id) -> &Says {
        let (asked, repository) = (self.asked, self.repository);
        self.said
            .entry((path.to_owned(), id))
            .or_insert_with(|| match repository.read(id) {
                Ok(bytes) => contents::of(asked, path, &bytes),
                Err(error) => Says {
                    gap: Some(Printable::from(error.to_string())),
                    ..Says::default()
                },
            })
    }

    fn pin(&mut self, path: &Path, id: Option<Id>) -> Pin {
        id.map_or(Pin::None, |id| self.says(path, id).pin)
    }

    fn add(&mut self, change: &Change) {
        let after = self.pin(&change.path, change.after);
        let before: Vec<Pin> = change
            .before
            .iter()
            .map(|id| self.pin(&change.path, *id))
            .collect();
        let seen = || Seen {
            time: change.at.time,
            commit: change.at.commit.to_string(),
            or_earlier: change.is_edge,
        };
        let file = self.files.entry(change.path.clone()).or_default();
        let had = before.contains(&Pin::Exactly);
        if after == Pin::Exactly {
            file.versions.extend(change.after);
            let is_first = file
                .came
                .as_ref()
                .is_none_or(|came| came.time >= change.at.time);
            if !had && is_first {
                file.came = Some(seen());
            }
        } else if had {
            let is_last = file
                .went
                .as_ref()
                .is_none_or(|went| went.time < change.at.time);
            if is_last {
                file.went = Some(seen());
            }
        }
        let first = match after {
            Pin::Accepts => &mut file.accepted,
            Pin::Exactly | Pin::Other => &mut file.pinned,
            Pin::None => return,
        };
        *first = Some(first.map_or(change.at.time, |time| time.min(change.at.time)));
    }

    fn add_present(&mut self, history: &History) {
        for (path, id) in &history.present {
            let pin = self.pin(path, Some(*id));
            let file = self.files.entry(path.clone()).or_default();
            file.now.insert(pin);
            if pin == Pin::Exactly {
                file.is_there = true;
                file.versions.insert(*id);
            }
        }
    }

    fn conclude(&self, exposure: &mut Exposure) {
        for (path, file) in &self.files {
            if !file.versions.is_empty() {
                exposure.sightings.push(Sighting {
                    path: self.shown(path),
                    came: file.came.clone(),
                    went: file.went.clone().filter(|_| !file.is_there),
                    versions: file.versions.len(),
                });
            }
        }
        let gaps = self.said.iter().filter_map(|((path, _), says)| {
            Some(Gap {
                path: self.shown(path),
                why: says.gap.clone()?,
                help: None,
            })
        });
        exposure.gaps.extend(gaps);
        exposure.gaps.extend(self.unrecorded());
    }

    /// Files that accepted the release while no lock held the project: what was installed then is
    /// written nowhere.
    fn unrecorded(&self) -> Vec<Gap> {
        let pinned_since = self.files.values().filter_map(|file| file.pinned).min();
        let is_pinned = |file: &OfFile| file.now.contains(&Pin::Other) || file.is_there;
        let is_pinned_now = self.files.values().any(is_pinned);
        let gap = |(path, file): (&PathBuf, &OfFile)| {
            let accepted = file.accepted?;
            let until = match pinned_since {
                None => "no lock ever pinned the project".to_owned(),
                Some(since) if accepted < since => {
                    format!(
                        "no lock pinned the project before {}",
                        since.strftime("%Y-%m-%d")
                    )
                }
                Some(_) if file.now.contains(&Pin::Accepts) && !is_pinned_now => {
                    "no lock pins the project now".to_owned()
                }
                Some(_) => return None,
            };
            let why = format!("it accepts the release without pinning it, and {until}");
            Some(Gap {
                path: self.shown(path),
                why: Printable::from(why),
                help: None,
            })
        };
        self.files.iter().filter_map(gap).collect()
    }

    fn shown(&self, path: &Path) -> Printable {
        let path = path.to_string_lossy().replace('\\', "/");
        match self.top.as_str() {
            "." => Printable::from(path),
            top => Printable::from(format!("{top}/{path}")),
        }
        .shortened(1_000)
    }
}
