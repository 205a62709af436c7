//! Killed in the middle, again and again: no wrong byte ever has a final name, and the end is the right file.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::shelf::{File, page, usual};
use crate::support::{Asked, Reply, Sandbox, Server, quiet_db};

/// Bytes of which no part is like another.
fn bytes(seed: &str, count: u32) -> Vec<u8> {
    let blocks = (0..count / 32).flat_map(|at| Sha256::digest(format!("{seed} {at}")).to_vec());
    blocks.collect()
}

/// An index whose files drip, from where they are asked for; without ranges every second time.
fn slow_index(files: Vec<File>) -> Server {
    let count = std::sync::atomic::AtomicUsize::new(0);
    Server::new(move |asked: &Asked| {
        if let Some(project) = asked.path.strip_prefix("/simple/") {
            let kind = (
                "Content-Type",
                "application/vnd.pypi.simple.v1+json".to_owned(),
            );
            let page = page(project.trim_end_matches('/'), &files);
            return Reply::Says(200, vec![kind], page.into_bytes());
        }
        let name = asked.path.strip_prefix("/files/").unwrap_or("");
        let Some(file) = files.iter().find(|file| file.name == name) else {
            return Reply::status(404);
        };
        let nth = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let knows_ranges = !nth.is_multiple_of(8);
        let pause = Duration::from_millis(3);
        match (crate::shelf::part(&file.bytes, asked), knows_ranges) {
            (Reply::Says(206, headers, rest), true) => Reply::Drips(206, headers, rest, pause),
            _ => Reply::Drips(200, Vec::new(), file.bytes.clone(), pause),
        }
    })
}

/// A few numbers that look random, and are the same in every run.
fn milliseconds(seed: u64, most: u64) -> impl Iterator<Item = u64> {
    let mut state = seed;
    std::iter::from_fn(move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        Some((state >> 33) % most)
    })
}

/// What has a final name is complete.
fn nothing_is_wrong(sandbox: &Sandbox, files: &[File]) {
    for file in files {
        if let Ok(there) = fs::read(sandbox.project().join("wheels").join(&file.name)) {
            assert!(there == file.bytes, "{} has wrong bytes", file.name);
        }
    }
}

fn interrupted(times: usize, size: u32) {
    let files = ["aaa", "bbb"].map(|project| {
        let name = format!("{project}-1.0-py3-none-any.whl");
        File::new(project, "1.0", name, bytes(project, size))
    });
    let index = slow_index(files.to_vec());
    let url = format!("{}simple/", index.url());
    let lock: String = files.iter().map(File::locked).collect();
    let sandbox = Sandbox::with_requirements(&lock);
    let get = ["download", "-r", "requirements.txt", "-d", "wheels"];
    let args = [&get[..], &usual(&url)].concat();
    let mut killed = 0;
    for wait in milliseconds(u64::from(size), 260).take(times) {
        let mut command = sandbox.command(&args);
        command.env("PINPROOF_DB", quiet_db());
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs");
        thread::sleep(Duration::from_millis(wait));
        let is_running = child.try_wait().expect("a status").is_none();
        child.kill().expect("it is killed");
        child.wait().expect("it ends");
        nothing_is_wrong(&sandbox, &files);
        if is_running {
            killed += 1;
        } else {
            // It was done: the next run begins anew, so that there is something to interrupt.
            fs::remove_dir_all(sandbox.project().join("wheels")).expect("it is removed");
        }
    }
    assert!(
        killed > times / 3,
        "only {killed} of {times} runs were killed in the middle"
    );
    sandbox.run(&args).ends_with(0);
    for file in &files {
        assert_eq!(
            fs::read(sandbox.project().join("wheels").join(&file.name)).unwrap(),
            file.bytes
        );
    }
    let left = crate::shelf::names(&sandbox, "wheels");
    assert_eq!(left.len(), 2, "beginnings are used up: {left:?}");
}

#[test]
fn killed_at_random_points_and_resumed() {
    interrupted(12, 300_000);
}

#[test]
#[ignore = "takes minutes"]
fn killed_two_hundred_times() {
    for size in [100_000, 400_000, 1_600_000] {
        interrupted(200, size);
    }
}

#[test]
fn the_rest_is_asked_for_and_not_all_of_it() {
    let name = "aaa-1.0-py3-none-any.whl".to_owned();
    let file = File::new("aaa", "1.0", name.clone(), bytes("aaa", 100_000));
    let half = file.bytes[..50_000].to_vec();
    let shelf = crate::shelf::Shelf::with(std::slice::from_ref(&file));
    let sandbox = Sandbox::with_requirements(&file.locked());
    let get = ["-r", "requirements.txt", "-d", "wheels"];
    shelf.answer(
        &format!("/files/{name}"),
        Reply::Stalls([half, vec![]].concat()),
    );
    let ran = shelf.download(&sandbox, &get);
    assert_ne!(ran.code, 0, "{}", ran.all());
    let whole = file.bytes.clone();
    let range = format!("bytes 50000-{}/{}", whole.len() - 1, whole.len());
    let rest = Reply::Says(
        206,
        vec![("Content-Range", range)],
        whole[50_000..].to_vec(),
    );
    shelf.answer(&format!("/files/{name}"), rest);
    let ran = shelf.download(&sandbox, &get);
    ran.ends_with(0).says("50.0 kB of it by an earlier run");
}
