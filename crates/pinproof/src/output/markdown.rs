//! `--format markdown`: a comment on a pull request.
//!
//! First the verdict, then what to do, one row for each rule and file, what stayed open, and folded away
//! every place. A comment has a limit; what does not fit is counted.

mod page;
mod safe;

use std::fmt::Write as _;

use pinproof_core::{Level, Place, Printable};
use pinproof_engine::Report;
use pinproof_engine::advice::{Action, Advice, advice};
use pinproof_engine::report::Kind;

use self::page::Page;
use self::safe::{code, html_code, prose};
use super::concise::locate;
use super::gaps::{Gap, gaps};
use super::text::blocks::{self, Block};
use super::wording::{self, count, cut};

/// Files, and releases of the advice, that are listed.
const LISTED: usize = 20;
/// Characters of one message.
const MOST_MESSAGE: usize = 500;
/// What is said once for a block: notes and help.
const SAID: usize = 3;

/// The report as a comment.
pub(crate) fn render(report: &Report) -> String {
    let blocks = blocks::blocks(report);
    let gaps = gaps(&report.questions);
    let mut page = Page::default();
    page.write(&head(report));
    if report.kind == Kind::Audit {
        page.part("\n**What to do first**\n\n", &advised(report), "");
    }
    page.part(&table(&["", "input", "why"]), &errors(report), "");
    page.part(
        &table(&["", "rule", "where", "what"]),
        &findings(&blocks, report),
        "",
    );
    page.part(
        &table(&["", "not answered", "why"]),
        &unanswered(&gaps, report),
        "",
    );
    for block in &blocks {
        page.part(
            &summary(block, report),
            &places(block, report),
            "\n</details>\n",
        );
    }
    let foot = foot(report, blocks.first(), page.left_out);
    page.end(&foot)
}

/// The mark is how a workflow finds its own comment again.
fn head(report: &Report) -> String {
    let (mark, title) = match report.kind {
        Kind::Check => ("check", "pinproof"),
        Kind::Audit => ("audit", "pinproof audit"),
    };
    let mut text = format!(
        "<!-- pinproof:{mark} -->\n### {title}: {}\n\n{}\n\n",
        wording::word(report),
        wording::summary(report)
    );
    for file in report.files.iter().take(LISTED) {
        let what = match report.kind {
            Kind::Check => wording::kind(file, report),
            Kind::Audit => count(file.counts.requirements, "requirement", "requirements"),
        };
        let path = code(file.source.path.as_str());
        let _ = writeln!(text, "- {path}: {}", prose(&what));
    }
    if report.files.len() > LISTED {
        let more = count(report.files.len() - LISTED, "more file", "more files");
        let _ = writeln!(text, "- and {more}");
    }
    if let Some(base) = &report.base {
        let name = code(&wording::base(base));
        let already = wording::existing(report).unwrap_or_else(|| "nothing".to_owned());
        let _ = writeln!(text, "\nAlready in {name}, not counted: {already}");
    }
    text
}

fn table(columns: &[&str]) -> String {
    let rule = "|---".repeat(columns.len());
    format!("\n| {} |\n{rule}|\n", columns.join(" | "))
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Deny => "**denied**",
        Level::Warn | Level::Allow => "warned",
    }
}

fn errors(report: &Report) -> Vec<String> {
    let errors = report.errors.iter().map(|error| {
        let at = match error.line_column {
            Some((line, column)) => format!("{}:{line}:{column}", error.path),
            None => error.path.to_string(),
        };
        let help = error.help.as_ref();
        let help = help.map_or_else(String::new, |help| format!(": {}", sentence(help)));
        let why = sentence(&error.message);
        format!("| **not read** | {} | {why}{help} |\n", code(&at))
    });
    errors.collect()
}

