//! `PubGrub`'s view of a problem: what to decide next, which version to try, what it needs.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Debug;
use std::rc::Rc;

use pinproof_core::Printable;
use pubgrub::{
    Dependencies as Needed, DependencyConstraints, DependencyProvider, PackageResolutionStatistics,
    VersionSet,
};
use thiserror::Error;

use crate::catalog::{Catalog, ProjectId};
use crate::demands::Demands;
use crate::graph::{Edge, Graph, Node, Part};
use crate::indexes::Indexes;
use crate::limits::{Limits, TooMuch};
use crate::provider::{Dependencies, Provider, Unanswered};

/// A project that was in so many conflicts is decided earlier.
const MANY_CONFLICTS: u32 = 5;

/// How often a search begins again because a project has to be decided earlier.
const MAX_RESTARTS: usize = 50;

/// Why a search ends without an answer.
#[derive(Debug, Error)]
pub(crate) enum Stop {
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    #[error(transparent)]
    TooMuch(TooMuch),
    /// It begins again, in another order.
    #[error("the search begins again")]
    Restart,
}

/// What is decided first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    Plain,
    /// It was in many conflicts.
    Contested,
    /// There is only one version to choose.
    Only,
    Url,
    Root,
}

/// A search; `PubGrub` asks it through a shared reference.
pub(crate) struct Search<'a, P>(RefCell<State<'a, P>>);

/// What a search has learned.
pub(crate) struct State<'a, P> {
    pub(crate) demands: &'a Demands<'a>,
    pub(crate) limits: &'a Limits,
    pub(crate) provider: &'a mut P,
    pub(crate) catalog: Catalog,
    pub(crate) graph: Graph<'a>,
    /// What releases need, as the provider answered.
    pub(crate) releases: HashMap<(ProjectId, u32), Dependencies>,
    /// Releases that turned out to be of no use, and why.
    pub(crate) unusable: HashMap<(ProjectId, u32), Printable>,
    pub(crate) requirements: usize,
    /// The versions that a project may have, as far as was decided.
    open: HashMap<ProjectId, Indexes>,
    /// The projects that were in many conflicts.
    contested: BTreeSet<ProjectId>,
    begins_again: bool,
    steps: u64,
    effort: u64,
}

impl<'a, P: Provider> Search<'a, P> {
    pub(crate) fn new(demands: &'a Demands<'a>, limits: &'a Limits, provider: &'a mut P) -> Self {
        Self(RefCell::new(State {
            demands,
            limits,
            provider,
            catalog: Catalog::default(),
            graph: Graph::new(),
            releases: HashMap::new(),
            unusable: HashMap::new(),
            requirements: 0,
            open: HashMap::new(),
            contested: BTreeSet::new(),
            begins_again: false,
            steps: 0,
            effort: 0,
        }))
    }

    pub(crate) fn into_state(self) -> State<'a, P> {
        self.0.into_inner()
    }
}

impl<P: Provider> State<'_, P> {
    fn urgency(&mut self, id: ProjectId, range: &Indexes, conflicts: u32) -> Urgency {
        if self.demands.url(&self.catalog.get(id).name).is_some() {
            Urgency::Url
        } else if self.has_one(id, range) {
            Urgency::Only
        } else if self.is_contested(id, conflicts) {
            Urgency::Contested
        } else {
            Urgency::Plain
        }
    }

    /// Whether a project was in many conflicts.
    ///
    /// Where what was decided before is at fault, going down the versions of the contested project leads
    /// to one from before the two had to do with each other. So it is decided before, from the start;
    /// everything that was answered is known by then.
    fn is_contested(&mut self, id: ProjectId, conflicts: u32) -> bool {
        if self.contested.contains(&id) {
            return true;
        }
        if conflicts < MANY_CONFLICTS || self.contested.len() >= MAX_RESTARTS {
            return false;
        }
        self.contested.insert(id);
        self.begins_again = true;
        true
    }

    fn has_one(&self, id: ProjectId, range: &Indexes) -> bool {
        let count = self.catalog.get(id).count();
        range.iter_below(count).nth(1).is_none()
    }

    /// The best version of a project.
    fn best(&mut self, id: ProjectId, range: &Indexes) -> Result<Option<u32>, Unanswered> {
        let strategy = self.demands.strategy;
        self.catalog.best(id, range, strategy, self.provider)
    }

    /// A version for an extra: one that its project may have, so that it need not be taken back.
    fn best_of_extra(&mut self, id: ProjectId, range: &Indexes) -> Result<Option<u32>, Unanswered> {
        if let Some(open) = self.open.get(&id) {
            let common = range.intersection(open);
            let best = self.best(id, &common)?;
            if best.is_some() {
                return Ok(best);
            }
        }
        // Whatever it is, its project cannot have it; that is found out without asking anybody.
        let count = self.catalog.get(id).count();
        Ok(range.iter_below(count).next_back())
    }
}

