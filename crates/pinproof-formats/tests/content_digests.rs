//! Digests in locks that the real tools wrote, made again from their inputs.

#![expect(clippy::unwrap_used, reason = "a test")]

use pinproof_core::manifest::{ContentDigest, LockTool, MadeFrom};
use pinproof_core::{Manifest, Span};
use pinproof_formats::content_digest::Comparison::{Other, Same, Unknown};
use pinproof_formats::content_digest::{Comparison, compare};
use pinproof_formats::{pdm_lock, pipfile_lock, poetry_lock};

const PROJECT: &str = include_str!("locks/small/pyproject.toml");
const PIPFILE: &str = include_str!("locks/small/Pipfile");
const POETRY_1: &str = include_str!("locks/small/poetry-1.1.pyproject.toml");
/// Poetry was given this source; it is part of what it takes for the content.
const SOURCE: &str = "\n[[tool.poetry.source]]\nname = \"simple\"\nurl = \"https://pypi.org/simple/\"\npriority = \"primary\"\n";

fn said(lock: &Manifest, input: &str) -> Comparison {
    let tool = lock.header.as_ref().unwrap().tool.unwrap();
    let Some(MadeFrom::Digest(digest)) = &lock.made_from else {
        panic!("it has no digest");
    };
    compare(tool, digest, input)
}

#[test]
fn locks_of_every_release_are_known_by_their_digests() {
    let poetry = |text| poetry_lock::parse(text).unwrap();
    let pdm = |text| pdm_lock::parse(text).unwrap();
    let with_source = format!("{PROJECT}{SOURCE}");
    let pipenv = pipfile_lock::parse(include_str!("locks/small/Pipfile.lock")).unwrap();
    let cases = [
        (
            poetry(include_str!("locks/small/poetry.lock")),
            with_source.as_str(),
        ),
        (
            poetry(include_str!("locks/small/poetry-1.1.lock")),
            POETRY_1,
        ),
        (pdm(include_str!("locks/small/pdm.lock")), PROJECT),
        (pdm(include_str!("locks/small/pdm-2.8.lock")), PROJECT),
        (pdm(include_str!("locks/small/pdm-2.4.lock")), PROJECT),
        (pipenv, PIPFILE),
    ];
    for (at, (lock, input)) in cases.iter().enumerate() {
        assert_eq!(said(lock, input), Same, "{at}");
        assert_eq!(said(lock, &input.replace('\n', "\r\n")), Same, "{at}");
        assert_eq!(said(lock, &format!("# a comment\n{input}")), Same, "{at}");
        let edited = input.replace(">=3.0", ">=3.1");
        assert_eq!(said(lock, &edited), Other, "{at}");
    }
}

#[test]
fn groups_count_only_since_poetry_counts_them() {
    let lock = include_str!("locks/small/poetry.lock");
    let without = format!("{PROJECT}{SOURCE}").replace("dev = [\"pytest>=8\"]", "");
    assert_eq!(said(&poetry_lock::parse(lock).unwrap(), &without), Other);
}

/// The digest is that of Python's `hashlib` and `json`.
#[test]
fn values_are_written_as_python_writes_them() {
    let input = r#"
[project]
dependencies = ["é😀\"\\\n\t\u007f/", -31, true, { b = [], a = {} }]
"#;
    let digest = ContentDigest {
        digits: "93cd0c87225ead1b3cc7ae6c2076c8a82962562f0c6c6b3086a39ae99a4cca10".to_owned(),
        written_by: None,
        span: Span::new(0, 0),
    };
    assert_eq!(compare(LockTool::Pdm, &digest, input), Same);
    assert_eq!(
        compare(LockTool::Pdm, &digest, &input.replace("-31", "-30")),
        Other
    );
}

#[test]
fn what_cannot_be_made_again_is_not_compared() {
    let digest = ContentDigest {
        digits: "ab".repeat(32),
        written_by: None,
        span: Span::new(0, 0),
    };
    for (tool, input) in [
        (LockTool::Poetry, "no TOML"),
        (LockTool::Poetry, "[project]\ndependencies = [1.5]\n"),
        (LockTool::Poetry, "[project]\ndependencies = [1979-05-27]\n"),
        (
            LockTool::Poetry,
            "[tool.poetry]\nextras = { a = 99999999999999999999 }\n",
        ),
        (LockTool::Pdm, "[tool.pdm.workspace]\nmembers = [\"a\"]\n"),
        (LockTool::Pdm, "[dependency-groups]\na = 1\n"),
        (LockTool::Pipenv, "[packages]\nflask = \"*\"\n"),
        (
            LockTool::Pipenv,
            "source = []\n[packages]\n\"a b\" = \"*\"\n",
        ),
        (LockTool::Uv, "[project]\n"),
    ] {
        assert_eq!(compare(tool, &digest, input), Unknown, "{input}");
    }
    assert_eq!(compare(LockTool::Poetry, &digest, ""), Other);
}
