//! Rows of a report: a sign, a project, its versions, and what there is to say, within the terminal's width.

use std::fmt::Write as _;

use anstyle::Style;

use crate::output::wording;

/// Columns of a name or of versions; longer ones push the rest of their row to the right.
const MOST_COLUMNS: usize = 30;
/// How far the lines under a row are moved in.
const INDENT: usize = 5;

/// One row.
pub(super) struct Row {
    pub(super) sign: (char, Style),
    pub(super) name: String,
    pub(super) versions: String,
    /// What there is to say; it goes below the row where it does not fit into it.
    pub(super) more: String,
}

/// A part of the table.
enum Part {
    Row(Row),
    /// A line that has no columns.
    Line(String),
}

/// Rows in their order.
#[derive(Default)]
pub(super) struct Rows(Vec<Part>);

impl Rows {
    pub(super) fn add(&mut self, row: Row) {
        self.0.push(Part::Row(row));
    }

    pub(super) fn add_line(&mut self, line: String) {
        self.0.push(Part::Line(line));
    }

    /// The rows with their columns below each other.
    pub(super) fn text(&self, width: usize) -> String {
        let rows = || {
            self.0.iter().filter_map(|part| match part {
                Part::Row(row) => Some(row),
                Part::Line(_) => None,
            })
        };
        let widest = |texts: &mut dyn Iterator<Item = &String>| {
            let columns = texts.map(|text| text.chars().count());
            columns.filter(|columns| *columns <= MOST_COLUMNS).max()
        };
        let name = widest(&mut rows().map(|row| &row.name)).unwrap_or(0);
        let versions = widest(&mut rows().map(|row| &row.versions)).unwrap_or(0);
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Row(row) => row.write(&mut text, (name, versions), width),
                Part::Line(line) => {
                    let _ = writeln!(text, "{line}");
                }
            }
        }
        text
    }
}

impl Row {
    fn write(&self, text: &mut String, (name, versions): (usize, usize), width: usize) {
        let (sign, style) = self.sign;
        let Self {
            name: of,
            versions: at,
            more,
            ..
        } = self;
        let _ = write!(text, " {style}{sign}{style:#} ");
        if of.is_empty() {
            let _ = writeln!(text, "{}", hanging(more, (3, INDENT), width));
            return;
        }
        let head = format!("{of:name$}  {at:versions$}");
        if more.is_empty() {
            let _ = writeln!(text, "{}", head.trim_end());
        } else if 3 + head.chars().count() + 2 + more.chars().count() <= width {
            let _ = writeln!(text, "{head}  {more}");
        } else {
            let _ = writeln!(text, "{}", head.trim_end());
            let indent = " ".repeat(INDENT);
            let _ = writeln!(text, "{indent}{}", hanging(more, (INDENT, INDENT), width));
        }
    }
}

/// A sentence in lines within `width`: the first begins in the column `first`, where the caller has come to,
/// the others in the column `next`.
pub(super) fn hanging(sentence: &str, (first, next): (usize, usize), width: usize) -> String {
    // What stands before the first word takes its columns.
    let before = "-".repeat(first.saturating_sub(next));
    let lines = wording::lines(&format!("{before}{sentence}"), width.saturating_sub(next));
    let text = lines.join(&format!("\n{}", " ".repeat(next)));
    text[before.len()..].to_owned()
}

#[cfg(test)]
mod tests {
    use anstyle::Style;

    use super::{Row, Rows, hanging};

    fn row(name: &str, versions: &str, more: &str) -> Row {
        Row {
            sign: ('+', Style::new()),
            name: name.to_owned(),
            versions: versions.to_owned(),
            more: more.to_owned(),
        }
    }

    #[test]
    fn columns_are_as_wide_as_they_have_to_be() {
        let mut rows = Rows::default();
        rows.add(row("a", "1.0", ""));
        rows.add_line("   2 releases are unchanged".to_owned());
        rows.add(row("longer", "1.0 -> 2.0", "fits"));
        rows.add(row("", "", "of no project"));
        assert_eq!(
            rows.text(80),
            " + a       1.0\n   2 releases are unchanged\n + longer  1.0 -> 2.0  fits\n + of no project\n"
        );
    }

    #[test]
    fn what_does_not_fit_goes_below() {
        let mut rows = Rows::default();
        rows.add(row("a", "1.0", "one two three four five six"));
        assert_eq!(
            rows.text(24),
            " + a  1.0\n     one two three four\n     five six\n"
        );
    }

    #[test]
    fn one_long_name_does_not_move_the_others() {
        let mut rows = Rows::default();
        let long = "x".repeat(40);
        rows.add(row("a", "1.0", "new"));
        rows.add(row(&long, "1.0", "new"));
        assert_eq!(
            rows.text(80),
            format!(" + a  1.0  new\n + {long}  1.0  new\n")
        );
    }

    #[test]
    fn sentences_hang() {
        assert_eq!(hanging("a b c", (2, 4), 7), "a b\n    c");
        assert_eq!(hanging("a b c d", (6, 2), 7), "a\n  b c d");
    }
}
