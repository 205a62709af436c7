//! What pip itself makes of configuration files and variables, and where it looks for them.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the crate is pure; its tests ask the real tools"
)]

mod oracle;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pinproof_core::index::{Address, LocationKind};
use pinproof_core::manifest::InstallOptionKind;
use pinproof_core::{MachineSetting, Printable};
use pinproof_formats::config_paths::System;
use pinproof_formats::{pip_conf, pip_effective, pip_paths};
use serde_json::{Value, json};

/// pip's own view of each case: the files it would read, and the options of `pip install`.
const SCRIPT: &str = r#"
import json, os, sys, contextlib, io
from pip._internal.configuration import Configuration
from pip._internal.commands import create_command
out = []
for case in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(case["environment"])
    files = [f for _, fs in Configuration(False).iter_config_files() for f in fs]
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            v = create_command("install").parser.get_default_values()
        options = {
            "index_url": v.index_url, "extra": v.extra_index_urls, "find_links": v.find_links,
            "no_index": bool(v.no_index), "trusted": v.trusted_hosts, "hashes": bool(v.require_hashes),
            "no_hashes": bool(v.no_require_hashes),
            "pre": bool(v.pre), "no_binary": sorted(v.format_control.no_binary),
            "only_binary": sorted(v.format_control.only_binary),
        }
    except (SystemExit, Exception) as e:
        options = None
    out.append({"files": files, "options": options})
json.dump(out, sys.stdout)
"#;

/// A case: files below a fresh folder, and variables; `@` in both is that folder.
struct Case {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
    variables: &'static [(&'static str, &'static str)],
}

const fn case(
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
    variables: &'static [(&'static str, &'static str)],
) -> Case {
    Case {
        name,
        files,
        variables,
    }
}

const SYSTEM: &str = "xdg/pip/pip.conf";
const LEGACY: &str = "home/.pip/pip.conf";
const USER: &str = "home/.config/pip/pip.conf";
const NAMED: &str = "named.conf";
const NAMED_VARIABLE: (&str, &str) = ("PIP_CONFIG_FILE", "@/named.conf");

