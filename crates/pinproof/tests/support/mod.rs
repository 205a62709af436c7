//! A sandbox for the binary and an index on loopback that does what a test tells it.

// Each test binary uses its own part of this module.
#![allow(dead_code, unused_imports)]

mod index;
mod quiet_db;
mod sandbox;

pub(crate) use index::{Index, Mood, Release};
pub(crate) use quiet_db::quiet_db;
pub(crate) use sandbox::{NOW, Ran, Sandbox};
