//! A unified diff of edits, as `diff -u` and `git diff` write it, made from the edits themselves.

use std::fmt::Write as _;
use std::ops::Range;

use crate::edit::Edit;

/// Lines of context around a change.
const CONTEXT: usize = 3;

/// The diff of `edits` to `text`, a file shown as `path`; empty without a change.
///
/// The lines are those of the file, unescaped, so that the diff can be applied; escape them where they
/// are shown to a person.
pub fn unified(path: &str, text: &str, edits: &[Edit]) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let changes = changes(text, &lines, edits);
    let mut diff = String::new();
    let mut shift = 0;
    for hunk in changes.chunk_by(|a, b| b.old.start <= a.old.end + 2 * CONTEXT) {
        if diff.is_empty() {
            let _ = write!(diff, "--- a/{path}\n+++ b/{path}\n");
        }
        write_hunk(&mut diff, &lines, hunk, &mut shift);
    }
    diff
}

/// Lines that are replaced.
#[derive(Debug, PartialEq, Eq)]
struct Change {
    old: Range<usize>,
    new: String,
}

/// The lines that the edits touch, edits of the same lines together.
fn changes(text: &str, lines: &[&str], edits: &[Edit]) -> Vec<Change> {
    let starts: Vec<usize> = lines
        .iter()
        .scan(0, |at, line| {
            let start = *at;
            *at += line.len();
            Some(start)
        })
        .collect();
    let line_of = |at: usize| {
        starts
            .partition_point(|start| *start <= at)
            .saturating_sub(1)
    };
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| edit.span);
    let touched =
        |edit: &Edit| line_of(edit.span.start)..(line_of(edit.span.end) + 1).min(lines.len());
    sorted
        .chunk_by(|a, b| touched(b).start < touched(a).end)
        .filter_map(|group| {
            let old = touched(group.first()?).start..touched(group.last()?).end;
            let start = starts.get(old.start).copied().unwrap_or(0);
            let end = starts.get(old.end).copied().unwrap_or(text.len());
            let moved = group.iter().map(|edit| Edit {
                span: pinproof_core::Span::new(edit.span.start - start, edit.span.end - start),
                replacement: edit.replacement.clone(),
            });
            let before = text.get(start..end)?;
            let new = crate::edit::apply(before, &moved.collect::<Vec<_>>())?;
            (new != before).then_some(Change { old, new })
        })
        .collect()
}

fn write_hunk(diff: &mut String, lines: &[&str], hunk: &[Change], shift: &mut isize) {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else {
        return;
    };
    let start = first.old.start.saturating_sub(CONTEXT);
    let end = (last.old.end + CONTEXT).min(lines.len());
    let added: usize = hunk
        .iter()
        .map(|change| change.new.split_inclusive('\n').count())
        .sum();
    let removed: usize = hunk.iter().map(|change| change.old.len()).sum();
    let new_start = start.saturating_add_signed(*shift);
    let new_len = end - start + added - removed;
    *shift += added.cast_signed() - removed.cast_signed();
    let place =
        |start: usize, len: usize| format!("{},{len}", if len == 0 { start } else { start + 1 });
    let _ = writeln!(
        diff,
        "@@ -{} +{} @@",
        place(start, end - start),
        place(new_start, new_len)
    );
    let mut at = start;
    for change in hunk {
        write_lines(diff, ' ', lines.get(at..change.old.start).unwrap_or(&[]));
        write_lines(diff, '-', lines.get(change.old.clone()).unwrap_or(&[]));
        write_lines(
            diff,
            '+',
            &change.new.split_inclusive('\n').collect::<Vec<_>>(),
        );
        at = change.old.end;
    }
    write_lines(diff, ' ', lines.get(at..end).unwrap_or(&[]));
}

fn write_lines(diff: &mut String, sign: char, lines: &[&str]) {
    for line in lines {
        diff.push(sign);
        diff.push_str(line);
        if !line.ends_with('\n') {
            diff.push_str("\n\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::unified;
    use crate::edit::Edit;

    #[test]
    fn writes_hunks_with_context() {
        let text: String = (1..=20)
            .flat_map(|number| [number.to_string(), "\n".to_owned()])
            .collect();
        let edits = [
            Edit::insert(1, " \\\n  x"),
            Edit::insert(text.len() - 1, "!"),
        ];
        assert_eq!(
            unified("r.txt", &text, &edits),
            "--- a/r.txt\n+++ b/r.txt\n@@ -1,4 +1,5 @@\n-1\n+1 \\\n+  x\n 2\n 3\n 4\n\
             @@ -17,4 +18,4 @@\n 17\n 18\n 19\n-20\n+20!\n"
        );
        assert_eq!(unified("r.txt", &text, &[]), "");
    }

    #[test]
    fn a_missing_last_newline_is_said() {
        let diff = unified("r", "a\r\nb", &[Edit::insert(4, "c")]);
        assert!(diff.ends_with("@@ -1,2 +1,2 @@\n a\r\n-b\n\\ No newline at end of file\n+bc\n\\ No newline at end of file\n"));
        assert_eq!(
            unified("r", "", &[Edit::insert(0, "a\n")]),
            "--- a/r\n+++ b/r\n@@ -0,0 +1,1 @@\n+a\n"
        );
    }
}
