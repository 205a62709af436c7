//! Fetches what is planned: several files at a time, each for itself.

use std::fs;
use std::io;
use std::path::Path;

use futures_util::stream::{self, StreamExt as _};
use pinproof_core::Printable;
use pinproof_sources::IndexClient;
use pinproof_sources::download::{Meter, Trouble, Wanted};

use super::bundle::Bundle;
use super::item::{FileState, Outcome, PlannedFile};

/// Files on their way at one time.
const AT_ONCE: usize = 8;

/// Told how far the fetching is.
pub trait Transfer: Meter {
    /// So many files begin, with so many bytes if their sizes are known.
    fn begin(&self, files: usize, bytes: Option<u64>);
    /// One more file is there, or will not be.
    fn file_done(&self);
    /// Everything is there, or will not be.
    fn end(&self);
}

/// Fetches the files of `bundle` into `folder`, which is made if it is missing.
pub async fn fetch(
    bundle: &mut Bundle,
    folder: &Path,
    client: &IndexClient,
    transfer: &impl Transfer,
) {
    if !bundle.errors.is_empty() || !bundle.refused.is_empty() {
        return;
    }
    let mut files: Vec<&mut PlannedFile> = bundle
        .items
        .iter_mut()
        .filter_map(|item| match &mut item.outcome {
            Outcome::Admitted(files) => Some(files),
            _ => None,
        })
        .flatten()
        .collect();
    if files.is_empty() {
        return;
    }
    if let Err(error) = made(folder) {
        for file in files {
            file.state = FileState::Failed {
                trouble: Trouble::Machine,
                why: Printable::from(format!("the folder cannot be made: {error}")),
            };
        }
        return;
    }
    let sizes: Option<u64> = files.iter().map(|file| file.size).sum();
    transfer.begin(files.len(), sizes);
    stream::iter(files.iter_mut())
        .for_each_concurrent(AT_ONCE, |file| async move {
            file.state = fetched(file, folder, client, transfer).await;
            transfer.file_done();
        })
        .await;
    transfer.end();
}

fn made(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

async fn fetched(
    file: &PlannedFile,
    folder: &Path,
    client: &IndexClient,
    meter: &dyn Meter,
) -> FileState {
    let wanted = Wanted {
        filename: &file.filename,
        url: &file.url,
        index: file.index.as_ref(),
        hashes: &file.hashes,
        size: file.size,
    };
    match client.download(&wanted, folder, meter).await {
        Ok(downloaded) => FileState::There(downloaded),
        Err(error) => FileState::Failed {
            trouble: error.trouble(),
            why: Printable::from(error.to_string()),
        },
    }
}
