//! The tools that write bills of materials, in an environment of the build folder.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

const PACKAGES: [&str; 3] = [
    "cyclonedx-bom==7.5.0",
    "cyclonedx-python-lib[json-validation]==11.12.0",
    "uv==0.13.9",
];

/// An environment that has the tools.
pub(crate) struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// Makes the environment once; says so where that is not possible, and fails where `CI=true`.
    pub(crate) fn new() -> Option<Self> {
        static MADE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
        match MADE.get_or_init(make) {
            Ok(folder) => Some(Self {
                folder: folder.clone(),
            }),
            Err(why) => {
                assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
                #[expect(clippy::print_stderr, reason = "a test that skips says so")]
                {
                    eprintln!("skipped: {why}");
                }
                None
            }
        }
    }

    /// A program of the environment.
    pub(crate) fn command(&self, program: &str) -> Command {
        Command::new(self.folder.join("bin").join(program))
    }
}

/// Runs a command and gives what it prints.
#[track_caller]
pub(crate) fn output(command: &mut Command) -> String {
    let output = command.output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn make() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bom-tools");
    let python = folder.join("bin/python");
    let has_packages = || {
        run(
            &python,
            &["-c", "import cyclonedx_py, cyclonedx, uv, jsonschema"],
        )
        .is_ok()
    };
    if python.exists() && has_packages() {
        return Ok(folder);
    }
    let shown = folder.display().to_string();
    run(Path::new("python3"), &["-m", "venv", "--clear", &shown])?;
    let install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    run(&python, &[&install[..], &PACKAGES].concat())?;
    Ok(folder)
}

fn run(program: &Path, args: &[&str]) -> Result<(), String> {
    let output = Command::new(program).args(args).output();
    let output = output.map_err(|error| format!("{}: {error}", program.display()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{} {args:?}: {said}", program.display()))
}
