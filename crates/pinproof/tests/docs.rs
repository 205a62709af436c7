//! Every command that README, guide and examples show is run, and every command that any text of the
//! project names exists.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use xtask::binary::Binary;
use xtask::{document, workspace};

fn binary() -> Binary {
    Binary::new(Path::new(env!("CARGO_BIN_EXE_pinproof"))).unwrap()
}

#[test]
fn every_shown_command_ends_as_its_document_says() {
    let binary = binary();
    if !binary.reaches_pypi().unwrap() {
        assert!(std::env::var_os("CI").is_none(), "PyPI does not answer, and CI is to run every command");
        eprintln!("SKIPPED: PyPI does not answer, so no command of README, guide and examples was run");
        return;
    }
    let documents = document::all().unwrap();
    let count: usize = documents.iter().map(|document| document.commands().count()).sum();
    assert!(count > 10, "only {count} commands found: the documents are read wrongly");
    let failures: Vec<String> = documents
        .iter()
        .filter_map(|document| document.run(&binary).err())
        .map(|trouble| trouble.to_string())
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_named_command_exists() {
    let binary = binary();
    let named = named_commands();
    assert!(named.len() > 10, "only {} commands found: the texts are read wrongly", named.len());
    let mut failures = Vec::new();
    for (command, path) in named {
        for mut args in calls(&command) {
            args.push("--help".to_owned());
            if let Err(trouble) = binary.say(&args) {
                failures.push(format!("{}: `pinproof {command}`: {trouble}", workspace::shown(&path)));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What follows `pinproof` in backticks, with a file that says it.
fn named_commands() -> BTreeMap<String, PathBuf> {
    let root = workspace::root();
    let mut paths = Vec::new();
    for folder in ["crates", "docs/guide", "examples"] {
        let folder = root.join(folder);
        paths.extend(workspace::files(&folder, "md").unwrap());
        paths.extend(workspace::files(&folder, "rs").unwrap());
    }
    let is_text_of_ours = |path: &Path| !path.components().any(|part| part.as_os_str() == "tests");
    paths.retain(|path| is_text_of_ours(path));
    let top = std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path());
    paths.extend(top.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    let mut named = BTreeMap::new();
    for path in paths {
        let text = workspace::read(&path).unwrap();
        for rest in text.split("`pinproof ").skip(1) {
            let (command, _) = rest.split_once('`').unwrap_or((rest, ""));
            // A string of Rust goes on after a backslash.
            let words = command.split_whitespace().filter(|word| *word != "\\");
            named.insert(words.collect::<Vec<_>>().join(" "), path.clone());
        }
    }
    named
}

/// The calls that a text stands for: `config show|init` is two, `[PATH]…` may be left out.
fn calls(command: &str) -> Vec<Vec<String>> {
    let mut calls = vec![Vec::new()];
    for word in command.split(' ').filter(|word| !word.starts_with('[') && *word != "…") {
        let choices: Vec<&str> = word.split('|').collect();
        calls = choices
            .iter()
            .flat_map(|choice| {
                calls.iter().map(|call| {
                    let mut call = call.clone();
                    call.push(sample(choice));
                    call
                })
            })
            .collect();
    }
    calls
}

/// A value for a placeholder.
fn sample(word: &str) -> String {
    match word.trim_matches(['{', '}']) {
        "RULE" | "rule" => "mixed-indexes".to_owned(),
        "SHELL" => "bash".to_owned(),
        "NAME=URL" => "acme=https://index.acme.example/simple/".to_owned(),
        other => other.to_owned(),
    }
}
