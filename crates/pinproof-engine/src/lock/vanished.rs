//! Releases that are locked and that their index does not list any more: somebody has deleted them, or hides them.

use pinproof_core::{Printable, ProjectName, Version};

use super::world::{World, facts};
use super::{Because, HeldBack};

/// The locked release of a project, if it is gone and an older one takes its place.
pub(super) fn of(
    (project, instead): (&ProjectName, &Version),
    world: &World<'_>,
) -> Option<HeldBack> {
    let (locked, _) = world.judge.pins.get(project)?;
    let facts = facts(&world.asker.listing(project), locked).ok()?;
    if locked <= instead || facts.files.contains_key(locked) {
        return None;
    }
    let message = format!(
        "`{project}` {locked} is locked, and {} does not list it any more",
        facts.source
    );
    Some(HeldBack {
        project: project.clone(),
        version: locked.clone(),
        instead: instead.clone(),
        because: Because {
            rule: "unknown-release",
            message: Printable::from(message),
            until: None,
        },
    })
}