fn findings(blocks: &[Block<'_>], report: &Report) -> Vec<String> {
    let rows = blocks.iter().map(|block| {
        let first = block.findings[0];
        let place = first.places.first();
        let more = block.findings.len() - 1;
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!(
            "| {} | `{}` | {}{more} | {} |\n",
            word(block.level),
            first.rule,
            place.map_or_else(String::new, |place| code(&locate(report, place))),
            prose(&cut(&blocks::title(block), MOST_MESSAGE)),
        )
    });
    rows.collect()
}

fn unanswered(gaps: &[Gap<'_>], report: &Report) -> Vec<String> {
    let rows = gaps.iter().map(|gap| {
        let at = gap.places.first();
        let at = at.map_or_else(|| gap.source.to_string(), |place| locate(report, place));
        let rules = gap.undecided();
        let what = rules.map_or_else(|| code(&at), |rules| prose(&rules));
        let level = match gap.level {
            Level::Deny => "**open**",
            Level::Warn | Level::Allow => "open",
        };
        let why = prose(&cut(&gap.message(), MOST_MESSAGE));
        format!("| {level} | {what} | {why} |\n")
    });
    rows.collect()
}

/// The line that is seen of a folded block. Markdown is not read there.
fn summary(block: &Block<'_>, report: &Report) -> String {
    let first = block.findings[0];
    let place = first.places.first();
    let file = place.map_or_else(String::new, |place| {
        let is_file = report.source(&place.origin).is_some();
        let of = if is_file { "in" } else { "from" };
        format!(" {of} {}", html_code(place.origin.as_str()))
    });
    let number = block.findings.len();
    format!(
        "\n<details><summary><code>{}</code>{file}: {number}</summary>\n\n",
        first.rule
    )
}

/// Every finding of a block with its place, then what is said once.
fn places(block: &Block<'_>, report: &Report) -> Vec<String> {
    let line = |place: &Place| code(&locate(report, place));
    let mut lines: Vec<String> = block
        .findings
        .iter()
        .map(|finding| {
            let at: Vec<String> = finding.places.iter().take(SAID).map(line).collect();
            let mut text = format!("- {} {}\n", at.join(", "), sentence(&finding.message));
            for note in finding.notes.iter().take(SAID) {
                let _ = writeln!(text, "  - {}", sentence(note));
            }
            text
        })
        .collect();
    let help = block.findings.iter().flat_map(|finding| &finding.help);
    let help = blocks::distinct(help, SAID);
    lines.extend(
        help.iter()
            .map(|help| format!("\nHelp: {}\n", sentence(help))),
    );
    lines
}

fn advised(report: &Report) -> Vec<String> {
    let advice = advice(report);
    let mut lines: Vec<String> = advice.iter().take(LISTED).map(advised_line).collect();
    if advice.len() > LISTED {
        let more = count(advice.len() - LISTED, "more release", "more releases");
        lines.push(format!("- and {more}\n"));
    }
    lines
}

fn advised_line(advice: &Advice) -> String {
    let version = advice.version.as_ref();
    let version = version.map_or_else(String::new, |version| format!(" {version}"));
    let release = code(&format!("{}{version}", advice.project));
    let what = match &advice.action {
        Action::Remove => {
            format!("**remove {release}: treat every machine that has it as compromised**")
        }
        Action::Raise(to) => format!("raise {release} to {}", code(&to.to_string())),
        Action::RaiseInPart(to) => {
            let to = code(&to.to_string());
            format!("raise {release} to {to}, which mends a part")
        }
        Action::Replace => format!("replace {release}: no fix is named"),
    };
    let severity = match (&advice.action, advice.severity) {
        (Action::Remove, _) => "malware".to_owned(),
        (_, Some(severity)) => severity.to_string(),
        (_, None) => "severity unknown".to_owned(),
    };
    let ids = advice.ids.iter().take(SAID).map(|id| code(id.as_str()));
    let ids: Vec<String> = ids.collect();
    let more = match advice.ids.len().saturating_sub(SAID) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("- {what} ({severity}): {}{more}\n", ids.join(", "))
}

fn sentence(text: &Printable) -> String {
    prose(&cut(text.as_str(), MOST_MESSAGE))
}

/// The last lines, as in every format; what did not fit is said before them.
fn foot(report: &Report, worst: Option<&Block<'_>>, left_out: usize) -> String {
    let mut text = String::new();
    if left_out > 0 {
        let left_out = count(left_out, "line does", "lines do");
        let _ = writeln!(
            text,
            "\n**{left_out} not fit into a comment**: the text report has all of them."
        );
    }
    let refuses = report.findings.iter().any(|finding| finding.refuses);
    if let Some(contact) = report.contact.as_ref().filter(|_| refuses) {
        let _ = writeln!(text, "\nWho can lift a refusal: {}", sentence(contact));
    }
    if let Some(worst) = worst {
        let rule = worst.findings[0].rule;
        let _ = writeln!(text, "\n`pinproof explain {rule}` says more");
    }
    let judged = cut(&wording::judged(report, false), MOST_MESSAGE);
    let policy = report.policy_digest.get(..12).unwrap_or_default();
    let _ = writeln!(text, "\n<sub>{}; policy `{policy}`</sub>", prose(&judged));
    text
}
