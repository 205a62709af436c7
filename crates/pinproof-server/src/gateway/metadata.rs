//! `/files/<sha256>/<filename>.metadata`: the core metadata of a file (PEP 658), with the hash that its page offers.

use std::ops::Range;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pinproof_core::{FileFacts, HashAlgorithm, Printable};
use pinproof_engine::admit::AdmittedFile;
use pinproof_engine::sources::{Wanted, WheelReader, WheelStep};

use super::answer::is_unchanged;
use super::files::BLOCK;
use super::model::Model;
use super::refusal::Refusal;
use super::simple::json::metadata_hash;
use super::{Gateway, addresses};
use crate::store::words::Sha256;
use crate::store::{Store, StoreError, StoredFile};

/// The most that the core metadata of a file may have.
const MOST: u64 = 8 << 20;

/// Whether the upstream offers no metadata of a wheel that anybody could hold it to.
pub(super) fn is_to_be_read(file: &FileFacts) -> bool {
    let mut offered = file.core_metadata.iter().flatten();
    !offered.any(|hash| hash.algorithm() == HashAlgorithm::Sha256)
        && file.filename.strip_suffix(".whl").is_some()
}

/// Reads the core metadata of a stored wheel, and keeps it beside the wheel: pages offer it from then on.
pub(super) async fn read_and_keep(store: &dyn Store, sha256: Sha256) -> Result<(), Printable> {
    let said = |error: StoreError| Printable::from(error.to_string());
    let Some(mut stored) = store.open(sha256).await.map_err(said)? else {
        return Err(Printable::new("the store does not have it"));
    };
    let (mut reader, mut range) = WheelReader::new(stored.size(), MOST);
    loop {
        let bytes = bytes_of(&mut *stored, range).await.map_err(said)?;
        let step = reader.take(&bytes);
        match step.map_err(|error| Printable::from(error.to_string()))? {
            WheelStep::Needs(next) => range = next,
            WheelStep::Done(content) => {
                store.save_metadata(sha256, content).await.map_err(said)?;
                return Ok(());
            }
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

/// The metadata from the store, or from the upstream.
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
    let kept = gateway.0.store.metadata(sha256).await.map_err(of_store)?;
    let content = match kept {
        Some(kept) if Sha256::of(&kept) == offered => kept,
        _ => {
            let content = gateway.metadata_of(model, file).await;
            let content = content.and_then(|content| {
                if Sha256::of(&content) == offered {
                    Ok(content)
                } else {
                    Err(Printable::new("its metadata is not what its page says"))
                }
            });
            let content =
                content.map_err(|why| Refusal::of_transfer(&file.facts.filename, &why))?;
            let saved = gateway.0.store.save_metadata(sha256, content.clone()).await;
            saved.map_err(of_store)?;
            content
        }
    };
    let etag = format!("\"{offered}\"");
    let mut answer = if is_unchanged(headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        content.into_response()
    };
    let set = answer.headers_mut();
    let fixed = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (
            header::CACHE_CONTROL,
            "private, max-age=31536000, immutable",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in fixed {
        set.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        set.insert(header::ETAG, etag);
    }
    Ok(answer)
}

impl Gateway {
    async fn metadata_of(&self, model: &Model, file: &AdmittedFile) -> Result<Vec<u8>, Printable> {
        let said =
            |error: pinproof_engine::sources::DownloadError| Printable::from(error.to_string());
        let url = format!("{}{}", file.facts.url, addresses::METADATA);
        let wanted = Wanted {
            filename: &file.facts.filename,
            url: &url,
            index: Some(&model.index.url),
            hashes: &[],
            size: None,
        };
        let gate = self.gate();
        let mut stream = gate.client().open(&wanted).await.map_err(said)?;
        let mut content = Vec::new();
        while let Some(piece) = stream.next().await.map_err(said)? {
            content.extend(piece);
            if content.len() as u64 > MOST {
                return Err(Printable::new("its metadata is larger than 8 MiB"));
            }
        }
        Ok(content)
    }
}
