//! Which file is installed with which: includes followed once, however deep or circular they are.

use pinproof_policy::subject::Role;

use crate::inputs::LoadedFile;

/// Where every file belongs.
#[derive(Debug)]
pub(crate) struct Includes {
    /// The file that each file is installed with: itself, or the first that includes it.
    pub(crate) roots: Vec<usize>,
    /// What is installed together with each file that is judged for itself: the file and everything it
    /// includes with `-r`, in order. It is empty for a file that is judged with another one.
    pub(crate) members: Vec<Vec<usize>>,
}

impl Includes {
    /// Follows the includes of files in which no circle is left.
    pub(crate) fn of(files: &[LoadedFile], roles: &[Role]) -> Self {
        let includes = graph(files, |is_constraint| !is_constraint);
        let roots = roots(files);
        let is_for_itself =
            |at: usize| roots[at] == at || !matches!(roles[at], Role::IncludedBy(_));
        let members = (0..files.len())
            .map(|at| {
                if is_for_itself(at) {
                    members(at, &includes)
                } else {
                    Vec::new()
                }
            })
            .collect();
        Self { roots, members }
    }
}

fn roots(files: &[LoadedFile]) -> Vec<usize> {
    let mut roots: Vec<Option<usize>> = vec![None; files.len()];
    for start in 0..files.len() {
        let mut path = vec![start];
        let mut at = start;
        let root = loop {
            if let Some(root) = roots[at] {
                break root;
            }
            match files[at].included_by.first() {
                // No path is longer than there are files, even if a circle were left.
                Some((by, _)) if path.len() <= files.len() => at = *by,
                _ => break at,
            }
            path.push(at);
        };
        for at in path {
            roots[at] = Some(root);
        }
    }
    let own = |(at, root): (usize, Option<usize>)| root.unwrap_or(at);
    roots.into_iter().enumerate().map(own).collect()
}

fn members(at: usize, includes: &[Vec<usize>]) -> Vec<usize> {
    let mut is_found = vec![false; includes.len()];
    is_found[at] = true;
    let mut found = vec![at];
    let mut next = 0;
    while let Some(includer) = found.get(next).copied() {
        next += 1;
        for included in &includes[includer] {
            if !std::mem::replace(&mut is_found[*included], true) {
                found.push(*included);
            }
        }
    }
    found
}

/// The files that each file includes, of the wanted kind.
fn graph(files: &[LoadedFile], is_wanted: impl Fn(bool) -> bool) -> Vec<Vec<usize>> {
    let mut includes: Vec<Vec<usize>> = vec![Vec::new(); files.len()];
    for (included, file) in files.iter().enumerate() {
        for (by, is_constraint) in &file.included_by {
            if is_wanted(*is_constraint) {
                includes[*by].push(included);
            }
        }
    }
    includes
}

/// Forgets the includes that close a circle, so that every file has one that it is installed from.
///
/// Nothing is lost: the file that such an include names is judged already. If it stayed, each file of
/// the circle would be a part of another one, and no rule about files would look at any of them.
pub(crate) fn break_up(files: &mut [LoadedFile]) {
    let includes = graph(files, |_| true);
    for (by, included) in closing(&includes) {
        files[included]
            .included_by
            .retain(|(other, _)| *other != by);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unseen,
    /// On the way from the start to the place that is looked at.
    Open,
    Done,
}

/// The edges that lead back to an open place, in a search from the first file on; without recursion,
/// because includes may be nested as deeply as somebody likes.
fn closing(includes: &[Vec<usize>]) -> Vec<(usize, usize)> {
    let mut states = vec![State::Unseen; includes.len()];
    let mut closing = Vec::new();
    for start in 0..includes.len() {
        if states[start] != State::Unseen {
            continue;
        }
        states[start] = State::Open;
        let mut path = vec![(start, includes[start].iter())];
        while let Some((at, rest)) = path.last_mut() {
            let at = *at;
            let Some(next) = rest.next().copied() else {
                states[at] = State::Done;
                path.pop();
                continue;
            };
            match states[next] {
                State::Open => closing.push((at, next)),
                State::Unseen => {
                    states[next] = State::Open;
                    path.push((next, includes[next].iter()));
                }
                State::Done => {}
            }
        }
    }
    closing
}

#[cfg(test)]
mod tests {
    use super::closing;

    #[test]
    fn only_the_edges_that_close_a_circle_are_found() {
        let diamond = [vec![1, 2], vec![3], vec![3], vec![]];
        assert_eq!(closing(&diamond), []);
        let circle = [vec![1], vec![2], vec![0]];
        assert_eq!(closing(&circle), [(2, 0)]);
        let two_ways_in = [vec![1], vec![0], vec![1]];
        assert_eq!(closing(&two_ways_in), [(1, 0)]);
    }

    #[test]
    fn depth_costs_no_stack() {
        let chain: Vec<Vec<usize>> = (0..200_000).map(|at| vec![(at + 1) % 200_000]).collect();
        assert_eq!(closing(&chain), [(199_999, 0)]);
    }
}
