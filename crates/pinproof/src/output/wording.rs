//! The sentences that every format shares: what a file is, what was judged, how the run ended.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anstream::adapter::strip_str;
use pinproof_core::evidence::Openness;
use pinproof_core::manifest::{Inventory, LockTool};
use pinproof_core::{Level, Place, Printable, Span};
use pinproof_engine::base::BaseUse;
use pinproof_engine::report::{Counts, FileUse, JudgedFile};
use pinproof_engine::rules::{Need, find_rule};
use pinproof_engine::{ExitCode, LockKind, LockStatus, Report, is_without_address};

/// `1 file`, `2 files`.
pub(crate) fn count(number: usize, singular: &str, plural: &str) -> String {
    match number {
        1 => format!("1 {singular}"),
        _ => format!("{number} {plural}"),
    }
}

/// What a file is: the first thing that a report says of it.
pub(crate) fn kind(file: &JudgedFile, report: &Report) -> String {
    match (&file.use_of, &file.lock) {
        (FileUse::InputOf(lock), _) if report.source(lock).is_none() => {
            format!("the input of {lock}, which this run does not judge")
        }
        (FileUse::InputOf(lock), _) => format!("the input of {lock}"),
        (FileUse::IncludedBy(other), _) => format!("part of {other}, and judged with it"),
        (FileUse::Installed, Some(lock))
            if lock.kind == LockKind::Empty && file.counts.requirements > 0 =>
        {
            "nothing of it is understood".to_owned()
        }
        (FileUse::Installed, Some(lock)) if lock.kind == LockKind::Empty && file.foreign > 0 => {
            "nothing in it is for pip".to_owned()
        }
        // Only a pyproject.toml has parts to choose from; whatever it pins, it locks nothing.
        (FileUse::Installed, Some(lock))
            if lock.kind != LockKind::Empty && file.scope.is_some() =>
        {
            "not a lock file: a manifest, and no lock pins what it needs".to_owned()
        }
        (FileUse::Inventory(inventory), _) => match &inventory.subject {
            Some(subject) => format!("{} of {subject}", inventory.kind),
            None => inventory.kind.to_string(),
        },
        (FileUse::Installed, Some(lock)) if file.foreign > 0 => {
            format!("{}, for what it leaves to pip", lock_kind(lock))
        }
        (FileUse::Installed, Some(lock)) => lock_kind(lock),
        (FileUse::Installed, None) => "a manifest".to_owned(),
    }
}

fn lock_kind(lock: &LockStatus) -> String {
    let mut text = lock.kind.to_string();
    if lock.is_freeze_output {
        text.push_str(" (this looks like the output of `pip freeze`)");
    }
    if let Some(unneeded) = lock.unneeded.filter(|unneeded| *unneeded > 0) {
        let leftovers = count(unneeded, "leftover", "leftovers");
        text = format!("{text}, with {leftovers} that no declared input needs");
    }
    text
}

/// The counts behind what a file is.
pub(crate) fn properties(file: &JudgedFile) -> Option<String> {
    if let FileUse::Inventory(inventory) = &file.use_of {
        return Some(components(file, inventory));
    }
    let lock = file.lock.as_ref()?;
    if lock.kind == LockKind::Empty {
        return None;
    }
    let mut parts = vec![
        count(lock.requirements, "requirement", "requirements"),
        format!("{} pinned", lock.pinned),
        format!("{} hashed", lock.hashed),
    ];
    if lock.by_commit > 0 {
        parts.push(format!(
            "{} held by a commit id only (pip's hash mode refuses that)",
            lock.by_commit
        ));
    }
    if lock.local > 0 {
        parts.push(format!("{} from this machine", lock.local));
    }
    parts.extend(tree(lock, file));
    if let Some(tool) = lock.tool {
        parts.push(format!("made by {}", tool_name(tool)));
    }
    Some(parts.join(", "))
}

/// What a file asks another ecosystem for, which is nobody's to judge here.
pub(crate) fn foreign(file: &JudgedFile) -> Option<String> {
    let packages = count(file.foreign, "conda package", "conda packages");
    (file.foreign > 0).then(|| format!("{packages} (not judged)"))
}

/// What an inventory lists, and how much of it is nobody's to judge here.
fn components(file: &JudgedFile, inventory: &Inventory) -> String {
    let releases = file.counts.requirements - file.counts.not_understood;
    let mut parts = vec![count(releases, "Python release", "Python releases")];
    if file.counts.not_understood > 0 {
        parts.push(format!("{} not understood", file.counts.not_understood));
    }
    if inventory.foreign > 0 {
        let foreign = count(inventory.foreign, "component", "components");
        parts.push(format!("{foreign} of other ecosystems (not judged)"));
    }
    if inventory.unidentified > 0 {
        let others = count(inventory.unidentified, "component", "components");
        parts.push(format!("{others} that no index has (not judged)"));
    }
    parts.join(", ")
}

