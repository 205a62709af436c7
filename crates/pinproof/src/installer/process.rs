//! The one place where pinproof starts a process; `cargo xtask layers` holds that.
//!
//! For `install`, two programs are started, both by their absolute paths: the interpreter that the user named, with a
//! fixed question and without the code of any package, and the installer, with files whose bytes are verified. Neither
//! is given a variable that leads it elsewhere. For `doctor`, the clients of the user are started in the user's
//! environment, with a question that can install nothing. For `run`, the command of the user is started: it is theirs,
//! and whatever it runs is what the user asked for.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::EnvironmentError;
use super::environment::shown;

/// How long an interpreter may take for a question.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a client may take: pip waits 15 seconds for an index, and uv 30.
const PATIENCE_WITH_CLIENT: Duration = Duration::from_mins(3);

/// More of what a client says is not looked at.
const MOST_BYTES_OF_CLIENT: u64 = 4 << 20;

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

/// What a client said, and how it ended.
pub(crate) struct Told {
    /// Whether it ended well.
    pub(crate) is_success: bool,
    /// What it wrote, the report before what stands beside it.
    pub(crate) said: String,
}

/// Starts a client in the environment of the user, but for some variables that are set or taken away, and gives what
/// it says. One that does not end is ended.
pub(crate) fn ask_client(
    program: &Path,
    args: &[OsString],
    variables: &[(&str, Option<&str>)],
    folder: &Path,
) -> Result<Told, EnvironmentError> {
    let mut command = Command::new(program);
    command
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (name, value) in variables {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let failed = |error| EnvironmentError::NotStarted {
        path: shown(program),
        error,
    };
    let mut child = command.spawn().map_err(failed)?;
    let heard = [
        child.stdout.take().map(|stream| listen(Box::new(stream))),
        child.stderr.take().map(|stream| listen(Box::new(stream))),
    ];
    let silent = || EnvironmentError::Silent {
        path: shown(program),
        limit: PATIENCE_WITH_CLIENT,
    };
    if !ends_within(&mut child, PATIENCE_WITH_CLIENT).map_err(failed)? {
        return Err(silent());
    }
    let is_success = child.wait().map_err(failed)?.success();
    let mut said = Vec::new();
    for stream in heard.into_iter().flatten() {
        said.extend(stream.recv_timeout(PATIENCE).map_err(|_| silent())?);
        said.push(b'\n');
    }
    Ok(Told {
        is_success,
        said: String::from_utf8_lossy(&said).into_owned(),
    })
}

/// Reads a stream beside the waiting. What is more than an answer is read, so that the program can end, and dropped.
fn listen(mut stream: Box<dyn Read + Send>) -> mpsc::Receiver<Vec<u8>> {
    let (heard, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut said = Vec::new();
        // A stream that breaks off has said what it has said.
        let _ = stream
            .by_ref()
            .take(MOST_BYTES_OF_CLIENT)
            .read_to_end(&mut said);
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
        // Nobody listens any more where it took too long.
        let _ = heard.send(said);
    });
    receiver
}

/// Starts the command of the user, with its own streams, in this folder.
pub(crate) fn start(
    program: &OsStr,
    args: &[OsString],
    variables: &[(&str, Option<OsString>)],
) -> std::io::Result<Child> {
    let mut command = Command::new(program);
    command.args(args);
    for (name, value) in variables {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.spawn()
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
    args: &[OsString],
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
