//! What is known of a project: what its upstream says now, or said last, held to what was seen first.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use pinproof_core::{
    Answer, FileFacts, HashAlgorithm, Printable, ProjectFacts, ProjectHistory, ProjectName, Version,
};
use pinproof_engine::admit::{RawPage, Revision, Visit};
use pinproof_engine::sources::Index;

use super::freshness::{Asked, is_too_old};
use super::history::{self, Pins, hash};
use super::model::Model;
use super::observe::Event;
use super::serials::WentBack;
use super::{Gateway, metadata};
use crate::store::records::{History, Listed, Page, Pin, Sighting, Visit as Kept};
use crate::store::words::{FileName, IndexName, Sha256};
use crate::store::{Origin, Store, StoreError};

/// The media type of a page that is no page: the listing of an index that is a folder.
pub(crate) const FOLDER: &str = "inode/directory";
/// What stands as the reason of a file that its upstream does not list any more.
const GONE: &str = "no longer listed by its index; these are the bytes that were listed once";

/// What is known of a project.
#[derive(Debug)]
pub(super) struct Known {
    /// Its files: those that are listed, with the hash that was seen first, and those that are kept.
    pub(super) facts: ProjectFacts,
    /// Whom it is from.
    pub(super) index: Index,
    /// What is remembered of it.
    pub(super) history: Arc<ProjectHistory>,
    /// Why it is not what the upstream says now.
    pub(super) stale: Option<Printable>,
    /// When the upstream was asked, whether it answered or not.
    pub(super) asked: Asked,
    /// What tells its page from another state of it.
    pub(super) revision: Revision,
    /// Whether it is an older page than one that was there before.
    pub(super) went_back: Option<WentBack>,
}

/// What came of asking.
pub(super) enum Answered {
    /// Something to decide about.
    New(Box<Known>),
    /// What was decided about is still so.
    Same(Arc<Model>),
}

/// Whom what is known is from, and how.
struct Whom {
    index: Index,
    asked: Asked,
    revision: Revision,
    stale: Option<Printable>,
}

/// Why nothing is known.
#[derive(Clone, Debug)]
pub(super) enum Unknown {
    /// The one upstream says that there is no such project.
    Absent(Printable),
    /// Nobody could find out.
    Unavailable(Printable),
    /// What is remembered cannot be read or written: nothing is handed out then.
    Store(StoreError),
}

impl Unknown {
    /// The reason in a sentence.
    pub(super) fn said(&self) -> Printable {
        match self {
            Self::Absent(why) | Self::Unavailable(why) => why.clone(),
            Self::Store(error) => Printable::from(error.to_string()),
        }
    }
}

