//! `install`: verified wheels, all of them or none, by the environment's own pip or uv, and nobody else.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::shelf::{File, Shelf, usual};
use crate::support::{Ran, Reply, Sandbox, environment};

/// A fresh environment in the project, without an installer; none, loudly, where this machine has no Python
/// with `venv`.
pub(crate) fn bare(sandbox: &Sandbox, name: &str) -> Option<PathBuf> {
    let folder = sandbox.project().join(name);
    let made = Command::new("python3")
        .args(["-m", "venv", "--without-pip"])
        .arg(&folder)
        .output();
    if made.is_ok_and(|output| output.status.success()) {
        return Some(folder);
    }
    assert!(
        std::env::var("CI").is_err(),
        "python3 -m venv does not work"
    );
    eprintln!("SKIPPED: python3 -m venv does not work");
    None
}

/// A fresh environment with a pip that another one has.
fn with_pip(sandbox: &Sandbox) -> Option<PathBuf> {
    static TOOLS: OnceLock<Option<PathBuf>> = OnceLock::new();
    let tools = TOOLS.get_or_init(|| environment("pip", &["pip==26.3"]));
    let tools = tools.as_ref()?;
    let folder = bare(sandbox, "venv")?;
    let from = packages(tools.parent().expect("an environment"));
    copy(&from.join("pip"), &packages(&folder).join("pip"));
    Some(folder)
}

/// Where an environment keeps what is installed.
fn packages(venv: &Path) -> PathBuf {
    let mut versions = fs::read_dir(venv.join("lib")).unwrap();
    let version = versions.next().expect("a Python").unwrap();
    version.path().join("site-packages")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// What an environment has of a module: the version that it says.
fn installed(venv: &Path, module: &str) -> Option<String> {
    let python = venv.join("bin/python");
    let code = format!("import {module}; print({module}.version)");
    let output = Command::new(python)
        .args(["-I", "-c", &code])
        .output()
        .expect("it runs");
    let said = String::from_utf8(output.stdout).expect("text");
    output.status.success().then(|| said.trim().to_owned())
}

/// `install` of a sandbox from an index.
pub(crate) struct Installing<'a> {
    pub(crate) shelf: &'a Shelf,
    pub(crate) sandbox: &'a Sandbox,
}

impl Installing<'_> {
    /// Installs the lock of the sandbox.
    pub(crate) fn run(&self, more: &[&str], variables: &[(&str, &str)]) -> Ran {
        let url = self.shelf.url();
        let args = [
            &["install", "-r", "requirements.txt"][..],
            more,
            &usual(&url),
        ]
        .concat();
        self.sandbox.run_with(&args, variables)
    }
}

