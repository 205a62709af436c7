//! What of a record could not be read, and whom that concerns.

use std::collections::BTreeSet;

use pinproof_core::{Printable, ProjectName};
use thiserror::Error;

use super::{MAX_BYTES, MAX_DEPTH, MAX_TEXT};

/// A part of a record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotUnderstood {
    /// What is wrong with it.
    pub problem: Problem,
    /// The projects that it may be about. Empty if the record names none: then it may be about any.
    pub projects: BTreeSet<ProjectName>,
}

/// Why something could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    /// More than [`MAX_BYTES`].
    #[error("it has more than {MAX_BYTES} bytes")]
    TooLarge,
    /// What the JSON reader says.
    #[error("it is not JSON: {0}")]
    NotJson(Printable),
    /// What the YAML reader says.
    #[error("it is not YAML: {0}")]
    NotYaml(Printable),
    /// YAML that means different things to different readers, or that no JSON can say.
    #[error("{0} in YAML is not understood")]
    UnsupportedYaml(&'static str),
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("it is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// An object has this key twice, so that readers disagree about its value.
    #[error("the key `{0}` is there twice")]
    DuplicateKey(Printable),
    /// Something, and what it should be.
    #[error("{0} is not {1}")]
    Wrong(&'static str, &'static str),
    /// What has to be a list.
    #[error("`{0}` is not a list")]
    NotAList(&'static str),
    /// A list, and how long it may be.
    #[error("`{0}` has more than {1} entries")]
    TooMany(&'static str, usize),
    /// A text that is longer than [`MAX_TEXT`].
    #[error("{0} has more than {MAX_TEXT} bytes")]
    TooLong(&'static str),
    /// It does not say what it is about.
    #[error("it names no project")]
    NoProject,
    /// The name of a project that can be none.
    #[error("`{0}` is no name of a project")]
    NotAName(Printable),
    /// A range of a type that the schema did not have.
    #[error("a range has the unknown type `{0}`")]
    UnknownRange(Printable),
    /// An event of a kind that the schema did not have.
    #[error("an event has the unknown kind `{0}`")]
    UnknownEvent(Printable),
    /// A range that begins nowhere.
    #[error("a range has no event `introduced`")]
    NoIntroduction,
}
