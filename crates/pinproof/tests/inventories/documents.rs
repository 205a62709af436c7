//! CycloneDX and SPDX documents are judged by the rules about releases, and by no rule about locks.

use crate::support::{Index, Release, Sandbox};

/// A CycloneDX document of these components.
fn cyclonedx(components: &str) -> String {
    format!(
        "{{\n  \"bomFormat\": \"CycloneDX\",\n  \"specVersion\": \"1.6\",\n  \"components\": [\n{components}\n  ]\n}}\n"
    )
}

fn library(name: &str, version: &str) -> String {
    format!(
        "    {{\"type\": \"library\", \"name\": \"{name}\", \"version\": \"{version}\",\n     \"purl\": \"pkg:pypi/{name}@{version}\"}}"
    )
}

fn index() -> Index {
    Index::with(&[
        Release::new("flask", "3.1.2").requires("click"),
        Release::new("click", "8.3.0"),
        Release::new("old", "1.0").yanked("broken"),
        Release::new("young", "2.0").uploaded("2026-10-31T00:00:00Z"),
        Release::new("native", "1.0").sdist_only(),
    ])
}

#[test]
fn a_clean_document_is_clean_and_no_lock_is_asked_of_it() {
    let sandbox = Sandbox::new();
    let components = [library("flask", "3.1.2"), library("native", "1.0")];
    sandbox.write("sbom.cdx.json", cyclonedx(&components.join(",\n")));
    let ran = sandbox.check(&index(), &["sbom.cdx.json"]);
    ran.ends_with(0)
        .says("sbom.cdx.json: a CycloneDX 1.6 document\n  2 Python releases")
        .says("judged 2 of 2 from sbom.cdx.json");
    // Neither hashes nor completeness nor a build are a matter of what is there already.
    assert!(ran.stdout.contains("CLEAN"), "{}", ran.all());
}

#[test]
fn releases_are_judged_with_their_line() {
    let sandbox = Sandbox::new();
    let components = [
        library("flask", "9.9"),
        library("nope", "1.0"),
        library("old", "1.0"),
        library("young", "2.0"),
    ];
    sandbox.write("sbom.json", cyclonedx(&components.join(",\n")));
    let ran = sandbox.check(&index(), &["--format", "concise", "sbom.json"]);
    ran.ends_with(1)
        .says("sbom.json:5:54: error[unknown-release] `flask` 9.9")
        .says("sbom.json:7:34: error[unknown-project] `nope` does not exist")
        .says("sbom.json:9:52: warning[yanked-release] `old` 1.0")
        .says("sbom.json:11:54: warning[recent-release] `young` 2.0");
}

#[test]
fn what_is_not_python_is_counted_and_what_may_be_is_a_question() {
    let sandbox = Sandbox::new();
    let components = [
        library("flask", "3.1.2"),
        r#"    {"type": "library", "name": "left-pad", "purl": "pkg:npm/left-pad@1"}"#.to_owned(),
        r#"    {"type": "operating-system", "name": "debian"}"#.to_owned(),
        r#"    {"type": "library", "name": "mystery"}"#.to_owned(),
    ];
    sandbox.write("sbom.json", cyclonedx(&components.join(",\n")));
    sandbox
        .check(&index(), &["sbom.json"])
        .ends_with(3)
        .says("1 Python release, 1 not understood, 1 component of other ecosystems (not judged), 1 component that no index has (not judged)")
        .says("error[not-understood]: sbom.json:9:34: `mystery` has no package URL")
        .says("judged 1 of 2 from sbom.json");
    let json = sandbox
        .check(&index(), &["--format", "json", "sbom.json"])
        .json();
    let file = &json["files"][0];
    assert_eq!(file["role"], "inventory");
    assert_eq!(file["inventory"]["kind"], "a CycloneDX 1.6 document");
    assert_eq!(file["inventory"]["foreign"], 1);
    assert_eq!(file["inventory"]["unidentified"], 1);
    assert_eq!(file["lock"], serde_json::Value::Null);
}

#[test]
fn only_a_named_document_is_judged() {
    let sandbox = Sandbox::with_requirements(&Release::new("click", "8.3.0").locked());
    sandbox.write("sbom.cdx.json", cyclonedx(&library("nope", "1.0")));
    sandbox.check(&index(), &[]).ends_with(0).never_says("sbom");
    sandbox
        .check(&index(), &["sbom.cdx.json", "."])
        .ends_with(1);
    sandbox.write("pinproof.toml", "inputs = [\"*.cdx.json\"]\n");
    sandbox.check(&index(), &[]).ends_with(1).says("`nope`");
}

