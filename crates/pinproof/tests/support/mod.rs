//! A sandbox for the binary and an index on loopback that does what a test tells it.

// Each test binary uses its own part of this module.
#![allow(dead_code, unused_imports)]
#![allow(clippy::print_stderr, reason = "a skipped test has to say so")]

mod database;
mod index;
mod locking;
mod python;
mod quiet_db;
mod repository;
mod sandbox;
mod served;
mod server;
mod shelf;

pub(crate) use database::{MODIFIED, PUBLISHED, build, record, record_of, record_of_all};
pub(crate) use index::{Index, Mood, Release};
pub(crate) use locking::{Pins, asking, lock, lock_for, pins};
pub(crate) use python::environment;
pub(crate) use quiet_db::quiet_db;
pub(crate) use sandbox::{NOW, Ran, Sandbox};
pub(crate) use served::Served;
pub(crate) use server::{Asked, Reply, Server};
pub(crate) use shelf::{Offered, Shelf, Wheel, sha256, zip_of};
