//! `--baseline`: what is known is listed and does not count, what is new counts, what is gone is said.

#[path = "support/mod.rs"]
mod support;

use serde_json::Value;
use support::{Index, Mood, Ran, Release, Sandbox};

fn releases() -> Vec<Release> {
    ["flask", "click", "idna"]
        .map(|name| Release::new(name, "1.0"))
        .to_vec()
}

fn index() -> Index {
    Index::with(&releases())
}

/// A lock without hashes: three denied findings.
fn unhashed() -> Sandbox {
    let lines: Vec<String> = releases().iter().map(Release::pinned).collect();
    Sandbox::with_requirements(&lines.concat())
}

const KNOWN: [&str; 2] = ["--baseline", "known.json"];

fn write(sandbox: &Sandbox, index: &Index) -> Ran {
    sandbox.check(index, &[&KNOWN[..], &["--write-baseline"]].concat())
}

fn check(sandbox: &Sandbox, index: &Index) -> Ran {
    sandbox.check(index, &KNOWN)
}

#[test]
fn what_is_written_is_known_and_short_in_a_review() {
    let sandbox = unhashed();
    sandbox.check(&index(), &[]).ends_with(1);
    write(&sandbox, &index())
        .ends_with(0)
        .notes("note: wrote 3 findings to known.json\n")
        .says("already in known.json, not counted: 3 denied")
        .says("PASSED  0 denied, 0 warned, 0 ignored, 0 unanswered, 3 already there");
    let line = |name: &str| {
        format!(
            "    {{\"rule\":\"unhashed-requirement\",\"file\":\"requirements.txt\",\"project\":\"{name}\",\"key\":\"unhashed\"}}"
        )
    };
    let text = format!(
        "{{\n  \"version\": 1,\n  \"known\": [\n{},\n{},\n{}\n  ]\n}}\n",
        line("click"),
        line("flask"),
        line("idna")
    );
    assert_eq!(sandbox.read("known.json"), text);
    check(&sandbox, &index()).ends_with(0);
    // Written again it is the same, byte for byte.
    write(&sandbox, &index()).ends_with(0);
    assert_eq!(sandbox.read("known.json"), text);
    let json = sandbox
        .check(&index(), &[&KNOWN[..], &["--format", "json"]].concat())
        .json();
    assert_eq!(json["base"]["name"], "known.json");
    assert_eq!(json["findings"][0]["baseline"], "existing");
    assert_eq!(json["summary"]["existing"], 3);
}

#[test]
fn what_is_new_counts_wherever_the_known_has_moved() {
    let sandbox = unhashed();
    write(&sandbox, &index());
    let evil = Release::new("evil", "1.0");
    let more = Index::with(&[releases(), vec![evil.clone()]].concat());
    let text = sandbox.read("requirements.txt");
    sandbox.write(
        "requirements.txt",
        format!("# a comment\n{}{text}", evil.pinned()),
    );
    check(&sandbox, &more)
        .ends_with(1)
        .says("error[unhashed-requirement]: `evil` is pinned, but has no hash")
        .says("FAILED  1 denied")
        .says("3 already there");
    // One that is there twice and known once is new once.
    sandbox.write(
        "requirements.txt",
        format!("{text}{}", releases()[0].pinned()),
    );
    let json = sandbox
        .check(
            &index(),
            &[
                &KNOWN[..],
                &["--format", "json", "--only", "unhashed-requirement"],
            ]
            .concat(),
        )
        .json();
    assert_eq!(json["summary"]["denied"], 1);
    assert_eq!(json["summary"]["existing"], 3);
}

/// A release that is too young is no excuse for another.
#[test]
fn a_finding_about_exactly_what_is_pinned_is_known_for_that_pin_only() {
    let young = |version: &str| Release::new("flask", version).uploaded("2026-10-31T00:00:00Z");
    let sandbox = Sandbox::with_requirements(&young("1.1").locked());
    let deny = ["-D", "recent-release"];
    let run =
        |index: &Index, more: &[&str]| sandbox.check(index, &[&KNOWN[..], &deny, more].concat());
    let index = Index::with(&[young("1.1"), young("1.2")]);
    run(&index, &["--write-baseline"]).ends_with(0);
    run(&index, &[]).ends_with(0);
    let text = sandbox.read("known.json");
    assert!(text.contains("\"pin\":\""), "{text}");
    assert!(!text.contains("1.1"), "{text}");
    sandbox.write("requirements.txt", young("1.2").locked());
    run(&index, &[]).ends_with(1).says("error[recent-release]");
}

#[test]
fn entries_that_cover_nothing_are_said_and_taken_out() {
    let sandbox = unhashed();
    write(&sandbox, &index());
    let hashed: Vec<String> = releases().iter().map(Release::locked).collect();
    sandbox.write("requirements.txt", hashed.concat());
    check(&sandbox, &index())
        .ends_with(0)
        .says("warning[unused-ignore]: 3 entries of `known.json` cover nothing any more")
        .says("`unhashed-requirement` about click in requirements.txt and 2 more")
        .says("help: `--write-baseline` takes them out");
    let deny = [&KNOWN[..], &["-D", "unused-ignore"]].concat();
    sandbox.check(&index(), &deny).ends_with(1);
    write(&sandbox, &index()).ends_with(0).says("CLEAN");
    assert_eq!(
        sandbox.read("known.json"),
        "{\n  \"version\": 1,\n  \"known\": []\n}\n"
    );
}

