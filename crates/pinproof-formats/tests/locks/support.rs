//! The application that every tool locked, and what a lock says of it.

use std::collections::{BTreeMap, BTreeSet};

use pinproof_core::manifest::{Origin, Requirement};
use pinproof_core::{Manifest, ProjectName, Version, filename};
use pinproof_formats::coverage;

/// What the application needs, whoever locked it, with the versions of the day.
pub(crate) const PINS: [(&str, &str); 20] = [
    ("asgiref", "3.13.0"),
    ("blinker", "1.9.0"),
    ("certifi", "2026.10.19.post1"),
    ("charset-normalizer", "3.5.3"),
    ("click", "8.5.1"),
    ("flask", "3.1.3"),
    ("idna", "3.20"),
    ("iniconfig", "2.1.0"),
    ("itsdangerous", "2.2.0"),
    ("jinja2", "3.1.6"),
    ("markupsafe", "3.0.4"),
    ("packaging", "26.4"),
    ("pluggy", "1.7.0"),
    ("pygments", "2.21.0"),
    ("pysocks", "1.7.1"),
    ("pytest", "9.2.0"),
    ("pywin32-ctypes", "0.2.3"),
    ("requests", "2.34.2"),
    ("urllib3", "2.8.0"),
    ("werkzeug", "3.1.9"),
];

/// The one file that is taken from a URL.
pub(crate) const URL: &str = "https://files.pythonhosted.org/packages/2c/e1/e6716421ea10d38022b952c159d5161ca1193197fb744506875fbb87ea7b/iniconfig-2.1.0-py3-none-any.whl";

/// The projects with their versions, but for those of Windows alone, which some tools leave out or add.
pub(crate) fn pins(manifest: &Manifest) -> BTreeMap<String, String> {
    let pin = |requirement: &Requirement| {
        let name = requirement.name.as_ref()?;
        let version = requirement
            .version
            .clone()
            .or_else(|| in_filename(requirement))?;
        let name = name.to_string();
        (!is_of_windows(&name)).then(|| (name, version.to_string()))
    };
    manifest.requirements.iter().filter_map(pin).collect()
}

/// pip writes no version beside a URL.
fn in_filename(requirement: &Requirement) -> Option<Version> {
    let Origin::Url { filename, .. } = &requirement.origin else {
        return None;
    };
    let parsed = filename::parse(filename, requirement.name.as_ref()?)?;
    Some(parsed.version)
}

pub(crate) fn is_of_windows(name: &str) -> bool {
    matches!(name, "colorama" | "pywin32-ctypes")
}

/// Everything in [`PINS`], but for what some tools leave out.
pub(crate) fn expected() -> BTreeMap<String, String> {
    let pins = PINS.into_iter().filter(|(name, _)| !is_of_windows(name));
    pins.map(|(name, version)| (name.to_owned(), version.to_owned()))
        .collect()
}

pub(crate) fn find<'a>(manifest: &'a Manifest, name: &str) -> &'a Requirement {
    let name: ProjectName = name.parse().unwrap();
    let mut all = manifest.requirements.iter();
    all.find(|requirement| requirement.name.as_ref() == Some(&name))
        .unwrap()
}

/// Who needs a project.
pub(crate) fn reasons(manifest: &Manifest, name: &str) -> BTreeSet<String> {
    find(manifest, name)
        .via
        .iter()
        .map(ToString::to_string)
        .collect()
}

pub(crate) fn needs(requirement: &Requirement) -> Option<Vec<String>> {
    let needs = requirement.needs.as_ref()?;
    Some(needs.iter().map(ToString::to_string).collect())
}

/// What is true of every lock of the application.
pub(crate) fn assert_sound(text: &str, manifest: &Manifest) {
    assert_read(text, manifest, &[]);
}

/// The same, where some entries have no hash.
pub(crate) fn assert_read(text: &str, manifest: &Manifest, unhashed: &[&str]) {
    assert_eq!(unclear(text, manifest), []);
    assert_eq!(coverage::uncovered(manifest, text), []);
    assert_eq!(pins(manifest), expected());
    for requirement in &manifest.requirements {
        let slice = |span: pinproof_core::Span| text.get(span.start..span.end).unwrap();
        let name = requirement.name.as_ref().unwrap();
        let is_hashed = !unhashed.contains(&name.as_str());
        assert_eq!(requirement.has_strong_hash(), is_hashed, "{name}");
        assert_eq!(slice(requirement.name_span).parse().as_ref(), Ok(name));
        assert!(slice(requirement.span).contains(slice(requirement.name_span)));
        for written in &requirement.hashes {
            assert!(slice(written.span).contains(written.hash.digest()));
        }
    }
    let url = match &find(manifest, "iniconfig").origin {
        Origin::Url { shown, .. } => shown.as_str(),
        _ => "",
    };
    assert_eq!(url, URL);
}

/// The places that are not understood: the text there, and why.
pub(crate) fn unclear(text: &str, manifest: &Manifest) -> Vec<(String, String)> {
    let entries = manifest.not_understood.iter();
    entries
        .map(|entry| {
            (
                text[entry.span.start..entry.span.end].to_owned(),
                entry.why.to_string(),
            )
        })
        .collect()
}
