//! A lock as a `pylock.toml`, one distribution on a line.

use std::collections::{BTreeMap, BTreeSet};

use pinproof_core::lock::{Lock, LockedFile, LockedOrigin, LockedRelease, LockedVia};
use pinproof_core::{ExtraName, ProjectName, Specifiers};

use super::notes;
use crate::toml_text::quoted;

/// Writes a lock by PEP 751.
///
/// It has no address but those of the distributions, no time, and nothing of the machine. A release has
/// one source distribution at most there: of several, the `.tar.gz`. The same lock is the same text,
/// whatever the order of its releases and files.
pub fn write(lock: &Lock) -> String {
    let mut lines = head(lock);
    let mut releases: Vec<&LockedRelease> = lock.releases.iter().collect();
    releases.sort_by_key(|release| (&release.project, &release.version, &release.marker));
    let entries = entries(&releases);
    for release in releases {
        lines.push("\n[[packages]]".to_owned());
        push_release(release, &entries, &mut lines);
    }
    lines.push(format!("\n[tool.{}]", notes::NAME));
    let inputs: BTreeSet<_> = lock.inputs.iter().collect();
    let inputs = inputs.into_iter().map(|input| {
        let (path, sha256) = (quoted(&input.path), quoted(&input.sha256));
        format!("{{ path = {path}, sha256 = {sha256} }}")
    });
    lines.push(format!("inputs = {}", array(inputs)));
    lines.push(String::new());
    lines.join("\n")
}

fn head(lock: &Lock) -> Vec<String> {
    let mut lines = vec!["lock-version = \"1.0\"".to_owned()];
    if !lock.environments.is_empty() {
        let environments = lock.environments.iter().map(|marker| quoted(marker));
        lines.push(format!("environments = {}", array(environments)));
    }
    if let Some(specifiers) = &lock.requires_python {
        lines.push(key("requires-python", &specifiers.to_string()));
    }
    lines.push(key("created-by", notes::NAME));
    if lock.releases.is_empty() {
        lines.push("packages = []".to_owned());
    }
    lines
}

/// How another entry refers to the entries of a project: by their name, and by their version where there
/// are several.
fn entries<'a>(releases: &[&'a LockedRelease]) -> BTreeMap<&'a ProjectName, BTreeSet<String>> {
    let mut versions: BTreeMap<&ProjectName, BTreeSet<String>> = BTreeMap::new();
    for release in releases {
        let of_name = versions.entry(&release.project).or_default();
        of_name.insert(quoted(&release.version.to_string()));
    }
    let refer = |(project, versions): (&'a ProjectName, BTreeSet<String>)| {
        let name = quoted(project.as_str());
        let entries = match versions.len() {
            1 => BTreeSet::from([format!("{{ name = {name} }}")]),
            _ => versions
                .iter()
                .map(|version| format!("{{ name = {name}, version = {version} }}"))
                .collect(),
        };
        (project, entries)
    };
    versions.into_iter().map(refer).collect()
}

fn push_release(
    release: &LockedRelease,
    entries: &BTreeMap<&ProjectName, BTreeSet<String>>,
    lines: &mut Vec<String>,
) {
    lines.push(key("name", release.project.as_str()));
    lines.push(key("version", &release.version.to_string()));
    if let Some(marker) = &release.marker {
        lines.push(key("marker", marker));
    }
    if let Some(specifiers) = release.requires_python.as_deref().and_then(readable) {
        lines.push(key("requires-python", &specifiers));
    }
    let needs = release.needs.iter().filter_map(|need| entries.get(need));
    let needs = needs.flatten().cloned();
    lines.push(format!("dependencies = {}", array(needs)));
    push_files(release, lines);
    push_notes(release, lines);
}

fn push_files(release: &LockedRelease, lines: &mut Vec<String>) {
    let mut files: Vec<&LockedFile> = release.files.iter().collect();
    files.sort_by_key(|file| (&file.filename, &file.url));
    if let LockedOrigin::Url(url) = &release.origin {
        let facts = files.first().map_or(String::new(), |file| facts(file));
        lines.push(format!("archive = {{ url = {}{facts} }}", quoted(url)));
        return;
    }
    let sdists = files.iter().filter(|file| !file.is_wheel);
    let sdist = sdists.max_by_key(|file| file.filename.ends_with(".tar.gz"));
    if let Some(sdist) = sdist {
        lines.push(format!("sdist = {}", distribution(sdist)));
    }
    let wheels = files.iter().filter(|file| file.is_wheel);
    let wheels: Vec<String> = wheels.map(|wheel| distribution(wheel)).collect();
    if sdist.is_none() || !wheels.is_empty() {
        lines.push(format!("wheels = {}", array(wheels)));
    }
}

fn distribution(file: &LockedFile) -> String {
    let (name, url) = (quoted(&file.filename), quoted(&file.url));
    format!("{{ name = {name}, url = {url}{} }}", facts(file))
}

/// The size and the hash of a file, each after a comma.
fn facts(file: &LockedFile) -> String {
    let size = file.size.filter(|size| i64::try_from(*size).is_ok());
    let size = size.map_or(String::new(), |size| format!(", size = {size}"));
    let hash = file.hash().map_or(String::new(), |hash| {
        let (algorithm, digest) = (hash.algorithm().name(), quoted(hash.digest()));
        format!(", hashes = {{ {algorithm} = {digest} }}")
    });
    size + &hash
}

fn push_notes(release: &LockedRelease, lines: &mut Vec<String>) {
    let mut notes = Vec::new();
    let inputs = release.via.iter().filter_map(|via| match via {
        LockedVia::Input(path) => Some(quoted(path)),
        LockedVia::Project(_) => None,
    });
    let inputs: Vec<String> = inputs.collect();
    if !inputs.is_empty() {
        notes.push(format!("via = [{}]", inputs.join(", ")));
    }
    let extras = release.extras.iter().map(ExtraName::as_str).map(quoted);
    let extras: Vec<String> = extras.collect();
    if !extras.is_empty() {
        notes.push(format!("extras = [{}]", extras.join(", ")));
    }
    if release.needs_build {
        notes.push("needs-build = true".to_owned());
    }
    if release.files.iter().any(|file| file.is_hashed_here) {
        notes.push("hashed-here = true".to_owned());
    }
    if !notes.is_empty() {
        let notes = notes.join(", ");
        lines.push(format!("tool = {{ {} = {{ {notes} }} }}", notes::NAME));
    }
}

/// What authors write as `Requires-Python`, in the notation of every installer; one text that is none
/// would have the whole lock refused.
fn readable(text: &str) -> Option<String> {
    let specifiers: Specifiers = text.parse().ok()?;
    let is_readable = specifiers.iter().all(|one| one.version().is_some());
    let is_readable = is_readable && !specifiers.is_empty();
    is_readable.then(|| specifiers.to_string())
}

fn key(name: &str, value: &str) -> String {
    format!("{name} = {}", quoted(value))
}

/// One item on a line, so that a change shows what it is about.
fn array(items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items
        .into_iter()
        .map(|item| format!("    {item},\n"))
        .collect();
    if items.is_empty() {
        return "[]".to_owned();
    }
    format!("[\n{}]", items.concat())
}
