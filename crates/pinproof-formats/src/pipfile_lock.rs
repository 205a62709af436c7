//! `Pipfile.lock`: the lock of Pipenv, in JSON (`pipfile-spec` 6, the only one there ever was).
//!
//! It has no edges: who needs whom is in the metadata of the releases only.

use std::collections::BTreeMap;

use pinproof_core::index::{Address, IndexLocation, LocationKind};
use pinproof_core::manifest::{
    ContentDigest, Header, InstallOption, InstallOptionKind, LockTool, MadeFrom, NotUnderstood,
    Origin, Requirement, Scope, WrittenHash,
};
use pinproof_core::{Hash, Manifest, Printable, Span, Specifiers, Version};
use serde::Deserialize;

pub use crate::json_text::JsonError;
use crate::json_text::{Document, Raw, Text};
use crate::lock::{MAX_ENTRIES, entry};
use crate::{MAX_TEXT, address, coverage};

/// Sources are a handful.
const MAX_SOURCES: usize = 1_000;
/// Files of one release.
const MAX_HASHES: usize = 100_000;

/// The section of what the project itself needs.
const DEFAULT: &str = "default";

#[derive(Deserialize)]
struct Meta<'t> {
    #[serde(borrow, rename = "pipfile-spec")]
    spec: Option<Raw<'t>>,
    #[serde(borrow)]
    hash: Option<Raw<'t>>,
    #[serde(borrow)]
    requires: Option<Raw<'t>>,
    #[serde(borrow)]
    sources: Option<Raw<'t>>,
}

#[derive(Deserialize)]
struct PipfileHash<'t> {
    #[serde(borrow)]
    sha256: Option<Raw<'t>>,
}

#[derive(Deserialize)]
struct Requires {
    python_version: Option<String>,
    python_full_version: Option<String>,
}

#[derive(Deserialize)]
struct Source<'t> {
    #[serde(borrow)]
    name: Option<Raw<'t>>,
    #[serde(borrow)]
    url: Option<Raw<'t>>,
    verify_ssl: Option<bool>,
}

#[derive(Deserialize)]
struct Package<'t> {
    #[serde(borrow)]
    version: Option<Raw<'t>>,
    #[serde(borrow)]
    hashes: Option<Raw<'t>>,
    #[serde(borrow)]
    markers: Option<Raw<'t>>,
    #[serde(borrow)]
    extras: Option<Raw<'t>>,
    #[serde(borrow)]
    index: Option<Raw<'t>>,
    editable: Option<bool>,
    #[serde(borrow)]
    path: Option<Raw<'t>>,
    #[serde(borrow)]
    file: Option<Raw<'t>>,
    #[serde(borrow)]
    git: Option<Raw<'t>>,
    #[serde(borrow)]
    hg: Option<Raw<'t>>,
    #[serde(borrow)]
    svn: Option<Raw<'t>>,
    #[serde(borrow)]
    bzr: Option<Raw<'t>>,
    #[serde(borrow, rename = "ref")]
    reference: Option<Raw<'t>>,
}

/// Reads a `Pipfile.lock`; an error is a text that is no JSON, or whose sections are none.
pub fn parse(text: &str) -> Result<Manifest, JsonError> {
    let document = Document::parse(text)?;
    let mut reader = Reader {
        document,
        manifest: Manifest::default(),
        sources: Vec::new(),
        entries: 0,
    };
    let sections = document.entries(document.root(), MAX_SOURCES)?;
    let meta = sections.iter().find(|(name, _)| name.value == "_meta");
    if reader.read_meta(meta.map(|(_, raw)| *raw))? {
        for (name, raw) in sections.iter().filter(|(name, _)| name.value != "_meta") {
            reader.read_section(name, raw)?;
        }
    }
    let mut manifest = reader.manifest;
    merge(&mut manifest.requirements, &mut manifest.trivia);
    let uncovered = coverage::uncovered(&manifest, text);
    manifest.trivia.extend(uncovered);
    Ok(manifest)
}

struct Reader<'t> {
    document: Document<'t>,
    manifest: Manifest,
    /// The sources by their names, in order.
    sources: Vec<(String, Address)>,
    entries: usize,
}

