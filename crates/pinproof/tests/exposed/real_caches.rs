//! What pip and uv really leave in their caches.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::support::Sandbox;

/// An environment of the build folder with pip and uv.
struct Tools(PathBuf);

impl Tools {
    /// Makes it once; says so where that is not possible, and fails where `CI=true`.
    fn new() -> Option<Self> {
        static MADE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
        match MADE.get_or_init(make) {
            Ok(folder) => Some(Self(folder.clone())),
            Err(why) => {
                assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
                #[expect(clippy::print_stderr, reason = "a test that skips says so")]
                {
                    eprintln!("SKIPPED: {why}");
                }
                None
            }
        }
    }

    fn run(&self, program: &str, args: &[&str], variables: &[(&str, &Path)]) -> Result<(), String> {
        let variables = variables.iter().copied();
        run(Command::new(self.0.join("bin").join(program))
            .args(args)
            .envs(variables))
    }
}

fn make() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache-tools");
    let python = folder.join("bin/python");
    let has_uv = || run(Command::new(&python).args(["-c", "import uv"])).is_ok();
    if !python.exists() || !has_uv() {
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
        run(Command::new(&python).args(install).arg("uv==0.13.9"))?;
    }
    Ok(folder)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    let said = || String::from_utf8_lossy(&output.stderr).into_owned();
    output
        .status
        .success()
        .then_some(())
        .ok_or_else(|| format!("{command:?}: {}", said()))
}

/// What is asked, of this cache alone.
fn asked(sandbox: &Sandbox, release: &str) -> crate::support::Ran {
    sandbox.run(&["exposed", release, "--cache", "cache"])
}

#[test]
fn what_pip_built_is_found_and_what_it_downloaded_is_said_to_have_no_name() {
    let Some(tools) = Tools::new() else { return };
    let sandbox = Sandbox::new();
    let (cache, target) = (
        sandbox.project().join("cache"),
        sandbox.project().join("out"),
    );
    let variables = [("PIP_CACHE_DIR", cache.as_path())];
    let into = target.display().to_string();
    let install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--target",
        &into,
    ];
    let build = [&install[..], &["--no-binary", "six", "six==1.16.0"]].concat();
    tools
        .run("python", &build, &variables)
        .expect("pip builds it");
    asked(&sandbox, "six==1.16.0")
        .ends_with(1)
        .says("six 1.16.0: in a cache");
    asked(&sandbox, "six==1.17.0").ends_with(3);
    // An index whose answers may not be kept leaves nothing there.
    if cache.join("http-v2").exists() || cache.join("http").exists() {
        asked(&sandbox, "six==1.17.0").says("what pip downloaded is kept without its name");
    }
}

#[test]
fn what_uv_installed_is_found() {
    let Some(tools) = Tools::new() else { return };
    let sandbox = Sandbox::new();
    let (cache, target) = (
        sandbox.project().join("cache"),
        sandbox.project().join("out"),
    );
    let variables = [("UV_CACHE_DIR", cache.as_path())];
    let into = target.display().to_string();
    let install = ["pip", "install", "--quiet", "--target", &into];
    let python = tools.0.join("bin/python").display().to_string();
    let with = |more: &[&str]| {
        let args = [&install[..], &["--python", &python], more].concat();
        tools.run("uv", &args, &variables).expect("uv installs it");
    };
    with(&["jinja2==3.1.6", "markupsafe==3.0.2"]);
    with(&["--no-binary", "six", "six==1.16.0"]);
    // The tags of a wheel for several platforms are too long for uv's names.
    for release in ["jinja2==3.1.6", "markupsafe==3.0.2", "six==1.16.0"] {
        asked(&sandbox, release).ends_with(1).says(": in a cache");
    }
    // What was unpacked may be pruned; then the pointers to it are left, and sources that were built.
    std::fs::remove_dir_all(cache.join("archive-v0")).expect("uv's folder");
    for release in ["jinja2==3.1.6", "markupsafe==3.0.2", "six==1.16.0"] {
        asked(&sandbox, release).ends_with(1).says(": in a cache");
    }
    for release in ["jinja2==3.1.5", "six==1.17.0", "flask==3.0"] {
        asked(&sandbox, release)
            .ends_with(3)
            .says("0 places had it, 1 gap");
    }
}
