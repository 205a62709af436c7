//! What the reference implementations make of `pyproject.toml`: `packaging` for PEP 621 and PEP 518,
//! `dependency-groups` for PEP 735.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod oracle;

use std::collections::BTreeSet;

use pinproof_core::Manifest;
use pinproof_core::manifest::{Origin, Requirement, Scope};
use pinproof_formats::pyproject;
use serde_json::{Value, json};

/// The requirements of each part as the reference implementations resolve them; null for an error.
const SCRIPT: &str = r#"
import json, sys, tomllib
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name as canonical
from dependency_groups import resolve

def read(texts):
    out = []
    for text in texts:
        try:
            r = Requirement(text)
        except Exception:
            out.append(None)
            continue
        out.append([canonical(r.name), sorted(canonical(e) for e in r.extras),
                    sorted(str(s) for s in r.specifier), r.url, r.marker is not None])
    return out

def groups(table):
    out = {}
    for name in table:
        try:
            out[canonical(name)] = sorted(set(resolve(table, name)))
        except Exception:
            out[canonical(name)] = None
    return out

def python(text):
    try:
        return sorted(str(s) for s in SpecifierSet(text))
    except Exception:
        return None

answers = []
for text in json.load(sys.stdin):
    toml = tomllib.loads(text)
    project = toml.get("project", {})
    answers.append({
        "main": read(project.get("dependencies", [])),
        "extras": {canonical(k): read(v) for k, v in project.get("optional-dependencies", {}).items()},
        "build": read(toml.get("build-system", {}).get("requires", [])),
        "python": python(project.get("requires-python", "")),
        "groups": groups(toml.get("dependency-groups", {})),
    })
json.dump(answers, sys.stdout)
"#;

const PROJECTS: &[&str] = &[
    // What most projects look like.
    r#"
[build-system]
requires = ["hatchling>=1.26", "hatch-vcs"]
build-backend = "hatchling.build"
[project]
name = "acme-web"
requires-python = ">=3.10,<4"
dependencies = [
  "flask[async]>=3.0,<4",   # the framework
  'requests ; python_version < "3.12" and sys_platform != "win32"',
  "Typing_Extensions",
]
[project.optional-dependencies]
db = ["psycopg[binary,pool] ~= 3.1"]
"Dev_Tools" = ["ruff==0.14.*", "mypy (>=1.0)"]
[dependency-groups]
test = ["pytest>8", "coverage[toml]"]
lint = ["ruff"]
dev = [{ include-group = "test" }, {include-group = "lint"}, "tox"]
"#,
    // Every kind of string.
    r#"
[project]
dependencies = [
  'a>=1', "b\u003E=2", """c>=3""", '''
d>=4''', "e ; python_version >= \"3\"",
]
"#,
    // Direct references.
    r#"
project.dependencies = [
  "a @ https://files.example/a-1.0-py3-none-any.whl",
  "b[x]@git+https://git.example/b.git@0123456789012345678901234567890123456789 ; os_name=='posix'",
  "c @ file:///srv/c",
]
"#,
    // Versions that are none, and names that are none.
    r#"
[project]
requires-python = "^3.8"
dependencies = ["a=1", "b==1.0.*.2", "-c", "", "d>=1,", "e===odd!", "f >=1 <2", "g~=1", "h[", "i;", "j==1.0+local"]
[build-system]
requires = ["setuptools>=61", "wheel;"]
"#,
    // Groups that include each other in every shape.
    r#"
[dependency-groups]
a = ["x", {include-group = "B_B"}]
b.b = 1
"#,
    r#"
[dependency-groups]
a = ["x", {include-group = "B_B"}]
b-b = ["y", {include-group = "c"}, {include-group = "d"}]
c = ["z", {include-group = "d"}]
d = ["w", "w"]
empty = []
"#,
    "[dependency-groups]\na = [{include-group = 'b'}]\nb = [{include-group = 'a'}]\n",
    "[dependency-groups]\na = [{include-group = 'a'}]\n",
    "[dependency-groups]\na = [{include-group = 'missing'}]\n",
    "[dependency-groups]\na = [{include-group = 'b', x = 1}]\nb = []\n",
    "[dependency-groups]\na = [{set-phasers-to = 'stun'}]\n",
    "[dependency-groups]\na = [1]\n",
    "[dependency-groups]\na = 'x'\n",
    "[dependency-groups]\na = ['x==']\n",
    "[dependency-groups]\nFoo-bar = ['x']\nfoo_bar = ['y']\n",
];

