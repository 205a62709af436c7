//! Where a release was, when it came and when it went: as text, as lines, as JSON.

mod json;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use pinproof_core::Printable;
use pinproof_engine::ExitCode;
use pinproof_engine::exposed::{
    Asked, Exposure, Flaw, Gap, LookedAt, Presence, Question, Seen, Sighting, Went,
};

use super::wording::count;

pub(crate) use json::{json, schema};

const BOLD: Style = Style::new().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();

/// The report for people.
pub(crate) fn text(asked: &Asked, exposure: &Exposure) -> String {
    let mut text = String::new();
    if let Question::Advisory { flaws, .. } = &asked.question {
        for flaw in flaws {
            write_flaw(&mut text, flaw);
        }
    }
    for sighting in &exposure.sightings {
        let path = &sighting.path;
        let _ = writeln!(
            text,
            "{BOLD}{path}{BOLD:#}: {}",
            what_happened(sighting, asked)
        );
        if let Some(doubt) = &sighting.hit.doubt {
            let _ = writeln!(text, "  = note: {doubt}");
        }
    }
    let marked = |style, word, gaps: &[Gap], text: &mut String| {
        for gap in gaps {
            write_gap(text, style, word, gap);
        }
    };
    marked(RED, "error", &exposure.errors, &mut text);
    marked(YELLOW, "not known", &exposure.gaps, &mut text);
    marked(BOLD, "note", &exposure.notes, &mut text);
    if !text.is_empty() {
        text.push('\n');
    }
    let (style, word) = match exposure.exit_code() {
        ExitCode::Clean => (GREEN, "NOT EXPOSED"),
        ExitCode::Denied => (RED, "EXPOSED"),
        ExitCode::CouldNotRun => (RED, "COULD NOT RUN"),
        ExitCode::Undecided => (YELLOW, "UNDECIDED"),
    };
    let _ = writeln!(
        text,
        "{style}{word}{style:#}  {}: {}, {}",
        subject(&asked.question),
        places(exposure),
        count(exposure.gaps.len(), "gap", "gaps"),
    );
    write_looked_at(&mut text, exposure);
    text
}

/// One line for each place and each gap.
pub(crate) fn concise(asked: &Asked, exposure: &Exposure) -> String {
    let mut text = String::new();
    for sighting in &exposure.sightings {
        let what = what_happened(sighting, asked);
        let _ = writeln!(text, "{}: exposed: {what}", sighting.path);
    }
    let errors = exposure.errors.iter().map(|gap| ("error", gap));
    let gaps = exposure.gaps.iter().map(|gap| ("not known", gap));
    let notes = exposure.notes.iter().map(|gap| ("note", gap));
    for (word, gap) in errors.chain(gaps).chain(notes) {
        let _ = writeln!(text, "{}: {word}: {}", gap.path, gap.why);
    }
    write_looked_at(&mut text, exposure);
    text
}

fn write_looked_at(text: &mut String, exposure: &Exposure) {
    for looked_at in &exposure.looked_at {
        let _ = writeln!(text, "looked at {}", looked_at_text(looked_at));
    }
}

/// What the advisory says of a project.
fn write_flaw(text: &mut String, flaw: &Flaw) {
    let kind = if flaw.is_malware {
        "malware"
    } else {
        "vulnerability"
    };
    let project = &flaw.project;
    let _ = write!(text, "{BOLD}{kind} in {project}{BOLD:#}");
    if !flaw.summary.as_str().is_empty() {
        let _ = write!(text, ": {}", flaw.summary);
    }
    let ids: Vec<String> = flaw.ids.iter().map(Printable::to_string).collect();
    let _ = writeln!(text, "\n  = note: known as {}", ids.join(", "));
}

fn write_gap(text: &mut String, style: Style, word: &str, gap: &Gap) {
    let _ = writeln!(
        text,
        "{style}{word}{style:#}{BOLD}: {}: {}{BOLD:#}",
        gap.path, gap.why
    );
    if let Some(help) = &gap.help {
        let _ = writeln!(text, "  = help: {help}");
    }
}

/// What was looked for.
fn subject(question: &Question) -> String {
    match question {
        Question::Release { project, version } => format!("{project} {version}"),
        Question::Advisory { id, .. } => id.to_string(),
    }
}

/// How many places had it, and how many of them have it now.
fn places(exposure: &Exposure) -> String {
    let paths = |is_counted: fn(&&Sighting) -> bool| {
        let counted = exposure.sightings.iter().filter(is_counted);
        counted
            .map(|sighting| &sighting.path)
            .collect::<BTreeSet<_>>()
            .len()
    };
    let all = paths(|_| true);
    let had = count(all, "place had it", "places had it");
    if all == 0 {
        return had;
    }
    let still = paths(|sighting| is_there(&sighting.presence));
    format!("{had}, {}", count(still, "still does", "still do"))
}

fn is_there(presence: &Presence) -> bool {
    match presence {
        Presence::Locked { went, .. } => went.is_none(),
        Presence::HandedOut { until, .. } => until.is_none(),
        Presence::Installed | Presence::Cached => true,
    }
}

