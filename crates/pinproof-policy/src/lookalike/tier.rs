//! How easily a name is mistaken for another: by what differs, by length, and by how much better known
//! the other is.

use super::popular::Known;
use super::{How, words};

/// How easily one name is taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Only good for "did you mean".
    Low,
    /// Worth a look where the project is new.
    Medium,
    /// Worth a look, and denied where the project is new and not popular itself.
    High,
}

/// A name and the one that it resembles.
pub(super) struct Pair {
    /// The rank of the name itself, if it is popular.
    own: Option<u32>,
    /// The rank of the other.
    target: u32,
    how: How,
    /// The number of letters and digits of the other.
    len: usize,
    /// The same of the one word of it that differs, or of all if more than one does.
    word: usize,
    /// Whether both have the same first letter and as many words.
    starts_alike: bool,
}

impl Pair {
    pub(super) fn new(name: &str, known: &Known<'_>, how: How, own: Option<u32>) -> Self {
        let count = |text: &str| text.split('-').count();
        let len = known.spelling.len();
        Self {
            own,
            target: known.project.rank,
            how,
            len,
            word: words::differing(name, known.text).unwrap_or(len),
            starts_alike: name.get(..1) == known.text.get(..1) && count(name) == count(known.text),
        }
    }
}

/// Shorter names differ in a letter from too many others.
const SHORTEST: usize = 5;

/// Names of this length and more differ in any one letter by mistake, hardly by chance.
const LONG: usize = 7;

/// How many times as far down the list a popular name has to be to be taken for a look-alike at all.
const GAP: u32 = 20;

/// How many times as far down it has to be to be as good as unknown.
const GULF: u32 = 2_000;

/// The last ranks for which a difference has each tier; `None` where it never has.
struct Reach {
    high: Option<u32>,
    medium: Option<u32>,
}

/// The last rank of a project that is known by everybody in its field.
const WELL_KNOWN: u32 = 3_000;

/// The last rank of a project that is in most environments.
const EVERYWHERE: u32 = 100;

/// The last rank of a project that a name could be a look-alike of.
pub(super) fn last_rank(own: Option<u32>) -> u32 {
    own.map_or(u32::MAX, |own| own / GAP)
}

/// The tier; none where the other is not so much better known.
pub(super) fn of(pair: &Pair) -> Option<Tier> {
    let is_word = pair.len >= 4 || pair.how == How::Equal;
    if !is_word || pair.target > last_rank(pair.own) {
        return None;
    }
    let is_unknown = pair.own.is_none_or(|own| own / GULF >= pair.target);
    let reach = reach(pair);
    let reaches = |last: Option<u32>| last.is_some_and(|last| pair.target <= last);
    Some(match (reaches(reach.high), reaches(reach.medium)) {
        (true, _) if is_unknown => Tier::High,
        (false, false) => Tier::Low,
        _ => Tier::Medium,
    })
}

fn reach(pair: &Pair) -> Reach {
    let to = |high, medium| Reach {
        high: Some(high),
        medium: Some(medium),
    };
    let medium = |last| Reach {
        high: None,
        medium: Some(last),
    };
    let low = Reach {
        high: None,
        medium: None,
    };
    let is_long = pair.word >= LONG;
    match pair.how {
        How::Equal => to(WELL_KNOWN, 10_000),
        How::WordOrder => medium(10_000),
        How::Language | How::Number | How::Part { is_bait: true, .. } => medium(1_000),
        How::Separators | How::Confusable | How::Swapped(..) | How::Repeated(_) => {
            to(WELL_KNOWN, 10_000)
        }
        How::Plural if pair.len >= SHORTEST => to(EVERYWHERE, WELL_KNOWN),
        How::Omitted(_) if pair.word == 4 => medium(EVERYWHERE),
        _ if pair.word < SHORTEST => low,
        How::Omitted(_)
        | How::Inserted { is_slip: true, .. }
        | How::Replaced { is_slip: true, .. } => {
            if is_long {
                to(WELL_KNOWN, 10_000)
            } else {
                to(500, WELL_KNOWN)
            }
        }
        How::Inserted { .. } | How::Replaced { .. } if is_long => to(500, WELL_KNOWN),
        How::Inserted { .. } | How::Replaced { .. } if pair.starts_alike => medium(1_000),
        How::TwoSlips if is_long && pair.starts_alike => medium(1_000),
        _ => low,
    }
}
