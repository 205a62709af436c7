//! Which known name a name is easily mistaken for, and how easily.
//!
//! Known are the most downloaded projects of PyPI, the modules of Python's standard library, the import
//! names of popular projects, and the names that the policy binds to an index. What a resemblance means is for
//! `lookalike-name` to say: a name alone is never an attack.

mod modules;
mod popular;
mod spelling;
mod tier;
mod words;

use std::fmt;

use pinproof_core::{NamePattern, ProjectName};

use crate::policy::Policy;
pub use popular::{Popular, spelling};
pub use tier::Tier;

use popular::{Catalogue, Kind, Known};

/// Longer names resemble nothing: no known name is nearly as long.
const LONGEST: usize = 64;

/// A shorter name or prefix of a policy is one slip from too many others.
const SHORTEST_BOUND: usize = 4;

/// A known name that another one resembles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resemblance {
    /// The known name.
    pub target: Target,
    /// What the difference is.
    pub how: How,
    /// How easily one is taken for the other.
    pub tier: Tier,
}

/// What kind of known name it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A popular project.
    Project {
        /// The project.
        project: Popular,
        /// The name that is resembled: its own, or another that people have for it.
        called: &'static str,
    },
    /// A module of Python's standard library.
    Module(&'static str),
    /// A name that the policy binds to an index.
    Bound {
        /// The name, or the prefix such as `acme-`.
        name: String,
        /// The index.
        index: String,
    },
}

/// How a name differs from the known one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Not at all: it is a module's name.
    Equal,
    /// In separators only.
    Separators,
    /// In characters that look alike.
    Confusable,
    /// Two neighbours changed places; as they should be.
    Swapped(char, char),
    /// A letter is missing.
    Omitted(char),
    /// A letter is there twice.
    Repeated(char),
    /// There is one more letter.
    Inserted {
        /// The letter.
        letter: char,
        /// Whether its key is beside that of the letter before or after it.
        is_slip: bool,
    },
    /// One letter is another one.
    Replaced {
        /// What is there.
        typed: char,
        /// What should be there.
        meant: char,
        /// Whether their keys are neighbours.
        is_slip: bool,
    },
    /// Singular for plural, or the other way round.
    Plural,
    /// In a number.
    Number,
    /// Two of these at once.
    TwoSlips,
    /// The same words in another order.
    WordOrder,
    /// A word such as `python` more, less or at the other end.
    Language,
    /// A word more that makes it look like a part of the other, or like a better one.
    Part {
        /// The word.
        affix: &'static str,
        /// Whether few honest names have it.
        is_bait: bool,
    },
}

/// The known name that `name` is most easily mistaken for.
///
/// A popular name is compared with much more popular ones only. A name that the policy binds to an index is a
/// look-alike of nothing.
pub fn resembled(name: &ProjectName, policy: &Policy) -> Option<Resemblance> {
    let patterns = policy.indexes.iter().flat_map(|index| &index.only);
    let binds = |pattern: &NamePattern| *pattern != NamePattern::All && pattern.matches(name);
    if name.as_str().len() > LONGEST || patterns.clone().any(binds) {
        return None;
    }
    let rank = rank(name);
    let mut all = among(name, rank, u32::MAX);
    if rank.is_none() {
        all.extend(bound(name, policy));
    }
    most_alike(all)
}

/// The known name that `name` is most easily mistaken for, if its own rank were `rank` and no project were
/// known that has a rank after `last`. Evaluations ask this; see `benches/lookalike`.
pub fn resembled_among(name: &ProjectName, rank: Option<u32>, last: u32) -> Option<Resemblance> {
    if name.as_str().len() > LONGEST {
        return None;
    }
    most_alike(among(name, rank, last))
}

fn most_alike(all: Vec<Resemblance>) -> Option<Resemblance> {
    let rank = |target: &Target| match target {
        Target::Project { project, .. } => project.rank,
        Target::Module(_) | Target::Bound { .. } => 0,
    };
    all.into_iter()
        .min_by_key(|found| (std::cmp::Reverse(found.tier), rank(&found.target)))
}

/// The place of a project among the most downloaded of PyPI; none if it is not one of the first 15,000.
pub fn rank(name: &ProjectName) -> Option<u32> {
    Catalogue::get()
        .find(name.as_str())
        .map(|project| project.rank)
}

/// Every popular project, in no order.
pub fn popular() -> impl Iterator<Item = Popular> {
    Catalogue::get().projects()
}

