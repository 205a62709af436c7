//! The environments of a lock as a table: Python versions, platforms, machines, and what can be said of each.

use std::collections::BTreeSet;

use super::Cell;
use super::cover::{self, Candidate};
use crate::PythonVersion;

/// A set of cells.
pub(super) type Mask = u128;

/// Environments, and the comparisons that part them.
pub(super) struct Axes {
    cells: Vec<Cell>,
    pythons: Vec<Candidate>,
    platforms: Vec<Candidate>,
    machines: Vec<Candidate>,
}

/// What a comparison costs: fewer are better, and of two the one that says more to a reader.
mod cost {
    pub(super) const BOUND: u32 = 10;
    pub(super) const PLATFORM: u32 = 10;
    pub(super) const EXACT: u32 = 11;
    pub(super) const OTHER_PLATFORM: u32 = 11;
    pub(super) const MACHINE: u32 = 12;
    pub(super) const OTHER_MACHINE: u32 = 13;
    /// Parentheses around alternatives.
    pub(super) const GROUP: u32 = 2;
}

impl Axes {
    pub(super) fn of(cells: Vec<Cell>) -> Self {
        let mut axes = Self {
            cells,
            pythons: Vec::new(),
            platforms: Vec::new(),
            machines: Vec::new(),
        };
        axes.pythons = axes.of_pythons();
        let platform = |cell: &Cell| cell.platform.sys_platform.clone();
        let costs = (cost::PLATFORM, cost::OTHER_PLATFORM);
        axes.platforms = axes.of_texts("sys_platform", platform, costs);
        let machine = |cell: &Cell| cell.platform.platform_machine.clone();
        let costs = (cost::MACHINE, cost::OTHER_MACHINE);
        axes.machines = axes.of_texts("platform_machine", machine, costs);
        axes
    }

    /// The cells for which `holds`, by their positions.
    pub(super) fn mask(&self, holds: impl Fn(usize) -> bool) -> Mask {
        let held = (0..self.cells.len()).filter(|at| holds(*at));
        held.fold(0, |mask, at| mask | 1 << at)
    }

    fn everywhere(&self) -> Mask {
        self.mask(|_| true)
    }

    /// The marker of these cells.
    pub(super) fn marker(&self, chosen: Mask) -> String {
        let platforms = product(&self.platforms, &self.machines);
        let boxes = product(&self.pythons, &platforms);
        let boxes = cover::cheapest(boxes, chosen);
        let by_axis = self.by_axis(chosen).map(|(pythons, platforms_chosen)| {
            let pythons = cover::cheapest(self.pythons.clone(), pythons);
            let platforms = cover::cheapest(platforms, platforms_chosen);
            [pythons, platforms]
        });
        if let Some(parts) = by_axis {
            let groups = parts.iter().filter(|part| part.len() > 1).count();
            let price: u32 = parts.iter().map(|part| cover::cost(part)).sum();
            let groups = u32::try_from(groups).unwrap_or(u32::MAX);
            if price + groups * cost::GROUP < cover::cost(&boxes) {
                return parts.map(|part| in_parentheses(&part)).join(" and ");
            }
        }
        alternatives(&boxes)
    }

    /// The cells of the Python versions and of the platforms that are chosen, if the chosen cells are
    /// those in both, and neither is everything.
    fn by_axis(&self, chosen: Mask) -> Option<(Mask, Mask)> {
        let is_chosen = |at: &usize| chosen >> at & 1 == 1;
        let of_chosen = || {
            (0..self.cells.len())
                .filter(is_chosen)
                .map(|at| &self.cells[at])
        };
        let pythons: BTreeSet<_> = of_chosen().map(|cell| cell.python).collect();
        let platforms: BTreeSet<_> = of_chosen().map(|cell| &cell.platform).collect();
        let pythons = self.mask(|at| pythons.contains(&self.cells[at].python));
        let platforms = self.mask(|at| platforms.contains(&self.cells[at].platform));
        let is_product = pythons & platforms == chosen;
        let is_trivial = [pythons, platforms].contains(&self.everywhere());
        (is_product && !is_trivial).then_some((pythons, platforms))
    }

