//! The hash of a file whose index publishes none: that of the bytes that were fetched first, for ever.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use pinproof_core::{FileFacts, HashAlgorithm, Printable};
use pinproof_engine::sources::Index;
use sha2::digest::DynDigest;
use tokio::sync::watch;

use super::quarantine::{Examiner, Finds, Found, Held};
use super::transfer::{LIMIT, Written};
use super::{Gateway, addresses, evidence};
use crate::store::records::Sighting;
use crate::store::words::Sha256;
use crate::store::{Origin, Store};

/// Pins files without a published hash.
pub(super) struct Identity;

impl Examiner for Identity {
    fn is_open<'a>(&'a self, file: &'a FileFacts, _: &'a dyn Store) -> BoxFuture<'a, Finds<bool>> {
        async move { Ok(evidence::sha256(file).is_none()) }.boxed()
    }

    fn examine<'a>(&'a self, held: &'a Held, store: &'a dyn Store) -> BoxFuture<'a, Finds<Found>> {
        async move {
            if evidence::sha256(&held.facts).is_some() {
                return Ok(Found::Nothing);
            }
            let unnamed = |_| Printable::new("it has a name that cannot be kept");
            let origin = Origin {
                project: held.project.clone(),
                upstream: held.index.name.parse().map_err(unnamed)?,
                at: held.at,
            };
            let seen = Sighting {
                filename: held.facts.filename.parse().map_err(unnamed)?,
                sha256: held.sha256,
                size: Some(held.size),
                upload_time: held.facts.uploaded_at,
            };
            let pinned = store.pin(origin, vec![seen]).await;
            let pinned = pinned.map_err(|error| Printable::from(error.to_string()))?;
            match pinned.first() {
                Some(pinned) if pinned.is_changed => Err(Printable::new(
                    "its bytes are not the first that were seen under its name",
                )),
                Some(pinned) => Ok(Found::Hash(pinned.pin.first.sha256)),
                None => Err(Printable::new("the store did not pin it")),
            }
        }
        .boxed()
    }
}

impl Gateway {
    /// Fetches a file of which no SHA-256 is known. What else is published of it has to be right.
    pub(super) async fn receive_unhashed(
        &self,
        file: &FileFacts,
        index: &Index,
    ) -> Result<(Sha256, u64), Printable> {
        let said = |error: &dyn std::fmt::Display| Printable::from(error.to_string());
        let mut digests = Digests::of(file);
        // Nobody is sent anything of it before it is complete.
        let (to, _) = watch::channel(Written::default());
        let receiving = self.receive((file, index), &to, |piece| digests.update(piece));
        let incoming = tokio::time::timeout(LIMIT, receiving).await;
        let incoming = incoming.map_err(|_| Printable::new("it takes too long"))??;
        digests.compare()?;
        let kept = incoming.keep(file.size).await;
        kept.map_err(|error| said(&error))
    }
}

/// The address of a file under its hash, for a client that asked for it before anybody knew the hash.
pub(super) fn moved(sha256: Sha256, filename: &str) -> Response {
    let location = addresses::beside(sha256, filename);
    let Ok(location) = HeaderValue::from_str(&location) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::LOCATION, location),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (StatusCode::FOUND, headers).into_response()
}

/// The strong hashes that are published of a file instead of a SHA-256, and those of its bytes so far.
struct Digests(Vec<(String, Box<dyn DynDigest + Send>)>);

impl Digests {
    fn of(file: &FileFacts) -> Self {
        let published = file.hashes.iter().filter_map(|hash| {
            let digest: Box<dyn DynDigest + Send> = match hash.algorithm() {
                HashAlgorithm::Sha512 => Box::new(sha2::Sha512::default()),
                HashAlgorithm::Sha384 => Box::new(sha2::Sha384::default()),
                _ => return None,
            };
            Some((hash.digest().to_owned(), digest))
        });
        Self(published.collect())
    }

    fn update(&mut self, bytes: &[u8]) {
        for (_, digest) in &mut self.0 {
            digest.update(bytes);
        }
    }

    fn compare(self) -> Result<(), Printable> {
        let is_other = |(published, digest): (String, Box<dyn DynDigest + Send>)| {
            let found = digest.finalize();
            let digits: Vec<String> = found.iter().map(|byte| format!("{byte:02x}")).collect();
            digits.concat() != published
        };
        if self.0.into_iter().any(is_other) {
            return Err(Printable::new(
                "its bytes are not those that its index gives the hash of",
            ));
        }
        Ok(())
    }
}
