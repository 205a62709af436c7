//! A Python with the packages that a differential test takes for its oracle.
#![allow(
    clippy::disallowed_methods,
    reason = "the oracle is a Python process; the crate under test stays pure"
)]
#![allow(clippy::print_stderr, reason = "a skipped test has to say so")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// The interpreter of a virtual environment that holds `requirements`, made on first use.
///
/// Without Python or an index it says so and returns none: the caller skips. Where `CI=true`, it fails.
pub(crate) fn oracle_python(requirements: &[&str]) -> Option<PathBuf> {
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("oracle-{}", requirements.join("-")));
    match ensure(&folder, requirements) {
        Ok(()) => Some(folder.join("bin/python")),
        Err(why) => {
            let in_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
            assert!(!in_ci, "no oracle in CI: {why}");
            eprintln!("SKIPPED, no Python with {requirements:?}: {why}");
            None
        }
    }
}

fn ensure(folder: &Path, requirements: &[&str]) -> Result<(), String> {
    if folder.is_dir() {
        return Ok(());
    }
    // Made aside and renamed, so that a folder with the right name is complete.
    let unfinished = folder.with_added_extension(std::process::id().to_string());
    let made = make(&unfinished, requirements);
    if made.is_err() || std::fs::rename(&unfinished, folder).is_err() {
        // It failed, or another test was first; what cannot be removed does no harm.
        let _ = std::fs::remove_dir_all(&unfinished);
    }
    made
}

fn make(folder: &Path, requirements: &[&str]) -> Result<(), String> {
    run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
    run(Command::new(folder.join("bin/python"))
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ])
        .args(requirements))
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}
