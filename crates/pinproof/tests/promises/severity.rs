//! P10: a severity that exists: joined over aliases, with its source; that nobody rated a flaw is a class of
//! its own, with a stated rule.

use serde_json::{Value, json};

use crate::support::{NOW, Ran, Sandbox, build, record};

/// CVSS 3.1: 7.5.
const HIGH: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H";
/// 5.3.
const MEDIUM: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N";
/// 3.7.
const LOW: &str = "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:N/A:N";

fn flask(id: &str) -> Value {
    record(id, "flask", "2.2.5")
}

fn rated(id: &str, vector: &str) -> Value {
    let mut record = flask(id);
    record["severity"] = json!([{"type": "CVSS_V3", "score": vector}]);
    record
}

fn alias(mut record: Value, alias: &str) -> Value {
    record["aliases"] = json!([alias]);
    record
}

fn audit(records: &[Value], policy: &str, more: &[&str]) -> Ran {
    let sandbox = Sandbox::with_requirements("flask==2.2.2\n");
    sandbox.write("pinproof.toml", policy);
    build(&sandbox, "osv", records);
    let args = [
        "audit",
        "requirements.txt",
        "--db",
        "osv.db",
        "--as-of",
        NOW,
    ];
    sandbox.run_without_db(&[&args[..], more].concat())
}

#[test]
fn a_record_without_a_rating_has_that_of_its_alias_and_says_whose_it_is() {
    let pypa = alias(flask("PYSEC-2026-7"), "CVE-2026-1000");
    let github = alias(rated("GHSA-aaaa-aaaa-aaa1", HIGH), "CVE-2026-1000");
    let records = [pypa, github];
    let ran = audit(&records, "", &[]);
    ran.ends_with(1)
        .says("`flask` 2.2.2 is affected by CVE-2026-1000, high, fixed in 2.2.5")
        .says("rated high by CVSS 3 7.5 of");
    let report = audit(&records, "", &["--format", "json"]).json();
    let findings = report["findings"].as_array().expect("findings");
    assert_eq!(findings.len(), 1, "{report}");
    let facts = &findings[0]["advisories"];
    assert_eq!(facts["severity"], "high");
    let rated =
        json!({"by": "GHSA-aaaa-aaaa-aaa1", "notation": "cvss-3", "text": HIGH, "score": 7.5});
    assert_eq!(facts["rated"], rated);
    assert_eq!(
        facts["records"],
        json!(["GHSA-aaaa-aaaa-aaa1", "PYSEC-2026-7"])
    );
}

#[test]
fn of_several_ratings_the_worst_counts() {
    let words = |id: &str, word: &str| {
        let mut record = alias(flask(id), "CVE-2026-1000");
        record["database_specific"] = json!({"severity": word});
        record
    };
    let records = [
        alias(rated("PYSEC-2026-7", MEDIUM), "CVE-2026-1000"),
        words("GHSA-aaaa-aaaa-aaa1", "CRITICAL"),
        words("GHSA-aaaa-aaaa-aaa2", "LOW"),
    ];
    let facts =
        audit(&records, "", &["--format", "json"]).json()["findings"][0]["advisories"].clone();
    assert_eq!(facts["severity"], "critical");
    assert_eq!(facts["rated"]["by"], "GHSA-aaaa-aaaa-aaa1");
    assert_eq!(facts["rated"]["notation"], "word");
    assert_eq!(facts["rated"]["score"], Value::Null);
}

#[test]
fn below_the_threshold_is_a_warning() {
    let low = [rated("PYSEC-2026-7", LOW)];
    audit(&low, "", &[])
        .ends_with(0)
        .says("warning[vulnerable-release]")
        .says(", low, ");
    let medium = [rated("PYSEC-2026-7", MEDIUM)];
    audit(&medium, "", &[])
        .ends_with(1)
        .says("error[vulnerable-release]");
    let threshold = "[rules.vulnerable-release]\nthreshold = \"high\"\n";
    audit(&medium, threshold, &[])
        .ends_with(0)
        .says("warning[vulnerable-release]");
    audit(&[rated("PYSEC-2026-7", HIGH)], threshold, &[]).ends_with(1);
    let lowest = "[rules.vulnerable-release]\nthreshold = \"low\"\n";
    audit(&low, lowest, &[]).ends_with(1);
}

/// Most records of the PyPA have no rating: to let them pass below a threshold would let most flaws pass.
#[test]
fn one_that_nobody_rated_is_denied_whatever_the_threshold() {
    let unrated = [flask("PYSEC-2026-7")];
    for threshold in ["low", "medium", "high", "critical"] {
        let policy = format!("[rules.vulnerable-release]\nthreshold = \"{threshold}\"\n");
        let ran = audit(&unrated, &policy, &[]);
        ran.ends_with(1)
            .says("PYSEC-2026-7, severity unknown, fixed in 2.2.5");
    }
    let mut odd = flask("PYSEC-2026-7");
    odd["severity"] = json!([{"type": "Someones", "score": "quite bad"}]);
    audit(&[odd], "", &[]).ends_with(1).says("severity unknown");
    let facts =
        audit(&unrated, "", &["--format", "json"]).json()["findings"][0]["advisories"].clone();
    assert_eq!(
        (&facts["severity"], &facts["rated"]),
        (&Value::Null, &Value::Null)
    );
}

/// No threshold is about malware.
#[test]
fn malware_is_denied_whatever_the_threshold() {
    let mut malware = rated("MAL-2026-7", LOW);
    malware["affected"][0]["ranges"][0]["events"] = json!([{"introduced": "0"}]);
    let policy = "[rules.vulnerable-release]\nthreshold = \"critical\"\n";
    let ran = audit(&[malware], policy, &[]);
    ran.ends_with(1)
        .says("error[known-malware]: `flask` 2.2.2 is published as malware: MAL-2026-7");
    ran.says("remove flask 2.2.2: treat every machine that has it as compromised");
}
