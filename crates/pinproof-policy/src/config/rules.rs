//! `[rules]`: levels, refusals and the rules' own settings.

use std::collections::BTreeMap;

use pinproof_core::advisory::Severity;
use pinproof_core::{Level, NamePattern};
use toml::de::DeTable;

use super::reader::{At, Reader, span_of};
use super::{ConfigError, duration};
use crate::policy::RuleConfig;
use crate::rule::{DefaultValue, Rule, SettingValue};
use crate::rules::ALL;

/// The rule of that name, or an error with a suggestion.
pub(super) fn known(reader: &mut Reader<'_, '_>, name: &At<String>) -> Option<&'static Rule> {
    let found = crate::find_rule(&name.value);
    if found.is_none() {
        let names: Vec<_> = ALL.iter().map(|page| page.rule.name).collect();
        let error = ConfigError::unknown("rule", &name.value, &names, name.span);
        let help = match super::nearest(&name.value, &names) {
            Some(_) => error.help.to_string(),
            None => "`pinproof explain` lists the rules".to_owned(),
        };
        reader.error(name.span, error.message.to_string(), &help);
    }
    found
}

/// Reads `[rules]`.
pub(super) fn read<'t>(
    top: &mut Reader<'t, '_>,
    table: &'t DeTable<'t>,
) -> BTreeMap<&'static str, RuleConfig> {
    let mut rules = BTreeMap::new();
    for (name, value) in table {
        let at = At {
            value: name.get_ref().to_string(),
            span: span_of(name),
        };
        let Some(rule) = known(top, &at) else {
            continue;
        };
        let span = span_of(value);
        let config = if let Some(word) = value.get_ref().as_str() {
            let level = level(
                top,
                &At {
                    value: word.to_owned(),
                    span,
                },
            );
            RuleConfig {
                level,
                ..RuleConfig::default()
            }
        } else if let Some(table) = value.get_ref().as_table() {
            read_rule(top, rule, &At { value: table, span })
        } else {
            let message = format!("`{}` takes a level or a table", rule.name);
            top.error(span, message, "levels are \"allow\", \"warn\" and \"deny\"");
            continue;
        };
        rules.insert(rule.name, config);
    }
    rules
}

fn level(reader: &mut Reader<'_, '_>, word: &At<String>) -> Option<Level> {
    let level = word.value.parse().ok();
    if level.is_none() {
        let error = ConfigError::unknown("level", &word.value, super::keys::LEVELS, word.span);
        reader.error(word.span, error.message.to_string(), error.help.as_str());
    }
    level
}

fn read_rule<'t>(
    top: &mut Reader<'t, '_>,
    rule: &'static Rule,
    table: &At<&'t DeTable<'t>>,
) -> RuleConfig {
    let keys = rule_keys(rule);
    let mut reader = top.nested(table.value, &keys);
    let level = reader
        .text("level")
        .and_then(|word| level(&mut reader, &word));
    let refuse = reader.bool("refuse");
    let deny_from = reader.date("deny-from");
    if level.is_some() && deny_from.is_some() {
        reader.error(
            table.span,
            format!(
                "`{}` has a level, and a day from which it has another",
                rule.name
            ),
            "remove `level`: with `deny-from` a rule warns before the day and denies from it on",
        );
    }
    if level == Some(Level::Allow) && refuse == Some(true) {
        reader.error(
            table.span,
            format!("`{}` is allowed, so it cannot refuse", rule.name),
            "remove `refuse`, or set the level to \"warn\" or \"deny\"",
        );
    }
    let mut settings = BTreeMap::new();
    for setting in rule.settings {
        let value = match setting.default {
            DefaultValue::Days(_) => reader
                .parsed(setting.name, hours)
                .map(|at| SettingValue::Hours(at.value)),
            DefaultValue::Names => reader
                .texts(setting.name)
                .map(|texts| SettingValue::Names(name_patterns(&mut reader, texts))),
            DefaultValue::Severity(_) => reader
                .parsed(setting.name, severity)
                .map(|at| SettingValue::Severity(at.value)),
        };
        settings.extend(value.map(|value| (setting.name.to_owned(), value)));
    }
    RuleConfig {
        level,
        deny_from,
        refuse,
        settings,
    }
}

fn name_patterns(reader: &mut Reader<'_, '_>, texts: Vec<At<String>>) -> Vec<NamePattern> {
    super::patterns(reader, texts)
}

fn hours(text: &str) -> Result<u32, String> {
    let hours = duration(text)?.as_hours();
    u32::try_from(hours).map_err(|_| "that is too long".to_owned())
}

fn severity(text: &str) -> Result<Severity, String> {
    let fail = |()| format!("a severity is one of {}", SEVERITIES.join(", "));
    text.parse().map_err(fail)
}

/// The severities, as configuration writes them.
const SEVERITIES: &[&str] = &["low", "medium", "high", "critical"];

/// The keys that `[rules.NAME]` may have.
pub(super) fn rule_keys(rule: &Rule) -> Vec<super::keys::Key> {
    use super::keys::{Key, Kind, LEVELS};
    let mut keys = vec![
        Key {
            name: "level",
            kind: Kind::Word(LEVELS),
            help: "The level of every case of the rule.",
            required: false,
        },
        Key {
            name: "deny-from",
            kind: Kind::Date,
            help: "The day (UTC) from which every case of the rule denies; it warns before. Instead of `level`.",
            required: false,
        },
        Key {
            name: "refuse",
            kind: Kind::Bool,
            help: "Whether what it finds may not enter a lock, an environment or the gateway.",
            required: false,
        },
    ];
    keys.extend(rule.settings.iter().map(|setting| Key {
        name: setting.name,
        kind: match setting.default {
            DefaultValue::Days(_) => Kind::Duration,
            DefaultValue::Names => Kind::Texts,
            DefaultValue::Severity(_) => Kind::Word(SEVERITIES),
        },
        help: setting.help,
        required: false,
    }));
    keys
}