    /// Every run of Python versions, and every one that is left out.
    fn of_pythons(&self) -> Vec<Candidate> {
        let versions: BTreeSet<_> = self.cells.iter().map(|cell| cell.python).collect();
        let versions: Vec<PythonVersion> = versions.into_iter().collect();
        let last = versions.len().saturating_sub(1);
        let covers =
            |holds: &dyn Fn(PythonVersion) -> bool| self.mask(|at| holds(self.cells[at].python));
        let mut candidates = Vec::new();
        for (first, start) in versions.iter().enumerate() {
            for (end, stop) in versions.iter().enumerate().skip(first) {
                let (text, cost) = match (first, end) {
                    (0, end) if end == last => continue,
                    (0, end) => (bound("<", &versions, end + 1), cost::BOUND),
                    (first, end) if end == last => (bound(">=", &versions, first), cost::BOUND),
                    (first, end) if first == end => (exact("==", &versions, first), cost::EXACT),
                    (first, end) => {
                        let start = bound(">=", &versions, first);
                        let stop = bound("<", &versions, end + 1);
                        (format!("{start} and {stop}"), 2 * cost::BOUND)
                    }
                };
                let covers = covers(&|python| (*start..=*stop).contains(&python));
                candidates.push(Candidate::new(text, cost, covers));
            }
            if first > 0 && first < last {
                let covers = covers(&|python| python != *start);
                candidates.push(Candidate::new(
                    exact("!=", &versions, first),
                    cost::EXACT,
                    covers,
                ));
            }
        }
        candidates
    }

    /// Every text that a variable is, and every one that it is not.
    fn of_texts(
        &self,
        variable: &str,
        value: impl Fn(&Cell) -> String,
        (same, other): (u32, u32),
    ) -> Vec<Candidate> {
        let values: BTreeSet<String> = self.cells.iter().map(&value).collect();
        let comparisons = values.iter().flat_map(|text| {
            let covers = self.mask(|at| value(&self.cells[at]) == *text);
            let others = self.everywhere() & !covers;
            [
                Candidate::new(format!("{variable} == '{text}'"), same, covers),
                Candidate::new(format!("{variable} != '{text}'"), other, others),
            ]
        });
        comparisons.collect()
    }
}

/// The bound between a version and the one before it, which may differ by its patch number only.
fn bound(operator: &str, versions: &[PythonVersion], at: usize) -> String {
    let python = versions[at];
    let is_patch = at > 0 && minor(versions[at - 1]) == minor(python);
    compare(operator, python, is_patch)
}

fn exact(operator: &str, versions: &[PythonVersion], at: usize) -> String {
    let python = versions[at];
    let same = versions
        .iter()
        .filter(|other| minor(**other) == minor(python));
    compare(operator, python, same.count() > 1)
}

fn compare(operator: &str, python: PythonVersion, with_patch: bool) -> String {
    if with_patch {
        return format!("python_full_version {operator} '{python}'");
    }
    let PythonVersion { major, minor, .. } = python;
    format!("python_version {operator} '{major}.{minor}'")
}

fn minor(python: PythonVersion) -> (u16, u16) {
    (python.major, python.minor)
}

/// Each of both lists alone, and what holds where one of each does.
fn product(left: &[Candidate], right: &[Candidate]) -> Vec<Candidate> {
    let both = left
        .iter()
        .flat_map(|one| right.iter().map(|other| one.and(other)));
    both.chain(left.iter().cloned())
        .chain(right.iter().cloned())
        .collect()
}

fn in_parentheses(part: &[Candidate]) -> String {
    match part {
        [_] => alternatives(part),
        _ => format!("({})", alternatives(part)),
    }
}

fn alternatives(part: &[Candidate]) -> String {
    match part {
        [one] => one.text().to_owned(),
        several => {
            let texts = several.iter().map(|one| {
                if one.is_compound() {
                    format!("({})", one.text())
                } else {
                    one.text().to_owned()
                }
            });
            texts.collect::<Vec<_>>().join(" or ")
        }
    }
}
