//! Where the body of an answer goes: memory, or a temporary file while its hash is taken.

use std::io::{self, Seek, Write};

use pinproof_core::{Hash, HashAlgorithm};
use sha2::{Digest, Sha256};
use tempfile::SpooledTempFile;

/// Bodies up to this size stay in memory.
const SPOOL_BYTES: usize = 2 * 1024 * 1024;

/// Takes the chunks of a body; each try of a request starts with a fresh one.
pub(crate) trait Sink: Sized + Send {
    /// An empty sink.
    fn empty() -> Self;
    /// Takes the next chunk.
    fn take(&mut self, chunk: &[u8]) -> io::Result<()>;
}

impl Sink for Vec<u8> {
    fn empty() -> Self {
        Self::new()
    }

    fn take(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.extend_from_slice(chunk);
        Ok(())
    }
}

/// A body that may be large: small ones stay in memory, others go to an unnamed temporary file.
#[derive(Debug)]
pub(crate) struct Spool {
    file: SpooledTempFile,
    digest: Sha256,
}

impl Sink for Spool {
    fn empty() -> Self {
        Self {
            file: SpooledTempFile::new(SPOOL_BYTES),
            digest: Sha256::new(),
        }
    }

    fn take(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.digest.update(chunk);
        self.file.write_all(chunk)
    }
}

impl Spool {
    /// The file, at its start, and the SHA-256 of what it holds.
    pub(crate) fn finish(mut self) -> io::Result<(SpooledTempFile, Hash)> {
        self.file.rewind()?;
        let hash = sha256(&self.digest.finalize())?;
        Ok((self.file, hash))
    }
}

fn sha256(digest: &[u8]) -> io::Result<Hash> {
    Hash::new(HashAlgorithm::Sha256, &crate::hex::encode(digest)).map_err(io::Error::other)
}
