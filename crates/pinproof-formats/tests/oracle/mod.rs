//! Runs the real tools in a virtual environment, pinned, and without the environment of the test.

#![allow(dead_code, reason = "each test asks in its own way")]
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "the crate is pure; its tests ask the real tools"
)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The tools that are asked, with their versions.
const TOOLS: [&str; 5] = [
    "pip==26.3",
    "packaging==26.3",
    "cvss==3.6",
    "dependency-groups==1.3.2",
    "uv==0.13.9",
];

/// The virtual environment with the tools; `None`, loudly, where there is no Python with `venv`.
///
/// Where `CI=true`, that is a failure: a test that did not run proves nothing.
pub(crate) fn environment() -> Option<PathBuf> {
    let found = prepare();
    if let Err(why) = &found {
        let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!in_ci, "the oracle is not available: {why}");
        eprintln!("SKIPPED: the oracle is not available: {why}");
    }
    found.ok()
}

fn prepare() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let ready = folder.join(format!("oracle-{}", TOOLS.join("-").replace("==", "-")));
    if ready.join("bin/python").exists() {
        return Ok(ready);
    }
    // Built beside and moved into place, so that two test processes do not meet half-way.
    let building = folder.join(format!("oracle-building-{}", std::process::id()));
    run(Command::new("python3").args(["-m", "venv"]).arg(&building))?;
    let python = building.join("bin/python");
    let install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    run(Command::new(python).args(install).args(TOOLS))?;
    let _ = std::fs::rename(&building, &ready);
    let _ = std::fs::remove_dir_all(&building);
    Ok(ready)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    let error = String::from_utf8_lossy(&output.stderr);
    output
        .status
        .success()
        .then_some(())
        .ok_or(format!("{command:?}: {error}"))
}

/// Runs a Python script, with `input` as JSON on its standard input, and reads JSON from its output.
pub(crate) fn ask(
    environment: &Path,
    script: &str,
    input: &serde_json::Value,
) -> serde_json::Value {
    let mut child = Command::new(environment.join("bin/python"))
        .args(["-I", "-c", script])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let bytes = serde_json::to_vec(input).unwrap();
    child.stdin.take().unwrap().write_all(&bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the oracle's script failed");
    serde_json::from_slice(&output.stdout).unwrap()
}
