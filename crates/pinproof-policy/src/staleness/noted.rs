//! What a lock noted of its input, against what the input says now (`uv.lock`).
//!
//! uv writes a requirement otherwise than its input: normalized, in another order, and without those parts of a
//! marker that the Pythons of the project make superfluous. So markers are compared by what they mean: in every
//! environment that the lock is for, and with every extra.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use pinproof_core::manifest::{NotedInput, Origin, Requirement, Scope};
use pinproof_core::{ExtraName, ProjectName, Specifiers, Version};

use super::environments::{Environments, within};
use super::{LockInput, LockSubject};
use crate::subject::InputRequirement;

/// With more cells than this the environments are left out; with more even then, nothing is compared.
const MOST_CELLS: usize = 2_000_000;

/// A project that the input asks for otherwise than when the lock was made.
#[derive(Debug)]
pub(crate) struct Difference<'l, 'a> {
    /// The project.
    pub(crate) project: &'a ProjectName,
    /// What the input asks for now, and the lock did not note.
    pub(crate) now: Option<&'l InputRequirement<'a>>,
    /// What the lock noted, and the input does not ask for now.
    pub(crate) then: Option<&'a Requirement>,
}

/// The differences, by project; `None` if there is too much to compare.
pub(crate) fn find<'l, 'a>(
    lock: &LockSubject<'a>,
    input: &'l LockInput<'a>,
    noted: &'a NotedInput,
) -> Option<Vec<Difference<'l, 'a>>> {
    let is_all_read = |manifest: &pinproof_core::Manifest| {
        manifest.not_understood.is_empty() && manifest.includes.is_empty()
    };
    // What is not understood is an open question of its own.
    if !is_all_read(input.manifest) || !is_all_read(lock.manifest) {
        return Some(Vec::new());
    }
    let grid = Grid::new(lock, input, noted)?;
    let now = grid.asked(input);
    let then = grid.noted(noted);
    let mut differences: BTreeMap<&ProjectName, Difference<'l, 'a>> = BTreeMap::new();
    for (key, asked) in &now {
        if then.get(key).is_none_or(|noted| noted.held != asked.held) {
            entry(&mut differences, key.name)
                .now
                .get_or_insert(asked.first);
        }
    }
    for (key, noted) in &then {
        if now.get(key).is_none_or(|asked| asked.held != noted.held) {
            entry(&mut differences, key.name)
                .then
                .get_or_insert(noted.first);
        }
    }
    let incomparable = incomparable(input, noted);
    let differences = differences.into_values();
    Some(
        differences
            .filter(|one| !incomparable.contains(one.project))
            .collect(),
    )
}

fn entry<'d, 'l, 'a>(
    differences: &'d mut BTreeMap<&'a ProjectName, Difference<'l, 'a>>,
    project: &'a ProjectName,
) -> &'d mut Difference<'l, 'a> {
    differences.entry(project).or_insert(Difference {
        project,
        now: None,
        then: None,
    })
}

/// Whether the Pythons of a project are others than those that the lock was made for. A workspace has those that
/// all its members share, which is not compared.
pub(crate) fn is_for_other_pythons(lock: &LockSubject<'_>, input: &LockInput<'_>) -> bool {
    let pythons = |specifiers: &Specifiers| within(specifiers);
    match (
        &lock.manifest.requires_python,
        &input.manifest.requires_python,
    ) {
        (Some(then), Some(now)) if lock.inputs.len() == 1 => pythons(then) != pythons(now),
        _ => false,
    }
}

/// What tells one requirement from another, but for the environments and the parts it is for.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    name: &'a ProjectName,
    extras: BTreeSet<&'a ExtraName>,
    specifiers: Vec<(&'static str, bool, Option<Version>, String)>,
    is_from_index: bool,
    file: &'a str,
}

impl<'a> Key<'a> {
    fn of(requirement: &'a Requirement, name: &'a ProjectName) -> Self {
        let specifiers = requirement
            .specifiers()
            .into_iter()
            .flat_map(Specifiers::iter);
        let mut specifiers: Vec<_> = specifiers
            .map(|one| {
                let version = one.version().cloned();
                let text = if version.is_none() {
                    one.to_string()
                } else {
                    String::new()
                };
                (one.operator().as_str(), one.is_wildcard(), version, text)
            })
            .collect();
        specifiers.sort();
        specifiers.dedup();
        Self {
            name,
            extras: requirement.extras.iter().collect(),
            specifiers,
            is_from_index: matches!(requirement.origin, Origin::Index(_)),
            file: match &requirement.origin {
                Origin::Url {
                    filename, shown, ..
                } if shown.as_str().starts_with("http") => filename,
                _ => "",
            },
        }
    }
}

/// A requirement that is asked for, and the cells of the grid in which it is.
struct Held<T> {
    first: T,
    held: Vec<bool>,
}

/// What is asked for, and where.
type Cells<'a, T> = BTreeMap<Key<'a>, Held<T>>;

/// A part of a project, with the parts that it includes.
struct Part {
    scope: Scope,
    includes: BTreeSet<Scope>,
}

/// The parts of a project by the environments of its lock.
struct Grid<'a> {
    parts: Vec<Part>,
    environments: Environments,
    /// How many environments are looked at: all, or none if that would be too much work.
    width: usize,
    project: Option<&'a ProjectName>,
}

