//! When a failed request is repeated, and after how long.

use std::time::Duration;

use jiff::Timestamp;

use super::error::FetchError;
use crate::Limits;

/// How long to wait before the next try; `None` if another try makes no sense or is not allowed.
///
/// The delays have no jitter, so that two runs behave alike; the bound on concurrent requests keeps
/// a crowd of retries apart.
pub(crate) fn delay(error: &FetchError, attempt: u32, limits: &Limits) -> Option<Duration> {
    if attempt >= limits.retries || !error.may_pass() {
        return None;
    }
    let backoff = limits.backoff.saturating_mul(2_u32.saturating_pow(attempt));
    match error {
        FetchError::Status(error) => match error.retry_after {
            Some(wait) if wait > limits.max_retry_after => None,
            Some(wait) => Some(wait),
            None => Some(backoff),
        },
        _ => Some(backoff),
    }
}

/// The value of a `Retry-After` header: seconds or a date (RFC 9110 §10.2.3), as a time from `now`.
pub(crate) fn parse_retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let date = parse_date(value)?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO))
}

/// A date of a header (RFC 9110 §5.6.7), in the form that all servers send.
pub(crate) fn parse_date(value: &str) -> Option<Timestamp> {
    Some(jiff::fmt::rfc2822::parse(value.trim()).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::{delay, parse_retry_after};
    use crate::Limits;
    use crate::http::{FetchError, StatusError};
    use std::time::Duration;

    fn status(status: u16, retry_after: Option<u64>) -> FetchError {
        FetchError::Status(StatusError {
            status,
            attempts: 1,
            retry_after: retry_after.map(Duration::from_secs),
            detail: None,
        })
    }

    #[test]
    fn waits_longer_each_time_and_not_for_ever() {
        let limits = Limits::default();
        let ms = |error, attempt| delay(&error, attempt, &limits).map(|delay| delay.as_millis());
        assert_eq!(ms(FetchError::Refused, 0), Some(500));
        assert_eq!(ms(FetchError::Refused, 1), Some(1000));
        assert_eq!(ms(FetchError::Refused, 2), None);
        assert_eq!(ms(status(503, Some(3)), 0), Some(3000));
        assert_eq!(ms(status(429, Some(3600)), 0), None);
        assert_eq!(ms(status(404, None), 0), None);
        assert_eq!(ms(FetchError::Downgrade, 0), None);
    }

    #[test]
    fn reads_seconds_and_dates() {
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        let seconds = |value| parse_retry_after(value, now).map(|wait| wait.as_secs());
        assert_eq!(seconds("7"), Some(7));
        assert_eq!(seconds("Sun, 22 Nov 2026 10:00:09 GMT"), Some(9));
        assert_eq!(seconds("Sun, 22 Nov 2026 09:00:00 GMT"), Some(0));
        assert_eq!(seconds("soon"), None);
    }
}