const CASES: &[Case] = &[
    case("nothing", &[], &[]),
    case(
        "index in the user's file",
        &[(USER, "[global]\nindex-url = https://a.example/simple\n")],
        &[],
    ),
    case(
        "colon and underscore",
        &[(USER, "[global]\nINDEX_URL: https://a.example/simple")],
        &[],
    ),
    case(
        "two dashes before a name",
        &[(USER, "[global]\n--index-url = https://a.example/s")],
        &[],
    ),
    case(
        "the command's section wins",
        &[(
            USER,
            "[install]\nindex-url=https://b.example/\n[global]\nindex-url=https://a.example/",
        )],
        &[],
    ),
    case(
        "another command's section",
        &[(USER, "[download]\nindex-url=https://b.example/")],
        &[],
    ),
    case(
        "several lines",
        &[(
            USER,
            "[global]\nextra-index-url =\n    https://a.example/\n    https://b.example/ https://c.example/\n\n    # no\n    https://d.example/\n",
        )],
        &[],
    ),
    case(
        "a value on the next line",
        &[(USER, "[global]\nno-index =\n  yes\n")],
        &[],
    ),
    case(
        "user over system, legacy under user",
        &[
            (
                SYSTEM,
                "[global]\nindex-url=https://system.example/\ntrusted-host=system.example",
            ),
            (
                LEGACY,
                "[global]\nindex-url=https://legacy.example/\nfind-links=/legacy",
            ),
            (USER, "[global]\nindex-url=https://user.example/"),
        ],
        &[],
    ),
    case(
        "the named file takes the user's place",
        &[
            (USER, "[global]\nindex-url=https://user.example/"),
            (NAMED, "[global]\nno-index=1"),
        ],
        &[NAMED_VARIABLE],
    ),
    case(
        "a named file that is not there",
        &[(USER, "[global]\nindex-url=https://user.example/")],
        &[NAMED_VARIABLE],
    ),
    case(
        "the null device turns files off",
        &[
            (USER, "[global]\nindex-url=https://user.example/"),
            (SYSTEM, "[global]\nno-index=1"),
        ],
        &[("PIP_CONFIG_FILE", "/dev/null")],
    ),
    case(
        "an empty PIP_CONFIG_FILE",
        &[(USER, "[global]\nno-index=on")],
        &[("PIP_CONFIG_FILE", "")],
    ),
    case(
        "variables",
        &[],
        &[
            ("PIP_INDEX_URL", "https://a.example/simple"),
            (
                "PIP_EXTRA_INDEX_URL",
                "https://b.example/ \t https://c.example/",
            ),
            ("PIP_FIND_LINKS", "/wheels ./more https://d.example/links"),
            ("PIP_TRUSTED_HOST", "a.example b.example:8080"),
            ("PIP_NO_INDEX", "true"),
            ("PIP_REQUIRE_HASHES", "Y"),
            ("PIP_PRE", "on"),
        ],
    ),
    case(
        "a variable replaces a list, it does not join it",
        &[(
            USER,
            "[install]\nextra-index-url=https://file.example/\nfind-links=/file",
        )],
        &[("PIP_EXTRA_INDEX_URL", "https://env.example/")],
    ),
    case(
        "an empty variable changes nothing",
        &[(USER, "[global]\nextra-index-url=https://file.example/")],
        &[("PIP_EXTRA_INDEX_URL", "")],
    ),
    case(
        "a blank variable empties the list",
        &[(USER, "[global]\nextra-index-url=https://file.example/")],
        &[("PIP_EXTRA_INDEX_URL", " ")],
    ),
    case(
        "an empty value in a later file empties an earlier one",
        &[
            (SYSTEM, "[global]\nindex-url=https://a.example/"),
            (USER, "[global]\nindex-url=\n"),
        ],
        &[],
    ),
    case(
        "a variable turns a flag off",
        &[(USER, "[global]\nno-index=yes\nrequire-hashes=yes")],
        &[("PIP_NO_INDEX", "0"), ("PIP_REQUIRE_HASHES", "no")],
    ),
    case(
        "hashes are not required",
        &[(USER, "[install]\nno-require-hashes=yes")],
        &[],
    ),
    case("no boolean", &[], &[("PIP_NO_INDEX", "maybe")]),
    case("no boolean in a file", &[(USER, "[install]\npre = 2")], &[]),
    case(
        "the other name of the index",
        &[(USER, "[global]\npypi-url=https://a.example/")],
        &[],
    ),
    case(
        "both names of the index",
        &[(
            USER,
            "[global]\npypi-url=https://a.example/\nindex-url=https://b.example/",
        )],
        &[],
    ),
    case(
        "binaries",
        &[(USER, "[install]\nno-binary=:all:\nonly-binary=Foo_Bar,baz")],
        &[],
    ),
    case(
        "binaries, in turn",
        &[(
            USER,
            "[global]\nno-binary = a,b\nonly-binary = :all:,:none:,c",
        )],
        &[("PIP_NO_BINARY", "c,d"), ("PIP_ONLY_BINARY", "b")],
    ),
    case(
        "none and all",
        &[(USER, "[global]\nonly-binary=:all:")],
        &[("PIP_ONLY_BINARY", ":none:")],
    ),
    case(
        "all covers names after it",
        &[],
        &[("PIP_ONLY_BINARY", "a,:all:,b")],
    ),
    case("no name at all", &[], &[("PIP_NO_BINARY", "-x")]),
    case(
        "defaults",
        &[(USER, "[DEFAULT]\nno-index=1\npre=1\n[install]\npre=0\n")],
        &[],
    ),
    case(
        "defaults without a section",
        &[(USER, "[DEFAULT]\nno-index=1\n")],
        &[],
    ),
    case(
        "a section twice",
        &[(USER, "[global]\npre=1\n[global]\npre=0\n")],
        &[],
    ),
    case(
        "a key twice",
        &[(
            USER,
            "[global]\nindex-url=https://a.example\nindex_url=https://b.example",
        )],
        &[],
    ),
    case("no section", &[(USER, "index-url=https://a.example")], &[]),
    case("no value", &[(USER, "[global]\nno-index\n")], &[]),
    case("no key", &[(USER, "[global]\n= 1\n")], &[]),
    case(
        "comments",
        &[(USER, "# a\n; b\n[global]\n  # c\npre = 1 # not a comment\n")],
        &[],
    ),
    case(
        "a comment after an address",
        &[(USER, "[global]\nfind-links = /a # b\n")],
        &[],
    ),
    case(
        "an indented key is a value",
        &[(USER, "[global]\nfind-links = /a\n  no-index = 1\n")],
        &[],
    ),
    case(
        "an indented section",
        &[(USER, "  [global]\n  no-index = 1\n")],
        &[],
    ),
    case(
        "no interpolation",
        &[(USER, "[global]\nfind-links = /a/%(u)s/${h}\n")],
        &[],
    ),
    case(
        "carriage returns",
        &[(USER, "[global]\r\nfind-links = /a\r\n  /b\r\n")],
        &[],
    ),
    case(
        "names pip does not know",
        &[(USER, "[global]\nextra-index-urls=https://a.example/\n")],
        &[],
    ),
    case(
        "variables in lower case",
        &[],
        &[("pip_no_index", "1"), ("PIP_no_index", "1")],
    ),
    case(
        "a configuration folder of one's own",
        &[("c/pip/pip.conf", "[global]\nno-index=1")],
        &[("XDG_CONFIG_HOME", "@/c")],
    ),
    case(
        "a relative configuration folder",
        &[(USER, "[global]\nno-index=1")],
        &[("XDG_CONFIG_HOME", "c")],
    ),
    case(
        "credentials",
        &[],
        &[("PIP_INDEX_URL", "https://me:secret@a.example/simple")],
    ),
];

