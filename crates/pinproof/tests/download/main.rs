//! `pinproof download` and `pinproof install`: D5, P5 and P16, and the code of packages that never runs.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]
#![allow(clippy::print_stderr, reason = "a skipped test has to say so")]

#[path = "../support/mod.rs"]
mod support;

mod install;
mod killed;
mod locks;
mod names;
mod origins;
mod quiet;
#[allow(dead_code, reason = "made for other tests, too")]
mod shelf;
mod silent;
mod who_installs;
