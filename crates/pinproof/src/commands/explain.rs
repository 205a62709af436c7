//! `pinproof explain [RULE]`: the page of a rule, or the table of rules.

use std::fmt::Write as _;

use anstyle::Style;
use pinproof_core::Printable;
use pinproof_engine::ExitCode;
use pinproof_engine::config::nearest;
use pinproof_engine::rules::{RULES, Refusal, RulePage};

use crate::cli::Explain;
use crate::console::Console;
use crate::error::CliError;

const BOLD: Style = Style::new().bold();

/// Prints the page of a rule, or the table.
pub(crate) fn run(args: &Explain, console: &Console) -> Result<ExitCode, CliError> {
    let Some(name) = &args.rule else {
        console.result(&table());
        return Ok(ExitCode::Clean);
    };
    let Some(page) = RULES.iter().find(|page| page.rule.name == name) else {
        let known: Vec<_> = RULES.iter().map(|page| page.rule.name).collect();
        return Err(CliError::UnknownRule {
            name: Printable::new(name).shortened(60),
            near: nearest(name, &known),
        });
    };
    console.result(&shown(page));
    Ok(ExitCode::Clean)
}

fn table() -> String {
    let width = RULES
        .iter()
        .map(|page| page.rule.name.len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for page in RULES {
        let case = page.rule.cases.first();
        let level = case.map_or_else(String::new, |case| case.level.to_string());
        let refuses = case.is_some_and(|case| case.refuses != Refusal::Never);
        let refuses = if refuses { "refuses" } else { "" };
        let (name, summary) = (page.rule.name, page.rule.summary);
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "{BOLD}{name:width$}{BOLD:#}  {level:5} {refuses:7}  {summary}"
        );
    }
    text.push_str("\n`pinproof explain RULE` prints the page of a rule.\n");
    text
}

/// The page with its levels, headings in bold.
fn shown(page: &RulePage) -> String {
    let mut text = String::new();
    for line in page.page.lines() {
        let heading = line.trim_start_matches('#');
        if heading.len() < line.len() && heading.starts_with(' ') {
            let _ = writeln!(text, "{BOLD}{}{BOLD:#}", heading.trim());
        } else {
            let _ = writeln!(text, "{line}");
        }
        if line.starts_with("# ") {
            let _ = write!(text, "\n{}", facts(page));
        }
    }
    text
}

fn facts(page: &RulePage) -> String {
    let mut text = format!("Subject: {}\n", page.rule.subject());
    for case in page.rule.cases {
        let refuses = match case.refuses {
            Refusal::Always => ", refuses",
            Refusal::AsChoice => ", is never chosen",
            Refusal::Never => "",
        };
        let _ = writeln!(text, "Case `{}`: {}{refuses}", case.name, case.level);
    }
    text
}
