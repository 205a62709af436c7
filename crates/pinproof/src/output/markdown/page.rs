//! A comment that is filled piece by piece, and says what did not fit.

/// The bytes of a comment. GitHub takes 65,536 characters, GitLab more.
const MOST: usize = 65_536;
/// Kept for the end, which is always written, and for what closes a part.
const RESERVED: usize = 4_096;

/// A comment.
#[derive(Debug, Default)]
pub(super) struct Page {
    text: String,
    /// Rows and lines that did not fit.
    pub(super) left_out: usize,
}

impl Page {
    /// Adds a piece, if it fits as a whole.
    pub(super) fn write(&mut self, piece: &str) -> bool {
        let fits = self.text.len() + piece.len() <= MOST - RESERVED;
        if fits {
            self.text.push_str(piece);
        }
        fits
    }

    /// Adds a part with its lines; what does not fit is counted.
    pub(super) fn part(&mut self, open: &str, lines: &[String], close: &str) {
        if lines.is_empty() {
            return;
        }
        let mut written = 0;
        if self.write(open) {
            written = lines.iter().take_while(|line| self.write(line)).count();
            self.text.push_str(close);
        }
        self.left_out += lines.len() - written;
    }

    /// The comment with its end.
    pub(super) fn end(self, foot: &str) -> String {
        self.text + foot
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Page};

    #[test]
    fn what_does_not_fit_is_counted_and_nothing_stays_open() {
        let mut page = Page::default();
        let lines: Vec<String> = (0..200).map(|_| "x".repeat(1_000)).collect();
        page.part("<details>", &lines, "</details>");
        page.part("<details>", &lines, "</details>");
        assert!(page.write("short"));
        let left_out = page.left_out;
        let text = page.end("end");
        assert!(text.len() < MOST);
        assert_eq!(
            text.matches("<details>").count(),
            text.matches("</details>").count()
        );
        assert_eq!(text.matches('x').count() + left_out * 1_000, 400_000);
    }
}
