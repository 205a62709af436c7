//! What uv itself makes of `uv.toml`, `[tool.uv]` and variables, and where it looks for the first.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the crate is pure; its tests ask the real tools"
)]

mod oracle;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use pinproof_core::IndexLocation;
use pinproof_core::index::LocationKind;
use pinproof_core::manifest::{InstallOption, InstallOptionKind};
use pinproof_formats::config_paths::System;
use pinproof_formats::{pyproject, uv_env, uv_paths, uv_toml};

/// A case: files below a fresh folder, and variables; `@` in both is that folder.
struct Case {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
    variables: &'static [(&'static str, &'static str)],
}

const PROJECT: &str = "p/pyproject.toml";
const HEAD: &str = "[project]\nname = 'a'\nversion = '1'\n[tool.uv]\n";

const CASES: &[Case] = &[
    Case {
        name: "variables",
        files: &[],
        variables: &[
            (
                "UV_INDEX",
                "corp=https://a.example/simple https://b.example/simple",
            ),
            ("UV_DEFAULT_INDEX", "main=https://c.example/simple"),
            (
                "UV_EXTRA_INDEX_URL",
                "https://d.example/s https://e.example/s",
            ),
            ("UV_FIND_LINKS", "/x,https://f.example/l"),
            ("UV_INSECURE_HOST", "g.example h.example:8080"),
        ],
    },
    Case {
        name: "the older variable of the default index",
        files: &[],
        variables: &[("UV_INDEX_URL", "https://a.example/simple")],
    },
    Case {
        name: "an address with an equals sign",
        files: &[],
        variables: &[("UV_INDEX", "https://a.example/simple?x=y")],
    },
    Case {
        name: "empty variables, and one that uv does not have",
        files: &[],
        variables: &[
            ("UV_INDEX_URL", ""),
            ("UV_INDEX", ""),
            ("UV_FIND_LINKS", ""),
            ("UV_NO_INDEX", "1"),
        ],
    },
    Case {
        name: "flags",
        files: &[],
        variables: &[
            ("UV_NO_BUILD", "true"),
            ("UV_REQUIRE_HASHES", "1"),
            ("UV_PRERELEASE", "allow"),
        ],
    },
    Case {
        name: "hashes are not verified",
        files: &[],
        variables: &[("UV_NO_VERIFY_HASHES", "1")],
    },
    Case {
        name: "hashes are not verified in a project",
        files: &[(PROJECT, "pip.verify-hashes = false")],
        variables: &[],
    },
    Case {
        name: "flags for some",
        files: &[],
        variables: &[
            ("UV_NO_BINARY_PACKAGE", "a b"),
            ("UV_NO_BUILD_PACKAGE", "c"),
        ],
    },
    Case {
        name: "a project",
        files: &[(
            PROJECT,
            "index-url = 'https://a.example/s'\nextra-index-url = ['https://b.example/s']\n\
             find-links = ['https://c.example/l']\nno-build-package = ['x']\n\
             allow-insecure-host = ['d.example']\n\
             [[tool.uv.index]]\nname = 'e'\nurl = 'https://e.example/s'\nexplicit = true\n\
             [[tool.uv.index]]\nname = 'f'\nurl = 'https://f.example/s'\ndefault = true\n",
        )],
        variables: &[],
    },
    Case {
        name: "an index of links",
        files: &[(
            PROJECT,
            "index = [{ url = 'https://a.example/l', format = 'flat' }]",
        )],
        variables: &[],
    },
    Case {
        name: "settings of uv pip",
        files: &[(
            PROJECT,
            "[tool.uv.pip]\nno-index = true\nfind-links = ['/w']\nno-binary = ['x']\nrequire-hashes = true",
        )],
        variables: &[],
    },
    Case {
        name: "a key that uv does not know turns all settings off",
        files: &[(
            PROJECT,
            "index-url = 'https://a.example/s'\nextra_index_url = ['https://b.example/s']",
        )],
        variables: &[],
    },
    Case {
        name: "uv.toml of user and system",
        files: &[
            (
                "home/.config/uv/uv.toml",
                "index-url = 'https://user.example/s'",
            ),
            (
                "xdg/uv/uv.toml",
                "extra-index-url = ['https://system.example/s']",
            ),
        ],
        variables: &[],
    },
    Case {
        name: "no configuration of the system",
        files: &[("xdg/uv/uv.toml", "index-url = 'https://system.example/s'")],
        variables: &[("UV_NO_SYSTEM_CONFIG", "1")],
    },
    Case {
        name: "the first file of the system",
        files: &[
            ("one/uv/uv.toml", "index-url = 'https://one.example/s'"),
            (
                "two/uv/uv.toml",
                "extra-index-url = ['https://two.example/s']",
            ),
        ],
        variables: &[("XDG_CONFIG_DIRS", "@/none::@/one:@/two")],
    },
    Case {
        name: "no configuration",
        files: &[
            (
                "home/.config/uv/uv.toml",
                "index-url = 'https://user.example/s'",
            ),
            (PROJECT, "no-index = true"),
        ],
        variables: &[("UV_NO_CONFIG", "1")],
    },
    Case {
        name: "a named file takes the place of all",
        files: &[
            (
                "home/.config/uv/uv.toml",
                "index-url = 'https://user.example/s'",
            ),
            (PROJECT, "no-index = true"),
            (
                "named.toml",
                "[[index]]\nurl = 'https://named.example/s'\nname = 'named'",
            ),
        ],
        variables: &[("UV_CONFIG_FILE", "@/named.toml")],
    },
];

