//! What holds for every request and every answer: no other host, no bodies, no endless addresses, and nothing a browser would run.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use pinproof_core::Printable;

use super::hosts::Hosts;
use super::refusal::Refusal;

/// The longest address: that of a file has a hash and a name, and names are shorter than 256 bytes.
const MOST_ADDRESS: usize = 2_048;

/// What a browser may do with any answer that does not say more: nothing.
const HEADERS: [(header::HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
    ),
];

/// Refuses what no client of an index sends, and adds the headers.
pub(super) async fn guard(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let mut answer = match refused(&request, hosts) {
        Some(refusal) => {
            let mut answer = refusal.into_response();
            // What follows on the connection may be anything.
            let close = HeaderValue::from_static("close");
            answer.headers_mut().insert(header::CONNECTION, close);
            answer
        }
        None => next.run(request).await,
    };
    let headers = answer.headers_mut();
    for (name, value) in HEADERS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    answer
}

fn refused(request: &Request, hosts: Hosts) -> Option<Refusal> {
    if let Some(name) = hosts.stranger(request.headers()) {
        let name = Printable::new(name).shortened(100);
        return Some(Refusal::new(
            StatusCode::MISDIRECTED_REQUEST,
            "Another host",
            format!(
                "pinproof: this gateway is for this machine, and is not `{name}`; `--url` names the address that clients see"
            ),
        ));
    }
    if has_body(request.headers()) {
        return Some(Refusal::new(
            StatusCode::BAD_REQUEST,
            "A body",
            "pinproof: nothing is sent to this index; a request has no body here",
        ));
    }
    let address = request.uri().path_and_query();
    if address.is_some_and(|address| address.as_str().len() > MOST_ADDRESS) {
        return Some(Refusal::new(
            StatusCode::URI_TOO_LONG,
            "A long address",
            format!("pinproof: no address here is longer than {MOST_ADDRESS} bytes"),
        ));
    }
    None
}

/// Where two readers could disagree about the end of a body, one of them may see a request in it.
fn has_body(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH);
    headers.contains_key(header::TRANSFER_ENCODING)
        || length.is_some_and(|length| length.as_bytes() != b"0")
}
