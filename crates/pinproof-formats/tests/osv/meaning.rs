//! What a record means.

use pinproof_core::Version;
use pinproof_core::advisory::{Kind, Match, Rating, RatingKind, Severity};
use pinproof_formats::osv::{self};
use serde_json::{Value, json};

use crate::{only, read, sign, with_events};

#[test]
fn zero_and_star_are_special_where_the_schema_says_so() {
    let record = read(&with_events(&json!([
        {"introduced": "0"}, {"fixed": "0.1"}, {"introduced": "1"}, {"limit": "*"},
    ])));
    let advisory = only(&record);
    for (version, expected) in [("0.dev0", '+'), ("0.1", '-'), ("1", '+'), ("9", '+')] {
        assert_eq!(sign(advisory, version), expected, "{version}");
    }
    // Elsewhere, `0` is the version and `*` is none.
    let record = read(&with_events(&json!([{"introduced": "0"}, {"fixed": "0"}])));
    let advisory = only(&record);
    assert_eq!((sign(advisory, "0.dev0"), sign(advisory, "0")), ('+', '-'));
    let record = read(&with_events(&json!([{"introduced": "0"}, {"fixed": "*"}])));
    assert_eq!(sign(only(&record), "1"), '?');
}

#[test]
fn several_entries_of_one_project_are_one_advisory() {
    let entry = |name: &str, version: &str| json!({"package": {"ecosystem": "PyPI", "name": name}, "versions": [version]});
    let record = read(&json!({"id": "EX-1", "affected": [
        entry("Example_A", "1.0"),
        entry("example.a", "2.0"),
        entry("example-b", "3.0"),
        {"package": {"ecosystem": "npm", "name": "example-c"}, "versions": ["1.0"]},
    ]}));
    assert_eq!((record.elsewhere, record.not_understood.len()), (1, 0));
    let names: Vec<_> = record
        .advisories
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["example-a", "example-b"]);
    let (_, advisory) = record.advisories.first().unwrap();
    for (version, expected) in [("1", '+'), ("2.0.0", '+'), ("3.0", '-')] {
        assert_eq!(sign(advisory, version), expected, "{version}");
    }
}

#[test]
fn commits_and_semantic_versions_decide_nothing() {
    let package = json!({"ecosystem": "PyPI:internal", "name": "example-a"});
    let git = json!({"type": "GIT", "events": [{"introduced": "0"}, {"fixed": "c0ffee"}]});
    let semver = json!({"type": "SEMVER", "events": [{"introduced": "0"}]});
    let listed = json!({"id": "EX-1", "affected": [
        {"package": package, "ranges": [git, semver], "versions": ["1.0"]},
    ]});
    let record = read(&listed);
    let advisory = only(&record);
    assert_eq!((sign(advisory, "1.0"), sign(advisory, "1.1")), ('+', '-'));
    let alone = json!({"id": "EX-1", "affected": [{"package": package, "ranges": [git]}]});
    let record = read(&alone);
    let version: Version = "1.0".parse().unwrap();
    assert_eq!(only(&record).affects(&version), Match::Possibly("c0ffee"));
    let nothing = json!({"id": "EX-1", "affected": [{"package": package}]});
    assert_eq!(sign(only(&read(&nothing)), "1.0"), '?');
}

#[test]
fn what_is_said_about_the_project_counts_before_what_is_said_about_the_record() {
    let package = |name: &str| json!({"ecosystem": "PyPI", "name": name});
    let critical = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
    let record = read(&json!({
        "id": "EX-1",
        "severity": [{"type": "CVSS_V3", "score": critical}, {"type": "Ubuntu", "score": "low"}],
        "affected": [
            {"package": package("example-a"), "versions": ["1"]},
            {"package": package("example-b"), "versions": ["1"], "database_specific": {"severity": "MODERATE"}},
        ],
    }));
    let ratings: Vec<_> = record
        .advisories
        .iter()
        .map(|(_, advisory)| advisory.ratings.as_slice())
        .collect();
    let rating = |kind, text: &str, score, severity| Rating {
        kind,
        text: text.to_owned(),
        score,
        severity,
    };
    let of_record = [
        rating(
            RatingKind::CvssV3,
            critical,
            Some(98),
            Some(Severity::Critical),
        ),
        rating(RatingKind::Other, "low", None, None),
    ];
    let own = [rating(
        RatingKind::Word,
        "MODERATE",
        None,
        Some(Severity::Medium),
    )];
    assert_eq!(ratings, [of_record.as_slice(), own.as_slice()]);
}

