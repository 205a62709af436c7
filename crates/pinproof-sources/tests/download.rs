//! A distribution is there under its name when its bytes are right, and never before: whatever the server does.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use pinproof_core::{Hash, HashAlgorithm, IndexUrl};
use pinproof_sources::FetchError;
use pinproof_sources::download::{Arrival, DownloadError, Downloaded, Meter, Trouble, Wanted};
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use support::{Reply, Seen, Server, client, gzip};
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
async fn the_rest_is_asked_for_after_an_interruption() {
    let server = serving(content()).await;
    let ask = Ask::of(&server);
    ask.begin_with(&content()[..70_000]).await;
    assert_eq!(ask.run().await.unwrap().arrival, Arrival::Resumed(70_000));
    assert_eq!(ranges(&server), [Some("bytes=70000-".to_owned())]);
    assert_eq!(ask.names(), [NAME]);
}

#[tokio::test]
async fn a_beginning_that_changed_on_the_disk_is_fetched_again() {
    let server = serving(content()).await;
    let ask = Ask::of(&server);
    let left = ask.begin_with(&content()[..70_000]).await;
    let mut damaged = fs::read(&left).unwrap();
    damaged[5] ^= 1;
    for beginning in [damaged, vec![0; 204_800], vec![7; 300_000]] {
        let _ = fs::remove_file(ask.target());
        fs::write(&left, beginning).unwrap();
        assert_eq!(ask.run().await.unwrap().arrival, Arrival::Fetched);
        assert_eq!(ask.names(), [NAME]);
    }
}

