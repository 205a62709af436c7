//! What is over a limit is named, never cut; YAML that is more than JSON is refused.

use pinproof_core::advisory::RatingKind;
use pinproof_formats::osv::{self, Problem};
use serde_json::{Value, json};

use crate::{only, problems, read, sign, with_events};

#[test]
fn what_is_over_a_limit_is_not_cut_but_named() {
    let package = json!({"ecosystem": "PyPI", "name": "example-a"});
    let entry = |key: &str, count: usize, item: Value| json!({"id": "EX-1", "affected": [{"package": package, key: vec![item; count]}]});
    let event = json!({"introduced": "0"});
    let range = json!({"type": "ECOSYSTEM", "events": [event]});
    let cases = [
        (
            "versions",
            osv::MAX_VERSIONS,
            entry("versions", osv::MAX_VERSIONS + 1, json!("1")),
        ),
        (
            "ranges",
            osv::MAX_RANGES,
            entry("ranges", osv::MAX_RANGES + 1, range),
        ),
        (
            "events",
            osv::MAX_EVENTS,
            with_events(&json!(vec![event; osv::MAX_EVENTS + 1])),
        ),
        (
            "affected",
            osv::MAX_AFFECTED,
            json!({
                "id": "EX-1", "affected": vec![json!({"package": package}); osv::MAX_AFFECTED + 1],
            }),
        ),
        (
            "aliases",
            osv::MAX_NOTES,
            json!({
                "id": "EX-1", "aliases": vec!["EX-2"; osv::MAX_NOTES + 1], "affected": [{"package": package}],
            }),
        ),
    ];
    for (what, limit, record) in cases {
        let expected = Problem::TooMany(what, limit);
        assert_eq!(
            problems(&read(&record)),
            [(expected, vec!["example-a"])],
            "{what}"
        );
    }
    let large = vec![b' '; osv::MAX_BYTES + 1];
    assert_eq!(problems(&osv::parse(&large)), [(Problem::TooLarge, vec![])]);
    assert_eq!(
        problems(&osv::parse_yaml(&large)),
        [(Problem::TooLarge, vec![])]
    );
}

#[test]
fn a_record_at_its_limits_is_read() {
    let intervals = (0..osv::MAX_EVENTS / 2).flat_map(|n| {
        [
            json!({"introduced": format!("{n}.0")}),
            json!({"fixed": format!("{n}.1")}),
        ]
    });
    let mut record = with_events(&intervals.collect());
    let versions = (0..osv::MAX_VERSIONS).map(|n| Value::from(format!("{n}.2")));
    record["affected"][0]["versions"] = versions.collect();
    record["aliases"] = json!(vec!["X"; osv::MAX_NOTES]);
    let record = read(&record);
    let advisory = only(&record);
    let signs: String = ["7.0", "7.1", "7.2", "7.3"]
        .map(|text| sign(advisory, text))
        .iter()
        .collect();
    assert_eq!(signs, "+-+-");
}

#[test]
fn limits_count_all_entries_together_and_texts() {
    let package = json!({"ecosystem": "PyPI", "name": "example-a"});
    let half = vec!["1"; osv::MAX_VERSIONS / 2 + 1];
    let entry = json!({"package": package, "versions": half});
    let record = read(&json!({"id": "EX-1", "affected": [entry, entry]}));
    let expected = Problem::TooMany("versions", osv::MAX_VERSIONS);
    assert_eq!(problems(&record), [(expected, vec!["example-a"])]);
    let long = "x".repeat(osv::MAX_TEXT + 1);
    let entry = json!({"package": package, "versions": ["1"],
        "severity": [{"type": "CVSS_V3", "score": long}],
        "ecosystem_specific": {"imports": [{"modules": [long]}]}});
    let record = read(&json!({"id": long, "affected": [entry]}));
    assert_eq!(
        problems(&record),
        [(Problem::TooLong("`id`"), vec!["example-a"])]
    );
    let record = read(&json!({"id": "EX-1", "aliases": [long], "affected": [entry]}));
    assert_eq!(
        problems(&record),
        [(Problem::TooLong("an alias"), vec!["example-a"])]
    );
    let record = read(&json!({"id": "EX-1", "affected": [entry]}));
    let rating = only(&record).ratings.first().unwrap();
    assert_eq!((rating.kind, rating.severity), (RatingKind::Other, None));
    assert!(only(&record).imports.is_empty());
}

#[test]
fn yaml_that_is_more_than_json_is_not_understood() {
    let laughs = (1..12).fold("a: &a0 [ha]\n".to_owned(), |text, n| {
        let repeated = vec![format!("*a{}", n - 1); 10].join(", ");
        format!("{text}a{n}: &a{n} [{repeated}]\n")
    });
    let cases = [
        (
            "id: EX-1\n---\nid: EX-2\n".to_owned(),
            Problem::UnsupportedYaml("a second document"),
        ),
        (
            "a: &a {b: 1}\nc: {<<: *a}\n".to_owned(),
            Problem::UnsupportedYaml("a merge key"),
        ),
        (
            "[1]: 2\n".to_owned(),
            Problem::UnsupportedYaml("a key that is no text"),
        ),
        (
            "a: &a [*a]\n".to_owned(),
            Problem::UnsupportedYaml("an alias of itself"),
        ),
        (laughs, Problem::TooLarge),
        (
            "id: a\nid: b\n".to_owned(),
            Problem::DuplicateKey("id".into()),
        ),
        (
            format!("{}{}", "[".repeat(200), "]".repeat(200)),
            Problem::TooDeep,
        ),
        (String::new(), Problem::Wrong("the record", "an object")),
    ];
    for (yaml, expected) in cases {
        let record = osv::parse_yaml(yaml.as_bytes());
        assert_eq!(problems(&record), [(expected, vec![])], "{yaml}");
    }
    assert!(matches!(
        osv::parse_yaml(b"a: [")
            .not_understood
            .first()
            .unwrap()
            .problem,
        Problem::NotYaml(_)
    ));
}
