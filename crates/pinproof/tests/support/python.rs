//! Python tools in a virtual environment of the build folder, pinned.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// Tests run at the same time, and none may use an environment that another one is making.
static MAKING: Mutex<()> = Mutex::new(());

/// The folder with the programs of an environment that has these packages.
///
/// `None`, loudly, where there is no Python with `venv` or no index; where `CI=true`, that is a failure: a
/// test that did not run proves nothing.
pub(crate) fn environment(name: &str, packages: &[&str]) -> Option<PathBuf> {
    let alone = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let made = make(name, packages);
    drop(alone);
    if let Err(why) = &made {
        let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!in_ci, "{packages:?} cannot be installed: {why}");
        eprintln!("SKIPPED: {packages:?} cannot be installed: {why}");
    }
    made.ok()
}

fn make(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = parent.join(format!("{name}-{}", packages.join("-").replace("==", "-")));
    if folder.join("done").exists() {
        return Ok(folder.join("bin"));
    }
    let python = folder.join("bin/python");
    run(Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&folder))?;
    let install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    run(Command::new(python).args(install).args(packages))?;
    std::fs::write(folder.join("done"), "").map_err(|error| error.to_string())?;
    Ok(folder.join("bin"))
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let is_done = output.status.success();
    is_done
        .then_some(())
        .ok_or_else(|| format!("{command:?}: {said}"))
}