#[test]
fn a_document_does_not_decide_who_is_asked() {
    let other = Index::with(&[Release::new("acme", "1.0")]);
    let own = index();
    let sandbox = Sandbox::new();
    let url = other.url().replace(':', "%3A").replace('/', "%2F");
    let purl = format!("pkg:pypi/acme@1.0?repository_url={url}");
    let component = format!(r#"{{"type": "library", "name": "acme", "purl": "{purl}"}}"#);
    sandbox.write("sbom.json", cyclonedx(&component));
    let ran = sandbox.check(&own, &["sbom.json"]);
    ran.ends_with(0).says("no public index was asked");
    assert_eq!(other.asked(), [""; 0], "{}", ran.all());
    assert_eq!(own.asked(), [""; 0], "{}", ran.all());
    // The policy of whoever judges does.
    let policy = format!(
        "[[index]]\nname = \"corp\"\nurl = \"{}\"\nonly = [\"nothing\"]\n",
        other.url()
    );
    sandbox.write("pinproof.toml", policy);
    sandbox
        .check(&own, &["sbom.json"])
        .ends_with(0)
        .never_says("no public index");
    assert_eq!(other.asked(), ["acme"]);
    // PyPI is what a package URL means anyway.
    let component = component.replace(&url, "https%3A%2F%2Fpypi.org");
    sandbox.write("sbom.json", cyclonedx(&component));
    sandbox
        .check(&own, &["sbom.json"])
        .ends_with(1)
        .says("error[unknown-project]");
}

#[test]
fn spdx_is_judged_too() {
    let sandbox = Sandbox::new();
    let package = |name: &str, version: &str| {
        format!(
            r#"{{"SPDXID": "SPDXRef-{name}", "name": "{name}", "versionInfo": "{version}", "externalRefs": [
            {{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:pypi/{name}@{version}"}}]}}"#
        )
    };
    let packages = [package("flask", "3.1.2"), package("old", "1.0")].join(",\n");
    let text = format!(
        r#"{{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "packages": [{packages}]}}"#
    );
    sandbox.write("bom.spdx.json", text);
    sandbox
        .check(&index(), &["bom.spdx.json"])
        .ends_with(0)
        .says("bom.spdx.json: an SPDX 2.3 document")
        .says("warning[yanked-release]");
}

#[test]
fn why_a_release_is_there_is_in_the_decisions() {
    let sandbox = Sandbox::new();
    let text = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6",
        "metadata": {"component": {"type": "application", "name": "shop", "version": "7", "bom-ref": "r"}},
        "components": [
          {"type": "library", "name": "click", "purl": "pkg:pypi/click@8.3.0", "bom-ref": "c"},
          {"type": "library", "name": "flask", "purl": "pkg:pypi/flask@3.1.2", "bom-ref": "f"}],
        "dependencies": [{"ref": "r", "dependsOn": ["f"]}, {"ref": "f", "dependsOn": ["c"]}]}"#;
    sandbox.write("sbom.json", text);
    let ran = sandbox.check(&index(), &["--format", "json", "sbom.json"]);
    let json = ran.ends_with(0).json();
    assert_eq!(json["files"][0]["inventory"]["subject"], "shop 7");
    let decisions = json["decisions"].as_array().expect("a list");
    let click = decisions
        .iter()
        .find(|decision| decision["name"] == "click")
        .expect("click");
    assert_eq!(click["needed_by"], serde_json::json!(["shop 7", "flask"]));
}

#[test]
fn the_hashes_of_distributions_are_compared_and_those_of_components_are_not() {
    let flask = Release::new("flask", "3.1.2");
    let component = |digest: &str| {
        format!(
            r#"{{"type": "library", "name": "flask", "purl": "pkg:pypi/flask@3.1.2",
            "hashes": [{{"alg": "SHA-256", "content": "{}"}}],
            "externalReferences": [{{"type": "distribution", "url": "https://files.example/flask.whl",
              "hashes": [{{"alg": "SHA-256", "content": "{digest}"}}]}}]}}"#,
            "0".repeat(64)
        )
    };
    let sandbox = Sandbox::new();
    sandbox.write("sbom.json", cyclonedx(&component(&flask.sha256())));
    sandbox.check(&index(), &["sbom.json"]).ends_with(0);
    sandbox.write("sbom.json", cyclonedx(&component(&"1".repeat(64))));
    sandbox
        .check(&index(), &["sbom.json"])
        .ends_with(1)
        .says("error[hash-mismatch]");
}
