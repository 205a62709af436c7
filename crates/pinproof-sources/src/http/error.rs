//! Why a request has no usable answer, as a short sentence without credentials.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use pinproof_core::Printable;
use thiserror::Error;

/// Why a request has no usable answer; `Display` is the end of "could not ask SOURCE: …".
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// No connection, or a pause in the answer, for longer than the limit.
    #[error("timed out after {}", Seconds(*.0))]
    TimedOut(Duration),
    /// The whole gathering of evidence took longer than the limit.
    #[error("not answered within the {} for the whole run", Seconds(*.0))]
    OutOfTime(Duration),
    /// Nothing listens there.
    #[error("connection refused")]
    Refused,
    /// The connection ended before there was an answer.
    #[error("the connection was closed without an answer")]
    Closed,
    /// The name of the host has no address.
    #[error("the host name is not known")]
    UnknownHost,
    /// No trusted connection could be made.
    #[error("no trusted connection: {0}")]
    Tls(Printable),
    /// The answer of a proxy to the request for a tunnel.
    #[error("the proxy refused: {0}")]
    Proxy(Printable),
    /// A status that is no success.
    #[error("answered {0}")]
    Status(StatusError),
    /// More redirects than the limit.
    #[error("redirected more than {0} times")]
    TooManyRedirects(usize),
    /// A redirect to an address that was asked before.
    #[error("redirected in a circle")]
    RedirectLoop,
    /// A redirect from an encrypted to a plain connection.
    #[error("redirected from https to plain http")]
    Downgrade,
    /// A redirect to what is no address of this kind.
    #[error("redirected to something that is no http address")]
    BadRedirect,
    /// An index on the public network led to an address of a private one.
    #[error("led to `{0}`, which is in a private network, while the index is not")]
    Inwards(Printable),
    /// More bytes than the limit.
    #[error("{what} larger than {}", Bytes(*.limit))]
    TooLarge {
        /// What was asked for: `page`, `metadata`, `file`.
        what: &'static str,
        /// The limit, in bytes.
        limit: u64,
    },
    /// The body ended early.
    #[error("truncated: the answer ended before it was complete")]
    Truncated,
    /// The body is not what `Content-Encoding` says.
    #[error("the compression of the answer is damaged")]
    BadEncoding,
    /// The answer cannot be kept for reading: the disk for temporary files is full or missing.
    #[error("the answer could not be stored: {0}")]
    Storage(Printable),
    /// Anything else that the transport reports.
    #[error("{0}")]
    Transport(Printable),
}

/// A status that is no success, how often it came, and what the answer said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusError {
    /// The HTTP status code.
    pub status: u16,
    /// How often it was asked.
    pub attempts: u32,
    /// How long the answer asks to wait.
    pub retry_after: Option<Duration>,
    /// Title and detail of an `application/problem+json` body (RFC 9457).
    pub detail: Option<Printable>,
}

impl FetchError {
    /// Whether the server answered that there is no such thing.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Status(error) if matches!(error.status, 404 | 410))
    }

    /// Whether the same request may succeed a little later.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::TimedOut(_)
            | Self::Refused
            | Self::Closed
            | Self::Truncated
            | Self::UnknownHost
            | Self::Transport(_) => true,
            Self::Status(error) => error.status == 429 || error.status >= 500,
            _ => false,
        }
    }

    /// Whether the host as a whole seems to be out of reach, so that other requests would fail too.
    pub fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::TimedOut(_)
                | Self::Refused
                | Self::Closed
                | Self::UnknownHost
                | Self::Tls(_)
                | Self::Proxy(_)
        )
    }

    /// The same error, after that many tries.
    pub(crate) fn after(self, attempts: u32) -> Self {
        match self {
            Self::Status(error) => Self::Status(StatusError { attempts, ..error }),
            other => other,
        }
    }
}

/// What a transport error means, from the chain of its causes.
pub(crate) fn classify(error: &reqwest::Error, timeouts: Timeouts) -> FetchError {
    if error.is_timeout() {
        return FetchError::TimedOut(if error.is_connect() {
            timeouts.connect
        } else {
            timeouts.read
        });
    }
    let causes = Causes(error);
    if let Some(kind) = causes.io_kind() {
        match kind {
            io::ErrorKind::ConnectionRefused => return FetchError::Refused,
            io::ErrorKind::TimedOut => return FetchError::TimedOut(timeouts.read),
            _ => {}
        }
    }
    if error.is_dns() || causes.mention("dns error") {
        return FetchError::UnknownHost;
    }
    if let Some(reason) = causes.tls_reason() {
        return FetchError::Tls(reason);
    }
    if causes.mention("tunnel") || causes.mention("proxy") {
        return FetchError::Proxy(causes.root());
    }
    classify_broken(error, &causes)
}

