//! Wheels and source distributions made for a test, and the questions asked about them.

use crate::support::{Reply, Server, client, project};
use flate2::Compression;
use flate2::write::GzEncoder;
use pinproof_core::project_facts::{MetadataObstacle, ReleaseMetadata};
use pinproof_core::{Answer, FileFacts, Hash, HashAlgorithm, ReleaseFacts};
use pinproof_sources::{Index, IndexClient, Release};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

pub(crate) type Found = Answer<Result<ReleaseMetadata, MetadataObstacle>>;

pub(crate) const WHEEL: &str = "demo-1.0-py3-none-any.whl";
pub(crate) const SDIST: &str = "demo-1.0.tar.gz";
pub(crate) const METADATA: &str = "demo-1.0.dist-info/METADATA";

pub(crate) fn metadata(extra: &str) -> String {
    let head = "Metadata-Version: 2.2\nName: Demo\nVersion: 1.0\nRequires-Dist: click\n";
    format!(
        "{head}{}\n\nRequires-Dist: from-the-body\n",
        extra.trim_end()
    )
    .replace("\n\n\n", "\n\n")
}

pub(crate) fn sha256(bytes: &[u8]) -> Hash {
    let mut digits = String::new();
    for byte in Sha256::digest(bytes) {
        let _ = write!(digits, "{byte:02x}");
    }
    Hash::new(HashAlgorithm::Sha256, &digits).unwrap()
}

/// A wheel of these members, in this order.
pub(crate) fn wheel(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in members {
        zip.start_file(*name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Bytes that do not compress.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

pub(crate) fn sdist(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, content) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, *content).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

pub(crate) fn file(origin: &str, name: &str, bytes: &[u8]) -> FileFacts {
    FileFacts {
        filename: name.to_owned(),
        url: format!("{origin}/files/{name}"),
        hashes: vec![sha256(bytes)],
        size: Some(bytes.len() as u64),
        uploaded_at: None,
        yanked: None,
        requires_python: None,
        core_metadata: None,
        provenance: None,
    }
}

pub(crate) async fn ask(client: &IndexClient, index: &Index, files: Vec<FileFacts>) -> Found {
    let release = Release {
        project: &project("demo"),
        version: &"1.0".parse().unwrap(),
        files: &ReleaseFacts { files },
    };
    client.metadata(index, release, &|_| 0).await
}

/// What a server that has only this file leads to.
pub(crate) async fn ask_for(name: &str, bytes: &[u8]) -> Found {
    let content = bytes.to_owned();
    let server = Server::start(move |seen| Reply::file(&content, seen)).await;
    ask(
        &client(),
        &server.index(),
        vec![file(&server.origin, name, bytes)],
    )
    .await
}

pub(crate) fn requires(found: Found) -> Vec<String> {
    match found {
        Answer::Known(Ok(metadata)) => metadata.requires_dist,
        other => panic!("not known: {other:?}"),
    }
}

pub(crate) fn why(found: Found) -> String {
    match found {
        Answer::Unavailable(reason) => reason.why.to_string(),
        other => panic!("not unavailable: {other:?}"),
    }
}

pub(crate) async fn why_wheel(members: &[(&str, &[u8])]) -> String {
    let why = why(ask_for(WHEEL, &wheel(members)).await);
    why.strip_prefix(&format!("{WHEEL}: ")).unwrap().to_owned()
}
