//! Base scores of CVSS vectors, compared with the calculator of Red Hat.

mod oracle;

use std::fmt::Write as _;

use pinproof_formats::osv;
use serde_json::{Value, json};

const SCRIPT: &str = include_str!("cvss_oracle.py");

#[test]
fn scores_what_the_calculator_scores() {
    let Some(environment) = oracle::environment() else {
        return;
    };
    let scored = oracle::ask(&environment, SCRIPT, &json!(5000));
    let scored = scored.as_array().unwrap();
    assert_eq!(scored.len(), 729 + 2 * 2592 + 5000);
    let mut differences = String::new();
    for row in scored {
        let ours = score(&row[0], &row[1]);
        if row[2] != json!(ours) {
            writeln!(differences, "{row}: ours is {ours:?}").unwrap();
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

fn score(kind: &Value, vector: &Value) -> Option<u8> {
    let record = json!({
        "id": "EX-1",
        "severity": [{"type": kind, "score": vector}],
        "affected": [{"package": {"ecosystem": "PyPI", "name": "example-a"}, "versions": ["1"]}],
    });
    let record = osv::parse(record.to_string().as_bytes());
    let (_, advisory) = record.advisories.first()?;
    advisory.ratings.first()?.score
}
