//! Every answer that hands out nothing: a status, the reason in its first line, and a problem document (RFC 9457).
//!
//! pip shows the first line, uv shows the document if its type is exactly `application/problem+json`.

use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::ext::ReasonPhrase;
use jiff::Timestamp;
use pinproof_core::{Admission, Printable, ProjectName};
use pinproof_engine::admit::{AdmittedPage, Next};
use serde_json::json;

use super::evidence::Unknown;
use super::model::{Withheld, sentence, sentence_with};
use super::pages::NoPage;
use super::{Gateway, addresses};
use crate::store::StoreError;

/// The longest reason in the first line of an answer, its link included.
const MOST_PHRASE: usize = 240;
/// Seconds after which it is worth asking again.
const RETRY: u32 = 5;

/// Nothing is handed out.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    title: &'static str,
    /// The sentence, and where there is more.
    detail: String,
    why: Option<String>,
    rule: Option<&'static str>,
    /// When the passing of time alone may change it.
    until: Option<Timestamp>,
    next: Option<Next>,
    help: Vec<Printable>,
    contact: Option<Printable>,
}

/// What an answer said, for whoever keeps an eye on them.
#[derive(Clone, Debug)]
pub(super) struct Said(pub(super) Printable);

impl Refusal {
    /// An answer with a reason, and no more to say.
    pub(super) fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            title,
            detail: detail.into(),
            why: None,
            rule: None,
            until: None,
            next: None,
            help: Vec::new(),
            contact: None,
        }
    }

    /// The policy withholds a file, or nobody knows yet whether it does; its page has what may be taken instead.
    pub(super) fn of_file(
        withheld: &Withheld<'_>,
        (filename, page): (&str, &AdmittedPage),
        gateway: &Gateway,
    ) -> Self {
        let public = &gateway.0.options.public;
        let because = withheld.because;
        let (status, title) = match withheld.admission {
            Admission::Undecided => (StatusCode::SERVICE_UNAVAILABLE, "Not decided yet"),
            _ => (StatusCode::FORBIDDEN, "Refused by the policy"),
        };
        let next = (withheld.admission == Admission::Refused).then(|| page.next.clone());
        let detail = match &next {
            Some(next) => sentence_with(because, &next.to_string(), (public, filename)),
            None => sentence(because, public, filename),
        };
        Self {
            why: Some(addresses::why(public, filename)),
            rule: Some(because.rule),
            until: because.until,
            next,
            help: withheld.help(&page.facts.project),
            contact: gateway.gate().contact().cloned(),
            ..Self::new(status, title, detail)
        }
    }

    /// The canary: it says that this gateway is asked, and by which policy it decides.
    pub(super) fn of_canary(sentence: String, why: String) -> Self {
        Self {
            why: Some(why),
            ..Self::new(StatusCode::FORBIDDEN, "Protection is on", sentence)
        }
    }

    /// There is no page.
    pub(super) fn of_page(no_page: NoPage, project: &ProjectName, gateway: &Gateway) -> Self {
        let public = &gateway.0.options.public;
        match no_page {
            NoPage::Closed(closed) => Self {
                why: Some(addresses::why(public, project.as_str())),
                rule: Some(closed.because.rule),
                help: vec![closed.help],
                contact: gateway.gate().contact().cloned(),
                ..Self::new(
                    StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS,
                    "Refused by the policy",
                    sentence(&closed.because, public, project.as_str()),
                )
            },
            NoPage::Unknown(Unknown::Absent(index)) => Self::new(
                StatusCode::NOT_FOUND,
                "No such project",
                format!(
                    "pinproof: {index} has no project `{project}`, and no other index is asked"
                ),
            ),
            NoPage::Unknown(Unknown::Unavailable(why)) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "No answer",
                format!("pinproof: nothing is known of `{project}` yet: {why}"),
            ),
            NoPage::Unknown(Unknown::Store(error)) => Self::of_store(&error),
        }
    }

    /// The store did not do what it was asked.
    pub(super) fn of_store(error: &StoreError) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The store gives no answer",
            format!("pinproof: {error}"),
        )
    }

    /// The bytes did not come, or are not what they have to be.
    pub(super) fn of_transfer(filename: &str, why: &Printable) -> Self {
        let filename = Printable::new(filename).shortened(120);
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The file is not here",
            format!("pinproof: `{filename}` cannot be fetched: {why}"),
        )
    }

    /// The file takes longer than the client waits; it is fetched meanwhile.
    pub(super) fn still_coming(filename: &str) -> Self {
        let filename = Printable::new(filename).shortened(120);
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The file is being fetched",
            format!("pinproof: `{filename}` is being fetched; ask again in a few seconds"),
        )
    }

    /// What is asked for is no name of a project.
    pub(super) fn no_name(name: &str) -> Self {
        let name = Printable::new(name).shortened(100);
        Self::nothing(&format!("`{name}` is no name of a project"))
    }

    /// There is no such thing, and never was: no policy speaks here.
    pub(super) fn nothing(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "Not found",
            format!("pinproof: {what}"),
        )
    }

    /// The sentence in one line that HTTP allows: its link stays whole, and what is not ASCII is a question mark.
    fn phrase(&self) -> Option<ReasonPhrase> {
        let ascii = |c: char| {
            if c.is_ascii_graphic() || c == ' ' {
                c
            } else {
                '?'
            }
        };
        let mut phrase: String = self.detail.chars().map(ascii).collect();
        if phrase.len() > MOST_PHRASE {
            let end = self.why.as_ref().map(|why| format!("...; see {why}"));
            let end: String = end.unwrap_or_default().chars().map(ascii).collect();
            phrase.truncate(MOST_PHRASE.saturating_sub(end.len()));
            phrase.push_str(&end);
        }
        ReasonPhrase::try_from(phrase.into_bytes()).ok()
    }
}

/// A refusal in the bytes of its answer.
#[derive(Debug)]
pub(super) struct Prepared {
    status: StatusCode,
    problem: Bytes,
    phrase: Option<ReasonPhrase>,
    said: Printable,
}

impl Refusal {
    /// The bytes of the answer.
    pub(super) fn prepared(&self) -> Prepared {
        let problem = json!({
            "type": "about:blank",
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
            "instance": self.why,
            "rule": self.rule,
            "until": self.until,
            "next-allowed": self.next.as_ref().and_then(Next::version).map(ToString::to_string),
            "next-allowed-at": self.next.as_ref().and_then(Next::at),
            "help": self.help,
            "contact": self.contact,
        });
        Prepared {
            status: self.status,
            problem: problem.to_string().into(),
            phrase: self.phrase(),
            said: Printable::new(&self.detail).shortened(500),
        }
    }
}

impl Prepared {
    /// The answer.
    pub(super) fn answer(&self) -> Response {
        let mut answer = (self.status, self.problem.clone()).into_response();
        let headers = answer.headers_mut();
        // With a parameter, uv does not read the document.
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY));
        }
        if let Some(phrase) = &self.phrase {
            answer.extensions_mut().insert(phrase.clone());
        }
        answer.extensions_mut().insert(Said(self.said.clone()));
        answer
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.prepared().answer()
    }
}

/// An address that means nothing.
pub(super) async fn nothing_here() -> Refusal {
    Refusal::nothing("there is nothing at this address; the index is at `/simple/`")
}

/// A method that means nothing at an address that is there; which ones do stands beside it, in `Allow`.
pub(super) async fn no_such_method() -> Refusal {
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "Nothing to do",
        "pinproof: this index is read with GET and HEAD; nothing is uploaded or changed here",
    )
}