impl From<StoreError> for Unknown {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Asks the upstream; where it gives no answer, what it said last is what is known.
pub(super) async fn ask(
    gateway: &Gateway,
    index: Index,
    project: &ProjectName,
    held: Option<Arc<Model>>,
) -> Result<Answered, Unknown> {
    let origin = origin(&index, project, gateway.now())?;
    let told = held.as_ref().and_then(|model| model.went_back);
    let last = match &held {
        // What cannot be read is asked for anew.
        None => last_page(gateway, &origin).await.ok().flatten(),
        Some(_) => None,
    };
    let known = match (&held, &last) {
        (Some(model), _) => Some(model.revision()),
        (None, Some((_, raw))) => Some(&raw.revision),
        (None, None) => None,
    };
    let answer = visit(gateway, &index, &origin, known).await;
    let answer = match answer {
        Answer::Known(Visit::Unchanged(revision)) => {
            let of = (index.clone(), origin.clone());
            if let Some(same) = unchanged(gateway, of, revision, (held, last)).await? {
                return Ok(same);
            }
            visit(gateway, &index, &origin, None).await
        }
        answer => answer,
    };
    let known = match answer {
        Answer::Known(Visit::Page { facts, raw }) => {
            let known = take(gateway, (*facts, raw), index, origin).await?;
            tell_if_it_went_back(gateway, &known, told);
            known
        }
        Answer::Absent => {
            gateway.0.store.record_absence(origin.clone()).await?;
            let why = Printable::from(format!("{} does not have it any more", index.name));
            let kept = kept(gateway, (index, origin), (why, true)).await?;
            kept.map_err(|(index, _)| Unknown::Absent(Printable::new(&index.name)))?
        }
        Answer::Unavailable(reason) => {
            let why = Printable::from(reason.to_string());
            let kept = kept(gateway, (index, origin), (why, false)).await?;
            kept.map_err(|(_, why)| Unknown::Unavailable(why))?
        }
        Answer::Unsupported(source) => return Err(Unknown::Unavailable(source.0)),
        Answer::Known(Visit::Unchanged(_)) => {
            return Err(Unknown::Unavailable(Printable::new(
                "its index says that nothing has changed, and was not asked that",
            )));
        }
    };
    Ok(Answered::New(Box::new(known)))
}

/// Tells once of an index that gives an older page than before.
fn tell_if_it_went_back(gateway: &Gateway, known: &Known, told: Option<WentBack>) {
    if let Some(went_back) = known.went_back.filter(|new| Some(*new) != told) {
        let said = went_back.said(&known.facts.project, &known.index.name);
        gateway.tell(Event::warning(said));
    }
}

async fn visit(
    gateway: &Gateway,
    index: &Index,
    origin: &Origin,
    known: Option<&Revision>,
) -> Answer<Visit> {
    let _asking = gateway.0.health.asking(&index.name);
    let started = Instant::now();
    let gate = gateway.gate();
    let answer = gate.visit(index, &origin.project, (known, origin.at)).await;
    let took = started.elapsed();
    gateway.0.metrics.asked(&index.name, &answer, took);
    answer
}

/// Takes the answer that nothing has changed: neither is anything read again, nor decided.
async fn unchanged(
    gateway: &Gateway,
    (index, origin): (Index, Origin),
    mut revision: Revision,
    (held, last): (Option<Arc<Model>>, Option<(Timestamp, RawPage)>),
) -> Result<Option<Answered>, Unknown> {
    let store = &*gateway.0.store;
    if !store.confirm_page(origin.clone()).await? {
        return Ok(None);
    }
    let asked = Asked::answered(origin.at, revision.max_age, &gateway.gate());
    if let Some(model) = held {
        model.confirm(asked);
        return Ok(Some(Answered::Same(model)));
    }
    let Some((_, raw)) = last else {
        return Ok(None);
    };
    revision.etag = raw.revision.etag.clone();
    revision.last_modified = raw.revision.last_modified.clone();
    revision.serial = revision.serial.or(raw.revision.serial);
    let Some(facts) = read(gateway, &index, &origin, (origin.at, raw)).await else {
        return Ok(None);
    };
    let history = store.history(origin.project, origin.upstream).await?;
    let whom = Whom {
        index,
        asked,
        revision,
        stale: None,
    };
    let known = hold(gateway, facts, whom, history).await?;
    Ok(Some(Answered::New(Box::new(known))))
}

fn origin(index: &Index, project: &ProjectName, at: Timestamp) -> Result<Origin, Unknown> {
    let upstream: IndexName = index.name.parse().map_err(|_| {
        Unknown::Unavailable(Printable::new("its index has a name that cannot be kept"))
    })?;
    Ok(Origin {
        project: project.clone(),
        upstream,
        at,
    })
}

/// Keeps a page and pins its files, before anybody is told of them.
async fn take(
    gateway: &Gateway,
    (facts, raw): (ProjectFacts, Option<RawPage>),
    index: Index,
    origin: Origin,
) -> Result<Known, Unknown> {
    let revision = raw.as_ref().map(|raw| raw.revision.clone());
    let revision = revision.unwrap_or_default();
    let kept = Kept {
        project: origin.project,
        upstream: origin.upstream,
        page: page(raw, origin.at),
        files: facts.files.iter().flat_map(listed).collect(),
    };
    let history = gateway.0.store.record_page(kept).await?;
    let whom = Whom {
        index,
        asked: Asked::answered(origin.at, revision.max_age, &gateway.gate()),
        revision,
        stale: None,
    };
    hold(gateway, facts, whom, history).await
}

fn page(raw: Option<RawPage>, fetched_at: Timestamp) -> Page {
    let raw = raw.unwrap_or_else(|| RawPage {
        content_type: Some(FOLDER.to_owned()),
        ..RawPage::default()
    });
    Page {
        fetched_at,
        base: raw.url,
        content_type: raw.content_type.unwrap_or_default(),
        etag: raw.revision.etag,
        last_modified: raw.revision.last_modified,
        serial: raw.revision.serial,
        body: raw.body,
    }
}

fn listed<'a>(
    (version, release): (&'a Version, &'a pinproof_core::ReleaseFacts),
) -> impl Iterator<Item = Listed> + 'a {
    release.files.iter().filter_map(|file| {
        let filename: FileName = file.filename.parse().ok()?;
        let sighting = sha256(file).map(|sha256| Sighting {
            filename: filename.clone(),
            sha256,
            size: file.size,
            upload_time: file.uploaded_at,
        });
        Some(Listed {
            filename,
            version: Some(version.clone()),
            is_yanked: file.yanked.is_some(),
            sighting,
        })
    })
}

