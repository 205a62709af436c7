//! What the caches of installers keep, by names.

use crate::exposed;
use crate::support::Sandbox;

const WHEEL: &str = "litellm-1.82.8-py3-none-any";

/// A cache with this entry, which nobody has to open: it holds nothing.
fn cache(entry: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(&format!("cache/{entry}"), "");
    sandbox
}

#[test]
fn whatever_keeps_a_release_under_its_name_is_found() {
    for entry in [
        format!("wheels/5a/1c/77/0123456789abcdef/{WHEEL}.whl"),
        "archive-v0/lnyzATgLo-_zzg-u/litellm-1.82.8.dist-info/METADATA".to_owned(),
        "archive-v0/lnyzATgLo-_zzg-u/LiteLLM-1.82.8.dist-info/METADATA".to_owned(),
        "archive-v9/lnyzATgLo-_zzg-u/litellm-1.82.8_cpu.dist-info/METADATA".to_owned(),
        "archive-v0/a/lib/python3.14/site-packages/litellm-1.82.8.dist-info/METADATA".to_owned(),
        "environments-v2/x-0123/Lib/site-packages/litellm-1.82.8.dist-info/METADATA".to_owned(),
        "wheels-v8/pypi/litellm/1.82.8-py3-none-any.http".to_owned(),
        "wheels-v8/pypi/litellm/1.82.8-516d0c2242d49034.http".to_owned(),
        "wheels-v8/pypi/litellm/1.82.8-516d0c2242d49034".to_owned(),
        "wheels-v8/index/b2a7eb67d4c26b82/litellm/1.82.8-py3-none-any.http".to_owned(),
        "wheels-v8/path/b2a7eb67d4c26b82/litellm/1.82.8-py3-none-any.rev".to_owned(),
        format!("wheels-v1/pypi/litellm/{WHEEL}.http"),
        format!("wheels-v1/url/b2a7eb67d4c26b82/litellm/{WHEEL}/litellm/__init__.py"),
        "sdists-v11/pypi/litellm/1.82.8/revision.http".to_owned(),
        "sdists-v11/pypi/litellm/1.82.8/LfvT4mcbyawsqkw3/src/setup.py".to_owned(),
        "built-wheels-v3/index/b2a7eb67d4c26b82/litellm/1.82.8/manifest.msgpack".to_owned(),
        format!("sdists-v11/git/b2a7eb67d4c26b82/0123456789abcdef/{WHEEL}.whl"),
        format!("sdists-v11/url/b2a7eb67d4c26b82/LfvT4mcbyawsqkw3/{WHEEL}.whl"),
    ] {
        let sandbox = cache(&entry);
        let ran = exposed(&sandbox, &["--cache", "cache"]);
        ran.ends_with(1)
            .says("litellm 1.82.8")
            .says(": in a cache\n")
            .says("1 place had it, 1 still does");
    }
}

#[test]
fn metadata_alone_and_other_releases_are_no_sighting() {
    for entry in [
        "wheels-v8/pypi/litellm/1.82.8-py3-none-any.msgpack",
        "wheels-v8/pypi/litellm/1.82.8-py3-none-any.lock",
        "wheels-v8/pypi/litellm/1.82.9-py3-none-any.http",
        "wheels-v8/pypi/litellm-proxy/1.82.8-py3-none-any.http",
        "sdists-v11/pypi/litellm/1.82.8/.lock",
        "sdists-v11/pypi/litellm/1.82.9/revision.http",
        "sdists-v11/pypi/x/1/LfvT4mcbyawsqkw3/src/litellm-1.82.8-py3-none-any.whl",
        "archive-v0/lnyzATgLo-_zzg-u/litellm-1.82.9.dist-info/METADATA",
        "simple-v28/pypi/litellm.rkyv",
        "wheels/5a/1c/77/0123456789abcdef/litellm-1.82.9-py3-none-any.whl",
    ] {
        let sandbox = cache(entry);
        exposed(&sandbox, &["--cache", "cache"])
            .ends_with(3)
            .says("nothing else was looked at, and a cache forgets")
            .says("0 places had it, 1 gap");
    }
}

