//! What the search decides about, and what needs what.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::rc::Rc;

use pinproof_core::requirement::Pep508;
use pinproof_core::{ExtraName, Printable};
use pubgrub::VersionSet;

use crate::catalog::ProjectId;
use crate::demands::Origin;
use crate::indexes::Indexes;
use crate::problem::Constraint;

/// A requirement is shown with at most this many characters.
const MAX_TEXT: usize = 200;

/// Something that gets a version, as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Node(u32);

/// What gets a version.
///
/// An extra needs two nodes. `Extra` says nothing but that it has the version of its project, so a
/// version that the project cannot have is left without asking what the extra needs there; `Needs` is
/// what it needs. `PubGrub` asks for the needs of a version once, so one node cannot be both.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    /// What is asked for.
    Root,
    /// A project.
    Project(ProjectId),
    /// An extra of a project.
    Extra(ProjectId, ExtraName),
    /// What an extra needs.
    Needs(ProjectId, ExtraName),
}

/// Something needs a version of something.
#[derive(Clone, Debug)]
pub(crate) struct Edge<'a> {
    pub(crate) to: Node,
    pub(crate) accepted: Indexes,
    /// The requirement that says so; none between the parts of one project.
    pub(crate) requirement: Option<Rc<Requirement<'a>>>,
}

/// A requirement, as an explanation shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Requirement<'a> {
    pub(crate) text: Printable,
    /// Whether it says nothing about the version.
    pub(crate) accepts_any: bool,
    pub(crate) origin: Origin<'a>,
}

/// The nodes, and the edges of every version that was looked at.
#[derive(Debug)]
pub(crate) struct Graph<'a> {
    parts: Vec<Part>,
    nodes: HashMap<Part, Node>,
    extras: usize,
    edges: BTreeMap<(Node, u32), Rc<[Edge<'a>]>>,
}

impl Node {
    pub(crate) const ROOT: Self = Self(0);
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Part {
    pub(crate) fn project(&self) -> Option<ProjectId> {
        match self {
            Self::Root => None,
            Self::Project(id) | Self::Extra(id, _) | Self::Needs(id, _) => Some(*id),
        }
    }

    pub(crate) fn extra(&self) -> Option<&ExtraName> {
        match self {
            Self::Root | Self::Project(_) => None,
            Self::Extra(_, extra) | Self::Needs(_, extra) => Some(extra),
        }
    }
}

impl<'a> Requirement<'a> {
    /// A requirement without its marker, which holds.
    pub(crate) fn of(requirement: &Pep508, origin: Origin<'a>) -> Self {
        let mut text = requirement.name.to_string();
        if !requirement.extras.is_empty() {
            let extras: Vec<&str> = requirement.extras.iter().map(ExtraName::as_str).collect();
            text = format!("{text}[{}]", extras.join(","));
        }
        text = match &requirement.url {
            Some(url) => format!("{text} @ {url}"),
            None => format!("{text}{}", requirement.specifiers),
        };
        Self {
            text: Printable::new(&text).shortened(MAX_TEXT),
            accepts_any: requirement.specifiers.is_empty() && requirement.url.is_none(),
            origin,
        }
    }

    pub(crate) fn of_constraint(constraint: &'a Constraint) -> Self {
        let text = format!("{}{}", constraint.project, constraint.specifiers);
        Self {
            text: Printable::new(&text).shortened(MAX_TEXT),
            accepts_any: constraint.specifiers.is_empty(),
            origin: Origin::Constraint(&constraint.label),
        }
    }
}

impl<'a> Graph<'a> {
    pub(crate) fn new() -> Self {
        Self {
            parts: vec![Part::Root],
            nodes: HashMap::from([(Part::Root, Node::ROOT)]),
            extras: 0,
            edges: BTreeMap::new(),
        }
    }

    pub(crate) fn part(&self, node: Node) -> &Part {
        &self.parts[node.0 as usize]
    }

    /// The node of a part.
    pub(crate) fn node(&mut self, part: Part) -> Node {
        if let Some(&node) = self.nodes.get(&part) {
            return node;
        }
        // The limits on projects and extras keep the number in range.
        #[expect(clippy::cast_possible_truncation)]
        let node = Node(self.parts.len() as u32);
        self.extras += usize::from(matches!(part, Part::Extra(..)));
        self.parts.push(part.clone());
        self.nodes.insert(part, node);
        node
    }

    /// How many extras there are.
    pub(crate) fn extras(&self) -> usize {
        self.extras
    }

    /// How many versions of projects and extras were looked at.
    pub(crate) fn looked_at(&self) -> usize {
        self.edges.len()
    }

    pub(crate) fn set_edges(&mut self, node: Node, version: u32, edges: Rc<[Edge<'a>]>) {
        self.edges.insert((node, version), edges);
    }

    /// What a version needs; nothing for one that was not looked at.
    pub(crate) fn edges(&self, node: Node, version: u32) -> &[Edge<'a>] {
        self.edges
            .get(&(node, version))
            .map_or(&[], |edges| &**edges)
    }

    /// The versions in `range` that were looked at, with what they need, lowest first.
    pub(crate) fn versions_of(
        &self,
        node: Node,
        range: &Indexes,
    ) -> impl Iterator<Item = (u32, &[Edge<'a>])> {
        let known = self.edges.range((node, 0)..=(node, u32::MAX));
        let known = known.map(|(&(_, version), edges)| (version, &**edges));
        known.filter(|(version, _)| range.contains(version))
    }
}
