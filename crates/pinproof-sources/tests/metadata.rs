//! Metadata of releases: from the cheapest file, checked, and refused where two readers could disagree.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

mod support;

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use pinproof_core::project_facts::{MetadataObstacle, ReleaseMetadata};
use pinproof_core::{Answer, FileFacts, Hash, HashAlgorithm, ReleaseFacts};
use pinproof_sources::{ClientSettings, Index, IndexClient, Release};
use sha2::{Digest, Sha256};
use support::{Reply, Seen, Server, client, index, project, settings};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

type Found = Answer<Result<ReleaseMetadata, MetadataObstacle>>;

const WHEEL: &str = "demo-1.0-py3-none-any.whl";
const SDIST: &str = "demo-1.0.tar.gz";
const METADATA: &str = "demo-1.0.dist-info/METADATA";

fn metadata(extra: &str) -> String {
    let head = "Metadata-Version: 2.2\nName: Demo\nVersion: 1.0\nRequires-Dist: click\n";
    format!(
        "{head}{}\n\nRequires-Dist: from-the-body\n",
        extra.trim_end()
    )
    .replace("\n\n\n", "\n\n")
}

fn sha256(bytes: &[u8]) -> Hash {
    let mut digits = String::new();
    for byte in Sha256::digest(bytes) {
        let _ = write!(digits, "{byte:02x}");
    }
    Hash::new(HashAlgorithm::Sha256, &digits).unwrap()
}

/// A wheel of these members, in this order.
fn wheel(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in members {
        zip.start_file(*name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Bytes that do not compress.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

fn sdist(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, content) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, *content).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

fn file(origin: &str, name: &str, bytes: &[u8]) -> FileFacts {
    FileFacts {
        filename: name.to_owned(),
        url: format!("{origin}/files/{name}"),
        hashes: vec![sha256(bytes)],
        size: Some(bytes.len() as u64),
        uploaded_at: None,
        yanked: None,
        requires_python: None,
        core_metadata: None,
    }
}

async fn ask(client: &IndexClient, index: &Index, files: Vec<FileFacts>) -> Found {
    let release = Release {
        project: &project("demo"),
        version: &"1.0".parse().unwrap(),
        files: &ReleaseFacts { files },
    };
    client.metadata(index, release, &|_| 0).await
}

/// What a server that has only this file leads to.
async fn ask_for(name: &str, bytes: &[u8]) -> Found {
    let content = bytes.to_owned();
    let server = Server::start(move |seen| Reply::file(&content, seen)).await;
    ask(
        &client(),
        &server.index(),
        vec![file(&server.origin, name, bytes)],
    )
    .await
}

fn requires(found: Found) -> Vec<String> {
    match found {
        Answer::Known(Ok(metadata)) => metadata.requires_dist,
        other => panic!("not known: {other:?}"),
    }
}

fn why(found: Found) -> String {
    match found {
        Answer::Unavailable(reason) => reason.why.to_string(),
        other => panic!("not unavailable: {other:?}"),
    }
}

async fn why_wheel(members: &[(&str, &[u8])]) -> String {
    let why = why(ask_for(WHEEL, &wheel(members)).await);
    why.strip_prefix(&format!("{WHEEL}: ")).unwrap().to_owned()
}

#[tokio::test]
async fn a_small_wheel_takes_one_request() {
    let bytes = wheel(&[
        ("demo/__init__.py", b""),
        (METADATA, metadata("").as_bytes()),
    ]);
    let content = bytes.clone();
    let server = Server::start(move |seen| Reply::file(&content, seen)).await;
    let facts = file(&server.origin, WHEEL, &bytes);
    let Answer::Known(Ok(found)) = ask(&client(), &server.index(), vec![facts]).await else {
        panic!("not known")
    };
    assert_eq!(found.requires_dist, ["click"]);
    assert_eq!(found.read_from, WHEEL);
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].header("range"), Some("bytes=-65536"));
    assert_eq!(seen[0].header("accept-encoding"), Some("identity"));
}

