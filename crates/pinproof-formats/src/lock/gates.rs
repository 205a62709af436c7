//! For which environments the entries of a lock are, where only the edges between them say so.
//!
//! An entry that is always needed on some way from the project has no marker; so is one of which another always
//! needs some version, each in environments of its own. Every other one is behind
//! gates: edges with a marker that lead out of what is always needed. One of them has to hold, so the entry is
//! for any environment in which one does. What other markers stand behind a gate is left open: an entry may
//! be looked at for an environment too many, and for none too few.

use std::collections::{HashMap, HashSet, VecDeque};

use pinproof_core::manifest::{Need, Requirement};
use pinproof_core::{Environment, Marker, Platform, ProjectName, PythonVersion};

use super::entry;
use super::graph::{Edges, Node, Root, nodes};

/// More different gates than this are not told apart: the entries are for every environment.
const MAX_GATES: usize = 64;

/// More versions of one project than this are not looked at as one for each environment.
const MAX_VERSIONS: usize = 10;

/// How many projects with a version for each environment are looked for.
const MAX_FORKS: usize = 1_000;

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
    let mut forks = Forks::default();
    let always = always(roots, &edges, &mut forks);
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
        let mut behind = behind.peekable();
        if behind.peek().is_none() {
            continue;
        }
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

/// Everything that is needed in every environment.
fn always<'a>(roots: &'a [Root], edges: &Edges<'a>, forks: &mut Forks) -> HashSet<Node<'a>> {
    let mut first = Vec::new();
    for root in roots {
        first.extend(forks.unconditional(root.needs.iter()));
    }
    let first: Vec<Node<'a>> = first.into_iter().flat_map(nodes).collect();
    let needs = |node| forks.unconditional(edges.of_node(node)).into_iter();
    reach_from(&first, needs, |_| true)
}

/// Versions of one project that are needed by turns: one for each environment.
struct Forks {
    /// Environments in which one of the markers has to hold.
    samples: Vec<Environment>,
    /// How many more are told from edges that are not always taken.
    left: usize,
}

impl Default for Forks {
    fn default() -> Self {
        let pythons = (8..=15).flat_map(|minor| [0, 9].map(|patch| (minor, Some(patch))));
        let pythons = pythons.map(|(minor, patch)| PythonVersion {
            major: 3,
            minor,
            patch,
        });
        let of = |python| Platform::ALL.map(|platform| Environment::of_target(python, platform));
        Self {
            samples: pythons.flat_map(of).collect(),
            left: MAX_FORKS,
        }
    }
}

impl Forks {
    /// The needs that no environment is without.
    fn unconditional<'a>(&mut self, needs: impl Iterator<Item = &'a Need>) -> Vec<&'a Need> {
        let mut found = Vec::new();
        let mut by_turns: HashMap<&ProjectName, Vec<&Need>> = HashMap::new();
        for need in needs {
            if need.marker.is_none() {
                found.push(need);
            } else {
                by_turns.entry(&need.name).or_default().push(need);
            }
        }
        for group in by_turns.into_values() {
            // Versions of a project are few; more are no work of a tool.
            if !(2..=MAX_VERSIONS).contains(&group.len()) || self.left == 0 {
                continue;
            }
            self.left -= 1;
            let markers = group.iter().filter_map(|need| need.marker.as_ref());
            let holds = |environment| markers.clone().any(|it| it.evaluate(environment, &[]));
            if self.samples.iter().all(holds) {
                found.extend(group);
            }
        }
        found
    }
}

fn reach_from<'a, N: Iterator<Item = &'a Need>>(
    first: &[Node<'a>],
    mut needs: impl FnMut(Node<'a>) -> N,
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
