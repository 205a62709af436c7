//! One installed release: what its `.dist-info` or `.egg-info` says of it.

use std::path::{Path, PathBuf};

use pinproof_core::index::redact;
use pinproof_core::manifest::{Origin, Requirement, Scope, Via};
use pinproof_core::{Printable, ProjectName, SourceFile, Span, Version};
use pinproof_formats::direct_url;
use pinproof_sources::{Limits, pure};

use crate::inputs::{hex_sha256, read_at_most, shown_io_error, shown_path};

/// A larger `direct_url.json` is not read.
const MAX_DIRECT_URL: u64 = 1024 * 1024;

/// A record has a handful of files.
const MAX_ENTRIES: usize = 10_000;

/// A release, and the file that says so.
#[derive(Debug)]
pub(crate) struct Installed {
    pub(crate) requirement: Requirement,
    /// The headers of its metadata.
    pub(crate) source: SourceFile,
    /// `Requires-Dist`, as written.
    pub(crate) requires: Vec<String>,
}

impl Installed {
    /// What it is, if it is from an index.
    pub(crate) fn release(&self) -> Option<(ProjectName, Version)> {
        let requirement = &self.requirement;
        requirement.specifiers()?;
        requirement.name.clone().zip(requirement.version.clone())
    }
}

/// How a release is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A folder of the standard of today (PEP 376).
    DistInfo,
    /// A folder or a file of setuptools or distutils.
    EggInfo,
    /// A whole release as one folder or archive.
    Egg,
    /// A note that a release is used from its source folder.
    EggLink,
}

impl Kind {
    /// The kind of an entry of `site-packages`, by its name.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "dist-info" => Some(Self::DistInfo),
            "egg-info" => Some(Self::EggInfo),
            "egg" => Some(Self::Egg),
            "egg-link" => Some(Self::EggLink),
            _ => None,
        }
    }
}

/// What cannot be read, and why.
type Unread = (PathBuf, String);

/// Reads the release that an entry of `site-packages` records.
pub(crate) fn read(path: &Path, kind: Kind, base: &Path) -> Result<Installed, Unread> {
    let fail = |why: &str| (path.to_owned(), why.to_owned());
    let metadata = match kind {
        Kind::DistInfo => the_one(path, "METADATA")?,
        Kind::EggInfo if path.is_dir() => the_one(path, "PKG-INFO")?,
        Kind::EggInfo => path.to_owned(),
        Kind::Egg if path.is_dir() => the_one(&path.join("EGG-INFO"), "PKG-INFO")?,
        Kind::Egg => return Err(fail("an egg that is an archive is not read")),
        Kind::EggLink => {
            return Err(fail(
                "what it links to is installed from its source, and is not read",
            ));
        }
    };
    let at_metadata = |why: String| (metadata.clone(), why);
    let bytes = read_at_most(&metadata, Limits::default().metadata_bytes).map_err(at_metadata)?;
    let parsed = pure::core_metadata(&bytes).map_err(|error| at_metadata(error.to_string()))?;
    let name: ProjectName = parsed
        .name()
        .parse()
        .map_err(|error| at_metadata(format!("{error}")))?;
    let version: Version = parsed.version().parse().map_err(|_| {
        let shown = Printable::new(parsed.version()).shortened(100);
        at_metadata(format!("`{shown}` is no version by PEP 440"))
    })?;
    if kind == Kind::DistInfo {
        agree(path, &name, &version).map_err(|why| fail(&why))?;
    }
    let (origin, editable) = origin(path, &version)?;
    let source = source(&metadata, &bytes, base);
    let name_span = header(&source.text, "Name");
    let version_span = header(&source.text, "Version");
    let was_requested = path.join("REQUESTED").is_file();
    Ok(Installed {
        requirement: Requirement {
            name: Some(name),
            extras: Vec::new(),
            origin,
            version: Some(version),
            index: None,
            needs: None,
            marker: None,
            hashes: Vec::new(),
            editable,
            scope: Scope::Main,
            via: was_requested.then_some(Via::Request).into_iter().collect(),
            span: name_span.cover(version_span),
            name_span,
            origin_span: version_span,
        },
        source,
        requires: parsed.requires_dist,
    })
}

