//! What `pinproof doctor` says: as text, and as JSON.

mod json;

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use pinproof_engine::ExitCode;

use super::wording::count;
use crate::commands::doctor::{Diagnosis, OfClient, Way};

pub(crate) use json::{json, schema};

const BOLD: Style = Style::new().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();

/// The report for people.
pub(crate) fn text(diagnosis: &Diagnosis) -> String {
    let mut text = String::new();
    for of in &diagnosis.clients {
        write_client(&mut text, of, &diagnosis.policy);
    }
    for client in &diagnosis.missing {
        let _ = writeln!(text, "{RED}not there{RED:#}: {BOLD}{client}{BOLD:#}");
    }
    if !text.is_empty() {
        text.push('\n');
    }
    let (style, word) = match diagnosis.exit_code() {
        ExitCode::Clean => (GREEN, "PROTECTED"),
        ExitCode::Denied => (RED, "NOT PROTECTED"),
        ExitCode::CouldNotRun => (RED, "COULD NOT RUN"),
        ExitCode::Undecided => (YELLOW, "UNDECIDED"),
    };
    let _ = writeln!(text, "{style}{word}{style:#}: {}", summary(diagnosis));
    text
}

fn summary(diagnosis: &Diagnosis) -> String {
    let clients = &diagnosis.clients;
    if clients.is_empty() {
        return "there is no client to ask".to_owned();
    }
    let around = clients.iter().filter(|of| !of.around.is_empty()).count();
    let unknown = clients
        .iter()
        .filter(|of| of.around.is_empty() && !of.unknown.is_empty());
    let unknown = unknown.count();
    let through = clients.len() - around - unknown;
    let asked = count(clients.len(), "client", "clients");
    format!("of {asked}, {through} through a gateway, {around} not, {unknown} not known")
}

fn write_client(text: &mut String, of: &OfClient, policy: &str) {
    let (style, word) = match (of.around.is_empty(), of.unknown.is_empty()) {
        (false, _) => (RED, "not protected"),
        (true, false) => (YELLOW, "not known"),
        (true, true) => (GREEN, "protected"),
    };
    let (client, program) = (of.client, &of.program);
    let _ = writeln!(
        text,
        "{style}{word}{style:#}: {BOLD}{client}{BOLD:#} ({program})"
    );
    if let Some(refused) = &of.refused {
        let by = match &refused.policy {
            Some(digits) if policy.starts_with(digits) => {
                format!("by policy {digits}, which is that of this folder")
            }
            Some(digits) => format!("by policy {digits}"),
            None => {
                "by a policy whose digest was lost on the way: a proxy replaces reasons".to_owned()
            }
        };
        let _ = writeln!(text, "  {} decides, {by}", refused.gateway);
    }
    for way in &of.around {
        write_way(text, way);
    }
    for why in &of.unknown {
        let _ = writeln!(text, "  {why}");
    }
    for line in &of.said {
        let _ = writeln!(text, "  | {line}");
    }
}

fn write_way(text: &mut String, way: &Way) {
    let place = match (&way.setting, way.line) {
        (Some(setting), Some(line)) => format!("{setting}:{line}: "),
        (Some(setting), None) => format!("{setting}: "),
        (None, _) => String::new(),
    };
    let _ = writeln!(text, "  {place}{}", way.what);
    let _ = writeln!(text, "    = help: {}", way.help);
}