/// Which release it was, since when, until when, and what mends it.
fn what_happened(sighting: &Sighting, asked: &Asked) -> String {
    let mut text = format!("{} {}", sighting.project, sighting.version);
    if sighting.hit.doubt.is_some() {
        text.push_str(", possibly affected");
    }
    let (came, went, versions) = match &sighting.presence {
        Presence::Installed => (": installed".to_owned(), None, None),
        Presence::Cached => (": in a cache".to_owned(), None, None),
        handed @ Presence::HandedOut { .. } => (handed_out(handed), None, None),
        Presence::Locked {
            came,
            went,
            versions,
        } => (
            format!(": {}", came_text(came.as_ref())),
            Some(went),
            Some(*versions),
        ),
    };
    text.push_str(&came);
    if let Some(went) = went {
        text.push_str(&went_text(went.as_ref()));
    }
    if let Some(versions) = versions.filter(|versions| *versions > 0) {
        let versions = count(versions, "version", "versions");
        let _ = write!(text, ", in {versions} of the file");
    }
    match went {
        Some(Some(went)) => text.push_str(&then_text(went, sighting, asked)),
        _ => {
            if let Some(fixed) = &sighting.hit.fixed {
                let _ = write!(text, "; fixed in {fixed}");
            }
        }
    }
    text
}

/// From when to when, and how often; nothing for what is in no gateway.
fn handed_out(presence: &Presence) -> String {
    let Presence::HandedOut {
        filename,
        from,
        until,
        times,
        refused,
    } = presence
    else {
        return String::new();
    };
    let until = until.map_or(", still handed out".to_owned(), |until| {
        format!(", refused from {until:.0} on")
    });
    let refused = match refused {
        0 => String::new(),
        refused => format!(", refused {}", often(*refused)),
    };
    format!(
        ": `{filename}` handed out from {from:.0} on{until}; asked for {}{refused}",
        often(*times)
    )
}

fn often(times: u64) -> String {
    match times {
        1 => "once".to_owned(),
        times => format!("{times} times"),
    }
}

fn came_text(came: Option<&Seen>) -> String {
    match came {
        None => "came before the history that was looked at".to_owned(),
        Some(Seen::Uncommitted) => "in the working tree, not committed".to_owned(),
        Some(seen @ Seen::Committed { or_earlier, .. }) => {
            let or_earlier = if *or_earlier { " or earlier" } else { "" };
            format!("came {}{or_earlier}", moment(seen))
        }
    }
}

fn went_text(went: Option<&Went>) -> String {
    match went.map(|went| &went.seen) {
        None => ", still there".to_owned(),
        Some(Seen::Uncommitted) => ", gone from the working tree, not committed".to_owned(),
        Some(seen) => format!(", gone {}", moment(seen)),
    }
}

/// What took its place; of an advisory also whether that is better.
fn then_text(went: &Went, sighting: &Sighting, asked: &Asked) -> String {
    if went.then.is_empty() {
        return format!("; then no {} was pinned", sighting.project);
    }
    let too = match asked.question {
        Question::Release { .. } => ", which counts too",
        Question::Advisory { .. } => ", which is affected too",
    };
    let then = went.then.iter().map(|then| {
        let too = if then.is_hit { too } else { "" };
        format!("{}{too}", then.version)
    });
    format!("; then {}", then.collect::<Vec<_>>().join(" and "))
}

fn moment(seen: &Seen) -> String {
    match seen {
        Seen::Committed { time, commit, .. } => {
            let commit = commit.get(..12).unwrap_or(commit);
            format!("{time:.0} ({commit})")
        }
        Seen::Uncommitted => "in the working tree".to_owned(),
    }
}

fn looked_at_text(looked_at: &LookedAt) -> String {
    match looked_at {
        LookedAt::History {
            path,
            commits,
            files,
            versions,
            since,
            in_work_tree,
        } => {
            let since = since.map_or_else(String::new, |since| {
                format!(" since {}", since.strftime("%Y-%m-%d"))
            });
            format!(
                "{path}: {}{since}, {} of {}, {in_work_tree} in the working tree",
                count(*commits, "commit", "commits"),
                count(*versions, "version", "versions"),
                count(*files, "file", "files"),
            )
        }
        LookedAt::Environment {
            path,
            distributions,
        } => {
            let plural = "installed distributions";
            let distributions = count(*distributions, "installed distribution", plural);
            format!("{path}: {distributions}")
        }
        LookedAt::Gateway {
            path,
            entries,
            since,
        } => {
            let since = since.map_or_else(String::new, |since| {
                format!(" since {}", since.strftime("%Y-%m-%d"))
            });
            let entries = usize::try_from(*entries).unwrap_or(usize::MAX);
            let entries = count(entries, "entry", "entries");
            format!("{path}: the log of a gateway, {entries}{since}")
        }
        LookedAt::Cache { path, tool, names } => {
            let names = count(*names, "name", "names");
            format!("{path}: the cache of {tool}, {names}")
        }
    }
}
