//! The part of a file that a client asks for (RFC 9110 §14).

use std::ops::Range;

/// What of a file is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// These bytes.
    Some(Range<u64>),
    /// It does not have the bytes that are asked for.
    None,
}

/// Reads a `Range` header about a file of `size` bytes. More than one range, and what is not understood, is the
/// whole file, as HTTP allows.
pub(super) fn part(range: Option<&str>, size: u64) -> Part {
    let Some((first, last)) = range.and_then(read) else {
        return Part::Whole;
    };
    let range = match (first, last) {
        (Some(first), None) => first..size,
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(size),
        // The last so many bytes.
        (None, Some(0)) => return Part::None,
        (None, Some(last)) => size.saturating_sub(last)..size,
        _ => return Part::Whole,
    };
    if range.start >= size {
        return Part::None;
    }
    Part::Some(range)
}

fn read(range: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (first, last) = range.trim().strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| match text.trim() {
        "" => Some(None),
        text if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok().map(Some),
        _ => None,
    };
    let ends = (number(first)?, number(last)?);
    (ends != (None, None)).then_some(ends)
}

#[cfg(test)]
mod tests {
    use super::{Part, part};

    #[test]
    fn parts_of_ten_bytes() {
        let cases = [
            (None, Part::Whole),
            (Some("bytes=0-"), Part::Some(0..10)),
            (Some("bytes=2-4"), Part::Some(2..5)),
            (Some("bytes=5-100"), Part::Some(5..10)),
            (Some("bytes=-3"), Part::Some(7..10)),
            (Some("bytes=-100"), Part::Some(0..10)),
            (Some("bytes=10-"), Part::None),
            (Some("bytes=-0"), Part::None),
            (Some("bytes=4-2"), Part::Whole),
            (Some("bytes=0-1,3-4"), Part::Whole),
            (Some("bytes=-"), Part::Whole),
            (Some("bytes=+1-2"), Part::Whole),
            (Some("lines=1-2"), Part::Whole),
            (Some("bytes=99999999999999999999-"), Part::Whole),
        ];
        for (range, expected) in cases {
            assert_eq!(part(range, 10), expected, "{range:?}");
        }
        assert_eq!(part(Some("bytes=0-"), 0), Part::None);
    }
}
