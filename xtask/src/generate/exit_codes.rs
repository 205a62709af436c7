//! `exit-codes.md`, and the table in the README: what the help says, and how codes are combined.

use crate::Trouble;
use crate::help::Page;

/// What each code means beyond the words of the help.
const DETAILS: &[(&str, &str)] = &[
    (
        "0",
        "Warnings, ignored findings and unanswered questions of warning rules included, and names that the policy \
         declares internal; the last line says how many requirements were judged.",
    ),
    ("1", "At least one finding at level deny."),
    (
        "2",
        "A wrong call, a wrong configuration, a named input that cannot be read, or nothing to judge. Every \
         other input is still reported.",
    ),
    (
        "3",
        "Nothing is denied as far as is known: somebody did not answer, nobody could be asked, or an input is not \
         understood. Also where no rule denies, and not one requirement was judged. Worth another try; never a \
         pass.",
    ),
    ("101", "A bug in pinproof. Please report it."),
];

/// The reference of the exit codes.
pub(super) fn text(pages: &[Page]) -> Result<String, Trouble> {
    Ok(format!(
        "# Exit codes\n\n{}{}\nWhere several apply: 101 before 2, 2 before 1, 1 before 3, 3 before 0. \
         `--exit-zero` turns 1 and 3 into 0, never 2 or 101; the JSON report keeps the code as it was.\n{}",
        super::NOTE,
        table(pages)?,
        of_commands(pages),
    ))
}

/// What the codes mean to commands that say it in words of their own.
fn of_commands(pages: &[Page]) -> String {
    let mut text = String::from("\n## In the words of a command\n\n");
    for page in pages.iter().skip(1) {
        let joined = page.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some((_, codes)) = joined.split_once("Exit codes: ") {
            let line = format!("- `{}`: {codes}\n", page.title());
            text.push_str(&line);
        }
    }
    text
}

/// The table of the exit codes.
pub(super) fn table(pages: &[Page]) -> Result<String, Trouble> {
    let help = pages.first().map_or("", |page| page.text.as_str());
    let joined = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let (_, codes) = joined
        .split_once("Exit codes: ")
        .ok_or("the help of pinproof does not list its exit codes")?;
    let mut rows = Vec::new();
    for part in codes.split(" · ").chain(["101 a bug"]) {
        let (code, meaning) = part.split_once(' ').unwrap_or((part, ""));
        let detail = DETAILS.iter().find(|(known, _)| *known == code);
        let (_, detail) = detail.ok_or_else(|| format!("no words for exit code {code}"))?;
        rows.push(vec![
            code.to_owned(),
            meaning.to_owned(),
            (*detail).to_owned(),
        ]);
    }
    Ok(super::table(&["code", "meaning", "that is"], &rows))
}
