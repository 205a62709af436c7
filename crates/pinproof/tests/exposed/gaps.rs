//! What could not be read is never an answer of "no".

use crate::support::Sandbox;
use crate::{exposed, repository};

#[test]
fn a_shallow_history_is_not_all_of_it() {
    let locks = [
        "litellm==1.82.8\n",
        "litellm==1.82.9\n",
        "litellm==1.83.0\n",
    ];
    let Some(sandbox) = repository("requirements.txt", &locks) else {
        return;
    };
    let clone = |depth: &str| {
        let clone = Sandbox::new();
        let url = format!("file://{}", sandbox.project().display());
        clone.git(&["clone", "-q", depth, &url, "."]);
        clone
    };
    exposed(&clone("--depth=2"), &[])
        .ends_with(3)
        .says("history before 2026-03-02 is not here")
        .says("git fetch --unshallow");
    let Some(sandbox) = repository("requirements.txt", &locks[..2]) else {
        return;
    };
    sandbox.git(&["revert", "--no-edit", "HEAD"]);
    let shallow = Sandbox::new();
    let url = format!("file://{}", sandbox.project().display());
    shallow.git(&["clone", "-q", "--depth=1", &url, "."]);
    exposed(&shallow, &[])
        .ends_with(1)
        .says(" or earlier, still there");
}

#[test]
fn a_manifest_without_a_lock_records_nothing() {
    for (path, text) in [
        ("requirements.txt", "litellm>=1.80\n"),
        ("requirements.in", "litellm\n"),
        (
            "pyproject.toml",
            "[project]\nname = \"x\"\nversion = \"1\"\ndependencies = [\"litellm\"]\n",
        ),
    ] {
        let Some(sandbox) = repository(path, &[text]) else {
            return;
        };
        exposed(&sandbox, &[])
            .ends_with(3)
            .says("it accepts the release without pinning it, and no lock ever pinned `litellm`");
        sandbox.run(&["exposed", "litellm==0.1.dev0"]);
    }
    let Some(sandbox) = repository("requirements.in", &["litellm>=2\n"]) else {
        return;
    };
    exposed(&sandbox, &[]).ends_with(0);
}

#[test]
fn a_manifest_with_a_lock_is_recorded_from_then_on() {
    let Some(sandbox) = repository("requirements.in", &["flask\n"]) else {
        return;
    };
    sandbox.write("requirements.in", "flask\nlitellm\n");
    sandbox.write("requirements.txt", "flask==1.0\nlitellm==1.82.9\n");
    sandbox.commit_at("2026-03-05T12:00:00Z");
    exposed(&sandbox, &[]).ends_with(0);
    sandbox.write("requirements-dev.in", "litellm\n");
    sandbox.commit_at("2026-03-04T12:00:00Z");
    exposed(&sandbox, &[])
        .ends_with(3)
        .says("no lock pinned `litellm` before 2026-03-05");
    sandbox.git(&["rm", "-q", "requirements-dev.in", "requirements.txt"]);
    sandbox.commit_at("2026-03-06T12:00:00Z");
    exposed(&sandbox, &[])
        .ends_with(3)
        .says("no lock pins `litellm` now");
}

#[test]
fn formats_and_lines_that_are_not_understood_count_where_they_name_the_project() {
    for (path, text, why) in [
        (
            "setup.cfg",
            "[options]\ninstall_requires = litellm\n",
            "does not read a setuptools configuration",
        ),
        (
            "requirements.txt",
            "litellm = 1.82.8\n",
            "a line that names the project is not understood",
        ),
        (
            "requirements.txt",
            "-r https://example.invalid/r.txt\n",
            "which is not looked at",
        ),
        (
            "requirements.txt",
            "-r other/list.text\n",
            "it includes other/list.text",
        ),
        (
            "requirements.txt",
            "-r ../outside/requirements.txt\n",
            "which is not looked at",
        ),
        ("pyproject.toml", "[project\n", "it is not valid TOML"),
    ] {
        let Some(sandbox) = repository(path, &[text]) else {
            return;
        };
        exposed(&sandbox, &[])
            .ends_with(3)
            .says(why)
            .says("UNDECIDED");
    }
    for (path, text) in [
        ("setup.cfg", "[options]\ninstall_requires = flask\n"),
        ("requirements.txt", "what is this\n"),
        ("requirements.txt", "-r requirements/base.txt\n"),
    ] {
        let Some(sandbox) = repository(path, &[text]) else {
            return;
        };
        exposed(&sandbox, &[]).ends_with(0);
    }
}

#[test]
fn a_damaged_repository_is_a_gap() {
    let Some(sandbox) = repository("requirements.txt", &["flask==1.0\n", "flask==1.1\n"]) else {
        return;
    };
    for object in ["HEAD~1:requirements.txt", "HEAD~1^{tree}", "HEAD~1"] {
        let id = sandbox.git(&["rev-parse", object]);
        let path = sandbox
            .project()
            .join(".git/objects")
            .join(&id[..2])
            .join(&id[2..]);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        exposed(&sandbox, &[])
            .ends_with(3)
            .says("this clone lacks the object");
        std::fs::write(&path, bytes).unwrap();
    }
    exposed(&sandbox, &[]).ends_with(0);
}

#[test]
fn a_wrong_call_could_not_run() {
    let sandbox = Sandbox::new();
    for wrong in ["litellm", "litellm==", "==1", "litellm>=1", "litellm==one"] {
        let ran = sandbox.run(&["exposed", wrong]);
        ran.ends_with(2)
            .notes("is no release and no advisory")
            .notes("hint: write the name and the version");
    }
    exposed(&sandbox, &[])
        .ends_with(2)
        .says("is in no git repository")
        .says("COULD NOT RUN");
    let missing = ["--environment", "nowhere"];
    exposed(&sandbox, &missing)
        .ends_with(2)
        .says("there is no such file");
}
