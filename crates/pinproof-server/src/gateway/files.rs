//! `/files/<sha256>/<filename>`: decided again for each request, because a lock file skips the page.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use pinproof_core::Printable;
use pinproof_engine::admit::AdmittedFile;
use tokio::time::timeout;

use super::answer::{is_unchanged, text};
use super::canary::Canary;
use super::model::{Model, withheld};
use super::pages::NoPage;
use super::quarantine::Asked;
use super::ranges::{Part, part};
use super::refusal::Refusal;
use super::transfer::Following;
use super::{Gateway, addresses, evidence, identity, metadata, provenance};
use crate::store::StoredFile;
use crate::store::words::{FileName, Sha256};

/// Bytes that are read at one time.
pub(super) const BLOCK: usize = 256 * 1024;
/// How long a client waits for the first bytes of a file: pip gives up at 15 seconds.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it waits for all of a file of which it wants a part.
const PATIENCE_FOR_PARTS: Duration = Duration::from_secs(3);

/// A file, or the core metadata or the provenance beside it.
pub(super) async fn file(
    State(gateway): State<Gateway>,
    Path((sha256, filename)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let unknown = || Refusal::nothing("there is no file at this address");
    let of_metadata = filename.strip_suffix(addresses::METADATA);
    let of_provenance = filename.strip_suffix(addresses::PROVENANCE);
    let filename = of_metadata.or(of_provenance).unwrap_or(&filename);
    if filename.parse::<FileName>().is_err() {
        return Err(unknown());
    }
    if let Some(canary) = Canary::of_file(filename) {
        return Err(canary.refusal(&gateway));
    }
    let found = gateway.find(filename).await?;
    let what = if of_metadata.is_some() {
        Asked::Metadata
    } else {
        Asked::Bytes
    };
    let (model, at) = gateway.examined(found, what).await?;
    let file = model.page.files.get(at).ok_or_else(unknown)?;
    let logged = gateway.log_answer(&model, at).await;
    logged.map_err(|error| Refusal::of_store(&error))?;
    let withheld = withheld(file);
    gateway.0.metrics.decided(withheld.as_ref());
    if let Some(withheld) = withheld {
        let of = (filename, &model.page);
        return Ok(model.refusal(at, || Refusal::of_file(&withheld, of, &gateway)));
    }
    if let Some(known) = evidence::sha256(&file.facts).filter(|_| sha256 == addresses::UNHASHED) {
        return Ok(identity::moved(known, filename));
    }
    let asked: Sha256 = sha256.parse().map_err(|_| unknown())?;
    if evidence::sha256(&file.facts) != Some(asked) {
        let name = Printable::new(filename);
        return Err(Refusal::nothing(&format!(
            "`{name}` has other bytes than those of this address"
        )));
    }
    if of_metadata.is_some() {
        return metadata::answer(&gateway, (&model, file), asked, &headers).await;
    }
    if of_provenance.is_some() {
        return provenance::answer(&gateway, (&model, file), asked, &headers).await;
    }
    gateway.hand_out(&model, file, asked, &headers).await
}

impl Gateway {
    /// The page and the place of a file on it, by its name alone.
    pub(super) async fn find(&self, filename: &str) -> Result<(Arc<Model>, usize), Refusal> {
        let mut trouble = None;
        for project in addresses::projects_of(filename) {
            match self.page(&project).await {
                Ok(model) => {
                    if let Some((at, _)) = model.file(filename) {
                        return Ok((model, at));
                    }
                }
                Err(NoPage::Unknown(evidence::Unknown::Absent(_))) => {}
                Err(no_page) => trouble = Some(Refusal::of_page(no_page, &project, self)),
            }
        }
        let name = Printable::new(filename).shortened(120);
        Err(trouble.unwrap_or_else(|| Refusal::nothing(&format!("no index lists `{name}`"))))
    }

    async fn hand_out(
        &self,
        model: &Model,
        file: &AdmittedFile,
        sha256: Sha256,
        headers: &HeaderMap,
    ) -> Result<Response, Refusal> {
        let filename = &file.facts.filename;
        if is_unchanged(headers, &etag(sha256)) {
            return Ok(with_headers(
                StatusCode::NOT_MODIFIED.into_response(),
                sha256,
            ));
        }
        if let Some(stored) = self.opened(sha256).await? {
            return Ok(of_stored(stored, sha256, headers));
        }
        let of = (&model.page.facts.project, &model.index);
        let mut joined = self.transfer(sha256, &file.facts, of);
        if headers.contains_key(header::RANGE) {
            // A small file is here in a moment. A large one is answered as a whole, which a server may do.
            let ended = joined.ended.clone();
            if let Ok(Err(why)) = timeout(PATIENCE_FOR_PARTS, ended).await {
                return Err(Refusal::of_transfer(filename, &why));
            }
        }
        if joined.ended.peek().is_none() {
            match timeout(PATIENCE, joined.has_begun()).await {
                Err(_) => return Err(Refusal::still_coming(filename)),
                Ok(true) => {
                    let following = Following::new(self.clone(), sha256, joined);
                    return Ok(of_following(following, file.facts.size, sha256));
                }
                // It is over, or nearly so: a small file is one piece.
                Ok(false) => {}
            }
        }
        match timeout(PATIENCE, joined.ended).await {
            Err(_) => Err(Refusal::still_coming(filename)),
            Ok(Err(why)) => Err(Refusal::of_transfer(filename, &why)),
            Ok(Ok(_)) => match self.opened(sha256).await? {
                Some(stored) => Ok(of_stored(stored, sha256, headers)),
                None => Err(Refusal::still_coming(filename)),
            },
        }
    }

    async fn opened(&self, sha256: Sha256) -> Result<Option<Box<dyn StoredFile>>, Refusal> {
        let opened = self.0.store.open(sha256).await;
        opened.map_err(|error| Refusal::of_store(&error))
    }
}

/// The bytes as they come.
fn of_following(following: Following, size: Option<u64>, sha256: Sha256) -> Response {
    let pieces = stream::try_unfold(following, async |mut following| {
        let piece = following.next().await;
        let piece = piece.map_err(|why| std::io::Error::other(why.to_string()))?;
        Ok::<_, std::io::Error>(piece.map(|piece| (piece, following)))
    });
    let body = Body::from_stream(Box::pin(pieces));
    let mut answer = with_headers(body.into_response(), sha256);
    if let Some(size) = size {
        let length = HeaderValue::from(size);
        answer.headers_mut().insert(header::CONTENT_LENGTH, length);
    }
    answer
}

/// What is stored, or the part of it that is asked for.
fn of_stored(stored: Box<dyn StoredFile>, sha256: Sha256, headers: &HeaderMap) -> Response {
    let size = stored.size();
    let condition = text(headers, &header::IF_RANGE);
    let range = text(headers, &header::RANGE)
        .filter(|_| condition.is_none_or(|etag_of| etag_of == etag(sha256)));
    let (status, bytes) = match part(range, size) {
        Part::Whole => (StatusCode::OK, 0..size),
        Part::Some(range) => (StatusCode::PARTIAL_CONTENT, range),
        Part::None => {
            let of = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            return (StatusCode::RANGE_NOT_SATISFIABLE, of).into_response();
        }
    };
    let length = bytes.end - bytes.start;
    let mut answer = (status, read_part(stored, bytes.clone())).into_response();
    let set = answer.headers_mut();
    set.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if status == StatusCode::PARTIAL_CONTENT {
        let (first, last) = (bytes.start, bytes.end - 1);
        if let Ok(range) = HeaderValue::from_str(&format!("bytes {first}-{last}/{size}")) {
            set.insert(header::CONTENT_RANGE, range);
        }
    }
    with_headers(answer, sha256)
}

fn read_part(stored: Box<dyn StoredFile>, bytes: std::ops::Range<u64>) -> Body {
    let blocks = stream::try_unfold((stored, bytes), async |(mut stored, mut left)| {
        if left.is_empty() {
            return Ok(None);
        }
        let most = usize::try_from(left.end - left.start).unwrap_or(BLOCK);
        let block = stored.read(left.start, most.min(BLOCK)).await;
        let block = block.map_err(|error| std::io::Error::other(error.to_string()))?;
        if block.is_empty() {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof));
        }
        left.start += block.len() as u64;
        Ok(Some((axum::body::Bytes::from(block), (stored, left))))
    });
    Body::from_stream(Box::pin(blocks))
}

fn etag(sha256: Sha256) -> String {
    format!("\"{sha256}\"")
}

/// The bytes at an address with their hash never change. Whether they are handed out does, so others than the
/// client itself keep no copy.
fn with_headers(mut answer: Response, sha256: Sha256) -> Response {
    let headers = answer.headers_mut();
    let fixed = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::ACCEPT_RANGES, "bytes"),
        (
            header::CACHE_CONTROL,
            "private, max-age=31536000, immutable",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(etag) = HeaderValue::from_str(&etag(sha256)) {
        headers.insert(header::ETAG, etag);
    }
    answer
}
