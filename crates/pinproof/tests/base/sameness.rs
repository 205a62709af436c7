//! Which findings are the same, and which only look like it.

use crate::support::{Index, Release, Sandbox};

/// Checks `after` against a commit of `before`.
fn compare(releases: &[Release], before: &str, after: &str) -> Option<crate::support::Ran> {
    let index = Index::with(releases);
    let sandbox = Sandbox::with_requirements(before);
    sandbox.init()?;
    sandbox.commit();
    sandbox.write("requirements.txt", after);
    Some(sandbox.check(
        &index,
        &["--base", "HEAD", "-D", "recent-release", "-D", "direct-url"],
    ))
}

fn flask(version: &str) -> Release {
    Release::new("flask", version)
}

#[test]
fn another_version_without_a_hash_was_there() {
    let releases = [flask("1.0"), flask("1.1")];
    let Some(ran) = compare(&releases, "flask==1.0\n", "\n\nflask==1.1\n") else {
        return;
    };
    ran.ends_with(0).says("1 already there");
}

#[test]
fn what_is_there_twice_and_was_there_once_is_new_once() {
    let line = "flask==1.0 ; python_version >= '3.9'\n";
    let twice = format!("{line}flask==1.0 ; python_version < '3.9'\n");
    let Some(ran) = compare(&[flask("1.0")], line, &twice) else {
        return;
    };
    ran.ends_with(1)
        .says("FAILED  1 denied")
        .says("1 already there");
}

/// A name is asked about when it comes: what the base has was somebody's decision, also in a new version.
#[test]
fn a_lookalike_of_the_base_is_not_asked_about_again() {
    let young = |name, version| Release::new(name, version).uploaded("2026-10-31T00:00:00Z");
    let releases = [
        young("reqeusts", "1.0"),
        young("reqeusts", "1.1"),
        young("flassk", "1.0"),
    ];
    let [old, new, other] = releases.each_ref().map(Release::locked);
    let index = Index::with(&releases);
    let sandbox = Sandbox::with_requirements(&old);
    if sandbox.init().is_none() {
        return;
    }
    sandbox.commit();
    sandbox.write("requirements.txt", &new);
    let ran = sandbox.check(&index, &["--base", "HEAD"]);
    ran.ends_with(0).never_says("error[lookalike-name]");
    sandbox.write("requirements.txt", format!("{other}{new}"));
    let ran = sandbox.check(&index, &["--base", "HEAD"]);
    ran.ends_with(1)
        .says("error[lookalike-name]: `flassk` is easily mistaken for `flask`, and it is new")
        .says("FAILED  1 denied");
}

#[test]
fn one_release_that_is_too_young_is_no_excuse_for_another() {
    let young = |version| flask(version).uploaded("2026-10-31T00:00:00Z");
    let releases = [young("1.0"), young("1.1")];
    let (old, new) = (releases[0].locked(), releases[1].locked());
    let Some(ran) = compare(&releases, &old, &format!("# moved\n{old}")) else {
        return;
    };
    ran.ends_with(0).says("1 already there");
    let Some(ran) = compare(&releases, &old, &new) else {
        return;
    };
    ran.ends_with(1)
        .says("recent-release")
        .says(" 0 already there");
}

#[test]
fn one_address_is_no_excuse_for_another() {
    let at = |host: &str| format!("flask @ https://{host}/flask-1.0-py3-none-any.whl\n");
    let Some(ran) = compare(&[], &at("good.invalid"), &at("evil.invalid")) else {
        return;
    };
    ran.ends_with(1).says("evil.invalid");
    let Some(ran) = compare(&[], &at("good.invalid"), &at("good.invalid")) else {
        return;
    };
    ran.ends_with(0);
}

