//! Records of the OSV schema: what is read, what is named as not understood, and that nothing else happens.

use pinproof_core::advisory::{Kind, Match, Rating, RatingKind, Severity};
use pinproof_core::{Advisory, ProjectName, Version};
use pinproof_formats::osv::{self, Problem, Record};
use serde_json::{Value, json};

fn read(record: &Value) -> Record {
    osv::parse(record.to_string().as_bytes())
}

/// A record about `example-a` with one range.
fn with_events(events: &Value) -> Value {
    json!({"id": "EX-1", "affected": [{
        "package": {"ecosystem": "PyPI", "name": "example-a"},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    }]})
}

fn only(record: &Record) -> &Advisory {
    assert_eq!(record.not_understood, []);
    let [(_, advisory)] = record.advisories.as_slice() else {
        panic!("{record:?}");
    };
    advisory
}

/// The version is affected, is not, or possibly is: `+`, `-` and `?`.
fn sign(advisory: &Advisory, version: &str) -> char {
    let found = match version.parse::<Version>() {
        Ok(version) => return mark(&advisory.affects(&version)),
        Err(_) => advisory.affects_text(version),
    };
    mark(&found)
}

fn mark(found: &Match<'_>) -> char {
    match found {
        Match::Yes(_) => '+',
        Match::No => '-',
        Match::Possibly(_) => '?',
    }
}

/// What is not understood, and the projects that this concerns.
fn problems(record: &Record) -> Vec<(Problem, Vec<&str>)> {
    let entries = record.not_understood.iter();
    let named = entries.map(|entry| {
        let projects = entry.projects.iter().map(ProjectName::as_str);
        (entry.problem.clone(), projects.collect())
    });
    named.collect()
}

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
fn an_unreadable_date_takes_nothing_back_and_hides_nothing() {
    let mut record = with_events(&json!([{"introduced": "0"}]));
    record["withdrawn"] = json!("yesterday");
    record["published"] = json!(2019);
    record["modified"] = json!("2024-10-11T12:00:00Z");
    let record = read(&record);
    let advisory = only(&record);
    assert_eq!((advisory.withdrawn, advisory.published), (None, None));
    assert_eq!(advisory.modified, record.modified);
    assert!(record.modified.is_some());
    assert!(advisory.is_in_force(record.modified.unwrap()));
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
fn a_part_that_cannot_be_read_is_named_and_the_rest_is_read() {
    let text = pinproof_core::Printable::new;
    let wrong_event = Problem::Wrong("an event", "an object with a kind");
    let cases = [
        (json!([{"introduced": "1"}, "fixed"]), wrong_event.clone()),
        (json!([{"introduced": "1"}, {}]), wrong_event),
        (
            json!([{"introduced": "1"}, {"superseded": "2"}]),
            Problem::UnknownEvent(text("superseded")),
        ),
    ];
    for (events, problem) in cases {
        let record = read(&with_events(&events));
        assert_eq!(problems(&record), [(problem, vec!["example-a"])]);
        let (_, advisory) = record.advisories.first().unwrap();
        assert_eq!(sign(advisory, "2"), '+', "{events}");
    }
    let record = read(&with_events(&json!([{"fixed": "1"}])));
    assert_eq!(
        problems(&record),
        [(Problem::NoIntroduction, vec!["example-a"])]
    );
    let mut record = with_events(&json!([{"introduced": "1"}]));
    record["affected"][0]["ranges"][0]["type"] = json!("CALENDAR");
    let unknown = Problem::UnknownRange(text("CALENDAR"));
    assert_eq!(problems(&read(&record)), [(unknown, vec!["example-a"])]);
}

#[test]
fn a_record_that_cannot_be_read_still_says_whom_it_mentions() {
    let named = |text: &str| {
        let record = osv::parse(text.as_bytes());
        assert_eq!(record.advisories, []);
        let [entry] = record.not_understood.as_slice() else {
            panic!("{text}: {record:?}");
        };
        let names: Vec<_> = entry.projects.iter().map(ToString::to_string).collect();
        names.join(" ")
    };
    let package = r#"{"package": {"ecosystem": "PyPI", "name": "Example.A"}, "versions": ["1"]}"#;
    let other = r#"{"package": {"ecosystem": "npm", "name": "example-n"}, "versions": ["1"]}"#;
    let deep = format!("{}{}", "[".repeat(500_000), "]".repeat(500_000));
    let cases = [
        (
            format!(r#"{{"affected": [{package}, {other}]}}"#),
            "example-a",
        ),
        (
            format!(r#"{{"id": "EX-1", "id": "EX-2", "affected": [{package}]}}"#),
            "example-a",
        ),
        (
            format!(r#"{{"id": "EX-1", "affected": {package}}}"#),
            "example-a",
        ),
        (
            format!(r#"{{"id": "EX-1", "affected": [{package}], "x": {deep}}}"#),
            "example-a",
        ),
        (format!("[{package}]"), "example-a"),
        (
            r#"{"id": "EX-1", "affects": {"package": "example-b"}}"#.to_owned(),
            "example-b",
        ),
        (
            r#"{"id": 1, "affected": [{"purl": "pkg:pypi/example_c@1?x"}]}"#.to_owned(),
            "example-c",
        ),
        (format!(r#"{{"id": "EX-1", "affected": [{other}"#), ""),
        (r#"{"id": "EX-1", "affected": []}"#.to_owned(), ""),
        (String::new(), ""),
        ("\u{feff}null".to_owned(), ""),
    ];
    for (text, expected) in cases {
        assert_eq!(named(&text), expected, "{}", &text[..text.len().min(200)]);
    }
}

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
fn an_entry_without_a_package() {
    let git = json!({"ranges": [{"type": "GIT", "repo": "https://example.invalid", "events": []}]});
    let package = json!({"package": {"ecosystem": "PyPI", "name": "example-a"}, "versions": ["1"]});
    let record = read(&json!({"id": "EX-1", "affected": [git, package]}));
    assert_eq!(record.elsewhere, 1);
    only(&record);
    let record = read(&json!({"id": "EX-1", "affected": [git]}));
    assert_eq!(problems(&record), [(Problem::NoProject, vec![])]);
    let record = read(&json!({"id": "EX-1", "affected": [{"versions": ["2"]}, package]}));
    assert_eq!(problems(&record), [(Problem::NoProject, vec!["example-a"])]);
    assert_eq!(record.advisories.len(), 1);
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
