//! The lines of an environment that are for pip, as a text of their own with the same places.

use pinproof_core::Span;

/// What of an environment is for pip.
#[derive(Default)]
pub(super) struct ForPip {
    /// The lines.
    pub(super) lines: Vec<Span>,
    /// Where the lists begin and end in which they stand.
    pub(super) lists: Vec<Span>,
    /// Everything that stands in these lists, in order, read or not.
    pub(super) scalars: Vec<Span>,
}

impl ForPip {
    /// The text with everything blanked out but the lines for pip and the comments among them.
    pub(super) fn masked(&self, text: &str) -> String {
        let blank = |byte: u8| if byte == b'\n' { b'\n' } else { b' ' };
        let mut masked: Vec<u8> = text.bytes().map(blank).collect();
        let mut keep = |span: Span| {
            let (from, to) = (
                text.as_bytes().get(span.start..span.end),
                masked.get_mut(span.start..span.end),
            );
            if let Some((from, to)) = from.zip(to) {
                to.copy_from_slice(from);
            }
        };
        for list in &self.lists {
            for comment in self.comments(text, *list) {
                keep(comment);
            }
        }
        let mut ends = Vec::new();
        for line in &self.lines {
            keep(*line);
            match trailing_comment(text, line.end) {
                Some(comment) => keep(comment),
                None => ends.push(line.end),
            }
        }
        for end in ends {
            if let Some(byte) = masked.get_mut(end) {
                *byte = b'\n';
            }
        }
        // Bytes of the text are kept in whole lines and comments only, so it is UTF-8 still.
        String::from_utf8(masked).unwrap_or_default()
    }

    /// The lines of a list that are comments and nothing else.
    fn comments(&self, text: &str, list: Span) -> Vec<Span> {
        let mut comments = Vec::new();
        let mut start = list.start;
        let within = text.get(list.start..list.end).unwrap_or("");
        for (at, line) in within.split_inclusive('\n').enumerate() {
            let span = Span::new(start, start + line.len());
            start = span.end;
            // The first line begins behind the key.
            if at > 0 && line.trim_start().starts_with('#') && !self.is_in_a_scalar(span.start) {
                comments.push(span);
            }
        }
        comments
    }

    fn is_in_a_scalar(&self, at: usize) -> bool {
        let after = self.scalars.partition_point(|scalar| scalar.start <= at);
        let last = after.checked_sub(1).and_then(|last| self.scalars.get(last));
        last.is_some_and(|scalar| at < scalar.end)
    }
}

/// The comment after a line for pip, or the empty rest of its line; `None` if something else follows there.
fn trailing_comment(text: &str, end: usize) -> Option<Span> {
    let rest = text.get(end..)?;
    let length = rest.find('\n').unwrap_or(rest.len());
    let rest = rest.get(..length)?;
    let after = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
    let comment = after.trim_start();
    let start = end + rest.len() - comment.len();
    let is_comment = comment.starts_with('#') && after.starts_with([' ', '\t']);
    (comment.is_empty() || is_comment).then(|| Span::new(start, end + length))
}
