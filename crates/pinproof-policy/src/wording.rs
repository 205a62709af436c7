//! Words that several rules share.

use jiff::SignedDuration;
use pinproof_core::Printable;

/// How long the texts of others may be in a report.
const QUOTE_LIMIT: usize = 200;

/// A span of time as people say it.
pub(crate) fn span(span: SignedDuration) -> String {
    let hours = span.as_hours();
    if hours < 1 {
        "less than an hour".to_owned()
    } else if hours >= 48 || hours == 24 {
        count(hours / 24, "day")
    } else {
        count(hours, "hour")
    }
}

/// A number with its noun: "1 file", "3 files".
pub(crate) fn count<N: Into<i64>>(number: N, noun: &str) -> String {
    match number.into() {
        1 => format!("1 {noun}"),
        number => format!("{number} {noun}s"),
    }
}

/// The words of somebody else, escaped and cut.
pub(crate) fn quote(text: &str) -> Printable {
    Printable::new(text.trim()).shortened(QUOTE_LIMIT)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::{quote, span};

    #[test]
    fn spans_are_said_in_the_largest_unit_that_stays_exact_enough() {
        let said = |hours| span(SignedDuration::from_hours(hours));
        assert_eq!(said(-5), "less than an hour");
        assert_eq!(said(0), "less than an hour");
        assert_eq!(said(1), "1 hour");
        assert_eq!(said(24), "1 day");
        assert_eq!(said(36), "36 hours");
        assert_eq!(said(7 * 24), "7 days");
        assert_eq!(said(7 * 24 + 5), "7 days");
    }

    #[test]
    fn the_words_of_others_are_escaped_and_cut() {
        assert_eq!(quote(" a\u{1b}[0m ").as_str(), "a\\u{1b}[0m");
        assert_eq!(quote(&"x".repeat(999)).as_str().chars().count(), 200);
    }
}
