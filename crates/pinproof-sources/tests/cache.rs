//! The cache: what is answered from it, when, and that damage is never an answer.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use pinproof_core::{Answer, ProjectFacts};
use pinproof_sources::{CacheError, ClientSettings, Index, IndexClient, cache_size, clean_cache};
use support::{Reply, Server, demo_page, index, project, settings, versions};

fn at(hours: i64) -> Timestamp {
    settings().now + hours.hours()
}

fn client(folder: &Path, offline: bool, now: Timestamp) -> IndexClient {
    IndexClient::new(ClientSettings {
        cache_dir: Some(folder.to_owned()),
        offline,
        now,
        ..settings()
    })
}

fn cached(client: &IndexClient, index: &Index) -> Option<Answer<ProjectFacts>> {
    client.cached_project(index, &project("demo"), &versions(&["1.0"]))
}

fn why(answer: Option<Answer<ProjectFacts>>) -> String {
    match answer {
        Some(Answer::Unavailable(reason)) => reason.why.to_string(),
        other => panic!("not unavailable: {other:?}"),
    }
}

/// A cache that holds the page of `demo`, fetched at hour 0.
async fn filled(folder: &Path) -> (Index, ProjectFacts) {
    let server = Server::always(Reply::json(demo_page())).await;
    let index = server.index();
    let client = client(folder, false, at(0));
    let facts = client
        .project(&index, &project("demo"), &versions(&["1.0"]))
        .await
        .known()
        .unwrap();
    assert_eq!(client.cache_trouble(), None);
    (index, facts)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn page_file(folder: &Path) -> PathBuf {
    files(folder)
        .into_iter()
        .find(|path| path.ends_with("p-demo"))
        .unwrap()
}

#[tokio::test]
async fn an_answer_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (index, facts) = filled(folder.path()).await;
    let client = client(folder.path(), false, at(0));
    assert_eq!(cached(&client, &index), Some(Answer::Known(facts.clone())));
    // Another question about the same page has the same summary, and other files.
    let both = client
        .cached_project(
            &index,
            &project("demo"),
            &versions(&["2.0", "1.0.0", "3.0"]),
        )
        .unwrap()
        .known()
        .unwrap();
    assert_eq!(both.releases, facts.releases);
    assert_eq!(both.files.len(), 2);
    let first = &facts.releases[0];
    assert_eq!(
        first.first_upload.unwrap().to_string(),
        "2026-01-01T00:00:00.123456Z"
    );
    assert!(first.has_wheel && !first.yanked);
}

#[tokio::test]
async fn age_decides_online_and_offline() {
    let folder = tempfile::tempdir().unwrap();
    let (index, _) = filled(folder.path()).await;
    let online = |now| cached(&client(folder.path(), false, now), &index).is_some();
    assert!(online(at(0) + 10.minutes()));
    assert!(!online(at(0) + 10.minutes() + 1.second()));
    // A change of the clock, or a time of the run in the past, is no age.
    assert!(online(at(-1000)));
    let offline = |now| cached(&client(folder.path(), true, now), &index);
    assert!(matches!(offline(at(7 * 24)), Some(Answer::Known(_))));
    assert_eq!(
        why(offline(at(9 * 24))),
        "its cached page is 9 days old, older than max-age (7 days), and --offline"
    );
}

#[tokio::test]
async fn a_stale_page_is_no_answer_when_the_index_fails() {
    let folder = tempfile::tempdir().unwrap();
    let count = AtomicUsize::new(0);
    let server = Server::start(move |_| match count.fetch_add(1, Ordering::Relaxed) {
        0 => Reply::json(demo_page()),
        _ => Reply::status(503),
    })
    .await;
    let index = server.index();
    let ask = async |now| {
        let client = client(folder.path(), false, now);
        client
            .project(&index, &project("demo"), &versions(&[]))
            .await
    };
    assert!(matches!(ask(at(0)).await, Answer::Known(_)));
    assert!(matches!(ask(at(0)).await, Answer::Known(_)));
    assert_eq!(server.requests(), 1);
    assert_eq!(why(Some(ask(at(1)).await)), "answered 503 three times");
    // The failure does not replace what was known, and offline it still counts.
    let offline = client(folder.path(), true, at(1));
    assert!(matches!(cached(&offline, &index), Some(Answer::Known(_))));
}

#[tokio::test]
async fn what_is_not_cached_is_unavailable_offline() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = index("http://127.0.0.1:9/simple/");
    let sentence = "its page is not in the cache, and --offline";
    assert_eq!(
        why(cached(&client(folder.path(), true, at(0)), &nowhere)),
        sentence
    );
    let without_cache = IndexClient::new(ClientSettings {
        offline: true,
        ..settings()
    });
    assert_eq!(why(cached(&without_cache, &nowhere)), sentence);
    let asked = without_cache
        .project(&nowhere, &project("demo"), &versions(&[]))
        .await;
    assert_eq!(why(Some(asked)), sentence);
    assert!(files(folder.path()).is_empty());
}

