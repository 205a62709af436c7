//! From the decisions of a search to a solution.

use std::collections::BTreeSet;

use pubgrub::Map;

use crate::demands::Origin;
use crate::graph::{Node, Part};
use crate::provider::{Dependencies, Provider};
use crate::search::State;
use crate::solution::{Chosen, Solution};

impl<P: Provider> State<'_, P> {
    /// What the roots lead to, of what was decided.
    pub(crate) fn solution(&self, decided: &Map<Node, u32>) -> Solution {
        let mut solution = Solution::default();
        let mut waiting = vec![Node::ROOT];
        let mut seen = BTreeSet::from([Node::ROOT]);
        while let Some(from) = waiting.pop() {
            let Some(&version) = decided.get(&from) else {
                continue;
            };
            for edge in self.graph.edges(from, version) {
                let origin = edge
                    .requirement
                    .as_ref()
                    .map(|requirement| requirement.origin);
                if matches!(origin, Some(Origin::Constraint(_))) {
                    continue;
                }
                self.record(from, edge.to, origin, decided, &mut solution);
                if seen.insert(edge.to) {
                    waiting.push(edge.to);
                }
            }
        }
        solution
    }

    fn record(
        &self,
        from: Node,
        to: Node,
        origin: Option<Origin<'_>>,
        decided: &Map<Node, u32>,
        solution: &mut Solution,
    ) {
        let part = self.graph.part(to);
        let (Some(id), Some(&version)) = (part.project(), decided.get(&to)) else {
            return;
        };
        let project = self.catalog.get(id);
        let chosen = solution
            .chosen
            .entry(project.name.clone())
            .or_insert_with(|| Chosen {
                version: project.version(version).clone(),
                extras: BTreeSet::new(),
                roots: BTreeSet::new(),
                needed_by: BTreeSet::new(),
            });
        match (self.graph.part(from).project(), origin) {
            (None, Some(Origin::Root(label) | Origin::Override(label))) => {
                chosen.roots.insert(label.to_owned());
            }
            (Some(from), _) if from != id => {
                let from = self.catalog.get(from).name.clone();
                chosen.needed_by.insert(from);
            }
            _ => {}
        }
        if let Part::Extra(_, extra) = part {
            chosen.extras.insert(extra.clone());
            if let Some(Dependencies::Known(needs)) = self.releases.get(&(id, version))
                && !needs.extras.contains(extra)
            {
                solution
                    .unknown_extras
                    .insert((project.name.clone(), extra.clone()));
            }
        }
    }
}
