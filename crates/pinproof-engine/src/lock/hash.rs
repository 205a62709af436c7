//! Files that nobody published a strong hash of: those that this lock is for are read and hashed.

use pinproof_core::{Answer, Printable, ProjectName};

use super::LockError;
use super::judge::Judged;
use super::world::World;

/// Adds the missing hashes of the files that can be installed in the environment of `world`. What others
/// install is left out: to hash all files of a release would be to fetch all of them.
///
/// # Errors
///
/// A file cannot be fetched.
pub(super) fn add(
    judged: &mut Judged,
    project: &ProjectName,
    world: &World<'_>,
) -> Result<(), LockError> {
    for file in &mut judged.files {
        let is_hashed = file
            .facts
            .hashes
            .iter()
            .any(|hash| hash.algorithm().is_strong());
        let is_installed = world.judge.can_install(project, file);
        if is_hashed || !is_installed {
            continue;
        }
        let why = match world.asker.sha256(project, &file.facts) {
            Answer::Known(hash) => {
                file.facts.hashes.push(hash);
                file.is_hashed_here = true;
                continue;
            }
            Answer::Absent => "nobody has it".to_owned(),
            Answer::Unsupported(source) => source.to_string(),
            Answer::Unavailable(reason) => reason.to_string(),
        };
        let filename = Printable::new(&file.facts.filename).shortened(120);
        return Err(LockError::Unanswered(Printable::from(format!(
            "no index says a hash of `{filename}`, and it cannot be fetched to be hashed: {why}"
        ))));
    }
    Ok(())
}
