//! SARIF: places, fingerprints, exceptions and gaps, as those who read it understand them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Index, Mood, NOW, Sandbox};
use crate::{click, flask, half_hashed, index};

const SARIF: [&str; 2] = ["--format", "sarif"];

/// The one run of a log.
fn run(sandbox: &Sandbox, index: &Index, more: &[&str]) -> Value {
    let ran = sandbox.check(index, &[&SARIF, more].concat());
    ran.json()["runs"][0].clone()
}

fn results(run: &Value) -> &Vec<Value> {
    run["results"].as_array().expect("a list")
}

fn fingerprints(run: &Value) -> Vec<&Value> {
    let results = results(run).iter();
    results
        .map(|result| &result["partialFingerprints"])
        .collect()
}

#[test]
fn a_finding_is_a_result_at_its_line() {
    let run = run(&half_hashed(), &index(), &[]);
    let [result] = results(&run).as_slice() else {
        panic!("{run:#}");
    };
    assert_eq!(result["ruleId"], "unhashed-requirement");
    assert_eq!(result["level"], "error");
    let text = result["message"]["text"].as_str().unwrap();
    assert!(
        text.starts_with("`click` is pinned, but has no hash\n"),
        "{text}"
    );
    let place = &result["locations"][0]["physicalLocation"];
    let location = json!({"uri": "requirements.txt", "uriBaseId": "%SRCROOT%"});
    assert_eq!(place["artifactLocation"], location);
    let region = json!({"startLine": 2, "startColumn": 6, "endLine": 2, "endColumn": 13});
    assert_eq!(place["region"], region);
    let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(
        run["tool"]["driver"]["rules"][rule]["id"],
        "unhashed-requirement"
    );
    assert_eq!(run["invocations"][0]["exitCode"], 1);
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn rules_have_a_page_without_the_examples_that_test_it() {
    let run = run(&half_hashed(), &index(), &[]);
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert!(rules.len() > 20);
    for rule in rules {
        let help = rule["help"]["markdown"].as_str().unwrap();
        assert!(
            !help.is_empty() && !help.contains("## Examples"),
            "{rule:#}"
        );
        assert!(rule["fullDescription"]["text"].as_str().unwrap().len() > 20);
        assert!(
            rule["shortDescription"]["text"]
                .as_str()
                .unwrap()
                .ends_with('.')
        );
    }
    assert_eq!(rules[0]["name"], "MixedIndexes");
}

#[test]
fn fingerprints_survive_edits_around_a_finding_and_are_never_shared() {
    let sandbox = half_hashed();
    let before = run(&sandbox, &index(), &[]);
    let text = sandbox.read("requirements.txt");
    sandbox.write("requirements.txt", format!("# a comment\n\n{text}"));
    let after = run(&sandbox, &index(), &[]);
    assert_eq!(fingerprints(&before), fingerprints(&after));
    assert_ne!(
        results(&before)[0]["locations"],
        results(&after)[0]["locations"]
    );

    // The same requirement three times, and a second file that has it too.
    let pin = click().pinned();
    sandbox.write("requirements.txt", format!("{pin}{pin}{pin}"));
    sandbox.write("requirements-dev.txt", pin);
    let many = run(&sandbox, &index(), &[]);
    let distinct: BTreeSet<String> = fingerprints(&many)
        .iter()
        .map(|both| both["pinproofFingerprint/v1"].to_string())
        .collect();
    assert!(distinct.len() >= 4);
    assert_eq!(distinct.len(), results(&many).len(), "{many:#}");
}

#[test]
fn what_stayed_open_is_a_result_with_a_level() {
    let silent = Index::in_mood(Mood::Status(503), &[]);
    let sandbox = Sandbox::with_requirements(&(flask().locked() + &click().locked() + "!!\n"));
    let run = run(&sandbox, &silent, &[]);
    let found = |rule: &str| {
        let mut results = results(&run).iter();
        results.find(|result| result["ruleId"] == rule).cloned()
    };
    let gap = found("unavailable-evidence").expect("the index is silent");
    assert_eq!(gap["level"], "error");
    assert_eq!(gap.get("kind"), None);
    assert_eq!(gap["properties"]["openness"], "unavailable");
    let text = gap["message"]["text"].as_str().unwrap();
    assert!(text.contains("about click, flask: "), "{text}");
    assert!(text.contains("not decided: "), "{text}");
    assert_eq!(gap["relatedLocations"].as_array().unwrap().len(), 1);
    let unclear = found("not-understood").expect("a line that nobody understands");
    assert_eq!(unclear["level"], "error");
    assert_eq!(
        unclear["locations"][0]["physicalLocation"]["region"]["startLine"],
        3
    );
}

#[test]
fn exceptions_are_suppressions_only_where_they_are_asked_for() {
    let sandbox = Sandbox::with_requirements(
        "flask==3.1.2  # pinproof: ignore[unhashed-requirement] see #1\nclick==8.3.0\n",
    );
    sandbox.write(
        "pinproof.toml",
        "[[ignore]]\nrule = \"unhashed-requirement\"\nmatch = \"click\"\nreason = \"vendored\"\nowner = \"web\"\nuntil = 2027-01-31\n",
    );
    assert_eq!(*results(&run(&sandbox, &index(), &[])), Vec::<Value>::new());
    let told = run(&sandbox, &index(), &["--verbose"]);
    let suppressions: Vec<_> = results(&told)
        .iter()
        .map(|result| &result["suppressions"])
        .collect();
    let inline = json!([{"kind": "inSource", "status": "accepted", "justification": "see #1"}]);
    let configured = json!([{
        "kind": "external", "status": "accepted", "justification": "vendored",
        "properties": {"owner": "web", "until": "2027-01-31"}
    }]);
    assert_eq!(suppressions, [&inline, &configured]);
}

#[test]
fn with_a_base_every_result_has_its_state() {
    let sandbox = half_hashed();
    sandbox.write("old.txt", flask().pinned() + &click().pinned());
    sandbox.write(
        "requirements.txt",
        flask().pinned() + "click==8.3.0\nnope==1\n",
    );
    let args = ["--base", "old.txt", "requirements.txt"];
    let compared = run(&sandbox, &index(), &args);
    let states: BTreeSet<(&str, &str)> = results(&compared)
        .iter()
        .map(|result| {
            let state = result["baselineState"].as_str().unwrap();
            (result["ruleId"].as_str().unwrap(), state)
        })
        .collect();
    assert!(states.contains(&("unhashed-requirement", "unchanged")));
    assert!(states.contains(&("unknown-project", "new")));
    let alone = run(&sandbox, &index(), &[]);
    assert!(
        results(&alone)
            .iter()
            .all(|result| result.get("baselineState").is_none())
    );
}

#[test]
fn what_is_outside_of_the_project_has_a_place_too() {
    let sandbox = Sandbox::with_requirements(&(flask().locked() + &click().locked()));
    let index = index();
    let url = index.url();
    let args = [
        "check",
        "--index-url",
        &url,
        "--as-of",
        NOW,
        "--format",
        "sarif",
    ];
    let variables = [("PIP_TRUSTED_HOST", "corp.example")];
    let log = sandbox.run_with(&args, &variables).json();
    let run = &log["runs"][0];
    let [result] = results(run).as_slice() else {
        panic!("{run:#}");
    };
    let place = &result["locations"][0];
    assert_eq!(
        place["logicalLocations"][0]["fullyQualifiedName"],
        "PIP_TRUSTED_HOST"
    );
    let uri = &place["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri, "requirements.txt");
}

#[test]
fn inputs_that_cannot_be_read_make_a_run_unsuccessful() {
    let run = run(
        &half_hashed(),
        &index(),
        &["requirements.txt", "missing.txt"],
    );
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(invocation["exitCode"], 2);
    let said = &invocation["toolExecutionNotifications"][0];
    assert_eq!(said["level"], "error");
    let text = said["message"]["text"].as_str().unwrap();
    assert!(text.starts_with("missing.txt: "), "{text}");
}

#[test]
fn names_from_outside_are_encoded_and_make_no_links() {
    let sandbox = Sandbox::new();
    let path = "requirements/a b:%é#?.txt";
    sandbox.write(path, "[x](https://evil.example)\n");
    let run = run(&sandbox, &index(), &[path]);
    let result = &results(&run)[0];
    let uri = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri, "requirements/a%20b%3A%25%C3%A9%23%3F.txt");
    for result in results(&run) {
        let text = result["message"]["text"].as_str().unwrap();
        assert!(!text.contains("[x]("), "{text}");
    }
}

/// Code scanning refuses a file with more than 25,000 results.
#[test]
fn a_huge_report_stays_within_what_code_scanning_takes() {
    let lines: Vec<String> = (0..26_000).map(|at| format!("p{at}==1\n")).collect();
    let sandbox = Sandbox::with_requirements(&lines.concat());
    let args = [
        "--format",
        "sarif",
        "--offline",
        "--only",
        "unhashed-requirement",
    ];
    let log = sandbox.check_as_configured(&args, &[]).json();
    let run = &log["runs"][0];
    assert_eq!(results(run).len(), 25_000);
    let said = &run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
    assert_eq!(
        *said,
        "1000 more results are left out: code scanning takes 25000"
    );
}
