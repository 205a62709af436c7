//! Records of the OSV schema, made at random: nothing panics, and nothing is dropped in silence.

use pinproof_formats::osv::{self, Problem};
use proptest::prelude::*;
use serde_json::{Value, json};

/// JSON that looks like a record often enough to get far.
fn any_json() -> impl Strategy<Value = Value> {
    let keys = [
        "id",
        "aliases",
        "affected",
        "package",
        "ecosystem",
        "name",
        "ranges",
        "type",
        "events",
        "introduced",
        "fixed",
        "last_affected",
        "limit",
        "versions",
        "severity",
        "score",
        "withdrawn",
        "ecosystem_specific",
        "imports",
        "modules",
        "summary",
        "details",
    ];
    let texts = [
        "PyPI",
        "example-a",
        "ECOSYSTEM",
        "GIT",
        "0",
        "1.0",
        "2.0rc1",
        "*",
        "x y",
        "MAL-1",
        "CVSS_V4",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H",
        "2024-10-11T00:00:00Z",
        "",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<u8>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        proptest::sample::select(texts.to_vec()).prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 64, 6, move |inner| {
        let key = proptest::sample::select(keys.to_vec()).prop_map(str::to_owned);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(key, inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn texts_only(value: Value) -> Value {
    match value {
        Value::Array(list) => list.into_iter().map(texts_only).collect(),
        Value::Object(map) => {
            let entries = map.into_iter().map(|(key, value)| (key, texts_only(value)));
            Value::Object(entries.collect())
        }
        Value::String(_) | Value::Null => value,
        other => Value::String(other.to_string()),
    }
}

fn records() -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/osv_records");
    let entries = std::fs::read_dir(folder).expect("the records");
    let read =
        entries.map(|entry| std::fs::read(entry.expect("a record").path()).expect("a record"));
    let mut records: Vec<_> = read.collect();
    records.sort();
    records
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in any::<Vec<u8>>()) {
        osv::parse(&bytes);
        osv::parse_yaml(&bytes);
    }

    /// Either something is understood, or something is said not to be, or it is about something else.
    #[test]
    fn nothing_is_dropped_in_silence(mut value in any_json(), is_record in any::<bool>()) {
        if is_record {
            value = json!({"id": "EX-1", "affected": value});
        }
        let record = osv::parse(value.to_string().as_bytes());
        let is_about = !record.advisories.is_empty() || record.elsewhere > 0;
        prop_assert!(is_about || !record.not_understood.is_empty() || record.withdrawn.is_some());
        for (_, advisory) in &record.advisories {
            prop_assert!(advisory.summary.chars().count() <= 200);
            prop_assert!(!advisory.affected.is_empty());
        }
    }

    /// The records of the table, damaged in one place.
    #[test]
    fn a_damaged_record_is_not_dropped(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        removed in 0..40_usize,
        noise in "[\\[\\]{}:,\"a0*&\n -]{0,4}",
    ) {
        let records = records();
        let mut bytes = which.get(&records).clone();
        let at = at.index(bytes.len() + 1);
        let end = bytes.len().min(at + removed);
        bytes.splice(at..end, noise.bytes());
        for record in [osv::parse(&bytes), osv::parse_yaml(&bytes)] {
            let is_about = !record.advisories.is_empty() || record.elsewhere > 0;
            prop_assert!(is_about || !record.not_understood.is_empty() || record.withdrawn.is_some());
            for (_, advisory) in &record.advisories {
                let version = "1.0".parse().expect("a version");
                let _ = (advisory.affects(&version), advisory.fix_for(&version));
            }
        }
    }

    /// JSON is YAML, but for what is neither text nor null.
    #[test]
    fn yaml_reads_the_texts_of_json(value in any_json()) {
        let text = texts_only(value).to_string();
        let yaml = osv::parse_yaml(text.as_bytes());
        let is_yaml = !yaml.not_understood.iter().any(|entry| matches!(entry.problem, Problem::NotYaml(_)));
        if is_yaml {
            prop_assert_eq!(osv::parse(text.as_bytes()), yaml);
        }
    }

    #[test]
    fn any_vector_is_read_without_panic(kind in "CVSS_V[234]", vector in "(CVSS:[34]\\.[01]/)?([A-Za-z]{1,2}:[A-Z]{1,2}/?){0,14}") {
        let record = json!({
            "id": "EX-1",
            "severity": [{"type": kind, "score": vector}],
            "affected": [{"package": {"ecosystem": "PyPI", "name": "example-a"}, "versions": ["1"]}],
        });
        let record = osv::parse(record.to_string().as_bytes());
        let (_, advisory) = record.advisories.first().unwrap();
        let rating = advisory.ratings.first().unwrap();
        prop_assert!(rating.score.is_none_or(|score| score <= 100));
    }
}
