//! Locks that are written here, installed by pip and uv: all of it, and nothing with another hash.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the crate is pure; its tests ask the real tools"
)]

#[path = "written_locks_oracle/index.rs"]
mod index;
mod oracle;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use pinproof_core::lock::{Lock, LockedFile, LockedOrigin, LockedRelease, LockedVia};
use pinproof_core::lock_marker::{environments, marker_for};
use pinproof_core::{Environment, Hash, HashAlgorithm, Platform, PythonVersion};
use pinproof_formats::{lock_inputs, pylock, requirements_txt};
use serde_json::{Value, json};

const MAKE_WHEELS: &str = include_str!("written_locks_oracle/make_wheels.py");
const VALIDATE: &str = include_str!("written_locks_oracle/validate.py");

/// What is installed here; of `acme-two` the version for this Python, and `acme-win` not at all.
const EXPECTED: [&str; 5] = [
    "acme_app-1.0",
    "acme_fast-1",
    "acme_lib-2.0+local",
    "acme_two-1",
    "acme_url-1.1",
];

/// Inputs with names that would be lines, options or requirements of their own.
const INPUTS: [&str; 5] = [
    "requirements.in",
    "a\\",
    "b\nacme-gone==1",
    "c.in --index-url https://evil.invalid/",
    "é\u{2028}\"'#${HOME}.in",
];
const COMMAND: &str = "pinproof lock 'a\nacme-gone==2' \\";

/// Wheels, an index that has them, and a lock of them for several environments.
struct World {
    tools: PathBuf,
    _folder: tempfile::TempDir,
    address: String,
    made: Value,
    python: PythonVersion,
}

impl World {
    /// `None`, loudly, where the tools are not to be had.
    fn new() -> Option<Self> {
        let tools = oracle::environment()?;
        let folder = tempfile::tempdir().unwrap();
        let wheels = json!([
            [
                "acme-app",
                "1.0",
                [
                    "acme-lib>=2",
                    "acme-fast; extra == 'fast'",
                    "acme-two",
                    "acme-win; sys_platform == 'win32'"
                ]
            ],
            ["acme-fast", "1", []],
            ["acme-lib", "2.0+local", []],
            ["acme-two", "1", []],
            ["acme-two", "2", []],
            ["acme-url", "1.1", []],
        ]);
        let asked = json!({"folder": folder.path(), "wheels": wheels});
        let said = oracle::ask(&tools, MAKE_WHEELS, &asked);
        Some(Self {
            tools,
            address: index::serve(folder.path()),
            _folder: folder,
            python: said["python"].as_str().unwrap().parse().unwrap(),
            made: said["made"].clone(),
        })
    }

    /// This Python and the next one on every platform.
    fn environments(&self) -> Vec<Environment> {
        let next = PythonVersion {
            minor: self.python.minor + 1,
            ..self.python
        };
        let of = |python| Platform::ALL.map(|platform| Environment::of_target(python, platform));
        [self.python, next].into_iter().flat_map(of).collect()
    }

    fn marker(&self, holds: impl Fn(&Environment) -> bool) -> Option<String> {
        let all = self.environments();
        let chosen = (0..all.len()).filter(|at| holds(&all[*at])).collect();
        marker_for(&all, &chosen).unwrap()
    }

    fn release(&self, name: &str, version: &str, needs: &[&str]) -> LockedRelease {
        // A release for Windows, which nothing here has.
        let missing = json!(["acme_win-3-py3-none-any.whl", "0".repeat(64), 1]);
        let made = self
            .made
            .get(format!("{name} {version}"))
            .unwrap_or(&missing);
        let filename = made[0].as_str().unwrap().to_owned();
        LockedRelease {
            project: name.parse().unwrap(),
            version: version.parse().unwrap(),
            extras: BTreeSet::new(),
            origin: LockedOrigin::Index,
            marker: None,
            requires_python: Some(">=3.8".to_owned()),
            files: vec![LockedFile {
                url: format!("{}/files/{filename}", self.address),
                filename,
                is_wheel: true,
                hashes: vec![Hash::new(HashAlgorithm::Sha256, made[1].as_str().unwrap()).unwrap()],
                size: made[2].as_u64(),
                is_hashed_here: false,
            }],
            via: INPUTS.map(|path| LockedVia::Input(path.to_owned())).into(),
            needs: needs.iter().map(|need| need.parse().unwrap()).collect(),
            needs_build: false,
        }
    }

    fn lock(&self) -> Lock {
        let mut app = self.release(
            "acme-app",
            "1.0",
            &["acme-fast", "acme-lib", "acme-two", "acme-win"],
        );
        app.extras = ["fast".parse().unwrap()].into();
        let mut first = self.release("acme-two", "1", &[]);
        first.marker = self.marker(|environment| environment.python() == self.python);
        let mut second = self.release("acme-two", "2", &[]);
        second.marker = self.marker(|environment| environment.python() != self.python);
        let mut url = self.release("acme-url", "1.1", &[]);
        url.origin = LockedOrigin::Url(url.files[0].url.clone());
        let mut windows = self.release("acme-win", "3", &[]);
        windows.marker =
            self.marker(|environment| environment.platform().name().starts_with("windows"));
        let fast = self.release("acme-fast", "1", &[]);
        let lib = self.release("acme-lib", "2.0+local", &[]);
        Lock {
            environments: environments(&self.environments()),
            requires_python: Some(format!(">={}", self.python).parse().unwrap()),
            inputs: INPUTS
                .map(|path| lock_inputs::noted(path, "acme-app[fast]\n"))
                .into(),
            releases: vec![app, fast, lib, first, second, url, windows],
        }
    }

