//! Length and hash decide, whatever an index or a server says, and whatever is there already.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use pinproof_core::{Hash, HashAlgorithm, IndexUrl};
use pinproof_sources::FetchError;
use pinproof_sources::download::{Arrival, DownloadError, Trouble, Wanted};
use sha2::{Digest as _, Sha384, Sha512};

use crate::support::{Reply, Seen, Server, client, gzip};
use crate::{Ask, Count, NAME, content, hex, serving, sha256};

#[tokio::test]
async fn the_right_bytes_get_their_name_and_nothing_else_stays() {
    let server = serving(content()).await;
    let ask = Ask::of(&server);
    let done = ask.run().await.unwrap();
    assert_eq!((done.size, done.arrival), (204_800, Arrival::Fetched));
    assert_eq!(fs::read(ask.target()).unwrap(), content());
    assert_eq!(ask.names(), [NAME]);
    let mode = fs::metadata(ask.target()).unwrap().permissions().mode();
    assert_eq!(mode & 0o444, 0o444, "as readable as any file: {mode:o}");
    assert_eq!(server.seen()[0].header("accept-encoding"), Some("identity"));
}

#[tokio::test]
async fn sha384_and_sha512_hold_too_and_broken_ones_do_not() {
    let server = serving(content()).await;
    let digits = [
        (HashAlgorithm::Sha384, hex(&Sha384::digest(content()))),
        (HashAlgorithm::Sha512, hex(&Sha512::digest(content()))),
    ];
    for (algorithm, digits) in digits {
        let mut ask = Ask::of(&server);
        ask.hashes = vec![Hash::new(algorithm, &digits).unwrap()];
        let done = ask.run().await.unwrap();
        assert_eq!(
            (done.matched.algorithm(), done.sha256),
            (algorithm, sha256(&content()))
        );
        let other = Hash::new(algorithm, &digits.replace('a', "b")).unwrap();
        let mut ask = Ask::of(&server);
        ask.hashes = vec![other];
        assert!(matches!(ask.error().await, DownloadError::WrongHash { .. }));
    }
    let mut ask = Ask::of(&server);
    ask.hashes = vec![format!("md5:{}", "a".repeat(32)).parse().unwrap()];
    let before = server.requests();
    assert_eq!(ask.error().await, DownloadError::NoStrongHash);
    assert_eq!(server.requests(), before, "nobody is asked");
}

