//! The commented configuration that `pinproof config init` writes.

use std::fmt::Write as _;

use super::keys::{Key, Kind, TOP};
use crate::rules::ALL;

/// A `pinproof.toml` in which every key is explained and every rule is listed with its level.
pub fn template() -> String {
    let mut text = String::from(
        "# The policy of this project. Every key is optional; the values in comments are the defaults\n\
         # or examples. `pinproof config schema` prints the schema for editors.\n\n",
    );
    for key in TOP {
        write_key(&mut text, key);
    }
    text
}

fn write_key(text: &mut String, key: &Key) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "# {}", key.help);
    let _ = match key.kind {
        Kind::Table(keys) => {
            let _ = writeln!(text, "# [{}]", key.name);
            write_keys(text, key.name, keys)
        }
        Kind::Tables(keys) => {
            let _ = writeln!(text, "# [[{}]]", key.name);
            write_keys(text, key.name, keys)
        }
        Kind::Rules => {
            let _ = writeln!(text, "[rules]");
            write_rules(text)
        }
        _ => writeln!(text, "# {} = {}", key.name, example("", key)),
    };
    text.push('\n');
}

fn write_keys(text: &mut String, table: &str, keys: &[Key]) -> std::fmt::Result {
    for key in keys {
        let example = example(table, key);
        writeln!(text, "# {} = {example}    # {}", key.name, key.help)?;
    }
    Ok(())
}

fn write_rules(text: &mut String) -> std::fmt::Result {
    for page in ALL {
        let level = page.rule.cases.first().map(|case| case.level);
        let level = level.map_or_else(String::new, |level| level.to_string());
        writeln!(
            text,
            "# {} = \"{level}\"    # {}",
            page.rule.name, page.rule.summary
        )?;
    }
    Ok(())
}

/// An example for a key of a table; the top of the file has no name.
fn example(table: &str, key: &Key) -> &'static str {
    match (key.name, key.kind) {
        ("name", _) if table == "advisories" => "\"acme-security\"",
        ("url", _) if table == "advisories" => "\"https://advisories.acme.example/export/\"",
        ("requirement", _) => "\"urllib3>=2.6\"",
        ("without", _) => "\"acme-backport\"",
        ("required-version", _) => "\">=0.1\"",
        ("python", _) => "\"3.14\"",
        ("platform", _) => "\"linux-x86_64\"",
        ("inputs", _) => "[\"requirements/*.txt\"]",
        ("only", _) => "[\"acme-*\"]",
        ("name", _) => "\"acme\"",
        ("url", _) => "\"https://index.acme.example/simple/\"",
        ("rule", _) => "\"recent-release\"",
        ("justification", _) => "\"code_not_reachable\"",
        ("id", _) => "\"CVE-2019-10906\"",
        ("path", _) => "\"security/advisories\"",
        ("match", _) => "\"jinja2<2.10.1\"",
        ("upload-times", _) => "\"trusted\"",
        ("fresh-for", _) => "\"10 minutes\"",
        ("max-age", _) => "\"7 days\"",
        ("contact", _) => "\"security@acme.example\"",
        (_, Kind::Word(words)) => words.first().copied().map_or("\"\"", quoted),
        (_, Kind::Bool) => "true",
        (_, Kind::Date) => "2027-01-31",
        (_, Kind::Moment) => "2026-11-01",
        ("allow-list", _) => "[\"requirements.txt\", \"locks/*.txt\"]",
        (_, Kind::Texts) => "[]",
        _ => "\"…\"",
    }
}

fn quoted(word: &'static str) -> &'static str {
    match word {
        "recommended" => "\"recommended\"",
        other => other,
    }
}
