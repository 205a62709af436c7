//! From requirements to releases that fit together, for one environment.
//!
//! The search is `PubGrub`'s. What it searches in comes from a [`Provider`]: which versions there are,
//! whether a policy lets one in, and what each needs in turn. This crate is pure: a provider may wait
//! for answers, the search does not know.

pub mod problem;
pub mod provider;
pub mod solution;

pub use problem::Problem;
pub use provider::Provider;
pub use solution::Solution;
