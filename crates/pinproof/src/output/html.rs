//! `--format html`: one page that needs nothing but itself: no network, no script.
//!
//! Its Content-Security-Policy forbids everything but its own style, so that even a mistake in escaping
//! could load nothing and run nothing.

mod escape;
mod findings;
mod picture;
mod tree;

use std::fmt::Write as _;

use pinproof_core::verdict::Exception;
use pinproof_core::{Level, Printable};
use pinproof_engine::advice::advice;
use pinproof_engine::report::Kind;
use pinproof_engine::{ExitCode, Report};

use self::escape::{esc, prose};
use self::picture::Anchors;
use super::concise::locate;
use super::gaps::{Gap, gaps};
use super::text::blocks::{self, Block};
use super::wording::{self, count, cut};
use super::{advisories, mask};

const STYLE: &str = include_str!("html/style.css");
/// Rows of one table.
const ROWS: usize = 500;
/// Releases that the advice names, and projects that a gap names.
const NAMED: usize = 50;
/// Characters of one message.
const MOST_MESSAGE: usize = 1_000;

/// The report as a page.
pub(crate) fn render(report: &Report) -> String {
    let blocks = blocks::blocks(report);
    let mut html = String::new();
    write_head(&mut html, report);
    write_errors(&mut html, report);
    write_advice(&mut html, report);
    findings::write(&mut html, &blocks, report);
    write_gaps(&mut html, &gaps(&report.questions), report);
    picture::write(&mut html, report, &anchors(&blocks));
    write_files(&mut html, report);
    write_ignored(&mut html, report);
    write_foot(&mut html, report);
    html
}

/// The first article about each project.
fn anchors<'a>(blocks: &[Block<'a>]) -> Anchors<'a> {
    let mut anchors = Anchors::new();
    for (at, block) in blocks.iter().enumerate() {
        for project in block
            .findings
            .iter()
            .filter_map(|finding| finding.project.as_ref())
        {
            anchors.entry(project).or_insert(at);
        }
    }
    anchors
}

fn write_head(html: &mut String, report: &Report) {
    let word = wording::word(report);
    let subject = match report.bom.subject.as_str() {
        "" => esc("this run"),
        subject => esc(subject),
    };
    let class = match report.exit_code() {
        ExitCode::Denied | ExitCode::CouldNotRun => "denied",
        ExitCode::Undecided => "open",
        ExitCode::Clean if word == "CLEAN" => "clean",
        ExitCode::Clean => "warned",
    };
    let what = match report.kind {
        Kind::Check => "pinproof check",
        Kind::Audit => "pinproof audit",
    };
    let _ = write!(
        html,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{word}: {subject} ({what})</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n\
         <h1><span class=\"badge {class}\">{word}</span>{subject}</h1>\n\
         <p class=\"quiet\">{what}, decided for {:.0}</p>\n",
        report.decided_at
    );
    write_counts(html, report);
    if let Some(base) = &report.base {
        let name = esc(wording::base(base));
        let already = wording::existing(report).unwrap_or_else(|| "nothing".to_owned());
        let _ = writeln!(
            html,
            "<p>Already in <code>{name}</code>, not counted: {already}</p>"
        );
        for error in &base.unread {
            let (path, why) = (esc(error.path.as_str()), prose(error.message.as_str()));
            let _ = writeln!(
                html,
                "<p><code>{path}</code> cannot be read there ({why}): nothing of it counts as already there</p>"
            );
        }
    }
    html.push_str("</header>\n<main>\n");
}

fn write_counts(html: &mut String, report: &Report) {
    let counts = report.counts();
    let judged = format!("{} of {}", counts.judged, counts.requirements);
    let ignored = report.ignored.len() + report.ignored_questions.len();
    let mut tiles = vec![
        (report.denied().to_string(), "denied"),
        (report.warned().to_string(), "warned"),
        (report.open().to_string(), "unanswered"),
        (ignored.to_string(), "ignored"),
        (judged, "requirements judged"),
    ];
    if report.base.is_some() {
        let existing = report.existing.len() + report.existing_questions.len();
        tiles.push((existing.to_string(), "already there"));
    }
    html.push_str("<ul class=\"counts\">\n");
    for (number, what) in tiles {
        let _ = writeln!(html, "<li><strong>{number}</strong>{what}</li>");
    }
    html.push_str("</ul>\n");
}

fn write_table(html: &mut String, title: &str, columns: &[&str], rows: &[String]) {
    if rows.is_empty() {
        return;
    }
    let columns = columns.iter().map(|column| format!("<th>{column}</th>"));
    let columns: Vec<String> = columns.collect();
    let id = title.to_lowercase().replace(' ', "-");
    let _ = writeln!(
        html,
        "<section id=\"{id}\">\n<h2>{title}</h2>\n<table>\n<thead><tr>{}</tr></thead>\n<tbody>",
        columns.concat()
    );
    for row in rows.iter().take(ROWS) {
        let _ = writeln!(html, "<tr>{row}</tr>");
    }
    html.push_str("</tbody>\n</table>\n");
    if rows.len() > ROWS {
        let more = count(rows.len() - ROWS, "more row is", "more rows are");
        let _ = writeln!(html, "<p class=\"quiet\">{more} not on this page.</p>");
    }
    html.push_str("</section>\n");
}

fn sentence(text: &Printable) -> String {
    prose(cut(text.as_str(), MOST_MESSAGE))
}

