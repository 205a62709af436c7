//! From the decisions of a search to a solution.

use std::collections::BTreeSet;

use pubgrub::Map;

use crate::catalog::ProjectId;
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
                if let Some(&version) = decided.get(&edge.to)
                    && let Some(id) = self.graph.part(edge.to).project()
                {
                    let chosen = self.choose(edge.to, (id, version), &mut solution);
                    self.record_asker(chosen, id, (from, origin));
                }
                if seen.insert(edge.to) {
                    waiting.push(edge.to);
                }
            }
        }
        solution
    }

    /// Adds the part of a project to the solution.
    fn choose<'s>(
        &self,
        node: Node,
        (id, version): (ProjectId, u32),
        solution: &'s mut Solution,
    ) -> &'s mut Chosen {
        let part = self.graph.part(node);
        let project = self.catalog.get(id);
        if let Part::Extra(_, extra) = part
            && let Some(Dependencies::Known(needs)) = self.releases.get(&(id, version))
            && !needs.extras.contains(extra)
        {
            let unknown = (project.name.clone(), extra.clone());
            solution.unknown_extras.insert(unknown);
        }
        let chosen = solution.chosen.entry(project.name.clone());
        let chosen = chosen.or_insert_with(|| Chosen {
            version: project.version(version).clone(),
            extras: BTreeSet::new(),
            roots: BTreeSet::new(),
            needed_by: BTreeSet::new(),
        });
        if let Part::Extra(_, extra) = part {
            chosen.extras.insert(extra.clone());
        }
        chosen
    }

    fn record_asker(
        &self,
        chosen: &mut Chosen,
        id: ProjectId,
        (from, origin): (Node, Option<Origin<'_>>),
    ) {
        match (self.graph.part(from).project(), origin) {
            (None, Some(Origin::Root(label) | Origin::Override(label))) => {
                chosen.roots.insert(label.to_owned());
            }
            (Some(from), _) if from != id => {
                chosen.needed_by.insert(self.catalog.get(from).name.clone());
            }
            _ => {}
        }
    }
}
