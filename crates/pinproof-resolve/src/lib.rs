//! From requirements to releases that fit together, for one environment.
//!
//! The search is `PubGrub`'s. What it searches in comes from a [`Provider`]: which versions there are,
//! whether a policy lets one in, and what each needs in turn. This crate is pure: a provider may wait
//! for answers, the search does not know.

mod assemble;
mod catalog;
mod demands;
mod explain;
mod graph;
mod indexes;
mod needs;
mod search;

pub mod conflict;
pub mod limits;
pub mod problem;
pub mod provider;
pub mod solution;
pub mod solve;

pub use conflict::Conflict;
pub use limits::{Limits, TooMuch};
pub use problem::Problem;
pub use provider::Provider;
pub use solution::Solution;
pub use solve::{Failure, solve, solve_within};
