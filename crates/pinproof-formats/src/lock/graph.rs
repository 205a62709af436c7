//! Who needs whom in a lock, and to which part of the project each entry belongs.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use pinproof_core::manifest::{Need, NotUnderstood, Requirement, Scope, Via};
use pinproof_core::specifier::Prereleases;
use pinproof_core::{
    Environment, ExtraName, Manifest, Marker, Platform, Printable, ProjectName, PythonVersion,
    Specifiers,
};

use super::{MAX_OF_ONE_PROJECT, gates};

/// What a part of the project that was locked asks for.
pub(crate) struct Root {
    /// The part.
    pub scope: Scope,
    /// The project that was locked.
    pub project: ProjectName,
    /// What the part needs.
    pub needs: Vec<Need>,
}

/// A Python 3 that is far in the future.
const NEWEST_MINOR: u16 = 40;

/// More parts than this are not told apart: every entry counts as needed by the project itself.
const MAX_PARTS: usize = 100;

/// Notes with every entry who needs it, and which part of the project it belongs to.
///
/// An entry of more than one part belongs to the project itself, so that it is judged whichever part is
/// chosen.
pub(crate) fn connect(manifest: &mut Manifest, roots: &[Root]) {
    refuse_crowds(manifest);
    let dependents = dependents(manifest, roots);
    for requirement in &mut manifest.requirements {
        let of_name = requirement
            .name
            .as_ref()
            .and_then(|name| dependents.get(name));
        // An entry may say itself that the project asks for it.
        let mut via: BTreeSet<Via> = requirement.via.drain(..).collect();
        via.extend(of_name.into_iter().flatten().cloned());
        requirement.via = via.into_iter().collect();
    }
    gates::mark(&mut manifest.requirements, roots);
    if !roots.is_empty() {
        let parts = roots.iter().flat_map(|root| {
            let needs = root.needs.iter();
            needs.map(|need| (&root.scope, need))
        });
        let scopes = scopes(&manifest.requirements, parts);
        for requirement in &mut manifest.requirements {
            let scope = requirement.name.as_ref().and_then(|name| scopes.get(name));
            requirement.scope = scope.cloned().unwrap_or(Scope::Main);
        }
    }
}

/// A project with very many entries is no lock that a tool wrote, and would cost their square.
fn refuse_crowds(manifest: &mut Manifest) {
    let mut seen: HashMap<ProjectName, usize> = HashMap::new();
    let mut refused = Vec::new();
    manifest.requirements.retain(|requirement| {
        let Some(name) = &requirement.name else {
            return true;
        };
        let count = seen.entry(name.clone()).or_default();
        *count += 1;
        if *count > MAX_OF_ONE_PROJECT {
            refused.push((name.clone(), requirement.span));
        }
        *count <= MAX_OF_ONE_PROJECT
    });
    for (name, span) in refused {
        manifest.not_understood.push(NotUnderstood {
            span,
            why: Printable::from(format!(
                "more than {MAX_OF_ONE_PROJECT} entries of `{name}` are not read"
            )),
            help: None,
        });
    }
}

/// Who needs each project in some environment that the lock is for. An edge for a Python that it is not for
/// explains nothing: some tools keep those.
fn dependents(manifest: &Manifest, roots: &[Root]) -> BTreeMap<ProjectName, BTreeSet<Via>> {
    let pythons = pythons(manifest.requires_python.as_ref());
    let is_possible = |marker: &Marker| {
        pythons.is_empty()
            || pythons
                .iter()
                .any(|python| marker.possible_with_python(python))
    };
    let mut dependents: BTreeMap<ProjectName, BTreeSet<Via>> = BTreeMap::new();
    let mut note = |need: &Need, by: &ProjectName| {
        if need.name != *by && need.marker.as_ref().is_none_or(is_possible) {
            let by = Via::Project(by.clone());
            dependents.entry(need.name.clone()).or_default().insert(by);
        }
    };
    for requirement in &manifest.requirements {
        let needs = requirement.needs.iter().flatten();
        if let Some(by) = &requirement.name {
            needs.for_each(|need| note(need, by));
        }
    }
    for root in roots {
        root.needs.iter().for_each(|need| note(need, &root.project));
    }
    dependents
}

