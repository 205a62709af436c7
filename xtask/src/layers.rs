//! `cargo xtask layers`: dependencies go downwards only, the pure crates stay pure, and one module starts processes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

use crate::{Trouble, workspace};

/// Every crate, from the top down, with the crates of the workspace that it may depend on.
const ALLOWED: &[(&str, &[&str])] = &[
    (
        "pinproof",
        &["pinproof-core", "pinproof-engine", "pinproof-server"],
    ),
    ("pinproof-server", &["pinproof-core", "pinproof-engine"]),
    (
        "pinproof-engine",
        &[
            "pinproof-core",
            "pinproof-formats",
            "pinproof-policy",
            "pinproof-resolve",
            "pinproof-scan",
            "pinproof-sources",
            "pinproof-trust",
        ],
    ),
    ("pinproof-sources", &["pinproof-core"]),
    ("pinproof-formats", &["pinproof-core"]),
    ("pinproof-policy", &["pinproof-core"]),
    ("pinproof-resolve", &["pinproof-core"]),
    ("pinproof-scan", &["pinproof-core"]),
    ("pinproof-trust", &["pinproof-core"]),
    ("pinproof-core", &[]),
];

/// The crates that may not reach the outside, not even through what they depend on.
const PURE: &[&str] = &[
    "pinproof-core",
    "pinproof-formats",
    "pinproof-policy",
    "pinproof-resolve",
    "pinproof-scan",
    "pinproof-trust",
];

/// What reaches the outside.
const IMPURE: &[&str] = &["hyper", "mio", "reqwest", "rustls", "socket2", "tokio"];

/// The one file of what ships that starts a process, and why is in its head.
const STARTS: &str = "crates/pinproof/src/installer/process.rs";

/// What starts one.
const STARTERS: [&str; 3] = ["Command::new(", "std::process::Command", "process::{"];

/// Runs the check on the workspace.
pub fn run() -> Result<String, Trouble> {
    let graph = Graph::new(&workspace::metadata()?)?;
    let mut wrong = graph.violations();
    for path in shipped_sources()? {
        let shown = workspace::shown(&path);
        wrong.extend(starts_a_process(&shown, &workspace::read(&path)?));
    }
    if wrong.is_empty() {
        Ok(format!(
            "layers: {} edges, all downwards",
            graph.edges.values().map(BTreeSet::len).sum::<usize>()
        ))
    } else {
        Err(wrong.join("\n").into())
    }
}

/// The sources of what ships: those of every crate, without its tests.
fn shipped_sources() -> Result<Vec<PathBuf>, Trouble> {
    let mut sources = workspace::files(&workspace::root().join("crates"), "rs")?;
    sources.retain(|path| {
        let mut parts = path.components().map(std::path::Component::as_os_str);
        parts.all(|part| part != "tests" && part != "examples" && part != "benches")
    });
    Ok(sources)
}

/// What is wrong with a source that starts a process, and is not the one that may.
fn starts_a_process(path: &str, text: &str) -> Option<String> {
    let starts = STARTERS.iter().any(|starter| text.contains(starter));
    (starts && path != STARTS).then(|| format!("{path} starts a process, and only {STARTS} may"))
}

/// Which package depends on which; dependencies of tests only are left out.
struct Graph {
    /// The edges between the crates of the workspace.
    edges: BTreeMap<String, BTreeSet<String>>,
    /// All edges.
    all: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    fn new(metadata: &Value) -> Result<Self, Trouble> {
        let missing = || Trouble::from("cargo metadata has another shape than expected");
        let packages = metadata["packages"].as_array().ok_or_else(missing)?;
        let nodes = metadata["resolve"]["nodes"]
            .as_array()
            .ok_or_else(missing)?;
        let names: BTreeMap<&str, &str> = packages
            .iter()
            .filter_map(|package| Some((package["id"].as_str()?, package["name"].as_str()?)))
            .collect();
        let name = |id: &Value| names.get(id.as_str()?).map(|name| (*name).to_owned());
        let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for node in nodes {
            let from = name(&node["id"]).ok_or_else(missing)?;
            let used = node["deps"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|dep| is_shipped(dep));
            all.entry(from)
                .or_default()
                .extend(used.filter_map(|dep| name(&dep["pkg"])));
        }
        let members: BTreeSet<String> = metadata["workspace_members"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(name)
            .filter(|name| name != "xtask")
            .collect();
        let inner = |name: &String| {
            all.get(name)
                .into_iter()
                .flatten()
                .filter(|to| members.contains(*to))
        };
        let edges = members
            .iter()
            .map(|name| (name.clone(), inner(name).cloned().collect()));
        Ok(Self {
            edges: edges.collect(),
            all,
        })
    }

    fn violations(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (from, to) in &self.edges {
            let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| name == from) else {
                wrong.push(format!(
                    "{from} has no layer: give it a line in xtask/src/layers.rs"
                ));
                continue;
            };
            let not_allowed = to.iter().filter(|to| !allowed.contains(&to.as_str()));
            wrong.extend(not_allowed.map(|to| format!("{from} may not depend on {to}")));
        }
        for pure in PURE.iter().filter(|name| self.edges.contains_key(**name)) {
            let reached = self.reached(pure);
            let impure = IMPURE.iter().filter(|name| reached.contains(**name));
            wrong.extend(impure.map(|name| format!("{pure} is pure, and may not reach {name}")));
        }
        wrong
    }

    fn reached(&self, from: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut open = vec![from];
        while let Some(name) = open.pop() {
            for to in self.all.get(name).into_iter().flatten() {
                if reached.insert(to.as_str()) {
                    open.push(to);
                }
            }
        }
        reached
    }
}

/// Whether a dependency is of the code itself, not of its tests or build scripts.
fn is_shipped(dependency: &Value) -> bool {
    let kinds = dependency["dep_kinds"].as_array().into_iter().flatten();
    kinds.into_iter().any(|kind| kind["kind"].is_null())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::{Graph, STARTS, run, starts_a_process};

    #[test]
    fn the_layers_of_the_workspace_hold() {
        run().unwrap();
    }

    #[test]
    fn one_source_starts_processes() {
        let text = "let output = Command::new(\"git\").output();";
        assert_eq!(starts_a_process(STARTS, text), None);
        let elsewhere = "crates/pinproof-engine/src/check.rs";
        assert!(starts_a_process(elsewhere, text).is_some());
        assert_eq!(starts_a_process(elsewhere, "Command::Check(args)"), None);
    }

    #[test]
    fn an_edge_upwards_and_a_pure_crate_with_sockets_are_told() {
        let edge = |from: &str, to: &str| (from.to_owned(), BTreeSet::from([to.to_owned()]));
        let all = BTreeMap::from([
            edge("pinproof-server", "pinproof-policy"),
            edge("pinproof-policy", "some-client"),
            edge("some-client", "tokio"),
        ]);
        let edges = BTreeMap::from([
            edge("pinproof-server", "pinproof-policy"),
            ("pinproof-policy".to_owned(), BTreeSet::new()),
            ("pinproof-new".to_owned(), BTreeSet::new()),
        ]);
        let wrong = Graph { edges, all }.violations();
        assert_eq!(
            wrong,
            [
                "pinproof-new has no layer: give it a line in xtask/src/layers.rs",
                "pinproof-server may not depend on pinproof-policy",
                "pinproof-policy is pure, and may not reach tokio",
            ]
        );
    }
}
