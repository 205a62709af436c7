//! The HTML form (PEP 503, 592, 629, 658, 714, 740, 792).

use std::fmt::Write as _;

use super::super::html::Html;
use super::super::model::Model;
use super::super::{Gateway, addresses, evidence, provenance};
use super::json::{api_version, marker, metadata_hash, yanked};

/// Writes the page.
pub(crate) fn write(model: &Model, gateway: &Gateway) -> String {
    let facts = &model.page.facts;
    let mut html = Html::default();
    html.markup("<!DOCTYPE html>\n<html>\n<head>\n<meta name=\"pypi:repository-version\"")
        .attribute("content", api_version(model))
        .markup(">\n");
    if let Some(status) = &facts.status {
        html.markup("<meta name=\"pypi:project-status\"")
            .attribute("content", marker(&status.marker))
            .markup(">\n");
        if let Some(reason) = &status.reason {
            html.markup("<meta name=\"pypi:project-status-reason\"")
                .attribute("content", reason)
                .markup(">\n");
        }
    }
    html.markup("<title>Links for ")
        .text(facts.project.as_str());
    html.markup("</title>\n</head>\n<body>\n<h1>Links for ");
    html.text(facts.project.as_str()).markup("</h1>\n");
    if let Some(stale) = &model.stale {
        let of = format!("This is the page of {:.0}: ", facts.fetched_at);
        html.markup("<p><strong>").text(&of).text(stale.as_str());
        html.markup("</strong></p>\n");
    }
    for file in &model.page.files {
        let sha256 = evidence::sha256(&file.facts);
        let mut address = addresses::file(sha256, &file.facts.filename);
        if let Some(sha256) = sha256 {
            // Writing to a string does not fail.
            let _ = write!(address, "#sha256={sha256}");
        }
        html.markup("<a").attribute("href", &address);
        if let Some(python) = &file.facts.requires_python {
            html.attribute("data-requires-python", python);
        }
        if let Some(reason) = yanked(file, gateway) {
            html.attribute("data-yanked", &reason);
        }
        if let Some(hash) = metadata_hash(file) {
            let hash = format!("sha256={hash}");
            html.attribute("data-core-metadata", &hash);
            html.attribute("data-dist-info-metadata", &hash);
        }
        if let Some(address) = provenance::offered(file, &gateway.0.options.public) {
            html.attribute("data-provenance", &address);
        }
        html.markup(">")
            .text(&file.facts.filename)
            .markup("</a><br>\n");
    }
    html.markup("</body>\n</html>\n");
    html.into_string()
}