/// The first and a late patch release of every Python that a lock is for; none, if it does not say.
fn pythons(required: Option<&Specifiers>) -> Vec<Environment> {
    let Some(required) = required else {
        return Vec::new();
    };
    let of = |minor| [0, 99].map(|patch| (minor, patch));
    let all = (0..=NEWEST_MINOR).flat_map(of);
    let accepted = all.filter(|(minor, patch)| {
        let version = format!("3.{minor}.{patch}").parse();
        version.is_ok_and(|version| required.contains(&version, Prereleases::Allow))
    });
    let environment = |(minor, patch)| {
        let python = PythonVersion {
            major: 3,
            minor,
            patch: Some(patch),
        };
        Environment::of_target(python, Platform::LinuxX86_64)
    };
    accepted.map(environment).collect()
}

/// A project, or one of its extras: what it needs for itself, or for that extra.
pub(super) type Node<'a> = (&'a ProjectName, Option<&'a ExtraName>);

/// What a need leads to: the project, and its extras that are asked for.
pub(super) fn nodes(need: &Need) -> impl Iterator<Item = Node<'_>> {
    let extras = need.extras.iter().map(Some);
    extras.chain([None]).map(|extra| (&need.name, extra))
}

/// What each node needs.
pub(super) struct Edges<'a>(HashMap<Node<'a>, Vec<&'a Need>>);

impl<'a> Edges<'a> {
    pub(super) fn of(requirements: &'a [Requirement]) -> Self {
        let mut edges: HashMap<Node<'_>, Vec<&Need>> = HashMap::new();
        for requirement in requirements {
            let Some(name) = &requirement.name else {
                continue;
            };
            for need in requirement.needs.iter().flatten() {
                let node = (name, need.with_extra.as_ref());
                edges.entry(node).or_default().push(need);
            }
        }
        Self(edges)
    }

    pub(super) fn of_node(&self, node: Node<'a>) -> impl Iterator<Item = &'a Need> + use<'a, '_> {
        self.0.get(&node).into_iter().flatten().copied()
    }
}

/// The part of the project that leads to each name, in whatever environment; the project itself, where more than
/// one does.
pub(crate) fn scopes<'a>(
    requirements: &'a [Requirement],
    asked: impl Iterator<Item = (&'a Scope, &'a Need)>,
) -> HashMap<ProjectName, Scope> {
    let edges = Edges::of(requirements);
    let mut parts: BTreeMap<&Scope, Vec<&Need>> = BTreeMap::new();
    for (scope, need) in asked {
        parts.entry(scope).or_default().push(need);
    }
    if parts.len() > MAX_PARTS {
        return HashMap::new();
    }
    let mut scopes: HashMap<ProjectName, Scope> = HashMap::new();
    for (scope, first) in parts {
        for name in reached(&first, &edges) {
            let known = scopes.entry(name.clone()).or_insert_with(|| scope.clone());
            if known != scope {
                *known = Scope::Main;
            }
        }
    }
    scopes
}

fn reached<'a>(first: &[&'a Need], edges: &Edges<'a>) -> HashSet<&'a ProjectName> {
    let mut queue: VecDeque<Node<'a>> = first.iter().flat_map(|need| nodes(need)).collect();
    let mut seen: HashSet<Node<'a>> = queue.iter().copied().collect();
    let mut names = HashSet::new();
    while let Some(node) = queue.pop_front() {
        names.insert(node.0);
        for next in edges.of_node(node).flat_map(nodes) {
            if seen.insert(next) {
                queue.push_back(next);
            }
        }
    }
    names
}
