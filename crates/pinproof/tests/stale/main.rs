//! What `stale-lockfile` says of locks that the real tools write, against what the tools say themselves.
//!
//! A lock is made of a small project; then the project is edited, one edit at a time. Where the tool calls its lock
//! up to date, pinproof is silent, and where the tool wants to lock again, pinproof denies. PyPI is asked by the
//! tools alone.

#[path = "../support/mod.rs"]
mod support;

mod compiled;
mod tools;
mod workspace;

use support::{Ran, Sandbox};
use tools::Tool;

/// An edit of the input: what is replaced, and by what.
type Edit = (&'static str, &'static str);

const PROJECT: &str = r#"[project]
name = "shop"
version = "1"
requires-python = ">=3.9"
dependencies = [
    "six>=1.10",
    "toml",
    "colorama>=0.4 ; sys_platform == 'win32'",
    "tomli>=2 ; python_version < '3.9'",
]

[project.optional-dependencies]
web = ["iniconfig>=1"]

[dependency-groups]
dev = ["pluggy>=1"]
"#;

/// Poetry asks PyPI's own API of a release, which not every mirror has, unless it is given an index.
const POETRY_INDEX: &str = r#"
[[tool.poetry.source]]
name = "simple"
url = "https://pypi.org/simple/"
priority = "primary"
"#;

const PIPFILE: &str = r#"[[source]]
url = "https://pypi.org/simple"
verify_ssl = true
name = "pypi"

[packages]
six = ">=1.10"
Toml = "*"

[dev-packages]
pluggy = ">=1"
"#;

/// Edits after which every tool wants to lock again.
const STALE: [Edit; 8] = [
    ("    \"toml\",", "    \"toml\",\n    \"idna>=3\","),
    ("six>=1.10", "six>=1.12"),
    ("six>=1.10", "six<1.17"),
    ("    \"toml\",\n", ""),
    ("iniconfig>=1", "iniconfig>=1.1"),
    ("pluggy>=1", "pluggy>=1.2"),
    ("sys_platform == 'win32'", "sys_platform == 'darwin'"),
    (">=3.9\"", ">=3.10\""),
];

/// Edits that change nothing that is locked.
const FRESH: [Edit; 2] = [
    (
        "version = \"1\"",
        "version = \"1\"\ndescription = \"a shop\"",
    ),
    (
        "[dependency-groups]",
        "# What only we need.\n[dependency-groups]",
    ),
];

/// Edits that change nothing for uv, which knows what a requirement means.
const FRESH_FOR_UV: [Edit; 4] = [
    ("six>=1.10", "six >= 1.10.0"),
    (
        "    \"six>=1.10\",\n    \"toml\",",
        "    \"toml\",\n    \"six>=1.10\",",
    ),
    ("pluggy>=1\"", "pluggy>=1 ; python_version >= '3.8'\""),
    ("\"iniconfig>=1\"", "\"IniConfig >=1\""),
];

const PIPFILE_STALE: [Edit; 5] = [
    ("Toml = \"*\"", "Toml = \"*\"\nidna = \">=3\""),
    (">=1.10", ">=1.12"),
    (">=1.10", "<1.17"),
    ("Toml = \"*\"\n", ""),
    ("pluggy = \">=1\"", "pluggy = \">=1.2\""),
];

const PIPFILE_FRESH: [Edit; 3] = [
    ("[packages]", "# Only these.\n[packages]"),
    ("Toml", "toml"),
    (
        "[dev-packages]",
        "[scripts]\nserve = \"python -m shop\"\n\n[dev-packages]",
    ),
];

/// A project with its lock, in a folder of its own.
struct Project {
    sandbox: Sandbox,
    tool: Tool,
    text: String,
}

impl Project {
    /// Locks `text`; `None`, loudly, where the tool or PyPI cannot be had.
    fn locked(tool: Tool, text: &str) -> Option<Self> {
        let sandbox = Sandbox::new();
        sandbox.write(tool.input, text);
        tool.lock(&sandbox)?;
        Some(Self {
            sandbox,
            tool,
            text: text.to_owned(),
        })
    }

    /// Asks the tool and pinproof about an edit.
    fn edited(&self, (from, to): Edit) -> (bool, Ran) {
        let edited = self.text.replacen(from, to, 1);
        assert_ne!(edited, self.text, "{from:?} is not there");
        self.sandbox.write(self.tool.input, &edited);
        let is_fresh = self.tool.calls_fresh(&self.sandbox);
        (is_fresh, self.check())
    }