#[tokio::test]
async fn metadata_far_from_the_end_takes_a_second_request() {
    let text = metadata("");
    let big = noise(200_000);
    let bytes = wheel(&[
        ("demo/a.bin", &big),
        (METADATA, text.as_bytes()),
        ("demo/b.bin", &big),
    ]);
    let content = bytes.clone();
    let server = Server::start(move |seen| Reply::file(&content, seen)).await;
    let facts = file(&server.origin, WHEEL, &bytes);
    assert_eq!(
        requires(ask(&client(), &server.index(), vec![facts]).await),
        ["click"]
    );
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_directory_larger_than_the_end() {
    let text = metadata("");
    let names: Vec<String> = (0..2_000)
        .map(|n| format!("demo/{}_{n}.py", "x".repeat(60)))
        .collect();
    let mut members: Vec<(&str, &[u8])> = vec![(METADATA, text.as_bytes())];
    members.extend(names.iter().map(|name| (name.as_str(), &b"1"[..])));
    let bytes = wheel(&members);
    let content = bytes.clone();
    let server = Server::start(move |seen| Reply::file(&content, seen)).await;
    let facts = file(&server.origin, WHEEL, &bytes);
    assert_eq!(
        requires(ask(&client(), &server.index(), vec![facts]).await),
        ["click"]
    );
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn a_server_without_ranges_sends_the_whole_file_once() {
    let bytes = wheel(&[(METADATA, metadata("").as_bytes())]);
    let content = bytes.clone();
    let server = Server::start(move |_| Reply::new(200, "application/zip", content.clone())).await;
    let facts = file(&server.origin, WHEEL, &bytes);
    assert_eq!(
        requires(ask(&client(), &server.index(), vec![facts.clone()]).await),
        ["click"]
    );
    assert_eq!(server.requests(), 1);
    let other = FileFacts {
        hashes: vec![sha256(b"other")],
        ..facts
    };
    assert_eq!(
        why(ask(&client(), &server.index(), vec![other]).await),
        format!("{WHEEL}: it does not have the sha256 hash that the index gives for it")
    );
    let content = bytes.clone();
    let refusing = Server::start(move |seen| match seen.header("range") {
        Some(_) => Reply::status(416),
        None => Reply::file(&content, seen),
    })
    .await;
    let facts = file(&refusing.origin, WHEEL, &bytes);
    assert_eq!(
        requires(ask(&client(), &refusing.index(), vec![facts]).await),
        ["click"]
    );
}

#[tokio::test]
async fn answers_that_do_not_fit_the_request() {
    let bytes = wheel(&[(METADATA, metadata("").as_bytes())]);
    let wrong = [
        format!("bytes 0-{}/{}", bytes.len() - 1, bytes.len() + 1),
        format!("bytes 1-{}/{}", bytes.len() - 1, bytes.len()),
        format!("bytes 0-{0}/{0}", bytes.len()),
        "bytes */7".to_owned(),
        "bytes 5-1/7".to_owned(),
        "bytes 0-99999999999999999999/7".to_owned(),
        "nonsense".to_owned(),
    ];
    for range in wrong {
        let reply = Reply::new(206, "application/zip", bytes.clone()).with("content-range", &range);
        let server = Server::always(reply).await;
        let facts = file(&server.origin, WHEEL, &bytes);
        let why = why(ask(&client(), &server.index(), vec![facts]).await);
        assert!(
            why.ends_with("the server answered with another part of the file than asked for"),
            "{range}: {why}"
        );
    }
    let listed = FileFacts {
        size: Some(7),
        ..file("http://files.invalid", WHEEL, &bytes)
    };
    let content = bytes.clone();
    let server = Server::start(move |seen| Reply::file(&content, seen)).await;
    let facts = FileFacts {
        url: format!("{}/x", server.origin),
        ..listed
    };
    let found = bytes.len();
    assert_eq!(
        why(ask(&client(), &server.index(), vec![facts]).await),
        format!("{WHEEL}: it has {found} bytes; the index says 7")
    );
}

#[tokio::test]
async fn metadata_beside_the_file() {
    let text = metadata("");
    let handler = move |seen: &Seen| match seen.path.strip_suffix(".metadata") {
        Some(_) => Reply::new(200, "application/octet-stream", metadata("")),
        None => Reply::status(500),
    };
    let server = Server::start(handler).await;
    let with = |hashes| FileFacts {
        core_metadata: Some(hashes),
        ..file(&server.origin, WHEEL, b"never asked")
    };
    for hashes in [vec![], vec![sha256(text.as_bytes())]] {
        assert_eq!(
            requires(ask(&client(), &server.index(), vec![with(hashes)]).await),
            ["click"]
        );
    }
    assert_eq!(server.seen()[0].path, format!("/files/{WHEEL}.metadata"));
    assert_eq!(
        why(ask(
            &client(),
            &server.index(),
            vec![with(vec![sha256(b"other")])]
        )
        .await),
        format!("{WHEEL}: its metadata does not have the sha256 hash that the index gives for it")
    );
}

#[tokio::test]
async fn advertised_metadata_that_is_not_there_is_read_from_the_file() {
    let bytes = wheel(&[(METADATA, metadata("").as_bytes())]);
    let content = bytes.clone();
    let server = Server::start(move |seen| match seen.path.strip_suffix(".metadata") {
        Some(_) => Reply::status(404),
        None => Reply::file(&content, seen),
    })
    .await;
    let facts = FileFacts {
        core_metadata: Some(vec![]),
        ..file(&server.origin, WHEEL, &bytes)
    };
    assert_eq!(
        requires(ask(&client(), &server.index(), vec![facts]).await),
        ["click"]
    );
}

#[tokio::test]
async fn metadata_of_another_release() {
    for text in [
        "Metadata-Version: 2.1\nName: other\nVersion: 1.0\n",
        "Metadata-Version: 2.1\nName: demo\nVersion: 1.0.1\n",
    ] {
        let why = why_wheel(&[(METADATA, text.as_bytes())]).await;
        assert!(why.starts_with("its metadata is that of "), "{why}");
    }
}

#[tokio::test]
async fn wheels_that_two_readers_read_differently() {
    let good = metadata("");
    let evil = metadata("Requires-Dist: evil");
    let (good, evil) = (good.as_bytes(), evil.as_bytes());
    assert_eq!(
        why_wheel(&[("demo/__init__.py", b"")]).await,
        "it has no METADATA"
    );
    assert_eq!(
        why_wheel(&[("a/demo-1.0.dist-info/METADATA", good)]).await,
        "it has no METADATA"
    );
    assert_eq!(
        why_wheel(&[(METADATA, good), ("other-1.0.dist-info/METADATA", evil)]).await,
        "it has more than one METADATA"
    );
    let two_ways = "its zip directory is inconsistent: a name can be read in two ways";
    for name in [
        "demo-1.0.dist-info/metadata",
        "demo-1.0.dist-info\\METADATA",
        "demo-1.0.dist-info/METADATA\0x",
    ] {
        assert_eq!(
            why_wheel(&[(METADATA, good), (name, evil)]).await,
            two_ways,
            "{name:?}"
        );
    }
}

/// A wheel with METADATA twice: the zip crate does not write one, so a name is changed afterwards.
fn renamed(from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let evil = metadata("Requires-Dist: evil");
    let mut bytes = wheel(&[(METADATA, metadata("").as_bytes()), (from, evil.as_bytes())]);
    while let Some(at) = bytes
        .windows(from.len())
        .position(|bytes| bytes == from.as_bytes())
    {
        bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
    }
    bytes
}

/// Changes of the bytes of a good wheel: where from the end record, or from the directory, and to what.
#[tokio::test]
async fn archives_that_lie() {
    let twice = renamed("demo-1.0.dist-info/METADATB", METADATA);
    assert_eq!(
        why(ask_for(WHEEL, &twice).await),
        format!("{WHEEL}: it has more than one METADATA")
    );

    let good = wheel(&[(METADATA, metadata("").as_bytes())]);
    let end = good.len() - 22;
    let directory = good
        .windows(4)
        .position(|bytes| bytes == b"PK\x01\x02")
        .unwrap();
    let lies: [(&str, usize, u8, &str); 9] = [
        ("more entries", end + 8, 1, "it has several parts"),
        (
            "a comment that is not there",
            end + 20,
            1,
            "it does not end like a zip archive",
        ),
        (
            "a shorter directory",
            end + 12,
            1,
            "it is not where the archive says",
        ),
        (
            "a directory elsewhere",
            end + 16,
            1,
            "it is not where the archive says",
        ),
        (
            "an encrypted member",
            directory + 8,
            1,
            "encrypted or compressed in an unknown way",
        ),
        (
            "another method",
            directory + 10,
            1,
            "encrypted or compressed in an unknown way",
        ),
        (
            "another checksum",
            directory + 16,
            1,
            "a local header disagrees with it",
        ),
        (
            "another size",
            directory + 24,
            1,
            "a local header disagrees with it",
        ),
        ("a longer member", directory + 21, 0x40, "entries overlap"),
    ];
    for (what, at, flip, expected) in lies {
        let mut bytes = good.clone();
        bytes[at] ^= flip;
        let why = why(ask_for(WHEEL, &bytes).await);
        assert!(why.contains(expected), "{what}: {why}");
    }
    let with_more = [&good[..], b"more"].concat();
    assert!(why(ask_for(WHEEL, &with_more).await).ends_with("it does not end like a zip archive"));
    let with_less = &good[1..];
    assert!(why(ask_for(WHEEL, with_less).await).contains("it is not where the archive says"));
    for bytes in [
        &b""[..],
        b"PK",
        &[0; 22],
        b"not a zip archive at all, but long enough",
    ] {
        assert!(why(ask_for(WHEEL, bytes).await).starts_with(WHEEL));
    }
}

#[tokio::test]
async fn any_changed_byte_is_noticed_or_does_not_matter() {
    let good = wheel(&[(METADATA, metadata("").as_bytes())]);
    let limits = support::limits();
    let expected = metadata("");
    for at in 0..good.len() {
        for flip in [1, 0x80, 0xff] {
            let mut bytes = good.clone();
            bytes[at] ^= flip;
            if let Ok(found) = pinproof_sources::pure::wheel_metadata(&bytes, &limits) {
                assert_eq!(found, expected.as_bytes(), "byte {at} ^ {flip}");
            }
        }
    }
}

#[tokio::test]
async fn bombs() {
    let bomb = vec![b' '; 512 * 1024];
    assert_eq!(
        why_wheel(&[(METADATA, &bomb)]).await,
        "its METADATA is too large"
    );
    // The directory says a size that is not true.
    let mut liar = wheel(&[(METADATA, &bomb)]);
    let true_size = u32::try_from(bomb.len()).unwrap().to_le_bytes();
    while let Some(at) = liar.windows(4).position(|bytes| bytes == true_size) {
        liar[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    assert!(why(ask_for(WHEEL, &liar).await).ends_with("its METADATA is damaged"));
    let unpacked = vec![b' '; 8 * 1024 * 1024];
    let sdist = sdist(&[
        ("demo-1.0/big", &unpacked),
        ("demo-1.0/PKG-INFO", metadata("").as_bytes()),
    ]);
    assert_eq!(
        why(ask_for(SDIST, &sdist).await),
        format!("{SDIST}: it unpacks to more than the limit")
    );
    let large = noise(2 * 1024 * 1024);
    assert_eq!(
        why(ask_for(SDIST, &large).await),
        format!("{SDIST}: file larger than 1 MiB")
    );
}

#[tokio::test]
async fn static_metadata_of_a_source_distribution() {
    let text = metadata("Provides-Extra: dev\nRequires-Python: >=3.9\n");
    let tar = sdist(&[
        ("demo-1.0/setup.py", b"x"),
        ("demo-1.0/PKG-INFO", text.as_bytes()),
    ]);
    let Answer::Known(Ok(found)) = ask_for(SDIST, &tar).await else {
        panic!("not known")
    };
    assert_eq!(found.requires_dist, ["click"]);
    assert_eq!(found.provides_extra, ["dev"]);
    assert_eq!(found.requires_python.as_deref(), Some(">=3.9"));
    assert_eq!(found.read_from, SDIST);
    let zip = wheel(&[
        ("demo-1.0/PKG-INFO", text.as_bytes()),
        ("demo-1.0/demo.egg-info/PKG-INFO", b"other"),
    ]);
    assert_eq!(requires(ask_for("demo-1.0.zip", &zip).await), ["click"]);
    let long = "x".repeat(150);
    let deep = sdist(&[
        (&format!("demo-1.0/{long}/PKG-INFO"), b"other"),
        ("demo-1.0/PKG-INFO", text.as_bytes()),
    ]);
    assert_eq!(requires(ask_for(SDIST, &deep).await), ["click"]);
}

#[tokio::test]
async fn what_only_a_build_would_tell() {
    let needs_build = Answer::Known(Err(MetadataObstacle::NeedsBuild));
    let dynamic = metadata("Dynamic: Requires-Dist");
    let old = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n";
    for text in [dynamic.as_str(), old] {
        let bytes = sdist(&[("demo-1.0/PKG-INFO", text.as_bytes())]);
        assert_eq!(ask_for(SDIST, &bytes).await, needs_build);
    }
    let none = sdist(&[
        ("demo-1.0/setup.py", b""),
        ("demo-1.0/demo.egg-info/PKG-INFO", b"x"),
    ]);
    assert_eq!(ask_for(SDIST, &none).await, needs_build);
    let zip = wheel(&[("demo-1.0/setup.py", b"")]);
    assert_eq!(ask_for("demo-1.0.zip", &zip).await, needs_build);
    assert_eq!(
        ask_for("demo-1.0.tar.bz2", b"never read").await,
        needs_build
    );
    assert_eq!(
        ask_for("demo-1.0-py2.7.egg", b"never read").await,
        Answer::Absent
    );
}

#[tokio::test]
async fn source_distributions_that_two_readers_read_differently() {
    let (good, evil) = (metadata(""), metadata("Requires-Dist: evil"));
    let twice = [
        ("demo-1.0/PKG-INFO", good.as_bytes()),
        ("./demo-1.0//PKG-INFO", evil.as_bytes()),
    ];
    let ambiguous = format!("{SDIST}: it has more than one PKG-INFO, or one that is no plain file");
    assert_eq!(why(ask_for(SDIST, &sdist(&twice)).await), ambiguous);
    let case = [
        ("demo-1.0/PKG-INFO", good.as_bytes()),
        ("demo-1.0/pkg-info", evil.as_bytes()),
    ];
    assert_eq!(why(ask_for(SDIST, &sdist(&case)).await), ambiguous);

    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut link = tar::Header::new_gnu();
    link.set_entry_type(tar::EntryType::Symlink);
    link.set_size(0);
    tar.append_link(&mut link, "demo-1.0/PKG-INFO", "/etc/passwd")
        .unwrap();
    let linked = tar.into_inner().unwrap().finish().unwrap();
    assert_eq!(why(ask_for(SDIST, &linked).await), ambiguous);

    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    tar.append_pax_extensions([("size", &b"1000"[..])]).unwrap();
    let sized = tar.into_inner().unwrap().finish().unwrap();
    assert!(why(ask_for(SDIST, &sized).await).ends_with("it has a size in an extended header"));

    let whole = sdist(&[("demo-1.0/PKG-INFO", good.as_bytes())]);
    for cut in [0, 1, 10, whole.len() / 2, whole.len() - 1] {
        assert!(
            why(ask_for(SDIST, &whole[..cut]).await).contains("the archive cannot be read"),
            "{cut}"
        );
    }
}

#[tokio::test]
async fn wheels_first_then_by_rank_then_by_name() {
    let server = Server::start(|seen| {
        if seen.path.contains("win") {
            Reply::file(&wheel(&[(METADATA, metadata("").as_bytes())]), seen)
        } else {
            Reply::status(403)
        }
    })
    .await;
    let named = |name: &str| {
        file(
            &server.origin,
            name,
            &wheel(&[(METADATA, metadata("").as_bytes())]),
        )
    };
    let files = ReleaseFacts {
        files: vec![
            named(SDIST),
            named(WHEEL),
            named("demo-1.0-py3-none-win32.whl"),
        ],
    };
    let release = Release {
        project: &project("demo"),
        version: &"1.0".parse().unwrap(),
        files: &files,
    };
    let prefers =
        |text: &'static str| move |file: &FileFacts| u32::from(!file.filename.contains(text));
    let found = client()
        .metadata(&server.index(), release, &prefers("win32"))
        .await;
    assert_eq!(requires(found), ["click"]);
    // The preferred file is not to be had, and no other one takes its place.
    let found = client()
        .metadata(&server.index(), release, &prefers("any"))
        .await;
    assert_eq!(why(found), format!("{WHEEL}: answered 403"));
    let found = client()
        .metadata(&server.index(), release, &prefers("tar.gz"))
        .await;
    assert_eq!(why(found), format!("{WHEEL}: answered 403"));
}

#[tokio::test]
async fn what_was_read_once_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = wheel(&[(METADATA, metadata("").as_bytes())]);
    let content = bytes.clone();
    let server = Server::start(move |seen| Reply::file(&content, seen)).await;
    let facts = file(&server.origin, WHEEL, &bytes);
    let client = |offline| {
        IndexClient::new(ClientSettings {
            cache_dir: Some(folder.path().to_owned()),
            offline,
            fresh_for: Duration::ZERO,
            ..settings()
        })
    };
    let not_yet = ask(&client(true), &server.index(), vec![facts.clone()]).await;
    assert_eq!(
        why(not_yet),
        format!("the metadata of {WHEEL} is not in the cache, and --offline")
    );
    for offline in [false, false, true] {
        let found = ask(&client(offline), &server.index(), vec![facts.clone()]).await;
        assert_eq!(requires(found), ["click"]);
    }
    assert_eq!(server.requests(), 1);
    // Another index says nothing about what this one served.
    let other = index("http://other.invalid/simple/");
    assert!(matches!(
        ask(&client(true), &other, vec![facts]).await,
        Answer::Unavailable(_)
    ));
}

#[tokio::test]
async fn files_of_an_encrypted_index_are_not_fetched_in_the_open() {
    let secure = index("https://corp.invalid/simple/");
    let facts = file("http://corp.invalid", WHEEL, b"");
    let found = ask(&client(), &secure, vec![facts]).await;
    assert_eq!(
        why(found),
        format!("{WHEEL}: it is on plain http, although the index is on https")
    );
    let planted = FileFacts {
        url: "file:///etc/passwd".to_owned(),
        ..file("", WHEEL, b"")
    };
    let found = ask(&client(), &secure, vec![planted]).await;
    assert_eq!(
        why(found),
        format!("{WHEEL}: the archive cannot be read: its address is a file of this machine")
    );
}

#[tokio::test]
async fn a_local_index_is_read_from_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = wheel(&[(METADATA, metadata("").as_bytes())]);
    std::fs::write(folder.path().join(WHEEL), &bytes).unwrap();
    let local = index(url::Url::from_file_path(folder.path()).unwrap().as_str());
    let facts = FileFacts {
        url: url::Url::from_file_path(folder.path().join(WHEEL))
            .unwrap()
            .into(),
        ..file("", WHEEL, &bytes)
    };
    assert_eq!(
        requires(ask(&client(), &local, vec![facts]).await),
        ["click"]
    );
}

#[test]
fn questions_can_be_asked_from_other_threads() {
    fn is_send<T: Send>(_: &T) {}
    let (client, index, name) = (client(), index("http://corp.invalid/"), project("demo"));
    let files = ReleaseFacts::default();
    let release = Release {
        project: &name,
        version: &"1.0".parse().unwrap(),
        files: &files,
    };
    is_send(&client.metadata(&index, release, &|_| 0));
    is_send(&client.project(&index, &name, &support::versions(&[])));
}
