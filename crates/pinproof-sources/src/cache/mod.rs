//! Facts on disk, with a time to live of our own: some indexes send nothing to revalidate with.
//!
//! Everything is in the folder `facts-v1` of the cache folder: `INDEX/projects/NAME` for pages (see
//! [`entry`]), `INDEX/metadata/SHA256` for the metadata of one file, which never changes. `INDEX` is
//! a digest of the index's address with the user and without the password. Nothing one index said
//! is ever an answer of another. Files are replaced as a whole, so processes may share the folder.

pub(crate) mod entry;
mod folder;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use pinproof_core::{Hash, IndexUrl, Printable, ProjectName};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

pub use folder::{CacheError, CacheSize, asked_about, clean, size};

use crate::hex;
use entry::{Entry, Key};

/// Entries larger than this are not written: a page has at most 64 MiB.
const MAX_ENTRY_BYTES: usize = 128 * 1024 * 1024;

/// A folder of cached facts; one that cannot be used is as good as an empty one.
#[derive(Clone, Debug)]
pub(crate) struct Cache {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    root: PathBuf,
    /// Whether the folder was prepared for writing, or why it could not be.
    prepared: OnceLock<Result<(), CacheError>>,
    /// The first reason why something could not be written.
    trouble: OnceLock<Printable>,
}

/// What one index is called in the cache.
#[derive(Clone, Debug)]
pub(crate) struct IndexKey([u8; 32]);

impl IndexKey {
    /// The key of an index: its address with the user, whose view of it may be their own, and
    /// without the password, which may change.
    pub(crate) fn new(index: &IndexUrl) -> Self {
        let mut url = index.with_credentials().clone();
        // This fails only for addresses without a host, which have no password.
        let _ = url.set_password(None);
        Self(Sha256::digest(url.as_str()).into())
    }

    /// The key of a project's page.
    pub(crate) fn page(&self, project: &ProjectName) -> Key {
        let digest = Sha256::new()
            .chain_update(self.0)
            .chain_update(project.as_str());
        digest.finalize().into()
    }

    fn folder(&self) -> String {
        hex::encode(&self.0[..16])
    }
}

impl Cache {
    pub(crate) fn new(cache_dir: &Path) -> Self {
        Self {
            shared: Arc::new(Shared {
                root: cache_dir.join(folder::NAME),
                prepared: OnceLock::new(),
                trouble: OnceLock::new(),
            }),
        }
    }

    /// Why the cache cannot be written, if that happened.
    pub(crate) fn trouble(&self) -> Option<Printable> {
        self.shared.trouble.get().cloned()
    }

    /// The cached page of a project, whatever its age; a damaged one is none.
    pub(crate) fn page(&self, index: &IndexKey, project: &ProjectName) -> Option<Entry<File>> {
        let file = self.open(&self.page_path(index, project))?;
        Entry::open(file, &index.page(project)).ok()
    }

    /// The same page as it is stored, whole.
    pub(crate) fn page_bytes(&self, index: &IndexKey, project: &ProjectName) -> Option<Vec<u8>> {
        let file = self.open(&self.page_path(index, project))?;
        crate::ask_page::read_bounded(file, MAX_ENTRY_BYTES as u64)
    }

    /// Stores an encoded page.
    pub(crate) fn store_page(&self, index: &IndexKey, project: &ProjectName, entry: &[u8]) {
        if entry.len() <= MAX_ENTRY_BYTES {
            self.store(&self.page_path(index, project), entry);
        }
    }

    /// What was stored about the file with that hash, as this index serves it.
    pub(crate) fn metadata<T: DeserializeOwned>(&self, index: &IndexKey, file: &Hash) -> Option<T> {
        let mut bytes = Vec::new();
        let file = self.open(&self.metadata_path(index, file))?;
        file.take(MAX_ENTRY_BYTES as u64)
            .read_to_end(&mut bytes)
            .ok()?;
        entry::unseal(&bytes)
    }

    /// Stores what is known about the file with that hash: it never changes.
    pub(crate) fn store_metadata<T: Serialize>(&self, index: &IndexKey, file: &Hash, value: &T) {
        if let Ok(bytes) = entry::seal(value) {
            self.store(&self.metadata_path(index, file), &bytes);
        }
    }

    fn page_path(&self, index: &IndexKey, project: &ProjectName) -> PathBuf {
        let folder = self.shared.root.join(index.folder()).join(folder::PAGES);
        folder.join(folder::page_name(project))
    }

    fn metadata_path(&self, index: &IndexKey, file: &Hash) -> PathBuf {
        let folder = self.shared.root.join(index.folder()).join(folder::METADATA);
        folder.join(file.digest())
    }

    fn open(&self, path: &Path) -> Option<File> {
        let usable = self
            .shared
            .prepared
            .get_or_init(|| folder::check(&self.shared.root));
        if let Err(error) = usable {
            self.note(error);
            return None;
        }
        File::open(path).ok()
    }

    fn store(&self, path: &Path, bytes: &[u8]) {
        let usable = self
            .shared
            .prepared
            .get_or_init(|| folder::check(&self.shared.root));
        let stored = match usable {
            Ok(()) => folder::replace(&self.shared.root, path, bytes),
            Err(error) => return self.note(error),
        };
        if let Err(error) = stored {
            self.note(&error);
        }
    }

    fn note(&self, error: &CacheError) {
        let _ = self.shared.trouble.set(Printable::from(error.to_string()));
    }
}