#[tokio::test]
async fn a_changed_byte_is_refused_and_leaves_nothing() {
    let mut changed = content();
    changed[100_000] ^= 1;
    let server = serving(changed.clone()).await;
    let ask = Ask::of(&server);
    let error = ask.error().await;
    assert_eq!(error.trouble(), Trouble::Alarming);
    let DownloadError::WrongHash { found, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(found, sha256(&changed));
    assert_eq!(ask.names(), [""; 0], "wrong bytes are no beginning");
    assert_eq!(
        server.requests(),
        1,
        "the same request would give the same bytes"
    );
}

#[tokio::test]
async fn what_is_there_is_kept_or_reported_and_never_replaced() {
    let server = serving(content()).await;
    let ask = Ask::of(&server);
    fs::write(ask.target(), content()).unwrap();
    assert_eq!(ask.run().await.unwrap().arrival, Arrival::Kept);
    for other in [&b"other bytes"[..], b""] {
        fs::write(ask.target(), other).unwrap();
        let error = ask.run().await.unwrap_err();
        assert!(matches!(error, DownloadError::Different { .. }), "{error}");
        assert_eq!(error.trouble(), Trouble::Alarming);
        assert_eq!(fs::read(ask.target()).unwrap(), other);
    }
    fs::remove_file(ask.target()).unwrap();
    fs::write(ask.folder.path().join("elsewhere"), content()).unwrap();
    symlink("elsewhere", ask.target()).unwrap();
    assert_eq!(ask.run().await.unwrap_err(), DownloadError::NotAFile);
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn too_much_and_too_little_are_not_the_file() {
    let longer = [content(), vec![0]].concat();
    let announced = serving(longer.clone()).await;
    let unannounced = Server::always(Reply::Raw(
        [b"HTTP/1.1 200 X\r\n\r\n", longer.as_slice()].concat(),
    ))
    .await;
    let endless = Server::always(Reply::Endless("HTTP/1.1 200 X\r\n\r\n".to_owned())).await;
    let shorter = serving(content()[..204_799].to_vec()).await;
    for server in [announced, unannounced, endless, shorter] {
        let ask = Ask::of(&server);
        let error = ask.error().await;
        assert!(
            matches!(
                error,
                DownloadError::WrongSize {
                    listed: 204_800,
                    ..
                }
            ),
            "{error}"
        );
        assert_eq!(ask.names(), [""; 0]);
    }
}

#[tokio::test]
async fn without_a_size_the_limit_counts() {
    let endless = Server::always(Reply::Endless("HTTP/1.1 200 X\r\n\r\n".to_owned())).await;
    let mut ask = Ask::of(&endless);
    ask.size = None;
    let too_large = DownloadError::Fetch(FetchError::TooLarge {
        what: "file",
        limit: 512 * 1024,
    });
    assert_eq!(ask.error().await, too_large);
    let server = serving(content()).await;
    let mut ask = Ask::of(&server);
    ask.size = Some(u64::MAX);
    assert_eq!(ask.error().await, too_large);
    assert_eq!(server.requests(), 0, "nobody fetches what does not fit");
    ask.size = None;
    ask.run().await.unwrap();
}

#[tokio::test]
async fn a_transfer_that_is_compressed_against_our_word_is_told() {
    let plain = vec![b'a'; 50_000];
    let body = gzip(&plain);
    let size = body.len() as u64;
    let reply = Reply::new(200, "x/y", body.clone()).with("content-encoding", "gzip");
    let server = Server::always(reply).await;
    let mut ask = Ask::of(&server);
    (ask.hashes, ask.size) = (vec![sha256(&plain)], None);
    let error = ask.error().await.to_string();
    assert!(error.contains("sent it as `gzip`"), "{error}");
    // A `.tar.gz` that a server calls a compressed tar is what it is.
    let mut ask = Ask::of(&server);
    (ask.hashes, ask.size) = (vec![sha256(&body)], Some(size));
    ask.run().await.unwrap();
}

#[tokio::test]
async fn credentials_go_to_the_index_and_not_elsewhere() {
    let files = serving(content()).await;
    let elsewhere = format!("{}/there", files.origin);
    let server = Server::start(move |seen: &Seen| match seen.path.as_str() {
        "/away" => Reply::redirect(elsewhere.clone()),
        _ => Reply::file(&content(), seen),
    })
    .await;
    let with_secret = server.origin.replace("http://", "http://me:secret@");
    let mut ask = Ask::of(&server);
    ask.index = Some(IndexUrl::parse(&format!("{with_secret}/simple/")).unwrap());
    ask.run().await.unwrap();
    assert!(server.seen()[0].header("authorization").is_some());
    fs::remove_file(ask.target()).unwrap();
    ask.url = format!("{}/away", server.origin);
    ask.run().await.unwrap();
    assert_eq!(files.requests(), 1);
    assert_eq!(files.seen()[0].header("authorization"), None);
}

#[tokio::test]
async fn an_encrypted_index_sends_nobody_to_plain_http_or_to_a_file() {
    let server = serving(content()).await;
    let mut ask = Ask::of(&server);
    ask.index = Some(IndexUrl::parse("https://pypi.example/simple/").unwrap());
    assert_eq!(ask.error().await, DownloadError::PlainHttp);
    ask.url = "file:///etc/passwd".to_owned();
    assert_eq!(ask.error().await, DownloadError::FileOfThisMachine);
    ask.index = None;
    assert_eq!(ask.error().await, DownloadError::FileOfThisMachine);
    for strange in ["ftp://a.example/x", "/x", "", "javascript:alert(1)"] {
        strange.clone_into(&mut ask.url);
        assert_eq!(ask.error().await, DownloadError::NoAddress, "{strange}");
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_folder_as_an_index_is_copied_from() {
    let server = Server::refusing().await;
    let index = tempfile::tempdir().unwrap();
    let file = index.path().join(NAME);
    fs::write(&file, content()).unwrap();
    let mut ask = Ask::of(&server);
    ask.index = Some(IndexUrl::parse(&format!("file://{}/", index.path().display())).unwrap());
    ask.url = format!("file://{}", file.display());
    assert_eq!(ask.run().await.unwrap().arrival, Arrival::Fetched);
    fs::remove_file(ask.target()).unwrap();
    for (bytes, trouble) in [
        (vec![7; 204_800], Trouble::Alarming),
        (vec![7; 300_000], Trouble::Alarming),
    ] {
        fs::write(&file, bytes).unwrap();
        assert_eq!(ask.error().await.trouble(), trouble);
    }
    ask.url = format!("file://{}", index.path().display());
    assert_eq!(ask.error().await.trouble(), Trouble::Unavailable);
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_is_refused_before_anybody_is_asked() {
    let server = serving(content()).await;
    for name in [
        "../demo-1.0.whl",
        "/tmp/demo.whl",
        ".demo.whl",
        "a/b.whl",
        "demo\u{1b}.whl",
        "nul.whl",
    ] {
        let mut ask = Ask::of(&server);
        name.clone_into(&mut ask.name);
        let error = ask.run().await.unwrap_err();
        assert!(
            matches!(error, DownloadError::NotAPlainName(_)),
            "{name}: {error}"
        );
        assert_eq!(ask.names(), [""; 0]);
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_folder_that_takes_nothing_is_the_machines_trouble() {
    let server = serving(content()).await;
    let ask = Ask::of(&server);
    let missing = ask.folder.path().join("missing");
    let wanted = Wanted {
        filename: NAME,
        url: &ask.url,
        index: None,
        hashes: &ask.hashes,
        size: ask.size,
    };
    let error = client()
        .download(&wanted, &missing, &Count::default())
        .await
        .unwrap_err();
    assert_eq!(error.trouble(), Trouble::Machine, "{error}");
    // A device without room, as /dev/full is, is no folder; a full one fails the same write.
    let file = ask.folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = client()
        .download(&wanted, Path::new(&file), &Count::default())
        .await
        .unwrap_err();
    assert_eq!(error.trouble(), Trouble::Machine, "{error}");
}
