//! `pinproof lock`, the whole way: requirements, an index with real files, a lock, and the clients that install it.

#[path = "../support/mod.rs"]
mod support;

mod cooldown;
mod dice;
mod drift;
mod hostile;
mod inputs;
mod installs;
mod no_code;
mod policy;
mod worlds;
