//! Metadata of source distributions, and which file of a release is asked.

use crate::made::*;
use crate::support::{Reply, Server, client, index, project, settings};
use flate2::Compression;
use flate2::write::GzEncoder;
use pinproof_core::project_facts::MetadataObstacle;
use pinproof_core::{Answer, FileFacts, ReleaseFacts};
use pinproof_sources::{ClientSettings, IndexClient, Release};
use std::time::Duration;

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
    is_send(&client.project(&index, &name, &crate::support::versions(&[])));
}
