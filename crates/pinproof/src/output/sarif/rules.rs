//! The rules as SARIF describes them: the same in every report of one version, whatever the policy.

use pinproof_core::verdict::NOT_UNDERSTOOD;
use pinproof_engine::rules::{RULES, RulePage};
use serde_json::json;

use super::level;
use super::model::{Configuration, Descriptor, Help, Message};
use crate::output::gaps::UNAVAILABLE;

/// Code scanning shows so many characters of a description.
const MOST_DESCRIPTION: usize = 1_024;

/// Every rule, and the two names under which what stayed open is listed.
pub(super) fn descriptors() -> Vec<Descriptor> {
    let mut descriptors: Vec<Descriptor> = RULES.iter().map(of_page).collect();
    descriptors.extend([
        of_gap(
            UNAVAILABLE,
            "a rule has no answer",
            "A rule asked a source that gave no answer, or that never publishes what the rule needs. Nobody knows \
             whether the rule would object: the level is that of the rule.",
        ),
        of_gap(
            NOT_UNDERSTOOD,
            "text of a judged file is not understood",
            "Any rule might have had something to say about it, so it has the level of a denial.",
        ),
    ]);
    descriptors
}

fn of_page(page: &RulePage) -> Descriptor {
    let case = page.rule.cases.first();
    let default = case.map(|case| case.level).unwrap_or_default();
    let shown = shown(page.page);
    let first = shown.lines().find(|line| !line.is_empty()).unwrap_or("");
    Descriptor {
        id: page.rule.name,
        name: pascal_case(page.rule.name),
        short_description: message(&sentence(page.rule.summary)),
        full_description: message(first),
        help: Help {
            text: plain(shown),
            markdown: shown.to_owned(),
        },
        default_configuration: Configuration {
            enabled: level(default) != "none",
            level: level(default),
        },
        properties: json!({"tags": ["security", "supply-chain"]}),
    }
}

fn of_gap(name: &'static str, short: &str, text: &str) -> Descriptor {
    Descriptor {
        id: name,
        name: pascal_case(name),
        short_description: message(&sentence(short)),
        full_description: message(text),
        help: Help {
            text: text.to_owned(),
            markdown: text.to_owned(),
        },
        default_configuration: Configuration {
            enabled: true,
            level: "error",
        },
        properties: json!({"tags": ["security", "supply-chain"]}),
    }
}

/// A page without its title, and without the examples that test it.
fn shown(page: &str) -> &str {
    let body = page.split_once('\n').map_or("", |(_, body)| body);
    let end = body.find("\n## Examples").unwrap_or(body.len());
    body[..end].trim()
}

/// Headings are lines of their own in plain text too; the rest of Markdown reads well as it is.
fn plain(markdown: &str) -> String {
    let lines = markdown.lines().map(|line| line.trim_start_matches("## "));
    lines.collect::<Vec<_>>().join("\n")
}

fn message(text: &str) -> Message {
    Message {
        text: text.chars().take(MOST_DESCRIPTION).collect(),
    }
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    let mut sentence: String = first.chain(chars).collect();
    sentence.push('.');
    sentence
}

fn pascal_case(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut chars = word.chars();
        let first = chars.next().into_iter().flat_map(char::to_uppercase);
        first.chain(chars).collect::<String>()
    });
    words.collect()
}
