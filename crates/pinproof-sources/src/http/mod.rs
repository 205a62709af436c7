//! A thin HTTP client: one request with its redirects, retries and limits, and nothing that surprises.
//!
//! TLS is rustls with the platform's certificates (`SSL_CERT_FILE` and `SSL_CERT_DIR` count on
//! Linux); proxies come from the usual variables. The client is built at the first request: loading
//! the certificates takes longer than a whole run from the cache.

mod body;
mod error;
mod gate;
mod reach;
mod redirect;
mod retry;
mod revision;
mod sink;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use pinproof_core::Printable;
use reqwest::header::{self, HeaderMap};
use serde::Deserialize;
use tokio::time::{self, Instant};
use url::Url;

pub(crate) use body::Body;
pub use error::{FetchError, StatusError};
pub(crate) use redirect::bare;
pub(crate) use retry::delay as retry_delay;
pub use revision::Revision;
pub(crate) use sink::{Sink, Spool};

use crate::Limits;
use error::{Timeouts, classify};
use gate::Gates;
use reach::Reach;
use redirect::Route;

/// Bytes of a problem document that are read.
const PROBLEM_BYTES: u64 = 16 * 1024;

/// The client; clones share connections and bounds.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    shared: Arc<Shared>,
    deadline: Option<Instant>,
}

#[derive(Debug)]
struct Shared {
    limits: Limits,
    gates: Gates,
    client: OnceLock<Result<reqwest::Client, FetchError>>,
    /// Takes a compressed transfer for the bytes that it has: what a hash is compared with.
    exact_client: OnceLock<Result<reqwest::Client, FetchError>>,
    reach: Reach,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    /// The address; credentials in it are not used.
    pub(crate) url: &'a Url,
    /// The address whose credentials go to its own origin.
    pub(crate) realm: Option<&'a Url>,
    /// The `Accept` header.
    pub(crate) accept: &'static str,
    /// The `Range` header.
    pub(crate) range: Option<String>,
    /// A JSON document to send, which makes it a POST; none of ours changes anything, so it is repeated
    /// like a GET.
    pub(crate) json: Option<&'a [u8]>,
    /// Whether the bytes must be those of the file itself, not of a compressed transfer.
    pub(crate) exact_bytes: bool,
    /// The revision that is known already: an answer that nothing else is there counts, with status 304.
    pub(crate) known: Option<&'a Revision>,
    /// What is asked for, as error messages call it.
    pub(crate) what: &'static str,
    /// The most bytes that its body may have, after decompression.
    pub(crate) max_bytes: u64,
}

/// An answer with a status of success.
#[derive(Debug)]
pub(crate) struct Fetched<S> {
    /// The address that answered, after redirects, without credentials.
    pub(crate) url: Url,
    /// The status: 200 or another 2xx, or 304 where a revision is known.
    pub(crate) status: u16,
    /// The `Content-Type`, in lower case and without parameters.
    pub(crate) content_type: Option<String>,
    /// The `Content-Range`.
    pub(crate) content_range: Option<String>,
    /// The `Last-Modified`.
    pub(crate) last_modified: Option<Timestamp>,
    /// What tells it from another state.
    pub(crate) revision: Revision,
    /// The body.
    pub(crate) body: S,
}

impl Http {
    pub(crate) fn new(limits: Limits) -> Self {
        let gates = Gates::new(&limits);
        Self {
            shared: Arc::new(Shared {
                limits,
                gates,
                client: OnceLock::new(),
                exact_client: OnceLock::new(),
                reach: Reach::default(),
            }),
            deadline: None,
        }
    }

