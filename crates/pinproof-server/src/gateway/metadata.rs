//! `/files/<sha256>/<filename>.metadata`: the core metadata of a file (PEP 658), with the hash that its page offers.

use std::ops::Range;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::response::Response;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use pinproof_core::project_history::Contradiction;
use pinproof_core::{FileFacts, Hash, HashAlgorithm, Printable};
use pinproof_engine::admit::AdmittedFile;
use pinproof_engine::sources::{WheelReader, WheelStep};
use tokio::time::timeout;

use super::answer::of_content;
use super::files::BLOCK;
use super::history::hash;
use super::model::{Model, withheld};
use super::quarantine::{Examiner, Finds, Found, Held};
use super::refusal::Refusal;
use super::simple::json::metadata_hash;
use super::{Gateway, evidence};
use crate::store::words::Sha256;
use crate::store::{Store, StoreError, StoredFile};

/// The most that the core metadata of a file may have.
const MOST: u64 = 8 << 20;
/// How long a client waits: pip gives up at 15 seconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// The hash of the core metadata that is offered with a file; without a SHA-256, nobody could hold it to anything.
pub(super) fn offered(file: &FileFacts) -> Option<&Hash> {
    let mut offered = file.core_metadata.iter().flatten();
    offered.find(|hash| hash.algorithm() == HashAlgorithm::Sha256)
}

/// What a page may offer of a file. Of a wheel, what was read from it, if it was; of anything else nothing, because
/// nobody compares it.
pub(super) fn offer(file: &mut FileFacts, read: Option<Sha256>) {
    if !is_wheel(file) {
        file.core_metadata = None;
    } else if let Some(read) = read {
        file.core_metadata = hash(read).map(|hash| vec![hash]);
    }
}

/// The largest wheel that is fetched as a whole because somebody asks for its metadata; it is asked for next in most
/// cases. Of a larger one, its end is read from the upstream, and all of it is held to that when it comes.
const WHOLE: u64 = 32 << 20;

/// Whether a wheel is fetched before its metadata is handed out.
pub(super) fn is_fetched_whole(file: &FileFacts) -> bool {
    file.size.is_some_and(|size| size <= WHOLE)
}

fn is_wheel(file: &FileFacts) -> bool {
    file.filename.strip_suffix(".whl").is_some()
}

/// Compares the metadata that an index offers of a wheel with that in the wheel.
pub(super) struct CoreMetadata;

impl Examiner for CoreMetadata {
    fn is_open<'a>(
        &'a self,
        file: &'a FileFacts,
        store: &'a dyn Store,
    ) -> BoxFuture<'a, Finds<bool>> {
        async move {
            let (Some(_), Some(sha256)) = (offered(file), evidence::sha256(file)) else {
                return Ok(false);
            };
            let kept = store.metadata(sha256).await;
            kept.map(|kept| kept.is_none())
                .map_err(|error| Printable::from(error.to_string()))
        }
        .boxed()
    }

    /// Metadata that is read is kept beside the wheel, and pages offer it from then on.
    fn examine<'a>(&'a self, held: &'a Held, store: &'a dyn Store) -> BoxFuture<'a, Finds<Found>> {
        async move {
            if !is_wheel(&held.facts) {
                return Ok(Found::Nothing);
            }
            let said = |error: StoreError| Printable::from(error.to_string());
            let read = match read(store, held.sha256).await.map_err(said)? {
                Ok(content) => store
                    .save_metadata(held.sha256, content)
                    .await
                    .map_err(said)?,
                // It is handed out as it is, and no metadata is offered beside it.
                Err(_) if offered(&held.facts).is_some() => return Ok(Found::Unreadable),
                Err(_) => return Ok(Found::Nothing),
            };
            Ok(compared(&held.facts, read))
        }
        .boxed()
    }
}

/// What is offered, held to what was read.
fn compared(file: &FileFacts, read: Sha256) -> Found {
    let offered = offered(file).filter(|offered| offered.digest() != read.to_string());
    match (offered, hash(read)) {
        (Some(offered), Some(found)) => Found::Contradiction(Contradiction {
            offered: offered.clone(),
            found,
        }),
        _ => Found::Nothing,
    }
}

/// The core metadata in a stored wheel, or why it cannot be read.
async fn read(store: &dyn Store, sha256: Sha256) -> Result<Result<Vec<u8>, Printable>, StoreError> {
    let Some(mut stored) = store.open(sha256).await? else {
        return Ok(Err(Printable::new("the store does not have it")));
    };
    let (mut reader, mut range) = WheelReader::new(stored.size(), MOST);
    loop {
        let bytes = bytes_of(&mut *stored, range).await?;
        match reader.take(&bytes) {
            Ok(WheelStep::Needs(next)) => range = next,
            Ok(WheelStep::Done(content)) => return Ok(Ok(content)),
            Err(error) => return Ok(Err(Printable::from(error.to_string()))),
        }
    }
}

/// The bytes of a range, as far as they are there.
async fn bytes_of(
    stored: &mut dyn StoredFile,
    mut range: Range<u64>,
) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    while !range.is_empty() {
        let most = usize::try_from(range.end - range.start).unwrap_or(BLOCK);
        let block = stored.read(range.start, most).await?;
        if block.is_empty() {
            break;
        }
        range.start += block.len() as u64;
        bytes.extend(block);
    }
    Ok(bytes)
}

/// The metadata that was read from the wheel: what the page offers is that, or nothing is answered.
pub(super) async fn answer(
    gateway: &Gateway,
    (model, file): (&Model, &AdmittedFile),
    sha256: Sha256,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let of_store = |error| Refusal::of_store(&error);
    let offered = metadata_hash(file).and_then(|hash| hash.parse::<Sha256>().ok());
    let Some(offered) = offered else {
        return Err(Refusal::nothing("no metadata is offered for this file"));
    };
    let filename = &file.facts.filename;
    let kept = gateway.0.store.metadata(sha256).await.map_err(of_store)?;
    let content = match kept {
        Some(kept) => kept,
        None => gateway.read_apart(model, file).await?,
    };
    let found = Sha256::of(&content);
    if found != offered {
        let found = compared(&file.facts, found);
        let learned = gateway
            .learn(&model.page.facts.project, filename, &[found])
            .await;
        learned.map_err(|why| Refusal::of_transfer(filename, &why))?;
        let (model, at) = gateway.find(filename).await?;
        let withheld = model.page.files.get(at).and_then(withheld);
        return Err(match withheld {
            Some(withheld) => Refusal::of_file(&withheld, (filename, &model.page), gateway),
            None => Refusal::of_transfer(
                filename,
                &Printable::new("the metadata that its index offers is not the one in the file"),
            ),
        });
    }
    let etag = format!("\"{offered}\"");
    let how = (
        "text/plain; charset=utf-8",
        "private, max-age=31536000, immutable",
    );
    Ok(of_content(content, &etag, how, headers))
}

impl Gateway {
    /// The metadata of a large wheel, read from its end where it is. It is not kept: nobody has hashed those bytes.
    async fn read_apart(&self, model: &Model, file: &AdmittedFile) -> Result<Vec<u8>, Refusal> {
        let gate = self.gate();
        let read = gate.client().wheel_metadata(&model.index, &file.facts);
        let filename = &file.facts.filename;
        match timeout(PATIENCE, read).await {
            Err(_) => Err(Refusal::still_coming(filename)),
            Ok(Err(error)) => Err(Refusal::of_transfer(
                filename,
                &Printable::from(error.to_string()),
            )),
            Ok(Ok(content)) => Ok(content),
        }
    }
}