fn write_errors(html: &mut String, report: &Report) {
    let rows = report.errors.iter().map(|error| {
        let at = match error.line_column {
            Some((line, column)) => format!("{}:{line}:{column}", error.path),
            None => error.path.to_string(),
        };
        let (why, help) = (sentence(&error.message), error.help.as_ref().map(sentence));
        let help = help.unwrap_or_default();
        format!(
            "<td><code>{}</code></td><td>{why}</td><td>{help}</td>",
            esc(at)
        )
    });
    let rows: Vec<String> = rows.collect();
    write_table(
        html,
        "What cannot be read",
        &["Input", "Why", "What to do"],
        &rows,
    );
}

fn write_advice(html: &mut String, report: &Report) {
    let advice = advice(report);
    let rows = advice.iter().map(|advice| {
        let [what, severity] = advisories::line(advice);
        let (what, ids) = (esc(what), esc(wording::listing(&advice.ids, 3)));
        format!("<td><strong>{what}</strong></td><td>{severity}</td><td>{ids}</td>")
    });
    let rows: Vec<String> = rows.collect();
    write_table(
        html,
        "What to do first",
        &["What", "Severity", "Advisories"],
        &rows,
    );
}

fn write_gaps(html: &mut String, gaps: &[Gap<'_>], report: &Report) {
    let rows = gaps.iter().map(|gap| {
        let (class, word) = match gap.level {
            Level::Deny => ("open", "open"),
            Level::Warn | Level::Allow => ("warned", "not known"),
        };
        let place = gap.places.first();
        let at = place.map_or_else(String::new, |place| {
            format!("<p class=\"quiet\"><code>{}</code></p>", esc(locate(report, place)))
        });
        let rules = gap.undecided().unwrap_or_default();
        let names = match gap.projects.len() {
            0..=3 => String::new(),
            _ => format!("<p class=\"quiet\">{}</p>", esc(gap.names(NAMED))),
        };
        let why = prose(cut(&gap.message(), MOST_MESSAGE));
        format!(
            "<td><span class=\"badge {class}\">{word}</span></td><td>{why}{names}{at}</td><td>{rules}</td>"
        )
    });
    let rows: Vec<String> = rows.collect();
    write_table(html, "What stayed open", &["", "Why", "Rules"], &rows);
}

fn write_files(html: &mut String, report: &Report) {
    let rows = report.files.iter().map(|file| {
        let what = match report.kind {
            Kind::Check => wording::kind(file, report),
            Kind::Audit => count(file.counts.requirements, "requirement", "requirements"),
        };
        let properties = [wording::properties(file), wording::foreign(file)];
        let properties = properties.iter().flatten();
        let properties = properties.fold(String::new(), |all, text| {
            all + "<p class=\"quiet\">" + &esc(mask::mask(text)) + "</p>"
        });
        let (judged, all) = (file.counts.judged, file.counts.requirements);
        let digest = file.source.sha256.get(..12).unwrap_or_default();
        format!(
            "<td><code>{}</code></td><td>{}{properties}</td><td class=\"short\">{judged} of {all}</td><td class=\"short\"><code>{digest}…</code></td>",
            esc(file.source.path.as_str()),
            prose(what),
        )
    });
    let rows: Vec<String> = rows.collect();
    write_table(
        html,
        "What was judged",
        &["File", "What it is", "Judged", "sha256"],
        &rows,
    );
}

fn write_ignored(html: &mut String, report: &Report) {
    let findings = report.ignored.iter().map(|ignored| {
        let finding = &ignored.finding;
        exception_row(
            finding.rule,
            &sentence(&finding.message),
            &ignored.exception,
        )
    });
    let questions = report.ignored_questions.iter().map(|ignored| {
        let question = &ignored.question;
        let about = question.project.as_ref();
        let about = about.map_or_else(String::new, |name| format!(" about {name}"));
        let what = format!("no answer from {}{about}", question.source);
        exception_row(question.rule, &prose(what), &ignored.exception)
    });
    let rows: Vec<String> = findings.chain(questions).collect();
    write_table(
        html,
        "What is accepted",
        &["Rule", "What", "Why", "By", "Until"],
        &rows,
    );
}

fn exception_row(rule: &str, what: &str, exception: &Exception) -> String {
    let owner = exception.owner.as_ref().map(sentence).unwrap_or_default();
    let until = exception.until.map(|date| date.to_string());
    format!(
        "<td><code>{rule}</code></td><td>{what}</td><td>{}</td><td>{owner}</td><td class=\"short\">{}</td>",
        sentence(&exception.reason),
        until.unwrap_or_default()
    )
}

fn write_foot(html: &mut String, report: &Report) {
    html.push_str("</main>\n<footer>\n");
    for source in &report.sources {
        let asked = count(source.asked, "project", "projects");
        let name = esc(source.name.as_str());
        let oldest = source
            .oldest
            .map(|time| format!("; the oldest answer is of {time:.0}"));
        let _ = writeln!(
            html,
            "<p>Asked {name} about {asked}{}</p>",
            oldest.unwrap_or_default()
        );
    }
    for used in &report.advisories {
        if let Some(head) = &used.head {
            let (name, held) = (esc(used.name.as_str()), esc(advisories::held(head)));
            let _ = writeln!(html, "<p>Advisories of {name}: {held}</p>");
        }
    }
    if let Some(next) = report.next_change_at {
        let _ = writeln!(
            html,
            "<p>The passing of time may change this from {next:.0}</p>"
        );
    }
    if let Some(contact) = &report.contact {
        let _ = writeln!(html, "<p>Who can lift a refusal: {}</p>", sentence(contact));
    }
    let _ = writeln!(
        html,
        "<p>{}</p>\n<p>pinproof {}, policy <code>sha256:{}</code></p>\n</footer>\n</body>\n</html>",
        esc(cut(&wording::judged(report, false), MOST_MESSAGE)),
        env!("CARGO_PKG_VERSION"),
        report.policy_digest
    );
}
