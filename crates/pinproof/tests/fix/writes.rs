//! How the file is written: shown before, whole or not at all, with its permissions.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use crate::support::{Index, Release, Sandbox};

fn flask() -> Release {
    Release::new("flask", "3.1.2")
}

fn mode(path: &Path) -> u32 {
    path.metadata().expect("a file").permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
}

#[test]
fn diff_shows_what_fix_would_do_and_changes_nothing() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements("# head\nflask==3.1.2\n");
    let url = index.url();
    let host = url.trim_start_matches("http://").trim_end_matches('/');
    for args in [&["--diff"][..], &["--fix", "--diff"]] {
        let ran = sandbox.check(&index, args);
        let diff = format!(
            "--- a/requirements.txt\n+++ b/requirements.txt\n@@ -1,2 +1,3 @@\n # head\n\
             -flask==3.1.2\n+flask==3.1.2 \\\n+    --hash=sha256:{}\n",
            flask().sha256()
        );
        assert!(ran.stdout.starts_with(&diff), "{}", ran.all());
        ran.ends_with(1);
        ran.notes(&format!(
            "would add 1 hash to 1 requirement of requirements.txt, as published by {host}"
        ));
        assert_eq!(sandbox.read("requirements.txt"), "# head\nflask==3.1.2\n");
    }
}

#[test]
fn the_diff_can_be_applied() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements("# head\r\nflask==3.1.2\r\n");
    let ran = sandbox.check(&index, &["--diff"]);
    sandbox.check(&index, &["--fix"]);
    let added: Vec<_> = ran
        .stdout
        .lines()
        .filter(|line| line.starts_with("+ "))
        .collect();
    assert_eq!(added.len(), 1, "{}", ran.all());
    assert!(
        sandbox
            .read("requirements.txt")
            .contains(added[0][1..].trim())
    );
}

#[test]
fn it_says_where_the_hashes_came_from() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements("flask==3.1.2\n");
    sandbox.write(
        "pinproof.toml",
        "[[index]]\nname = \"mirror\"\ndefault = true\n",
    );
    let url = format!("mirror={}", index.url());
    let ran = sandbox.check_as_configured(&["--fix", "--index", &url], &[]);
    ran.notes("note: added 1 hash to 1 requirement of requirements.txt, as published by mirror\n");
}

#[test]
fn permissions_are_kept() {
    let index = Index::with(&[flask()]);
    for wanted in [0o600, 0o640, 0o755] {
        let sandbox = Sandbox::with_requirements("flask==3.1.2\n");
        let path = sandbox.project().join("requirements.txt");
        set_mode(&path, wanted);
        sandbox.check(&index, &["--fix"]).notes("added");
        assert_eq!(mode(&path), wanted);
    }
}

#[test]
fn a_link_stays_a_link_and_the_file_behind_it_is_fixed() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::new();
    sandbox.write("locks/main.txt", "flask==3.1.2\n");
    let link = sandbox.project().join("requirements.txt");
    symlink("locks/main.txt", &link).expect("a link");
    sandbox
        .check(&index, &["--fix", "requirements.txt"])
        .notes("added");
    assert!(link.is_symlink());
    assert!(sandbox.read("locks/main.txt").contains(&flask().sha256()));
}

#[test]
fn a_read_only_file_could_not_run_and_nothing_is_lost() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements("flask==3.1.2\n");
    let path = sandbox.project().join("requirements.txt");
    set_mode(&path, 0o444);
    let ran = sandbox.check(&index, &["--fix"]);
    ran.ends_with(2)
        .notes("error: requirements.txt cannot be written: permission denied");
    assert_eq!(sandbox.read("requirements.txt"), "flask==3.1.2\n");
    assert_eq!(mode(&path), 0o444);
    let names = std::fs::read_dir(sandbox.project()).expect("a folder");
    assert_eq!(names.count(), 1, "a temporary file is left");
}

#[test]
fn a_file_that_is_not_plain_utf_8_is_not_edited() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::new();
    let utf_16: Vec<u8> = "\u{feff}flask==3.1.2\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    sandbox.write("requirements.txt", &utf_16);
    let ran = sandbox.check(&index, &["--fix"]);
    ran.notes("the file is not plain UTF-8, so it is not edited");
    let after = std::fs::read(sandbox.project().join("requirements.txt")).expect("a file");
    assert_eq!(after, utf_16);
}

#[test]
fn a_pyproject_is_not_edited() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::new();
    let text = "[project]\nname = \"x\"\nversion = \"1\"\ndependencies = [\"flask==3.1.2\"]\n";
    sandbox.write("pyproject.toml", text);
    sandbox.check(&index, &["--fix"]);
    assert_eq!(sandbox.read("pyproject.toml"), text);
}

#[test]
fn a_report_in_a_file_does_not_hide_the_fix() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements("flask==3.1.2\n");
    sandbox
        .check(&index, &["--fix", "--format", "json", "-o", "report.json"])
        .notes("added 1 hash");
    let report: serde_json::Value =
        serde_json::from_str(&sandbox.read("report.json")).expect("JSON");
    assert_eq!(report["findings"][0]["rule"], "unhashed-requirement");
}
