//! A base that cannot be read is exit code 2, with advice; a base without a file has no findings of it.

use crate::support::{Index, Sandbox};
use crate::{releases, repository, unhashed};

#[test]
fn a_name_that_does_not_exist_could_not_run() {
    let Some((index, sandbox)) = repository() else {
        return;
    };
    let ran = sandbox.check(&index, &["--base", "nowhere"]);
    ran.ends_with(2)
        .notes("error: this clone has no `nowhere`")
        .notes("hint: ");
    let ran = sandbox.check(&index, &["--base", "origin/main"]);
    ran.ends_with(2)
        .notes("git fetch --depth=1 origin main:refs/remotes/origin/main");
    for strange in ["HEAD@{1}", "main..change", "", "\u{202e}x"] {
        sandbox
            .check(&index, &["--base", strange])
            .ends_with(2)
            .never_says("\u{202e}");
    }
    assert!(
        index.asked().is_empty(),
        "nobody is asked before the base is read"
    );
}

#[test]
fn a_shallow_clone_as_ci_makes_it_is_told_what_to_fetch() {
    let Some((index, sandbox)) = repository() else {
        return;
    };
    sandbox.write("README.md", "better\n");
    sandbox.commit();
    let clone = Sandbox::new();
    let url = format!("file://{}", sandbox.project().display());
    clone.git(&["clone", "-q", "--depth=1", "--branch=change", &url, "."]);
    let ran = clone.check(&index, &["--base", "origin/main"]);
    ran.ends_with(2)
        .notes("this clone has no `origin/main`: it is shallow");
    let advice = ran
        .stderr
        .split('`')
        .find(|text| text.starts_with("git fetch"))
        .unwrap();
    clone.git(&advice.split(' ').skip(1).collect::<Vec<_>>());
    clone
        .check(&index, &["--base", "origin/main"])
        .ends_with(0)
        .says("6 already there");
}

#[test]
fn no_repository_and_several_could_not_run() {
    let index = Index::with(&releases());
    let sandbox = Sandbox::with_requirements(&unhashed(&releases()));
    let ran = sandbox.check(&index, &["--base", "main"]);
    ran.ends_with(2)
        .notes("is in no git repository")
        .notes("hint: `--base` takes");
    if sandbox.init().is_none() {
        return;
    }
    sandbox.commit();
    let other = sandbox.project().join("../other.txt");
    std::fs::write(&other, "flask==1.0\n").unwrap();
    let ran = sandbox.check(
        &index,
        &["--base", "HEAD", "requirements.txt", "../other.txt"],
    );
    ran.ends_with(2)
        .notes("is not in the repository of the other inputs");
}

#[test]
fn a_damaged_object_could_not_run() {
    let Some((index, sandbox)) = repository() else {
        return;
    };
    let blob = sandbox.git(&["rev-parse", "main:requirements.txt"]);
    let path = sandbox
        .project()
        .join(".git/objects")
        .join(&blob[..2])
        .join(&blob[2..]);
    std::fs::remove_file(path).unwrap();
    let ran = sandbox.check(&index, &["--base", "main"]);
    ran.ends_with(2)
        .notes("this clone lacks the object")
        .notes("git fsck");
}

#[test]
fn a_file_that_the_base_cannot_parse_forgives_nothing_and_stops_nothing() {
    let index = Index::with(&releases());
    let sandbox = Sandbox::new();
    if sandbox.init().is_none() {
        return;
    }
    sandbox.write("pyproject.toml", "[project\n");
    sandbox.commit();
    let project = "[project]\nname = \"shop\"\nversion = \"1\"\ndependencies = [\"flask\"]\n";
    sandbox.write("pyproject.toml", project);
    let ran = sandbox.check(&index, &["--base", "HEAD"]);
    ran.ends_with(1)
        .says("HEAD (")
        .says("has pyproject.toml too, but it cannot be read there");
    let json = sandbox
        .check(&index, &["--base", "HEAD", "--format", "json"])
        .json();
    assert_eq!(json["base"]["errors"][0]["path"], "pyproject.toml");
}

#[test]
fn a_base_from_before_the_project_makes_everything_new() {
    let index = Index::with(&releases());
    let sandbox = Sandbox::new();
    if sandbox.init().is_none() {
        return;
    }
    sandbox.write("README.md", "soon\n");
    sandbox.commit();
    sandbox.write("requirements.txt", unhashed(&releases()));
    sandbox
        .check(&index, &["--base", "HEAD"])
        .ends_with(1)
        .says("FAILED  6 denied")
        .says("nothing of this was in HEAD (");
    sandbox
        .check(&index, &["--base", "HEAD", "requirements.txt"])
        .ends_with(1);
}

#[test]
fn a_repository_that_wants_to_run_programs_runs_none() {
    let Some((index, sandbox)) = repository() else {
        return;
    };
    let marker = sandbox.home().join("marker");
    let program = format!("touch {}", marker.display());
    for key in [
        "core.fsmonitor",
        "core.hooksPath",
        "filter.x.smudge",
        "diff.x.textconv",
        "alias.log",
    ] {
        sandbox.git(&["config", key, &program]);
    }
    sandbox.write(".gitattributes", "* filter=x diff=x\n");
    sandbox.check(&index, &["--base", "main"]).ends_with(0);
    assert!(!marker.exists());
}
