//! Hides credentials in excerpts of files: the file has them, the log must not.

use std::borrow::Cow;
use std::ops::Range;

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
    use super::mask_credentials;

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
}