impl<'t> Reader<'t> {
    /// Reads the head; false if the format is not known.
    fn read_meta(&mut self, raw: Option<Raw<'t>>) -> Result<bool, JsonError> {
        let meta: Option<Meta<'t>> = raw.map(|raw| self.document.object(raw)).transpose()?;
        let spec = meta.as_ref().and_then(|meta| meta.spec);
        if spec.is_none_or(|spec| spec.get() != "6") {
            let place = spec.map_or(Span::new(0, 0), |spec| self.document.span(spec));
            self.refuse(
                place,
                "this version of `Pipfile.lock` is not known here, so nothing of it is read",
            );
            return Ok(false);
        }
        let mut header = Header {
            tool: Some(LockTool::Pipenv),
            inputs: vec!["Pipfile".to_owned()],
            ..Header::default()
        };
        if let Some(raw) = meta.as_ref().and_then(|meta| meta.requires) {
            let requires: Requires = self.document.object(raw)?;
            let python = requires.python_full_version.or(requires.python_version);
            header.python = python.and_then(|python| python.parse().ok());
        }
        self.manifest.header = Some(header);
        if let Some(raw) = meta.as_ref().and_then(|meta| meta.hash) {
            let hash: PipfileHash<'t> = self.document.object(raw)?;
            let digest = self.document.optional(hash.sha256)?;
            self.manifest.made_from = digest.map(|text| {
                MadeFrom::Digest(ContentDigest {
                    digits: text.value,
                    written_by: None,
                    span: text.span,
                })
            });
        }
        if let Some(raw) = meta.and_then(|meta| meta.sources) {
            for raw in self.document.list(raw, MAX_SOURCES)? {
                self.read_source(raw)?;
            }
        }
        Ok(true)
    }

    /// An index; the first one answers for every name that is not bound to another.
    fn read_source(&mut self, raw: Raw<'t>) -> Result<(), JsonError> {
        let source: Source<'t> = self.document.object(raw)?;
        let Some(url) = self.optional(source.url)? else {
            self.refuse(
                self.document.span(raw),
                "a source has a `url`, and this one has none",
            );
            return Ok(());
        };
        let name = self.optional(source.name)?;
        let address = Address::parse(&url.value);
        if let (Some(false), Address::Url(index)) = (source.verify_ssl, &address) {
            self.manifest.options.push(InstallOption {
                kind: InstallOptionKind::TrustedHost(index.host().to_string()),
                span: self.document.span(raw),
            });
        }
        let is_first = self.sources.is_empty();
        self.manifest.locations.push(IndexLocation {
            kind: if is_first {
                LocationKind::Default
            } else {
                LocationKind::Extra
            },
            address: address.clone(),
            name: name.as_ref().map(|name| name.value.clone()),
            explicit: !is_first,
            span: Some(url.span),
        });
        self.sources
            .push((name.map_or_else(String::new, |name| name.value), address));
        Ok(())
    }