#[test]
fn pip_installs_all_of_a_lock_into_the_active_environment() {
    let (a, b) = (File::wheel("aaa", "1.0"), File::wheel("bbb", "2.0"));
    let shelf = Shelf::with(&[a.clone(), b.clone()]);
    let sandbox = Sandbox::with_requirements(&(a.locked() + &b.locked()));
    let Some(venv) = with_pip(&sandbox) else {
        return;
    };
    let elsewhere = sandbox.home().join("elsewhere").display().to_string();
    sandbox.write_home(
        ".config/pip/pip.conf",
        &format!("[install]\ntarget = {elsewhere}\n"),
    );
    fs::write(
        venv.join("pip.conf"),
        format!("[global]\ntarget = {elsewhere}\nno-deps = false\n"),
    )
    .unwrap();
    let active = venv.display().to_string();
    let variables = [
        ("VIRTUAL_ENV", active.as_str()),
        ("PIP_TARGET", &elsewhere),
        ("PIP_INDEX_URL", "http://127.0.0.1:1/"),
        ("PIP_NO_BINARY", ":all:"),
        ("PYTHONPATH", "/nowhere"),
        ("PYTHONHOME", "/nowhere"),
    ];
    let ran = (Installing {
        shelf: &shelf,
        sandbox: &sandbox,
    })
    .run(&[], &variables);
    ran.ends_with(0)
        .says("INSTALLED")
        .says("pip installed them")
        .notes("installing into [SANDBOX]/project/venv");
    assert_eq!(installed(&venv, "aaa").as_deref(), Some("1.0"));
    assert_eq!(installed(&venv, "bbb").as_deref(), Some("2.0"));
    assert!(
        !Path::new(&elsewhere).exists(),
        "a setting of pip led elsewhere"
    );
    let cache = sandbox.home().join(".cache/pinproof");
    let left = fs::read_dir(cache)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left
        .filter(|name| name.to_string_lossy().contains("install"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn uv_installs_where_there_is_no_pip() {
    let Some(tools) = environment("uv", &["uv==0.13.9"]) else {
        return;
    };
    let a = File::wheel("aaa", "1.0");
    let shelf = Shelf::with(std::slice::from_ref(&a));
    let sandbox = Sandbox::with_requirements(&a.locked());
    let Some(venv) = bare(&sandbox, "venv") else {
        return;
    };
    let python = venv.join("bin/python").display().to_string();
    let path = format!("relative:{}:/usr/bin:/bin", tools.display());
    let variables = [
        ("PATH", path.as_str()),
        ("UV_INDEX_URL", "http://127.0.0.1:1/"),
        ("UV_TARGET", "/nowhere"),
    ];
    sandbox.write(
        "uv.toml",
        "no-index = false\nindex-url = \"http://127.0.0.1:1/\"\n",
    );
    let ran = (Installing {
        shelf: &shelf,
        sandbox: &sandbox,
    })
    .run(&["--python-exe", &python], &variables);
    ran.ends_with(0)
        .says("uv installed them")
        .notes("the installer is ");
    assert_eq!(installed(&venv, "aaa").as_deref(), Some("1.0"));
}

/// D5: one wrong byte, one refusal or one missing file, and the environment is as it was.
#[test]
fn all_or_nothing() {
    let (a, b) = (File::wheel("aaa", "1.0"), File::wheel("bbb", "2.0"));
    let source = File::sdist("ccc", "1.0", "");
    let files = [a.clone(), b.clone(), source.clone()];
    let sandbox = Sandbox::new();
    let Some(venv) = bare(&sandbox, "venv") else {
        return;
    };
    let before = tree(&venv);
    let python = venv.join("bin/python").display().to_string();
    let pip = ["--python-exe", &python, "--installer", "pip"];
    let wrong = Shelf::with(&files);
    wrong.answer(&format!("/files/{}", b.name), Reply::ok("other"));
    let missing = Shelf::with(&files);
    missing.answer(&format!("/files/{}", b.name), Reply::status(500));
    let honest = Shelf::with(&files);
    let runs = [
        (&wrong, a.locked() + &b.locked(), 1),
        (&missing, a.locked() + &b.locked(), 3),
        (&honest, a.locked() + "bbb==2.0\n", 1),
        (&honest, a.locked() + "what is this\n", 3),
        (&honest, a.locked() + &source.locked(), 1),
        (&honest, a.locked() + "-r missing.txt\n", 2),
    ];
    for (shelf, lock, code) in runs {
        sandbox.write("requirements.txt", &lock);
        let ran = (Installing {
            shelf,
            sandbox: &sandbox,
        })
        .run(&pip, &[]);
        ran.ends_with(code).says("nothing is installed into");
        assert_eq!(tree(&venv), before, "{}", ran.all());
    }
    assert!(
        honest.fetched().is_empty(),
        "what is refused before is not fetched: {:?}",
        honest.fetched()
    );
    sandbox.write("requirements.txt", a.locked() + &source.locked());
    let ran = (Installing {
        shelf: &honest,
        sandbox: &sandbox,
    })
    .run(&pip, &[]);
    ran.says("error[build-required]: `ccc 1.0` is not fetched")
        .says("`pinproof download ccc==1.0");
}

/// Every file below a folder, with its size.
fn tree(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let metadata = entry.metadata().unwrap();
            if metadata.is_dir() {
                folders.push(entry.path());
            } else {
                found.push((entry.path(), metadata.len()));
            }
        }
    }
    found.sort();
    found
}

/// The interpreter is asked one question, alone; then the installer is started, once.
#[test]
fn only_the_interpreter_and_its_installer_are_started() {
    let a = File::wheel("aaa", "1.0");
    let shelf = Shelf::with(std::slice::from_ref(&a));
    let sandbox = Sandbox::with_requirements(&a.locked());
    let Some(venv) = with_pip(&sandbox) else {
        return;
    };
    let log = sandbox.home().join("log");
    let python = venv.join("bin/python");
    let real = venv.join("bin/python-real");
    fs::rename(&python, &real).unwrap();
    let script = format!(
        "#!/bin/sh\necho \"$1 $2 $3 $4\" >> '{}'\nexec '{}' \"$@\"\n",
        log.display(),
        real.display()
    );
    fs::write(&python, script).unwrap();
    fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
    // What a package of the environment would run at every start.
    let pth = format!(
        "import os; open({:?}, 'a').write('pth\\n')\n",
        log.display().to_string()
    );
    fs::write(packages(&venv).join("mark.pth"), pth).unwrap();
    let active = venv.display().to_string();
    let installing = Installing {
        shelf: &shelf,
        sandbox: &sandbox,
    };
    installing
        .run(&[], &[("VIRTUAL_ENV", &active)])
        .ends_with(0);
    let said = fs::read_to_string(&log).unwrap();
    let starts: Vec<&str> = said.lines().filter(|line| line.starts_with('-')).collect();
    assert_eq!(
        starts[0].trim(),
        "-I -S -c import json, os, platform, sys, sysconfig",
        "{said}"
    );
    assert!(starts[1].starts_with("-I -m pip --isolated"), "{said}");
    assert_eq!(starts.len(), 2, "{said}");
    let question = said.split("-I -m pip").next().unwrap();
    assert!(
        !question.contains("pth"),
        "the question ran the code of a package: {said}"
    );
}

#[test]
fn an_installer_that_fails_ends_with_2_and_is_quoted() {
    let a = File::wheel_of("aaa", "1.0", "py3-none-any", &[("x.py", "")]);
    let mut broken = a.bytes.clone();
    let length = broken.len();
    broken.truncate(length - 30);
    let broken = File::new("aaa", "1.0", a.name.clone(), broken);
    let shelf = Shelf::with(std::slice::from_ref(&broken));
    let sandbox = Sandbox::with_requirements(&broken.locked());
    let Some(venv) = with_pip(&sandbox) else {
        return;
    };
    let active = venv.display().to_string();
    let installing = Installing {
        shelf: &shelf,
        sandbox: &sandbox,
    };
    let ran = installing.run(&[], &[("VIRTUAL_ENV", &active)]);
    ran.ends_with(2)
        .says("COULD NOT RUN")
        .says("pip failed")
        .notes("warning: pip: ");
}

#[test]
fn a_target_that_is_stated_is_not_asked_for() {
    let a = File::wheel_for("aaa", "1.0", "cp312-cp312-win_amd64");
    let shelf = Shelf::with(std::slice::from_ref(&a));
    let sandbox = Sandbox::with_requirements(&a.locked());
    sandbox.write("bin/python", "#!/bin/sh\nexit 7\n");
    let python = sandbox.project().join("bin/python");
    fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
    let installing = Installing {
        shelf: &shelf,
        sandbox: &sandbox,
    };
    let named = ["--python-exe", "bin/python", "--python", "3.12"];
    let ran = installing.run(&[&named[..], &["--platform", "linux"]].concat(), &[]);
    ran.ends_with(1)
        .says("no accepted wheel fits Python 3.12 on linux-x86_64");
    let ran = installing.run(&["--python-exe", "bin/python"], &[]);
    ran.ends_with(2).notes("does not answer like a Python");
    // A program that is no Python cannot install either, and says so.
    let ran = installing.run(&[&named[..], &["--platform", "windows"]].concat(), &[]);
    ran.ends_with(2).says("pip failed");
}
