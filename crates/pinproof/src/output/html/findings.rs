//! The findings of a page: one article for each rule and file, with excerpts of the files.

use std::fmt::Write as _;
use std::ops::Range;

use pinproof_core::{Finding, Level, Place, Printable, SourceFile, Span};
use pinproof_engine::Report;

use super::escape::{esc, prose};
use crate::output::concise::locate;
use crate::output::text::blocks::{self, Block};
use crate::output::text::excerpts::excerpt;
use crate::output::wording::{count, cut};

/// Articles of one page.
const ARTICLES: usize = 500;
/// Findings of an article that are shown with an excerpt.
const SHOWN: usize = 10;
/// Findings of an article that are listed below them.
const LISTED: usize = 500;
/// Lines of an excerpt, and characters of a line.
const LINES: usize = 6;
const MOST_LINE: usize = 400;
/// Notes and hints of one article.
const SAID: usize = 10;
/// Characters of one message.
const MOST_MESSAGE: usize = 1_000;

/// Writes the section of findings.
pub(super) fn write(html: &mut String, blocks: &[Block<'_>], report: &Report) {
    if blocks.is_empty() {
        return;
    }
    html.push_str("<section>\n<h2>What the rules object to</h2>\n");
    for (at, block) in blocks.iter().take(ARTICLES).enumerate() {
        article(html, at, block, report);
    }
    if blocks.len() > ARTICLES {
        let more = count(blocks.len() - ARTICLES, "group", "groups");
        let _ = writeln!(
            html,
            "<p>{more} of findings more are not on this page; the JSON report has all.</p>"
        );
    }
    html.push_str("</section>\n");
}

fn article(html: &mut String, at: usize, block: &Block<'_>, report: &Report) {
    let first = block.findings[0];
    let (class, word) = match block.level {
        Level::Deny => ("denied", "denied"),
        Level::Warn | Level::Allow => ("warned", "warned"),
    };
    let title = prose(cut(&blocks::title(block), MOST_MESSAGE));
    let _ = writeln!(
        html,
        "<article class=\"is-{class}\" id=\"block-{at}\">\n<h3><span class=\"badge {class}\">{word}</span>{title}</h3>\n\
         <p class=\"quiet\"><code>{}</code></p>",
        first.rule
    );
    for finding in block.findings.iter().take(SHOWN) {
        shown(html, finding, block.findings.len() > 1, report);
    }
    listed(
        html,
        block.findings.get(SHOWN..).unwrap_or_default(),
        report,
    );
    let notes = block.findings.iter().flat_map(|finding| &finding.notes);
    list(html, &blocks::distinct(notes, SAID));
    let help = block.findings.iter().flat_map(|finding| &finding.help);
    let help = blocks::distinct(help, SAID);
    if !help.is_empty() {
        html.push_str("<p class=\"help\"><strong>What to do</strong></p>\n");
        list(html, &help);
    }
    html.push_str("</article>\n");
}

fn list(html: &mut String, lines: &[Printable]) {
    if lines.is_empty() {
        return;
    }
    html.push_str("<ul>\n");
    for line in lines {
        let line = prose(cut(line.as_str(), MOST_MESSAGE));
        let _ = writeln!(html, "<li>{line}</li>");
    }
    html.push_str("</ul>\n");
}

/// A finding with its places; where there are several, its own words stand for the label of the first.
fn shown(html: &mut String, finding: &Finding, several: bool, report: &Report) {
    for (at, place) in finding.places.iter().take(SHOWN).enumerate() {
        let said = if several && at == 0 {
            &finding.message
        } else {
            &place.label
        };
        let said = prose(cut(said.as_str(), MOST_MESSAGE));
        let at = esc(locate(report, place));
        let _ = writeln!(html, "<p class=\"place\"><code>{at}</code> {said}</p>");
        let file = report.source(&place.origin);
        if let Some((file, span)) = file.zip(place.span) {
            lines(html, file, span);
        }
    }
    if several && finding.places.is_empty() {
        let said = prose(cut(finding.message.as_str(), MOST_MESSAGE));
        let _ = writeln!(html, "<p class=\"place\">{said}</p>");
    }
}

/// The lines of a place, with the place marked; a line that nobody reads is not shown.
fn lines(html: &mut String, file: &SourceFile, span: Span) {
    if span.is_empty() {
        return;
    }
    let excerpt = excerpt(file, &[span]);
    let text = excerpt.text.as_ref();
    if text.lines().take(LINES).any(|line| line.len() > MOST_LINE) {
        return;
    }
    let marked = excerpt.ranges.first().cloned().unwrap_or_default();
    html.push_str("<pre>");
    let mut start = 0;
    for (at, line) in text.split_inclusive('\n').take(LINES).enumerate() {
        let number = excerpt.first_line + at;
        let shown = line.trim_end_matches(['\r', '\n']);
        let _ = write!(html, "<span class=\"number\">{number:>4}  </span>");
        mark(html, shown, within(&marked, start, shown.len()));
        html.push('\n');
        start += line.len();
    }
    html.push_str("</pre>\n");
}

/// The part of a range that lies in a line that starts at `start`.
fn within(range: &Range<usize>, start: usize, length: usize) -> Range<usize> {
    let from = range.start.saturating_sub(start).min(length);
    let to = range.end.saturating_sub(start).min(length);
    from..to.max(from)
}

fn mark(html: &mut String, line: &str, range: Range<usize>) {
    let parts = (
        line.get(..range.start),
        line.get(range.clone()),
        line.get(range.end..),
    );
    match parts {
        (Some(before), Some(marked), Some(after)) if !marked.is_empty() => {
            let (before, marked, after) = (esc(before), esc(marked), esc(after));
            let _ = write!(html, "{before}<mark>{marked}</mark>{after}");
        }
        _ => html.push_str(&esc(line)),
    }
}

/// The findings that are not shown in full.
fn listed(html: &mut String, findings: &[&Finding], report: &Report) {
    if findings.is_empty() {
        return;
    }
    let _ = writeln!(
        html,
        "<details><summary>and {} more</summary>\n<ul>",
        findings.len()
    );
    for finding in findings.iter().take(LISTED) {
        let at = |place: &Place| format!("<code>{}</code> ", esc(locate(report, place)));
        let at = finding.places.first().map_or_else(String::new, at);
        let message = prose(cut(finding.message.as_str(), MOST_MESSAGE));
        let _ = writeln!(html, "<li>{at}{message}</li>");
    }
    if findings.len() > LISTED {
        let _ = writeln!(html, "<li>and {} more</li>", findings.len() - LISTED);
    }
    html.push_str("</ul>\n</details>\n");
}
