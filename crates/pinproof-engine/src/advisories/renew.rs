//! Before a run: databases that are missing or older than a day are renewed.

use jiff::{SignedDuration, Timestamp};
use pinproof_core::Printable;
use pinproof_policy::advisory_source::OSV;
use pinproof_policy::{AdvisorySource, Policy};
use pinproof_sources::Limits;
use pinproof_sources::advisories::{FeedLimits, Store};
use std::path::Path;

use super::update::{UpdateSettings, update};
use super::{Places, stored_as};
use crate::gather::Progress;

/// How long a database counts as new after it was last looked for.
const NEW_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Renews the databases of the sources that are fetched. What goes wrong is said, and ends nothing: an old
/// database answers as far as its age allows, and one that is missing is an open question.
pub async fn renew(
    policy: &Policy,
    places: &Places,
    (requests, now): (Limits, Timestamp),
    progress: &impl Progress,
) -> Vec<Printable> {
    let Some(store) = places.cache_dir.as_deref().map(Store::new) else {
        return Vec::new();
    };
    let settings = UpdateSettings {
        requests,
        downloads: FeedLimits::default(),
        complete: false,
        now,
    };
    let mut troubles = Vec::new();
    for source in policy.advisory_sources() {
        if !is_fetched(&source, places) || is_new(&store.path(&stored_as(&source)), now) {
            continue;
        }
        if let Err(error) = update(&source, &store, &settings, progress).await {
            let text = format!(
                "the advisories of {} could not be renewed: {error}",
                source.name
            );
            troubles.push(Printable::from(text));
        }
    }
    troubles
}

fn is_fetched(source: &AdvisorySource, places: &Places) -> bool {
    let is_replaced = source.name == OSV && (places.database.is_some() || places.online);
    !is_replaced && !source.is_read_in_place()
}

/// Whether the file was written within the last day; an update that finds nothing new touches it.
fn is_new(path: &Path, now: Timestamp) -> bool {
    let written = path.metadata().and_then(|metadata| metadata.modified());
    let written = written.ok().and_then(|time| Timestamp::try_from(time).ok());
    written.is_some_and(|written| now.duration_since(written).abs() < NEW_FOR)
}