/// The one file of that name in a folder; where case does not count, two of them are one.
fn the_one(folder: &Path, name: &str) -> Result<PathBuf, Unread> {
    let fail = |why: String| (folder.to_owned(), why);
    let entries = folder
        .read_dir()
        .map_err(|error| fail(shown_io_error(&error)))?;
    let mut found = Vec::new();
    for entry in entries.take(MAX_ENTRIES) {
        let entry = entry.map_err(|error| fail(shown_io_error(&error)))?;
        if entry.file_name().eq_ignore_ascii_case(name) {
            found.push(entry.path());
        }
    }
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(fail(format!(
            "it has no {name}, so nobody can tell what is installed"
        ))),
        _ => Err(fail(format!("it has more than one {name}"))),
    }
}

/// Installers go by the name of the folder or by what stands in it: these must not differ.
fn agree(folder: &Path, name: &ProjectName, version: &Version) -> Result<(), String> {
    let stem = folder
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or("");
    let Some((folder_name, folder_version)) = stem.split_once('-') else {
        return Err("its name is not that of a project and a version".to_owned());
    };
    // pip renames the folder of a release that it could not remove.
    let folder_name = folder_name.trim_start_matches('~');
    let is_name = folder_name.parse().as_ref() == Ok(name);
    // `-` and `+` of a version may be written as `_`.
    let is_version = folder_version.parse().as_ref() == Ok(version)
        || folder_version.replace('_', "+").parse().as_ref() == Ok(version)
        || folder_version.replace('_', "-").parse().as_ref() == Ok(version);
    if is_name && is_version {
        Ok(())
    } else {
        Err(format!("its METADATA is that of `{name}` {version}"))
    }
}

/// Where a release was installed from: an index, unless something else is written down.
fn origin(folder: &Path, version: &Version) -> Result<(Origin, bool), Unread> {
    let path = folder.join("direct_url.json");
    if path.symlink_metadata().is_err() {
        let pinned = format!("=={version}").parse();
        let refused = |error| (folder.to_owned(), format!("{error}"));
        return pinned
            .map(|specifiers| (Origin::Index(specifiers), false))
            .map_err(|error: pinproof_core::specifier::SpecifierError| refused(error));
    }
    let bytes = read_at_most(&path, MAX_DIRECT_URL).map_err(|why| (path.clone(), why))?;
    let text =
        String::from_utf8(bytes).map_err(|_| (path.clone(), "it is not UTF-8".to_owned()))?;
    let direct = direct_url::parse(&text).map_err(|error| (path.clone(), error.to_string()))?;
    let origin = match direct.origin {
        // It may be shown, and may have credentials.
        Origin::Path(url) => Origin::Path(redact(&url).to_string()),
        origin => origin,
    };
    Ok((origin, direct.editable))
}

/// The metadata as a file that places point into: its headers, without the description.
fn source(path: &Path, bytes: &[u8], base: &Path) -> SourceFile {
    let text = String::from_utf8_lossy(bytes);
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_end_matches(['\r', '\n']).is_empty() {
            break;
        }
        end += line.len();
    }
    let headers = text.get(..end).unwrap_or("").to_owned();
    SourceFile::new(shown_path(path, base), hex_sha256(bytes), headers)
}

/// The place of a header's value.
fn header(text: &str, name: &str) -> Span {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some((key, value)) = line.split_once(':')
            && key.eq_ignore_ascii_case(name)
        {
            let leading = value.len() - value.trim_start().len();
            let at = start + key.len() + 1 + leading;
            return Span::new(at, at + value.trim().len());
        }
        start += line.len();
    }
    Span::default()
}
