//! Fetches what is planned: several files at a time, each for itself.

use std::collections::BTreeSet;
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
    let files: Vec<&mut PlannedFile> = bundle
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
    let (mut first, again) = told_apart(files);
    let sizes: Option<u64> = first.iter().map(|file| file.size).sum();
    transfer.begin(first.len(), sizes);
    stream::iter(first.iter_mut())
        .for_each_concurrent(AT_ONCE, |file| async move {
            file.state = fetched(file, folder, client, transfer).await;
            transfer.file_done();
        })
        .await;
    transfer.end();
    for file in again {
        if let Some(same) = first.iter().find(|one| is_same(one, file)) {
            file.state = same.state.clone();
        }
    }
}

/// Each file once, and those that are asked for again: two requirements may want the same wheel.
fn told_apart(files: Vec<&mut PlannedFile>) -> (Vec<&mut PlannedFile>, Vec<&mut PlannedFile>) {
    let mut seen = BTreeSet::new();
    files
        .into_iter()
        .partition(|file| seen.insert((file.filename.clone(), file.hashes.clone())))
}

fn is_same(one: &PlannedFile, other: &PlannedFile) -> bool {
    one.filename == other.filename && one.hashes == other.hashes
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