#[tokio::test]
async fn no_such_project_is_cached_too() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::always(Reply::status(404)).await;
    let client = client(folder.path(), false, at(0));
    for _ in 0..2 {
        let answer = client
            .project(&server.index(), &project("demo"), &versions(&[]))
            .await;
        assert_eq!(answer, Answer::Absent);
    }
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_failure_is_not_cached() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::always(Reply::status(403)).await;
    let client = client(folder.path(), false, at(0));
    for requests in 1..3 {
        let answer = client
            .project(&server.index(), &project("demo"), &versions(&[]))
            .await;
        assert!(matches!(answer, Answer::Unavailable(_)));
        assert_eq!(server.requests(), requests);
    }
    assert!(files(folder.path()).is_empty());
}

#[tokio::test]
async fn the_user_is_part_of_the_index_and_the_password_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::always(Reply::json(demo_page())).await;
    let with = |user: &str| index(&server.origin.replace("http://", &format!("http://{user}@")));
    let client = client(folder.path(), false, at(0));
    client
        .project(&with("me:s3cret"), &project("demo"), &versions(&[]))
        .await;
    assert!(cached(&client, &with("me:changed")).is_some());
    assert!(cached(&client, &with("you:s3cret")).is_none());
    for path in files(folder.path()) {
        let content = fs::read(&path).unwrap();
        assert!(
            !content.windows(6).any(|bytes| bytes == b"s3cret"),
            "{path:?}"
        );
    }
}

#[tokio::test]
async fn damage_of_any_byte_is_a_miss() {
    let folder = tempfile::tempdir().unwrap();
    let (index, facts) = filled(folder.path()).await;
    let path = page_file(folder.path());
    let good = fs::read(&path).unwrap();
    let client = client(folder.path(), true, at(0));
    let mut misses = 0;
    let mut check = |bytes: &[u8], what: &str| {
        fs::write(&path, bytes).unwrap();
        match cached(&client, &index) {
            // The part of a release that was not asked for is not read.
            Some(Answer::Known(found)) => assert_eq!(found, facts, "{what}"),
            _ => misses += 1,
        }
    };
    for i in 0..good.len() {
        let mut bytes = good.clone();
        bytes[i] ^= 0xff;
        check(&bytes, &format!("byte {i}"));
        check(&good[..i], &format!("cut at {i}"));
    }
    check(&[&good[..], b"more"].concat(), "more at the end");
    assert!(misses > good.len(), "{misses} misses");
}

#[tokio::test]
async fn an_entry_of_another_project_is_a_miss() {
    let folder = tempfile::tempdir().unwrap();
    let (index, _) = filled(folder.path()).await;
    let path = page_file(folder.path());
    fs::copy(&path, path.with_file_name("p-other")).unwrap();
    let client = client(folder.path(), true, at(0));
    let answer = client.cached_project(&index, &project("other"), &versions(&[]));
    assert_eq!(why(answer), "its page is not in the cache, and --offline");
}

#[tokio::test]
async fn concurrent_writers_leave_a_whole_entry() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::always(Reply::json(demo_page())).await;
    let mut tasks = Vec::new();
    for _ in 0..16 {
        let (client, index) = (client(folder.path(), false, at(0)), server.index());
        let ask = async move {
            client
                .project(&index, &project("demo"), &versions(&["1.0"]))
                .await
        };
        tasks.push(tokio::spawn(ask));
    }
    for task in tasks {
        assert!(matches!(task.await.unwrap(), Answer::Known(_)));
    }
    let offline = client(folder.path(), true, at(0));
    assert!(matches!(
        cached(&offline, &server.index()),
        Some(Answer::Known(_))
    ));
    let left: Vec<PathBuf> = files(folder.path());
    assert_eq!(left.len(), 2, "{left:?}");
}

#[tokio::test]
async fn a_local_folder_is_an_index() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("demo")).unwrap();
    let page = r#"<a href="../demo-1.0-py3-none-any.whl">x</a>"#;
    fs::write(folder.path().join("demo/index.html"), page).unwrap();
    let local = index(url::Url::from_file_path(folder.path()).unwrap().as_str());
    let client = client(folder.path(), true, at(0));
    let facts = cached(&client, &local).unwrap().known().unwrap();
    let file = &facts.files.values().next().unwrap().files[0];
    assert!(file.url.starts_with("file:///") && file.url.ends_with("/demo-1.0-py3-none-any.whl"));
    let missing = client.cached_project(&local, &project("other"), &versions(&[]));
    assert_eq!(missing, Some(Answer::Absent));
    let nowhere = index("file:///does/not/exist/");
    assert!(why(cached(&client, &nowhere)).starts_with("the folder of the index cannot be read"));
}

