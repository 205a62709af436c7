//! Which interpreter and which installer are started: those that were named or activated, and none that lies about.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::install::{Installing, bare};
use crate::shelf::{File, Shelf};
use crate::support::Sandbox;

/// A checked-out project may have anything in it under the name of an interpreter.
#[test]
fn no_interpreter_is_looked_for() {
    let a = File::wheel("aaa", "1.0");
    let shelf = Shelf::with(std::slice::from_ref(&a));
    let sandbox = Sandbox::with_requirements(&a.locked());
    let mark = sandbox.home().join("mark");
    for place in [
        ".venv/bin/python",
        "venv/bin/python",
        "python",
        "python3",
        "bin/python3",
    ] {
        sandbox.write(
            place,
            format!("#!/bin/sh\necho {place} >> '{}'\n", mark.display()),
        );
        let path = sandbox.project().join(place);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    sandbox.write(".venv/pyvenv.cfg", "home = /usr/bin\n");
    let here = sandbox.project().display().to_string();
    let path = format!("{here}:{here}/bin:/usr/bin:/bin");
    let installing = Installing {
        shelf: &shelf,
        sandbox: &sandbox,
    };
    let ran = installing.run(&[], &[("PATH", &path)]);
    ran.ends_with(2)
        .notes("no environment is named, and none is active")
        .notes("`--python-exe PATH`");
    for active in ["", ".venv", "/nowhere", &here] {
        let ran = installing.run(&[], &[("PATH", &path), ("VIRTUAL_ENV", active)]);
        ran.ends_with(2);
    }
    let ran = installing.run(&["--python-exe", "no-such-python"], &[("PATH", &path)]);
    ran.ends_with(2).notes("there is no interpreter at");
    assert!(
        !mark.exists(),
        "{}",
        fs::read_to_string(mark).unwrap_or_default()
    );
    assert!(shelf.asked().is_empty());
}

/// A uv that lies in the project is anybody's program.
#[test]
fn no_installer_of_the_project_is_started() {
    let a = File::wheel("aaa", "1.0");
    let shelf = Shelf::with(std::slice::from_ref(&a));
    let sandbox = Sandbox::with_requirements(&a.locked());
    let Some(venv) = bare(&sandbox, "venv") else {
        return;
    };
    let mark = sandbox.home().join("mark");
    sandbox.write(
        "tools/uv",
        format!("#!/bin/sh\necho ran >> '{}'\n", mark.display()),
    );
    let uv = sandbox.project().join("tools/uv");
    fs::set_permissions(&uv, fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(sandbox.home().join("bin")).unwrap();
    symlink(&uv, sandbox.home().join("bin/uv")).unwrap();
    let path = format!(
        "{}:{}",
        uv.parent().unwrap().display(),
        sandbox.home().join("bin").display()
    );
    let python = venv.join("bin/python").display().to_string();
    let installing = Installing {
        shelf: &shelf,
        sandbox: &sandbox,
    };
    let ran = installing.run(&["--python-exe", &python], &[("PATH", &path)]);
    ran.ends_with(2)
        .notes("has no pip, and there is no uv on PATH");
    assert!(!mark.exists());
}

/// Where the folder of an environment is a link, the report names where it leads.
#[test]
fn a_link_to_an_environment_is_said() {
    let a = File::wheel("aaa", "1.0");
    let shelf = Shelf::with(std::slice::from_ref(&a));
    let sandbox = Sandbox::with_requirements("aaa==1.0\n");
    let Some(venv) = bare(&sandbox, "real") else {
        return;
    };
    let link = sandbox.project().join(".venv");
    symlink(&venv, &link).unwrap();
    let link = link.display().to_string();
    let installing = Installing {
        shelf: &shelf,
        sandbox: &sandbox,
    };
    let ran = installing.run(&["--installer", "pip"], &[("VIRTUAL_ENV", &link)]);
    ran.ends_with(1)
        .notes("installing into [SANDBOX]/project/real with [SANDBOX]/project/real/bin/python");
}
