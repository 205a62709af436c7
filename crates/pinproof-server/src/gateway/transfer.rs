//! Bytes from an upstream into the store: once, however many ask for them, and nobody gets all of a wrong file.
//!
//! Whoever asks is sent the bytes as they come, from the first one on, except the newest piece, which waits for the
//! hash. A client that goes away, or is slow, does not hold up the transfer: everybody reads what is on the disk.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use pinproof_core::{FileFacts, Printable, ProjectName};
use pinproof_engine::sources::{Index, Wanted};
use tokio::sync::watch;
use tokio::time::timeout;

use super::Gateway;
use super::quarantine::Held;
use crate::store::words::Sha256;
use crate::store::{Incoming, StoredFile, Window};

/// How long one file may take.
pub(super) const LIMIT: Duration = Duration::from_hours(1);

/// How a transfer ended: the size of the file, or why it is not here.
pub(super) type Ended = Result<u64, Printable>;

/// The transfers under way.
#[derive(Default)]
pub(super) struct Transfers(Mutex<HashMap<Sha256, Joined>>);

/// A transfer that somebody joined.
#[derive(Clone)]
pub(super) struct Joined {
    /// Over when the bytes are in the store, or will not come.
    pub(super) ended: Shared<BoxFuture<'static, Ended>>,
    written: watch::Receiver<Written>,
}

/// What may be handed out of a file that is not complete.
#[derive(Clone, Default)]
pub(super) struct Written {
    window: Option<Arc<dyn Window>>,
    /// The bytes before the newest piece.
    bytes: u64,
}

impl Joined {
    /// Whether there are bytes to hand out, before the end; waits until that is known.
    pub(super) async fn has_begun(&mut self) -> bool {
        // An error is the end of the transfer.
        let begun = self.written.wait_for(|written| written.bytes > 0).await;
        begun.is_ok()
    }
}

impl Gateway {
    /// Joins the transfer of a file, or starts it.
    pub(super) fn transfer(
        &self,
        sha256: Sha256,
        file: &FileFacts,
        (project, index): (&ProjectName, &Index),
    ) -> Joined {
        let mut transfers = self.0.transfers.lock();
        if let Some(joined) = transfers.get(&sha256) {
            return joined.clone();
        }
        let (sender, written) = watch::channel(Written::default());
        let gateway = self.clone();
        let held = self.held((project, index), file, (sha256, 0));
        let project = project.clone();
        // Whoever stops waiting does not stop it.
        let task = tokio::spawn(async move {
            let fetching = AssertUnwindSafe(gateway.fetch(held, sender));
            let ended = match timeout(LIMIT, fetching.catch_unwind()).await {
                Ok(Ok(ended)) => ended,
                Ok(Err(_)) => {
                    gateway.0.metrics.panicked();
                    Err(Printable::new("it met a bug of pinproof"))
                }
                Err(_) => Err(Printable::new("it takes too long")),
            };
            gateway.0.metrics.transfer_ended(ended.is_ok());
            gateway.0.pages.note_stored(&project);
            gateway.0.transfers.lock().remove(&sha256);
            ended
        });
        let ended = async move {
            let stopped = |_| Err(Printable::new("it is being stopped"));
            task.await.unwrap_or_else(stopped)
        };
        let ended = ended.boxed().shared();
        let joined = Joined { ended, written };
        transfers.insert(sha256, joined.clone());
        joined
    }

    /// Fetches the bytes, and has them examined before the last of them goes out.
    async fn fetch(&self, mut held: Held, to: watch::Sender<Written>) -> Ended {
        let incoming = self
            .receive((&held.facts, &held.index), &to, |_| ())
            .await?;
        let finished = incoming.finish(held.sha256, held.facts.size).await;
        held.size = finished.map_err(|error| Printable::from(error.to_string()))?;
        self.examine(&held).await?;
        Ok(held.size)
    }

    /// Takes the bytes of a file as they come; each piece is shown to `look`.
    pub(super) async fn receive(
        &self,
        (file, index): (&FileFacts, &Index),
        to: &watch::Sender<Written>,
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
        let window = incoming.window().await.map_err(|error| said(&error))?;
        to.send_modify(|written| written.window = Some(window));
        let mut newest = 0;
        while let Some(piece) = stream.next().await.map_err(|error| said(&error))? {
            self.0.metrics.transferred(piece.len());
            look(&piece);
            let length = piece.len() as u64;
            let taken = incoming.write(piece).await;
            taken.map_err(|error| said(&error))?;
            to.send_modify(|written| written.bytes += newest);
            newest = length;
        }
        Ok(incoming)
    }
}

impl Transfers {
    /// How many are under way.
    pub(super) fn running(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Sha256, Joined>> {
        // A panic elsewhere leaves the map whole: an entry is inserted in one step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes of a transfer as a client reads them: what has come so far, and the rest from the store.
pub(super) struct Following {
    gateway: Gateway,
    sha256: Sha256,
    joined: Joined,
    /// What was sent.
    at: u64,
    stored: Option<Box<dyn StoredFile>>,
}

impl Following {
    /// Follows a transfer from the first byte on.
    pub(super) fn new(gateway: Gateway, sha256: Sha256, joined: Joined) -> Self {
        Self {
            gateway,
            sha256,
            joined,
            at: 0,
            stored: None,
        }
    }

    /// The next bytes; an error ends the connection, so that nobody takes a part for the whole.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Printable> {
        let block = match self.written().await? {
            Some(block) => block,
            None => self.stored().await?,
        };
        self.at += block.len() as u64;
        Ok((!block.is_empty()).then(|| Bytes::from(block)))
    }

    /// What has come and was not sent yet; `None` when nothing more will come.
    async fn written(&mut self) -> Result<Option<Vec<u8>>, Printable> {
        if self.stored.is_some() {
            return Ok(None);
        }
        let at = self.at;
        let more = self.joined.written.wait_for(|written| written.bytes > at);
        let Ok(written) = more.await.map(|written| written.clone()) else {
            return Ok(None);
        };
        let Some(window) = written.window else {
            return Ok(None);
        };
        let most = usize::try_from(written.bytes - at).unwrap_or(super::files::BLOCK);
        let block = window.read(at, most.min(super::files::BLOCK)).await;
        let block = block.map_err(|error| Printable::from(error.to_string()))?;
        // Bytes that were written and are not there are no end of the file.
        if block.is_empty() {
            return Err(Printable::new("the bytes that came are not there any more"));
        }
        Ok(Some(block))
    }

    async fn stored(&mut self) -> Result<Vec<u8>, Printable> {
        if self.stored.is_none() {
            self.joined.ended.clone().await?;
            let opened = self.gateway.0.store.open(self.sha256).await;
            self.stored = opened.map_err(|error| Printable::from(error.to_string()))?;
        }
        let Some(stored) = &mut self.stored else {
            return Err(Printable::new("the store does not have it"));
        };
        let block = stored.read(self.at, super::files::BLOCK).await;
        block.map_err(|error| Printable::from(error.to_string()))
    }
}
