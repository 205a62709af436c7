//! What is impossible in the end: a project of which no version is all that is asked of it.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use pinproof_core::Printable;
use pubgrub::VersionSet;

use super::facts::{Demand, Facts};
use super::words::{is_or_are, list, ranges};
use crate::catalog::{Kind, Project, ProjectId};
use crate::conflict::{Hint, LeftOut};
use crate::demands::Origin;
use crate::indexes::Indexes;
use crate::problem::PrereleaseMode;
use crate::provider::Standing;
use crate::search::State;

/// How many versions that may not be chosen are listed as data.
const MAX_LEFT_OUT: usize = 20;

/// How many chains are made for one project.
const MAX_CHAINS: usize = 10;

/// A reason is told with at most this many characters.
const MAX_REASON: usize = 300;

/// How many requirements a chain may have.
const MAX_CHAIN: usize = 30;

/// More requirements than this are no matter for overrides.
const MAX_OVERRIDDEN: usize = 3;

/// A project of which no version will do.
pub(super) struct Clash<'f, 'a> {
    id: ProjectId,
    /// Of each group, one demand has to be met: several of one project are those of its versions.
    groups: Vec<Vec<&'f Demand<'a>>>,
    /// The versions that are all that is asked, and may not be chosen.
    refused: Indexes,
}

impl<'f, 'a> Clash<'f, 'a> {
    pub(super) fn of<P>(id: ProjectId, facts: &'f Facts<'a>, state: &State<'a, P>) -> Option<Self> {
        let groups = groups(facts.on(id));
        let project = state.catalog.get(id);
        let mut common = Indexes::below(project.count());
        for group in &groups {
            let any = group
                .iter()
                .fold(Indexes::empty(), |any, demand| any.union(&demand.accepted));
            common = common.intersection(&any);
        }
        let is_impossible = common
            .iter_below(project.count())
            .all(|index| reason(state, id, index).is_some());
        is_impossible.then_some(Self {
            id,
            groups,
            refused: common,
        })
    }

    pub(super) fn project(&self) -> ProjectId {
        self.id
    }

    /// "no version of `c` fits `c>=2`, and `c<1` or `c<2`: 3.0 is left out: it was withdrawn".
    pub(super) fn sentence<P>(&self, state: &State<'a, P>) -> Printable {
        let project = state.catalog.get(self.id);
        if let Some(reason) = &project.absent {
            return Printable::from(format!("there is no `{}`: {reason}", project.name));
        }
        if project.count() == 0 {
            return Printable::from(format!("`{}` has no versions", project.name));
        }
        let groups: Vec<String> = self
            .groups
            .iter()
            .map(|group| alternatives(group))
            .collect();
        let asks_for_any = |demand: &&Demand<'_>| demand.requirement.accepts_any;
        let fits = match groups.as_slice() {
            _ if self.groups.iter().flatten().all(asks_for_any) => "can be chosen".to_owned(),
            [only] => format!("fits {only}"),
            groups => format!("fits {}", list(groups, "and")),
        };
        let because = if self.refused.is_empty() {
            existing(project, &self.groups)
        } else {
            self.reasons(state)
        };
        Printable::from(format!("no version of `{}` {fits}{because}", project.name))
    }

    /// Why what would fit is left out, the highest first.
    fn reasons<P>(&self, state: &State<'a, P>) -> String {
        let project = state.catalog.get(self.id);
        let mut told: Vec<(Printable, Indexes)> = Vec::new();
        let mut places: HashMap<Printable, usize> = HashMap::new();
        for index in self.refused.iter_below(project.count()).rev() {
            let Some(reason) = reason(state, self.id, index) else {
                continue;
            };
            let index = Indexes::singleton(index);
            match places.entry(reason) {
                Entry::Occupied(place) => {
                    let known = &mut told[*place.get()].1;
                    *known = known.union(&index);
                }
                Entry::Vacant(place) => {
                    told.push((place.key().clone(), index));
                    place.insert(told.len() - 1);
                }
            }
        }
        let told: Vec<String> = told
            .iter()
            .map(|(reason, set)| {
                let are = is_or_are(set);
                format!("{} {are} left out: {reason}", ranges(project, set))
            })
            .collect();
        let beyond = told.len().saturating_sub(4);
        let mut text = format!(": {}", told[..told.len() - beyond].join("; "));
        if beyond > 0 {
            text = format!("{text}; and {beyond} more");
        }
        text
    }

    /// How the roots lead to each demand.
    pub(super) fn chains<P>(&self, facts: &Facts<'a>, state: &State<'a, P>) -> Vec<Vec<Printable>> {
        let demands = self.groups.iter().flatten().take(MAX_CHAINS);
        demands.map(|demand| chain(demand, facts, state)).collect()
    }

    pub(super) fn add_left_out<P>(&self, state: &State<'a, P>, out: &mut Vec<LeftOut>) {
        let project = state.catalog.get(self.id);
        for index in self.refused.iter_below(project.count()).rev() {
            if out.len() < MAX_LEFT_OUT
                && let Some(reason) = reason(state, self.id, index)
            {
                out.push(LeftOut {
                    project: project.name.clone(),
                    version: project.version(index).clone(),
                    reason,
                });
            }
        }
    }

