//! `--format cyclonedx` and `--format vex`: what advisories and exceptions say of releases, and what they do not.

use serde_json::{Value, json};

use crate::support::{MODIFIED, NOW, PUBLISHED, Ran, Release, Sandbox, record, record_of_all};

pub(crate) const FLASK: &str = "pkg:pypi/flask@3.1.2";
const VECTOR: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";

/// Two records of one flaw, one flaw that nobody rated, one that may be there, and malware.
pub(crate) fn records() -> Vec<Value> {
    let mut flaw = record("PYSEC-2026-10", "flask", "3.1.3");
    flaw["aliases"] = json!(["CVE-2026-1"]);
    flaw["severity"] = json!([{"type": "CVSS_V3", "score": VECTOR}]);
    let mut same = record("GHSA-aaaa-bbbb-cccc", "flask", "3.1.4");
    same["aliases"] = json!(["CVE-2026-1"]);
    same["summary"] = json!("Anybody may become anybody");
    same["database_specific"] = json!({"severity": "MODERATE"});
    let unrated = record("PYSEC-2026-11", "click", "9");
    let possible = record("PYSEC-2026-12", "odd", "not a version");
    let mut malware = record_of_all("MAL-2026-1", "evil");
    malware["affected"][0]["ranges"] = json!([]);
    malware["affected"][0]["versions"] = json!(["1.0"]);
    let all = record_of_all("MAL-2026-2", "worse");
    let builder = record("PYSEC-2026-13", "builder", "2");
    vec![flaw, same, unrated, possible, malware, all, builder]
}

/// A project that has all of it.
pub(crate) fn project() -> Sandbox {
    let lock = ["flask-3.1.2", "click-8.3.0", "odd-1", "evil-1.0", "fine-1"].map(|release| {
        let (name, version) = release.split_once('-').expect("a release");
        Release::new(name, version).locked()
    });
    let sandbox = Sandbox::with_requirements(&lock.concat());
    sandbox.write(
        "pyproject.toml",
        "[project]\nname = \"shop\"\nversion = \"1\"\ndependencies = [\"worse>=1\"]\n[build-system]\nrequires = [\"builder==1\", \"other==1\"]\n",
    );
    sandbox
}

pub(crate) fn audit(sandbox: &Sandbox, args: &[&str]) -> Ran {
    let database = sandbox.database(&records());
    let fixed = ["audit", "--as-of", NOW, "--db", &database];
    sandbox.run(&[&fixed[..], args].concat())
}

fn cyclonedx(sandbox: &Sandbox) -> Value {
    audit(sandbox, &["--format", "cyclonedx"]).json()
}

fn vex(sandbox: &Sandbox) -> Value {
    audit(sandbox, &["--format", "vex"]).json()
}

fn ids(document: &Value) -> Vec<&str> {
    let listed = document["vulnerabilities"].as_array().expect("a list");
    listed
        .iter()
        .map(|one| one["id"].as_str().expect("an id"))
        .collect()
}

#[track_caller]
fn vulnerability<'a>(document: &'a Value, id: &str) -> &'a Value {
    let mut listed = document["vulnerabilities"]
        .as_array()
        .expect("a list")
        .iter();
    let found = listed.find(|one| one["id"] == id);
    found.unwrap_or_else(|| panic!("no {id}: {document:#}"))
}

/// The composition that speaks of vulnerabilities, or of releases.
fn aggregate<'a>(document: &'a Value, of: &str) -> &'a Value {
    let mut compositions = document["compositions"].as_array().expect("a list").iter();
    let found = compositions.find(|one| one.get(of).is_some());
    &found.expect("the composition")["aggregate"]
}

fn texts(document: &Value) -> Vec<&str> {
    let annotations = document["annotations"].as_array();
    let texts = annotations.into_iter().flatten();
    texts
        .map(|one| one["text"].as_str().expect("a text"))
        .collect()
}