#[tokio::test]
async fn a_beginning_that_is_complete_needs_no_request() {
    let server = serving(content()).await;
    let ask = Ask::of(&server);
    let left = ask.begin_with(&content()[..70_000]).await;
    fs::write(left, content()).unwrap();
    assert_eq!(ask.run().await.unwrap().arrival, Arrival::Resumed(204_800));
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_beginning_that_leads_elsewhere_is_not_written_to() {
    let server = serving(content()).await;
    let ask = Ask::of(&server);
    let left = ask.begin_with(&content()[..70_000]).await;
    fs::remove_file(&left).unwrap();
    let outside = tempfile::tempdir().unwrap();
    let victim = outside.path().join("profile");
    fs::write(&victim, "mine").unwrap();
    symlink(&victim, &left).unwrap();
    ask.run().await.unwrap();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
    assert_eq!(fs::read(ask.target()).unwrap(), content());
}

#[tokio::test]
async fn another_run_at_the_same_time_writes_to_its_own_file() {
    let server = serving(content()).await;
    let ask = Ask::of(&server);
    let left = ask.begin_with(&content()[..70_000]).await;
    let other_run = fs::File::open(&left).unwrap();
    other_run.lock().unwrap();
    assert_eq!(ask.run().await.unwrap().arrival, Arrival::Fetched);
    assert_eq!(
        fs::read(&left).unwrap(),
        content()[..70_000],
        "it is the other's"
    );
}

#[tokio::test]
async fn many_runs_at_once_agree() {
    let server = serving(content()).await;
    let ask = Ask::of(&server);
    let runs = (0..8).map(|_| ask.run());
    let mut arrivals = Vec::new();
    for done in futures(runs).await {
        arrivals.push(done.unwrap().arrival);
    }
    assert!(arrivals.contains(&Arrival::Fetched), "{arrivals:?}");
    assert_eq!(ask.names(), [NAME]);
}

/// Runs them side by side, without a crate for it.
async fn futures<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = all.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        for (future, done) in &mut waiting {
            if done.is_none()
                && let std::task::Poll::Ready(output) = future.as_mut().poll(context)
            {
                *done = Some(output);
            }
        }
        if waiting.iter().all(|(_, done)| done.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    waiting.into_iter().filter_map(|(_, done)| done).collect()
}

#[tokio::test]
async fn a_server_without_ranges_sends_all_of_it_again() {
    for status in [200, 400, 416, 501] {
        let server = Server::start(move |seen| match (seen.header("range"), status) {
            (Some(_), 400..) => Reply::status(status),
            _ => Reply::new(200, "application/octet-stream", content()),
        })
        .await;
        let ask = Ask::of(&server);
        ask.begin_with(&content()[..70_000]).await;
        assert_eq!(
            ask.run().await.unwrap().arrival,
            Arrival::Fetched,
            "{status}"
        );
    }
}

#[tokio::test]
async fn another_range_than_asked_for_is_not_believed() {
    let lies = [
        "bytes 0-204799/204800",
        "bytes 70001-204799/204800",
        "bytes 70000-204798/204800",
        "bytes 70000-204799/204801",
        "bytes 70000-204799/*",
        "bytes 204799-70000/204800",
        "bytes 70000-18446744073709551615/18446744073709551615",
        "70000-204799/204800",
        "",
    ];
    for lie in lies {
        let server = Server::start(move |seen| match seen.header("range") {
            Some(_) => Reply::new(206, "x/y", &content()[70_000..]).with("content-range", lie),
            None => Reply::new(200, "x/y", content()),
        })
        .await;
        let ask = Ask::of(&server);
        ask.begin_with(&content()[..70_000]).await;
        assert_eq!(ask.run().await.unwrap().arrival, Arrival::Fetched, "{lie}");
    }
    let never_asked = Server::always(Reply::new(206, "x/y", content())).await;
    assert_eq!(
        Ask::of(&never_asked).error().await,
        DownloadError::WrongRange
    );
}

#[tokio::test]
async fn another_part_under_the_right_range_is_fetched_again_from_the_start() {
    let server = Server::start(|seen| match seen.header("range") {
        Some(_) => {
            let range = "bytes 70000-204799/204800";
            Reply::new(206, "x/y", &content()[..134_800]).with("content-range", range)
        }
        None => Reply::new(200, "x/y", content()),
    })
    .await;
    let ask = Ask::of(&server);
    ask.begin_with(&content()[..70_000]).await;
    assert_eq!(ask.run().await.unwrap().arrival, Arrival::Fetched);
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
async fn a_connection_that_breaks_is_taken_up_where_it_broke() {
    let tries = AtomicUsize::new(0);
    let server = Server::start(move |seen| match tries.fetch_add(1, Ordering::Relaxed) {
        0 => promising(204_800, &content()[..50_000]),
        // Without a length nothing but the size of the index tells that it broke.
        1 => {
            let head = "HTTP/1.1 206 X\r\ncontent-range: bytes 50000-204799/204800\r\n\r\n";
            Reply::Raw([head.as_bytes(), &content()[50_000..60_000]].concat())
        }
        _ => Reply::file(&content(), seen),
    })
    .await;
    let ask = Ask::of(&server);
    assert_eq!(ask.run().await.unwrap().arrival, Arrival::Fetched);
    let asked = ranges(&server);
    assert_eq!(
        asked[1..],
        [
            Some("bytes=50000-".to_owned()),
            Some("bytes=60000-".to_owned())
        ]
    );
}

#[tokio::test]
async fn what_does_not_come_is_no_answer_and_a_beginning_stays() {
    let dead = Server::refusing().await;
    assert_eq!(Ask::of(&dead).error().await.trouble(), Trouble::Unavailable);
    for reply in [
        Reply::Close,
        Reply::Hang,
        Reply::status(404),
        Reply::status(503),
    ] {
        let server = Server::always(reply).await;
        let ask = Ask::of(&server);
        let left = ask.begin_with(&content()[..70_000]).await;
        assert_eq!(ask.error().await.trouble(), Trouble::Unavailable);
        assert_eq!(fs::read(left).unwrap(), content()[..70_000]);
    }
    let head = "HTTP/1.1 200 X\r\ncontent-length: 204800\r\n\r\n".to_owned();
    let slow = Reply::Drip(head, content(), Duration::from_millis(500));
    let server = Server::always(slow).await;
    let error = Ask::of(&server).error().await;
    assert!(
        matches!(error, DownloadError::Fetch(FetchError::TimedOut(_))),
        "{error}"
    );
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
