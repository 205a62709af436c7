//! A newcomer adds a rule as CONTRIBUTING says, to a copy of the repository: two files and one line.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What the copy needs to be built.
const COPIED: [&str; 6] = [
    "Cargo.lock",
    "Cargo.toml",
    "clippy.toml",
    "crates",
    "rust-toolchain.toml",
    "xtask",
];

#[test]
fn a_rule_is_two_files_and_one_line() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("newcomer");
    let guide = fs::read_to_string(root.join("CONTRIBUTING.md")).unwrap();
    let changes = changes(&guide);
    let files: Vec<&Change> = changes.iter().filter(|change| !change.is_line).collect();
    assert_eq!(files.len(), 2, "CONTRIBUTING shows the two files of a rule");
    assert_eq!(changes.len(), 3, "CONTRIBUTING shows one line besides");

    let mut wanted = sources(&root);
    rename_version(&mut wanted);
    for change in &changes {
        change.apply(&mut wanted);
    }
    write(&copy, &wanted);
    let output = rule_pages(&copy);
    assert!(
        output.status.success(),
        "the rule of CONTRIBUTING fails:\n{}",
        said(&output)
    );

    let is_page = |path: &Path| path.extension().is_some_and(|extension| extension == "md");
    let page = files.iter().find(|change| is_page(&change.path)).unwrap();
    fs::remove_file(copy.join(&page.path)).unwrap();
    let output = rule_pages(&copy);
    assert!(!output.status.success(), "a rule without a page passes");
    let said = said(&output);
    assert!(
        said.contains("pinned_prerelease.md"),
        "the error does not name the page:\n{said}"
    );
}

/// A change that CONTRIBUTING shows.
struct Change {
    path: PathBuf,
    text: String,
    is_line: bool,
}

/// The blocks with `file=PATH` or `line=PATH` after their language.
fn changes(guide: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut lines = guide.lines();
    while let Some(line) = lines.next() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        if ticks < 3 {
            continue;
        }
        let (fence, info) = line.split_at(ticks);
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != fence).collect();
        let target = info
            .split_once(' ')
            .and_then(|(_, target)| target.split_once('='));
        if let Some((kind, path)) = target {
            changes.push(Change {
                path: PathBuf::from(path),
                text: block.join("\n") + "\n",
                is_line: kind == "line",
            });
        }
    }
    changes
}

type Files = Vec<(PathBuf, Vec<u8>)>;

impl Change {
    fn apply(&self, files: &mut Files) {
        if !self.is_line {
            files.push((self.path.clone(), self.text.clone().into_bytes()));
            return;
        }
        let file = files.iter_mut().find(|(known, _)| *known == self.path);
        let (_, bytes) = file.expect("the file that gets a line is there");
        let text = String::from_utf8(bytes.clone()).expect("a source file is text");
        let list = "\nrules! {\n";
        assert!(
            text.contains(list),
            "{} has no list of rules",
            self.path.display()
        );
        *bytes = text
            .replacen(list, &format!("{list}{}", self.text), 1)
            .into_bytes();
    }
}

/// Gives the copy a version of its own: what cargo builds of it is then named otherwise, and never takes
/// the place of what it builds of the original in the same target folder.
fn rename_version(files: &mut Files) {
    let version = concat!("version = \"", env!("CARGO_PKG_VERSION"), "\"");
    let (mut renamed, own) = (0, "version = \"0.0.0-newcomer\"");
    for (path, bytes) in files {
        let text = String::from_utf8_lossy(bytes);
        let text = match path.to_str() {
            Some("Cargo.toml") => text.replacen(version, own, 1),
            Some("Cargo.lock") => rename_locked(&text, version, own),
            _ => continue,
        };
        renamed += usize::from(text.contains(own));
        *bytes = text.into_bytes();
    }
    assert_eq!(
        renamed, 2,
        "the version stands in Cargo.toml and Cargo.lock"
    );
}

/// Renames the version of the packages that the workspace holds.
fn rename_locked(lock: &str, version: &str, own: &str) -> String {
    let packages = lock.split("\n[[package]]\n").map(|package| {
        let is_ours = !package.contains("\nsource = ");
        let renamed = package.replacen(version, own, usize::from(is_ours));
        assert!(
            !is_ours || package.starts_with('#') || renamed.contains(own),
            "{package}"
        );
        renamed
    });
    packages.collect::<Vec<_>>().join("\n[[package]]\n")
}

/// The files of the workspace, by relative path.
fn sources(root: &Path) -> Files {
    let mut files = Vec::new();
    let mut open: Vec<PathBuf> = COPIED.iter().map(PathBuf::from).collect();
    while let Some(relative) = open.pop() {
        let path = root.join(&relative);
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a folder of the workspace");
            let names = entries.map(|entry| entry.expect("an entry").file_name());
            open.extend(
                names
                    .filter(|name| name != "target")
                    .map(|name| relative.join(name)),
            );
        } else if let Ok(bytes) = fs::read(&path) {
            files.push((relative, bytes));
        }
    }
    files
}

/// Makes `copy` hold these files; what is as it should be keeps its time, so that cargo reuses it.
fn write(copy: &Path, files: &Files) {
    fs::create_dir_all(copy).expect("a temporary folder");
    let wanted: BTreeSet<&PathBuf> = files.iter().map(|(path, _)| path).collect();
    for (path, _) in sources(copy)
        .iter()
        .filter(|(path, _)| !wanted.contains(path))
    {
        fs::remove_file(copy.join(path)).expect("a file of an earlier run");
    }
    for (path, bytes) in files {
        let path = copy.join(path);
        if fs::read(&path).is_ok_and(|found| found == *bytes) {
            continue;
        }
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, bytes).expect("a file of the copy");
    }
}

/// Runs the tests of the rule pages there. What the outer build has compiled is not compiled again.
fn rule_pages(copy: &Path) -> Output {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("the target folder");
    Command::new(env!("CARGO"))
        .args([
            "test",
            "-p",
            "pinproof-engine",
            "--test",
            "rule_pages",
            "--offline",
            "--locked",
        ])
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", target)
        .output()
        .expect("cargo runs")
}

fn said(output: &Output) -> String {
    let streams = [&output.stdout, &output.stderr];
    streams
        .map(|stream| String::from_utf8_lossy(stream).into_owned())
        .join("\n")
}