#[test]
fn one_wrong_hash_is_no_excuse_for_another() {
    let with = |digit: &str| format!("flask==1.0 --hash=sha256:{}\n", digit.repeat(64));
    let Some(ran) = compare(&[flask("1.0")], &with("a"), &with("b")) else {
        return;
    };
    ran.ends_with(1).says("hash-mismatch");
    let Some(ran) = compare(&[flask("1.0")], &with("a"), &with("a")) else {
        return;
    };
    ran.ends_with(0);
}

#[test]
fn an_exception_that_is_removed_leaves_its_finding_new() {
    let ignored = "flask==1.0  # pinproof: ignore[unhashed-requirement] built here\n";
    let Some(ran) = compare(&[flask("1.0")], ignored, ignored) else {
        return;
    };
    ran.ends_with(0).says("1 ignored").says(" 0 already there");
    let Some(ran) = compare(&[flask("1.0")], ignored, "flask==1.0\n") else {
        return;
    };
    ran.ends_with(1);
    let Some(ran) = compare(&[flask("1.0")], "flask==1.0\n", ignored) else {
        return;
    };
    ran.ends_with(0).says("1 ignored");
}

#[test]
fn included_files_and_inputs_of_locks_are_those_of_the_base() {
    let index = Index::with(&crate::releases());
    let sandbox = Sandbox::with_requirements("-r more/base.txt\n-c ../outside.txt\n");
    if sandbox.init().is_none() {
        return;
    }
    std::fs::write(sandbox.project().join("../outside.txt"), "idna==1.0\n").unwrap();
    sandbox.write("more/base.txt", "flask==1.0\n");
    sandbox.commit();
    sandbox
        .check(&index, &["--base", "HEAD"])
        .ends_with(0)
        .says("1 already there");
    sandbox.write("more/base.txt", "flask==1.0\nclick==1.0\n");
    sandbox
        .check(&index, &["--base", "HEAD"])
        .ends_with(1)
        .says("`click` is pinned, but has no hash")
        .says("1 already there");
}

#[test]
fn an_index_that_the_branch_brings_is_new_wherever_it_is_written() {
    for (file, text) in [
        (
            "uv.toml",
            "[[index]]\nurl = \"https://second.invalid/simple/\"\n",
        ),
        (
            "pyproject.toml",
            "[project]\nname = \"shop\"\nversion = \"1\"\ndependencies = [\"flask==1.0\"]\n[[tool.uv.index]]\nurl = \"https://second.invalid/simple/\"\n",
        ),
    ] {
        let index = Index::with(&crate::releases());
        let sandbox = Sandbox::new();
        if sandbox.init().is_none() {
            return;
        }
        sandbox.write(
            "pyproject.toml",
            "[project]\nname = \"shop\"\nversion = \"1\"\ndependencies = [\"flask==1.0\"]\n",
        );
        sandbox.commit();
        let args = ["--base", "HEAD", "-A", "unpinned-requirement"];
        sandbox.check(&index, &args).ends_with(0);
        sandbox.write(file, text);
        let ran = sandbox.check(&index, &args);
        ran.ends_with(1).says("mixed-indexes");
        sandbox.commit();
        sandbox
            .check(&index, &args)
            .ends_with(0)
            .says("mixed-indexes");
    }
}

#[cfg(unix)]
#[test]
fn links_within_the_repository_lead_where_they_did() {
    let index = Index::with(&crate::releases());
    let sandbox = Sandbox::new();
    if sandbox.init().is_none() {
        return;
    }
    sandbox.write("locks/main.txt", "flask==1.0\n");
    std::os::unix::fs::symlink("locks/main.txt", sandbox.project().join("requirements.txt"))
        .unwrap();
    sandbox.commit();
    sandbox
        .check(&index, &["--base", "HEAD"])
        .ends_with(0)
        .says("1 already there");
    sandbox.write("locks/main.txt", "flask==1.0\nclick==1.0\n");
    sandbox
        .check(&index, &["--base", "HEAD"])
        .ends_with(1)
        .says("1 already there");
}
