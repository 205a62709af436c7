//! Logical lines, as pip joins them: `str.splitlines`, backslashes, comments.

use pinproof_core::Span;

use super::joined::Joined;

/// One line as pip sees it, after joining physical lines and before variables are expanded.
#[derive(Debug)]
pub(super) struct LogicalLine<'a> {
    /// All its bytes, with the line ends.
    pub(super) raw: Span,
    /// Its text without comment and without white space around it; empty for blank lines.
    pub(super) content: Joined<'a>,
    /// From the `#` to the end of the last physical line that the comment takes in.
    pub(super) comment: Option<Span>,
    /// Where the comment goes on after a backslash, if it swallows a line.
    pub(super) swallowed: Option<Span>,
}

/// Reads the logical lines of a text.
#[derive(Debug)]
pub(super) struct LogicalLines<'a> {
    text: &'a str,
    at: usize,
}

/// A line of the file.
#[derive(Clone, Copy, Debug)]
struct Physical<'a> {
    text: &'a str,
    start: usize,
}

impl<'a> LogicalLines<'a> {
    /// Starts at the first line.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn physical(&mut self) -> Option<Physical<'a>> {
        let start = self.at;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let (length, separator) = first_separator(rest).unwrap_or((rest.len(), 0));
        self.at = start + length + separator;
        Some(Physical {
            text: rest.get(..length).unwrap_or(rest),
            start,
        })
    }
}

impl<'a> Iterator for LogicalLines<'a> {
    type Item = LogicalLine<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.at;
        let mut line = self.physical()?;
        let mut joined = Joined::new();
        loop {
            let is_comment = is_comment_line(line.text);
            if is_comment || !line.text.ends_with('\\') {
                if is_comment && !joined.is_empty() {
                    joined.push_space(line.start);
                }
                joined.push(line.start, line.text);
                break;
            }
            // pip strips every backslash from both ends, not only the one that continues the line.
            let kept = line.text.trim_start_matches('\\');
            let from = line.start + line.text.len() - kept.len();
            joined.push(from, kept.trim_end_matches('\\'));
            match self.physical() {
                Some(next) => line = next,
                None => break,
            }
        }
        Some(finish(joined, self.text, Span::new(start, self.at)))
    }
}

/// Separates the comment and the white space.
fn finish<'a>(mut content: Joined<'a>, text: &str, raw: Span) -> LogicalLine<'a> {
    let mut comment = None;
    let mut swallowed = None;
    if let Some(at) = comment_start(content.text()) {
        let span = Span::new(
            content.source_start(at),
            content.source_end(content.text().len()),
        );
        comment = Some(span);
        swallowed = after_first_line(text, span);
        content.truncate(at);
    }
    content.trim();
    LogicalLine {
        raw,
        content,
        comment,
        swallowed,
    }
}

/// The lines of a comment after its first, if they say more than another comment.
fn after_first_line(text: &str, comment: Span) -> Option<Span> {
    let whole = text.get(comment.start..comment.end)?;
    let (length, separator) = first_separator(whole)?;
    let rest = whole.get(length + separator..)?;
    let kept = rest.trim_start_matches(is_space);
    let says_more = !kept.is_empty() && !kept.starts_with('#');
    says_more.then(|| Span::new(comment.end - kept.len(), comment.end))
}

/// The first `#` at the start or after white space.
fn comment_start(text: &str) -> Option<usize> {
    text.match_indices('#').map(|(at, _)| at).find(|at| {
        text.get(..*at)
            .is_none_or(|before| before.chars().next_back().is_none_or(is_space))
    })
}

fn is_comment_line(text: &str) -> bool {
    text.trim_start_matches(is_space).starts_with('#')
}

/// Python's `str.isspace`: white space by Unicode, and the four ASCII separators.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// Where the first line of `text` ends, and the length of its end, by Python's `str.splitlines`.
fn first_separator(text: &str) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let follows = |at: usize, end: &[u8]| {
        bytes
            .get(at + 1..)
            .is_some_and(|rest| rest.starts_with(end))
    };
    // Most bytes begin no end of a line, and one comparison tells.
    let may_end = |byte: u8| !(b' '..0xc2).contains(&byte);
    let candidates = bytes.iter().enumerate().filter(|(_, byte)| may_end(**byte));
    for (at, byte) in candidates {
        let length = match byte {
            b'\r' if follows(at, b"\n") => 2,
            b'\n' | b'\r' | 0x0b | 0x0c | 0x1c..=0x1e => 1,
            0xc2 if follows(at, b"\x85") => 2,
            0xe2 if follows(at, b"\x80\xa8") || follows(at, b"\x80\xa9") => 3,
            _ => continue,
        };
        return Some((at, length));
    }
    None
}

/// Where the line starts that holds byte `at`, by `str.splitlines`.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or("");
    let is_separator = |c: char| {
        matches!(
            c,
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'
                ..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    let separator = before.char_indices().rev().find(|(_, c)| is_separator(*c));
    separator.map_or(0, |(at, c)| at + c.len_utf8())
}

/// The first line of a text, by `str.splitlines`.
pub(super) fn first_line(text: &str) -> &str {
    let end = first_separator(text).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or(text)
}