    pub(super) fn add_hints<P>(&self, state: &State<'a, P>, hints: &mut Vec<Hint>) {
        let project = state.catalog.get(self.id);
        let best = |kind| {
            let mut refused = self.refused.iter_below(project.count()).rev();
            refused.find(|&index| project.kind(index) == kind)
        };
        if let Some(index) = best(Kind::Prerelease) {
            hints.push(Hint::Prerelease {
                project: project.name.clone(),
                version: project.version(index).clone(),
                by_name: state.demands.prereleases == PrereleaseMode::IfNecessaryOrNamed,
            });
        }
        if let Some(index) = best(Kind::Yanked) {
            hints.push(Hint::Yanked {
                project: project.name.clone(),
                version: project.version(index).clone(),
            });
        }
        if state.demands.overrides(&project.name).is_none() {
            hints.extend(self.possible_override(state));
        }
    }

    /// A root asks for one version and a release for another: an override can decide.
    fn possible_override<P>(&self, state: &State<'a, P>) -> Option<Hint> {
        let all = || self.groups.iter().flatten();
        let is_root = |demand: &&&Demand<'_>| matches!(demand.requirement.origin, Origin::Root(_));
        let root = all().find(|demand| is_root(demand) && !demand.accepted.is_empty())?;
        let few = self
            .groups
            .iter()
            .filter(|group| group.len() <= MAX_OVERRIDDEN);
        let other = few.flatten().find(|demand| {
            demand.requirement.origin == Origin::Release
                && demand.accepted.is_disjoint(&root.accepted)
        })?;
        let (by, _) = other.by.as_ref()?;
        Some(Hint::Override {
            by: state.catalog.get(*by).name.clone(),
            requirement: other.requirement.text.clone(),
            instead: root.requirement.text.clone(),
        })
    }
}

/// Demands of one project that are of different versions of it are alternatives.
fn groups<'f, 'a>(demands: impl Iterator<Item = &'f Demand<'a>>) -> Vec<Vec<&'f Demand<'a>>>
where
    'a: 'f,
{
    let mut groups: Vec<(Indexes, Vec<&'f Demand<'a>>)> = Vec::new();
    for demand in demands {
        let is_alternative = |(versions, group): &&mut (Indexes, Vec<&'f Demand<'a>>)| {
            demand.by.is_some()
                && group.first().is_some_and(|other| other.by == demand.by)
                && versions.is_disjoint(&demand.versions)
        };
        match groups.iter_mut().find(is_alternative) {
            Some((versions, group)) => {
                *versions = versions.union(&demand.versions);
                group.push(demand);
            }
            None => groups.push((demand.versions.clone(), vec![demand])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

fn alternatives(group: &[&Demand<'_>]) -> String {
    let mut texts: Vec<String> = Vec::new();
    for demand in group {
        let text = format!("`{}`", demand.requirement.text);
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    match texts.as_slice() {
        [only] => only.clone(),
        texts => format!("one of {}", list(texts, "or")),
    }
}

/// Which versions there are, where one requirement alone cannot be met.
fn existing(project: &Project, groups: &[Vec<&Demand<'_>>]) -> String {
    let is_alone = groups.len() == 1;
    if !is_alone {
        return String::new();
    }
    let all = Indexes::below(project.count());
    match is_or_are(&all) {
        "is" => format!("; there is only {}", ranges(project, &all)),
        _ => format!("; there are {}", ranges(project, &all)),
    }
}

/// Why a version may not be chosen.
fn reason<P>(state: &State<'_, P>, id: ProjectId, index: u32) -> Option<Printable> {
    let project = state.catalog.get(id);
    match project.kind(index) {
        Kind::Yanked => return Some(Printable::new("it was withdrawn by its authors")),
        Kind::Prerelease => return Some(Printable::new("it is a pre-release")),
        Kind::Regular | Kind::Fallback => {}
    }
    if let Some(Standing::Barred(reason)) = project.known_standing(index) {
        return Some(reason.shortened(MAX_REASON));
    }
    let unusable = state.unusable.get(&(id, index))?;
    Some(unusable.shortened(MAX_REASON))
}

/// The way from a root to a demand: a label, the projects between, the requirement.
fn chain<P>(demand: &Demand<'_>, facts: &Facts<'_>, state: &State<'_, P>) -> Vec<Printable> {
    let mut first_demand: BTreeMap<ProjectId, &Demand<'_>> = BTreeMap::new();
    for demand in &facts.demands {
        first_demand.entry(demand.on).or_insert(demand);
    }
    let mut steps = vec![demand.requirement.text.clone()];
    let mut at = demand;
    while let (Some((id, _)), true) = (&at.by, steps.len() < MAX_CHAIN) {
        let project = state.catalog.get(*id);
        let versions = ranges(project, &at.versions);
        steps.push(Printable::from(format!("{} {versions}", project.name)));
        let Some(next) = first_demand.get(id) else {
            break;
        };
        at = next;
    }
    if let Origin::Root(label) | Origin::Constraint(label) | Origin::Override(label) =
        at.requirement.origin
    {
        steps.push(Printable::new(label));
    }
    steps.reverse();
    steps
}
