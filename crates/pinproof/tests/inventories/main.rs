//! What is judged besides project files: bills of materials and installed environments.

#[path = "../support/mod.rs"]
mod support;

mod audits;
mod documents;
mod environments;
mod hostile;
mod real_tools;
mod tools;
mod validity;
mod vulnerabilities;
mod written;
