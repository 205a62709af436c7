//! Foreign text in Markdown: nothing in it may become markup, a link, an image or the mention of somebody.
//!
//! A backslash is not enough: GitHub and GitLab look for `@names`, `#12`, commit ids and addresses in what
//! the Markdown has become. They leave code alone, so whatever is more than a plain word is shown as code.

use std::fmt::Write as _;

/// So many hexadecimal digits may be a commit, and become a link.
const SHORTEST_COMMIT: usize = 7;

/// A text as code.
pub(super) fn code(text: &str) -> String {
    let is_simple = !text.contains(['`', '|', '\\'])
        && !text.is_empty()
        && !text.starts_with(' ')
        && !text.ends_with(' ');
    if is_simple {
        format!("`{text}`")
    } else {
        html_code(text)
    }
}

/// A text as code where Markdown is not read, or could be mistaken: every sign is a reference, which can
/// be no markup.
pub(super) fn html_code(text: &str) -> String {
    let mut html = "<code>".to_owned();
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            let _ = write!(html, "&#{};", u32::from(c));
        } else {
            html.push(c);
        }
    }
    html + "</code>"
}

/// A sentence: what stands in backticks is code, and so is every word that is not plain.
pub(super) fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    // An odd number of backticks pairs nothing.
    if parts.len().is_multiple_of(2) {
        return words(text);
    }
    let mut safe = String::new();
    for (at, part) in parts.iter().enumerate() {
        let is_code = at % 2 == 1 && !part.is_empty();
        let piece = if is_code { code(part) } else { words(part) };
        // Two spans of code side by side would be read as one.
        if safe.ends_with('`') && piece.starts_with('`') {
            safe.push_str(&html_code(piece.trim_matches('`')));
        } else {
            safe.push_str(&piece);
        }
    }
    safe
}

fn words(text: &str) -> String {
    let safe = |word: &str| {
        if is_plain(word) {
            return word.to_owned();
        }
        let body = word.trim_end_matches([',', ';', '.']);
        format!("{}{}", code(body), &word[body.len()..])
    };
    let words: Vec<String> = text.split(' ').map(safe).collect();
    words.join(" ")
}

/// Whether a word is letters, digits and punctuation that means nothing anywhere.
fn is_plain(word: &str) -> bool {
    let body = word.strip_suffix(':').unwrap_or(word);
    let is_harmless = |c: char| c.is_alphanumeric() || ",.;!?'\"()-–—…=".contains(c);
    let lower = body.to_lowercase();
    let is_reference = lower.contains("www.") || lower.contains("gh-");
    body.chars().all(is_harmless) && !is_reference && !may_be_commit(body)
}

fn may_be_commit(word: &str) -> bool {
    let mut runs = word.split(|c: char| !c.is_ascii_hexdigit());
    runs.any(|run| run.len() >= SHORTEST_COMMIT)
}

#[cfg(test)]
mod tests {
    use super::{code, prose};

    #[test]
    fn plain_sentences_stay_as_they_are() {
        for text in [
            "`flask` is pinned, but has no hash",
            "compile it: `uv pip compile` (or the same with pip-compile)",
            "naïve – 名前",
            "",
        ] {
            assert_eq!(prose(text), text);
        }
    }

    #[test]
    fn what_would_act_is_code() {
        let cases = [
            ("ask @octocat", "ask `@octocat`"),
            ("see #12, GH-3", "see `#12`, `GH-3`"),
            ("at https://x.example/", "at `https://x.example/`"),
            ("www.x.example", "`www.x.example`"),
            ("from 0123abc", "from `0123abc`"),
            ("*a* _b_ <b>", "`*a*` `_b_` `<b>`"),
            ("![x](y)", "`![x](y)`"),
            ("a|b", "<code>a&#124;b</code>"),
            ("a\\|b", "<code>a&#92;&#124;b</code>"),
            ("one ` alone", "one <code>&#96;</code> alone"),
            ("`a|b`", "<code>a&#124;b</code>"),
            ("`a`@b", "`a`<code>&#64;b</code>"),
            ("`a``b`", "`a`<code>b</code>"),
        ];
        for (text, safe) in cases {
            assert_eq!(prose(text), safe);
        }
    }

    #[test]
    fn code_has_no_way_out() {
        assert_eq!(code("a b"), "`a b`");
        assert_eq!(code("a`b"), "<code>a&#96;b</code>");
        assert_eq!(code(""), "<code></code>");
        assert_eq!(code("</code>`"), "<code>&#60;&#47;code&#62;&#96;</code>");
    }
}
