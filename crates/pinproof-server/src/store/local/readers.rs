//! Those who read: a few connections that see what is committed, beside the one who writes.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::schema;
use crate::store::error::StoreError;

/// Reads at one time; more would wait for the same disk.
const MOST: usize = 8;

/// Connections that read, and those that rest.
#[derive(Clone, Debug)]
pub(super) struct Readers {
    path: PathBuf,
    places: Arc<Semaphore>,
    resting: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    /// Readers of the database at `path`.
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            places: Arc::new(Semaphore::new(MOST)),
            resting: Arc::default(),
        }
    }

    /// Reads something on a thread that may wait, all of it at one moment.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let _place = place.map_err(|_| StoreError::Closed)?;
        let readers = self.clone();
        blocking(move || {
            let connection = readers.take()?;
            let read = super::at_one_moment(&connection, work);
            if read.is_ok() {
                readers.rest(connection);
            }
            read
        })
        .await
    }

    fn take(&self) -> Result<Connection, StoreError> {
        let resting = self.resting.lock();
        let rested = resting.unwrap_or_else(PoisonError::into_inner).pop();
        rested.map_or_else(|| schema::open_for_reading(&self.path), Ok)
    }

    fn rest(&self, connection: Connection) {
        let resting = self.resting.lock();
        resting
            .unwrap_or_else(PoisonError::into_inner)
            .push(connection);
    }
}

/// Does something that waits for the disk.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| StoreError::Closed)?
}
