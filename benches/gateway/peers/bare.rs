//! The least that a server with this library can do: every answer is ready, and nobody is asked anything.

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::ext::ReasonPhrase;

const ETAG: &str = "\"0123456789abcdef0123456789abcdef\"";
const REASON: &str = "pinproof: `flask` 3.1.2 would have to be built from a source distribution, which runs its code [build-required]; see http://127.0.0.1:8086/why/flask-3.1.2.tar.gz";

/// `/page`, with a validator, and `/refused`: with the headers and about the bytes that the gateway sends.
pub(crate) fn router(page: &str) -> Router {
    let page = Bytes::from(std::fs::read(page).expect("a page"));
    let problem = format!(
        r#"{{"contact":null,"detail":"{REASON}","help":["take a wheel","{}"],"instance":"http://127.0.0.1:8086/why/flask-3.1.2.tar.gz","rule":"build-required","status":403,"title":"Refused by the policy","type":"about:blank"}}"#,
        "x".repeat(150),
    );
    let problem = Bytes::from(problem);
    Router::new()
        .route(
            "/page",
            get(|headers: HeaderMap| async move { answer(&page, &headers) }),
        )
        .route("/refused", get(|| async move { refusal(&problem) }))
}

fn answer(page: &Bytes, headers: &HeaderMap) -> Response {
    let known = headers.get(header::IF_NONE_MATCH);
    let mut answer = if known.is_some_and(|known| known == ETAG) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        page.clone().into_response()
    };
    set(
        &mut answer,
        [
            (header::CONTENT_TYPE, "application/vnd.pypi.simple.v1+json"),
            (header::VARY, "Accept, Accept-Encoding"),
            (header::CACHE_CONTROL, "max-age=600"),
            (header::ETAG, ETAG),
        ],
    );
    answer
}

fn refusal(problem: &Bytes) -> Response {
    let mut answer = (StatusCode::FORBIDDEN, problem.clone()).into_response();
    set(
        &mut answer,
        [
            (header::CONTENT_TYPE, "application/problem+json"),
            (header::CACHE_CONTROL, "no-store"),
        ],
    );
    let reason = ReasonPhrase::from_static(REASON.as_bytes());
    answer.extensions_mut().insert(reason);
    answer
}

fn set<const N: usize>(answer: &mut Response, headers: [(HeaderName, &'static str); N]) {
    for (name, value) in headers {
        let value = HeaderValue::from_static(value);
        answer.headers_mut().insert(name, value);
    }
}
