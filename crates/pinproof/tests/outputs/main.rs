//! The formats that other programs show: code scanning, annotations, comments, a page.

#[path = "../support/mod.rs"]
mod support;

mod github;
mod gitlab;
mod html;
mod markdown;
mod rendered;
mod sarif;
mod width;

use support::{Index, Release, Sandbox};

fn flask() -> Release {
    Release::new("flask", "3.1.2").requires("click>=8")
}

fn click() -> Release {
    Release::new("click", "8.3.0")
}

fn index() -> Index {
    Index::with(&[flask(), click()])
}

/// A lock of two, one without a hash.
fn half_hashed() -> Sandbox {
    Sandbox::with_requirements(&(flask().locked() + &click().pinned()))
}
