//! A8, code that runs at install time: whoever asks what would be installed has run it already.

use crate::clients::Client;
use crate::lab::{Lab, notes, shows};
use crate::shelf::{File, Shelf};

const REASON: &str = "`evil-1.0.zip` is a source distribution: installing it runs its code";

/// A source distribution that is its own build backend, and leaves a mark when it is asked for metadata.
fn evil(lab: &Lab) -> File {
    let mark = lab.mark().display().to_string();
    let backend = format!("open({mark:?}, 'w').write('ran')\n");
    let project =
        "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n";
    let files = [("backend.py", &*backend), ("pyproject.toml", project)];
    File::sdist_of("evil", "1.0", &files)
}

/// Commands that install nothing.
const DRY: [(Client, &[&str]); 3] = [
    (Client::Pip, &["install", "--dry-run"]),
    (Client::Pip, &["download", "--no-deps"]),
    (Client::Uv, &["install", "--dry-run"]),
];

/// Runs a command that installs nothing; what it said, and whether code of the project ran.
fn dry(lab: &Lab, (client, args): (Client, &[&str]), index: &str) -> (crate::support::Ran, bool) {
    let target: &[&str] = match client {
        Client::Pip => &[],
        Client::Uv => &["--target", "nowhere"],
    };
    let ran = lab.runs(
        client,
        &[args, target, &[client.index_option(), index, "evil==1.0"]].concat(),
    );
    let has_run = lab.mark().exists();
    if has_run {
        std::fs::remove_file(lab.mark()).expect("the mark");
        notes("the code of the project has run");
    } else {
        notes("no code has run");
    }
    (ran, has_run)
}

pub(crate) fn code_runs_in_a_dry_run() {
    let Some(lab) = Lab::open("code that runs although nothing is installed") else {
        return;
    };
    let shelf = Shelf::with(&[evil(&lab)]);
    for command in DRY {
        let (ran, has_run) = dry(&lab, command, &shelf.url());
        assert!(has_run, "{command:?}: {}", ran.all());
    }
    let before = shelf.fetched().len();
    let gateway = lab.gateway(&shelf.url());
    for command in DRY {
        let (ran, has_run) = dry(&lab, command, &gateway.simple());
        assert!(!has_run, "{command:?}: {}", ran.all());
        assert_ne!(ran.code, 0, "{}", ran.all());
        shows(&ran, REASON);
    }
    assert_eq!(shelf.fetched().len(), before, "nobody even fetched it");
}

#[test]
fn check_lock_and_download_run_nothing() {
    let Some(lab) = Lab::open("code that runs: what check and lock do") else {
        return;
    };
    let evil = evil(&lab);
    let shelf = Shelf::with(std::slice::from_ref(&evil));
    let (_, has_run) = dry(&lab, DRY[0], &shelf.url());
    assert!(has_run);
    let url = shelf.url();
    lab.sandbox.write("requirements.in", "evil\n");
    lab.locks(&url, &[], (1, "build"));
    assert!(!lab.sandbox.project().join("requirements.txt").exists());
    lab.sandbox.write("requirements.txt", evil.locked());
    let check = ["check", "requirements.txt", "--index-url", &url];
    lab.pinproof(&check, (0, "warning[build-required]"));
    let strict = ["-D", "build-required"];
    lab.pinproof(
        &[&check[..], &strict].concat(),
        (1, "error[build-required]"),
    );
    let download = ["download", "-r", "requirements.txt", "-d", "files"];
    lab.pinproof(
        &[&download[..], &["--index-url", &url]].concat(),
        (1, "build-required"),
    );
    assert!(!lab.mark().exists(), "it ran");
    // Nothing was in the way: the same archive does run.
    let (_, has_run) = dry(&lab, DRY[1], &shelf.url());
    assert!(has_run);
}
