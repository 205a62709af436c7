//! Whether a lock still is what its tool would make of its inputs, as far as the files alone can tell.
//!
//! Nothing is resolved. Three things are compared: the requirements of the inputs with the entries of the lock
//! ([`unsatisfied`]), with what the lock noted of them ([`noted`]), and the digest that the lock has of its input,
//! which the engine makes again.

mod environments;
pub(crate) mod noted;
pub(crate) mod unsatisfied;

use std::collections::BTreeSet;

use pinproof_core::manifest::{NotedInput, Requirement, Scope};
use pinproof_core::{Manifest, Printable, SourceFile};

use crate::subject::InputRequirement;

/// A lock among the files that are installed together, and what it was made from.
#[derive(Clone, Debug)]
pub struct LockSubject<'a> {
    /// Its file.
    pub source: &'a SourceFile,
    /// What it says.
    pub manifest: &'a Manifest,
    /// Everything that is installed with it.
    pub entries: Vec<&'a Requirement>,
    /// The inputs that are here; it may name others.
    pub inputs: Vec<LockInput<'a>>,
    /// Which requirements of its inputs it has to have entries of.
    pub holds: Holds,
    /// Whether its command may have put other versions in than the inputs ask for.
    pub is_overridden: bool,
    /// The command that makes it again; empty where nobody knows.
    pub remedy: Printable,
}

/// An input of a lock.
#[derive(Clone, Debug)]
pub struct LockInput<'a> {
    /// Its file.
    pub source: &'a SourceFile,
    /// What it says.
    pub manifest: &'a Manifest,
    /// What it asks for in the parts that are judged, its limits, and the same of the files it includes.
    pub requirements: Vec<InputRequirement<'a>>,
    /// Its extras and groups that are not judged.
    pub left_out: BTreeSet<Scope>,
    /// What the lock noted of it.
    pub noted: Option<&'a NotedInput>,
    /// What the digest in the lock says of it.
    pub content: Content,
}

/// Which requirements of its inputs a lock has entries of, whatever command made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Those of every part of the project.
    EveryPart,
    /// Those that belong to no extra and no group.
    TheProject,
    /// Nobody can tell: parts may have been left out when it was made.
    Unknown,
}

/// What the digest in a lock says of an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Content {
    /// The lock was made from this content.
    Same,
    /// It was made from another one.
    Other,
    /// The lock has no digest, or it cannot be compared.
    #[default]
    Unknown,
}
