//! When a release came and went, over the history of a repository.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use jiff::Timestamp;
use pinproof_core::{Printable, ProjectName};
use pinproof_sources::git::{Change, History, Id, Refs, Repository};

use super::contents::{self, Pin, Says};
use super::holders::Holders;
use super::timeline::{Moment, OfProject, Timeline};
use super::work_tree::{self, WorkTree};
use super::{Asked, Exposure, Gap, LookedAt, Sighting};

/// Looks through the history of one repository and the files in its working tree; `top` is how reports
/// show its folder.
pub(super) fn look(
    asked: &Asked,
    repository: &Repository,
    refs: Refs,
    top: &Printable,
    exposure: &mut Exposure,
) {
    let history = repository.history(refs, &Holders).unwrap_or_else(|error| {
        exposure.gaps.push(Gap {
            path: top.clone(),
            why: Printable::from(error.to_string()),
            help: error.hint().map(Printable::from),
        });
        History::default()
    });
    let work_tree = work_tree::read(asked, repository.work_tree());
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
    past.add_present(&history, refs, &work_tree);
    exposure.looked_at.push(LookedAt::History {
        path: top.clone(),
        commits: history.commits.read,
        files: past.files.len(),
        versions: past.said.len(),
        since: history.commits.oldest.map(|oldest| oldest.time),
        in_work_tree: work_tree.says.len(),
    });
    past.conclude(&work_tree, exposure);
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
    said: HashMap<(PathBuf, Id), Rc<Says>>,
    files: BTreeMap<PathBuf, Timeline>,
}

impl Past<'_> {
    fn says(&mut self, path: &Path, id: Option<Id>) -> Rc<Says> {
        let Some(id) = id else {
            return Rc::default();
        };
        let (asked, repository) = (self.asked, self.repository);
        let read = || match repository.read(id) {
            Ok(bytes) => contents::of(asked, path, &bytes),
            Err(error) => Says {
                gap: Some(Printable::from(error.to_string())),
                ..Says::default()
            },
        };
        let said = self.said.entry((path.to_owned(), id));
        Rc::clone(said.or_insert_with(|| Rc::new(read())))
    }

    fn add(&mut self, change: &Change) {
        let after = self.says(&change.path, change.after);
        let before: Vec<Rc<Says>> = change
            .before
            .iter()
            .map(|id| self.says(&change.path, *id))
            .collect();
        let moment = Moment {
            time: change.at.time,
            commit: change.at.commit.to_string(),
            or_earlier: change.is_edge,
        };
        let file = self.files.entry(change.path.clone()).or_default();
        file.change(&moment, &before, &after, change.after);
    }

    /// Adds the ends of the history and the working tree, which is the state of today whether it is
    /// committed or not. Where other branches are looked at too, they still have what they have.
    fn add_present(&mut self, history: &History, refs: Refs, work_tree: &WorkTree) {
        for (path, id) in &history.present {
            let says = self.says(path, Some(*id));
            let is_replaced = refs == Refs::Head && work_tree.says.contains_key(path);
            let file = self.files.entry(path.clone()).or_default();
            file.end(&says, *id, is_replaced);
        }
        for (path, says) in &work_tree.says {
            self.files.entry(path.clone()).or_default().work_tree(says);
        }
    }

    fn conclude(&self, work_tree: &WorkTree, exposure: &mut Exposure) {
        for (path, file) in &self.files {
            for ((project, version), release) in &file.releases {
                exposure.sightings.push(Sighting {
                    path: self.shown(path),
                    project: project.clone(),
                    version: version.clone(),
                    hit: self.asked.hit(project, version).unwrap_or_default(),
                    presence: release.presence(),
                });
            }
        }
        let in_history = self.said.iter().map(|((path, _), says)| (path, &**says));
        let said = in_history.chain(&work_tree.says);
        let unread = said.filter_map(|(path, says)| Some((path, says.gap.clone()?)));
        let unseen = work_tree.gaps.iter().map(|(path, why)| (path, why.clone()));
        let gaps = unread.chain(unseen).map(|(path, why)| self.gap(path, why));
        exposure.gaps.extend(gaps);
        for project in self.asked.projects() {
            exposure.gaps.extend(self.unrecorded(project));
        }
    }

    /// Files that accepted a release while no lock held its project: what was installed then is written
    /// nowhere.
    fn unrecorded(&self, project: &ProjectName) -> Vec<Gap> {
        let held = || {
            let files = self.files.iter();
            files.filter_map(|(path, file)| Some((path, file.projects.get(project)?)))
        };
        let pinned_since = held().filter_map(|(_, held)| held.pinned).min();
        let is_pinned = |held: &OfProject| {
            let pins = [Pin::Other, Pin::Exactly];
            pins.iter().any(|pin| held.now.contains(pin))
        };
        let is_pinned_now = held().any(|(_, held)| is_pinned(held));
        let mut gaps = Vec::new();
        for (path, held) in held() {
            let accepts_now = held.now.contains(&Pin::Accepts);
            let until = match (held.accepted, pinned_since) {
                (Some(accepted), Some(since)) if accepted < since => {
                    format!("pinned `{project}` before {}", since.strftime("%Y-%m-%d"))
                }
                (Some(_), None) => format!("ever pinned `{project}`"),
                _ if !accepts_now || is_pinned_now => continue,
                (_, Some(_)) => format!("pins `{project}` now"),
                (None, None) => format!("ever pinned `{project}`"),
            };
            let which = self.asked.which();
            let why = format!("it accepts {which} without pinning it, and no lock {until}");
            gaps.push(self.gap(path, Printable::from(why)));
        }
        gaps
    }

    fn gap(&self, path: &Path, why: Printable) -> Gap {
        Gap {
            path: self.shown(path),
            why,
            help: None,
        }
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
