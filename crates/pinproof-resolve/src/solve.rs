//! The search.

use pubgrub::PubGrubError;
use thiserror::Error;

use crate::conflict::Conflict;
use crate::demands::Demands;
use crate::explain::explain;
use crate::graph::Node;
use crate::limits::{Limits, TooMuch};
use crate::problem::Problem;
use crate::provider::{Provider, Unanswered};
use crate::search::{Search, Stop};
use crate::solution::Solution;

/// Why there is no solution.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Failure {
    /// A question got no answer.
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    /// The requirements contradict each other.
    #[error(transparent)]
    Conflict(Box<Conflict>),
    /// It would cost more than it may.
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
}

/// Finds one version for each project that is needed.
///
/// The solution is sound (every requirement that counts is met), and nothing is in it that nothing
/// needs. Where there is one, it is found, unless a limit is reached. The same answers give the same
/// solution. Among several, it is the one in which each project, in the order of decisions, has the
/// best version that what was decided before leaves open; there is no promise that it is the best one
/// over all projects together.
///
/// # Errors
///
/// There is no solution, a question got no answer, or a limit is reached.
pub fn solve(problem: &Problem, provider: &mut impl Provider) -> Result<Solution, Failure> {
    solve_within(problem, provider, &Limits::default())
}

/// The same, with other limits.
///
/// # Errors
///
/// There is no solution, a question got no answer, or a limit is reached.
pub fn solve_within(
    problem: &Problem,
    provider: &mut impl Provider,
    limits: &Limits,
) -> Result<Solution, Failure> {
    let demands = Demands::new(problem);
    let search = Search::new(&demands, limits, provider);
    loop {
        match pubgrub::resolve(&search, Node::ROOT, 0u32) {
            Ok(decided) => {
                let decided = decided.into_iter().collect();
                return Ok(search.into_state().solution(&decided));
            }
            Err(PubGrubError::NoSolution(tree)) => {
                let conflict = explain(tree, &search.into_state());
                return Err(Failure::Conflict(Box::new(conflict)));
            }
            Err(
                PubGrubError::ErrorRetrievingDependencies { source, .. }
                | PubGrubError::ErrorChoosingVersion { source, .. }
                | PubGrubError::ErrorInShouldCancel(source),
            ) => match source {
                Stop::Unanswered(unanswered) => return Err(Failure::Unanswered(unanswered)),
                Stop::TooMuch(bound) => return Err(Failure::TooMuch(bound)),
                Stop::Restart => {}
            },
        }
    }
}