/// The examples that FIRST publishes with their scores: the CVSS 2 guide (section 3.3), and the example
/// documents of CVSS 3.1 and 4.0.
#[test]
fn scores_the_examples_of_first() {
    let vectors = [
        ("CVSS_V2", "AV:N/AC:L/Au:N/C:N/I:N/A:C", 78),
        (
            "CVSS_V2",
            "(AV:N/AC:L/Au:N/C:C/I:C/A:C/E:F/RL:OF/RC:C)",
            100,
        ),
        ("CVSS_V2", "AV:L/AC:H/Au:N/C:C/I:C/A:C", 62),
        (
            "CVSS_V3",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N",
            61,
        ),
        (
            "CVSS_V3",
            "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N",
            64,
        ),
        (
            "CVSS_V3",
            "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N",
            31,
        ),
        (
            "CVSS_V3",
            "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H",
            99,
        ),
        (
            "CVSS_V3",
            "CVSS:3.1/AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L",
            42,
        ),
        (
            "CVSS_V3",
            "CVSS:3.0/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U",
            68,
        ),
        (
            "CVSS_V4",
            "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            73,
        ),
        (
            "CVSS_V4",
            "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            77,
        ),
        (
            "CVSS_V4",
            "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N/E:U",
            83,
        ),
        // The vector itself says which version of CVSS it is of.
        (
            "CVSS_V3",
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H",
            100,
        ),
    ];
    for (kind, vector, expected) in vectors {
        let mut record = with_events(&json!([{"introduced": "0"}]));
        record["severity"] = json!([{"type": kind, "score": vector}]);
        let record = read(&record);
        let rating = only(&record).ratings.first().unwrap();
        assert_eq!(rating.score, Some(expected), "{vector}");
    }
}

#[test]
fn malware_by_its_own_id_or_by_an_alias() {
    let mut record = with_events(&json!([{"introduced": "0"}]));
    assert_eq!(only(&read(&record)).kind, Kind::Vulnerability);
    record["aliases"] = json!(["GHSA-1", 7, "", "MAL-2023-1", "GHSA-1"]);
    let read_record = read(&record);
    assert_eq!(only(&read_record).kind, Kind::Malware);
    assert_eq!(only(&read_record).aliases, ["GHSA-1", "MAL-2023-1"]);
    record["aliases"] = Value::Null;
    record["id"] = json!("MAL-2023-2");
    assert_eq!(only(&read(&record)).kind, Kind::Malware);
}

#[test]
fn modules_are_named_only_if_all_can_be_read() {
    let entry = |imports: Value| {
        json!({"package": {"ecosystem": "PyPI", "name": "example-a"}, "versions": ["1"],
               "ecosystem_specific": {"imports": imports}})
    };
    let one = entry(json!([{"attribute": "f", "modules": ["example_a.b", "example_a"]}]));
    let cases = [
        (vec![one.clone()], vec!["example_a", "example_a.b"]),
        (
            vec![one.clone(), entry(json!([{"modules": ["c"]}]))],
            vec!["c", "example_a", "example_a.b"],
        ),
        (
            vec![one.clone(), entry(json!([{"attribute": "g"}]))],
            vec![],
        ),
        (vec![one.clone(), entry(json!("example_a"))], vec![]),
        (vec![one, entry(json!([{"modules": ["c", 1]}]))], vec![]),
    ];
    for (affected, expected) in cases {
        let record = read(&json!({"id": "EX-1", "affected": affected}));
        assert_eq!(only(&record).imports, expected, "{affected:?}");
    }
}

#[test]
fn the_summary_is_one_bounded_line() {
    let summary = |key: &str, text: &str| {
        let mut record = with_events(&json!([{"introduced": "0"}]));
        record[key] = json!(text);
        only(&read(&record)).summary.clone()
    };
    assert_eq!(
        summary("summary", " Reads\n too  much. Always. "),
        "Reads too much. Always."
    );
    let details = "### Impact\n\nReads e.g. files,\nall of them. Then writes.\n\nMore.";
    assert_eq!(
        summary("details", details),
        "Reads e.g. files, all of them."
    );
    assert_eq!(summary("details", "# Only a heading"), "");
    let long = summary("details", &"é".repeat(5000));
    assert_eq!((long.chars().count(), long.ends_with('…')), (200, true));
}

#[test]
fn yaml_says_the_same_as_json() {
    let yaml = "
id: EX-1
modified: 2024-10-11T12:00:00Z
published: 2024-10-10 12:00:00.5Z
aliases: &names [EX-2, &three EX-3]
affected:
- package: {ecosystem: PyPI, name: Example.A}
  ranges:
  - type: ECOSYSTEM
    events:
    - introduced: 0
    - fixed: 1.10
  versions:
  - 1.5e3
  - *three
database_specific: ~
";
    let json = json!({
        "id": "EX-1",
        "modified": "2024-10-11T12:00:00Z",
        "published": "2024-10-10 12:00:00.5Z",
        "aliases": ["EX-2", "EX-3"],
        "affected": [{
            "package": {"ecosystem": "PyPI", "name": "Example.A"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.10"}]}],
            "versions": ["1.5e3", "EX-3"],
        }],
        "database_specific": null,
    });
    let record = osv::parse_yaml(yaml.as_bytes());
    assert_eq!(record, read(&json));
    let advisory = only(&record);
    assert!(advisory.modified.is_some() && advisory.published.is_some());
    assert_eq!((sign(advisory, "1.9"), sign(advisory, "1.10")), ('+', '-'));
}
