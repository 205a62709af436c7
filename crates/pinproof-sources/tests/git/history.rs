//! What changed when: along branches, over merges, to the edge of what is known.

use std::time::{Duration, Instant};

use pinproof_sources::git::{Change, History, Limits, Refs, Repository, Select};

use crate::made::Made;

struct Requirements;

impl Select for Requirements {
    fn enters(&self, folder: &str) -> bool {
        folder != "node_modules"
    }

    fn takes(&self, folder: &str, file: &str) -> bool {
        file == "requirements.txt" || folder == "requirements" && file == "main.txt"
    }
}

fn history(made: &Made, refs: Refs) -> History {
    made.open().history(refs, &Requirements).unwrap()
}

/// `DAY PATH BEFORE… AFTER`, with `-` for nothing; content is shown by its first line.
fn told(made: &Made, history: &History) -> Vec<String> {
    let repository = made.open();
    let content = |id: Option<pinproof_sources::git::Id>| match id {
        None => "-".to_owned(),
        Some(id) => String::from_utf8(repository.read(id).unwrap()).unwrap(),
    };
    let tell = |change: &Change| {
        let day = change.at.time.to_string()[5..10].to_owned();
        let mut words = vec![day, change.path.display().to_string()];
        words.extend(change.before.iter().map(|id| content(*id)));
        words.push(content(change.after));
        words.join(" ")
    };
    history.changes.iter().map(tell).collect()
}

#[test]
fn a_file_that_comes_changes_goes_and_comes_again() {
    let Some(made) = Made::new() else { return };
    made.commit_file("README", "x");
    made.commit_file("requirements.txt", "1");
    made.commit_file("README", "y");
    made.commit_file("requirements.txt", "2");
    made.git(&["rm", "-q", "requirements.txt"]);
    made.commit();
    made.commit_file("requirements.txt", "1");
    let history = history(&made, Refs::Head);
    assert_eq!(
        told(&made, &history),
        [
            "01-07 requirements.txt - 1",
            "01-06 requirements.txt 2 -",
            "01-05 requirements.txt 1 2",
            "01-03 requirements.txt - 1",
        ]
    );
    assert_eq!(history.commits.read, 6);
    assert_eq!(history.present.len(), 1);
    assert!(history.commits.shallow.is_empty() && !history.commits.is_cut);
    assert_eq!(
        history.commits.oldest.unwrap().time.to_string(),
        "2026-01-02T12:00:00Z"
    );
}

#[test]
fn a_rename_is_gone_here_and_new_there_and_other_folders_are_not_entered() {
    let Some(made) = Made::new() else { return };
    made.write("node_modules/requirements.txt", "never");
    made.commit_file("requirements.txt", "1");
    std::fs::create_dir(made.path().join("requirements")).unwrap();
    made.git(&["mv", "requirements.txt", "requirements/main.txt"]);
    made.commit();
    assert_eq!(
        told(&made, &history(&made, Refs::Head)),
        [
            "01-03 requirements/main.txt - 1",
            "01-03 requirements.txt 1 -",
            "01-02 requirements.txt 1",
        ]
    );
}

#[test]
fn a_merge_is_compared_with_each_parent_and_other_branches_are_asked_for() {
    let Some(made) = Made::new() else { return };
    made.commit_file("requirements.txt", "1");
    made.git(&["switch", "-q", "-c", "side"]);
    made.commit_file("requirements.txt", "2");
    made.git(&["switch", "-q", "main"]);
    made.commit_file("README", "x");
    made.git(&["merge", "-q", "--no-ff", "-m", "a merge", "side"]);
    made.git(&["switch", "-q", "-c", "elsewhere"]);
    made.commit_file("requirements.txt", "3");
    made.git(&["tag", "-a", "-m", "tag", "v1"]);
    made.git(&["switch", "-q", "main"]);
    made.git(&["branch", "-q", "-D", "elsewhere"]);
    let head = [
        "01-04 requirements.txt 1 2 2",
        "01-03 requirements.txt 1 2",
        "01-02 requirements.txt 1",
    ];
    assert_eq!(told(&made, &history(&made, Refs::Head)), head);
    let all = history(&made, Refs::All);
    assert_eq!(told(&made, &all)[0], "01-05 requirements.txt 2 3");
    assert_eq!(told(&made, &all)[1..], head);
    assert_eq!(all.present.len(), 2);
}

