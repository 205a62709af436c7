//! The tools of `.ci/tools.txt`, in an environment of the build folder; pip checks every hash.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use xtask::workspace;

/// An environment that has the tools.
#[derive(Clone, Debug)]
pub(crate) struct Tools {
    bin: PathBuf,
}

impl Tools {
    /// Makes the environment once; says so where that is not possible, and fails where `CI=true`.
    pub(crate) fn new() -> Option<Self> {
        static MADE: OnceLock<Result<Tools, String>> = OnceLock::new();
        match MADE.get_or_init(make) {
            Ok(tools) => Some(tools.clone()),
            Err(why) => {
                skip(why);
                None
            }
        }
    }

    /// A program of the environment, which finds the others and cargo by their names, and no setting of the machine's.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut paths = vec![self.bin.clone()];
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        paths.extend(std::env::split_paths(&inherited));
        let mut command = Command::new(self.bin.join(program));
        command.env("PATH", std::env::join_paths(paths).expect("folders"));
        command
    }
}

/// Says that a test is skipped, and why; where `CI=true` that is a failure.
pub(crate) fn skip(why: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
    #[expect(clippy::print_stderr, reason = "a test that skips says so")]
    {
        eprintln!("SKIPPED: {why}");
    }
}

/// Runs a command that has to succeed, and gives what it prints on stdout.
#[track_caller]
pub(crate) fn output(command: &mut Command) -> String {
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{command:?}: {}", both(&output));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Everything that a command wrote.
pub(crate) fn both(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\n{}", text(&output.stdout), text(&output.stderr))
}

/// The environment is that of `.ci/run`; what is there already costs pip two seconds.
fn make() -> Result<Tools, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("ci-tools");
    let python = folder.join("bin/python");
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    let install =
        "install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r";
    run(Command::new(python)
        .args(["-m", "pip"])
        .args(install.split(' '))
        .arg(workspace::root().join(".ci/tools.txt")))?;
    Ok(Tools {
        bin: folder.join("bin"),
    })
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?}: {}", both(&output)))
}
