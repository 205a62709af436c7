//! Who needs whom in a bill of materials, by the identifiers of its components.

use std::collections::{BTreeMap, BTreeSet};

use pinproof_core::manifest::Via;

/// Dependents by dependency.
#[derive(Debug, Default)]
pub(super) struct Graph {
    nodes: BTreeMap<String, Via>,
    dependents: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    /// Says what a component is to those that it needs. Of two with one identifier the first counts.
    pub(super) fn name(&mut self, id: &str, node: Via) {
        self.nodes.entry(id.to_owned()).or_insert(node);
    }

    /// Says that `of` needs `on`.
    pub(super) fn add(&mut self, of: &str, on: &str) {
        if of != on {
            let dependents = self.dependents.entry(on.to_owned()).or_default();
            dependents.insert(of.to_owned());
        }
    }

    /// Those that need a component; identifiers of nothing in the document are left out.
    pub(super) fn dependents(&self, id: &str) -> Vec<Via> {
        let ids = self.dependents.get(id).into_iter().flatten();
        let named: BTreeSet<&Via> = ids.filter_map(|id| self.nodes.get(id)).collect();
        named.into_iter().cloned().collect()
    }
}
