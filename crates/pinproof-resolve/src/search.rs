//! `PubGrub`'s view of a problem: what to decide next, which version to try, what it needs.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
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

/// A project that was in so many conflicts is decided before those that were in none.
const MANY_CONFLICTS: u32 = 5;

/// Why a search ends without an answer.
#[derive(Debug, Error)]
pub(crate) enum Stop {
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    #[error(transparent)]
    TooMuch(TooMuch),
}

/// What is decided first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    Plain,
    ManyConflicts,
    Pinned,
    Url,
    Root,
}

pub(crate) struct Search<'a, P> {
    demands: Demands<'a>,
    limits: &'a Limits,
    state: RefCell<State<'a, P>>,
}

/// What a search has learned.
pub(crate) struct State<'a, P> {
    pub(crate) provider: &'a mut P,
    pub(crate) catalog: Catalog,
    pub(crate) graph: Graph<'a>,
    /// What releases need, as the provider answered.
    pub(crate) releases: HashMap<(ProjectId, u32), Dependencies>,
    /// The projects that some requirement pins.
    pub(crate) pinned: HashSet<ProjectId>,
    pub(crate) requirements: usize,
    /// The versions that a project may have, as far as was decided.
    open: HashMap<ProjectId, Indexes>,
    steps: u64,
}

impl<'a, P: Provider> Search<'a, P> {
    pub(crate) fn new(demands: Demands<'a>, limits: &'a Limits, provider: &'a mut P) -> Self {
        let state = State {
            provider,
            catalog: Catalog::new(),
            graph: Graph::new(),
            releases: HashMap::new(),
            pinned: HashSet::new(),
            requirements: 0,
            open: HashMap::new(),
            steps: 0,
        };
        Self {
            demands,
            limits,
            state: RefCell::new(state),
        }
    }

    pub(crate) fn into_parts(self) -> (Demands<'a>, State<'a, P>) {
        (self.demands, self.state.into_inner())
    }

    fn urgency(&self, id: ProjectId, conflicts: u32) -> Urgency {
        let state = self.state.borrow();
        if self.demands.url(&state.catalog.get(id).name).is_some() {
            Urgency::Url
        } else if state.pinned.contains(&id) {
            Urgency::Pinned
        } else if conflicts >= MANY_CONFLICTS {
            Urgency::ManyConflicts
        } else {
            Urgency::Plain
        }
    }
}

impl<P: Provider> State<'_, P> {
    /// A version for an extra: one that its project may have, so that it need not be taken back.
    fn best_of_extra(
        &mut self,
        id: ProjectId,
        range: &Indexes,
        demands: &Demands<'_>,
    ) -> Result<Option<u32>, Unanswered> {
        if let Some(open) = self.open.get(&id) {
            let common = range.intersection(open);
            let best = self
                .catalog
                .best(id, &common, demands.strategy, self.provider)?;
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
        let part = self.state.borrow().graph.part(*node).clone();
        let (id, stage) = match part {
            Part::Root => return (Urgency::Root, Reverse(None), Reverse(0)),
            Part::Extra(id, _) => (id, 0),
            Part::Project(id) => {
                self.state.borrow_mut().open.insert(id, range.clone());
                (id, 1)
            }
            Part::Needs(id, _) => (id, 2),
        };
        let urgency = self.urgency(id, conflicts.conflict_count());
        (urgency, Reverse(Some(id)), Reverse(stage))
    }

    fn choose_version(&self, node: &Node, range: &Indexes) -> Result<Option<u32>, Stop> {
        let state = &mut *self.state.borrow_mut();
        match *state.graph.part(*node) {
            Part::Root => Ok(Some(0)),
            Part::Project(id) => {
                let strategy = self.demands.strategy;
                Ok(state.catalog.best(id, range, strategy, state.provider)?)
            }
            Part::Extra(id, _) => Ok(state.best_of_extra(id, range, &self.demands)?),
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
        let state = &mut *self.state.borrow_mut();
        match state.edges_of(*node, *version, &self.demands, self.limits)? {
            Err(reason) => Ok(Needed::Unavailable(reason)),
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
        let state = &mut *self.state.borrow_mut();
        state.steps += 1;
        if state.steps > self.limits.steps {
            return Err(Stop::TooMuch(TooMuch::Steps(self.limits.steps)));
        }
        Ok(())
    }
}
