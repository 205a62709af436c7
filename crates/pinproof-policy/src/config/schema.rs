//! The JSON schema of the configuration (Draft 7, as editors and `SchemaStore` read it).

use serde_json::{Map, Value, json};

use super::keys::{Key, Kind, LEVELS, TOP};
use super::rules::rule_keys;
use crate::rules::ALL;

/// The schema of `pinproof.toml`.
pub fn schema() -> Value {
    let mut schema = table(TOP);
    if let Some(object) = schema.as_object_mut() {
        object.insert(
            "$schema".into(),
            "http://json-schema.org/draft-07/schema#".into(),
        );
        object.insert("title".into(), "pinproof.toml".into());
    }
    schema
}

fn table(keys: &[Key]) -> Value {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|key| (key.name.to_owned(), property(key)))
        .collect();
    let required: Vec<&str> = keys
        .iter()
        .filter(|key| key.required)
        .map(|key| key.name)
        .collect();
    let mut table =
        json!({"type": "object", "additionalProperties": false, "properties": properties});
    if !required.is_empty() {
        table["required"] = json!(required);
    }
    table
}

fn property(key: &Key) -> Value {
    let mut value = kind(key.kind);
    if let Some(object) = value.as_object_mut() {
        object.insert("description".into(), key.help.into());
    }
    value
}

fn kind(kind: Kind) -> Value {
    match kind {
        Kind::Text => json!({"type": "string"}),
        Kind::Word(words) => json!({"enum": words}),
        Kind::Bool => json!({"type": "boolean"}),
        Kind::Texts => json!({"type": "array", "items": {"type": "string"}}),
        Kind::Date => json!({"type": "string", "format": "date"}),
        Kind::Moment => {
            json!({"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]})
        }
        Kind::Duration => json!({"type": "string", "pattern": "^[0-9]+ (day|hour|minute)s?$"}),
        Kind::Table(keys) => table(keys),
        Kind::Tables(keys) => json!({"type": "array", "items": table(keys)}),
        Kind::Rules => rules(),
    }
}

fn rules() -> Value {
    let properties: Map<String, Value> = ALL
        .iter()
        .map(|page| {
            let of_rule = json!({
                "description": page.rule.summary,
                "anyOf": [{"enum": LEVELS}, table(&rule_keys(page.rule))],
            });
            (page.rule.name.to_owned(), of_rule)
        })
        .collect();
    json!({"type": "object", "additionalProperties": false, "properties": properties})
}