#[test]
fn what_a_finding_knows_is_in_the_document() {
    let sandbox = Sandbox::with_requirements(&Release::new("flask", "3.1.2").locked());
    let document = cyclonedx(&sandbox);
    assert_eq!(
        document["vulnerabilities"],
        json!([{
            "bom-ref": "pinproof:CVE-2026-1/pkg:pypi/flask@3.1.2",
            "id": "CVE-2026-1",
            "source": {"name": "osv"},
            "references": [
                {"id": "GHSA-aaaa-bbbb-cccc", "source": {"name": "GHSA"}},
                {"id": "PYSEC-2026-10", "source": {"name": "PYSEC"}}
            ],
            "ratings": [{
                "source": {"name": "PYSEC-2026-10"}, "score": 9.8, "severity": "critical",
                "method": "CVSSv31", "vector": VECTOR
            }],
            "description": "Anybody may become anybody",
            "recommendation": "raise `flask` to 3.1.4, the smallest version without a known vulnerability",
            "published": PUBLISHED,
            "updated": MODIFIED,
            "affects": [{"ref": FLASK, "versions": [{"version": "3.1.2", "status": "affected"}]}]
        }])
    );
    assert_eq!(
        document["compositions"][1],
        json!({"aggregate": "unknown", "vulnerabilities": ["pinproof:CVE-2026-1/pkg:pypi/flask@3.1.2"]})
    );
    let database = document["metadata"]["properties"][1]["value"].to_string();
    assert!(
        database.contains("osv: 7 records, 2 of them malware, as of 2026-10-31T12:00:00Z, sha256:"),
        "{database}"
    );
}

#[test]
fn what_is_not_rated_not_sure_or_malware_is_called_that() {
    let document = cyclonedx(&project());
    let unrated = vulnerability(&document, "PYSEC-2026-11");
    assert_eq!(unrated["ratings"], json!([{"severity": "unknown"}]));
    let possible = vulnerability(&document, "PYSEC-2026-12");
    assert_eq!(possible["affects"][0]["versions"][0]["status"], "unknown");
    assert!(
        possible["detail"]
            .to_string()
            .contains("which is no version by PEP 440"),
        "{possible}"
    );
    let malware = vulnerability(&document, "MAL-2026-1");
    assert_eq!(
        malware["properties"],
        json!([{"name": "pinproof:kind", "value": "malware"}])
    );
    let advice = malware["recommendation"].to_string();
    assert!(
        advice.contains("treat that machine as compromised"),
        "{advice}"
    );
    assert_eq!(malware["ratings"], json!([{"severity": "unknown"}]));
    // Whichever version a range takes.
    let all = vulnerability(&document, "MAL-2026-2");
    assert_eq!(
        all["affects"],
        json!([{"ref": "pkg:pypi/worse", "versions": [{"range": "vers:pypi/*", "status": "affected"}]}])
    );
    // Nobody said what any of it means here.
    let listed = document["vulnerabilities"].as_array().expect("a list");
    assert!(listed.iter().all(|one| one.get("analysis").is_none()));
    assert_eq!(listed.len(), 6);
}

/// What only builds the project is no part of it, and can do harm all the same.
#[test]
fn what_builds_the_project_is_listed_where_it_matters() {
    let document = cyclonedx(&project());
    let builder = vulnerability(&document, "PYSEC-2026-13");
    assert_eq!(builder["affects"][0]["ref"], "pkg:pypi/builder@1");
    let components = document["components"].as_array().expect("a list").iter();
    let scopes: Vec<_> = components
        .filter(|one| one.get("scope").is_some())
        .map(|one| (one["name"].as_str(), one["scope"].as_str()))
        .collect();
    assert_eq!(scopes, [(Some("builder"), Some("excluded"))]);
}

#[test]
fn every_reference_leads_to_a_component() {
    for document in [cyclonedx(&project()), vex(&accepted())] {
        let components = document["components"].as_array().expect("a list").iter();
        let references: Vec<&Value> = components.map(|one| &one["bom-ref"]).collect();
        for one in document["vulnerabilities"].as_array().expect("a list") {
            let affected = &one["affects"][0]["ref"];
            assert!(
                references.contains(&affected),
                "{affected} in {references:?}"
            );
        }
    }
}

/// The project with an exception of each kind.
pub(crate) fn accepted() -> Sandbox {
    let sandbox = project();
    sandbox.write(
        "pinproof.toml",
        "[[ignore]]\nrule = \"vulnerable-release\"\nmatch = \"flask\"\nid = \"CVE-2026-1\"\n\
         justification = \"code_not_reachable\"\nreason = \"no sessions here\"\nowner = \"web\"\nuntil = 2026-12-01\n\
         [[ignore]]\nrule = \"vulnerable-release\"\nmatch = \"click\"\nreason = \"the tool is for us only\"\n\
         [[ignore]]\nrule = \"vulnerable-release\"\nmatch = \"odd\"\nreason = \"last year\"\nuntil = 2026-10-01\n",
    );
    sandbox
}

fn justified() -> Value {
    json!({
        "state": "not_affected", "justification": "code_not_reachable",
        "detail": "no sessions here (web, until 2026-12-01)"
    })
}

