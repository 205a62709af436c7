//! After an interruption: what is on the disk is hashed again, and the rest is asked for.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pinproof_sources::FetchError;
use pinproof_sources::download::{Arrival, DownloadError, Trouble};

use crate::support::{Reply, Server};
use crate::{Ask, NAME, content, promising, ranges, serving};

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
    let error = Ask::of(&never_asked).error().await;
    let is_refused = |error: &DownloadError| match error {
        DownloadError::Fetch(FetchError::Status(status)) => status.status == 206,
        _ => false,
    };
    assert!(is_refused(&error), "{error:?}");
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
