//! A proof that there is no solution, told so that a person can act on it.
//!
//! `PubGrub` proves a conflict in steps, and its steps are those of the search: "every version of a
//! depends on …, and because …". What a person needs are the facts the proof stands on: who asks for
//! what, from the roots outwards, and what is impossible in the end. The facts alone are a proof.

mod clash;
mod facts;
mod proof;
mod words;

use pinproof_core::{ExtraName, Printable};
use pubgrub::{DerivationTree, VersionSet};

use crate::catalog::{Project, ProjectId};
use crate::conflict::Conflict;
use crate::demands::Origin;
use crate::graph::Node;
use crate::indexes::Indexes;
use crate::search::State;
use clash::Clash;
use facts::{Asker, Demand, Facts};
use words::{is_all, is_or_are, list, ranges};

/// From this many on, what versions of one project need of another is told in one sentence.
const MANY: usize = 4;

/// How a sentence about all versions of a project begins; it goes on in the singular.
const EVERY: &str = "every";

/// How many impossible things are told.
const MAX_CLASHES: usize = 4;

pub(crate) fn explain<P>(
    tree: DerivationTree<Node, Indexes, Printable>,
    state: &State<'_, P>,
) -> Conflict {
    let facts = Facts::of(&proof::leaves(tree), state);
    let teller = Teller {
        facts: &facts,
        state,
    };
    let clashes: Vec<Clash<'_, '_>> = facts
        .order
        .iter()
        .filter_map(|&id| Clash::of(id, &facts, state))
        .collect();
    let mut conflict = Conflict::default();
    teller.tell_demands(&mut conflict.sentences);
    let is_told = |id| clashes.iter().any(|clash| clash.project() == id);
    teller.tell_unusable(is_told, &mut conflict.sentences);
    let limit = state
        .limits
        .sentences
        .saturating_sub(clashes.len().min(MAX_CLASHES))
        .max(1);
    conflict.untold = conflict.sentences.len().saturating_sub(limit);
    conflict.sentences.truncate(limit);
    if clashes.is_empty() {
        let all = "no choice of versions is all of this at once";
        conflict.sentences.push(Printable::new(all));
    }
    for clash in clashes.iter().take(MAX_CLASHES) {
        conflict.sentences.push(clash.sentence(state));
        conflict.chains.extend(clash.chains(&facts, state));
        clash.add_left_out(state, &mut conflict.left_out);
        clash.add_hints(state, &mut conflict.hints);
    }
    conflict
}

struct Teller<'f, 's, 'a, P> {
    facts: &'f Facts<'a>,
    state: &'s State<'a, P>,
}

impl<P> Teller<'_, '_, '_, P> {
    fn project(&self, id: ProjectId) -> &Project {
        self.state.catalog.get(id)
    }

    fn tell_demands(&self, sentences: &mut Vec<Printable>) {
        let mut rest = self.facts.demands.as_slice();
        while let [first, ..] = rest {
            let others = rest.iter().skip(1);
            let varied = 1 + others
                .clone()
                .take_while(|other| are_varied(first, other))
                .count();
            let alike = 1 + others.take_while(|other| are_alike(first, other)).count();
            let (group, after) = rest.split_at(if varied >= MANY { varied } else { alike });
            sentences.push(Printable::from(if varied >= MANY {
                self.varied(first, group)
            } else {
                self.sentence(first, group)
            }));
            rest = after;
        }
    }

    /// "`a` 1.0 to 1.9 need one of `b==1.9`, `b==1.8` or 8 more".
    fn varied(&self, first: &Demand<'_>, group: &[Demand<'_>]) -> String {
        let versions = group
            .iter()
            .fold(Indexes::empty(), |all, demand| all.union(&demand.versions));
        let asker = self.asker(&first.by, &versions);
        let need = if asker.starts_with(EVERY) {
            "needs"
        } else {
            "need"
        };
        format!("{asker} {need} one of {}", list(&texts(group), "or"))
    }

    fn sentence(&self, first: &Demand<'_>, group: &[Demand<'_>]) -> String {
        let texts = list(&texts(group), "and");
        let on = &self.project(first.on).name;
        match (&first.by, first.requirement.origin) {
            (None, Origin::Constraint(label)) => format!("{label} allows only {texts}"),
            (None, Origin::Override(label)) => {
                format!("the override {texts} ({label}) takes the place of requirements on `{on}`")
            }
            (None, Origin::Root(label)) => format!("{label} asks for {texts}"),
            (Some(_), Origin::Override(label)) => {
                let asker = self.asker(&first.by, &first.versions);
                format!("{asker} needs `{on}`, for which the override {texts} ({label}) counts")
            }
            (_, _) => {
                let asker = self.asker(&first.by, &first.versions);
                format!("{asker} needs {texts}")
            }
        }
    }

    /// Who asks: "`a` 1.0 to 1.4", "every version of `a`", "every version of `a` that can be chosen".
    fn asker(&self, by: &Asker, versions: &Indexes) -> String {
        let Some((id, extra)) = by else {
            return String::new();
        };
        let project = self.project(*id);
        let name = self.name(*id, extra.as_ref());
        if project.count() > 1 && is_all(project, versions) {
            let is_every = (0..project.count()).all(|index| versions.contains(&index));
            let which = if is_every { "" } else { " that can be chosen" };
            format!("{EVERY} version of {name}{which}")
        } else {
            format!("{name} {}", ranges(project, versions))
        }
    }

    /// What is of no use, where that is not what ends everything.
    fn tell_unusable(&self, is_told: impl Fn(ProjectId) -> bool, sentences: &mut Vec<Printable>) {
        for ((id, extra), reasons) in &self.facts.unusable {
            if extra.is_none() && is_told(*id) {
                continue;
            }
            let mut told: Vec<(Indexes, &Printable)> = Vec::new();
            for (range, reason) in reasons {
                match told.iter_mut().find(|(_, known)| *known == reason) {
                    Some((known, _)) => *known = known.union(range),
                    None => told.push((range.clone(), reason)),
                }
            }
            let name = self.name(*id, extra.as_ref());
            for (range, reason) in told {
                let versions = ranges(self.project(*id), &range);
                let are = is_or_are(&range);
                sentences.push(Printable::from(format!(
                    "{name} {versions} {are} left out: {reason}"
                )));
            }
        }
    }

    fn name(&self, id: ProjectId, extra: Option<&ExtraName>) -> String {
        let name = &self.project(id).name;
        extra.map_or_else(|| format!("`{name}`"), |extra| format!("`{name}[{extra}]`"))
    }
}

fn texts(demands: &[Demand<'_>]) -> Vec<String> {
    let texts = demands.iter().map(|demand| &demand.requirement.text);
    texts.map(|text| format!("`{text}`")).collect()
}

/// Whether two demands are what versions of one project need of another.
fn are_varied(one: &Demand<'_>, other: &Demand<'_>) -> bool {
    one.by.is_some() && one.by == other.by && one.on == other.on
}

/// Whether two demands can be told in one sentence.
fn are_alike(one: &Demand<'_>, other: &Demand<'_>) -> bool {
    one.by == other.by
        && one.versions == other.versions
        && one.requirement.origin == other.requirement.origin
        && !matches!(one.requirement.origin, Origin::Override(_))
}
