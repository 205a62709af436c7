//! Metadata of wheels: by range requests, checked, and refused where two readers could disagree.

use crate::made::*;
use crate::support::{Reply, Seen, Server, client};
use pinproof_core::{Answer, FileFacts};

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
        provenance: None,
        ..file(&server.origin, WHEEL, b"never asked")
    };
    let right = vec![sha256(text.as_bytes())];
    assert_eq!(
        requires(ask(&client(), &server.index(), vec![with(right)]).await),
        ["click"]
    );
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
        core_metadata: Some(vec![sha256(b"whatever")]),
        provenance: None,
        ..file(&server.origin, WHEEL, &bytes)
    };
    assert_eq!(
        requires(ask(&client(), &server.index(), vec![facts]).await),
        ["click"]
    );
}

#[tokio::test]
async fn metadata_that_no_hash_holds_is_read_from_the_file() {
    let bytes = wheel(&[(METADATA, metadata("").as_bytes())]);
    let content = bytes.clone();
    let server = Server::start(move |seen| match seen.path.strip_suffix(".metadata") {
        Some(_) => Reply::new(200, "text/plain", metadata("Requires-Dist: evil")),
        None => Reply::file(&content, seen),
    })
    .await;
    let facts = FileFacts {
        core_metadata: Some(vec![]),
        provenance: None,
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
    let limits = crate::support::limits();
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
