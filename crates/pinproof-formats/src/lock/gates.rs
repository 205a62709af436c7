//! For which environments the entries of a lock are, where only the edges between them say so.
//!
//! An entry that is always needed on some way from the project has no marker. Every other one is behind
//! gates: edges with a marker that lead out of what is always needed. One of them has to hold, so the entry is
//! for any environment in which one does. What other markers stand behind a gate is left open: an entry may
//! be looked at for an environment too many, and for none too few.

use std::collections::{HashMap, HashSet, VecDeque};

use pinproof_core::manifest::{Need, Requirement};
use pinproof_core::{Marker, ProjectName};

use super::entry;
use super::graph::{Edges, Node, Root, nodes};

/// More different gates than this are not told apart: the entries are for every environment.
const MAX_GATES: usize = 64;

/// A marker, and the nodes that it leads to.
type Gate<'a> = (&'a Marker, Vec<Node<'a>>);

/// Gives the entries that are not always needed the markers that lead to them.
pub(super) fn mark(requirements: &mut [Requirement], roots: &[Root]) {
    let found = conditions(requirements, roots);
    for (requirement, marker) in requirements.iter_mut().zip(found) {
        if let Some(marker) = marker {
            entry::add_marker(requirement, marker);
        }
    }
}

fn conditions(requirements: &[Requirement], roots: &[Root]) -> Vec<Option<Marker>> {
    let edges = Edges::of(requirements);
    let always = reach(
        roots
            .iter()
            .flat_map(|root| &root.needs)
            .filter(|need| need.marker.is_none()),
        |node| edges.of_node(node).filter(|need| need.marker.is_none()),
        |_| true,
    );
    let none = || vec![None; requirements.len()];
    let Some(gates) = gates(roots, &edges, &always) else {
        return none();
    };
    let names: HashSet<&ProjectName> = always.iter().map(|node| node.0).collect();
    let mut behind: HashMap<&ProjectName, Vec<&Marker>> = HashMap::new();
    for (marker, first) in &gates {
        let is_behind = |node: &Node<'_>| !always.contains(node);
        let reached = reach_from(first, |node| edges.of_node(node), is_behind);
        let reached: HashSet<&ProjectName> = reached.iter().map(|node| node.0).collect();
        for name in reached.into_iter().filter(|name| !names.contains(name)) {
            behind.entry(name).or_default().push(marker);
        }
    }
    let marker = |requirement: &Requirement| {
        let markers = behind.get(requirement.name.as_ref()?)?;
        Some(Marker::any(markers.iter().copied().cloned()))
    };
    requirements.iter().map(marker).collect()
}

/// The edges with a marker that lead out of what is always needed; `None` if there are too many.
fn gates<'a>(
    roots: &'a [Root],
    edges: &Edges<'a>,
    always: &HashSet<Node<'a>>,
) -> Option<Vec<Gate<'a>>> {
    let from_roots = roots.iter().flat_map(|root| &root.needs);
    let from_entries = always.iter().flat_map(|node| edges.of_node(*node));
    let mut gates: Vec<Gate<'a>> = Vec::new();
    for need in from_roots.chain(from_entries) {
        let Some(marker) = &need.marker else { continue };
        let behind = nodes(need).filter(|node| !always.contains(node));
        if let Some((_, first)) = gates.iter_mut().find(|(known, _)| *known == marker) {
            first.extend(behind);
        } else if gates.len() == MAX_GATES {
            return None;
        } else {
            gates.push((marker, behind.collect()));
        }
    }
    Some(gates)
}

fn reach<'a, N: Iterator<Item = &'a Need>>(
    first: impl Iterator<Item = &'a Need>,
    needs: impl Fn(Node<'a>) -> N,
    enters: impl Fn(&Node<'a>) -> bool,
) -> HashSet<Node<'a>> {
    let first: Vec<Node<'a>> = first.flat_map(nodes).collect();
    reach_from(&first, needs, enters)
}

fn reach_from<'a, N: Iterator<Item = &'a Need>>(
    first: &[Node<'a>],
    needs: impl Fn(Node<'a>) -> N,
    enters: impl Fn(&Node<'a>) -> bool,
) -> HashSet<Node<'a>> {
    let mut seen: HashSet<Node<'a>> = first.iter().copied().collect();
    let mut queue: VecDeque<Node<'a>> = seen.iter().copied().collect();
    while let Some(node) = queue.pop_front() {
        for next in needs(node).flat_map(nodes) {
            if enters(&next) && seen.insert(next) {
                queue.push_back(next);
            }
        }
    }
    seen
}
