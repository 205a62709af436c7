//! `pinproof db update`: the newest records of a source, as a whole or by what changed.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt as _};
use jiff::{SignedDuration, Timestamp};
use pinproof_core::Printable;
use pinproof_policy::{AdvisoryLocation, AdvisorySource};
use pinproof_sources::Limits;
use pinproof_sources::advisories::{
    AdvisoryError, Archive, CollectLimits, Compiled, Database, Feed, FeedLimits, Head, RawRecord,
    RecordTable, Store, Writer, collect_archive,
};
use pinproof_sources::endpoints::OSV_EXPORT;
use url::Url;

use super::build::{Built, written};
use super::compile::{compile, compile_as};
use super::stored_as;
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
    /// The present time: nothing that a source says is of a later one.
    pub now: Timestamp,
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

/// Brings the database of `source` up to date; one update at a time, and any number of readers.
pub async fn update(
    source: &AdvisorySource,
    store: &Store,
    settings: &UpdateSettings,
    progress: &impl Progress,
) -> Result<Update, AdvisoryError> {
    let run = Run {
        name: stored_as(source),
        feed: Feed::new(&address(source)?, &settings.requests, settings.downloads),
        store,
        settings,
        progress,
    };
    store.prepare()?;
    let _lock = store.lock(&run.name, settings.downloads.time).await?;
    let update = match store.open(&run.name) {
        Ok(database) if !settings.complete => run.by_changes(&database).await?,
        _ => run.complete(None).await?,
    };
    store.remember(&run.name, update.head().as_of)?;
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
    /// The name of its database.
    name: String,
    feed: Feed,
    store: &'a Store,
    settings: &'a UpdateSettings,
    progress: &'a P,
}

impl<P: Progress> Run<'_, P> {
    /// Fetches everything; with the database that is there, an export that has lost most of it is refused.
    async fn complete(&self, known: Option<&Head>) -> Result<Update, AdvisoryError> {
        self.progress.begin("fetching advisories", 1);
        let archive = self.feed.archive().await;
        self.progress.end();
        let Archive { file, made_at } = archive?;
        let mut writer = self.writer();
        collect_archive(file, CollectLimits::default(), &mut |raw| {
            writer.add(compile(raw));
        })?;
        writer.has_time(made_at);
        let (now, before) = (writer.head().records, known.map_or(0, |head| head.records));
        if now < before / 2 {
            return Err(AdvisoryError::BadAnswer(Printable::from(format!(
                "the archive has {now} records where there were {before}; `pinproof db update --complete` takes it"
            ))));
        }
        self.written(writer).map(Update::Complete)
    }

    /// Fetches the records that the list of changes has in a later state than the database.
    async fn by_changes(&self, database: &Database) -> Result<Update, AdvisoryError> {
        let head = database.head();
        let is_due = head.as_of.duration_since(head.complete_at) > COMPLETE_EVERY;
        let table = database.record_table()?;
        let changes = self.feed.changes().await?;
        let newest = changes.iter().map(|change| change.at).max();
        let new = changes
            .into_iter()
            .filter(|change| !table.has(&change.id, change.at));
        let ids: BTreeSet<String> = new.map(|change| change.id).collect();
        if ids.len() > MOST_CHANGES || is_due {
            return self.complete(Some(head)).await;
        }
        if ids.is_empty() {
            self.store.touch(&self.name, self.settings.now)?;
            return Ok(Update::Current(head.clone()));
        }
        // A record that is listed and not there may have been taken out: only the whole can tell.
        let Some(fetched) = self.fetch(&ids).await? else {
            return self.complete(Some(head)).await;
        };
        let mut writer = self.writer();
        writer.was_complete_at(head.complete_at);
        writer.has_time(Some(head.as_of));
        writer.has_time(newest);
        add_unchanged(&mut writer, database, &table, &ids)?;
        let count = fetched.len();
        for record in fetched {
            writer.add(record);
        }
        self.written(writer)
            .map(|built| Update::Changed(built, count))
    }

    /// The records of these ids; `None` if one is not there.
    async fn fetch(&self, ids: &BTreeSet<String>) -> Result<Option<Vec<Compiled>>, AdvisoryError> {
        self.progress.begin("fetching advisories", ids.len());
        let fetched: Vec<_> = stream::iter(ids)
            .map(|id| async move {
                let record = self.feed.record(id).await?;
                self.progress.advance();
                record.map(|bytes| compile_as(id, bytes)).transpose()
            })
            .buffer_unordered(IN_FLIGHT)
            .collect()
            .await;
        self.progress.end();
        fetched.into_iter().collect()
    }

    fn writer(&self) -> Writer {
        Writer::new(vec![self.feed.shown().to_string()]).at(self.settings.now)
    }

    /// Writes the database, unless one that was here is newer: its place is not given up.
    fn written(&self, writer: Writer) -> Result<Built, AdvisoryError> {
        self.store.accepts(&self.name, writer.head().as_of)?;
        written(writer, &self.store.path(&self.name))
    }
}

/// Adds what `database` has and `ids` does not name.
fn add_unchanged(
    writer: &mut Writer,
    database: &Database,
    table: &RecordTable,
    ids: &BTreeSet<String>,
) -> Result<(), AdvisoryError> {
    for id in table.ids().filter(|id| !ids.contains(*id)) {
        if let Some(bytes) = database.record(table, id)? {
            let name = format!("{id}.json");
            writer.add(compile(RawRecord {
                name,
                bytes: Ok(bytes),
            }));
        }
    }
    Ok(())
}
