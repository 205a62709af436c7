//! Releases whose files are not those that the lock has: what an attack on an index looks like.

use pinproof_core::{Hash, ProjectName, Version};

use super::existing::Pins;
use super::judge::Judged;

/// A release that is pinned with hashes, and that the index has other files of.
///
/// Files are added to a release all the time, and some are deleted. One that goes while another comes may be
/// the same file with other bytes, and nobody can tell by the hashes alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// The project.
    pub project: ProjectName,
    /// The version.
    pub version: Version,
    /// How many hashes of the lock no file of the release has.
    pub gone: usize,
    /// How many files of the release have a hash that the lock does not have.
    pub come: usize,
}

/// Whether files of a pinned release were exchanged, by the hashes that the index publishes for all of it.
pub(super) fn of(
    (project, version): (&ProjectName, &Version),
    pins: &Pins,
    (judged, published): (&Judged, &[Hash]),
) -> Option<Replaced> {
    let (_, hashes) = pins.get(project).filter(|(pinned, _)| pinned == version)?;
    // Where nobody publishes a hash, those that were computed for this lock.
    let computed = judged.files.iter().flat_map(|file| &file.facts.hashes);
    let known: Vec<&Hash> = published.iter().chain(computed).collect();
    let is_comparable = |hash: &&Hash| {
        let mut known = known.iter();
        known.any(|it| it.algorithm() == hash.algorithm())
    };
    let comparable = hashes.iter().filter(is_comparable);
    let gone = comparable.filter(|hash| !known.contains(hash)).count();
    let is_new = |file: &&super::judge::AdmittedFile| {
        !file.facts.hashes.iter().any(|hash| hashes.contains(hash))
    };
    let come = judged.files.iter().filter(is_new).count();
    (gone > 0 && come > 0).then(|| Replaced {
        project: project.clone(),
        version: version.clone(),
        gone,
        come,
    })
}
