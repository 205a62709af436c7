//! The sentences that every format shares: what a file is, what was judged, how the run ended.

use pinproof_core::Printable;
use pinproof_core::manifest::{Inventory, LockTool};
use pinproof_engine::report::{FileUse, JudgedFile};
use pinproof_engine::{ExitCode, LockKind, LockStatus, Report};

/// `1 file`, `2 files`.
pub(crate) fn count(number: usize, singular: &str, plural: &str) -> String {
    match number {
        1 => format!("1 {singular}"),
        _ => format!("{number} {plural}"),
    }
}

/// What a file is: the first thing that a report says of it.
pub(crate) fn kind(file: &JudgedFile) -> String {
    match (&file.use_of, &file.lock) {
        (FileUse::InputOf(lock), _) => format!("the input of {lock}"),
        (FileUse::IncludedBy(other), _) => format!("part of {other}, and judged with it"),
        (FileUse::Installed, Some(lock))
            if lock.kind == LockKind::Empty && file.requirements > 0 =>
        {
            "nothing of it is understood".to_owned()
        }
        (FileUse::Inventory(inventory), _) => match &inventory.subject {
            Some(subject) => format!("{} of {subject}", inventory.kind),
            None => inventory.kind.to_string(),
        },
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

/// What an inventory lists, and how much of it is nobody's to judge here.
fn components(file: &JudgedFile, inventory: &Inventory) -> String {
    let releases = file.requirements - file.not_understood;
    let mut parts = vec![count(releases, "Python release", "Python releases")];
    if file.not_understood > 0 {
        parts.push(format!("{} not understood", file.not_understood));
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
    }
}

/// The verdict in one word.
pub(crate) fn word(code: ExitCode, warned: usize) -> &'static str {
    match code {
        ExitCode::Clean if warned > 0 => "PASSED",
        ExitCode::Clean => "CLEAN",
        ExitCode::Denied => "FAILED",
        ExitCode::CouldNotRun => "COULD NOT RUN",
        ExitCode::Undecided => "UNDECIDED",
    }
}

/// The counts of a report.
pub(crate) fn summary(report: &Report) -> String {
    format!(
        "{} denied, {} warned, {} ignored, {} unanswered",
        report.denied(),
        report.warned(),
        report.ignored.len(),
        report.open(),
    )
}

/// The last line: how many requirements of how many were judged, from what.
pub(crate) fn judged(report: &Report, verbose: bool) -> String {
    let files: Vec<String> = report
        .files
        .iter()
        .filter(|file| file.requirements > 0)
        .map(|file| {
            format!(
                "{} of {} from {} sha256:{}",
                file.judged,
                file.requirements,
                file.source.path,
                digest(&file.source.sha256, verbose)
            )
        })
        .collect();
    let open = count(report.open(), "question unanswered", "questions unanswered");
    match files.as_slice() {
        [] => format!("judged 0 of 0 requirements; {open}"),
        [one] => format!("judged {one}; {open}"),
        many if many.len() <= 3 => format!("judged {}; {open}", many.join(", ")),
        many => format!(
            "judged {} of {} requirements from {} files, the last {}; {open}",
            report.judged(),
            report.requirements(),
            many.len(),
            many.last().map_or("", String::as_str),
        ),
    }
}

fn digest(sha256: &str, verbose: bool) -> String {
    if verbose {
        sha256.to_owned()
    } else {
        format!("{}…", sha256.get(..12).unwrap_or(sha256))
    }
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