#[test]
fn an_exception_is_an_analysis_until_it_ends() {
    let document = cyclonedx(&accepted());
    assert_eq!(
        vulnerability(&document, "CVE-2026-1")["analysis"],
        justified()
    );
    // Who accepts a risk does not say that it is none.
    assert_eq!(
        vulnerability(&document, "PYSEC-2026-11")["analysis"],
        json!({"state": "exploitable", "response": ["will_not_fix"], "detail": "the tool is for us only"})
    );
    assert_eq!(
        vulnerability(&document, "PYSEC-2026-12").get("analysis"),
        None
    );
    let sandbox = accepted();
    let database = sandbox.database(&records());
    let later = [
        "audit",
        "--as-of",
        "2026-11-05",
        "--db",
        &database,
        "--format",
        "cyclonedx",
    ];
    let analysis = |ran: &Ran| {
        vulnerability(&ran.json(), "CVE-2026-1")
            .get("analysis")
            .cloned()
    };
    assert_eq!(analysis(&sandbox.run(&later)), Some(justified()));
    let mut later = later;
    later[2] = "2026-12-02";
    assert_eq!(analysis(&sandbox.run(&later)), None);
}

#[test]
fn a_comment_in_the_file_is_an_exception_too() {
    let sandbox = Sandbox::with_requirements(
        "flask==3.1.2  # pinproof: ignore[vulnerable-release] behind a proxy\n",
    );
    assert_eq!(
        vulnerability(&cyclonedx(&sandbox), "CVE-2026-1")["analysis"],
        json!({"state": "exploitable", "response": ["will_not_fix"], "detail": "behind a proxy"})
    );
}

#[test]
fn what_one_file_accepts_and_another_does_not_is_not_accepted() {
    let sandbox = Sandbox::new();
    let accept = |file: &str, more: &str| {
        format!("[[ignore]]\nrule = \"vulnerable-release\"\nfile = \"{file}\"\n{more}\n")
    };
    for file in ["a.txt", "b.txt"] {
        sandbox.write(file, "flask==3.1.2\n");
    }
    let run = |exceptions: &[String]| {
        sandbox.write("pinproof.toml", exceptions.concat());
        let document = audit(&sandbox, &["--format", "cyclonedx", "a.txt", "b.txt"]).json();
        assert_eq!(ids(&document), ["CVE-2026-1"]);
        document["vulnerabilities"][0]["analysis"].clone()
    };
    let justified = accept(
        "a.txt",
        "justification = \"code_not_present\"\nreason = \"no\"",
    );
    assert_eq!(run(std::slice::from_ref(&justified)), Value::Null);
    let both = run(&[justified, accept("b.txt", "reason = \"later\"")]);
    assert_eq!(both["state"], "exploitable");
    assert_eq!(both["detail"], "later; no");
    assert_eq!(both.get("justification"), None);
}

#[test]
fn vex_has_what_was_said_and_nothing_else() {
    let document = vex(&accepted());
    assert_eq!(ids(&document), ["PYSEC-2026-11", "CVE-2026-1"]);
    assert_eq!(
        vulnerability(&document, "CVE-2026-1")["analysis"],
        justified()
    );
    let components = document["components"].as_array().expect("a list").iter();
    let purls: Vec<_> = components.map(|one| &one["purl"]).collect();
    assert_eq!(purls, [&json!("pkg:pypi/click@8.3.0"), &json!(FLASK)]);
    assert_eq!(document.get("dependencies"), None);
    // It lists neither all releases nor all that is known of them.
    assert_eq!(aggregate(&document, "assemblies"), "incomplete");
    assert_eq!(aggregate(&document, "vulnerabilities"), "incomplete");

    let nothing = vex(&project());
    assert_eq!(nothing["vulnerabilities"], json!([]));
    assert_eq!(aggregate(&nothing, "vulnerabilities"), "incomplete");
    let clean = vex(&Sandbox::with_requirements(
        &Release::new("fine", "1").locked(),
    ));
    assert_eq!(aggregate(&clean, "vulnerabilities"), "unknown");
    let sandbox = project();
    sandbox
        .run(&["sbom", "--format", "vex"])
        .ends_with(2)
        .notes("`sbom` asks no advisories");
    sandbox
        .run(&["exposed", "flask==1", "--format", "vex"])
        .ends_with(2);
}