#[test]
fn pip_and_pinproof_read_the_same_configuration() {
    let Some(tools) = oracle::environment() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let prepared: Vec<_> = CASES
        .iter()
        .enumerate()
        .map(|(number, case)| write_case(case, &folder.path().join(number.to_string())))
        .collect();
    let input = prepared
        .iter()
        .map(|environment| json!({ "environment": environment }));
    let answers = oracle::ask(&tools, SCRIPT, &Value::Array(input.collect()));
    for ((case, environment), answer) in
        CASES.iter().zip(&prepared).zip(answers.as_array().unwrap())
    {
        let files = existing(environment, &tools);
        assert_eq!(
            json!(files),
            existing_of_pip(&answer["files"], environment),
            "{}: files",
            case.name
        );
        let of_pip = without_last_slash(&answer["options"]);
        assert_eq!(
            options(&files, environment),
            of_pip,
            "{}: options",
            case.name
        );
    }
}

fn write_case(case: &Case, folder: &Path) -> BTreeMap<String, String> {
    for (path, text) in case.files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let base = [("HOME", "@/home"), ("XDG_CONFIG_DIRS", "@/xdg")];
    let place = |value: &str| value.replace('@', folder.to_str().unwrap());
    let keep = |name: &str, value: &str| {
        // An address may have an `@` of its own.
        if name.ends_with("_URL") {
            value.to_owned()
        } else {
            place(value)
        }
    };
    let variables = base.iter().chain(case.variables);
    variables
        .map(|(name, value)| ((*name).to_owned(), keep(name, value)))
        .collect()
}

/// The files that are there, of those that pinproof would read.
fn existing(environment: &BTreeMap<String, String>, prefix: &Path) -> Vec<String> {
    let is_there = |path: &String| Path::new(path).exists();
    let files = pip_paths::config_files(System::Unix, environment, prefix.to_str());
    let files = files
        .into_iter()
        .filter(|file| !file.unless_exists.iter().any(is_there));
    files.map(|file| file.path).filter(is_there).collect()
}

