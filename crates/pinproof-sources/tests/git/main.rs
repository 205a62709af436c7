//! Git repositories, made by git in a temporary folder and read without it.

#![allow(
    clippy::format_collect,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where, and one that is skipped says so"
)]

mod damage;
mod history;
mod made;
mod reading;
mod revisions;
