//! The ways in which people come by pinproof and have it run: the wheel and its installers, pre-commit, GitHub, GitLab.

#[path = "../support/mod.rs"]
mod support;

mod documents;
mod linted;
mod pre_commit;
mod scripts;
mod tools;
mod wheel;