/// Errors of a connection that was made: cut off, reset, or not decodable.
fn classify_broken(error: &reqwest::Error, causes: &Causes<'_>) -> FetchError {
    let in_body = error.is_body() || error.is_decode();
    let is_cut = causes.mention("end of file before message length reached")
        || causes.mention("unexpected EOF")
        || causes.mention("connection closed before message completed")
        || matches!(
            causes.io_kind(),
            Some(
                io::ErrorKind::UnexpectedEof
                    | io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::BrokenPipe
            )
        );
    match (in_body, is_cut) {
        (true, true) => FetchError::Truncated,
        (false, true) => FetchError::Closed,
        (true, false)
            if error.is_decode() && causes.io_kind().is_some() && !causes.mention("chunk") =>
        {
            FetchError::BadEncoding
        }
        _ => FetchError::Transport(causes.root()),
    }
}

/// The limits that a timeout may have hit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    pub(crate) connect: Duration,
    pub(crate) read: Duration,
}

/// An error and everything that caused it.
struct Causes<'a>(&'a (dyn StdError + 'static));

impl<'a> Causes<'a> {
    fn iter(&self) -> impl Iterator<Item = &'a (dyn StdError + 'static)> + use<'a> {
        let first: Option<&'a (dyn StdError + 'static)> = Some(self.0);
        std::iter::successors(first, |error| (*error).source())
    }

    /// The innermost kind of an I/O error that says something.
    fn io_kind(&self) -> Option<io::ErrorKind> {
        self.iter()
            .filter_map(|error| error.downcast_ref::<io::Error>())
            .map(io::Error::kind)
            .last()
    }

    fn mention(&self, words: &str) -> bool {
        self.iter().any(|error| error.to_string().contains(words))
    }

    fn root(&self) -> Printable {
        let message = self.iter().last().map(ToString::to_string);
        Printable::from(message.unwrap_or_default()).shortened(200)
    }

    /// The reason that the TLS library gives; its errors arrive inside I/O errors.
    fn tls_reason(&self) -> Option<Printable> {
        let message = self
            .iter()
            .map(ToString::to_string)
            .filter(|text| {
                [
                    "peer certificate",
                    "CA certificates",
                    "alert",
                    "handshake",
                    "corrupt message",
                ]
                .iter()
                .any(|sign| text.contains(sign))
            })
            .last()?;
        let said = message
            .strip_prefix("invalid peer certificate: ")
            .map_or(message.clone(), |why| {
                format!("the certificate is not valid: {}", certificate_words(why))
            });
        Some(Printable::from(said).shortened(200))
    }
}

/// The library's names for the common reasons, in words.
fn certificate_words(reason: &str) -> &str {
    match reason {
        "UnknownIssuer" => "its issuer is not trusted",
        "BadSignature" => "its signature is wrong",
        of_another if of_another.starts_with("certificate not valid for name") => {
            "it is for another host"
        }
        other => other,
    }
}

impl fmt::Display for StatusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        match self.attempts {
            0 | 1 => {}
            2 => f.write_str(" twice")?,
            3 => f.write_str(" three times")?,
            n => write!(f, " {n} times")?,
        }
        if let Some(wait) = self.retry_after {
            write!(f, ", asking to wait {}", Seconds(wait))?;
        }
        match &self.detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

/// A duration in seconds, as a reader wants it.
struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_millis() {
            ms if ms % 1000 == 0 => write!(f, "{} s", ms / 1000),
            ms if ms > 10_000 => write!(f, "{} s", ms / 1000),
            ms => write!(f, "{ms} ms"),
        }
    }
}

/// A number of bytes in the largest unit that divides it.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const KIB: u64 = 1024;
        match self.0 {
            n if n > 0 && n % (KIB * KIB) == 0 => write!(f, "{} MiB", n / (KIB * KIB)),
            n if n > 0 && n % KIB == 0 => write!(f, "{} KiB", n / KIB),
            n => write!(f, "{n} bytes"),
        }
    }
}
