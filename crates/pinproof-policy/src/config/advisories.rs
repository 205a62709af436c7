//! `[[advisories]]`: sources of advisories.

use jiff::SignedDuration;
use toml::de::DeTable;
use url::Url;

use super::reader::{At, Reader};
use super::{duration, is_index_name, keys, value, values};
use crate::advisory_source::{AdvisoryLocation, AdvisorySource, OSV};
use crate::policy::IndexPolicy;

/// Reads the tables; `indexes` are those that a source may speak of.
pub(super) fn read(top: &mut Reader<'_, '_>, indexes: &[IndexPolicy]) -> Vec<AdvisorySource> {
    let mut sources: Vec<AdvisorySource> = Vec::new();
    for table in top.tables("advisories") {
        let Some(source) = read_source(top, &table, indexes) else {
            continue;
        };
        if sources.iter().any(|other| other.name == source.name) {
            let message = format!("two sources of advisories are named `{}`", source.name);
            top.error(
                table.span,
                message,
                "each has a database of its own, by name",
            );
        }
        sources.push(source);
    }
    sources
}

fn read_source<'t>(
    top: &mut Reader<'t, '_>,
    table: &At<&'t DeTable<'t>>,
    indexes: &[IndexPolicy],
) -> Option<AdvisorySource> {
    let mut reader = top.nested(table.value, keys::ADVISORIES);
    let name = reader
        .text("name")
        .map(value)
        .filter(|name| is_index_name(name));
    let path = reader.text("path").map(value);
    let url = reader.parsed("url", address).map(value);
    let max_age = reader.parsed("max-age", duration).map(value);
    let for_indexes = reader.texts("indexes").unwrap_or_default();
    let enabled = reader.bool("enabled").unwrap_or(true);
    for index in &for_indexes {
        if !indexes.iter().any(|known| known.name == index.value) {
            reader.error(index.span, "there is no `[[index]]` of that name", "");
        }
    }
    let Some(name) = name else {
        reader.error(
            table.span,
            "an `[[advisories]]` needs a name of letters, digits, `-` and `_`",
            "add `name = \"…\"`",
        );
        return None;
    };
    let is_osv = name == OSV;
    if path.is_some() && url.is_some() || path.is_none() && url.is_none() && !is_osv {
        reader.error(
            table.span,
            "an `[[advisories]]` needs either `path` or `url`",
            "a path is relative to this file; an address has `all.zip` below it, as OSV's export",
        );
    }
    Some(AdvisorySource {
        max_age: max_age.or_else(|| default_max_age(is_osv)),
        name,
        indexes: values(for_indexes),
        enabled,
        location: path
            .map(AdvisoryLocation::Path)
            .or(url.map(AdvisoryLocation::Url)),
    })
}

fn default_max_age(is_osv: bool) -> Option<SignedDuration> {
    is_osv.then(|| AdvisorySource::osv().max_age).flatten()
}

fn address(text: &str) -> Result<Url, String> {
    let url: Url = text
        .parse()
        .map_err(|error: url::ParseError| error.to_string())?;
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_local => Ok(url),
        _ => Err(
            "advisories are fetched over https only: whoever is in between could leave some out"
                .to_owned(),
        ),
    }
}
