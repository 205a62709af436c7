//! Foreign text in HTML.

/// A text that may stand in an element or in a quoted attribute. Controls, of which only excerpts of files
/// still have some, are replaced.
pub(super) fn esc(text: impl AsRef<str>) -> String {
    let mut html = String::new();
    for c in text.as_ref().chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' | '\t' => html.push(c),
            c if c.is_control() => html.push(char::REPLACEMENT_CHARACTER),
            c => html.push(c),
        }
    }
    html
}

/// A sentence: what stands in backticks is code.
pub(super) fn prose(text: impl AsRef<str>) -> String {
    let text = text.as_ref();
    let parts: Vec<&str> = text.split('`').collect();
    // An odd number of backticks pairs nothing.
    if parts.len().is_multiple_of(2) {
        return esc(text);
    }
    let mark = |(at, part): (usize, &&str)| match at % 2 {
        0 => esc(part),
        _ => format!("<code>{}</code>", esc(part)),
    };
    parts.iter().enumerate().map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::{esc, prose};

    #[test]
    fn nothing_leaves_an_element_or_an_attribute() {
        assert_eq!(
            esc("<b a=\"'\">&\u{1b}\u{85}\t"),
            "&lt;b a=&quot;&#39;&quot;&gt;&amp;\u{fffd}\u{fffd}\t"
        );
        assert_eq!(prose("`<a>` is"), "<code>&lt;a&gt;</code> is");
        assert_eq!(prose("one ` alone"), "one ` alone");
    }
}
