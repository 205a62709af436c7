//! Clients that ask for pages and files until nobody answers any more, and note what they were answered.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::dice::Dice;
use crate::http::{Answer, get_if_there};
use crate::support::sha256;
use crate::upstream::PROJECTS;

const CLIENTS: u64 = 6;
/// Files that are asked for after a page.
const FILES: usize = 4;

/// How long a gateway may take to answer anything at all; a busy machine is no failure.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a client was answered completely.
pub(crate) enum Noted {
    /// A page listed a file with this hash, and this admission.
    Listed {
        project: &'static str,
        filename: String,
        sha256: String,
        admission: String,
    },
    /// All bytes of a file came.
    Bytes { filename: String, sha256: String },
    /// It was refused.
    Refused { filename: String, sha256: String },
}

/// Lets clients ask until so many requests for files were answered, then `end`s the gateway; what they noted until nobody
/// was there any more.
pub(crate) fn under_load(
    url: &str,
    (round, answers): (u64, usize),
    end: impl FnOnce(),
) -> Vec<Noted> {
    let answered = &AtomicUsize::new(0);
    thread::scope(|scope| {
        let ask = |client| ask_until_it_ends(url, round * CLIENTS + client, answered);
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| scope.spawn(move || ask(client)))
            .collect();
        let began = Instant::now();
        while answered.load(Ordering::Relaxed) < answers && began.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(1));
        }
        end();
        let noted = clients
            .into_iter()
            .map(|client| client.join().expect("no client panicked"));
        noted.flatten().collect()
    })
}

fn ask_until_it_ends(url: &str, seed: u64, answered: &AtomicUsize) -> Vec<Noted> {
    let mut dice = Dice::new(seed);
    let mut noted = Vec::new();
    while ask(url, &mut dice, &mut noted, answered).is_some() {}
    noted
}

/// Asks for a page and some of its files; nothing once nobody is there.
fn ask(url: &str, dice: &mut Dice, noted: &mut Vec<Noted>, answered: &AtomicUsize) -> Option<()> {
    let project = *dice.of(&PROJECTS);
    let accept = "Accept: application/vnd.pypi.simple.v1+json";
    let answer = get_if_there(url, &format!("/simple/{project}/"), &[accept])?;
    if !is_complete(&answer, 200) {
        return Some(());
    }
    let page: Value = serde_json::from_slice(&answer.body).expect("JSON");
    let files = page["files"].as_array().expect("files");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    noted.extend(files.iter().map(|file| Noted::Listed {
        project,
        filename: text(&file["filename"]),
        sha256: text(&file["hashes"]["sha256"]),
        admission: text(&file["_pinproof"]["admission"]),
    }));
    for _ in 0..FILES {
        // The newest are last, and the only ones whose first bytes are still there.
        let oldest = if dice.percent(70) {
            files.len().saturating_sub(4)
        } else {
            0
        };
        let file = dice.of(&files[oldest..]);
        let (filename, hash) = (text(&file["filename"]), text(&file["hashes"]["sha256"]));
        let answer = get_if_there(url, &format!("/files/{hash}/{filename}"), &[])?;
        if is_complete(&answer, 200) {
            assert_eq!(
                sha256(&answer.body),
                hash,
                "{filename}: other bytes than its address says"
            );
            noted.push(Noted::Bytes {
                filename,
                sha256: hash,
            });
        } else if is_complete(&answer, 403) {
            noted.push(Noted::Refused {
                filename,
                sha256: hash,
            });
        }
        answered.fetch_add(1, Ordering::Relaxed);
    }
    Some(())
}

fn is_complete(answer: &Answer, status: u16) -> bool {
    answer.status == status && answer.is_whole
}