/// The files that are there, of those that pip would read, in the order in which they count.
fn existing_of_pip(files: &Value, environment: &BTreeMap<String, String>) -> Value {
    let null = environment
        .get("PIP_CONFIG_FILE")
        .is_some_and(|path| path == "/dev/null");
    let files = files.as_array().unwrap().iter().filter(|_| !null);
    let there = files.filter(|path| PathBuf::from(path.as_str().unwrap()).exists());
    Value::Array(there.cloned().collect())
}

/// The options of `pip install`, as pinproof reads them; nothing where pip would stop.
fn options(files: &[String], environment: &BTreeMap<String, String>) -> Value {
    let mut confs = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(path).unwrap();
        let Ok(conf) = pip_conf::parse(&text) else {
            return Value::Null;
        };
        confs.push((Printable::new(path), conf));
    }
    let settings = pip_effective::effective(&confs, environment, "install");
    if settings
        .iter()
        .any(|setting| !setting.config.not_understood.is_empty())
    {
        return Value::Null;
    }
    let no_binary = names(&settings, |kind| match kind {
        InstallOptionKind::NoBinary(names) => names.clone(),
        _ => Vec::new(),
    });
    let only_binary = names(&settings, |kind| match kind {
        InstallOptionKind::OnlyBinary(names) => names.clone(),
        _ => Vec::new(),
    });
    let index = addresses(&settings, LocationKind::Default).pop();
    json!({
        "index_url": index.unwrap_or_else(|| "https://pypi.org/simple".to_owned()),
        "extra": addresses(&settings, LocationKind::Extra),
        "find_links": addresses(&settings, LocationKind::FindLinks),
        "no_index": has(&settings, &InstallOptionKind::NoIndex),
        "hashes": has(&settings, &InstallOptionKind::RequireHashes),
        "no_hashes": has(&settings, &InstallOptionKind::NoRequireHashes),
        "pre": has(&settings, &InstallOptionKind::Pre),
        "trusted": names_in_order(&settings),
        "no_binary": no_binary,
        "only_binary": only_binary,
    })
}

/// An index is the same with and without a slash at its end.
fn without_last_slash(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(text.trim_end_matches('/')),
        Value::Array(items) => items.iter().map(without_last_slash).collect(),
        Value::Object(map) => {
            let entries = map
                .iter()
                .map(|(key, value)| (key.clone(), without_last_slash(value)));
            Value::Object(entries.collect())
        }
        other => other.clone(),
    }
}

fn addresses(settings: &[MachineSetting], kind: LocationKind) -> Vec<String> {
    let locations = settings
        .iter()
        .flat_map(|setting| &setting.config.locations);
    let found = locations.filter(|location| location.kind == kind);
    found
        .map(|location| match &location.address {
            Address::Url(url) => url
                .with_credentials()
                .as_str()
                .trim_end_matches('/')
                .to_owned(),
            other => other.to_string(),
        })
        .collect()
}

fn kinds(settings: &[MachineSetting]) -> impl Iterator<Item = &InstallOptionKind> {
    settings
        .iter()
        .flat_map(|setting| &setting.config.options)
        .map(|option| &option.kind)
}

fn has(settings: &[MachineSetting], wanted: &InstallOptionKind) -> bool {
    kinds(settings).any(|kind| kind == wanted)
}

fn names(settings: &[MachineSetting], of: fn(&InstallOptionKind) -> Vec<String>) -> Vec<String> {
    let mut names: Vec<_> = kinds(settings).flat_map(of).collect();
    names.sort();
    names
}

fn names_in_order(settings: &[MachineSetting]) -> Vec<String> {
    let hosts = kinds(settings).filter_map(|kind| match kind {
        InstallOptionKind::TrustedHost(host) => Some(host.clone()),
        _ => None,
    });
    hosts.collect()
}
