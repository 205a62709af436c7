//! The JSON form of a page (PEP 691, 700, 714, 740, 792).

use std::borrow::Cow;
use std::collections::BTreeMap;

use pinproof_core::{Printable, ProjectName};
use serde::Deserialize;
use serde_json::value::RawValue;
use url::Url;

use super::page::{Entry, Page, PageBuilder};
use super::{PageError, has_project_status};

/// The top level; a value of another type here makes the whole page unusable.
#[derive(Deserialize)]
struct RawPage<'a> {
    #[serde(default)]
    meta: RawMeta,
    name: Option<String>,
    #[serde(borrow)]
    files: Vec<&'a RawValue>,
    #[serde(rename = "project-status")]
    status: Option<RawStatus>,
}

#[derive(Default, Deserialize)]
struct RawMeta {
    #[serde(rename = "api-version")]
    api_version: Option<String>,
    /// What is no number is no serial number.
    #[serde(rename = "_last-serial", default)]
    last_serial: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct RawStatus {
    status: Option<String>,
    reason: Option<String>,
}

/// One entry of `files`; it is read apart, so that a bad one costs only itself.
#[derive(Deserialize)]
struct RawFile<'a> {
    #[serde(borrow)]
    filename: Text<'a>,
    #[serde(borrow)]
    url: Text<'a>,
    #[serde(borrow)]
    hashes: RawHashes<'a>,
    size: Option<u64>,
    #[serde(borrow, rename = "upload-time")]
    upload_time: Option<Text<'a>>,
    #[serde(borrow)]
    yanked: Option<Flag<Text<'a>>>,
    #[serde(borrow, rename = "requires-python")]
    requires_python: Option<Text<'a>>,
    #[serde(borrow, rename = "core-metadata")]
    core_metadata: Option<Flag<RawHashes<'a>>>,
    /// The name before PEP 714.
    #[serde(borrow, rename = "dist-info-metadata")]
    dist_info_metadata: Option<Flag<RawHashes<'a>>>,
    /// What `PyPI` sends besides, for clients from before PEP 714.
    #[serde(borrow, rename = "data-dist-info-metadata")]
    data_dist_info_metadata: Option<Flag<RawHashes<'a>>>,
    #[serde(borrow)]
    provenance: Option<Text<'a>>,
}

type RawHashes<'a> = BTreeMap<Text<'a>, Text<'a>>;

/// A string that stays where it is in the page, if it has no escapes.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// A yes or no in the place of a value.
#[derive(Deserialize)]
#[serde(untagged)]
enum Flag<T> {
    Bool(bool),
    Value(T),
}

/// Reads a page in time linear in its bytes.
pub(super) fn parse(body: &[u8], url: &Url, project: &ProjectName) -> Result<Page, PageError> {
    let raw: RawPage<'_> = serde_json::from_slice(body)
        .map_err(|error| PageError::Json(Printable::from(error.to_string()).shortened(160)))?;
    if let Some(name) = &raw.name
        && !name.parse().is_ok_and(|name: ProjectName| name == *project)
    {
        return Err(PageError::OtherProject(Printable::new(name).shortened(100)));
    }
    let mut page = PageBuilder::new(url, project);
    page.set_serial(raw.meta.last_serial.and_then(|serial| serial.as_u64()));
    if has_project_status(raw.meta.api_version.as_deref().unwrap_or("1.0"))? {
        page.publishes_status();
    }
    if let Some(status) = &raw.status {
        let marker = status.status.as_deref().unwrap_or("active");
        page.set_status(marker, status.reason.as_deref());
    }
    for file in raw.files {
        if page.is_full() {
            break;
        }
        match serde_json::from_str::<RawFile<'_>>(file.get()) {
            Ok(file) => page.add(&file.entry()),
            Err(_) => page.not_understood(),
        }
    }
    page.finish()
}

impl RawFile<'_> {
    fn entry(&self) -> Entry<'_> {
        let metadata = [
            &self.core_metadata,
            &self.dist_info_metadata,
            &self.data_dist_info_metadata,
        ];
        Entry {
            url: self.url.as_str(),
            filename: Some(self.filename.as_str()),
            hashes: pairs(&self.hashes),
            size: self.size,
            upload_time: self.upload_time.as_ref().map(Text::as_str),
            yanked: match &self.yanked {
                None | Some(Flag::Bool(false)) => None,
                Some(Flag::Bool(true)) => Some(""),
                Some(Flag::Value(reason)) => Some(reason.as_str()),
            },
            requires_python: self.requires_python.as_ref().map(Text::as_str),
            core_metadata: match metadata.into_iter().flatten().next() {
                None | Some(Flag::Bool(false)) => None,
                Some(Flag::Bool(true)) => Some(Vec::new()),
                Some(Flag::Value(hashes)) => Some(pairs(hashes)),
            },
            provenance: self.provenance.as_ref().map(Text::as_str),
        }
    }
}

impl Text<'_> {
    fn as_str(&self) -> &str {
        &self.0
    }
}

fn pairs<'a>(hashes: &'a RawHashes<'_>) -> Vec<(&'a str, &'a str)> {
    hashes
        .iter()
        .map(|(name, digest)| (name.as_str(), digest.as_str()))
        .collect()
}