fn tree(lock: &LockStatus, file: &JudgedFile) -> Option<String> {
    let target = file.target.as_deref().unwrap_or("the environment");
    Some(match lock.kind {
        LockKind::Lock => format!("complete for {target}"),
        LockKind::IncompleteTree => format!("incomplete for {target}"),
        LockKind::UnknownTree => format!("completeness for {target} not known"),
        LockKind::PinnedWithoutHashes | LockKind::PartlyHashed if lock.missing > 0 => {
            format!("incomplete for {target}")
        }
        LockKind::PinnedWithoutHashes | LockKind::PartlyHashed => format!("judged for {target}"),
        _ => return None,
    })
}

fn tool_name(tool: LockTool) -> &'static str {
    match tool {
        LockTool::PipCompile => "pip-compile",
        LockTool::Uv => "uv",
        LockTool::Export => "an export",
        LockTool::Pinproof => "pinproof",
        LockTool::Poetry => "Poetry",
        LockTool::Pdm => "PDM",
        LockTool::Pipenv => "Pipenv",
        LockTool::Pip => "pip",
    }
}

/// The verdict in one word; clean is what was judged without anything to say.
pub(crate) fn word(report: &Report) -> &'static str {
    match report.exit_code() {
        ExitCode::Clean if is_qualified(report) => "PASSED",
        ExitCode::Clean => "CLEAN",
        ExitCode::Denied => "FAILED",
        ExitCode::CouldNotRun => "COULD NOT RUN",
        ExitCode::Undecided => "UNDECIDED",
    }
}

/// Whether nothing is denied, and still not all is well.
fn is_qualified(report: &Report) -> bool {
    report.warned() > 0
        || !report.existing.is_empty()
        || report.counts().judged == 0
        || without_advisories(report) > 0
}

/// The requirements that nobody publishes advisories about, such as those from an index of one's own: no denial,
/// and not known to be fine. What has no address here is counted as internal.
fn without_advisories(report: &Report) -> usize {
    // The cooldown asks for advisories too, but its question is another.
    let asks_advisories =
        |rule| find_rule(rule).is_some_and(|rule| rule.needs == [Need::Advisories]);
    let questions = report.questions.iter().filter(|question| {
        question.openness == Openness::Unsupported
            && question.level < Level::Deny
            && asks_advisories(question.rule)
            && !is_without_address(&question.source)
    });
    let requirements: BTreeSet<_> = questions
        .map(|question| (&question.project, question.places.first().map(place)))
        .collect();
    requirements.len()
}

fn place(place: &Place) -> (&Printable, Option<Span>) {
    (&place.origin, place.span)
}

/// The counts of a report.
pub(crate) fn summary(report: &Report) -> String {
    let questions = report.ignored_questions.len();
    let of_them = match questions {
        0 => String::new(),
        _ => format!(" ({})", count(questions, "open question", "open questions")),
    };
    let mut text = format!(
        "{} denied, {} warned, {} ignored{of_them}, {} unanswered",
        report.denied(),
        report.warned(),
        report.ignored.len() + questions,
        report.open(),
    );
    if report.base.is_some() {
        let existing = report.existing.len() + report.existing_questions.len();
        let _ = write!(text, ", {existing} already there");
    }
    let without = without_advisories(report);
    if without > 0 {
        let requirements = count(without, "requirement", "requirements");
        let _ = write!(text, "; the flaws of {requirements} are not known");
    }
    text
}

/// What a report was compared with: `origin/main (0123456789ab)`.
pub(crate) fn base(base: &BaseUse) -> String {
    match &base.commit {
        Some(commit) => format!(
            "{} ({})",
            base.name,
            commit.id.get(..12).unwrap_or(&commit.id)
        ),
        None => base.name.to_string(),
    }
}

/// The counts of what the base has too; `None` if it is nothing.
pub(crate) fn existing(report: &Report) -> Option<String> {
    let of_level = |level| report.existing.iter().filter(|f| f.level == level).count();
    let questions = report.existing_questions.len();
    let parts: Vec<String> = [
        (of_level(Level::Deny), "denied".to_owned()),
        (of_level(Level::Warn), "warned".to_owned()),
        (questions, "unanswered, and as it was".to_owned()),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, what)| format!("{number} {what}"))
    .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The last line: how many requirements of how many were judged, from what.
pub(crate) fn judged(report: &Report, verbose: bool) -> String {
    let files: Vec<String> = report
        .files
        .iter()
        .filter(|file| file.counts.requirements > 0)
        .map(|file| {
            let sha256 = digest(&file.source.sha256, verbose);
            let from = format!(" from {} sha256:{sha256}", file.source.path);
            share(file.counts, &from)
        })
        .collect();
    let open = count(report.open(), "question unanswered", "questions unanswered");
    match files.as_slice() {
        [] => format!("judged 0 of 0 requirements; {open}"),
        [one] => format!("judged {one}; {open}"),
        many if many.len() <= 3 => format!("judged {}; {open}", many.join(", ")),
        many => format!(
            "judged {}, the last {}; {open}",
            share(
                report.counts(),
                &format!(" requirements from {} files", many.len())
            ),
            many.last().map_or("", String::as_str),
        ),
    }
}

