//! Our reading of a requirements file and its includes, in the shape of pip's.

use std::collections::BTreeSet;
use std::path::Path;

use pinproof_core::index::{Address, LocationKind};
use pinproof_core::manifest::{Include, InstallOptionKind, Manifest, Origin, Requirement};
use pinproof_core::{IndexLocation, Span};
use pinproof_formats::coverage::uncovered;
use pinproof_formats::decode::decode;
use pinproof_formats::requirements_txt::{expand, parse};
use serde_json::{Value, json};

/// The variables of both readings.
pub(crate) const ENVIRONMENT: [(&str, &str); 10] = [
    ("DIR", "sub"),
    ("EMPTY", ""),
    ("NESTED", "${TOKEN}.example"),
    ("NUMBER", "3.0"),
    ("OPTION", "--pre"),
    ("PKG", "flask"),
    ("TOKEN", "t0ken"),
    ("URL", "https://whole.example/simple"),
    ("USER_NAME", "me"),
    ("WORDS", "https://a.example https://b.example"),
];

fn env(name: &str) -> Option<String> {
    let found = ENVIRONMENT.iter().find(|(key, _)| *key == name);
    found.map(|(_, value)| (*value).to_owned())
}

/// What a file and its includes say, in their order.
#[derive(Debug, Default)]
pub(crate) struct Ours {
    requirements: Vec<Value>,
    settings: Settings,
    /// Why pip would stop, or what it drops.
    questions: Vec<String>,
}

#[derive(Debug, Default)]
struct Settings {
    indexes: Option<Vec<String>>,
    find_links: Vec<String>,
    no_binary: BTreeSet<String>,
    only_binary: BTreeSet<String>,
    trusted: BTreeSet<String>,
    /// Options without a value, by the name the oracle gives them.
    flags: BTreeSet<&'static str>,
}

