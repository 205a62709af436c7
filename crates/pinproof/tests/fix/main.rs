//! `check --fix`: adds the index's hashes to exactly pinned lines, and never blesses what is not yet trusted.

#[path = "../support/mod.rs"]
mod support;

mod adds;
mod refuses;
mod writes;