#[tokio::test]
async fn cleaning_removes_only_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let _ = filled(folder.path()).await;
    let root = folder.path().join("facts-v1");
    let page = page_file(folder.path());
    let bystander = page.with_file_name("precious.txt");
    fs::write(&bystander, "mine").unwrap();
    fs::write(folder.path().join("p-notes"), "mine").unwrap();
    let size = cache_size(folder.path()).unwrap();
    assert_eq!(
        (size.entries, size.bytes),
        (1, fs::metadata(&page).unwrap().len())
    );
    assert_eq!(clean_cache(folder.path()).unwrap(), size);
    assert!(!page.exists() && bystander.exists() && folder.path().join("p-notes").exists());
    fs::remove_dir_all(&root).unwrap();
    assert_eq!(clean_cache(folder.path()).unwrap().entries, 0);
    fs::create_dir(&root).unwrap();
    assert!(matches!(
        clean_cache(folder.path()),
        Err(CacheError::NotOurs(_))
    ));
}

#[cfg(unix)]
#[tokio::test]
async fn private_and_without_links() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = tempfile::tempdir().unwrap();
    let (index, _) = filled(folder.path()).await;
    let page = page_file(folder.path());
    let root = folder.path().join("facts-v1");
    assert_eq!(
        (mode(&page), mode(page.parent().unwrap()), mode(&root)),
        (0o600, 0o700, 0o700)
    );

    let outside = tempfile::tempdir().unwrap();
    fs::create_dir(outside.path().join("projects")).unwrap();
    let precious = outside.path().join("projects/p-precious");
    fs::write(&precious, "mine").unwrap();
    symlink(outside.path(), root.join("0".repeat(32))).unwrap();
    symlink(&precious, page.with_file_name("p-link")).unwrap();
    assert_eq!(clean_cache(folder.path()).unwrap().entries, 1);
    assert!(precious.exists());

    // What others can write is no evidence.
    let _ = filled(folder.path()).await;
    fs::set_permissions(&root, fs::Permissions::from_mode(0o777)).unwrap();
    let client = client(folder.path(), false, at(0));
    assert_eq!(cached(&client, &index), None);
    let trouble = client.cache_trouble().unwrap().to_string();
    assert!(
        trouble.starts_with("the cache is not used: other users may write to"),
        "{trouble}"
    );
}

#[tokio::test]
async fn a_cache_that_cannot_be_written_changes_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let server = Server::always(Reply::json(demo_page())).await;
    let client = client(&file, false, at(0));
    let answer = client
        .project(&server.index(), &project("demo"), &versions(&[]))
        .await;
    assert!(matches!(answer, Answer::Known(_)));
    assert!(client.cache_trouble().is_some());
}

#[tokio::test]
async fn three_hundred_projects_load_in_no_time() {
    let folder = tempfile::tempdir().unwrap();
    let page = |name: &str| {
        let file = |n: u32, end: &str| {
            format!(
                r#"{{"filename": "{name}-1.{n}{end}", "url": "https://files.example/packages/aa/bb/{0}/{name}-1.{n}{end}",
                    "hashes": {{"sha256": "{0}"}}, "size": 123456, "upload-time": "2024-01-02T03:04:05.123456Z",
                    "requires-python": ">=3.8", "yanked": false}}"#,
                "ab".repeat(32)
            )
        };
        let files: Vec<String> = (0..100)
            .flat_map(|n| [file(n, ".tar.gz"), file(n, "-py3-none-any.whl")])
            .collect();
        format!(r#"{{"name": "{name}", "files": [{}]}}"#, files.join(","))
    };
    let server = Server::start(move |seen| {
        Reply::json(page(
            seen.path.trim_end_matches('/').rsplit('/').next().unwrap(),
        ))
    })
    .await;
    let names: Vec<_> = (0..300).map(|n| project(&format!("demo{n}"))).collect();
    let (index, asked) = (server.index(), versions(&["1.50"]));
    let online = client(folder.path(), false, at(0));
    for name in &names {
        assert!(matches!(
            online.project(&index, name, &asked).await,
            Answer::Known(_)
        ));
    }
    let offline = client(folder.path(), true, at(0));
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let start = std::time::Instant::now();
        for name in &names {
            let facts = offline
                .cached_project(&index, name, &asked)
                .unwrap()
                .known()
                .unwrap();
            assert_eq!((facts.releases.len(), facts.files.len()), (100, 1));
        }
        best = best.min(start.elapsed());
    }
    println!("300 projects of 100 releases from the cache: {best:?}");
    // Unoptimised and on a busy machine; `--release` shows what it is.
    assert!(best < Duration::from_millis(1500), "{best:?}");
}