#[test]
fn the_edge_of_a_shallow_clone_is_told() {
    let Some(made) = Made::new() else { return };
    made.commit_file("requirements.txt", "1");
    made.commit_file("README", "x");
    made.commit_file("requirements.txt", "2");
    let clone = made.cloned(&["--depth=2"]);
    let history = history(&clone, Refs::Head);
    assert_eq!(
        told(&clone, &history),
        ["01-04 requirements.txt 1 2", "01-03 requirements.txt 1"]
    );
    let edges: Vec<_> = history
        .changes
        .iter()
        .map(|change| change.is_edge)
        .collect();
    assert_eq!(edges, [false, true]);
    assert_eq!(history.commits.shallow.len(), 1);
}

#[test]
fn a_limit_cuts_off_what_is_oldest_and_says_so() {
    let Some(made) = Made::new() else { return };
    for at in 0..5 {
        made.commit_file("requirements.txt", &at.to_string());
    }
    let limits = Limits {
        commits: 3,
        ..Limits::default()
    };
    let repository = Repository::discover(made.path(), limits).unwrap();
    let history = repository.history(Refs::Head, &Requirements).unwrap();
    assert!(history.commits.is_cut);
    assert_eq!(told(&made, &history).len(), 3);
}

#[test]
fn a_tree_of_the_same_folder_again_and_again_ends() {
    let Some(made) = Made::new() else { return };
    made.write("file", "x");
    let blob = made.git(&["hash-object", "-w", "file"]);
    let mut tree = mktree(&made, &format!("100644 blob {blob}\trequirements.txt\n"));
    for _ in 0..12 {
        let lines = (0..10).map(|at| format!("040000 tree {tree}\tfolder{at}\n"));
        tree = mktree(&made, &lines.collect::<String>());
    }
    let commit = made.git(&["commit-tree", "-m", "a bomb", &tree]);
    made.git(&["update-ref", "HEAD", &commit]);
    let limits = Limits {
        entries: 100_000,
        ..Limits::default()
    };
    let repository = Repository::discover(made.path(), limits).unwrap();
    let history = repository.history(Refs::Head, &Requirements).unwrap();
    assert!(history.commits.is_cut);
}

fn mktree(made: &Made, lines: &str) -> String {
    made.write("lines", lines);
    let script = "git mktree < lines";
    let output = std::process::Command::new("sh")
        .args(["-c", script])
        .current_dir(made.path())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn a_thousand_versions_of_a_lock_take_seconds_at_most() {
    let Some(made) = Made::new() else { return };
    let stream = thousand_versions();
    made.write(".git/stream", &stream);
    let import = std::process::Command::new("sh")
        .args([
            "-c",
            "git fast-import --quiet < .git/stream && git repack -adq && git reset -q --hard",
        ])
        .current_dir(made.path())
        .output()
        .unwrap();
    assert!(import.status.success(), "{import:?}");
    let start = Instant::now();
    let repository = made.open();
    let history = repository.history(Refs::Head, &Requirements).unwrap();
    assert_eq!(history.changes.len(), 1_000);
    let mut bytes = 0;
    for change in &history.changes {
        bytes += repository.read(change.after.unwrap()).unwrap().len();
    }
    let took = start.elapsed();
    println!("1,000 versions, {bytes} bytes: {took:?}");
    // An optimised build needs a tenth; this only has to notice another order of growth.
    assert!(took < Duration::from_mins(1), "{took:?}");
}

/// A stream for `git fast-import`: a lock of 300 pins with hashes, of which each commit changes one.
fn thousand_versions() -> String {
    use std::fmt::Write as _;
    let mut versions = vec![0; 300];
    let mut stream = String::new();
    for commit in 0..1_000 {
        versions[commit % 300] += 1;
        let lock: String = versions
            .iter()
            .enumerate()
            .map(|(at, version)| {
                let digest = format!("{:064x}", at * 1_000_003 + version * 7_919);
                format!("project{at}==1.{version} \\\n    --hash=sha256:{digest}\n")
            })
            .collect();
        let _ = write!(
            stream,
            "commit refs/heads/main\ncommitter nobody <nobody@nowhere.invalid> {} +0000\ndata 1\nx\n\
             M 100644 inline requirements.txt\ndata {}\n{lock}\n",
            1_700_000_000 + commit * 3_600,
            lock.len()
        );
    }
    stream
}
