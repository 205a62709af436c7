//! What `pinproof lock` writes is installed by pip and uv, in hash mode and with nothing left over; other
//! bytes are refused by both.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Offered, Sandbox, Shelf, Wheel, asking, environment, lock_for};

/// pip that installs `pylock.toml`, uv, and the Python that both install for.
struct Clients {
    programs: PathBuf,
    minor: u16,
}

impl Clients {
    fn new() -> Option<Self> {
        let programs = environment("lock-clients", &["pip==26.3", "uv==0.13.9"])?;
        let say = "import sys; print(sys.version_info.minor)";
        let said = Command::new(programs.join("python"))
            .args(["-I", "-c", say])
            .output()
            .expect("Python runs");
        let minor = String::from_utf8_lossy(&said.stdout)
            .trim()
            .parse()
            .expect("a number");
        Some(Self { programs, minor })
    }

    fn python(&self) -> String {
        format!("3.{}", self.minor)
    }

    fn next_python(&self) -> String {
        format!("3.{}", self.minor + 1)
    }

    /// Installs a lock of the sandbox; what is installed then, or what the tool says.
    fn install(
        &self,
        tool: &str,
        sandbox: &Sandbox,
        file: &str,
        url: &str,
    ) -> Result<BTreeSet<String>, String> {
        let target = sandbox.home().join(format!("{tool}-{file}"));
        let _ = std::fs::remove_dir_all(&target);
        let python = self.programs.join("python").display().to_string();
        let target_path = target.display().to_string();
        let mut args: Vec<&str> = match tool {
            "uv" => "pip install --no-config --no-cache --no-build --preview --quiet".split(' ').collect(),
            _ => "-I -m pip --isolated --disable-pip-version-check install --no-cache-dir --only-binary=:all:"
                .split(' ')
                .collect(),
        };
        if tool == "uv" {
            args.extend(["--python", &python]);
        }
        args.extend(["--target", &target_path, "--index-url", url, "-r", file]);
        if file.ends_with("txt") {
            args.push("--require-hashes");
        }
        let program = self
            .programs
            .join(if tool == "uv" { "uv" } else { "python" });
        let ran = sandbox.run_program(&program, &args, &[]);
        let installed = installed(&target);
        if ran.code == 0 {
            return Ok(installed);
        }
        assert_eq!(installed, BTreeSet::new(), "{tool} installs all or nothing");
        Err(ran.all())
    }
}

/// The projects and versions in a folder of installed files.
fn installed(target: &Path) -> BTreeSet<String> {
    let files = std::fs::read_dir(target).into_iter().flatten().flatten();
    let names = files.filter_map(|file| file.file_name().into_string().ok());
    names
        .filter_map(|name| Some(name.strip_suffix(".dist-info")?.to_owned()))
        .collect()
}

/// An application with an extra, a need on another system, one on an older Python, and one that has another
/// release for each Python.
fn shop(clients: &Clients) -> Vec<Offered> {
    let app = Wheel::new("acme-app", "1.0")
        .extra("fast")
        .requires("acme-lib>=2")
        .requires("acme-two")
        .requires("acme-fast; extra == 'fast'")
        .requires("acme-win; sys_platform == 'win32'")
        .requires("acme-old; python_version < '3.0'");
    let (this, next) = (
        format!("=={}.*", clients.python()),
        format!(">={}", clients.next_python()),
    );
    vec![
        app.offered(),
        Wheel::new("acme-lib", "1.0").offered(),
        Wheel::new("acme-lib", "2.0+local").offered(),
        Wheel::new("acme-fast", "1.0").offered(),
        Wheel::new("acme-win", "3.0").offered(),
        Wheel::new("acme-two", "1.0").python(&this).offered(),
        Wheel::new("acme-two", "2.0").python(&next).offered(),
        Offered::sdist("acme-fast", "1.0", &[]),
    ]
}

const EXPECTED: [&str; 4] = [
    "acme_app-1.0",
    "acme_fast-1.0",
    "acme_lib-2.0+local",
    "acme_two-1.0",
];
const FILES: [&str; 2] = ["requirements.txt", "pylock.toml"];

