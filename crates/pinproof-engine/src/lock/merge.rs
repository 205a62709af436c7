//! Several environments, one lock: what all need has no marker, what some need has theirs.

use std::collections::{BTreeMap, BTreeSet};

use pinproof_core::lock::{LockedFile, LockedOrigin, LockedRelease, LockedVia};
use pinproof_core::lock_marker::{self, marker_for};
use pinproof_core::{Environment, Lock, Printable, ProjectName, Version};

use super::judge::AdmittedFile;
use super::search::Found;
use super::{Build, LockError, Locked};

/// A release with the environments that need it, by position.
struct Needed {
    release: LockedRelease,
    targets: BTreeSet<usize>,
}

/// Merges what was found for `targets`, in their order.
pub(super) fn merge(found: Vec<Found>, targets: &[Environment]) -> Result<Locked, LockError> {
    let mut needed: BTreeMap<(ProjectName, Version), Needed> = BTreeMap::new();
    let mut held_back = Vec::new();
    let mut builds: Vec<Build> = Vec::new();
    let mut unknown_extras = BTreeSet::new();
    let mut unhashed = BTreeSet::new();
    for (at, found) in found.into_iter().enumerate() {
        for (project, chosen) in &found.solution.chosen {
            let key = (project.clone(), chosen.version.clone());
            let needed = needed.entry(key).or_insert_with(|| Needed {
                release: empty(project, &chosen.version),
                targets: BTreeSet::new(),
            });
            needed.targets.insert(at);
            let release = &mut needed.release;
            release.extras.extend(chosen.extras.iter().cloned());
            let inputs = chosen.roots.iter().cloned().map(LockedVia::Input);
            let projects = chosen.needed_by.iter().cloned().map(LockedVia::Project);
            release.via.extend(inputs.chain(projects));
            if let Some(judged) = found.judged.get(project) {
                release.needs_build |= judged.needs_build;
                if let (true, Some(file)) = (judged.is_direct, judged.files.first()) {
                    release.origin = LockedOrigin::Url(shown_url(&file.facts.url));
                }
                add_files(release, &judged.files, &mut unhashed);
            }
        }
        add_needs(&mut needed, &found);
        for build in found.builds {
            if !builds.contains(&build) {
                builds.push(build);
            }
        }
        held_back.extend(found.held_back);
        unknown_extras.extend(found.solution.unknown_extras);
    }
    held_back.sort_by(|a, b| (&a.project, &b.version).cmp(&(&b.project, &a.version)));
    held_back.dedup();
    let releases = marked(needed, targets)?;
    Ok(Locked {
        files: releases.iter().map(|release| release.files.len()).sum(),
        lock: Lock {
            environments: lock_marker::environments(targets),
            requires_python: None,
            inputs: Vec::new(),
            releases,
        },
        held_back,
        builds,
        unknown_extras,
        unhashed: unhashed
            .into_iter()
            .map(|name| Printable::new(&name))
            .collect(),
    })
}

fn empty(project: &ProjectName, version: &Version) -> LockedRelease {
    LockedRelease {
        project: project.clone(),
        version: version.clone(),
        extras: BTreeSet::new(),
        origin: LockedOrigin::Index,
        marker: None,
        requires_python: None,
        files: Vec::new(),
        via: BTreeSet::new(),
        needs: BTreeSet::new(),
        needs_build: false,
    }
}

/// Adds the admitted files; one without a strong hash cannot be in a lock.
fn add_files(release: &mut LockedRelease, files: &[AdmittedFile], unhashed: &mut BTreeSet<String>) {
    for file in files {
        let facts = &file.facts;
        if release
            .files
            .iter()
            .any(|known| known.filename == facts.filename)
        {
            continue;
        }
        let strong = facts
            .hashes
            .iter()
            .filter(|hash| hash.algorithm().is_strong());
        let hashes: Vec<_> = strong.cloned().collect();
        if hashes.is_empty() {
            unhashed.insert(facts.filename.clone());
            continue;
        }
        release.files.push(LockedFile {
            filename: facts.filename.clone(),
            is_wheel: file.is_wheel,
            url: shown_url(&facts.url),
            hashes,
            size: facts.size,
            is_hashed_here: file.is_hashed_here,
        });
        let required = facts.requires_python.clone();
        release.requires_python = release.requires_python.take().or(required);
    }
    release.files.sort_by(|a, b| a.filename.cmp(&b.filename));
}

/// An address without credentials, query and fragment.
fn shown_url(url: &str) -> String {
    let Ok(mut url) = url::Url::parse(url) else {
        return String::new();
    };
    // These fail only for addresses that have none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    url.to_string()
}

/// Who needs whom, the other way round.
fn add_needs(needed: &mut BTreeMap<(ProjectName, Version), Needed>, found: &Found) {
    for (project, chosen) in &found.solution.chosen {
        for by in &chosen.needed_by {
            let Some(version) = found.solution.chosen.get(by).map(|by| &by.version) else {
                continue;
            };
            if let Some(needed) = needed.get_mut(&(by.clone(), version.clone())) {
                needed.release.needs.insert(project.clone());
            }
        }
    }
}

fn marked(
    needed: BTreeMap<(ProjectName, Version), Needed>,
    targets: &[Environment],
) -> Result<Vec<LockedRelease>, LockError> {
    let mut releases = Vec::new();
    for Needed {
        mut release,
        targets: of,
    } in needed.into_values()
    {
        release.marker = marker_for(targets, &of).map_err(|why| {
            let what = format!("`{}` {}: {why}", release.project, release.version);
            LockError::Inseparable(Printable::from(what))
        })?;
        releases.push(release);
    }
    Ok(releases)
}