/// One entry of a manifest.
enum Entry<'m> {
    Requirement(&'m Requirement),
    Include(&'m Include),
    Location(&'m IndexLocation),
    Option(&'m InstallOptionKind),
}

fn entries(manifest: &Manifest) -> Vec<(Span, Entry<'_>)> {
    let requirements = manifest
        .requirements
        .iter()
        .map(|entry| (entry.span, Entry::Requirement(entry)));
    let includes = manifest
        .includes
        .iter()
        .map(|entry| (entry.span, Entry::Include(entry)));
    let options = manifest
        .options
        .iter()
        .map(|entry| (entry.span, Entry::Option(&entry.kind)));
    let locations = manifest
        .locations
        .iter()
        .map(|entry| (entry.span.unwrap(), Entry::Location(entry)));
    let mut all: Vec<_> = requirements
        .chain(includes)
        .chain(options)
        .chain(locations)
        .collect();
    all.sort_by_key(|(span, _)| *span);
    all
}

pub(crate) fn assert_covered(path: &Path) {
    if let Ok(decoded) = decode(&std::fs::read(path).unwrap()) {
        let manifest = parse(&decoded.text, &env);
        assert_eq!(
            uncovered(&manifest, &decoded.text),
            [],
            "{}",
            path.display()
        );
    }
}

impl Ours {
    pub(crate) fn read(path: &Path) -> Self {
        let mut ours = Self::default();
        ours.file(path, false);
        ours
    }

    fn file(&mut self, path: &Path, constraint: bool) {
        let Ok(bytes) = std::fs::read(path) else {
            return self.questions.push("cannot be opened".to_owned());
        };
        let decoded = match decode(&bytes) {
            Ok(decoded) => decoded,
            Err(error) => return self.questions.push(error.to_string()),
        };
        let manifest = parse(&decoded.text, &env);
        let slice = |span: Span| decoded.text[span.start..span.end].to_owned();
        let questions = manifest.not_understood.iter();
        self.questions
            .extend(questions.map(|entry| format!("{}: {:?}", entry.why, slice(entry.span))));
        let mut line = Line::default();
        for (span, entry) in entries(&manifest) {
            let number = decoded.text[..span.start].matches('\n').count();
            if number != line.number {
                self.settings.apply(std::mem::take(&mut line));
                line.number = number;
            }
            match entry {
                Entry::Requirement(requirement) => self.requirement(requirement, constraint),
                Entry::Include(include) => {
                    let target = path.parent().unwrap().join(&*expand(&include.target, &env));
                    self.file(&target, include.constraint);
                }
                Entry::Location(location) => line.location(location),
                Entry::Option(kind) => self.settings.option(kind, &slice(span)),
            }
        }
        self.settings.apply(line);
    }

    fn requirement(&mut self, requirement: &Requirement, constraint: bool) {
        if constraint && requirement.editable {
            self.questions
                .push("pip has no editable constraints".to_owned());
        }
        // pip stops at other algorithms in `--hash`; here the rule `weak-hash` speaks of them.
        let is_url = matches!(requirement.origin, Origin::Url { .. });
        let mut hashes = BTreeSet::new();
        for written in &requirement.hashes {
            let name = written.hash.algorithm().name();
            if !is_url && !matches!(name, "sha256" | "sha384" | "sha512") {
                self.questions
                    .push("pip stops at this algorithm".to_owned());
            }
            hashes.insert(written.hash.to_string());
        }
        let mut extras: Vec<_> = requirement.extras.iter().map(ToString::to_string).collect();
        extras.sort();
        self.requirements.push(json!({
            "name": requirement.name.as_ref().map(ToString::to_string),
            "source": source(&requirement.origin),
            "extras": extras,
            "marker": requirement.marker.as_ref().map(ToString::to_string),
            "hashes": hashes,
            "editable": requirement.editable,
            "constraint": constraint,
        }));
    }

    pub(crate) fn markers(&self) -> Vec<String> {
        let markers = self
            .requirements
            .iter()
            .filter_map(|one| one["marker"].as_str());
        markers.map(str::to_owned).collect()
    }

    pub(crate) fn specifiers(&self) -> Vec<String> {
        let sources = self.requirements.iter().map(|one| &one["source"]);
        let specifiers = sources.filter(|source| source[0] == "index");
        specifiers
            .filter_map(|source| source[1].as_str().map(str::to_owned))
            .collect()
    }

    /// What is not as pip has it.
    pub(crate) fn difference(&self, path: &Path, pip: &Value) -> Option<String> {
        let theirs = &pip["files"][path.to_str().unwrap()];
        let name = path.file_name().unwrap().display();
        match (theirs["error"].as_str(), self.questions.is_empty()) {
            (Some(_), false) => None,
            (Some(error), true) => Some(format!("{name}: only pip refuses: {error}")),
            (None, false) => Some(format!("{name}: only we ask: {:?}", self.questions)),
            (None, true) => self.comparison(&name.to_string(), theirs, pip),
        }
    }

    /// What is missing although it is stricter.
    pub(crate) fn leniency(&self, path: &Path, pip: &Value) -> Option<String> {
        let theirs = &pip["files"][path.to_str().unwrap()];
        let name = path.file_name().unwrap().display();
        if let Some(error) = theirs["error"].as_str() {
            return Some(format!("{name}: pip refuses it, too: {error}"));
        }
        if self.questions.is_empty() {
            return Some(format!("{name}: no question asked"));
        }
        // What depends on the environment, on an encoding or on malformed text is not read at all.
        let is_unread = ["variable-", "coding-", "hash-", "url-", "index-url-"]
            .iter()
            .any(|start| name.to_string().starts_with(start));
        if is_unread {
            None
        } else {
            self.comparison(&name.to_string(), theirs, pip)
        }
    }

    fn comparison(&self, name: &str, theirs: &Value, pip: &Value) -> Option<String> {
        let mut requirements = self.requirements.clone();
        for requirement in &mut requirements {
            if let Some(marker) = requirement["marker"].as_str() {
                requirement["marker"] = pip["markers"][marker].clone();
            }
            if requirement["source"][0] == "index" {
                let written = requirement["source"][1].as_str().unwrap();
                requirement["source"][1] = pip["specifiers"][written].clone();
            }
        }
        let ours = json!({ "requirements": requirements, "settings": self.settings.described() });
        (ours != *theirs).then(|| format!("{name}:\n  pip  {theirs}\n  ours {ours}"))
    }
}

/// Without the escapes that only one of the two parsers writes.
fn decoded(url: &str) -> String {
    percent_encoding::percent_decode_str(url)
        .decode_utf8_lossy()
        .into_owned()
}

fn source(origin: &Origin) -> Value {
    match origin {
        Origin::Index(specifiers) => json!(["index", specifiers.to_string()]),
        Origin::Url { shown, .. } => json!(["url", decoded(shown.as_str())]),
        Origin::Vcs { shown, .. } => json!(["vcs", decoded(shown.as_str())]),
        Origin::Path(path) => {
            let path = path.split('#').next().unwrap().trim_end_matches('/');
            let last = path.rsplit('/').next().unwrap();
            json!(["path", if last == "." { "work" } else { last }])
        }
    }
}

/// The locations of one line: pip takes them in an order of its own.
#[derive(Debug, Default)]
struct Line {
    number: usize,
    index: Option<String>,
    extra: Vec<String>,
    find_links: Vec<String>,
}

impl Line {
    fn location(&mut self, location: &IndexLocation) {
        let address = match &location.address {
            Address::Url(url) => decoded(url.with_credentials().as_str().trim_end_matches('/')),
            other => other.to_string(),
        };
        match location.kind {
            LocationKind::Default => self.index = Some(address),
            LocationKind::Extra => self.extra.push(address),
            LocationKind::FindLinks => self.find_links.push(address),
        }
    }
}

impl Settings {
    fn apply(&mut self, line: Line) {
        self.find_links.extend(line.find_links);
        if self.flags.contains("no_index") {
            self.indexes = Some(Vec::new());
            return;
        }
        let indexes = self
            .indexes
            .get_or_insert_with(|| vec!["https://pypi.org/simple".to_owned()]);
        if let Some(index) = line.index {
            *indexes = vec![index];
        }
        indexes.extend(line.extra);
    }

    fn option(&mut self, kind: &InstallOptionKind, written: &str) {
        match kind {
            InstallOptionKind::NoIndex => self.flag("no_index"),
            InstallOptionKind::RequireHashes => self.flag("require_hashes"),
            InstallOptionKind::NoRequireHashes => self.flag("no_require_hashes"),
            InstallOptionKind::TrustedHost(host) => {
                self.trusted.insert(expand(host, &env).into_owned());
            }
            InstallOptionKind::NoBinary(names) => {
                exclude(names, &mut self.no_binary, &mut self.only_binary);
            }
            InstallOptionKind::OnlyBinary(names) => {
                exclude(names, &mut self.only_binary, &mut self.no_binary);
            }
            InstallOptionKind::Pre => self.flag("pre"),
            InstallOptionKind::IndexStrategy(_) => panic!("no option of pip: {written}"),
            InstallOptionKind::Other(_) => {}
        }
    }

    fn flag(&mut self, name: &'static str) {
        self.flags.insert(name);
    }

    fn described(&self) -> Value {
        json!({
            "indexes": self.indexes,
            "find_links": self.find_links,
            "no_index": self.flags.contains("no_index"),
            "no_binary": self.no_binary,
            "only_binary": self.only_binary,
            "pre": self.flags.contains("pre"),
            "trusted": self.trusted,
            "require_hashes": self.flags.contains("require_hashes"),
            "no_require_hashes": self.flags.contains("no_require_hashes"),
        })
    }
}

/// A name is in one of the two sets; `:all:` empties both before it, `:none:` its own.
fn exclude(names: &[String], set: &mut BTreeSet<String>, other: &mut BTreeSet<String>) {
    let after_all = names.iter().rposition(|name| name == ":all:");
    let rest = match after_all {
        Some(at) => {
            set.clear();
            other.clear();
            set.insert(":all:".to_owned());
            let rest = &names[at + 1..];
            if rest.iter().any(|name| name == ":none:") {
                rest
            } else {
                &[]
            }
        }
        None => names,
    };
    for name in rest {
        if name == ":none:" {
            set.clear();
        } else {
            other.remove(name);
            set.insert(name.clone());
        }
    }
}
