//! Credentials are used and never shown: not in a report, not in an error, not in a diff.

use crate::support::{Index, Mood, NOW, Ran, Release, Sandbox};
use crate::{in_every_look, is_no_bug};

const SECRET: &str = "hunter2";

fn flask() -> Release {
    Release::new("flask", "3.1.2")
}

#[track_caller]
fn keeps_the_secret(ran: &Ran) {
    is_no_bug(ran);
    ran.never_says(SECRET)
        .never_says("aHVudGVyMg")
        .never_says("bWU6aHVudGVyMg");
}

fn with_credentials(url: &str) -> String {
    url.replacen("://", &format!("://me:{SECRET}@"), 1)
}

/// Addresses with credentials of an index that answers, and of ones that fail in many ways.
fn addresses(indexes: &[Index]) -> Vec<String> {
    let mut urls: Vec<_> = indexes
        .iter()
        .map(|index| with_credentials(&index.url()))
        .collect();
    urls.push(with_credentials(&Index::refused()));
    urls.push(with_credentials("https://no-such-host.invalid/simple/"));
    urls.push(with_credentials(
        "https://127.0.0.1:1/simple/?token=hunter2",
    ));
    urls
}

fn indexes() -> Vec<Index> {
    let moods = [
        Mood::Honest,
        Mood::Status(401),
        Mood::Status(500),
        Mood::Html,
        Mood::Circle,
        Mood::Truncated,
    ];
    moods.map(|mood| Index::in_mood(mood, &[flask()])).into()
}

#[test]
fn of_the_command_line() {
    let indexes = indexes();
    let sandbox = Sandbox::with_requirements("flask==3.1.2\n");
    for url in addresses(&indexes) {
        let named = format!("corp={url}");
        let config = "[[index]]\nname = \"corp\"\nonly = [\"flask\"]\n";
        for ran in in_every_look(&sandbox, &["--index-url", &url, "--fix", "--diff"], &[]) {
            keeps_the_secret(&ran);
        }
        sandbox.write("pinproof.toml", config);
        for ran in in_every_look(&sandbox, &["--index", &named], &[]) {
            keeps_the_secret(&ran);
        }
        keeps_the_secret(&sandbox.run(&["config", "show", "--index-url", &url, "--index", &named]));
    }
}

#[test]
fn of_a_call_that_is_wrong() {
    let sandbox = Sandbox::with_requirements("flask==3.1.2\n");
    let wrong = [
        ["--index-url", "ftp://me:hunter2@corp.example/"],
        ["--index-url", "me:hunter2@corp.example"],
        ["--index-url", "https://me:hunter2@corp.exa mple/"],
        ["--index", "corp=ftp://me:hunter2@corp.example/"],
        ["--index", "c o=https://me:hunter2@corp.example/"],
        ["--index", "https://me:hunter2@corp.example/"],
        ["--index-ur", "https://me:hunter2@corp.example/"],
    ];
    for args in wrong {
        let ran = sandbox.run(&["check", args[0], args[1]]);
        ran.ends_with(2);
        keeps_the_secret(&ran);
    }
    for variable in ["PINPROOF_INDEX_URL", "PINPROOF_INDEX"] {
        let ran = sandbox.run_with(&["check"], &[(variable, "ftp://me:hunter2@corp.example/")]);
        ran.ends_with(2);
        keeps_the_secret(&ran);
        let ran = sandbox.run_with(
            &["check", "--help"],
            &[(variable, "https://me:hunter2@h.example/")],
        );
        keeps_the_secret(&ran);
    }
}

#[test]
fn of_a_requirements_file() {
    let lines = [
        "--index-url {}",
        "--extra-index-url={}",
        "--find-links {}",
        "-r {}",
        "-c {}",
        "x @ {}a.whl",
        "x @ git+{}x.git@main",
        "-e git+{}x.git#egg=x",
        "{}a.tar.gz",
        "flask {}",
        "flask=={}",
        "flask==3.1.2 ; extra == '{}'",
        "--trusted-host {}",
        "--frobnicate {}",
        "--index-url {} junk",
        "flask==3.1.2 --hash={}",
        "flask==3.1.2 --config-settings={}",
        "flask==3.1.2  # see {}",
        "flask==3.1.2  # pinproof: ignore[{}]",
    ];
    let indexes = indexes();
    for line in lines {
        for url in addresses(&indexes[..1]) {
            let text = format!("{}\nflask==3.1.2\nflask>=3\n", line.replace("{}", &url));
            let sandbox = Sandbox::with_requirements(&text);
            for ran in in_every_look(&sandbox, &["--diff"], &[]) {
                assert!(!ran.all().contains(SECRET), "{line}: {}", ran.all());
                keeps_the_secret(&ran);
            }
        }
    }
}

#[test]
fn that_a_variable_brings_into_a_requirements_file() {
    let text = "--index-url https://${USER}:${PASSWORD}@no-such-host.invalid/simple/\n\
                --extra-index-url https://x:${PASSWORD}@extra.invalid/\n\
                x @ https://me:${PASSWORD}@h.example/x.whl\nflask==3.1.2\n";
    let sandbox = Sandbox::with_requirements(text);
    let variables = [("USER", "me"), ("PASSWORD", SECRET)];
    for ran in in_every_look(&sandbox, &["--diff"], &variables) {
        keeps_the_secret(&ran);
    }
}

