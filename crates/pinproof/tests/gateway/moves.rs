//! What clients move to when the newest release is refused: an upgrade takes the newest that is admitted, in every client.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::clients::{Client, Clients, said};
use crate::gateway::Gateway;
use crate::shelf::{File, Shelf};
use crate::support::{Sandbox, environment};

const TOO_YOUNG: &str =
    "`demo` 2.0 is 2 days old, younger than the cooldown of 7 days [recent-release]";

fn shelf() -> Shelf {
    Shelf::with(&[
        File::wheel("demo", "0.9"),
        File::wheel("demo", "1.0"),
        File::wheel("demo", "2.0").uploaded("2026-10-30T00:00:00Z"),
    ])
}

fn project(sandbox: &Sandbox, needs: &str, more: &str) {
    sandbox.write(
        "pyproject.toml",
        format!(
            "[project]\nname = \"app\"\nversion = \"1\"\nrequires-python = \">=3.9,<4\"\ndependencies = [\"{needs}\"]\n{more}"
        ),
    );
}

/// An empty environment of the sandbox.
fn venv(sandbox: &Sandbox) -> PathBuf {
    let folder = sandbox.home().join("venv");
    let args = ["-m", "venv", "--without-pip"];
    let made = Command::new("python3").args(args).arg(&folder).status();
    assert!(made.expect("python3 is there").success());
    folder
}

/// The version of `demo` in an environment.
fn version_in(venv: &Path) -> Option<String> {
    let lib = std::fs::read_dir(venv.join("lib"))
        .ok()?
        .next()?
        .ok()?
        .path();
    let mut entries = std::fs::read_dir(lib.join("site-packages")).ok()?.flatten();
    entries.find_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let version = name.strip_prefix("demo-")?.strip_suffix(".dist-info")?;
        Some(version.to_owned())
    })
}

#[test]
fn an_upgrade_with_pip_or_uv_goes_to_the_newest_that_is_admitted() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let shelf = shelf();
    for client in [Client::Pip, Client::Uv] {
        let sandbox = Sandbox::new();
        let gateway = Gateway::before(&sandbox, &shelf.url());
        let venv = venv(&sandbox);
        let python = venv.join("bin/python").display().to_string();
        let index = gateway.simple();
        let install = |what: &[&str]| match client {
            Client::Pip => {
                let args = ["--python", &python, "install", "--index-url", &index];
                clients.run(client, &sandbox, &[&args[..], what].concat(), &[])
            }
            Client::Uv => {
                let args = [
                    "pip",
                    "install",
                    "--no-cache",
                    "--python",
                    &python,
                    "--default-index",
                    &index,
                ];
                clients.uv(&sandbox, &[&args[..], what].concat())
            }
        };
        install(&["demo==0.9"]).ends_with(0);
        assert_eq!(version_in(&venv).as_deref(), Some("0.9"));
        install(&["--upgrade", "demo"]).ends_with(0);
        assert_eq!(version_in(&venv).as_deref(), Some("1.0"), "{client:?}");
        let ran = install(&["--upgrade", "demo==2.0"]);
        assert_ne!(ran.code, 0, "{}", ran.all());
        assert!(said(&ran).contains(TOO_YOUNG), "{}", ran.all());
        assert_eq!(version_in(&venv).as_deref(), Some("1.0"), "{client:?}");
    }
    assert!(!shelf.fetched().iter().any(|file| file.contains("2.0")));
}

#[test]
fn a_lock_of_uv_that_has_the_refused_release_is_moved_off_it_by_an_upgrade() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let (sandbox, shelf) = (Sandbox::new(), shelf());
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let lock = |index: &str, more: &[&str]| {
        let args = [
            "lock",
            "--no-cache",
            "--python",
            "/usr/bin/python3",
            "--default-index",
            index,
        ];
        clients.uv(&sandbox, &[&args[..], more].concat())
    };
    project(&sandbox, "demo", "");
    // Without the gateway, the newest release of tonight is locked.
    lock(&shelf.url(), &[]).ends_with(0);
    assert!(
        sandbox
            .read("uv.lock")
            .contains("demo-2.0-py3-none-any.whl")
    );
    lock(&gateway.simple(), &["--upgrade"]).ends_with(0);
    let locked = sandbox.read("uv.lock");
    assert!(locked.contains("demo-1.0-py3-none-any.whl"), "{locked}");
    assert!(!locked.contains("demo-2.0-py3-none-any.whl"), "{locked}");
    let ran = lock(&gateway.simple(), &["--upgrade-package", "demo==2.0"]);
    assert_ne!(ran.code, 0, "{}", ran.all());
    assert!(said(&ran).contains(TOO_YOUNG), "{}", ran.all());
    assert_eq!(sandbox.read("uv.lock"), locked);
}

#[test]
fn an_update_with_poetry_goes_to_the_newest_that_is_admitted() {
    let Some(poetry) = environment("poetry", &["poetry==2.5.1"]) else {
        return;
    };
    let (sandbox, poetry, shelf) = (Sandbox::new(), poetry.join("poetry"), shelf());
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let source = format!(
        "[tool.poetry]\npackage-mode = false\n[[tool.poetry.source]]\nname = \"gate\"\nurl = \"{}\"\npriority = \"primary\"\n",
        gateway.simple()
    );
    let run = |args: &[&str]| sandbox.run_program(&poetry, args, &[("CI", "true")]);
    project(&sandbox, "demo<1", &source);
    run(&["lock", "--no-interaction"]).ends_with(0);
    assert!(sandbox.read("poetry.lock").contains("demo-0.9-py3"));
    project(&sandbox, "demo", &source);
    run(&["update", "--lock", "--no-interaction"]).ends_with(0);
    let locked = sandbox.read("poetry.lock");
    assert!(locked.contains("demo-1.0-py3"), "{locked}");
    assert!(!locked.contains("demo-2.0-py3"), "{locked}");
}

#[test]
fn an_update_with_pdm_goes_to_the_newest_that_is_admitted() {
    let Some(pdm) = environment("pdm", &["pdm[locked]==2.24.2"]) else {
        return;
    };
    let (sandbox, pdm, shelf) = (Sandbox::new(), pdm.join("pdm"), shelf());
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let source = format!(
        "[[tool.pdm.source]]\nname = \"pypi\"\nurl = \"{}\"\n",
        gateway.simple()
    );
    let variables = [("CI", "true"), ("PDM_CHECK_UPDATE", "false")];
    let run = |args: &[&str]| sandbox.run_program(&pdm, args, &variables);
    project(&sandbox, "demo<1", &source);
    run(&["lock"]).ends_with(0);
    assert!(sandbox.read("pdm.lock").contains("demo-0.9-py3"));
    project(&sandbox, "demo", &source);
    run(&["update", "--no-sync", "--update-eager"]).ends_with(0);
    let locked = sandbox.read("pdm.lock");
    assert!(locked.contains("demo-1.0-py3"), "{locked}");
    assert!(!locked.contains("demo-2.0-py3"), "{locked}");
}