    /// The same client, whose requests all end before the limit for one gathering is over.
    pub(crate) fn gather(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            deadline: Some(Instant::now() + self.limits().gather_timeout),
        }
    }

    /// Whether nobody was there when the host of `url` was asked last.
    pub(crate) fn is_out_of_reach(&self, url: &Url) -> bool {
        let gate = self.shared.gates.of(url, self.limits());
        gate.is_out_of_reach()
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    /// Sends `request`, follows its redirects, repeats it where that may help, and reads the body.
    pub(crate) async fn get<S: Sink>(
        &self,
        request: &Request<'_>,
    ) -> Result<Fetched<S>, FetchError> {
        let answer = self.get_through_gate(request);
        match self.deadline {
            None => answer.await,
            Some(deadline) => time::timeout_at(deadline, answer)
                .await
                .unwrap_or_else(|_| Err(FetchError::OutOfTime(self.limits().gather_timeout))),
        }
    }

    async fn get_through_gate<S: Sink>(
        &self,
        request: &Request<'_>,
    ) -> Result<Fetched<S>, FetchError> {
        let limits = self.limits();
        let gate = self.shared.gates.of(request.url, limits);
        let _pass = self.shared.gates.pass(&gate).await?;
        let answer = time::timeout(limits.request_timeout, self.get_with_retries(request))
            .await
            .unwrap_or(Err(FetchError::TimedOut(limits.request_timeout)));
        gate.record(answer.as_ref().map(|_| ()), limits);
        answer
    }

    async fn get_with_retries<S: Sink>(
        &self,
        request: &Request<'_>,
    ) -> Result<Fetched<S>, FetchError> {
        let mut attempt = 0;
        loop {
            let error = match self.get_once(request).await {
                Ok(fetched) => return Ok(fetched),
                Err(error) => error,
            };
            let Some(delay) = retry::delay(&error, attempt, self.limits()) else {
                return Err(error.after(attempt + 1));
            };
            time::sleep(delay).await;
            attempt += 1;
        }
    }

    async fn get_once<S: Sink>(&self, request: &Request<'_>) -> Result<Fetched<S>, FetchError> {
        let response = self.respond(request).await?;
        self.read(response, request).await
    }

    /// The head of a successful answer, after redirects; the body is still to come.
    async fn respond(&self, request: &Request<'_>) -> Result<reqwest::Response, FetchError> {
        let mut route = Route::new(request.url, self.limits().redirects);
        loop {
            let _held = self.may_lead_to(route.current(), request).await?;
            let response = self.send(route.current(), request).await?;
            match response.status().as_u16() {
                // A part of something is not what was asked for.
                206 if request.range.is_none() => return Err(self.refusal(response).await),
                200..=299 => return Ok(response),
                304 if request.known.is_some() => return Ok(response),
                301 | 302 | 303 | 307 | 308 => {
                    route.follow(text(response.headers(), &header::LOCATION))?;
                }
                _ => return Err(self.refusal(response).await),
            }
        }
    }

    /// Whether whoever is asked may lead to `url`; the answer holds as long as it is held.
    async fn may_lead_to(
        &self,
        url: &Url,
        request: &Request<'_>,
    ) -> Result<Option<reach::Held>, FetchError> {
        if self.limits().leads_inwards {
            return Ok(None);
        }
        let home = request.realm.unwrap_or(request.url);
        self.shared.reach.check(url, home).await
    }

    async fn send(
        &self,
        url: &Url,
        request: &Request<'_>,
    ) -> Result<reqwest::Response, FetchError> {
        let url = redirect::authorized(url, request.realm);
        let client = self.client(request.exact_bytes)?;
        let mut builder = match request.json {
            None => client.get(url),
            Some(body) => client
                .post(url)
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.to_vec()),
        };
        builder = builder.header(header::ACCEPT, request.accept);
        if request.exact_bytes {
            builder = builder.header(header::ACCEPT_ENCODING, "identity");
        }
        if let Some(range) = &request.range {
            builder = builder.header(header::RANGE, range);
        }
        if let Some(known) = request.known {
            builder = known.ask(builder);
        }
        builder.send().await.map_err(|error| self.classify(error))
    }

    async fn read<S: Sink>(
        &self,
        response: reqwest::Response,
        request: &Request<'_>,
    ) -> Result<Fetched<S>, FetchError> {
        let headers = response.headers();
        let content_type = text(headers, &header::CONTENT_TYPE).map(essence);
        let content_range = text(headers, &header::CONTENT_RANGE).map(str::to_owned);
        let last_modified = text(headers, &header::LAST_MODIFIED).and_then(retry::parse_date);
        let revision = Revision::of(headers);
        let (url, status) = (bare(response.url()), response.status().as_u16());
        let body = self
            .read_body(response, request.max_bytes, request.what)
            .await?;
        Ok(Fetched {
            url,
            status,
            content_type,
            content_range,
            last_modified,
            revision,
            body,
        })
    }

    /// Reads a body, and no more of it than is allowed.
    async fn read_body<S: Sink>(
        &self,
        mut response: reqwest::Response,
        limit: u64,
        what: &'static str,
    ) -> Result<S, FetchError> {
        let too_large = || FetchError::TooLarge { what, limit };
        if response
            .content_length()
            .is_some_and(|length| length > limit)
        {
            return Err(too_large());
        }
        let mut body = S::empty();
        let mut left = limit;
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.classify(error))?
        {
            left = left.checked_sub(chunk.len() as u64).ok_or_else(too_large)?;
            body.take(&chunk)
                .map_err(|error| FetchError::Storage(Printable::from(error.to_string())))?;
        }
        Ok(body)
    }

    /// The error for a status that is no success, with what a problem document says.
    async fn refusal(&self, response: reqwest::Response) -> FetchError {
        let headers = response.headers();
        let now = Timestamp::now();
        let retry_after = text(headers, &header::RETRY_AFTER)
            .and_then(|value| retry::parse_retry_after(value, now));
        let is_problem = text(headers, &header::CONTENT_TYPE).map(essence).as_deref()
            == Some("application/problem+json");
        let status = response.status().as_u16();
        let detail = if is_problem {
            let body: Result<Vec<u8>, _> = self.read_body(response, PROBLEM_BYTES, "problem").await;
            body.ok().and_then(|body| problem_sentence(&body))
        } else {
            None
        };
        FetchError::Status(StatusError {
            status,
            attempts: 1,
            retry_after,
            detail,
        })
    }

    fn client(&self, exact_bytes: bool) -> Result<&reqwest::Client, FetchError> {
        let slot = if exact_bytes {
            &self.shared.exact_client
        } else {
            &self.shared.client
        };
        let built = slot.get_or_init(|| build(&self.shared, exact_bytes));
        built.as_ref().map_err(Clone::clone)
    }

    fn classify(&self, error: reqwest::Error) -> FetchError {
        let timeouts = Timeouts {
            connect: self.limits().connect_timeout,
            read: self.limits().read_timeout,
        };
        classify(&error.without_url(), timeouts)
    }
}

