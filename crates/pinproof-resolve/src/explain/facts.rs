//! What a proof says, in terms of projects and requirements.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use pinproof_core::{ExtraName, Printable};
use pubgrub::{External, VersionSet};

use super::proof::Leaf;
use crate::catalog::ProjectId;
use crate::demands::Origin;
use crate::graph::{Graph, Node, Part, Requirement};
use crate::indexes::Indexes;
use crate::search::State;

/// Who asks: a project, with an extra or without; none for roots and constraints.
pub(super) type Asker = Option<(ProjectId, Option<ExtraName>)>;

/// Versions, and why they are of no use.
pub(super) type Reasons = Vec<(Indexes, Printable)>;

/// Somebody asks for versions of a project.
#[derive(Clone, Debug)]
pub(super) struct Demand<'a> {
    pub(super) by: Asker,
    /// The versions of the asker that do.
    pub(super) versions: Indexes,
    pub(super) requirement: Rc<Requirement<'a>>,
    pub(super) on: ProjectId,
    pub(super) accepted: Indexes,
}

/// The facts of a proof.
#[derive(Debug, Default)]
pub(super) struct Facts<'a> {
    /// From the roots outwards.
    pub(super) demands: Vec<Demand<'a>>,
    /// Versions that cannot be used, and why.
    pub(super) unusable: BTreeMap<(ProjectId, Option<ExtraName>), Reasons>,
    /// The projects in question, by their distance from the roots.
    pub(super) order: Vec<ProjectId>,
}

impl<'a> Facts<'a> {
    pub(super) fn of<P>(leaves: &[Leaf], state: &State<'a, P>) -> Self {
        let mut facts = Self::default();
        let mut demands: BTreeMap<(Asker, Origin<'a>, Printable), Demand<'a>> = BTreeMap::new();
        for leaf in leaves {
            match leaf {
                // What is left out is seen from the versions themselves.
                External::NotRoot(..) | External::NoVersions(..) => {}
                External::Custom(node, range, reason) => {
                    let part = state.graph.part(*node);
                    if let Some(id) = part.project() {
                        let key = (id, part.extra().cloned());
                        let reasons = facts.unusable.entry(key).or_default();
                        reasons.push((range.clone(), reason.clone()));
                    }
                }
                External::FromDependencyOf(from, versions, to, accepted) => {
                    for demand in demands_of(&state.graph, (*from, versions), (*to, accepted)) {
                        let requirement = &demand.requirement;
                        let key = (
                            demand.by.clone(),
                            requirement.origin,
                            requirement.text.clone(),
                        );
                        demands
                            .entry(key)
                            .and_modify(|known| {
                                known.versions = known.versions.union(&demand.versions);
                            })
                            .or_insert(demand);
                    }
                }
            }
        }
        facts.sort(demands.into_values().collect());
        facts
    }

    /// From the roots outwards, breadth first.
    fn sort(&mut self, demands: Vec<Demand<'a>>) {
        let mut by_asker: BTreeMap<Option<ProjectId>, Vec<Demand<'a>>> = BTreeMap::new();
        for demand in demands {
            let asker = demand.by.as_ref().map(|(id, _)| *id);
            by_asker.entry(asker).or_default().push(demand);
        }
        for demands in by_asker.values_mut() {
            // What the newest versions need stands first.
            demands.sort_by_key(|demand| {
                let highest = demand.versions.iter_below(u32::MAX).next_back();
                (
                    demand.by.clone(),
                    Reverse(highest.filter(|_| demand.by.is_some())),
                )
            });
        }
        let mut waiting = VecDeque::from([None]);
        let mut seen = BTreeSet::new();
        while let Some(asker) = waiting.pop_front() {
            for demand in by_asker.remove(&asker).unwrap_or_default() {
                if seen.insert(demand.on) {
                    self.order.push(demand.on);
                    waiting.push_back(Some(demand.on));
                }
                self.demands.push(demand);
            }
        }
    }

    /// The demands on a project.
    pub(super) fn on(&self, id: ProjectId) -> impl Iterator<Item = &Demand<'a>> {
        self.demands.iter().filter(move |demand| demand.on == id)
    }
}

/// The requirements behind "these versions of one need those of another"; none where both are parts of
/// one project that only say that they belong together.
fn demands_of<'a>(
    graph: &Graph<'a>,
    (from, versions): (Node, &Indexes),
    (to, accepted): (Node, &Indexes),
) -> Vec<Demand<'a>> {
    let Some(on) = graph.part(to).project() else {
        return Vec::new();
    };
    let by = match graph.part(from) {
        Part::Root => None,
        Part::Extra(..) => return Vec::new(),
        part => part.project().map(|id| (id, part.extra().cloned())),
    };
    let mut found: Vec<Demand<'a>> = Vec::new();
    for (version, edges) in graph.versions_of(from, versions) {
        let requirements = edges
            .iter()
            .filter(|edge| edge.to == to && edge.accepted == *accepted)
            .filter_map(|edge| edge.requirement.as_ref());
        for requirement in requirements.take(1) {
            let version = Indexes::singleton(version);
            match found
                .iter_mut()
                .find(|known| known.requirement == *requirement)
            {
                Some(known) => known.versions = known.versions.union(&version),
                None => found.push(Demand {
                    by: by.clone().filter(|_| !is_constraint(requirement)),
                    versions: version,
                    requirement: Rc::clone(requirement),
                    on,
                    accepted: accepted.clone(),
                }),
            }
        }
    }
    found
}

fn is_constraint(requirement: &Requirement<'_>) -> bool {
    matches!(requirement.origin, Origin::Constraint(_))
}
