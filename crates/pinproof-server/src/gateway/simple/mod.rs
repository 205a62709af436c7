//! `/simple/`: the index pages, in the form that the client prefers.

pub(super) mod json;
pub(super) mod web;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use pinproof_core::ProjectName;

use super::Gateway;
use super::answer::{is_unchanged, takes_gzip, text};
use super::canary::Canary;
use super::html::Html;
use super::model::Model;
use super::negotiate::Form;
use super::refusal::Refusal;

/// The page of a project.
pub(super) async fn page(
    State(gateway): State<Gateway>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let project: ProjectName = name.parse().map_err(|_| Refusal::no_name(&name))?;
    if project.as_str() != name {
        return Ok(moved(&format!("../{project}/")));
    }
    if let Some(canary) = Canary::named(&project) {
        return Ok(canary.page(&gateway, &headers));
    }
    let model = gateway.page(&project).await;
    let model = model.map_err(|no_page| Refusal::of_page(no_page, &project, &gateway))?;
    let form = Form::wanted(text(&headers, &header::ACCEPT));
    let written = match form {
        Form::Json => model.json(&gateway),
        Form::Html | Form::TextHtml => model.html(&gateway),
    };
    let (coded, is_gzip) = written.coded(takes_gzip(&headers));
    let mut answer = if is_unchanged(&headers, &coded.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        coded.bytes.clone().into_response()
    };
    let set = answer.headers_mut();
    let media_type = HeaderValue::from_static(form.media_type());
    set.insert(header::CONTENT_TYPE, media_type);
    let vary = HeaderValue::from_static("Accept, Accept-Encoding");
    set.insert(header::VARY, vary);
    set.insert(header::CACHE_CONTROL, max_age(&model, gateway.now()));
    let nosniff = HeaderValue::from_static("nosniff");
    set.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    if is_gzip {
        let gzip = HeaderValue::from_static("gzip");
        set.insert(header::CONTENT_ENCODING, gzip);
    }
    if let Ok(etag) = HeaderValue::from_str(&coded.etag) {
        set.insert(header::ETAG, etag);
    }
    Ok(answer)
}

/// Not beyond the moment at which a verdict may change.
fn max_age(model: &Model, now: Timestamp) -> HeaderValue {
    let fresh = if model.stale.is_some() {
        jiff::SignedDuration::ZERO
    } else {
        model.asked().left(now)
    };
    let change = model
        .page
        .next_change_at
        .map(|change| change.duration_since(now));
    let seconds = change
        .map_or(fresh, |change| change.min(fresh))
        .as_secs()
        .max(0);
    let value = HeaderValue::from_str(&format!("max-age={seconds}"));
    value.unwrap_or(HeaderValue::from_static("no-cache"))
}

/// The same page under its own address. It stays within the index: credentials are not sent elsewhere.
pub(super) async fn without_slash(uri: Uri) -> Response {
    let last = uri.path().rsplit('/').next().unwrap_or_default();
    match last.parse::<ProjectName>() {
        Ok(project) => moved(&format!("{project}/")),
        Err(_) => Refusal::no_name(last).into_response(),
    }
}

/// The root under its own address.
pub(super) async fn root_without_slash() -> Response {
    moved("simple/")
}

fn moved(location: &str) -> Response {
    match HeaderValue::from_str(location) {
        Ok(location) => (
            StatusCode::MOVED_PERMANENTLY,
            [(header::LOCATION, location)],
        )
            .into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The names that one index alone answers; every other name is asked for by itself.
pub(super) async fn root(State(gateway): State<Gateway>, headers: HeaderMap) -> Response {
    let reserved = gateway.gate().reserved();
    let names = reserved.iter().flat_map(|(_, names)| names);
    let mut names: Vec<ProjectName> = names.filter_map(|name| name.parse().ok()).collect();
    names.sort();
    let form = Form::wanted(text(&headers, &header::ACCEPT));
    let body = match form {
        Form::Json => json::root(&names),
        Form::Html | Form::TextHtml => {
            let mut html = Html::default();
            html.markup("<!DOCTYPE html>\n<html><head><meta name=\"pypi:repository-version\" content=\"1.1\"><title>Simple index</title></head><body>\n");
            for name in &names {
                html.markup("<a").attribute("href", &format!("{name}/"));
                html.markup(">").text(name.as_str()).markup("</a><br>\n");
            }
            html.markup("</body></html>\n");
            html.into_string()
        }
    };
    let headers = [
        (header::CONTENT_TYPE, form.media_type()),
        (header::VARY, "Accept"),
    ];
    (headers, body).into_response()
}
