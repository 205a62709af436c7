//! Includes that lead in a circle: the file that was named or found first is the one that is installed.

use crate::inputs::LoadedFile;

/// Forgets the includes that close a circle, so that every file has one that it is installed from.
///
/// Nothing is lost: the file that such an include names is judged already. If it stayed, each file of
/// the circle would be a part of another one, and no rule about files would look at any of them.
pub(crate) fn break_up(files: &mut [LoadedFile]) {
    let mut includes: Vec<Vec<usize>> = vec![Vec::new(); files.len()];
    for (included, file) in files.iter().enumerate() {
        for (by, _) in &file.included_by {
            includes[*by].push(included);
        }
    }
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
