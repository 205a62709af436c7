//! Requirements of the inputs that no entry of the lock satisfies.

use std::collections::{HashMap, HashSet};

use pinproof_core::manifest::{Origin, Requirement, Scope};
use pinproof_core::specifier::Prereleases;
use pinproof_core::{ExtraName, ProjectName};

use super::environments::Environments;
use super::{Content, Holds, LockInput, LockSubject};
use crate::subject::InputRequirement;

/// What a lock lacks of a requirement.
#[derive(Clone, Debug)]
pub(crate) enum Lack<'a> {
    /// An entry.
    Entry,
    /// An entry in a version that is asked for; one that is there.
    Version(&'a Requirement),
    /// An extra, in a lock that says which extras it was made with.
    Extra(&'a Requirement, &'a ExtraName),
    /// An entry from where it is asked for; one that is there.
    Origin(&'a Requirement),
}

/// The requirements of one input that the lock does not satisfy.
pub(crate) fn find<'l, 'a>(
    lock: &'l LockSubject<'a>,
    input: &'l LockInput<'a>,
) -> Vec<(&'l InputRequirement<'a>, Lack<'a>)> {
    let comparer = Comparer::new(lock, input);
    let requirements = input.requirements.iter();
    requirements
        .filter_map(|asked| Some((asked, comparer.lack(asked.requirement)?)))
        .collect()
}

struct Comparer<'l, 'a> {
    lock: &'l LockSubject<'a>,
    input: &'l LockInput<'a>,
    environments: Environments,
    entries: HashMap<&'a ProjectName, Vec<&'a Requirement>>,
    /// Names that a limit of any input speaks of: an override may put any version in.
    limited: HashSet<&'a ProjectName>,
    records_extras: bool,
    has_nameless: bool,
}

/// What pip-compile, Pipenv and old releases of Poetry leave out of a lock unless they are told not to.
const UNSAFE: [&str; 5] = ["distribute", "pip", "pkg-resources", "setuptools", "wheel"];

impl<'l, 'a> Comparer<'l, 'a> {
    fn new(lock: &'l LockSubject<'a>, input: &'l LockInput<'a>) -> Self {
        let mut entries: HashMap<_, Vec<_>> = HashMap::new();
        for entry in &lock.entries {
            if let Some(name) = &entry.name {
                entries.entry(name).or_default().push(*entry);
            }
        }
        let inputs = lock.inputs.iter();
        let asked = inputs.flat_map(|input| &input.requirements);
        let limits = asked.map(|asked| asked.requirement);
        let limits = limits.filter(|requirement| requirement.scope == Scope::Constraint);
        Self {
            lock,
            input,
            environments: Environments::of(lock.manifest),
            entries,
            limited: limits.filter_map(|limit| limit.name.as_ref()).collect(),
            records_extras: lock.entries.iter().any(|entry| !entry.extras.is_empty()),
            has_nameless: lock.entries.iter().any(|entry| entry.name.is_none()),
        }
    }

    fn lack(&self, asked: &'a Requirement) -> Option<Lack<'a>> {
        let name = asked.name.as_ref()?;
        let is_own = self.input.manifest.project.as_ref() == Some(name);
        let is_asked = asked.scope.is_needed() && asked.scope != Scope::Build;
        // A folder of the project may be an entry, a member of the workspace, or the project itself.
        let is_path = matches!(asked.origin, Origin::Path(_));
        if is_own || !is_asked || is_path || !self.environments.need(asked) {
            return None;
        }
        let Some(entries) = self.entries.get(name) else {
            // An address without a name may be what is asked for.
            if self.has_nameless && asked.specifiers().is_none() {
                return None;
            }
            return (self.must_have(&asked.scope) && !UNSAFE.contains(&name.as_str()))
                .then_some(Lack::Entry);
        };
        let first = entries.first().copied()?;
        if let Some(entry) = self.locked_elsewhere(asked, entries) {
            return Some(Lack::Origin(entry));
        }
        if !self.lock.is_overridden && !self.limited.contains(name) && !accepts_any(asked, entries)
        {
            return Some(Lack::Version(first));
        }
        let lacks = |extra: &&ExtraName| !entries.iter().any(|entry| entry.extras.contains(extra));
        let extra = asked
            .extras
            .iter()
            .find(lacks)
            .filter(|_| self.records_extras)?;
        Some(Lack::Extra(first, extra))
    }

    /// Where the digest says that nothing changed, only what every lock of the tool has is missed.
    fn must_have(&self, scope: &Scope) -> bool {
        let is_main = *scope == Scope::Main;
        match self.lock.holds {
            Holds::EveryPart => true,
            Holds::TheProject => is_main,
            Holds::Unknown => is_main && self.input.content == Content::Other,
        }
    }

    /// The first entry, if what is asked for is behind an address and every entry is from somewhere else.
    fn locked_elsewhere(
        &self,
        asked: &Requirement,
        entries: &[&'a Requirement],
    ) -> Option<&'a Requirement> {
        let is_it = |entry: &&Requirement| match (&asked.origin, &entry.origin) {
            (
                Origin::Url {
                    filename: asked, ..
                },
                Origin::Url {
                    filename: locked, ..
                },
            ) => asked.is_empty() || locked.is_empty() || asked == locked,
            (Origin::Url { .. } | Origin::Vcs { .. }, Origin::Index(_)) => false,
            _ => true,
        };
        let is_elsewhere = !self.has_nameless && !entries.iter().any(is_it);
        entries.first().copied().filter(|_| is_elsewhere)
    }
}

/// Whether some entry has a version that is asked for, or one that nobody knows.
fn accepts_any(asked: &Requirement, entries: &[&Requirement]) -> bool {
    let Some(specifiers) = asked.specifiers() else {
        return true;
    };
    entries.iter().any(|entry| {
        entry
            .pin()
            .is_none_or(|version| specifiers.contains(version, Prereleases::Allow))
    })
}
