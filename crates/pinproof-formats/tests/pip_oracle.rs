//! Requirements files read by pip and by this crate: what pip finds is found, what pip refuses is noticed.
//!
//! `corpus/requirements/same` is read alike. In `stricter` pip drops something without a word, or takes
//! it from the environment; here it is a question, and what pip does find is found all the same.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the crate is pure; its tests ask the real tools"
)]

mod oracle;
#[path = "pip_oracle/ours.rs"]
mod ours;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use ours::{ENVIRONMENT, Ours};
use serde_json::{Value, json};

const SCRIPT: &str = include_str!("pip_oracle.py");

fn corpus(kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/corpus/requirements")
        .join(kind);
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|ext| ext == "txt"))
        .collect();
    files.sort();
    files
}

/// The files and folders that paths of the corpus lead to; pip looks whether they are there.
fn working_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let work = folder.path().join("work");
    for project in ["project", "project/sub", "dir with space/project", "."] {
        let project = work.join(project);
        std::fs::create_dir_all(&project).unwrap();
        std::fs::write(project.join("pyproject.toml"), "").unwrap();
    }
    folder
}

fn ask_pip(environment: &Path, ours: &BTreeMap<PathBuf, Ours>) -> Value {
    let folder = working_folder();
    let parts =
        |part: fn(&Ours) -> Vec<String>| ours.values().flat_map(part).collect::<BTreeSet<_>>();
    let input = json!({
        "folder": folder.path().join("work"),
        "environment": BTreeMap::from(ENVIRONMENT),
        "files": ours.keys().collect::<Vec<_>>(),
        "markers": parts(Ours::markers),
        "specifiers": parts(Ours::specifiers),
    });
    oracle::ask(environment, SCRIPT, &input)
}

#[test]
fn reads_what_pip_reads() {
    let Some(environment) = oracle::environment() else {
        return;
    };
    let read = |kind| {
        corpus(kind)
            .into_iter()
            .map(|path| (path.clone(), Ours::read(&path)))
            .collect()
    };
    let same: BTreeMap<PathBuf, Ours> = read("same");
    let stricter: BTreeMap<PathBuf, Ours> = read("stricter");
    assert!(same.len() + stricter.len() >= 350, "the corpus has shrunk");
    let pip = ask_pip(&environment, &same);
    let mut differences: Vec<_> = same
        .iter()
        .filter_map(|(path, ours)| ours.difference(path, &pip))
        .collect();
    let pip = ask_pip(&environment, &stricter);
    differences.extend(
        stricter
            .iter()
            .filter_map(|(path, ours)| ours.leniency(path, &pip)),
    );
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

#[test]
fn every_byte_is_accounted_for() {
    for path in corpus("same").into_iter().chain(corpus("stricter")) {
        ours::assert_covered(&path);
    }
}
