//! The one place where pinproof starts a process; `cargo xtask layers` holds that.
//!
//! Two programs are started, both by their absolute paths: the interpreter that the user named, with a fixed
//! question and without the code of any package, and the installer, with files whose bytes are verified. Neither
//! is given a variable that leads it elsewhere.

use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::EnvironmentError;
use super::environment::shown;

/// How long an interpreter may take for a question.
const PATIENCE: Duration = Duration::from_secs(30);

/// More is no answer.
const MOST_BYTES: u64 = 64 * 1024;

/// What the settings of pip, uv and Python start with; they decide where files come from and where they go.
const SETTINGS: [&str; 5] = ["PIP_", "UV_", "PYTHON", "VIRTUAL_ENV", "__PYVENV_"];

/// How an installer ended, and what it said.
pub(super) struct Ended {
    pub(super) is_success: bool,
    pub(super) said: String,
}

/// Starts an interpreter with a question, and gives what it prints.
pub(super) fn ask(python: &Path, args: &[&str]) -> Result<Vec<u8>, EnvironmentError> {
    let mut command = command(python);
    command
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let failed = |error| EnvironmentError::NotStarted {
        path: shown(python),
        error,
    };
    let mut child = command.spawn().map_err(failed)?;
    let stdout = child.stdout.take();
    let (answer, said) = mpsc::channel();
    // Read beside the waiting: a program may write more than fits in a pipe, and then waits for ever.
    std::thread::spawn(move || {
        let mut said = Vec::new();
        let read = stdout.map(|stdout| stdout.take(MOST_BYTES).read_to_end(&mut said));
        // Nobody listens any more where it took too long.
        let _ = answer.send(read.transpose().map(|_| said));
    });
    let silent = || EnvironmentError::Silent {
        path: shown(python),
        limit: PATIENCE,
    };
    if !ends_within(&mut child, PATIENCE).map_err(failed)? {
        return Err(silent());
    }
    // What it started may still hold the pipe.
    let said = said.recv_timeout(PATIENCE).map_err(|_| silent())?;
    said.map_err(failed)
}

/// Waits for a process; one that does not end is ended.
fn ends_within(child: &mut Child, limit: Duration) -> std::io::Result<bool> {
    let started = Instant::now();
    while child.try_wait()?.is_none() {
        if started.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(false);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(true)
}

/// Runs an installer in `folder` until it ends.
pub(super) fn install(
    program: &Path,
    args: &[std::ffi::OsString],
    variables: &[(&str, &str)],
    folder: &Path,
) -> Result<Ended, EnvironmentError> {
    let mut command = command(program);
    command
        .args(args)
        .envs(variables.iter().copied())
        .current_dir(folder);
    let output = command
        .output()
        .map_err(|error| EnvironmentError::NotStarted {
            path: shown(program),
            error,
        })?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Ended {
        is_success: output.status.success(),
        said: text(&output.stdout) + &text(&output.stderr),
    })
}

/// A program without settings of pip, uv and Python, and with nothing to read.
fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let upper = name.to_string_lossy().to_ascii_uppercase();
        if SETTINGS.iter().any(|start| upper.starts_with(start)) {
            command.env_remove(name);
        }
    }
    command
}