impl<P: Provider> DependencyProvider for Search<'_, P> {
    type P = Node;
    type V = u32;
    type VS = Indexes;
    type Priority = (Urgency, Reverse<Option<ProjectId>>, Reverse<u8>);
    type M = Printable;
    type Err = Stop;

    fn prioritize(
        &self,
        node: &Node,
        range: &Indexes,
        conflicts: &PackageResolutionStatistics,
    ) -> Self::Priority {
        let state = &mut *self.0.borrow_mut();
        let (id, turn) = match *state.graph.part(*node) {
            Part::Root => return (Urgency::Root, Reverse(None), Reverse(0)),
            Part::Extra(id, _) => (id, 0),
            Part::Project(id) => {
                state.open.insert(id, range.clone());
                (id, 1)
            }
            Part::Needs(id, _) => (id, 2),
        };
        let urgency = state.urgency(id, range, conflicts.conflict_count());
        (urgency, Reverse(Some(id)), Reverse(turn))
    }

    fn choose_version(&self, node: &Node, range: &Indexes) -> Result<Option<u32>, Stop> {
        let state = &mut *self.0.borrow_mut();
        if std::mem::take(&mut state.begins_again) {
            state.open.clear();
            return Err(Stop::Restart);
        }
        match *state.graph.part(*node) {
            Part::Root => Ok(Some(0)),
            Part::Project(id) => {
                let best = state.best(id, range)?;
                if let Some(version) = best {
                    state.open.insert(id, Indexes::singleton(version));
                }
                Ok(best)
            }
            Part::Extra(id, _) => Ok(state.best_of_extra(id, range)?),
            Part::Needs(id, _) => {
                let count = state.catalog.get(id).count();
                Ok(range.iter_below(count).next_back())
            }
        }
    }

    fn get_dependencies(
        &self,
        node: &Node,
        version: &u32,
    ) -> Result<Needed<Node, Indexes, Printable>, Stop> {
        let state = &mut *self.0.borrow_mut();
        match state.edges_of(*node, *version)? {
            Err(reason) => {
                if let Part::Project(id) = *state.graph.part(*node) {
                    state.unusable.insert((id, *version), reason.clone());
                }
                Ok(Needed::Unavailable(reason))
            }
            Ok(edges) => {
                let edges: Rc<[Edge<'_>]> = edges.into();
                state.graph.set_edges(*node, *version, Rc::clone(&edges));
                let needed = edges.iter().map(|edge| (edge.to, edge.accepted.clone()));
                Ok(Needed::Available(
                    needed.collect::<DependencyConstraints<_, _>>(),
                ))
            }
        }
    }

    fn should_cancel(&self) -> Result<(), Stop> {
        let state = &mut *self.0.borrow_mut();
        state.steps += 1;
        if state.steps > state.limits.steps {
            return Err(Stop::TooMuch(TooMuch::Steps(state.limits.steps)));
        }
        state.effort += state.graph.looked_at() as u64;
        if state.effort > state.limits.effort {
            return Err(Stop::TooMuch(TooMuch::Effort(state.limits.effort)));
        }
        Ok(())
    }
}