/// The SHA-256 that is published of a file.
pub(crate) fn sha256(file: &FileFacts) -> Option<Sha256> {
    Sha256::try_from(file.hash(HashAlgorithm::Sha256)?).ok()
}

/// The page that an upstream answered last, and when it did, if it ever answered one.
async fn last_page(
    gateway: &Gateway,
    origin: &Origin,
) -> Result<Option<(Timestamp, RawPage)>, StoreError> {
    let (project, upstream) = (origin.project.clone(), origin.upstream.clone());
    let page = gateway.0.store.page(project, upstream).await?;
    let page = page.filter(|page| page.content_type != FOLDER);
    Ok(page.map(|page| (page.fetched_at, raw_page(page))))
}

/// A page as it was answered.
pub(crate) fn raw_page(page: Page) -> RawPage {
    RawPage {
        url: page.base,
        content_type: Some(page.content_type),
        revision: Revision {
            etag: page.etag,
            last_modified: page.last_modified,
            serial: page.serial,
            max_age: None,
        },
        body: page.body,
    }
}

async fn read(
    gateway: &Gateway,
    index: &Index,
    origin: &Origin,
    (at, raw): (Timestamp, RawPage),
) -> Option<ProjectFacts> {
    let (reader, of, name) = (gateway.clone(), index.clone(), origin.project.clone());
    let read = tokio::task::spawn_blocking(move || reader.gate().read(&of, &name, (&raw, at)));
    match read.await {
        Ok(Answer::Known(facts)) => Some(facts),
        Ok(_) => None,
        // Its panic is a bug, and stays one.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// What the upstream said last, if that can be known and counts; otherwise the index is given back, and why.
async fn kept(
    gateway: &Gateway,
    (index, origin): (Index, Origin),
    (why, has_answered): (Printable, bool),
) -> Result<Result<Known, (Index, Printable)>, Unknown> {
    let store = &*gateway.0.store;
    let Some((at, raw)) = last_page(gateway, &origin).await? else {
        return Ok(Err((index, why)));
    };
    if !has_answered && is_too_old(at, origin.at, &gateway.gate()) {
        let why = format!(
            "{why}; what it said last is of {at:.0}, and older than `max-age` of `[cache]` lets it be"
        );
        return Ok(Err((index, Printable::from(why))));
    }
    let revision = raw.revision.clone();
    let gate = &*gateway.gate();
    let asked = if has_answered {
        Asked::answered(origin.at, Some(Duration::ZERO), gate)
    } else {
        Asked::in_vain(origin.at, gate)
    };
    let Some(facts) = read(gateway, &index, &origin, (at, raw)).await else {
        return Ok(Err((index, why)));
    };
    let history = store.history(origin.project, origin.upstream).await?;
    let whom = Whom {
        index,
        asked,
        revision,
        stale: Some(why),
    };
    hold(gateway, facts, whom, history).await.map(Ok)
}

/// Holds what is listed to what was seen first, and adds what is kept and not listed any more.
async fn hold(
    gateway: &Gateway,
    mut facts: ProjectFacts,
    whom: Whom,
    history: History,
) -> Result<Known, Unknown> {
    let stored = stored(&*gateway.0.store, &facts.project).await?;
    let is_kept = |name: &str| stored.contains(name);
    let mut remembered = hold_to(&mut facts, &history, (&is_kept, whom.stale.is_none()));
    remembered.trusts_upload_times = gateway.gate().trusts_upload_times(&whom.index);
    let releases = facts.files.values_mut();
    for file in releases.flat_map(|release| &mut release.files) {
        if sha256(file).is_some_and(|sha256| gateway.0.quarantine.is_unreadable(sha256)) {
            file.core_metadata = None;
        }
    }
    Ok(Known {
        went_back: WentBack::of(&whom.revision, history.largest_serial),
        facts,
        index: whom.index,
        history: Arc::new(remembered),
        stale: whom.stale,
        asked: whom.asked,
        revision: whom.revision,
    })
}

/// Holds what is listed to what was seen first, and where that is wanted, adds the files that are kept and not listed
/// any more. The answer is what is remembered.
pub(crate) fn hold_to(
    facts: &mut ProjectFacts,
    history: &History,
    (is_kept, adds): (&dyn Fn(&str) -> bool, bool),
) -> ProjectHistory {
    keep_first(facts);
    let pins: Pins<'_> = history
        .pins
        .iter()
        .map(|pin| (pin.first.filename.as_str(), pin))
        .collect();
    let remembered = history::remembered(history, facts, &pins, is_kept);
    let releases = facts.files.values_mut();
    for file in releases.flat_map(|release| &mut release.files) {
        let pin = pins.get(file.filename.as_str());
        if let Some(pin) = pin {
            pinned(pin, file);
        }
        let read = pin.and_then(|pin| history.metadata.get(&pin.first.filename));
        metadata::offer(file, read.copied());
    }
    let past = history.files.iter().filter(|past| adds && !past.is_listed);
    for past in past.filter(|past| is_kept(past.filename.as_str())) {
        let pin = pins.get(past.filename.as_str());
        if let (Some(pin), Some(version)) = (pin, &past.version) {
            let release = facts.files.entry(version.clone()).or_default();
            release.files.push(of_pin(pin));
        }
    }
    remembered
}

/// A page may list a name twice; the first one counts, as for pins.
fn keep_first(facts: &mut ProjectFacts) {
    let mut names = BTreeSet::new();
    let releases = facts.files.values_mut();
    for release in releases {
        release
            .files
            .retain(|file| names.insert(file.filename.clone()));
    }
}

/// The files of a project whose bytes are here.
async fn stored(store: &dyn Store, project: &ProjectName) -> Result<BTreeSet<String>, Unknown> {
    const AT_ONCE: usize = 1_000;
    let mut names = BTreeSet::new();
    // No file has a name that sorts before it.
    let mut after = "!"
        .parse::<FileName>()
        .ok()
        .map(|first| (project.clone(), first));
    loop {
        let files = store.files(after, AT_ONCE).await?;
        let is_last = files.len() < AT_ONCE;
        after = files
            .last()
            .map(|file| (file.pin.project.clone(), file.pin.first.filename.clone()));
        for file in files {
            if file.pin.project != *project {
                return Ok(names);
            }
            if file.is_stored {
                names.insert(file.pin.first.filename.to_string());
            }
        }
        if is_last {
            return Ok(names);
        }
    }
}

/// What was seen first is what counts. Metadata that is beside the new bytes is not that of the old ones. Where the
/// index publishes no SHA-256, the one of the bytes that were fetched once is published instead.
fn pinned(pin: &Pin, file: &mut FileFacts) {
    let listed = sha256(file);
    if listed == Some(pin.first.sha256) {
        return;
    }
    if listed.is_none() {
        file.hashes.extend(hash(pin.first.sha256));
        return;
    }
    let kept = of_pin(pin);
    file.hashes = kept.hashes;
    file.size = kept.size;
    file.uploaded_at = kept.uploaded_at.or(file.uploaded_at);
    file.core_metadata = None;
    file.provenance = None;
}

fn of_pin(pin: &Pin) -> FileFacts {
    FileFacts {
        filename: pin.first.filename.to_string(),
        url: String::new(),
        hashes: hash(pin.first.sha256).into_iter().collect(),
        size: pin.first.size,
        uploaded_at: pin.first.upload_time,
        yanked: Some(Some(GONE.to_owned())),
        requires_python: None,
        core_metadata: None,
        provenance: None,
    }
}
