//! The yardstick that other resolvers use: scenarios in the format of packse, as uv publishes them.
//!
//! `PINPROOF_SCENARIOS=FOLDER cargo test -p pinproof-resolve --test scenarios -- --ignored --nocapture`
//! takes every `.toml` file below the folder, leaves out those for several environments at once, and names
//! the scenarios that end otherwise than expected.
#![allow(
    clippy::disallowed_methods,
    reason = "the scenarios are files; the crate under test stays pure"
)]
#![allow(
    clippy::unwrap_used,
    reason = "a scenario that cannot be read has to fail"
)]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pinproof_core::filename::WheelFilename;
use pinproof_core::specifier::Prereleases;
use pinproof_core::tags::TagSet;
use pinproof_core::{Environment, Specifiers};
use pinproof_resolve::problem::{PrereleaseMode, Strategy};
use pinproof_resolve::{Failure, Problem, solve};
use support::{World, problem};
use toml::{Table, Value};

/// How many of a hundred scenarios have to end as expected.
const WANTED: usize = 98;

#[test]
#[ignore = "takes a folder of scenarios: PINPROOF_SCENARIOS"]
fn scenarios_end_as_expected() {
    let folder = std::env::var_os("PINPROOF_SCENARIOS").expect("PINPROOF_SCENARIOS is not set");
    let mut files = Vec::new();
    find(Path::new(&folder), &mut files);
    files.sort();
    let (mut judged, mut wrong) = (0, 0);
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        let scenario: Table = text.parse().unwrap();
        if is_universal(&scenario) {
            continue;
        }
        judged += 1;
        let (expected, found) = (expected(&scenario), found(&scenario));
        if expected != found && !(expected == "some" && found != "none") {
            wrong += 1;
            println!(
                "{}\n  expected {expected}\n  found    {found}",
                file.display()
            );
        }
    }
    println!("{} of {judged} end as expected", judged - wrong);
    assert!(
        judged > 0,
        "no scenario in {}",
        Path::new(&folder).display()
    );
    assert!((judged - wrong) * 100 >= judged * WANTED);
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, files);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            files.push(path);
        }
    }
}

/// A table in a table; empty where there is none.
fn table<'a>(within: &'a Table, key: &str) -> Option<&'a Table> {
    within.get(key).and_then(Value::as_table)
}

fn texts<'a>(within: &'a Table, key: &str) -> Vec<&'a str> {
    let array = within.get(key).and_then(Value::as_array);
    array
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn flag(within: &Table, key: &str) -> Option<bool> {
    within.get(key).and_then(Value::as_bool)
}

fn options(scenario: &Table) -> Table {
    table(scenario, "resolver_options")
        .cloned()
        .unwrap_or_default()
}

fn is_universal(scenario: &Table) -> bool {
    let options = options(scenario);
    flag(&options, "universal") == Some(true) || options.contains_key("required_environments")
}

/// `none`, the pins in one line, or `some` where the scenario does not say which.
fn expected(scenario: &Table) -> String {
    let expected = table(scenario, "expected").unwrap();
    if flag(expected, "satisfiable") == Some(false) {
        return "none".to_owned();
    }
    let Some(packages) = table(expected, "packages") else {
        return "some".to_owned();
    };
    let pins: BTreeMap<&String, &str> = packages
        .iter()
        .filter_map(|(name, version)| Some((name, version.as_str()?)))
        .collect();
    let pins = pins
        .iter()
        .map(|(name, version)| format!("{name} {version}"));
    pins.collect::<Vec<_>>().join(", ")
}

fn found(scenario: &Table) -> String {
    let problem = problem_of(scenario);
    match solve(&problem, &mut world_of(scenario, &problem.environment)) {
        Ok(solution) => {
            let pins = solution.chosen.iter();
            let pins = pins.map(|(name, chosen)| format!("{name} {}", chosen.version));
            pins.collect::<Vec<_>>().join(", ")
        }
        Err(Failure::Conflict(_)) => "none".to_owned(),
        Err(other) => panic!("{other}"),
    }
}

fn problem_of(scenario: &Table) -> Problem {
    let options = options(scenario);
    let mut problem = problem(&texts(table(scenario, "root").unwrap(), "requires"));
    let current = table(scenario, "environment").and_then(|environment| environment.get("python"));
    let python = options.get("python").or(current).and_then(Value::as_str);
    problem.environment = Environment::of_target(
        python.unwrap_or("3.12").parse().unwrap(),
        "linux-x86_64".parse().unwrap(),
    );
    problem.prereleases = match flag(&options, "prereleases") {
        Some(true) => PrereleaseMode::Allow,
        _ => PrereleaseMode::default(),
    };
    problem.strategy = match options.get("resolution").and_then(Value::as_str) {
        Some("lowest") => Strategy::Lowest,
        _ => Strategy::Highest,
    };
    problem
}

fn world_of(scenario: &Table, environment: &Environment) -> World {
    let options = options(scenario);
    let mut world = World::default();
    for (name, package) in table(scenario, "packages").into_iter().flatten() {
        let versions = package
            .as_table()
            .and_then(|package| table(package, "versions"));
        for (version, release) in versions.into_iter().flatten() {
            let release = release.as_table().unwrap();
            let mut needs: Vec<String> = texts(release, "requires")
                .iter()
                .map(|text| (*text).to_owned())
                .collect();
            for (extra, requires) in table(release, "extras").into_iter().flatten() {
                let requires = requires.as_array().into_iter().flatten();
                needs.extend(
                    requires
                        .filter_map(Value::as_str)
                        .map(|text| of_extra(text, extra)),
                );
            }
            let needs: Vec<&str> = needs.iter().map(String::as_str).collect();
            let release_name = format!("{name} {version}");
            world.add(&release_name, &needs).yanked = flag(release, "yanked") == Some(true);
            if !fits_python(release, environment) {
                world = world.barred(&release_name, "it needs another Python");
            } else if !has_file(&release_name, release, &options, environment) {
                world = world.barred(&release_name, "no file of it fits");
            }
        }
    }
    world
}

fn of_extra(requirement: &str, extra: &str) -> String {
    match requirement.split_once(';') {
        Some((requirement, marker)) => format!("{requirement}; ({marker}) and extra == '{extra}'"),
        None => format!("{requirement}; extra == '{extra}'"),
    }
}

fn fits_python(release: &Table, environment: &Environment) -> bool {
    let Some(python) = release.get("requires_python").and_then(Value::as_str) else {
        return true;
    };
    let full = environment.marker_value("python_full_version").unwrap();
    let specifiers: Specifiers = python.parse().unwrap();
    specifiers.contains(&full.parse().unwrap(), Prereleases::Allow)
}

fn has_file(release: &str, facts: &Table, options: &Table, environment: &Environment) -> bool {
    let (name, version) = release.split_once(' ').unwrap();
    let is_named = |key| texts(options, key).contains(&name);
    let has_sdist = flag(facts, "sdist") != Some(false) && !is_named("no_build");
    let tags = match texts(facts, "wheel_tags") {
        tags if tags.is_empty() => vec!["py3-none-any"],
        tags => tags,
    };
    let accepts = |tag: &&str| {
        let file = format!("{}-{version}-{tag}.whl", name.replace('-', "_"));
        WheelFilename::parse(&file).is_some_and(|wheel| TagSet::of(environment).accepts(&wheel))
    };
    let has_wheel =
        flag(facts, "wheel") != Some(false) && !is_named("no_binary") && tags.iter().any(accepts);
    has_sdist || has_wheel
}