/// Rules that are not asked and files that are not judged are neither gone nor forgotten.
#[test]
fn a_run_over_a_part_keeps_what_it_does_not_look_at() {
    let sandbox = unhashed();
    sandbox.write("requirements-dev.txt", "nope==1\n");
    write(&sandbox, &index()).ends_with(0);
    let whole = sandbox.read("known.json");
    assert!(whole.contains("requirements-dev.txt"), "{whole}");
    for part in [
        &["--only", "yanked-release"][..],
        &["requirements.txt"],
        &["-A", "unhashed-requirement"],
    ] {
        let args = [&KNOWN[..], part].concat();
        sandbox.check(&index(), &args).never_says("any more");
        sandbox.check(&index(), &[&args[..], &["--write-baseline"]].concat());
        assert_eq!(sandbox.read("known.json"), whole, "{part:?}");
    }
    std::fs::remove_file(sandbox.project().join("requirements-dev.txt")).unwrap();
    check(&sandbox, &index()).says("cover nothing any more");
}

#[test]
fn what_stayed_open_is_never_known() {
    let silent = Index::in_mood(Mood::Status(503), &[]);
    let sandbox = Sandbox::with_requirements(&(releases()[0].locked() + "!!\n"));
    write(&sandbox, &silent)
        .ends_with(3)
        .notes("stay open: no baseline knows what the answers would be");
    check(&sandbox, &silent).ends_with(3);
}

#[test]
fn nothing_is_written_from_inputs_that_cannot_be_read() {
    let sandbox = unhashed();
    write(&sandbox, &index());
    let before = sandbox.read("known.json");
    let args = [
        &KNOWN[..],
        &["--write-baseline", "requirements.txt", "missing.txt"],
    ]
    .concat();
    sandbox
        .check(&index(), &args)
        .ends_with(2)
        .notes("warning: known.json is left as it is");
    assert_eq!(sandbox.read("known.json"), before);
}

#[test]
fn a_file_that_is_none_could_not_run() {
    let sandbox = unhashed();
    let index = index();
    check(&sandbox, &index)
        .ends_with(2)
        .notes("error: known.json: ")
        .notes("hint: `--write-baseline` makes it");
    let deep = "[".repeat(100_000);
    let cases = [
        ("", "is no file of known findings"),
        ("[]", "is no file of known findings"),
        ("{\"version\": 1}", "is no file of known findings"),
        (
            "{\"version\": 1, \"known\": [{}]}",
            "is no file of known findings",
        ),
        (
            "{\"version\": 1, \"known\": [], \"\u{202e}\": 1}",
            "is no file of known findings",
        ),
        (
            "{\"version\": 2, \"findings\": []}",
            "has version 2 of the format, and this is version 1",
        ),
        (deep.as_str(), "is no file of known findings"),
    ];
    for (text, said) in cases {
        sandbox.write("known.json", text);
        check(&sandbox, &index)
            .ends_with(2)
            .notes(said)
            .never_says("\u{202e}");
    }
    assert!(
        index.asked().is_empty(),
        "nobody is asked before it is read"
    );
    sandbox.run(&["check", "--write-baseline"]).ends_with(2);
    sandbox
        .run(&["check", "--baseline", "a", "--base", "b"])
        .ends_with(2);
}

/// Counts and unknown rules of a file that anybody may have edited.
#[test]
fn strange_entries_do_no_harm() {
    let sandbox = unhashed();
    let entry = |rest: &str| {
        format!(
            "{{\"version\": 1, \"known\": [{{\"rule\": \"unhashed-requirement\", \"file\": \"requirements.txt\", \"project\": \"click\", \"key\": \"unhashed\"{rest}}}, \
             {{\"rule\": \"gone-rule\", \"file\": \"requirements.txt\", \"key\": \"\\u202e\"}}]}}"
        )
    };
    sandbox.write("known.json", entry(", \"count\": 18446744073709551615"));
    check(&sandbox, &index())
        .ends_with(1)
        .says("2 entries of `known.json` cover nothing any more")
        .says("FAILED  2 denied")
        .never_says("\u{202e}");
    sandbox.write("known.json", entry(", \"count\": 0"));
    check(&sandbox, &index())
        .ends_with(1)
        .says("FAILED  3 denied");
}

#[test]
fn the_schema_has_every_key_that_is_written() {
    let sandbox = unhashed();
    let text = releases()[1].pinned();
    sandbox.write("requirements.txt", format!("{text}{text}"));
    write(&sandbox, &index());
    let schema = sandbox.run(&["config", "schema", "baseline"]).json();
    let keys = &schema["properties"]["known"]["items"]["properties"];
    let written: Value = serde_json::from_str(&sandbox.read("known.json")).unwrap();
    let entries = written["known"].as_array().unwrap();
    assert!(
        entries.iter().any(|entry| entry["count"] == 2),
        "{written:#}"
    );
    for entry in entries {
        for key in entry.as_object().unwrap().keys() {
            assert!(keys.get(key).is_some(), "{key}");
        }
    }
}
