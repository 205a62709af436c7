//! What the store remembers of a project, in words of the core: the evidence of the rules about history.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use pinproof_core::evidence::Source;
use pinproof_core::project_history::{Absence, ChangedFile, Contradiction};
use pinproof_core::{FileFacts, Hash, HashAlgorithm, ProjectFacts, ProjectHistory, Version};

use super::evidence::sha256;
use super::metadata;
use crate::store::records::{History, Incident, PastFile, Pin, Presence};
use crate::store::words::{IndexName, Sha256};

/// The pins of a project by the names of their files.
pub(super) type Pins<'a> = HashMap<&'a str, &'a Pin>;

/// What is remembered of a project of which `facts` are listed now. Which bytes are here is for `is_stored` to say.
pub(super) fn remembered(
    history: &History,
    facts: &ProjectFacts,
    pins: &Pins<'_>,
    is_stored: impl Fn(&str) -> bool,
) -> ProjectHistory {
    let present = history.presence.iter().find(|seen| seen.is_present);
    let known_since = present.map_or(facts.fetched_at, |seen| seen.at);
    let mut remembered = ProjectHistory {
        absences: absences(&history.presence),
        vanished: vanished(&history.files),
        ..ProjectHistory::new(facts.source.clone(), known_since)
    };
    let later = history.files.iter();
    remembered.later = later
        .filter(|file| file.first_seen > known_since)
        .map(|file| (file.filename.to_string(), file.first_seen))
        .collect();
    // In the order of their numbers, so that the newest one of a name stays.
    for incident in &history.incidents {
        let name = incident.seen.filename.as_str();
        if let Some(changed) = pins.get(name).and_then(|pin| changed(pin, incident)) {
            remembered.changed.insert(name.to_owned(), changed);
        }
    }
    let files = facts.files.values().flat_map(|release| &release.files);
    for file in files {
        let name = file.filename.as_str();
        if let Some(changed) = remembered.changed.get_mut(name) {
            let pin = pins.get(name).map(|pin| pin.first.sha256);
            changed.is_listed = sha256(file).is_some_and(|listed| Some(listed) != pin);
            changed.is_kept = is_stored(name);
        }
        if let Some(contradiction) = contradiction(file, history, pins) {
            remembered
                .contradicted
                .insert(name.to_owned(), contradiction);
        }
    }
    remembered
}

/// When the project was gone.
fn absences(presence: &[Presence]) -> Vec<Absence> {
    let gone = presence
        .iter()
        .enumerate()
        .filter(|(_, seen)| !seen.is_present);
    let absence = |(at, seen): (usize, &Presence)| Absence {
        since: seen.at,
        last_confirmed: seen.confirmed_at,
        until: presence.get(at + 1).map(|next| next.at),
    };
    gone.map(absence).collect()
}

/// The releases of which no file is listed any more, and of which not all were withdrawn when they were.
fn vanished(files: &[PastFile]) -> BTreeMap<Version, Timestamp> {
    let mut releases: BTreeMap<&Version, Vec<&PastFile>> = BTreeMap::new();
    for file in files {
        if let Some(version) = &file.version {
            releases.entry(version).or_default().push(file);
        }
    }
    let gone = releases.into_iter().filter_map(|(version, files)| {
        let is_gone = files.iter().all(|file| !file.is_listed);
        let is_withdrawn = files.iter().all(|file| file.is_yanked);
        let since = files.iter().filter_map(|file| file.gone_at).max()?;
        (is_gone && !is_withdrawn).then(|| (version.clone(), since))
    });
    gone.collect()
}

fn changed(pin: &Pin, incident: &Incident) -> Option<ChangedFile> {
    let seen = |at, upstream: &IndexName| (at, Source::new(upstream.as_str()));
    Some(ChangedFile {
        first: hash(pin.first.sha256)?,
        first_seen: seen(pin.first_seen, &pin.upstream),
        other: hash(incident.seen.sha256)?,
        other_seen: seen(incident.seen_at, &incident.upstream),
        is_listed: false,
        is_kept: false,
    })
}

/// Whether the index offers other metadata of the pinned bytes than was read from them.
fn contradiction(file: &FileFacts, history: &History, pins: &Pins<'_>) -> Option<Contradiction> {
    let offered = metadata::offered(file)?;
    let pin = pins.get(file.filename.as_str())?;
    if sha256(file).is_some_and(|listed| listed != pin.first.sha256) {
        return None;
    }
    let found = *history.metadata.get(&pin.first.filename)?;
    let is_other = offered.digest() != found.to_string();
    is_other.then_some(())?;
    Some(Contradiction {
        offered: offered.clone(),
        found: hash(found)?,
    })
}

/// The same digest in words of the core.
pub(super) fn hash(sha256: Sha256) -> Option<Hash> {
    Hash::new(HashAlgorithm::Sha256, &sha256.to_string()).ok()
}
