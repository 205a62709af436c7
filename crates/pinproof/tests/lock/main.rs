//! `pinproof lock`, the whole way: requirements, an index with real files, a lock, and the clients that install it.

#[path = "../support/mod.rs"]
mod support;

mod dice;
mod inputs;
mod locking;
mod worlds;
