//! Things to put into a store.

// Each test binary uses its own part of this module.
#![allow(dead_code)]

use jiff::Timestamp;
use pinproof_core::{Admission, ProjectName};
use pinproof_server::store::records::{Decision, Listed, Page, Sighting, VerdictKey};
use pinproof_server::store::words::{FileName, IndexName, Sha256};
use pinproof_server::store::{Origin, Store, StoreError};

pub(crate) fn project(name: &str) -> ProjectName {
    name.parse().unwrap()
}

pub(crate) fn file(name: &str) -> FileName {
    name.parse().unwrap()
}

pub(crate) fn index(name: &str) -> IndexName {
    name.parse().unwrap()
}

/// A moment of the tests' own time.
pub(crate) fn day(number: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + number * 86_400).unwrap()
}

pub(crate) fn from(name: &str, upstream: &str, at: i64) -> Origin {
    Origin {
        project: project(name),
        upstream: index(upstream),
        at: day(at),
    }
}

pub(crate) fn sighting(name: &str, content: &str) -> Sighting {
    Sighting {
        filename: file(name),
        sha256: Sha256::of(content.as_bytes()),
        size: Some(content.len() as u64),
        upload_time: Some("2026-11-01T12:00:00.123456Z".parse().unwrap()),
    }
}

pub(crate) fn listed(name: &str, version: &str) -> Listed {
    Listed {
        filename: file(name),
        version: Some(version.parse().unwrap()),
        is_yanked: false,
        sighting: Some(sighting(name, name)),
    }
}

pub(crate) fn page(at: i64, body: &str) -> Page {
    Page {
        fetched_at: day(at),
        base: "https://index.example/simple/demo/".to_owned(),
        content_type: "application/vnd.pypi.simple.v1+json".to_owned(),
        etag: Some("\"abc\"".to_owned()),
        last_modified: None,
        serial: Some(17),
        body: body.as_bytes().to_vec(),
    }
}

pub(crate) fn decision(name: &str, admission: Admission, rule: Option<&str>) -> Decision {
    Decision {
        key: VerdictKey {
            project: project("demo"),
            filename: file(name),
            sha256: Sha256::of(name.as_bytes()),
            policy: "sha256:policy".to_owned(),
            evidence: "sha256:evidence".to_owned(),
        },
        upstream: index("pypi"),
        admission,
        rule: rule.map(str::to_owned),
        reason: rule.map(|rule| format!("`{name}` is refused by {rule}\n\u{1b}[31m")),
        decided_at: day(0),
        next_change_at: rule.map(|_| day(7)),
    }
}

/// Stores a file.
pub(crate) async fn store_file(store: &dyn Store, content: &[u8]) -> Result<Sha256, StoreError> {
    let hash = Sha256::of(content);
    let mut incoming = store.receive().await?;
    for part in content.chunks(10_000) {
        incoming.write(part.to_vec()).await?;
    }
    incoming.finish(hash, Some(content.len() as u64)).await?;
    Ok(hash)
}

/// The bytes of a stored file.
pub(crate) async fn bytes(store: &dyn Store, hash: Sha256) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(mut file) = store.open(hash).await? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    loop {
        let next = file.read(bytes.len() as u64, 7_000).await?;
        if next.is_empty() {
            assert_eq!(bytes.len() as u64, file.size());
            return Ok(Some(bytes));
        }
        bytes.extend(next);
    }
}