/// What of all that PyPI and Python know resembles `name`.
fn among(name: &ProjectName, own: Option<u32>, last: u32) -> Vec<Resemblance> {
    let name = name.as_str();
    let catalogue = Catalogue::get();
    let spelled = spelling(name);
    let mut all = Vec::new();
    let mut add = |known: &Known<'_>, how: How| {
        let pair = tier::Pair::new(name, known, how, own);
        let is_known = known.project.name != name && known.project.rank <= last;
        if let Some(tier) = tier::of(&pair).filter(|_| is_known) {
            let target = Target::Project {
                project: known.project,
                called: known.text,
            };
            all.push(Resemblance { target, how, tier });
        }
    };
    for known in catalogue.near(&spelled, tier::last_rank(own).min(last)) {
        let two = || spelling::are_two_slips(&spelled, known.spelling).then_some(How::TwoSlips);
        match (
            known.kind,
            spelling::slip(&spelled, known.spelling).or_else(two),
        ) {
            (Kind::Other, Some(How::Separators)) => add(&known, How::Equal),
            (Kind::Base, Some(How::Separators)) => add(&known, How::Number),
            (_, Some(how)) => add(&known, how),
            (_, None) => {}
        }
    }
    for (known, made) in words::made_of(name, catalogue) {
        add(&known, made);
    }
    // A popular project of that name is there for a reason, such as an older Python.
    if own.is_none() {
        all.extend(modules::standard(name).map(|module| Resemblance {
            target: Target::Module(module),
            how: How::Equal,
            tier: Tier::High,
        }));
    }
    all
}

/// What of the names and prefixes that the policy binds resembles `name`.
fn bound(name: &ProjectName, policy: &Policy) -> Vec<Resemblance> {
    let mut all = Vec::new();
    for index in &policy.indexes {
        let found = index.only.iter().filter_map(|pattern| match pattern {
            NamePattern::Exact(exact) => Some((
                exact.as_str(),
                one_slip(name.as_str(), exact.as_str())?,
                Tier::High,
            )),
            NamePattern::Prefix(prefix) => Some((
                prefix.as_str(),
                begins_like(name.as_str(), prefix)?,
                Tier::Medium,
            )),
            NamePattern::All => None,
        });
        all.extend(found.map(|(text, how, tier)| Resemblance {
            target: Target::Bound {
                name: text.to_owned(),
                index: index.name.clone(),
            },
            how,
            tier,
        }));
    }
    all
}

fn one_slip(name: &str, meant: &str) -> Option<How> {
    let (name, meant) = (spelling(name), spelling(meant));
    spelling::slip(&name, &meant).filter(|_| meant.len() >= SHORTEST_BOUND)
}

/// How the first words of `name` differ from a prefix such as `acme-`.
fn begins_like(name: &str, prefix: &str) -> Option<How> {
    let stem = prefix.trim_end_matches('-');
    if stem.len() >= SHORTEST_BOUND && stem != prefix && name.starts_with(stem) {
        return Some(How::Separators);
    }
    let words = stem.split('-').count();
    let after = name
        .match_indices('-')
        .nth(words.checked_sub(1)?)
        .map(|(at, _)| at);
    one_slip(name.get(..after?)?, stem)
}

impl Resemblance {
    /// What may be meant instead.
    pub fn suggestion(&self) -> String {
        match &self.target {
            Target::Project { project, .. } => format!("did you mean `{}`?", project.name),
            Target::Module(name) => format!("Python itself brings `{name}`"),
            Target::Bound { name, .. } => format!("did you mean `{name}`?"),
        }
    }

    /// What the difference is, and what the other is known for.
    pub fn explanation(&self) -> String {
        match &self.target {
            Target::Project { project, called } if *called == project.name => format!(
                "{}; `{called}` is number {} of the most downloaded projects of PyPI",
                self.how, project.rank
            ),
            Target::Project { project, called } => format!(
                "{}; `{called}` is how people call `{}`, number {} of the most downloaded projects of PyPI",
                self.how, project.name, project.rank
            ),
            Target::Module(name) => format!("`import {name}` needs no project of an index"),
            Target::Bound { name, index } => {
                format!("{}; the policy binds `{name}` to index `{index}`", self.how)
            }
        }
    }

    /// Whether it is worth a "did you mean" where the name itself does not exist.
    pub fn is_worth_asking(&self) -> bool {
        self.tier > Tier::Low || self.how != How::TwoSlips
    }
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equal => f.write_str("it is the same word"),
            Self::Separators => f.write_str("only the separators differ"),
            Self::Confusable => f.write_str("it has characters that look alike"),
            Self::Swapped(a, b) => write!(f, "`{a}` and `{b}` are swapped"),
            Self::Omitted(letter) => write!(f, "a `{letter}` is missing"),
            Self::Repeated(letter) => write!(f, "a `{letter}` is doubled"),
            Self::Inserted { letter, .. } => write!(f, "it has one more `{letter}`"),
            Self::Replaced { typed, meant, .. } => write!(f, "`{typed}` stands for `{meant}`"),
            Self::Plural => f.write_str("only an `s` at the end differs"),
            Self::Number => f.write_str("only a number differs"),
            Self::TwoSlips => f.write_str("two letters differ"),
            Self::WordOrder => f.write_str("it has the same words in another order"),
            Self::Language => f.write_str("only a word such as `python` differs"),
            Self::Part { affix, .. } => write!(f, "only `{affix}` is added"),
        }
    }
}
