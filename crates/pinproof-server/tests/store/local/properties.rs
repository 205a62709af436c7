//! Properties: pins under concurrency, pages as they came, and logs that were edited anywhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use pinproof_core::Admission;
use pinproof_server::store::Store as _;
use pinproof_server::store::chain::Chains;
use pinproof_server::store::local::LogBook;
use pinproof_server::store::records::{Page, Visit};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

use super::Home;
use crate::support::{day, decision, from, index, project, sighting};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    })
}

#[test]
fn whoever_comes_first_is_the_pin_for_all() {
    let runtime = runtime();
    let batches = vec(vec((0..6_u8, 0..3_u8), 1..6), 1..8);
    let tested = runner(24).run(&batches, |batches| {
        let home = Home::new();
        let store = Arc::new(home.open());
        let answers = runtime.block_on(async {
            let tasks: Vec<_> = batches
                .into_iter()
                .map(|batch| {
                    let store = Arc::clone(&store);
                    tokio::spawn(async move {
                        let seen: Vec<_> = batch
                            .iter()
                            .map(|(name, content)| {
                                sighting(&format!("demo-{name}.tar.gz"), &content.to_string())
                            })
                            .collect();
                        let pinned = store
                            .pin(from("demo", "pypi", 1), seen.clone())
                            .await
                            .unwrap();
                        seen.into_iter().zip(pinned).collect::<Vec<_>>()
                    })
                })
                .collect();
            let mut answers = Vec::new();
            for task in tasks {
                answers.extend(task.await.unwrap());
            }
            answers
        });
        let mut pins = BTreeMap::new();
        for (seen, pinned) in &answers {
            let pin = pins.entry(&seen.filename).or_insert(&pinned.pin);
            prop_assert_eq!(*pin, &pinned.pin);
            prop_assert_eq!(pinned.is_changed, pinned.pin.first.sha256 != seen.sha256);
        }
        for (filename, pin) in pins {
            let seen = answers.iter().any(|(seen, _)| *seen == pin.first);
            prop_assert!(seen, "{} is pinned to what nobody saw", filename);
        }
        Ok(())
    });
    tested.unwrap();
}

#[test]
fn a_page_comes_back_as_it_came() {
    let runtime = runtime();
    let home = Home::new();
    let store = home.open();
    let text = || any::<Option<String>>();
    let pages = (
        vec(any::<u8>(), 0..5000),
        ".*",
        ".*",
        text(),
        text(),
        any::<Option<u32>>(),
    );
    let tested = runner(48).run(
        &pages,
        |(body, base, content_type, etag, last_modified, serial)| {
            let page = Page {
                fetched_at: day(1),
                base,
                content_type,
                etag,
                last_modified,
                serial: serial.map(u64::from),
                body,
            };
            let visit = Visit {
                project: project(&format!("demo-{}", body_name(&page))),
                upstream: index("pypi"),
                page: page.clone(),
                files: Vec::new(),
            };
            let name = visit.project.clone();
            runtime.block_on(store.record_page(visit)).unwrap();
            let kept = runtime.block_on(store.page(name, index("pypi"))).unwrap();
            prop_assert_eq!(kept, Some(page));
            Ok(())
        },
    );
    tested.unwrap();
}

/// A name of its own for each page.
fn body_name(page: &Page) -> String {
    pinproof_server::store::words::Sha256::of(&page.body).to_string()
}

#[test]
fn no_edit_of_a_log_is_missed() {
    let home = Home::new();
    let store = home.open();
    runtime().block_on(async {
        for number in 0..12 {
            let refused = decision(
                &format!("a-{number}.tar.gz"),
                Admission::Refused,
                Some("recent-release"),
            );
            store.record(vec![refused]).await.unwrap();
        }
    });
    let mut export = Vec::new();
    let book = LogBook::open(&home.data()).unwrap();
    book.export(&mut export).unwrap();
    let head = book.verify(&[]).unwrap().heads[0].hash;
    let edits = (0..4_u8, any::<Index>(), any::<Index>(), any::<u8>());
    let tested = runner(512).run(&edits, |(kind, one, other, byte)| {
        let mut lines: Vec<Vec<u8>> = export
            .split_inclusive(|byte| *byte == b'\n')
            .map(<[u8]>::to_vec)
            .collect();
        let (a, b) = (one.index(lines.len()), other.index(lines.len()));
        match kind {
            0 => drop(lines.remove(a)),
            1 => lines.swap(a, b),
            2 => lines.insert(a, lines[b].clone()),
            _ => {
                // The end of a line is left as it is: at the end of the file, white space is no edit.
                let at = other.index(lines[a].len() - 1);
                lines[a][at] = byte;
            }
        }
        let edited = lines.concat();
        let mut chains = Chains::default();
        chains.expect(head);
        let read = chains.take_lines(edited.as_slice());
        let is_whole = read.is_ok() && chains.finish().faults.is_empty();
        prop_assert_eq!(is_whole, edited == export);
        Ok(())
    });
    tested.unwrap();
}