fn build(shared: &Shared, exact_bytes: bool) -> Result<reqwest::Client, FetchError> {
    let limits = &shared.limits;
    let mut builder = reqwest::Client::builder()
        .gzip(!exact_bytes)
        .user_agent(concat!("pinproof/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(limits.connect_timeout)
        .read_timeout(limits.read_timeout)
        .pool_idle_timeout(Duration::from_secs(30));
    if !limits.leads_inwards {
        builder = builder.dns_resolver(Arc::new(shared.reach.clone()));
    }
    let timeouts = Timeouts {
        connect: limits.connect_timeout,
        read: limits.read_timeout,
    };
    builder.build().map_err(|error| classify(&error, timeouts))
}

fn text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// A media type without its parameters, in lower case (RFC 9110 §8.3.1).
fn essence(content_type: &str) -> String {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// Title and detail of a problem document (RFC 9457).
fn problem_sentence(body: &[u8]) -> Option<Printable> {
    #[derive(Deserialize)]
    struct Problem {
        title: Option<String>,
        detail: Option<String>,
    }
    let problem: Problem = serde_json::from_slice(body).ok()?;
    let words: Vec<String> = [problem.title, problem.detail]
        .into_iter()
        .flatten()
        .collect();
    if words.is_empty() {
        return None;
    }
    Some(Printable::from(words.join(", ")).shortened(300))
}
