//! `pinproof audit` fails closed: whatever is wrong with the advisories, it is not green.
//!
//! Every test runs the binary with real files and real sockets on loopback. Where nothing else is said, the
//! project pins `flask` 2.2.2, and one record says that it is vulnerable before 2.2.5.

#[path = "../support/mod.rs"]
mod support;

mod api;
mod bound;
mod database;
mod export;
mod records;
mod replay;
mod serve;
mod stacked;
mod update;
mod world;
