//! A distribution is there under its name when its bytes are right, and never before: whatever the server does.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

#[path = "../support/mod.rs"]
mod support;

mod bytes;
mod resuming;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};

use pinproof_core::{Hash, HashAlgorithm, IndexUrl};
use pinproof_sources::download::{DownloadError, Downloaded, Meter, Trouble, Wanted};
use sha2::{Digest as _, Sha256};
use support::{Reply, Server, client};
use tempfile::TempDir;

const NAME: &str = "demo-1.0-py3-none-any.whl";

#[derive(Default)]
struct Count(AtomicI64);

impl Meter for Count {
    fn received(&self, bytes: u64) {
        self.0
            .fetch_add(i64::try_from(bytes).unwrap(), Ordering::Relaxed);
    }

    fn discarded(&self, bytes: u64) {
        self.0
            .fetch_sub(i64::try_from(bytes).unwrap(), Ordering::Relaxed);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn sha256(bytes: &[u8]) -> Hash {
    Hash::new(HashAlgorithm::Sha256, &hex(&Sha256::digest(bytes))).unwrap()
}

/// 200 kB that no compression and no repetition helps with.
fn content() -> Vec<u8> {
    let blocks = (0..6_400_u32).flat_map(|at| Sha256::digest(at.to_le_bytes()).to_vec());
    blocks.collect()
}

/// What is asked for, with everything that an index says of it.
struct Ask {
    folder: TempDir,
    url: String,
    hashes: Vec<Hash>,
    size: Option<u64>,
    index: Option<IndexUrl>,
    name: String,
}

impl Ask {
    fn of(server: &Server) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            url: format!("{}/files/{NAME}", server.origin),
            hashes: vec![sha256(&content())],
            size: Some(content().len() as u64),
            index: Some(IndexUrl::parse(&format!("{}/simple/", server.origin)).unwrap()),
            name: NAME.to_owned(),
        }
    }

    async fn run(&self) -> Result<Downloaded, DownloadError> {
        let meter = Count::default();
        let result = self.run_with(&meter).await;
        if let Ok(done) = &result {
            assert_eq!(
                meter.0.load(Ordering::Relaxed),
                i64::try_from(done.size).unwrap()
            );
            assert_eq!(sha256(&fs::read(&done.path).unwrap()), done.sha256);
        }
        result
    }

    async fn run_with(&self, meter: &Count) -> Result<Downloaded, DownloadError> {
        let wanted = Wanted {
            filename: &self.name,
            url: &self.url,
            index: self.index.as_ref(),
            hashes: &self.hashes,
            size: self.size,
        };
        client().download(&wanted, self.folder.path(), meter).await
    }

    async fn error(&self) -> DownloadError {
        let error = self.run().await.unwrap_err();
        assert!(!self.target().exists(), "{error}");
        error
    }

    fn target(&self) -> PathBuf {
        self.folder.path().join(&self.name)
    }

    /// The names in the folder.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    /// Leaves these bytes of an earlier run: a server that breaks off makes them.
    async fn begin_with(&self, bytes: &[u8]) -> PathBuf {
        let broken = Server::always(promising(content().len(), bytes)).await;
        let ask = Self {
            url: format!("{}/x", broken.origin),
            folder: tempfile::tempdir().unwrap(),
            hashes: self.hashes.clone(),
            index: None,
            name: self.name.clone(),
            size: self.size,
        };
        assert_eq!(ask.error().await.trouble(), Trouble::Unavailable);
        let [name] = &ask.names()[..] else {
            panic!("{:?}", ask.names())
        };
        let left = self.folder.path().join(name);
        fs::copy(ask.folder.path().join(name), &left).unwrap();
        assert_eq!(fs::read(&left).unwrap(), bytes);
        left
    }
}

fn promising(length: usize, bytes: &[u8]) -> Reply {
    let head = format!("HTTP/1.1 200 X\r\ncontent-length: {length}\r\n\r\n");
    Reply::Raw([head.as_bytes(), bytes].concat())
}

async fn serving(file: Vec<u8>) -> Server {
    Server::start(move |seen| Reply::file(&file, seen)).await
}

fn ranges(server: &Server) -> Vec<Option<String>> {
    let seen = server.seen();
    seen.iter()
        .map(|seen| seen.header("range").map(str::to_owned))
        .collect()
}