    fn read_section(&mut self, name: &Text, raw: Raw<'t>) -> Result<(), JsonError> {
        let scope = if name.value == DEFAULT {
            Scope::Main
        } else {
            match name.value.parse() {
                Ok(group) => Scope::Group(group),
                Err(_) => Scope::Main,
            }
        };
        for (key, raw) in self.document.entries(raw, MAX_ENTRIES)? {
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                let why = format!("more than {MAX_ENTRIES} entries are not read");
                self.refuse(key.span, &why);
                return Ok(());
            }
            match self.read_package(&key, raw) {
                Ok(mut requirement) => {
                    requirement.scope = scope.clone();
                    self.manifest.requirements.push(requirement);
                }
                Err(error) => self.refuse(error.span, error.message.as_str()),
            }
        }
        Ok(())
    }

    fn read_package(&mut self, key: &Text, raw: Raw<'t>) -> Result<Requirement, JsonError> {
        let document = self.document;
        let whole = key.span.cover(document.span(raw));
        let mut requirement = entry::named(parsed(key)?, key.span, whole);
        let package: Package<'t> = document.object(raw)?;
        if let Some(markers) = self.optional(package.markers)? {
            requirement.marker = Some(parsed(&markers)?);
        }
        if let Some(raw) = package.extras {
            for raw in document.list(raw, MAX_SOURCES)? {
                requirement.extras.push(parsed(&document.string(raw)?)?);
            }
        }
        if let Some(raw) = package.hashes {
            for raw in document.list(raw, MAX_HASHES)? {
                let text = document.string(raw)?;
                let hash: Hash = parsed(&text)?;
                requirement.hashes.push(WrittenHash {
                    hash,
                    span: text.span,
                });
            }
        }
        requirement.editable = package.editable.unwrap_or(false);
        if let Some((origin, place)) = self.origin(&package)? {
            requirement.origin = origin;
            requirement.origin_span = place;
            return Ok(requirement);
        }
        self.pin(&package, raw, &mut requirement)?;
        Ok(requirement)
    }

    /// A release of an index: `"version": "==1.0"`, or no version at all.
    fn pin(
        &self,
        package: &Package<'t>,
        raw: Raw<'t>,
        requirement: &mut Requirement,
    ) -> Result<(), JsonError> {
        let document = self.document;
        let Some(version) = self.optional(package.version)? else {
            return Err(document.expected(raw, "an entry with a `version` or a source"));
        };
        let written = version.value.trim_start_matches('=').trim();
        match written.parse::<Version>() {
            Ok(pinned) if version.value.starts_with("==") => {
                entry::pin(requirement, pinned, version.span);
            }
            _ if version.value == "*" => {}
            _ => requirement.origin = Origin::Index(parsed::<Specifiers>(&version)?),
        }
        requirement.origin_span = version.span;
        let index = self.optional(package.index)?;
        let source = match &index {
            None => self.sources.first(),
            Some(index) => {
                let mut sources = self.sources.iter();
                let found = sources.find(|(name, _)| *name == index.value);
                if found.is_none() {
                    return Err(JsonError {
                        message: Printable::new("no source has this name"),
                        span: index.span,
                    });
                }
                found
            }
        };
        if let Some((_, Address::Url(url))) = source {
            requirement.index = Some(url.clone());
        }
        Ok(())
    }

    /// Where an entry is from, if it is not from an index.
    fn origin(&self, package: &Package<'t>) -> Result<Option<(Origin, Span)>, JsonError> {
        let repositories = [
            ("git", package.git),
            ("hg", package.hg),
            ("svn", package.svn),
            ("bzr", package.bzr),
        ];
        for (kind, raw) in repositories {
            if let Some(text) = self.optional(raw)? {
                let commit = self.optional(package.reference)?;
                let address = format!("{kind}+{}", text.value);
                let commit = commit.map(|commit| commit.value);
                return Ok(Some((entry::repository(&address, commit), text.span)));
            }
        }
        if let Some(text) = self.optional(package.file)? {
            let is_address = address::kind(&text.value).is_some();
            let origin = if is_address {
                entry::file(&text.value)
            } else {
                Origin::Path(text.value)
            };
            return Ok(Some((origin, text.span)));
        }
        let path = self.optional(package.path)?;
        Ok(path.map(|text| (Origin::Path(text.value), text.span)))
    }

    /// A string that is short enough to be shown, if the value is there.
    fn optional(&self, raw: Option<Raw<'t>>) -> Result<Option<Text>, JsonError> {
        let text = self.document.optional(raw)?;
        text.as_ref().map(short).transpose()?;
        Ok(text)
    }

    fn refuse(&mut self, span: Span, why: &str) {
        self.manifest.not_understood.push(NotUnderstood {
            span,
            why: Printable::new(why).shortened(300),
            help: None,
        });
    }
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(text: &Text) -> Result<T, JsonError> {
    let parsed = short(text)?.value.parse();
    parsed.map_err(|error: T::Err| JsonError {
        message: Printable::from(error.to_string()),
        span: text.span,
    })
}

/// The text, if it is short enough to be shown.
fn short(text: &Text) -> Result<&Text, JsonError> {
    if text.value.len() <= MAX_TEXT {
        return Ok(text);
    }
    Err(JsonError {
        message: Printable::new("a text of more than 64 KiB is not read"),
        span: text.span,
    })
}

/// An entry of two sections is one requirement, and belongs to the project itself.
fn merge(requirements: &mut Vec<Requirement>, trivia: &mut Vec<Span>) {
    let mut first: BTreeMap<_, usize> = BTreeMap::new();
    let mut kept: Vec<Requirement> = Vec::with_capacity(requirements.len());
    for requirement in requirements.drain(..) {
        let known = first
            .get(&requirement.name)
            .and_then(|at| kept.get_mut(*at));
        match known {
            Some(known) if is_same(known, &requirement) => {
                known.scope = Scope::Main;
                trivia.push(requirement.span);
            }
            _ => {
                first.entry(requirement.name.clone()).or_insert(kept.len());
                kept.push(requirement);
            }
        }
    }
    *requirements = kept;
}

fn is_same(a: &Requirement, b: &Requirement) -> bool {
    let hashes = |one: &Requirement| -> Vec<Hash> {
        one.hashes
            .iter()
            .map(|written| written.hash.clone())
            .collect()
    };
    (&a.version, &a.marker, &a.extras, &a.index) == (&b.version, &b.marker, &b.extras, &b.index)
        && (&a.origin, a.editable) == (&b.origin, b.editable)
        && hashes(a) == hashes(b)
}
