//! The cheapest list of alternatives that hold in exactly the wanted cells.

use std::collections::BTreeMap;

use super::axis::Mask;

/// Comparisons that all hold, and the cells in which they do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    cost: u32,
    text: String,
    covers: Mask,
}

impl Candidate {
    pub(super) fn new(text: String, cost: u32, covers: Mask) -> Self {
        Self { cost, text, covers }
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        Self {
            cost: self.cost + other.cost,
            text: format!("{} and {}", self.text, other.text),
            covers: self.covers & other.covers,
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn is_compound(&self) -> bool {
        self.text.contains(" and ")
    }
}

/// What alternatives cost together.
pub(super) fn cost(alternatives: &[Candidate]) -> u32 {
    alternatives.iter().map(|one| one.cost).sum()
}

/// How many steps the search takes at most; then the best list so far is the answer. Tables of real locks
/// take a few hundred.
const MAX_STEPS: usize = 20_000;

/// Alternatives that together hold in the wanted cells and in no other; `candidates` have to allow it.
pub(super) fn cheapest(candidates: Vec<Candidate>, wanted: Mask) -> Vec<Candidate> {
    let mut search = Search {
        candidates: useful(candidates, wanted),
        best: None,
        steps: 0,
    };
    search.extend(&mut Vec::new(), wanted, 0);
    let chosen = search.best.map_or(Vec::new(), |(_, chosen)| chosen);
    let mut chosen: Vec<Candidate> = chosen
        .iter()
        .map(|at| search.candidates[*at].clone())
        .collect();
    chosen.sort_by_key(|one| (one.covers.trailing_zeros(), one.text.clone()));
    chosen
}

/// Those that hold in no unwanted cell and are not worse than another one; the cheapest for each cell first.
fn useful(candidates: Vec<Candidate>, wanted: Mask) -> Vec<Candidate> {
    let mut distinct: BTreeMap<Mask, Candidate> = BTreeMap::new();
    for candidate in candidates {
        if candidate.covers == 0 || candidate.covers & !wanted != 0 {
            continue;
        }
        let known = distinct.get(&candidate.covers);
        if known.is_none_or(|known| (candidate.cost, &candidate.text) < (known.cost, &known.text)) {
            distinct.insert(candidate.covers, candidate);
        }
    }
    let mut sorted: Vec<Candidate> = distinct.into_values().collect();
    sorted.sort_by_key(|one| (std::cmp::Reverse(one.covers.count_ones()), one.cost));
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in sorted {
        let is_worse = |other: &Candidate| {
            candidate.covers & !other.covers == 0 && other.cost <= candidate.cost
        };
        if !kept.iter().any(is_worse) {
            kept.push(candidate);
        }
    }
    kept
}

struct Search {
    candidates: Vec<Candidate>,
    best: Option<(u32, Vec<usize>)>,
    steps: usize,
}

impl Search {
    /// Tries every candidate for the first cell that is still open. It is as deep as there are cells.
    fn extend(&mut self, chosen: &mut Vec<usize>, open: Mask, cost: u32) {
        if self.best.as_ref().is_some_and(|(best, _)| *best <= cost) {
            return;
        }
        if open == 0 {
            self.best = Some((cost, chosen.clone()));
            return;
        }
        self.steps += 1;
        if self.steps > MAX_STEPS && self.best.is_some() {
            return;
        }
        let first = open & open.wrapping_neg();
        for at in 0..self.candidates.len() {
            let Candidate {
                cost: more, covers, ..
            } = self.candidates[at];
            if covers & first != 0 {
                chosen.push(at);
                self.extend(chosen, open & !covers, cost + more);
                chosen.pop();
            }
        }
    }
}