/// Lines of uv's answer, and what they say.
const FLAGS: [(&str, &str); 4] = [
    ("no_index: true,", "no-index"),
    ("Require,", "require-hashes"),
    ("hash_checking: None,", "no-verify-hashes"),
    ("global: Allow,", "prereleases"),
];

/// What uv would obey, as far as a rule asks.
#[derive(Debug, Default, PartialEq, Eq)]
struct View {
    /// Name, address, then the words default, explicit and flat.
    indexes: BTreeSet<String>,
    flags: BTreeSet<&'static str>,
    insecure_hosts: BTreeSet<String>,
    no_binary: BTreeSet<String>,
    no_build: BTreeSet<String>,
}

#[test]
fn uv_and_pinproof_read_the_same_configuration() {
    let Some(tools) = oracle::environment() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for (number, case) in CASES.iter().enumerate() {
        let folder = folder.path().join(number.to_string());
        let environment = write_case(case, &folder);
        let of_uv = view_of_uv(&tools, &folder, &environment);
        assert_eq!(view(&folder, &environment), of_uv, "{}", case.name);
    }
}

#[test]
fn uv_and_pinproof_know_the_same_settings() {
    let Some(tools) = oracle::environment() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for table in ["[tool.uv]", "[tool.uv.pip]"] {
        let project = folder.path().join("pyproject.toml");
        std::fs::write(project, format!("{table}\nno-such-setting = 1\n")).unwrap();
        let output = Command::new(tools.join("bin/uv"))
            .args(["pip", "list"])
            .current_dir(folder.path())
            .env_clear()
            .output()
            .unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        let (_, expected) = text.split_once("expected one of ").unwrap();
        let expected = expected.lines().next().unwrap().split(", ");
        for name in expected.map(|name| name.trim_matches('`')) {
            let manifest = pyproject::parse(&format!("{table}\n{name} = 1\n")).unwrap();
            let mut entries = manifest.not_understood.iter();
            let is_unknown = entries.any(|entry| entry.why.as_str().contains("uv has no setting"));
            assert!(!is_unknown, "{table} {name}");
        }
    }
}

