//! What a tool found, in a form in which tools can be compared.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// A release: its name, and its version as the tool writes it.
type Release = (String, String);
type Ids = BTreeSet<String>;

/// For each release its flaws, each with all its ids.
#[derive(Debug, Default)]
pub(crate) struct Findings(BTreeMap<Release, Vec<Ids>>);

impl Findings {
    /// Those of a report of `pinproof audit`.
    pub(crate) fn of_pinproof(report: &Value) -> Self {
        let mut findings = Self::default();
        for finding in list(&report["findings"]) {
            let release = (text(&finding["project"]), text(&finding["release"]));
            findings.add(release, texts(&finding["advisories"]["ids"]));
        }
        findings
    }

    /// Those of `pip-audit --format json`.
    pub(crate) fn of_pip_audit(report: &Value) -> Self {
        let mut findings = Self::default();
        for dependency in list(&report["dependencies"]) {
            for flaw in list(&dependency["vulns"]) {
                let release = (text(&dependency["name"]), text(&dependency["version"]));
                findings.add(release, ids(flaw));
            }
        }
        findings
    }

    /// Those of `uv audit --output-format json`.
    pub(crate) fn of_uv(report: &Value) -> Self {
        let mut findings = Self::default();
        for flaw in list(&report["vulnerabilities"]) {
            let dependency = &flaw["dependency"];
            let release = (text(&dependency["name"]), text(&dependency["version"]));
            findings.add(release, ids(flaw));
        }
        findings
    }

    /// The number of flaws.
    pub(crate) fn len(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// Adds a flaw; those of one release that share an id are one.
    fn add(&mut self, release: Release, mut ids: Ids) {
        let flaws = self.0.entry(release).or_default();
        while let Some(at) = flaws.iter().position(|known| !known.is_disjoint(&ids)) {
            ids.extend(flaws.remove(at));
        }
        flaws.push(ids);
        flaws.sort();
    }
}

/// Where `tool` says something else than we do: a line for each release.
pub(crate) fn differences(tool: &str, ours: &Findings, theirs: &Findings) -> Vec<String> {
    let releases: BTreeSet<&Release> = ours.0.keys().chain(theirs.0.keys()).collect();
    let none = Vec::new();
    let mut lines = Vec::new();
    for release in releases {
        let of = |findings: &Findings| findings.0.get(release).unwrap_or(&none).clone();
        let (ours, theirs) = (of(ours), of(theirs));
        if ours != theirs {
            let (name, version) = release;
            lines.push(format!(
                "{tool}: {name} {version}: {}: {}",
                shown(&ours),
                shown(&theirs)
            ));
        }
    }
    lines
}

fn shown(flaws: &[Ids]) -> String {
    if flaws.is_empty() {
        return "nothing".to_owned();
    }
    let flaws = flaws
        .iter()
        .map(|ids| ids.iter().cloned().collect::<Vec<_>>().join(" "));
    flaws.collect::<Vec<_>>().join("; ")
}

fn ids(flaw: &Value) -> Ids {
    let mut ids = texts(&flaw["aliases"]);
    ids.insert(text(&flaw["id"]));
    ids
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

fn texts(value: &Value) -> Ids {
    list(value).iter().map(text).collect()
}
