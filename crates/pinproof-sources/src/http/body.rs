//! An answer whose body is read piece by piece, by whoever asked.

use pinproof_core::Printable;
use reqwest::header;
use tokio::time;

use super::gate::Pass;
use super::{FetchError, Http, Request, text};

/// The head of an answer, and its body as it comes.
pub(crate) struct Body {
    /// The status: 200 or another 2xx.
    pub(crate) status: u16,
    /// The `Content-Range`.
    pub(crate) content_range: Option<String>,
    /// The `Content-Encoding`, if it is one: the bytes are those of the transfer.
    pub(crate) encoding: Option<Printable>,
    /// How many bytes are to come, if the answer says so.
    pub(crate) length: Option<u64>,
    http: Http,
    response: reqwest::Response,
    /// The place among the requests to the host is taken until the body is read.
    _pass: Pass,
}

impl Http {
    /// Sends `request` once, follows its redirects, and leaves the body to be read. Each pause in it is
    /// bounded; how long and how much in all is for the caller to bound.
    pub(crate) async fn open(&self, request: &Request<'_>) -> Result<Body, FetchError> {
        let limits = self.limits();
        let gate = self.shared.gates.of(request.url, limits);
        let pass = self.shared.gates.pass(&gate).await?;
        let answer = time::timeout(limits.request_timeout, self.respond(request))
            .await
            .unwrap_or(Err(FetchError::TimedOut(limits.request_timeout)));
        gate.record(answer.as_ref().map(|_| ()), limits);
        let response = answer?;
        let headers = response.headers();
        let encoding = text(headers, &header::CONTENT_ENCODING);
        let encoding = encoding.filter(|encoding| !encoding.eq_ignore_ascii_case("identity"));
        Ok(Body {
            status: response.status().as_u16(),
            content_range: text(headers, &header::CONTENT_RANGE).map(str::to_owned),
            encoding: encoding.map(|encoding| Printable::new(encoding).shortened(40)),
            length: response.content_length(),
            http: self.clone(),
            response,
            _pass: pass,
        })
    }
}

impl Body {
    /// The next piece; `None` at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>, FetchError> {
        let chunk = self.response.chunk().await;
        chunk.map_err(|error| self.http.classify(error))
    }
}
