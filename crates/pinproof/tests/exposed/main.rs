//! P13: was a release ever locked or installed here, when did it come, and when did it go?

#[path = "../support/mod.rs"]
mod support;

mod advisories;
mod caches;
mod environments;
mod gaps;
mod histories;
mod real_caches;
mod work_tree;

use support::{Ran, Sandbox};

/// The release that everybody looks for.
const BAD: &str = "litellm==1.82.8";

/// A repository whose only file has these contents in turn, a day apart; none without git.
fn repository(path: &str, contents: &[&str]) -> Option<Sandbox> {
    let sandbox = Sandbox::new();
    sandbox.init()?;
    for (day, content) in contents.iter().enumerate() {
        sandbox.write(path, content);
        sandbox.commit_at(&format!("2026-03-{:02}T12:00:00Z", day + 1));
    }
    Some(sandbox)
}

fn exposed(sandbox: &Sandbox, more: &[&str]) -> Ran {
    sandbox.run(&[&["exposed", BAD], more].concat())
}