    fn check(&self) -> Ran {
        let args = ["check", "--offline", "--only", "stale-lockfile"];
        self.sandbox.run(&args)
    }

    fn agrees(&self, stale: &[Edit], fresh: &[Edit]) {
        assert!(self.tool.calls_fresh(&self.sandbox), "its own lock");
        self.check().ends_with(0).says("0 questions unanswered");
        for edit in stale {
            let (is_fresh, ran) = self.edited(*edit);
            assert!(!is_fresh, "{} calls it fresh: {edit:?}", self.tool.name);
            ran.ends_with(1)
                .says("[stale-lockfile]")
                .says(self.tool.lock);
        }
        for edit in fresh {
            let (is_fresh, ran) = self.edited(*edit);
            assert!(is_fresh, "{} calls it stale: {edit:?}", self.tool.name);
            ran.ends_with(0).never_says("stale-lockfile");
        }
    }
}

#[test]
fn uv_and_pinproof_agree() {
    if let Some(project) = Tool::uv().and_then(|tool| Project::locked(tool, PROJECT)) {
        project.agrees(&STALE, &[&FRESH[..], &FRESH_FOR_UV].concat());
    }
}

#[test]
fn poetry_and_pinproof_agree() {
    let text = format!("{PROJECT}{POETRY_INDEX}");
    if let Some(project) = Tool::poetry().and_then(|tool| Project::locked(tool, &text)) {
        project.agrees(&STALE, &FRESH);
    }
}

#[test]
fn pdm_and_pinproof_agree() {
    if let Some(project) = Tool::pdm().and_then(|tool| Project::locked(tool, PROJECT)) {
        project.agrees(&STALE, &FRESH);
    }
}

#[test]
fn pipenv_and_pinproof_agree() {
    if let Some(project) = Tool::pipenv().and_then(|tool| Project::locked(tool, PIPFILE)) {
        project.agrees(&PIPFILE_STALE, &PIPFILE_FRESH);
    }
}

/// A compiled file does not say what it was made from: what it lacks is seen, and nothing else. uv keeps the pins
/// that still satisfy, so a file that it would write in the same way is up to date.
#[test]
fn a_compiled_file_is_held_to_what_its_inputs_ask_for() {
    let Some(uv) = Tool::uv() else { return };
    let sandbox = Sandbox::new();
    let base = "six>=1.10\ntoml\ncolorama ; sys_platform == 'win32'\nsetuptools\n-r more.in\n";
    sandbox.write("main.in", base);
    sandbox.write("more.in", "pluggy\n");
    let compile = "pip compile --quiet --generate-hashes main.in -o main.txt";
    if uv.compile(&sandbox, compile).is_none() {
        return;
    }
    for (edit, is_lacking) in [
        (("toml", "# only\ntoml"), false),
        (("six>=1.10", "six>=1.10,!=1.11"), false),
        (("toml", "toml\nidna"), true),
        (
            ("toml", "toml\nwin-inet-pton ; sys_platform == 'win32'"),
            false,
        ),
        (("toml", "toml\nidna ; python_version >= '3.8'"), true),
        (("six>=1.10", "six<1.17"), true),
        (("six>=1.10", "six<1.17 ; python_version < '3'"), false),
    ] {
        sandbox.write("main.in", base.replacen(edit.0, edit.1, 1));
        let check = [
            "check",
            "--offline",
            "--only",
            "stale-lockfile",
            "main.in",
            "main.txt",
        ];
        let ran = sandbox.run(&check);
        let lock = sandbox.read("main.txt");
        uv.compile(&sandbox, compile);
        let is_same = sandbox.read("main.txt") == lock;
        if is_lacking {
            ran.ends_with(1)
                .says("[stale-lockfile]")
                .says("uv pip compile");
            assert!(!is_same, "{edit:?}");
        } else {
            ran.ends_with(0).never_says("stale-lockfile");
        }
        sandbox.write("main.txt", lock);
    }
    sandbox.write("main.in", base);
    sandbox.write("more.in", "pluggy\nidna\n");
    let args = [
        "check",
        "--offline",
        "--only",
        "stale-lockfile",
        "main.in",
        "main.txt",
    ];
    let ran = sandbox.run(&args);
    ran.ends_with(1).says("more.in:2:1");
}