#[test]
fn the_reference_implementations_read_the_same() {
    let Some(tools) = oracle::environment() else {
        return;
    };
    let answers = oracle::ask(&tools, SCRIPT, &json!(PROJECTS));
    for (text, answer) in PROJECTS.iter().zip(answers.as_array().unwrap()) {
        let manifest = pyproject::parse(text).unwrap();
        compare(text, &manifest, answer);
    }
}

fn compare(text: &str, manifest: &Manifest, answer: &Value) {
    let of = |scope: &Scope| view(manifest, scope);
    assert_eq!(json!(of(&Scope::Main)), valid(&answer["main"]), "{text}");
    assert_eq!(json!(of(&Scope::Build)), valid(&answer["build"]), "{text}");
    for (name, list) in answer["extras"].as_object().unwrap() {
        let scope = Scope::Extra(name.parse().unwrap());
        assert_eq!(json!(of(&scope)), valid(list), "{text}");
    }
    let lists = [&answer["main"], &answer["build"]];
    let refused = lists
        .iter()
        .flat_map(|list| list.as_array().unwrap())
        .filter(|item| item.is_null());
    let mut expected = refused.count();
    if answer["python"].is_null() {
        expected += 1;
        assert!(manifest.requires_python.is_none(), "{text}");
    }
    let groups = answer["groups"].as_object().unwrap();
    if groups.values().any(Value::is_null) {
        assert!(!manifest.not_understood.is_empty(), "{text}");
        return;
    }
    assert_eq!(
        manifest.not_understood.len(),
        expected,
        "{text}: {:?}",
        manifest.not_understood
    );
    for (name, expected) in groups {
        assert_eq!(&json!(group(text, manifest, name)), expected, "{text}");
    }
}

/// The valid requirements; those that are null are not understood.
fn valid(list: &Value) -> Value {
    let items = list
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| !item.is_null());
    Value::Array(items.cloned().collect())
}

fn view(manifest: &Manifest, scope: &Scope) -> Vec<Value> {
    let requirements = manifest.requirements.iter();
    requirements
        .filter(|requirement| requirement.scope == *scope)
        .map(view_of)
        .collect()
}

fn view_of(requirement: &Requirement) -> Value {
    let mut extras: Vec<_> = requirement.extras.iter().map(ToString::to_string).collect();
    extras.sort();
    let mut specifiers: Vec<_> = match requirement.specifiers() {
        Some(specifiers) => specifiers.iter().map(ToString::to_string).collect(),
        None => Vec::new(),
    };
    specifiers.sort();
    let url = match &requirement.origin {
        Origin::Index(_) => None,
        Origin::Url { shown, .. } | Origin::Vcs { shown, .. } => Some(shown.to_string()),
        Origin::Path(path) => Some(path.clone()),
    };
    let name = requirement.name.as_ref().map(ToString::to_string);
    json!([name, extras, specifiers, url, requirement.marker.is_some()])
}

/// The texts of the requirements of a group, with those of the groups it includes.
fn group(text: &str, manifest: &Manifest, name: &str) -> BTreeSet<String> {
    let scopes = manifest.with_included(&Scope::Group(name.parse().unwrap()));
    let requirements = manifest
        .requirements
        .iter()
        .filter(|item| scopes.contains(&item.scope));
    requirements
        .map(|item| text[item.span.start..item.span.end].to_owned())
        .collect()
}

#[test]
fn a_group_with_itself_twice_ends() {
    let manifest = pyproject::parse("[dependency-groups]\na = [{include-group='a'}, 'x']").unwrap();
    let found = manifest.with_included(&Scope::Group("a".parse().unwrap()));
    assert_eq!(found.len(), 1);
}