/// How many of how many, and whom nobody was asked about.
fn share(counts: Counts, from: &str) -> String {
    let mut rest = Vec::new();
    if counts.internal > 0 {
        rest.push(format!("{} internal", counts.internal));
    }
    if counts.excepted > 0 {
        rest.push(format!("{} by exception", counts.excepted));
    }
    let rest = match rest.as_slice() {
        [] => String::new(),
        rest => format!(" (not judged: {})", rest.join(", ")),
    };
    format!("{} of {}{from}{rest}", counts.judged, counts.requirements)
}

/// A digest, or its beginning.
pub(crate) fn digest(sha256: &str, verbose: bool) -> String {
    if verbose {
        sha256.to_owned()
    } else {
        format!("{}…", sha256.get(..12).unwrap_or(sha256))
    }
}

/// A text of at most so many characters; a cut is said by an ellipsis.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most).chain(['…']).collect()
}

/// A text in lines of at most `width` columns, broken at spaces, but not inside backticks: a command can be
/// copied. A longer word has a line of its own.
pub(crate) fn lines(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut is_quoted = false;
    let words = text.split(|c| {
        is_quoted ^= c == '`';
        c == ' ' && !is_quoted
    });
    for word in words {
        match lines.last_mut() {
            Some(line) if columns(line) + 1 + columns(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A text whose lines have at most `width` columns, as far as their words allow. What goes on stands under what
/// it goes on from: under the text of a label such as `error[unknown-project]: `, else two columns further in.
pub(crate) fn folded(text: &str, width: usize) -> String {
    let lines = text.split_inclusive('\n');
    let folded = lines.map(|line| match line.strip_suffix('\n') {
        Some(line) => folded_line(line, width) + "\n",
        None => folded_line(line, width),
    });
    folded.collect()
}

fn folded_line(line: &str, width: usize) -> String {
    if columns(line) <= width {
        return line.to_owned();
    }
    let (front, indent) = front(line, width);
    let rest = lines(&line[front..], width.saturating_sub(indent));
    let next = format!("\n{}", " ".repeat(indent));
    format!("{}{}", &line[..front], rest.join(&next))
}

/// The length of what stays in front of a line, and the columns before what goes on.
fn front(line: &str, width: usize) -> (usize, usize) {
    let spaces = line.len() - line.trim_start().len();
    let label = line.find(": ").map(|at| at + 2);
    let is_label = |end: &usize| {
        let label = strip_str(&line[..*end]).to_string();
        let word = label.trim().trim_start_matches("= ");
        !word.contains(' ') && columns(&label) <= width / 2
    };
    match label.filter(is_label) {
        Some(end) => (end, columns(&line[..end])),
        None => (spaces, spaces + 2),
    }
}

/// Columns of a text without its styles, nearly: a few scripts are wider.
pub(crate) fn columns(text: &str) -> usize {
    strip_str(text).map(|part| part.chars().count()).sum()
}

/// A list that ends in "and n more" where it is long.
pub(crate) fn listing(items: &[Printable], most: usize) -> String {
    let shown: Vec<_> = items.iter().take(most).map(ToString::to_string).collect();
    let shown = shown.join(", ");
    match items.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::{columns, folded};

    #[test]
    fn what_goes_on_stands_under_its_label() {
        let text = "error[unknown-project]: `reqeusts` does not exist on PyPI, and anybody may register it\n\n";
        let expected = "error[unknown-project]: `reqeusts` does not exist on\n                        \
                        PyPI, and anybody may\n                        register it\n\n";
        assert_eq!(folded(text, 52), expected);
        assert_eq!(
            folded("  = note: not decided: one, two, three, four\n", 30),
            "  = note: not decided: one,\n          two, three, four\n"
        );
    }

    #[test]
    fn without_a_label_it_stands_further_in() {
        assert_eq!(
            folded("  3 requirements, 3 pinned, 3 hashed", 24),
            "  3 requirements, 3\n    pinned, 3 hashed"
        );
        // A path may be longer than what there is.
        assert_eq!(
            folded("a/very/long/path/of/a/file.txt: a lock file", 40),
            "a/very/long/path/of/a/file.txt: a lock\n  file"
        );
    }

    #[test]
    fn styles_have_no_columns() {
        let styled = "\u{1b}[1m\u{1b}[31merror\u{1b}[0m: what is wrong";
        assert_eq!(columns(styled), 20);
        assert_eq!(folded(styled, 20), styled);
        assert_eq!(
            folded(styled, 15),
            "\u{1b}[1m\u{1b}[31merror\u{1b}[0m: what is\n       wrong"
        );
    }
}
