//! Metadata of releases: from the cheapest file, checked, and refused where two readers could disagree.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

#[path = "../support/mod.rs"]
mod support;

mod made;
mod sources;
mod wheels;
