//! Locks that real tools wrote of one application: every entry is read, with its bytes, its source and its reason.

#![expect(clippy::unwrap_used, reason = "a test")]
#![expect(
    clippy::disallowed_methods,
    reason = "the crate is pure; a test measures how long it takes"
)]

#[path = "locks/hostile.rs"]
mod hostile;
#[path = "locks/large.rs"]
mod large;
#[path = "locks/pdm.rs"]
mod pdm;
#[path = "locks/pipenv.rs"]
mod pipenv;
#[path = "locks/poetry.rs"]
mod poetry;
#[path = "locks/pylock.rs"]
mod pylock;
#[path = "locks/support.rs"]
mod support;
#[path = "locks/uv.rs"]
mod uv;
