//! What happened to one path: which releases came, which went, and how it held their projects.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use pinproof_core::{ProjectName, Version};
use pinproof_sources::git::Id;

use super::contents::{Pin, Says};
use super::{Presence, Seen, Then, Went};

/// What happened to one path.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    pub(super) releases: BTreeMap<(ProjectName, Version), OfRelease>,
    pub(super) projects: BTreeMap<ProjectName, OfProject>,
}

/// What happened to a release in one path.
#[derive(Debug, Default)]
pub(super) struct OfRelease {
    came: Option<Moment>,
    went: Option<(Moment, Vec<Then>)>,
    is_there: bool,
    /// Whether the commit that is checked out has it, where the working tree says otherwise.
    was_checked_out: bool,
    /// What the working tree has instead.
    dropped_for: Option<Vec<Then>>,
    versions: BTreeSet<Id>,
}

/// A commit that brought or took a release.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) time: Timestamp,
    pub(super) commit: String,
    pub(super) or_earlier: bool,
}

/// How one path held a project, whatever the release.
#[derive(Debug, Default)]
pub(super) struct OfProject {
    /// Since when it accepted a release that is looked for.
    pub(super) accepted: Option<Timestamp>,
    /// Since when it held the project to a release that is looked for, or to others.
    pub(super) pinned: Option<Timestamp>,
    /// What it says now, on any of the branches that are looked at.
    pub(super) now: BTreeSet<Pin>,
}

impl Timeline {
    /// Adds a commit that has this path otherwise than a parent.
    pub(super) fn change(
        &mut self,
        moment: &Moment,
        before: &[impl AsRef<Says>],
        after: &Says,
        id: Option<Id>,
    ) {
        for (project, version) in after.hits() {
            let mut parents = before.iter().map(AsRef::as_ref);
            let had = parents.any(|says| says.has(project, version));
            let release = self.release(project, version);
            release.versions.extend(id);
            if !had {
                release.comes(moment);
            }
        }
        for (project, version) in before.iter().flat_map(|says| says.as_ref().hits()) {
            if !after.has(project, version) {
                let then = then(after, project);
                self.release(project, version).goes(moment, then);
            }
        }
        for (project, held) in &after.held {
            let time = moment.time;
            let of_project = self.projects.entry(project.clone()).or_default();
            let since = match held.pin {
                Pin::Accepts => &mut of_project.accepted,
                Pin::Exactly | Pin::Other => &mut of_project.pinned,
                Pin::None => continue,
            };
            *since = Some(since.map_or(time, |since| since.min(time)));
        }
    }

    /// Adds what a branch has at the end of its history; `is_replaced` if the working tree says otherwise.
    pub(super) fn end(&mut self, says: &Says, id: Id, is_replaced: bool) {
        for (project, version) in says.hits() {
            let release = self.release(project, version);
            release.versions.insert(id);
            release.is_there |= !is_replaced;
            release.was_checked_out |= is_replaced;
        }
        if !is_replaced {
            self.say_now(says);
        }
    }

    /// Adds what the working tree has.
    pub(super) fn work_tree(&mut self, says: &Says) {
        for (project, version) in says.hits() {
            self.release(project, version).is_there = true;
        }
        for ((project, version), release) in &mut self.releases {
            if release.was_checked_out && !says.has(project, version) {
                release.dropped_for = Some(then(says, project));
            }
        }
        self.say_now(says);
    }

    fn say_now(&mut self, says: &Says) {
        for (project, held) in &says.held {
            let of_project = self.projects.entry(project.clone()).or_default();
            of_project.now.insert(held.pin);
        }
    }

    fn release(&mut self, project: &ProjectName, version: &Version) -> &mut OfRelease {
        let key = (project.clone(), version.clone());
        self.releases.entry(key).or_default()
    }
}

impl OfRelease {
    fn comes(&mut self, moment: &Moment) {
        if self
            .came
            .as_ref()
            .is_none_or(|came| came.time >= moment.time)
        {
            self.came = Some(moment.clone());
        }
    }

    fn goes(&mut self, moment: &Moment, then: Vec<Then>) {
        if self
            .went
            .as_ref()
            .is_none_or(|(went, _)| went.time < moment.time)
        {
            self.went = Some((moment.clone(), then));
        }
    }

    /// When it came and when it went.
    pub(super) fn presence(&self) -> Presence {
        let uncommitted = self.versions.is_empty().then_some(Seen::Uncommitted);
        let went = match (&self.dropped_for, &self.went) {
            _ if self.is_there => None,
            (Some(then), _) => Some(Went {
                seen: Seen::Uncommitted,
                then: then.clone(),
            }),
            (None, Some((moment, then))) => Some(Went {
                seen: moment.clone().into(),
                then: then.clone(),
            }),
            (None, None) => None,
        };
        Presence::Locked {
            came: self.came.clone().map(Seen::from).or(uncommitted),
            went,
            versions: self.versions.len(),
        }
    }
}

impl From<Moment> for Seen {
    fn from(moment: Moment) -> Self {
        Self::Committed {
            time: moment.time,
            commit: moment.commit,
            or_earlier: moment.or_earlier,
        }
    }
}

/// What a file pins instead.
fn then(says: &Says, project: &ProjectName) -> Vec<Then> {
    let versions = says.held.get(project).map(|held| &held.versions);
    let versions = versions.into_iter().flatten();
    versions
        .map(|(version, is_hit)| Then {
            version: version.clone(),
            is_hit: *is_hit,
        })
        .collect()
}
