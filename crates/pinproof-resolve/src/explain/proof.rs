//! The facts at the leaves of a proof that there is no solution.

use std::collections::HashSet;
use std::sync::Arc;

use pinproof_core::Printable;
use pubgrub::{DerivationTree, External};

use crate::graph::Node;
use crate::indexes::Indexes;

type Tree = DerivationTree<Node, Indexes, Printable>;

/// A fact of a proof.
pub(super) type Leaf = External<Node, Indexes, Printable>;

/// The facts of a proof, each once.
///
/// A proof is as deep as its search was long, so it is neither walked nor dropped by recursion.
pub(super) fn leaves(tree: Tree) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    let mut seen = HashSet::new();
    let mut visited = Vec::new();
    let mut waiting = vec![Arc::new(tree)];
    while let Some(tree) = waiting.pop() {
        if !seen.insert(Arc::as_ptr(&tree)) {
            continue;
        }
        match &*tree {
            Tree::External(leaf) => leaves.push(leaf.clone()),
            Tree::Derived(derived) => {
                waiting.push(Arc::clone(&derived.cause2));
                waiting.push(Arc::clone(&derived.cause1));
            }
        }
        visited.push(tree);
    }
    take_apart(visited);
    leaves
}

fn take_apart(mut trees: Vec<Arc<Tree>>) {
    while let Some(tree) = trees.pop() {
        if let Some(Tree::Derived(derived)) = Arc::into_inner(tree) {
            trees.push(derived.cause1);
            trees.push(derived.cause2);
        }
    }
}