#[test]
fn without_a_question_there_is_no_list_and_without_an_answer_no_clean_one() {
    let fine = Sandbox::with_requirements(&Release::new("fine", "1").locked());
    let document = fine.run(&["sbom", "--as-of", NOW]).json();
    assert_eq!(document.get("vulnerabilities"), None);
    assert_eq!(document.get("annotations"), None);
    // Everybody answered: an empty list, and no promise that there is nothing.
    let document = cyclonedx(&fine);
    assert_eq!(document["vulnerabilities"], json!([]));
    assert_eq!(aggregate(&document, "vulnerabilities"), "unknown");
    assert_eq!(document.get("annotations"), None);

    let arguments = [
        "audit",
        "--as-of",
        NOW,
        "--format",
        "cyclonedx",
        "--db",
        "gone.db",
    ];
    let ran = fine.run(&arguments);
    let document = ran.ends_with(3).json();
    assert_eq!(document["vulnerabilities"], json!([]));
    assert_eq!(aggregate(&document, "vulnerabilities"), "incomplete");
    let annotation = &document["annotations"][0];
    assert_eq!(annotation["subjects"], json!(["pkg:pypi/fine@1"]));
    assert_eq!(annotation["timestamp"], "2026-11-01T00:00:00Z");
    let said = "not answered: known-malware, vulnerable-release: osv: ";
    assert!(texts(&document)[0].starts_with(said), "{document:#}");
    // Who accepts that nobody answers knows no more.
    fine.write(
        "pinproof.toml",
        "[[ignore]]\nrule = \"vulnerable-release\"\nreason = \"offline\"\n[[ignore]]\nrule = \"known-malware\"\nreason = \"offline\"\n",
    );
    let document = fine.run(&arguments).ends_with(0).json();
    assert_eq!(aggregate(&document, "vulnerabilities"), "incomplete");
    assert!(
        texts(&document)[0].ends_with(" (accepted: offline)"),
        "{document:#}"
    );
}

#[test]
fn what_was_not_asked_or_not_read_is_named() {
    let sandbox = Sandbox::with_requirements("fine==1\nnot one\n-r gone.txt\n");
    let document = audit(&sandbox, &["--format", "cyclonedx", "-A", "known-malware"]).json();
    assert_eq!(aggregate(&document, "vulnerabilities"), "incomplete");
    let texts = texts(&document);
    let says = |start: &str| texts.iter().any(|text| text.starts_with(start));
    assert!(
        says("gone.txt: included by requirements.txt:3:1"),
        "{texts:?}"
    );
    assert!(
        says("not answered: known-malware: it was not asked"),
        "{texts:?}"
    );
    assert!(says("requirements.txt:2: "), "{texts:?}");
    // A release without a version is one that nobody can look up.
    let sandbox = Sandbox::with_requirements("acme @ git+https://git.example/acme@main\n");
    let database = sandbox.database(&[record("PYSEC-2026-1", "acme", "2")]);
    let args = ["audit", "--as-of", NOW, "--db", &database];
    let document = sandbox
        .run(&[&args[..], &["--format", "cyclonedx"]].concat())
        .json();
    assert_eq!(aggregate(&document, "vulnerabilities"), "incomplete");
    assert_eq!(
        document["annotations"][0]["subjects"],
        json!(["pkg:pypi/acme?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Facme%40main"])
    );
}

#[test]
fn the_base_hides_no_vulnerability() {
    let sandbox = project();
    sandbox.write("old.txt", Release::new("flask", "3.1.2").locked());
    let args = [
        "--format",
        "cyclonedx",
        "--base",
        "old.txt",
        "requirements.txt",
    ];
    let document = audit(&sandbox, &args).json();
    assert!(ids(&document).contains(&"CVE-2026-1"), "{document:#}");
}

#[test]
fn the_version_in_the_name_of_a_file_is_looked_up() {
    let url = "https://files.example/flask-3.1.2-py3-none-any.whl";
    let sandbox = Sandbox::with_requirements(&format!("flask @ {url}\n"));
    let document = cyclonedx(&sandbox);
    assert_eq!(
        vulnerability(&document, "CVE-2026-1")["affects"][0]["versions"][0]["version"],
        "3.1.2"
    );
    // So an exception can name it.
    let ignore = |versions: &str| {
        format!(
            "[[ignore]]\nrule = \"vulnerable-release\"\nmatch = \"flask{versions}\"\nreason = \"no\"\n"
        )
    };
    sandbox.write("pinproof.toml", ignore("<3.1.3"));
    audit(&sandbox, &[]).ends_with(0);
    sandbox.write("pinproof.toml", ignore("<3"));
    audit(&sandbox, &[]).ends_with(1);
}

#[test]
fn the_same_answers_give_the_same_bytes() {
    let sandbox = accepted();
    for format in ["cyclonedx", "vex"] {
        let first = audit(&sandbox, &["--format", format]).stdout;
        assert_eq!(audit(&sandbox, &["--format", format]).stdout, first);
    }
}
