//! HTML with text that is escaped by its type: nothing else can be written into a page.

use std::fmt::Write as _;

/// A piece of HTML.
#[derive(Clone, Debug, Default)]
pub(super) struct Html(String);

impl Html {
    /// Markup of ours.
    pub(super) fn markup(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Text, of whomever.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                // What authors write in a reason; a line end as it is would be read as another one. Writing to a string
                // does not fail.
                '\n' | '\r' | '\t' => drop(write!(self.0, "&#{};", u32::from(c))),
                c if c.is_control() => drop(write!(self.0, "&#xfffd;")),
                c => self.0.push(c),
            }
        }
        self
    }

    /// An attribute; its name is ours.
    pub(super) fn attribute(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.0.push(' ');
        self.0.push_str(name);
        self.0.push_str("=\"");
        self.text(value);
        self.0.push('"');
        self
    }

    /// The text of the page.
    pub(super) fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Html;

    #[test]
    fn nothing_gets_out_of_its_place() {
        let mut html = Html::default();
        html.markup("<a")
            .attribute("title", "\" onclick='x'>&\u{7}\r\n");
        html.markup(">").text("<script>").markup("</a>");
        assert_eq!(
            html.into_string(),
            "<a title=\"&quot; onclick=&#39;x&#39;&gt;&amp;&#xfffd;&#13;&#10;\">&lt;script&gt;</a>"
        );
    }
}
