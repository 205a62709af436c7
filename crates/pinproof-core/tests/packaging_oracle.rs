//! Versions, specifiers, markers and requirements, compared with PyPA's `packaging`.
#![allow(
    clippy::disallowed_methods,
    reason = "the oracle is a Python process; the crate under test stays pure"
)]
#![allow(
    clippy::unwrap_used,
    reason = "helpers of a test: a broken oracle has to fail"
)]

mod support;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use pinproof_core::requirement::Pep508;
use pinproof_core::specifier::Prereleases;
use pinproof_core::{Environment, ExtraName, Marker, Specifiers, Version};
use serde_json::{Value, json};

/// Where we differ on purpose: kind, what the input contains, and why.
const DELIBERATE: [(&str, &str, &str); 6] = [
    (
        "requirement",
        "trailing_",
        "PEP 508 forbids a name that ends in `_`, and no index has one",
    ),
    ("requirement", "[extra_]", "as above"),
    ("marker", r"\N{", "would need the table of Unicode names"),
    ("marker", r"\ud800", "a lone surrogate is no Unicode text"),
    (
        "specifiers",
        "ſ",
        "`packaging` reads it and fails an assertion when it is used",
    ),
    (
        "specifiers",
        "99999999999999999999999999999999",
        "more than 4300 digits: read, but fails when used",
    ),
];

#[test]
fn agrees_with_packaging() {
    let Some(python) = support::oracle_python(&["packaging==26.3"]) else {
        return;
    };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut differences = Vec::new();
    let mut unused = DELIBERATE.to_vec();
    for line in ask(&python).lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let kind = case["kind"].as_str().unwrap();
        let input = &case["input"];
        *counts.entry(kind.to_owned()).or_default() += 1;
        let ours = answer(kind, input);
        if ours == case["expected"] {
            continue;
        }
        let text = input.as_str().unwrap_or_default();
        match DELIBERATE
            .iter()
            .find(|(of, part, _)| *of == kind && text.contains(part))
        {
            Some(reason) => unused.retain(|other| other != reason),
            None => differences.push(shown(kind, input, &ours, &case["expected"])),
        }
    }
    println!("{counts:?}");
    let first = differences.iter().take(20).cloned().collect::<String>();
    assert!(
        differences.is_empty(),
        "{} differences\n{first}",
        differences.len()
    );
    assert!(unused.is_empty(), "no longer a difference: {unused:?}");
    assert!(counts.values().sum::<usize>() >= 20_000, "{counts:?}");
}

/// What the script next to this file prints.
fn ask(python: &Path) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packaging_oracle.py");
    let kept = ["PATH", "HOME"].map(|name| (name, std::env::var_os(name).unwrap_or_default()));
    let output = Command::new(python)
        .arg(script)
        .env_clear()
        .envs(kept)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn shown(kind: &str, input: &Value, ours: &Value, theirs: &Value) -> String {
    let mut shown = format!("{kind} {input}\n  ours:   {ours}\n  theirs: {theirs}\n");
    if shown.len() > 1500 {
        shown = shown.chars().take(1500).collect::<String>() + "…\n";
    }
    shown
}

fn answer(kind: &str, input: &Value) -> Value {
    match kind {
        "version" => version(text(input)),
        "order" => order(text(&input[0]), text(&input[1])),
        "specifiers" => specifiers(text(input)),
        "contains" => contains(text(&input[0]), text(&input[1])),
        "filter" => filter(text(&input[0]), &input[1]),
        "environment" => environment(input),
        "marker" => marker(text(input)),
        "evaluate" => evaluate(input),
        "requirement" => requirement(text(input)),
        _ => panic!("unknown kind {kind}"),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn version(text: &str) -> Value {
    let Ok(version) = text.parse::<Version>() else {
        return Value::Null;
    };
    let release: Vec<String> = version.release().iter().map(ToString::to_string).collect();
    json!({
        "text": version.to_string(),
        "public": version.public().to_string(),
        "base": version.base().to_string(),
        "epoch": version.epoch().to_string(),
        "release": release,
        "pre": version.is_prerelease(),
        "post": version.is_postrelease(),
        "dev": version.is_devrelease(),
        "local": version.is_local(),
    })
}

fn order(left: &str, right: &str) -> Value {
    let left: Version = left.parse().unwrap();
    let order = left.cmp(&right.parse().unwrap());
    json!(match order {
        Ordering::Less => "<",
        Ordering::Equal => "==",
        Ordering::Greater => ">",
    })
}

fn clauses(specifiers: &Specifiers) -> Value {
    specifiers
        .iter()
        .map(|clause| json!(clause.to_string()))
        .collect()
}

fn specifiers(text: &str) -> Value {
    text.parse().map_or(Value::Null, |set| clauses(&set))
}

fn contains(set: &str, version: &str) -> Value {
    let set: Specifiers = set.parse().unwrap();
    let version: Version = version.parse().unwrap();
    let modes = [Prereleases::Auto, Prereleases::Allow, Prereleases::Forbid];
    json!(modes.map(|mode| set.contains(&version, mode)))
}

/// The rule of PEP 440 for a whole project: `Auto`, and where nothing is left, `Allow`.
fn filter(set: &str, versions: &Value) -> Value {
    let set: Specifiers = set.parse().unwrap();
    let versions = versions.as_array().unwrap();
    let accepted = |mode| -> Vec<&Value> {
        let is_in = |version: &&Value| set.contains(&text(version).parse().unwrap(), mode);
        versions.iter().filter(is_in).collect()
    };
    let found = accepted(Prereleases::Auto);
    json!(if found.is_empty() {
        accepted(Prereleases::Allow)
    } else {
        found
    })
}

fn target(input: &Value) -> Environment {
    let python = text(&input["python"]).parse().unwrap();
    Environment::of_target(python, text(&input["platform"]).parse().unwrap())
}

/// The marker values of a target are the ones the script evaluates markers with.
fn environment(input: &Value) -> Value {
    let environment = target(input);
    let names = input["names"].as_array().unwrap().iter();
    let values = names.map(|name| {
        (
            text(name).to_owned(),
            json!(environment.marker_value(text(name))),
        )
    });
    Value::Object(values.collect())
}

fn marker(text: &str) -> Value {
    let Ok(marker) = text.parse::<Marker>() else {
        return Value::Null;
    };
    let again: Marker = marker.to_string().parse().unwrap();
    assert_eq!(again, marker, "{text}");
    json!(shown_marker(&marker, text))
}

fn evaluate(input: &Value) -> Value {
    let marker: Marker = text(&input["marker"]).parse().unwrap();
    let extras: Vec<ExtraName> = serde_json::from_value(input["extras"].clone()).unwrap();
    let holds = marker.evaluate(&target(input), &extras);
    assert!(
        !holds || marker.possible(&extras),
        "{input} holds and is not possible"
    );
    json!(holds)
}

fn requirement(text: &str) -> Value {
    let Ok(requirement) = text.parse::<Pep508>() else {
        return Value::Null;
    };
    let mut extras: Vec<&str> = requirement.extras.iter().map(ExtraName::as_str).collect();
    extras.sort_unstable();
    json!({
        "name": requirement.name,
        "extras": extras,
        "clauses": clauses(&requirement.specifiers),
        "url": requirement.url,
        "marker": requirement.marker.map(|marker| shown_marker(&marker, text)),
    })
}

/// `packaging` shows a backslash as it is, so that its own text reads back differently.
fn shown_marker(marker: &Marker, text: &str) -> String {
    if text.contains('\\') {
        String::new()
    } else {
        marker.to_string()
    }
}
