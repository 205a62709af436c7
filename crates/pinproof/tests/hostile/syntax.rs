//! Text that acts, is not understood, or is no TOML.

use crate::support::{Index, Release, Sandbox};
use crate::{in_every_look, is_inert, is_no_bug};

fn flask() -> Release {
    Release::new("flask", "3.1.2")
}

const ACTING: &[&str] = &[
    "flask==3.1.2 # \u{1b}[2J \u{202e} \u{9b}31m \u{200b}",
    "fla\u{1b}[31msk==3.1.2",
    "flask==3.1.2\u{202e}",
    "\u{202e}flask==3.1.2",
    "flask>=3 ; python_version > '\u{1b}[2J'",
    "flask[\u{1b}]>=3",
    "x @ https://h.example/\u{1b}[2J\u{202e}.whl",
    "-e git+https://h.example/\u{1b}[2J.git#egg=x\u{202e}",
    "-r \u{1b}[2J\u{202e}.txt",
    "--index-url https://h.example/\u{1b}[2J\u{202e}\nflask>=3",
    "--extra-index-url \u{1b}[2J\u{202e}\nflask>=3",
    "--find-links \u{1b}[2J\u{202e}\nflask>=3",
    "--trusted-host \u{1b}[2J\u{202e}\nflask>=3",
    "--no-binary \u{1b}[2J\u{202e}\nflask>=3",
    "--\u{1b}[2J\u{202e}",
    "flask==3.1.2 --hash=\u{1b}[2J:\u{202e}",
    "flask==3.1.2 # pinproof: ignore[\u{1b}[2J] \u{202e}",
    "flask==3.1.2 \\\u{202e}",
    "# via -r \u{1b}[2J\u{202e}.in\nflask==3.1.2",
    "flask==3.1.2\r\u{1b}[1Aall is well",
];

#[test]
fn text_that_acts_on_a_terminal_does_not_act_in_any_look() {
    for text in ACTING {
        let sandbox = Sandbox::with_requirements(&format!("{text}\n"));
        for ran in in_every_look(&sandbox, &["--offline", "--diff"], &[]) {
            is_no_bug(&ran);
            is_inert(&ran);
            assert_ne!(ran.code, 0, "{text:?}: {}", ran.all());
        }
    }
}

#[test]
fn the_same_in_a_pyproject() {
    for text in ACTING {
        let quoted = toml_text(text);
        let sandbox = Sandbox::new();
        let project = format!(
            "[project]\nname = \"x\"\nversion = \"1\"\ndependencies = [{quoted}]\n\
             [[tool.uv.index]]\nname = {quoted}\nurl = {quoted}\n[build-system]\nrequires = [{quoted}]\n"
        );
        sandbox.write("pyproject.toml", project);
        for ran in in_every_look(&sandbox, &["--offline"], &[]) {
            is_no_bug(&ran);
            is_inert(&ran);
            assert_ne!(ran.code, 0, "{text:?}: {}", ran.all());
        }
    }
}

/// A basic string of TOML, in which the acting characters stand as they are where TOML lets them.
fn toml_text(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_ascii_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

#[test]
fn configuration_that_acts_does_not_act() {
    let texts = [
        "contact = \"\\u001b[2J\u{202e}\"\n",
        "\"\\u001b[2J\u{202e}\" = 1\n",
        "preset = \"\\u001b[2J\u{202e}\"\n",
        "[[index]]\nname = \"\\u001b[2J\u{202e}\"\n",
        "[[ignore]]\nrule = \"yanked-release\"\nreason = \"\\u001b[2J\u{202e}\"\nfile = \"\\u001b[2J\"\n",
        "exclude = [\"\\u001b[2J\u{202e}\"]\n",
        "inputs = [\"\\u001b[2J\u{202e}\"]\n",
        "# \u{202e}\u{9b}\nx = 1 # \u{202e}\u{200b}\n",
    ];
    for text in texts {
        let sandbox = Sandbox::with_requirements("flask==3.1.2\n");
        sandbox.write("pinproof.toml", text);
        for ran in in_every_look(&sandbox, &["--offline"], &[]) {
            is_no_bug(&ran);
            is_inert(&ran);
        }
        is_inert(&sandbox.run(&["config", "show"]));
    }
}

#[test]
fn a_pyproject_that_is_no_toml() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements(&flask().locked());
    sandbox.write(
        "pyproject.toml",
        "[project]\nname = \"x\"\ndependencies = [\n  \"flask\"\n",
    );
    let named = sandbox.check(&index, &["requirements.txt", "pyproject.toml"]);
    named.ends_with(2).says("error: pyproject.toml:");
    let place = named
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("error: pyproject.toml:"));
    let mut place = place.expect("a place").splitn(3, ':');
    let numbers: Vec<usize> = place
        .by_ref()
        .take(2)
        .map(|at| at.parse().expect("a number"))
        .collect();
    assert!(numbers[0] >= 3 && numbers[1] >= 1, "{}", named.all());
    named.says("requirements.txt: a lock file");
    let json = sandbox
        .check(&index, &["pyproject.toml", "--format", "json"])
        .json();
    assert_eq!(json["errors"][0]["path"], "pyproject.toml");
    assert_eq!(json["errors"][0]["line"], numbers[0]);
    let found = sandbox.check(&index, &[]);
    found
        .ends_with(3)
        .says("error[not-understood]: pyproject.toml: line ");
    assert!(
        found
            .last_line()
            .starts_with("judged 1 of 1 from requirements.txt"),
        "{}",
        found.all()
    );
    std::fs::remove_file(sandbox.project().join("requirements.txt")).expect("a file");
    sandbox.check(&index, &[]).ends_with(2);
}

#[test]
fn unknown_syntax_is_listed_and_not_skipped() {
    let index = Index::with(&[flask()]);
    let text = format!("{}--frobnicate\nflask 3.1\n===\nname @\n", flask().locked());
    let ran = Sandbox::with_requirements(&text).check(&index, &[]);
    ran.ends_with(3);
    for line in 2..=5 {
        ran.says(&format!("error[not-understood]: requirements.txt:{line}:"));
    }
    let order: Vec<_> = ran
        .stdout
        .match_indices("requirements.txt:")
        .map(|(at, _)| {
            ran.stdout[at + "requirements.txt:".len()..]
                .split(':')
                .next()
                .unwrap_or("")
                .to_owned()
        })
        .filter(|line| line.parse::<usize>().is_ok())
        .collect();
    assert_eq!(order, ["2", "3", "4", "5"], "{}", ran.all());
    assert!(
        ran.last_line().starts_with("judged 1 of 5"),
        "{}",
        ran.all()
    );
}
