//! The large application: its locks are fixtures, by old and new releases of the tools, and are exported by the
//! new ones. Nothing is resolved, so no index is asked.
//!
//! Locks of Poetry 1 and PDM 2.0 have no environments, which the new tools take from the pyproject.toml; what they
//! export is compared with the rest in `locks/large.rs`.

use super::*;

/// A project with a lock that a tool wrote.
fn locked(manifest: (&str, &str), lock: (&str, &str)) -> Project {
    let project = Project::new(manifest.0, manifest.1);
    std::fs::write(project.folder.path().join(lock.0), lock.1).unwrap();
    project
}

const LARGE: &str = include_str!("../locks/large/pyproject.toml");

#[test]
fn uv_exports_what_is_read() {
    let Some(uv) = uv() else { return };
    for text in [
        include_str!("../locks/large/uv.lock"),
        include_str!("../locks/large/uv-0.4.lock"),
    ] {
        let project = locked(("pyproject.toml", LARGE), ("uv.lock", text));
        let all = [
            "export",
            "--quiet",
            "--frozen",
            "--all-extras",
            "--all-groups",
        ];
        let export = project.run(&uv, &all).unwrap();
        let lock = uv_lock::parse(text).unwrap();
        let exported = assert_same(&lock, &export);
        // uv exports no reason for what a group of the project asks for.
        let without_project = |manifest: &Manifest| {
            let mut noted = reasons(manifest);
            for by in noted.values_mut() {
                by.remove("large-app");
            }
            noted
        };
        assert_eq!(without_project(&lock), without_project(&exported));
        let to_pylock = [&all[..], &["--format", "pylock.toml"]].concat();
        let written = project.run(&uv, &to_pylock).unwrap();
        assert_same(&pylock::parse(&written).unwrap(), &export);
    }
}

#[test]
fn poetry_exports_what_is_read() {
    let Some(uv) = uv() else { return };
    let Some(poetry) = or_skip(program(&uv, "poetry")) else {
        return;
    };
    let text = include_str!("../locks/large/poetry.lock");
    let project = locked(
        ("pyproject.toml", &format!("{LARGE}{SOURCE}")),
        ("poetry.lock", text),
    );
    let export = project
        .run(&poetry, &["export", "--all-extras", "--all-groups"])
        .unwrap();
    assert_same(&poetry_lock::parse(text).unwrap(), &export);
}

#[test]
fn pdm_exports_what_is_read() {
    let Some(uv) = uv() else { return };
    let Some(pdm) = or_skip(program(&uv, "pdm")) else {
        return;
    };
    let text = include_str!("../locks/large/pdm.lock");
    let project = locked(("pyproject.toml", LARGE), ("pdm.lock", text));
    let export = project.run(&pdm, &["export", "-G", ":all"]).unwrap();
    assert_same(&pdm_lock::parse(text).unwrap(), &export);
}

#[test]
fn pipenv_exports_what_is_read() {
    let Some(uv) = uv() else { return };
    let Some(pipenv) = or_skip(program(&uv, "pipenv")) else {
        return;
    };
    for text in [
        include_str!("../locks/large/Pipfile.lock"),
        include_str!("../locks/large/Pipfile-2022.lock"),
    ] {
        let project = locked(
            ("Pipfile", include_str!("../locks/large/Pipfile")),
            ("Pipfile.lock", text),
        );
        let categories = "packages dev-packages docs test";
        let all = ["requirements", "--hash", "--categories", categories];
        let export = project.run(&pipenv, &all).unwrap();
        assert_same(&pipfile_lock::parse(text).unwrap(), &export);
    }
}