#[test]
fn a_cache_adds_to_a_repository_and_takes_nothing_from_its_answer() {
    let Some(sandbox) = crate::repository("requirements.txt", &["flask==1.0\n"]) else {
        return;
    };
    sandbox.write_home(".cache/pip/http-v2/a/b/c/d/e/abcde.body", "PK");
    sandbox.write_home(".cache/uv/archive-v0/one/flask-1.0.dist-info/METADATA", "");
    let ran = exposed(&sandbox, &[".", "--caches"]);
    ran.ends_with(0)
        .says("note: [SANDBOX]/home/.cache/pip/http-v2: what pip downloaded is kept without its name\n")
        .says("looked at [SANDBOX]/home/.cache/pip: the cache of pip, ")
        .says("looked at [SANDBOX]/home/.cache/uv: the cache of uv, ")
        .says("NOT EXPOSED");
    assert_eq!(ran.stdout.matches("note: ").count(), 1, "{}", ran.all());
    let json = exposed(&sandbox, &[".", "--caches", "--format", "json"]).json();
    assert_eq!(json["notes"].as_array().unwrap().len(), 1);
    assert_eq!(json["gaps"], serde_json::json!([]));
    sandbox.write_home(&format!(".cache/pip/wheels/0/1/2/3/{WHEEL}.whl"), "");
    exposed(&sandbox, &[".", "--caches"])
        .ends_with(1)
        .says("home/.cache/pip/wheels/0/1/2/3/litellm-1.82.8-py3-none-any.whl: litellm 1.82.8: in a cache");
}

#[test]
fn a_release_is_named_once_for_each_cache() {
    let sandbox = cache("archive-v0/one/litellm-1.82.8.dist-info/METADATA");
    sandbox.write("cache/wheels-v8/pypi/litellm/1.82.8-py3-none-any.http", "");
    sandbox.write("cache/archive-v0/two/litellm-1.82.8.dist-info/METADATA", "");
    exposed(&sandbox, &["--cache", "cache"]).says("1 place had it");
}

#[test]
fn caches_are_where_variables_say() {
    let sandbox = cache(&format!("wheels/0/1/2/3/{WHEEL}.whl"));
    let folder = sandbox.project().join("cache").display().to_string();
    for variable in ["PIP_CACHE_DIR", "PINPROOF_CACHE"] {
        let ran = sandbox.run_with(
            &["exposed", "litellm==1.82.8", "--caches"],
            &[(variable, &folder)],
        );
        ran.ends_with(1);
    }
    let uv = cache("archive-v0/one/litellm-1.82.8.dist-info/METADATA");
    let folder = uv.project().join("cache").display().to_string();
    for (variable, folder) in [
        ("UV_CACHE_DIR", folder.as_str()),
        ("PINPROOF_CACHES", "true"),
    ] {
        if variable == "PINPROOF_CACHES" {
            uv.write_home(
                ".cache/uv/archive-v0/one/litellm-1.82.8.dist-info/METADATA",
                "",
            );
        }
        let args = ["exposed", "litellm==1.82.8", "--caches"];
        let args = &args[..if variable == "PINPROOF_CACHES" { 2 } else { 3 }];
        uv.run_with(args, &[(variable, folder)]).ends_with(1);
    }
}

#[test]
fn names_that_tell_no_version_are_gaps() {
    let long = "1.82.8+0123456789012345678901234567890123456789-516d0c2242d49034.http";
    for entry in [
        "wheels-v8/pypi/litellm/not-a-version.http".to_owned(),
        format!("wheels-v8/pypi/litellm/{long}"),
        "archive-v0/one/litellm-x.dist-info/METADATA".to_owned(),
    ] {
        let Some(sandbox) = crate::repository("requirements.txt", &["flask==1.0\n"]) else {
            return;
        };
        sandbox.write_home(&format!(".cache/uv/{entry}"), "");
        let ran = sandbox.run(&["exposed", "litellm==9", ".", "--caches"]);
        ran.ends_with(3).says("its name tells no whole version");
    }
}

#[test]
fn what_is_no_cache_could_not_be_looked_at() {
    let sandbox = Sandbox::new();
    sandbox.write("folder/file", "");
    exposed(&sandbox, &["--cache", "folder"])
        .ends_with(2)
        .says("it is no cache of pip, uv or pinproof");
    exposed(&sandbox, &["--cache", "nowhere"])
        .ends_with(2)
        .says("there is no such folder");
    // This user has none, which is no error, and no answer either.
    exposed(&sandbox, &["--caches"]).ends_with(3);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let outside = cache(&format!("wheels/0/1/2/3/{WHEEL}.whl"));
    let sandbox = cache("wheels/0/1/2/3/flask-1.0-py3-none-any.whl");
    let link = sandbox.project().join("cache/wheels/link");
    std::os::unix::fs::symlink(outside.project().join("cache"), &link).unwrap();
    std::os::unix::fs::symlink("..", sandbox.project().join("cache/wheels/0/loop")).unwrap();
    exposed(&sandbox, &["--cache", "cache"]).ends_with(3);
}

#[test]
fn that_an_index_was_asked_about_the_project_is_said() {
    use crate::support::{Index, Release};
    let index = Index::with(&[Release::new("litellm", "1.82.8")]);
    let sandbox = Sandbox::with_requirements("litellm==1.82.8\n");
    sandbox.check(&index, &[]);
    exposed(&sandbox, &["--caches"])
        .ends_with(3)
        .says("an index was asked about `litellm`, for some file that names it");
    sandbox
        .run(&["exposed", "flask==1", "--caches"])
        .ends_with(3)
        .never_says("an index was asked");
}
