//! What answers have in common: conditions, headers, and small contents.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

/// What is kept beside a file, or that the client has it; `how` is its type and how long it may be kept.
pub(super) fn of_content(
    content: Vec<u8>,
    etag: &str,
    how: (&'static str, &'static str),
    headers: &HeaderMap,
) -> Response {
    let mut answer = if is_unchanged(headers, etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        content.into_response()
    };
    let set = answer.headers_mut();
    let fixed = [
        (header::CONTENT_TYPE, how.0),
        (header::CACHE_CONTROL, how.1),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in fixed {
        set.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(etag) = HeaderValue::from_str(etag) {
        set.insert(header::ETAG, etag);
    }
    answer
}

/// A header that is text.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Whether the client takes gzip: it says so by name, and does not take it back (RFC 9110 §12.5.3).
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = text(headers, &header::ACCEPT_ENCODING).unwrap_or_default();
    accepted.split(',').any(|coding| {
        let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
        let quality = parameters.trim().strip_prefix("q=").unwrap_or("1");
        let is_none = quality
            .trim()
            .parse::<f32>()
            .is_ok_and(|quality| quality <= 0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !is_none
    })
}

/// Whether the client has what it asks for (`If-None-Match`, RFC 9110 §13.1.2).
pub(super) fn is_unchanged(headers: &HeaderMap, etag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter();
    let mut tags = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/"));
    tags.any(|tag| tag == etag || tag == "*")
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::{is_unchanged, takes_gzip};

    fn headers(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn gzip_is_sent_to_whoever_takes_it() {
        let takes = |value| takes_gzip(&headers(header::ACCEPT_ENCODING, value));
        assert!(takes("gzip, deflate") && takes("br, GZIP;q=0.5") && takes("gzip; q=1"));
        assert!(!takes("identity") && !takes("gzip;q=0") && !takes("gzip;q=0.000, br"));
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn a_validator_may_be_one_of_many() {
        let has = |value| is_unchanged(&headers(header::IF_NONE_MATCH, value), "\"a\"");
        assert!(has("\"a\"") && has("\"b\", W/\"a\"") && has("*"));
        assert!(!has("\"b\"") && !has("a"));
    }
}