/// Locks in both formats for these targets.
fn locked(shelf: &Shelf, targets: &[&str]) -> Sandbox {
    let sandbox = asking("acme-app[fast]\n");
    for file in FILES {
        let args = [&["requirements.in", "--to", file], targets].concat();
        lock_for(&sandbox, &shelf.url(), &args)
            .ends_with(0)
            .says("unhashed: 0");
    }
    sandbox
}

fn is_installed_by_both(clients: &Clients, shelf: &Shelf, sandbox: &Sandbox) {
    for file in FILES {
        for tool in ["pip", "uv"] {
            let installed = clients.install(tool, sandbox, file, &shelf.url());
            let expected = EXPECTED.map(str::to_owned).into();
            assert_eq!(
                installed,
                Ok(expected),
                "{tool} {file}\n{}",
                sandbox.read(file)
            );
        }
    }
}

#[test]
fn a_lock_for_one_environment_is_installed() {
    let Some(clients) = Clients::new() else {
        return;
    };
    let shelf = Shelf::with(&shop(&clients));
    let sandbox = locked(
        &shelf,
        &["--python", &clients.python(), "--platform", "linux-x86_64"],
    );
    is_installed_by_both(&clients, &shelf, &sandbox);
    let text = sandbox.read("requirements.txt");
    assert!(!text.contains("acme-win"), "{text}");
    assert!(!text.contains("acme-two==2.0"), "{text}");
}

#[test]
fn a_lock_for_several_environments_is_installed() {
    let Some(clients) = Clients::new() else {
        return;
    };
    let shelf = Shelf::with(&shop(&clients));
    let (python, next) = (clients.python(), clients.next_python());
    let targets = [
        "--python",
        &python,
        "--python",
        &next,
        "--platform",
        "linux-x86_64",
        "--platform",
        "windows-x86_64",
        "--platform",
        "macos-arm64",
    ];
    let sandbox = locked(&shelf, &targets);
    is_installed_by_both(&clients, &shelf, &sandbox);
    let text = sandbox.read("requirements.txt");
    assert!(text.contains("acme-win==3.0 ; "), "{text}");
    assert!(text.contains("acme-two==2.0 ; "), "{text}");
}

#[test]
fn a_changed_hash_is_refused_by_both() {
    let Some(clients) = Clients::new() else {
        return;
    };
    let files = shop(&clients);
    let shelf = Shelf::with(&files);
    let sandbox = locked(
        &shelf,
        &["--python", &clients.python(), "--platform", "linux-x86_64"],
    );
    // The wheel is at another place of the list in each format, so the digest is looked for.
    let wheel = files[2].sha256();
    for file in FILES {
        let text = sandbox.read(file);
        assert!(text.contains(&wheel), "{text}");
        sandbox.write(file, text.replace(&wheel, &"f".repeat(64)));
        for tool in ["pip", "uv"] {
            let said = clients
                .install(tool, &sandbox, file, &shelf.url())
                .expect_err("other bytes");
            assert!(
                said.to_lowercase().contains("hash"),
                "{tool} {file}: {said}"
            );
        }
    }
}

/// The index, or somebody on the way, has other bytes under the same name.
#[test]
fn other_bytes_of_the_index_are_refused_by_both() {
    let Some(clients) = Clients::new() else {
        return;
    };
    let mut files = shop(&clients);
    let honest = Shelf::with(&files);
    let sandbox = locked(
        &honest,
        &["--python", &clients.python(), "--platform", "linux-x86_64"],
    );
    let evil = Wheel::new("acme-lib", "2.0+local").member("acme_lib/evil.py", "print('evil')\n");
    files[2] = evil.offered();
    let other = Shelf::with(&files);
    let pylock = sandbox.read("pylock.toml").replace(
        &honest.url().replace("simple/", ""),
        &other.url().replace("simple/", ""),
    );
    sandbox.write("pylock.toml", pylock);
    for file in FILES {
        for tool in ["pip", "uv"] {
            let said = clients
                .install(tool, &sandbox, file, &other.url())
                .expect_err("other bytes");
            let said = said.to_lowercase();
            // uv compares the size first, where the lock has it.
            let is_mismatch = said.contains("hash") || said.contains("size mismatch");
            assert!(is_mismatch, "{tool} {file}: {said}");
        }
    }
}
