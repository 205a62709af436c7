//! Imports of any text: no panic, linear work, and the same answer as Python's own parser.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]
#![expect(
    clippy::disallowed_methods,
    reason = "a test asks Python, and measures time"
)]

use std::process::Command;
use std::time::{Duration, Instant};

use pinproof_formats::python_imports::each_import;
use proptest::prelude::*;

/// What a file of Python is made of, sound or not.
const PIECES: [&str; 33] = [
    "import a",
    "import a.b as c, d",
    "from a.b import (c,\n d as e)",
    "from . import x",
    "import_module('m')",
    "__import__(\"m.n\")",
    "\n",
    "\r\n",
    "; ",
    ": ",
    "# ",
    "\\\n",
    "\\",
    "'",
    "\"",
    "'''",
    "\"\"\"",
    "f\"{",
    "}\"",
    "r'",
    "(",
    ")",
    "[",
    "{",
    "import",
    "from",
    " as ",
    "*",
    ",",
    ".",
    "é",
    "\u{85}",
    "\0",
];

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(&PIECES[..]).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(pieces in prop::collection::vec(piece(), 0..24)) {
        let text = pieces.concat();
        let lines = text.split(['\n', '\r']).count();
        let mut last = 1;
        each_import(&text, |name, line| {
            assert!(!name.is_empty() && name.len() <= 255, "{text:?}");
            assert!((last..=lines).contains(&line), "{text:?}");
            last = line;
        });
    }
}

#[test]
fn work_is_linear_in_the_length() {
    let many = |piece: &str| piece.repeat(4_000_000 / piece.len());
    for text in [
        many("'"),
        many("''' "),
        many("\""),
        many("'\\"),
        many("("),
        many("\\\n"),
        format!("import {}", many("a,")),
        format!("from a import {}", many("b, ")),
        format!("import {}", many("a.")),
        format!("from {} import {}", many("a."), many("b, ")),
        format!("import {}", many("a")),
        many("import_module("),
        many("from "),
        many("import "),
        many("# import\r"),
    ] {
        let start = Instant::now();
        let mut count = 0_usize;
        each_import(&text, |_, _| count += 1);
        let elapsed = start.elapsed();
        assert!(elapsed < Duration::from_secs(10), "{elapsed:?}: {text:.20}");
    }
}

/// Prints what Python's parser says that the files of its own library import, in the form of `each_import`.
const ORACLE: &str = r#"
import ast, os, sysconfig, warnings
warnings.simplefilter("ignore")
others = ("site-packages", "dist-packages", "test")
for folder, folders, files in os.walk(sysconfig.get_paths()["stdlib"]):
    folders[:] = [name for name in folders if name not in others]
    for path in (os.path.join(folder, name) for name in files if name.endswith(".py")):
        try:
            text = open(path, "rb").read().decode("utf-8")
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            continue
        found = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                for alias in node.names:
                    found.add(node.module if alias.name == "*" else node.module + "." + alias.name)
            elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                named = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
                module = node.args[0].value
                if named in ("import_module", "__import__") and isinstance(module, str) and module[:1] not in ("", "."):
                    found.add(module)
        print(path, *sorted(found), sep="\t")
"#;

#[test]
fn python_reads_its_own_library_alike() {
    let Some(said) = oracle() else {
        let is_ci = std::env::var_os("CI").is_some();
        assert!(!is_ci, "there is no Python to compare with");
        eprintln!("skipped: there is no Python to compare with");
        return;
    };
    let mut compared = 0_usize;
    for line in said.lines() {
        let mut parts = line.split('\t');
        let path = parts.next().unwrap();
        let expected: Vec<&str> = parts.collect();
        let text = std::fs::read_to_string(path).unwrap();
        let mut found = Vec::new();
        each_import(&text, |name, _| found.push(name.to_owned()));
        found.sort();
        found.dedup();
        assert_eq!(found, expected, "{path}");
        compared += 1;
    }
    assert!(compared > 100, "{compared} files");
}

fn oracle() -> Option<String> {
    let ran = Command::new("python3").args(["-c", ORACLE]).output().ok()?;
    let is_done = ran.status.success();
    is_done.then(|| String::from_utf8(ran.stdout).unwrap())
}