impl<'a> Grid<'a> {
    /// `None` if there is too much to compare.
    fn new(lock: &LockSubject<'a>, input: &LockInput<'a>, noted: &NotedInput) -> Option<Self> {
        let parts = parts(input, noted);
        let environments = Environments::of(lock.manifest);
        let count = environments.all().count();
        let items = input.requirements.len() + noted.requirements.len();
        let cells = items.saturating_mul(parts.len());
        let is_small = cells.saturating_mul(count) <= MOST_CELLS;
        (cells <= MOST_CELLS).then_some(Self {
            parts,
            environments,
            width: if is_small { count } else { 0 },
            project: input.manifest.project.as_ref(),
        })
    }

    fn asked<'l>(&self, input: &'l LockInput<'a>) -> Cells<'a, &'l InputRequirement<'a>> {
        let mut cells = Cells::new();
        for asked in &input.requirements {
            let scope = &asked.requirement.scope;
            let with_part = |part: &Part| match &part.scope {
                Scope::Extra(_) => *scope == part.scope || *scope == Scope::Main,
                // uv notes a group with the groups that it includes.
                Scope::Group(_) => part.includes.contains(scope),
                part => scope == part,
            };
            self.hold(&mut cells, asked.requirement, asked, with_part);
        }
        cells
    }

    fn noted(&self, noted: &'a NotedInput) -> Cells<'a, &'a Requirement> {
        let mut cells = Cells::new();
        for requirement in &noted.requirements {
            let with_part = |part: &Part| match &part.scope {
                // The marker says which extra it is for.
                Scope::Main | Scope::Extra(_) => requirement.scope == Scope::Main,
                part => requirement.scope == *part,
            };
            self.hold(&mut cells, requirement, requirement, with_part);
        }
        cells
    }

    /// Enters a requirement; one that is in no cell is not asked for at all.
    fn hold<T>(
        &self,
        cells: &mut Cells<'a, T>,
        requirement: &'a Requirement,
        first: T,
        with_part: impl Fn(&Part) -> bool,
    ) {
        let name = requirement.name.as_ref();
        let Some(name) = name.filter(|name| self.project != Some(*name)) else {
            return;
        };
        let held: Vec<bool> = self
            .parts
            .iter()
            .flat_map(|part| self.held(requirement, part, with_part(part)))
            .collect();
        if !held.contains(&true) {
            return;
        }
        let key = Key::of(requirement, name);
        let known = cells.entry(key).or_insert_with(|| Held {
            first,
            held: vec![false; held.len()],
        });
        for (known, new) in known.held.iter_mut().zip(held) {
            *known |= new;
        }
    }

    /// In which environments a requirement is asked for with a part of the project.
    fn held(&self, requirement: &Requirement, part: &Part, is_asked: bool) -> Vec<bool> {
        let extra = match &part.scope {
            Scope::Extra(extra) => std::slice::from_ref(extra),
            _ => &[],
        };
        let Some(marker) = requirement.marker.as_ref().filter(|_| is_asked) else {
            return vec![is_asked; self.width.max(1)];
        };
        if self.width == 0 {
            return vec![marker.possible(extra)];
        }
        let environments = self.environments.all().take(self.width);
        environments
            .map(|environment| marker.evaluate(environment, extra))
            .collect()
    }
}

/// The parts that are compared: those that are declared and judged, and those that were.
fn parts(input: &LockInput<'_>, noted: &NotedInput) -> Vec<Part> {
    let declared = input.manifest.parts.iter().map(|part| part.scope.clone());
    let extras = noted.extras.iter().cloned().map(Scope::Extra);
    let noted_scopes = noted.requirements.iter().map(|one| one.scope.clone());
    let mut scopes: BTreeSet<Scope> = declared.chain(extras).chain(noted_scopes).collect();
    scopes.insert(Scope::Main);
    // The limits of a workspace are those of its root.
    if is_root(noted) {
        scopes.insert(Scope::Constraint);
    }
    let judged = scopes
        .into_iter()
        .filter(|scope| !input.left_out.contains(scope));
    let part = |scope: Scope| Part {
        includes: match scope {
            Scope::Group(_) => input.manifest.with_included(&scope),
            _ => BTreeSet::new(),
        },
        scope,
    };
    judged.map(part).collect()
}

fn is_root(noted: &NotedInput) -> bool {
    !noted.input.contains('/')
}

/// Projects that cannot be compared: from an index for some environments and from elsewhere for others, or from
/// where another member of the workspace says.
fn incomparable<'a>(input: &LockInput<'a>, noted: &'a NotedInput) -> HashSet<&'a ProjectName> {
    let asked = input.requirements.iter().map(|asked| asked.requirement);
    let now = origins(asked);
    let then = origins(noted.requirements.iter());
    let mut names = HashSet::new();
    for (name, kinds) in now.iter().chain(&then) {
        let is_elsewhere = then.get(name).is_some_and(|kinds| kinds.contains(&false));
        if kinds.len() > 1 || (is_elsewhere && !is_root(noted)) {
            names.insert(*name);
        }
    }
    names
}

/// For each project, whether it is from an index (`true`) or from elsewhere.
fn origins<'a>(
    requirements: impl Iterator<Item = &'a Requirement>,
) -> BTreeMap<&'a ProjectName, BTreeSet<bool>> {
    let mut origins: BTreeMap<_, BTreeSet<bool>> = BTreeMap::new();
    for requirement in requirements {
        if let Some(name) = &requirement.name {
            let is_index = matches!(requirement.origin, Origin::Index(_));
            origins.entry(name).or_default().insert(is_index);
        }
    }
    origins
}
