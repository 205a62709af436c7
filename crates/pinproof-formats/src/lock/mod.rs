//! What the locks of all tools share: entries that become requirements, and the graph between them.
//!
//! A lock is read as a manifest whose requirements are its entries. What an entry needs is in its `needs`
//! where the lock has edges; who needs it, in its `via`. A lock in a version that is not known is an entry of
//! `not_understood` at the place of the version, and nothing of it is guessed.

pub(crate) mod entry;
pub(crate) mod files;
mod gates;
pub(crate) mod graph;
pub(crate) mod version;

use pinproof_core::Manifest;

use crate::pyproject::{self, Collector};
use crate::toml_text::Document;

/// How many entries of one lock are read; real ones have at most a few thousand.
pub(crate) const MAX_ENTRIES: usize = 100_000;

/// How many entries one project may have: one for each environment in which its version differs.
pub(crate) const MAX_OF_ONE_PROJECT: usize = 100;

/// The manifest of a lock in TOML; `roots` are the parts of the project that it was made for, where it says.
pub(crate) fn finish(
    document: &Document<'_>,
    mut out: Collector<'_>,
    roots: &[graph::Root],
) -> Manifest {
    entry::merge_locations(&mut out.manifest);
    let mut manifest = pyproject::finish(document, out);
    graph::connect(&mut manifest, roots);
    manifest
}
