//! Makes excerpts of files safe to show: without credentials, and without characters that act.

use std::borrow::Cow;
use std::ops::Range;

use pinproof_core::Printable;

/// A text of a file as it may be shown; every place in it stays where it is.
pub(crate) fn mask(text: &str) -> Cow<'_, str> {
    match mask_credentials(text) {
        Cow::Borrowed(text) => mask_acting(text),
        Cow::Owned(text) => Cow::Owned(mask_acting(&text).into_owned()),
    }
}

/// Puts a sign of the same length over characters that act on a terminal or a reader.
///
/// The renderer does it for the controls of ASCII, and not for all others.
fn mask_acting(text: &str) -> Cow<'_, str> {
    let acts = |c: char| {
        let mut bytes = [0; 4];
        let alone: &str = c.encode_utf8(&mut bytes);
        !c.is_ascii() && Printable::new(alone).as_str() != alone
    };
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let sign = |c: char| match c.len_utf8() {
        2 => "\u{bf}".to_owned(),
        3 => char::REPLACEMENT_CHARACTER.to_string(),
        _ => format!("?{}", char::REPLACEMENT_CHARACTER),
    };
    let shown = text
        .chars()
        .map(|c| if acts(c) { sign(c) } else { c.to_string() });
    Cow::Owned(shown.collect())
}

/// Puts `*` over user names, passwords and queries of addresses, byte for byte, so that every place in
/// the text stays where it is.
pub(crate) fn mask_credentials(text: &str) -> Cow<'_, str> {
    let secrets: Vec<Range<usize>> = tokens(text)
        .flat_map(|token| {
            let secrets = secrets(&text[token.clone()]);
            secrets.map(move |secret| token.start + secret.start..token.start + secret.end)
        })
        .collect();
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut masked = text.to_owned();
    for secret in secrets {
        masked.replace_range(secret.clone(), &"*".repeat(secret.len()));
    }
    Cow::Owned(masked)
}

/// Runs of text without white space and quotes.
fn tokens(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'');
    let mut start = 0;
    text.split(is_end).map(move |token| {
        let at = start;
        // Every end is one character; its length is found in the text itself.
        start = at + token.len();
        start += text[start..].chars().next().map_or(0, char::len_utf8);
        at..at + token.len()
    })
}

/// What may be secret in one token: the user information of an address, and its query.
fn secrets(token: &str) -> impl Iterator<Item = Range<usize>> {
    let start = match token.find("://") {
        Some(scheme) => scheme + 3,
        // `--index-url=user:secret@host`, without a scheme.
        None => token.find('=').map_or(0, |at| at + 1),
    };
    let has_scheme = token.contains("://");
    let rest = &token[start..];
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let user = authority
        .rfind('@')
        .filter(|at| has_scheme || authority[..*at].contains(':'))
        .map(|at| start..start + at);
    let query = rest.find('?').filter(|_| has_scheme).map(|at| {
        let end = rest[at..].find('#').map_or(rest.len(), |hash| at + hash);
        start + at + 1..start + end
    });
    user.into_iter().chain(query)
}

#[cfg(test)]
mod tests {
    use super::{mask, mask_credentials};

    #[test]
    fn credentials_are_masked_and_nothing_moves() {
        let cases = [
            (
                "-i https://me:s3cr@et@corp.example/x",
                "-i https://**********@corp.example/x",
            ),
            (
                "--index-url=me:secret@corp.example",
                "--index-url=*********@corp.example",
            ),
            (
                "x @ git+ssh://git@host.example/y",
                "x @ git+ssh://***@host.example/y",
            ),
            (
                "u = \"https://a.example/?t=abc#h\"",
                "u = \"https://a.example/?*****#h\"",
            ),
            ("https://a.example/@b é", "https://a.example/@b é"),
            ("name@1.0", "name@1.0"),
        ];
        for (text, expected) in cases {
            let masked = mask_credentials(text);
            assert_eq!(masked, expected);
            assert_eq!(masked.len(), text.len());
        }
    }

    #[test]
    fn characters_that_act_are_covered_and_nothing_moves() {
        let text = "a\u{9b}b\u{200b}c\u{202e}d\u{e0041}é";
        assert_eq!(mask(text), "a¿b\u{fffd}c\u{fffd}d?\u{fffd}é");
        assert_eq!(mask(text).len(), text.len());
        assert!(matches!(mask("é – 名前"), std::borrow::Cow::Borrowed(_)));
    }
}