fn write_case(case: &Case, folder: &Path) -> BTreeMap<String, String> {
    std::fs::create_dir_all(folder.join("p")).unwrap();
    std::fs::create_dir_all(folder.join("home")).unwrap();
    for (path, text) in case.files {
        let text = if *path == PROJECT {
            format!("{HEAD}{text}")
        } else {
            (*text).to_owned()
        };
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let base = [("HOME", "@/home"), ("XDG_CONFIG_DIRS", "@/xdg")];
    let place = |value: &str| value.replace('@', folder.to_str().unwrap());
    let variables = base.iter().chain(case.variables);
    variables
        .map(|(name, value)| ((*name).to_owned(), place(value)))
        .collect()
}

fn view(folder: &Path, environment: &BTreeMap<String, String>) -> View {
    let found = uv_paths::config_files(System::Unix, environment);
    let mut configs: Vec<_> = uv_env::read(environment)
        .into_iter()
        .map(|s| s.config)
        .collect();
    let files = found.files.iter().filter(|file| {
        !file
            .unless_exists
            .iter()
            .any(|path| Path::new(path).exists())
    });
    for text in files.filter_map(|file| std::fs::read_to_string(&file.path).ok()) {
        configs.push(uv_toml::parse_machine(&text).unwrap());
    }
    let project = std::fs::read_to_string(folder.join(PROJECT)).ok();
    if let Some(text) = project.filter(|_| found.in_project) {
        let manifest = pyproject::parse(&text).unwrap();
        // uv passes over the whole table then, and says so; pinproof says that it cannot tell.
        if manifest.not_understood.is_empty() {
            configs.push(pinproof_core::IndexConfig {
                locations: manifest.locations,
                options: manifest.options,
                not_understood: Vec::new(),
            });
        }
    }
    let mut view = View::default();
    for config in configs {
        view.indexes.extend(config.locations.iter().map(index));
        config.options.iter().for_each(|option| view.add(option));
    }
    view
}

fn index(location: &IndexLocation) -> String {
    let default = if location.kind == LocationKind::Default {
        " default"
    } else {
        ""
    };
    let flat = if location.kind == LocationKind::FindLinks {
        " flat"
    } else {
        ""
    };
    let explicit = if location.explicit { " explicit" } else { "" };
    let name = location.name.as_deref().unwrap_or("-");
    let address = location.address.to_string();
    format!(
        "{name} {}{default}{explicit}{flat}",
        address.trim_end_matches('/')
    )
}

impl View {
    fn add(&mut self, option: &InstallOption) {
        match &option.kind {
            InstallOptionKind::NoIndex => {
                self.flags.insert("no-index");
            }
            InstallOptionKind::RequireHashes => {
                self.flags.insert("require-hashes");
            }
            InstallOptionKind::NoRequireHashes => {
                self.flags.insert("no-verify-hashes");
            }
            InstallOptionKind::Pre => {
                self.flags.insert("prereleases");
            }
            InstallOptionKind::TrustedHost(host) => {
                self.insecure_hosts.insert(host.clone());
            }
            InstallOptionKind::NoBinary(names) => self.no_binary.extend(names.iter().cloned()),
            InstallOptionKind::OnlyBinary(names) => self.no_build.extend(names.iter().cloned()),
            InstallOptionKind::IndexStrategy(_) | InstallOptionKind::Other(_) => {}
        }
    }
}

/// What uv says it would obey. `uv pip` has no variables for builds, `uv lock` no settings for hashes.
fn view_of_uv(tools: &Path, folder: &Path, environment: &BTreeMap<String, String>) -> View {
    let show = |arguments: &[&str]| {
        let output = Command::new(tools.join("bin/uv"))
            .args(arguments)
            .arg("--show-settings")
            .current_dir(folder.join("p"))
            .env_clear()
            .envs(environment)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let text = show(&["pip", "install", "x"]);
    let lock = show(&["lock"]);
    assert!(text.contains("PipInstallSettings") && lock.contains("LockSettings"));
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    View {
        indexes: blocks(&text, "Index {")
            .iter()
            .map(|block| index_of_uv(block))
            .collect(),
        flags: FLAGS
            .iter()
            .filter(|(line, _)| lines.contains(line))
            .map(|(_, flag)| *flag)
            .collect(),
        insecure_hosts: blocks(&text, "Host {")
            .iter()
            .map(|block| host_of_uv(block))
            .collect(),
        no_binary: &names_of_uv(&text, "no_binary") | &names_of_uv(&lock, "no_binary"),
        no_build: &names_of_uv(&text, "no_build") | &names_of_uv(&lock, "no_build"),
    }
}

/// The indented texts of a kind of value in Rust's debug output.
fn blocks<'a>(text: &'a str, head: &str) -> Vec<Vec<&'a str>> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() == head {
            let indent = line.len() - line.trim_start().len();
            let block = lines
                .by_ref()
                .take_while(|line| line.len() - line.trim_start().len() > indent);
            found.push(block.map(str::trim).collect());
        }
    }
    found
}

fn quoted_after(block: &[&str], head: &str) -> Option<String> {
    let at = block.iter().position(|line| *line == head)?;
    Some(block.get(at + 1)?.trim_matches([',', '"']).to_owned())
}

fn index_of_uv(block: &[&str]) -> String {
    let name = quoted_after(block, "IndexName(").unwrap_or_else(|| "-".to_owned());
    let address = quoted_after(block, "given: Some(").unwrap_or_default();
    let word = |line: &str, word: &str| {
        if block.contains(&line) {
            format!(" {word}")
        } else {
            String::new()
        }
    };
    let default = word("default: true,", "default");
    let explicit = word("explicit: true,", "explicit");
    let flat = word("format: Flat,", "flat");
    let address = address
        .split('?')
        .next()
        .unwrap_or_default()
        .trim_end_matches('/');
    format!("{name} {address}{default}{explicit}{flat}")
}

fn host_of_uv(block: &[&str]) -> String {
    let value = |name: &str| {
        let line = block.iter().find_map(|line| line.strip_prefix(name));
        line.map(|text| text.trim_matches([',', '"']).to_owned())
    };
    let port = quoted_after(block, "port: Some(").map_or(String::new(), |port| format!(":{port}"));
    format!("{}{port}", value("host: ").unwrap_or_default())
}

fn names_of_uv(text: &str, field: &str) -> BTreeSet<String> {
    if text
        .lines()
        .any(|line| line.trim() == format!("{field}: All,"))
    {
        return BTreeSet::from([":all:".to_owned()]);
    }
    let some = blocks(text, &format!("{field}: Packages("));
    let lines = some.iter().flatten().filter(|line| line.starts_with('"'));
    lines
        .map(|line| line.trim_matches([',', '"']).to_owned())
        .collect()
}
