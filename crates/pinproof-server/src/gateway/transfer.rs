//! Bytes from an upstream into the store: once, however many ask for them, and nobody gets all of a wrong file.
//!
//! Whoever asks first is sent the bytes as they come, except the newest piece, which waits for the hash. A client
//! that goes away, or is slow, does not hold up the transfer: it reads the rest from the store.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use pinproof_core::{FileFacts, Printable};
use pinproof_engine::sources::{Index, Wanted};
use tokio::sync::broadcast;
use tokio::time::timeout;

use super::Gateway;
use super::model::Model;
use super::quarantine::Held;
use crate::store::Incoming;
use crate::store::words::Sha256;

/// Pieces that wait for a client before it has to read from the store.
const AHEAD: usize = 64;
/// How long one file may take.
pub(super) const LIMIT: Duration = Duration::from_hours(1);

/// How a transfer ended: the size of the file, or why it is not here.
pub(super) type Ended = Result<u64, Printable>;

/// The transfers under way.
#[derive(Default)]
pub(super) struct Transfers(Mutex<HashMap<Sha256, Shared<BoxFuture<'static, Ended>>>>);

/// A transfer that somebody joined.
pub(super) struct Joined {
    /// Over when the bytes are in the store, or will not come.
    pub(super) ended: Shared<BoxFuture<'static, Ended>>,
    /// The bytes from the start, for whoever asked first.
    pub(super) pieces: Option<broadcast::Receiver<Bytes>>,
}

impl Gateway {
    /// Joins the transfer of a file, or starts it.
    pub(super) fn transfer(&self, sha256: Sha256, file: &FileFacts, model: &Model) -> Joined {
        let mut transfers = self.0.transfers.lock();
        if let Some(ended) = transfers.get(&sha256) {
            return Joined {
                ended: ended.clone(),
                pieces: None,
            };
        }
        let (sender, pieces) = broadcast::channel(AHEAD);
        let (gateway, held) = (self.clone(), self.held(model, file, (sha256, 0)));
        let task = tokio::spawn(async move {
            let limited = timeout(LIMIT, gateway.fetch(held, sender)).await;
            let ended = limited.unwrap_or_else(|_| Err(Printable::new("it takes too long")));
            gateway.0.transfers.lock().remove(&sha256);
            ended
        });
        let ended = async move {
            let stopped = |_| Err(Printable::new("it is being stopped"));
            task.await.unwrap_or_else(stopped)
        };
        let ended = ended.boxed().shared();
        transfers.insert(sha256, ended.clone());
        Joined {
            ended,
            pieces: Some(pieces),
        }
    }

    /// Fetches the bytes, and has them examined before the last of them goes out.
    async fn fetch(&self, mut held: Held, to: broadcast::Sender<Bytes>) -> Ended {
        let mut newest: Option<Bytes> = None;
        let incoming = self.receive(&held.facts, &held.index, |piece| {
            if let Some(earlier) = newest.replace(Bytes::copy_from_slice(piece)) {
                // Nobody may be there any more.
                let _ = to.send(earlier);
            }
        });
        let finished = incoming.await?.finish(held.sha256, held.facts.size).await;
        held.size = finished.map_err(|error| Printable::from(error.to_string()))?;
        self.examine(&held).await?;
        Ok(held.size)
    }

    /// Takes the bytes of a file as they come; each piece is shown to `look`.
    pub(super) async fn receive(
        &self,
        file: &FileFacts,
        index: &Index,
        mut look: impl FnMut(&[u8]),
    ) -> Result<Box<dyn Incoming>, Printable> {
        let said = |why: &dyn std::fmt::Display| Printable::from(why.to_string());
        if file.url.is_empty() {
            return Err(Printable::new("its index does not list it any more"));
        }
        let wanted = Wanted {
            filename: &file.filename,
            url: &file.url,
            index: Some(&index.url),
            hashes: &file.hashes,
            size: file.size,
        };
        let gate = self.gate();
        let client = gate.client();
        let mut stream = client.open(&wanted).await.map_err(|error| said(&error))?;
        let mut incoming = self.0.store.receive().await.map_err(|error| said(&error))?;
        while let Some(piece) = stream.next().await.map_err(|error| said(&error))? {
            look(&piece);
            let written = incoming.write(piece).await;
            written.map_err(|error| said(&error))?;
        }
        Ok(incoming)
    }
}

impl Transfers {
    fn lock(&self) -> MutexGuard<'_, HashMap<Sha256, Shared<BoxFuture<'static, Ended>>>> {
        // A panic elsewhere leaves the map whole: an entry is inserted in one step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes of a transfer as a client reads them: as they come, and from the store where it was too slow.
pub(super) struct Following {
    gateway: Gateway,
    sha256: Sha256,
    joined: Joined,
    /// The first piece, until it is sent.
    first: Option<Bytes>,
    /// What was sent.
    at: u64,
    stored: Option<Box<dyn crate::store::StoredFile>>,
}

impl Following {
    /// Follows a transfer of which somebody has taken the first piece.
    pub(super) fn new(gateway: Gateway, sha256: Sha256, (joined, first): (Joined, Bytes)) -> Self {
        Self {
            gateway,
            sha256,
            joined,
            first: Some(first),
            at: 0,
            stored: None,
        }
    }

    /// The next bytes; an error ends the connection, so that nobody takes a part for the whole.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Printable> {
        if let Some(first) = self.first.take() {
            self.at = first.len() as u64;
            return Ok(Some(first));
        }
        if let Some(pieces) = &mut self.joined.pieces {
            if let Ok(piece) = pieces.recv().await {
                self.at += piece.len() as u64;
                return Ok(Some(piece));
            }
            // It is over, or this client was too slow for what is kept ahead.
            self.joined.pieces = None;
        }
        if self.stored.is_none() {
            self.joined.ended.clone().await?;
            let opened = self.gateway.0.store.open(self.sha256).await;
            self.stored = opened.map_err(|error| Printable::from(error.to_string()))?;
        }
        let Some(stored) = &mut self.stored else {
            return Err(Printable::new("the store does not have it"));
        };
        let block = stored.read(self.at, super::files::BLOCK).await;
        let block = block.map_err(|error| Printable::from(error.to_string()))?;
        self.at += block.len() as u64;
        Ok((!block.is_empty()).then(|| Bytes::from(block)))
    }
}
