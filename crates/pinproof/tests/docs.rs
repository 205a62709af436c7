//! Every command that README, guide and examples show is run, every command that any text of the
//! project names exists, and every link leads somewhere.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use xtask::binary::Binary;
use xtask::{Trouble, document, workspace};

fn binary() -> Binary {
    Binary::new(Path::new(env!("CARGO_BIN_EXE_pinproof"))).expect("the binary is built")
}

#[test]
fn every_shown_command_ends_as_its_document_says() {
    let binary = binary();
    if !binary.reaches_pypi().unwrap() {
        assert!(
            std::env::var_os("CI").is_none(),
            "PyPI does not answer, and CI is to run every command"
        );
        eprintln!(
            "SKIPPED: PyPI does not answer, so no command of README, guide and examples was run"
        );
        return;
    }
    let documents = document::all().unwrap();
    let count: usize = documents
        .iter()
        .map(|document| document.commands().count())
        .sum();
    assert!(
        count > 10,
        "only {count} commands found: the documents are read wrongly"
    );
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
    assert!(
        named.len() > 10,
        "only {} commands found: the texts are read wrongly",
        named.len()
    );
    let mut failures = Vec::new();
    for (command, path) in named {
        for mut args in calls(&command) {
            // What stands behind is the command of somebody else.
            let behind = args.iter().position(|arg| arg == "--");
            args.truncate(behind.unwrap_or(args.len()));
            args.push("--help".to_owned());
            if let Err(trouble) = binary.say(&args) {
                failures.push(format!(
                    "{}: `pinproof {command}`: {trouble}",
                    workspace::shown(&path)
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    let mut count = 0;
    for path in workspace::files(&workspace::root(), "md").unwrap() {
        let folder = path.parent().unwrap();
        let text = workspace::read(&path).unwrap();
        for rest in text.split("](").skip(1) {
            let target = rest.split([')', '#', ' ']).next().unwrap();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            count += 1;
            if !folder.join(target).exists() {
                broken.push(format!("{}: {target}", workspace::shown(&path)));
            }
        }
    }
    assert!(
        count > 20,
        "only {count} links found: the texts are read wrongly"
    );
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// What follows `pinproof` in backticks, with a file that says it.
fn named_commands() -> BTreeMap<String, PathBuf> {
    let mut named = BTreeMap::new();
    for path in texts().expect("the workspace can be listed") {
        let text = workspace::read(&path).expect("a text of the workspace");
        for rest in text.split("`pinproof ").skip(1) {
            let (command, _) = rest.split_once('`').unwrap_or((rest, ""));
            // A string of Rust goes on after a backslash.
            let words = command.split_whitespace().filter(|word| *word != "\\");
            named.insert(words.collect::<Vec<_>>().join(" "), path.clone());
        }
    }
    named
}

/// The texts that may name a command to a reader: sources, pages, documents.
fn texts() -> Result<Vec<PathBuf>, Trouble> {
    let root = workspace::root();
    let mut paths = workspace::files(&root, "md")?;
    paths.extend(workspace::files(&root.join("crates"), "rs")?);
    let is_for_readers = |path: &Path| !path.components().any(|part| part.as_os_str() == "tests");
    paths.retain(|path| is_for_readers(path));
    Ok(paths)
}

/// The calls that a text stands for: `config show|init` is two, `[PATH]…` may be left out.
fn calls(command: &str) -> Vec<Vec<String>> {
    let mut calls = vec![Vec::new()];
    for word in command
        .split(' ')
        .filter(|word| !word.starts_with('[') && *word != "…")
    {
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
