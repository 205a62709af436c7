//! Random worlds, compared with what uv chooses in them.
//!
//! Both find a solution or both find none. Which of two projects that stand against each other gives way is
//! a heuristic, of uv as of ours, so in worlds full of conflicts a few solutions differ; each is right.
#![allow(
    clippy::disallowed_methods,
    reason = "the oracle is a process; the crate under test stays pure"
)]
#![allow(clippy::unwrap_used, reason = "a broken oracle has to fail")]

mod support;
#[path = "../../pinproof-core/tests/support/mod.rs"]
mod venv;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use pinproof_core::ExtraName;
use pinproof_resolve::provider::Dependencies;
use pinproof_resolve::{Failure, Problem, solve};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use support::{World, constraint, problem, root};

const WORLDS: usize = 100;

/// How many solutions in a hundred may differ.
const MAY_DIFFER: usize = 3;
const PROJECTS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
const VERSIONS: [&str; 6] = ["1.0", "1.1+cpu", "1.1.post1", "2.0rc1", "2.0", "3.0.dev1"];
const SPECIFIERS: [&str; 16] = [
    "", "", "", "", "", "==1.0", "<2", "<=2.0", ">=2", ">=1.1", ">1.0", "!=2.0", "==1.1",
    ">=2.0rc1", "~=1.0", "==1.*",
];
const EXTRAS: [&str; 6] = ["", "", "", "[x]", "[y]", "[x,y]"];

/// A release: its name and version, whether it was withdrawn, whether it needs a newer Python, its needs.
type Release = (String, bool, bool, Vec<String>);

/// A world and what is asked of it, as texts.
#[derive(Clone, Debug)]
struct Case {
    releases: Vec<Release>,
    roots: Vec<String>,
    constraints: Vec<String>,
    overrides: Vec<String>,
}

fn a_requirement(extras: bool, markers: Vec<&'static str>) -> impl Strategy<Value = String> {
    let parts = (0..PROJECTS.len(), 0..EXTRAS.len(), 0..SPECIFIERS.len());
    (parts, prop::sample::select(markers)).prop_map(
        move |((project, extra, specifiers), marker)| {
            let extra = if extras { EXTRAS[extra] } else { "" };
            format!(
                "{}{extra}{}{marker}",
                PROJECTS[project], SPECIFIERS[specifiers]
            )
        },
    )
}

fn a_case(has_overrides: bool) -> impl Strategy<Value = Case> {
    // uv installs what it overrides, even where the marker of the requirement does not hold.
    let elsewhere = if has_overrides {
        ""
    } else {
        "; sys_platform == 'win32'"
    };
    let markers = vec!["", "", "", "; extra == 'x'", "; extra == 'y'", elsewhere];
    let release = (
        prop::bool::weighted(0.85),
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.1),
        prop::collection::vec(a_requirement(true, markers), 0..4),
    );
    let some = |extras, range| prop::collection::vec(a_requirement(extras, vec![""]), range);
    let overrides = if has_overrides { 1..3 } else { 0..1 };
    let releases = prop::collection::vec(release, PROJECTS.len() * VERSIONS.len());
    (
        releases,
        some(true, 1..5),
        some(false, 0..3),
        some(true, overrides),
    )
        .prop_map(|(releases, roots, constraints, overrides)| Case {
            releases: releases
                .into_iter()
                .enumerate()
                .filter(|(_, (exists, ..))| *exists)
                .map(|(at, (_, yanked, newer, needs))| {
                    let project = PROJECTS[at / VERSIONS.len()];
                    let release = format!("{project} {}", VERSIONS[at % VERSIONS.len()]);
                    (release, yanked, newer, needs)
                })
                .collect(),
            roots,
            constraints,
            overrides,
        })
}

impl Case {
    fn world(&self) -> World {
        let mut world = World::default();
        for (release, yanked, newer, needs) in &self.releases {
            let needs: Vec<&str> = needs.iter().map(String::as_str).collect();
            world.add(release, &needs).yanked = *yanked;
            if *newer {
                world = world.barred(release, "it needs a newer Python");
            }
        }
        world
    }

    fn problem(&self) -> Problem {
        let roots: Vec<&str> = self.roots.iter().map(String::as_str).collect();
        let mut problem = problem(&roots);
        problem.constraints = self
            .constraints
            .iter()
            .map(|text| constraint(text))
            .collect();
        problem.overrides = self.overrides.iter().map(|text| root(text)).collect();
        problem
    }

    fn to_json(&self) -> Value {
        let world = self.world();
        let releases = self
            .releases
            .iter()
            .map(|(release, yanked, newer, requires)| {
                let (project, number) = release.split_once(' ').unwrap();
                let Dependencies::Known(needs) = world.needs(release) else {
                    panic!("{release}");
                };
                json!({
                    "name": project,
                    "version": number,
                    "requires": requires,
                    "extras": needs.extras.iter().map(ExtraName::as_str).collect::<Vec<_>>(),
                    "yanked": yanked,
                    "python": if *newer { ">=3.13" } else { "" },
                })
            });
        json!({
            "releases": releases.collect::<Vec<_>>(),
            "roots": self.roots,
            "constraints": self.constraints,
            "overrides": self.overrides,
        })
    }

    fn ours(&self) -> Value {
        match solve(&self.problem(), &mut self.world()) {
            Ok(solution) => {
                let chosen = solution.chosen.iter();
                let pins = chosen.map(|(name, chosen)| format!("{name} {}", chosen.version));
                json!(pins.collect::<Vec<_>>())
            }
            Err(Failure::Conflict(_)) => Value::Null,
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn chooses_what_uv_chooses() {
    let Some(python) = venv::oracle_python(&["uv==0.13.9"]) else {
        return;
    };
    let mut runner = TestRunner::deterministic();
    let cases: Vec<Case> = (0..WORLDS)
        .map(|at| a_case(at % 3 == 0).new_tree(&mut runner).unwrap().current())
        .collect();
    let asked: Vec<Value> = cases.iter().map(Case::to_json).collect();
    let answers = ask(&python, &json!(asked));
    let mut different = Vec::new();
    for (case, theirs) in cases.iter().zip(&answers) {
        let ours = case.ours();
        let shown = format!("{case:#?}\nours:   {ours}\ntheirs: {theirs}\n");
        assert_eq!(ours.is_null(), theirs.is_null(), "{shown}");
        if ours != *theirs {
            different.push(shown);
        }
    }
    let solved = answers.iter().filter(|answer| !answer.is_null()).count();
    println!("{solved} of {} worlds have a solution", answers.len());
    assert_eq!(answers.len(), WORLDS);
    assert!(solved > WORLDS / 4 && solved < WORLDS, "{solved}");
    assert!(
        different.len() * 100 <= WORLDS * MAY_DIFFER,
        "{} differ\n{}",
        different.len(),
        different.concat()
    );
}

fn ask(python: &Path, worlds: &Value) -> Vec<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/uv_oracle.py");
    let mut child = Command::new(python)
        .arg(script)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(worlds.to_string().as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}
