//! `--base`: what a branch brings counts, what was there before is listed. With real git repositories.

#[path = "../support/mod.rs"]
mod support;

mod branches;
mod edges;
mod files;
mod open;
mod sameness;

use support::{Index, Release, Sandbox};

/// Six releases that exist.
fn releases() -> Vec<Release> {
    ["flask", "jinja2", "werkzeug", "click", "blinker", "idna"]
        .map(|name| Release::new(name, "1.0"))
        .to_vec()
}

/// A lock without hashes: one denied finding for each line.
fn unhashed(releases: &[Release]) -> String {
    releases.iter().map(Release::pinned).collect()
}

/// A repository with that lock on `main`, and `change` checked out; none without git.
fn repository() -> Option<(Index, Sandbox)> {
    let index = Index::with(&releases());
    let sandbox = Sandbox::with_requirements(&unhashed(&releases()));
    sandbox.init()?;
    sandbox.commit();
    sandbox.git(&["switch", "-q", "-c", "change"]);
    Some((index, sandbox))
}