    /// The start of `pip install` or `uv pip install`, which build nothing and look at no cache.
    fn command(&self, tool: &str) -> Command {
        let python = self.tools.join("bin/python");
        if tool == "uv" {
            let mut command = Command::new(self.tools.join("bin/uv"));
            let install = "pip install --no-config --no-cache --no-build --preview --python";
            command.args(install.split(' ')).arg(&python);
            return command;
        }
        let mut command = Command::new(&python);
        let install = "-I -m pip --isolated --disable-pip-version-check install --no-cache-dir --only-binary=:all:";
        command.args(install.split(' '));
        command
    }

    /// Installs a file with a tool; what is there then, or what the tool says.
    fn install(&self, tool: &str, file: &str, text: &str) -> Result<BTreeSet<String>, String> {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(file);
        std::fs::write(&path, text).unwrap();
        let target = home.path().join("target");
        let mut command = self.command(tool);
        command
            .env_clear()
            .env("HOME", home.path())
            .arg("--target")
            .arg(&target);
        command.args(["--index-url", &format!("{}/simple/", self.address)]);
        if file.ends_with("txt") {
            command.arg("--require-hashes");
        }
        let output = command.arg("-r").arg(&path).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let installed = installed(&target);
        if output.status.success() {
            return Ok(installed);
        }
        assert_eq!(installed, BTreeSet::new(), "all or nothing");
        Err(said)
    }
}

fn installed(target: &Path) -> BTreeSet<String> {
    let files = std::fs::read_dir(target).into_iter().flatten().flatten();
    let names = files.map(|file| file.file_name().into_string().unwrap());
    names
        .filter_map(|name| Some(name.strip_suffix(".dist-info")?.to_owned()))
        .collect()
}

/// The two files of a lock.
fn written(lock: &Lock) -> [(&'static str, String); 2] {
    [
        ("requirements.txt", requirements_txt::write(lock, COMMAND)),
        ("pylock.toml", pylock::write(lock)),
    ]
}

#[test]
fn pip_and_uv_install_what_is_written() {
    let Some(world) = World::new() else { return };
    for (file, text) in written(&world.lock()) {
        for tool in ["pip", "uv"] {
            let installed = world.install(tool, file, &text);
            let expected = EXPECTED.map(str::to_owned).into();
            assert_eq!(installed, Ok(expected), "{tool} {file}\n{text}");
        }
    }
}

#[test]
fn neither_installs_other_bytes() {
    let Some(world) = World::new() else { return };
    let mut lock = world.lock();
    lock.releases[2].files[0].hashes =
        vec![Hash::new(HashAlgorithm::Sha256, &"f".repeat(64)).unwrap()];
    for (file, text) in written(&lock) {
        for tool in ["pip", "uv"] {
            let said = world.install(tool, file, &text).unwrap_err();
            assert!(
                said.to_lowercase().contains("hash"),
                "{tool} {file}: {said}"
            );
        }
    }
}

#[test]
fn a_lock_for_other_environments_is_refused() {
    let Some(world) = World::new() else { return };
    let mut lock = world.lock();
    let other = Environment::of_target("3.99".parse().unwrap(), Platform::LinuxX86_64);
    lock.environments = environments(&[other]);
    let text = pylock::write(&lock);
    for tool in ["pip", "uv"] {
        let said = world.install(tool, "pylock.toml", &text).unwrap_err();
        assert!(said.contains("environment"), "{tool}: {said}");
    }
}

#[test]
fn packaging_finds_a_pylock_valid() {
    let Some(world) = World::new() else { return };
    let lock = world.lock();
    let said = oracle::ask(
        &world.tools,
        VALIDATE,
        &json!({"text": pylock::write(&lock)}),
    );
    assert_eq!(said["created_by"], "pinproof");
    assert_eq!(said["environments"], lock.environments.len());
    let digest = lock_inputs::digest("acme-app[fast]\n");
    let inputs = INPUTS.map(|path| json!({"path": path, "sha256": digest}));
    let said_inputs: BTreeSet<String> = said["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(Value::to_string)
        .collect();
    assert_eq!(said_inputs, inputs.iter().map(Value::to_string).collect());
    let wheel = "PackageWheel";
    assert_eq!(
        said["selected"],
        json!([
            ["acme-app", "1.0", wheel],
            ["acme-fast", "1", wheel],
            ["acme-lib", "2.0+local", wheel],
            ["acme-two", "1", wheel],
            ["acme-url", "1.1", "PackageArchive"],
        ])
    );
}
