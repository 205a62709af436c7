//! What keeps the repository true to itself; nothing of it ships.
//!
//! [`generate`] writes what can be listed, [`layers`] and [`budgets`] check the shape of the code, and
//! [`document`] runs the commands that documents show, for `gen` and for the tests of the binary.

pub mod binary;
pub mod budgets;
pub mod document;
pub mod generate;
pub mod help;
pub mod layers;
pub mod lookalike;
pub mod popular;
pub mod workspace;

/// Why a chore cannot be done: shown to whoever ran it.
pub type Trouble = Box<dyn std::error::Error + Send + Sync>;
