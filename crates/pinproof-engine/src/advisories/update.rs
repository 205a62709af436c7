//! `pinproof db update`: the newest records of a source, as a whole or by what changed.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt as _};
use jiff::SignedDuration;
use pinproof_policy::{AdvisoryLocation, AdvisorySource};
use pinproof_sources::Limits;
use pinproof_sources::advisories::{
    AdvisoryError, Archive, CollectLimits, Database, Feed, FeedLimits, Head, RawRecord, Store,
    Writer, collect_archive,
};
use pinproof_sources::endpoints::OSV_EXPORT;
use url::Url;

use super::build::{Built, written};
use super::compile::compile;
use crate::gather::Progress;

/// More changes than this are fetched as one archive: that is quicker.
const MOST_CHANGES: usize = 500;
/// Requests for records under way at one time.
const IN_FLIGHT: usize = 16;
/// After this time everything is fetched again, so that nothing that was missed stays missing.
const COMPLETE_EVERY: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How a source is updated.
#[derive(Clone, Debug)]
pub struct UpdateSettings {
    /// The bounds of requests.
    pub requests: Limits,
    /// The bounds of downloads.
    pub downloads: FeedLimits,
    /// Whether everything is fetched, whatever is there.
    pub complete: bool,
}

/// What an update did.
#[derive(Clone, Debug)]
pub enum Update {
    /// Nothing has changed since the database that is there.
    Current(Head),
    /// These records were fetched.
    Changed(Built, usize),
    /// Everything was fetched.
    Complete(Built),
}

/// Brings the database of `source` up to date.
pub async fn update(
    source: &AdvisorySource,
    store: &Store,
    settings: &UpdateSettings,
    progress: &impl Progress,
) -> Result<Update, AdvisoryError> {
    let feed = Feed::new(&address(source)?, &settings.requests, settings.downloads);
    store.prepare()?;
    let run = Run {
        source,
        store,
        feed,
        progress,
    };
    let known = store.open(&source.name).ok().filter(|_| !settings.complete);
    let update = match known {
        Some(database) => run.by_changes(&database).await?,
        None => run.complete().await?,
    };
    store.remember(&source.name, update.head().as_of)?;
    Ok(update)
}

fn address(source: &AdvisorySource) -> Result<Url, AdvisoryError> {
    match &source.location {
        Some(AdvisoryLocation::Url(url)) => Ok(url.clone()),
        _ => OSV_EXPORT
            .parse()
            .map_err(|_| AdvisoryError::BadAnswer("the address of OSV is wrong".into())),
    }
}

impl Update {
    /// What the database says of itself now.
    pub fn head(&self) -> &Head {
        match self {
            Self::Current(head) => head,
            Self::Changed(built, _) | Self::Complete(built) => &built.head,
        }
    }
}

struct Run<'a, P> {
    source: &'a AdvisorySource,
    store: &'a Store,
    feed: Feed,
    progress: &'a P,
}

impl<P: Progress> Run<'_, P> {
    async fn complete(&self) -> Result<Update, AdvisoryError> {
        self.progress.begin("fetching advisories", 1);
        let archive = self.feed.archive().await;
        self.progress.end();
        let Archive { file, made_at } = archive?;
        let mut writer = self.writer();
        collect_archive(file, CollectLimits::default(), &mut |raw| {
            writer.add(compile(raw));
        })?;
        writer.has_time(made_at);
        self.written(writer).map(Update::Complete)
    }

    async fn by_changes(&self, database: &Database) -> Result<Update, AdvisoryError> {
        let head = database.head();
        let is_due = head.as_of.duration_since(head.complete_at) > COMPLETE_EVERY;
        // Records of one moment may have come in two parts, so the last moment is asked again.
        let since = head
            .as_of
            .checked_sub(SignedDuration::from_secs(1))
            .unwrap_or(head.as_of);
        let changes = self.feed.changes(since).await?;
        let newest = changes.iter().map(|change| change.at).max();
        let ids: BTreeSet<String> = changes.into_iter().map(|change| change.id).collect();
        if ids.len() > MOST_CHANGES || is_due {
            return self.complete().await;
        }
        if newest.is_none_or(|newest| newest <= head.as_of) {
            self.store.touch(&self.source.name)?;
            return Ok(Update::Current(head.clone()));
        }
        let fetched = self.fetch(&ids).await?;
        let mut writer = self.writer();
        writer.was_complete_at(head.complete_at);
        let table = database.record_table()?;
        for id in table.ids().filter(|id| !ids.contains(*id)) {
            if let Some(bytes) = database.record(&table, id)? {
                writer.add(compile(raw(id, bytes)));
            }
        }
        let count = fetched.len();
        for record in fetched {
            writer.add(compile(record));
        }
        writer.has_time(newest);
        self.written(writer)
            .map(|built| Update::Changed(built, count))
    }

    /// The records of these ids; one that is gone was taken out of the export.
    async fn fetch(&self, ids: &BTreeSet<String>) -> Result<Vec<RawRecord>, AdvisoryError> {
        self.progress.begin("fetching advisories", ids.len());
        let fetched: Vec<_> = stream::iter(ids)
            .map(|id| async move {
                let record = self.feed.record(id).await;
                self.progress.advance();
                record.map(|bytes| bytes.map(|bytes| raw(id, bytes)))
            })
            .buffer_unordered(IN_FLIGHT)
            .collect()
            .await;
        self.progress.end();
        let records: Result<Vec<Option<RawRecord>>, AdvisoryError> = fetched.into_iter().collect();
        Ok(records?.into_iter().flatten().collect())
    }

    fn writer(&self) -> Writer {
        Writer::new(vec![self.feed.shown().to_string()])
    }

    fn written(&self, writer: Writer) -> Result<Built, AdvisoryError> {
        written(writer, &self.store.path(&self.source.name))
    }
}

fn raw(id: &str, bytes: Vec<u8>) -> RawRecord {
    RawRecord {
        name: format!("{id}.json"),
        bytes: Ok(bytes),
    }
}
