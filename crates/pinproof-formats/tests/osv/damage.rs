//! What cannot be read is named, with the projects that it may be about, and the rest is read.

use pinproof_formats::osv::{self, Problem};
use serde_json::json;

use crate::{only, problems, read, sign, with_events};

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