#[test]
fn of_the_settings_of_the_machine() {
    let indexes = indexes();
    for url in addresses(&indexes) {
        let sandbox = Sandbox::with_requirements("flask==3.1.2\n");
        let conf = format!(
            "[global]\nindex-url = {url}\nextra-index-url =\n    {url}\n    {url}x\nfind-links = {url}\n\
             trusted-host = me:{SECRET}@h.example\nproxy = {url}\n"
        );
        sandbox.write_home(".config/pip/pip.conf", &conf);
        let uv = format!(
            "index-url = \"{url}\"\nextra-index-url = [\"{url}\"]\n[[index]]\nname = \"c\"\nurl = \"{url}\"\n"
        );
        sandbox.write_home(".config/uv/uv.toml", &uv);
        for ran in in_every_look(&sandbox, &[], &[]) {
            keeps_the_secret(&ran);
        }
        let named = format!("c={url}");
        let variables = [
            ("PIP_INDEX_URL", url.as_str()),
            ("PIP_EXTRA_INDEX_URL", url.as_str()),
            ("PIP_FIND_LINKS", url.as_str()),
            ("PIP_TRUSTED_HOST", "me:hunter2@h.example"),
            ("UV_INDEX", named.as_str()),
            ("UV_DEFAULT_INDEX", url.as_str()),
            ("UV_INDEX_C_PASSWORD", SECRET),
        ];
        for ran in in_every_look(&sandbox, &[], &variables) {
            keeps_the_secret(&ran);
        }
    }
}

#[test]
fn of_machine_settings_that_are_not_understood() {
    let sandbox = Sandbox::with_requirements(&flask().locked());
    sandbox.write_home(
        ".config/pip/pip.conf",
        "[global\nindex-url = https://me:hunter2@h.example\n",
    );
    sandbox.write_home(
        ".config/uv/uv.toml",
        "index-url = https://me:hunter2@h.example\n",
    );
    for ran in in_every_look(
        &sandbox,
        &[],
        &[("PIP_INDEX_URL", "me:hunter2@nothing at all")],
    ) {
        keeps_the_secret(&ran);
    }
}

#[test]
fn of_a_pyproject_and_of_the_configuration() {
    let url = with_credentials("https://no-such-host.invalid/simple/");
    let sandbox = Sandbox::new();
    let project = format!(
        "[project]\nname = \"x\"\nversion = \"1\"\ndependencies = [\"flask\", \"a @ {url}a.whl\", \"b {url}\"]\n\
         [[tool.uv.index]]\nname = \"c\"\nurl = \"{url}\"\n[tool.uv]\nextra-index-url = [\"{url}\"]\n\
         [tool.uv.sources]\nflask = {{ git = \"{url}\" }}\n"
    );
    sandbox.write("pyproject.toml", project);
    for ran in in_every_look(&sandbox, &[], &[]) {
        keeps_the_secret(&ran);
    }
    let configs = [
        format!("[[index]]\nname = \"corp\"\nurl = \"{url}\"\ndefault = true\n"),
        format!("[[index]]\nname = \"corp\"\nurl = \"ftp{url}\"\ndefault = true\n"),
        format!("[[index]]\nname = \"corp\"\nurl = \"{url}\"\n"),
        format!("[[index]]\nname = \"corp\"\nulr = \"{url}\"\ndefault = true\n"),
        format!("[[index]]\nname = \"corp\"\nurl = {url}\n"),
    ];
    for config in configs {
        sandbox.write("pinproof.toml", config);
        for ran in in_every_look(&sandbox, &[], &[]) {
            keeps_the_secret(&ran);
        }
        keeps_the_secret(&sandbox.run(&["config", "show"]));
    }
}

/// What the index says must not bring its own address back, and what it names is not asked for more.
#[test]
fn of_pages_and_redirects_and_the_cache() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements(&flask().locked());
    let url = with_credentials(&index.url());
    sandbox
        .run(&["check", "--index-url", &url, "--as-of", NOW])
        .ends_with(0);
    let cache = sandbox.home().join(".cache/pinproof");
    let mut folders = vec![cache];
    let mut read = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                read += 1;
                let bytes = std::fs::read(&path).expect("a file");
                let text = String::from_utf8_lossy(&bytes);
                assert!(!text.contains(SECRET) && !path.display().to_string().contains(SECRET));
            }
        }
    }
    assert!(read > 0, "nothing was cached");
}

#[test]
fn of_a_variable_in_the_path_of_an_include_that_is_missing() {
    let sandbox =
        Sandbox::with_requirements("-r ${TOKEN}/more.txt\n-r sub/${TOKEN}.txt\nflask==3.1.2\n");
    for ran in in_every_look(&sandbox, &["--offline"], &[("TOKEN", SECRET)]) {
        keeps_the_secret(&ran);
        ran.ends_with(2)
            .says("${TOKEN}/more.txt")
            .says("sub/${TOKEN}.txt");
    }
}
