//! One line about a record.

use super::value::Value;

/// Characters, with the ellipsis.
const MAX_CHARACTERS: usize = 200;

/// The summary of a record, or else the first sentence of its details.
pub(super) fn of(root: &Value) -> String {
    let line = |key| root.get(key).and_then(Value::text).unwrap_or_default();
    let summary = one_line(line("summary"));
    if summary.is_empty() {
        shortened(first_sentence(line("details")))
    } else {
        shortened(summary)
    }
}

/// Of the first paragraph that is no heading (details are Markdown).
fn first_sentence(details: &str) -> String {
    let lines = details.lines().map(str::trim);
    let paragraph = lines
        .skip_while(|line| line.is_empty() || line.starts_with('#'))
        .take_while(|line| !line.is_empty());
    let text = one_line(&paragraph.collect::<Vec<_>>().join(" "));
    let ends = text.match_indices(". ").map(|(at, _)| at);
    // "e.g. ", "i.e. ", "v. 2": a sentence ends before a capital letter.
    let end = ends
        .filter(|at| {
            text[at + 2..]
                .chars()
                .next()
                .is_some_and(char::is_uppercase)
        })
        .map(|at| at + 1)
        .next();
    end.map_or(text.clone(), |end| text[..end].to_owned())
}

fn one_line(text: &str) -> String {
    // More words than these are never shown.
    let words = text.split_whitespace().take(MAX_CHARACTERS);
    words.collect::<Vec<_>>().join(" ")
}

fn shortened(text: String) -> String {
    if text.chars().count() <= MAX_CHARACTERS {
        return text;
    }
    let kept: String = text.chars().take(MAX_CHARACTERS - 1).collect();
    format!("{}…", kept.trim_end())
}
