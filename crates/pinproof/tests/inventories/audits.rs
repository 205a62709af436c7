//! Documents and environments are looked up in advisories, whatever they say of where a release is from.

use serde_json::{Value, json};

use crate::support::{NOW, Ran, Sandbox, record, record_of_all};

const PACKAGES: &str = ".venv/lib/python3.12/site-packages";

fn install(sandbox: &Sandbox, folder: &str, name: &str, version: &str) {
    sandbox.write(
        &format!("{folder}/METADATA"),
        format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"),
    );
}

/// `audit` with a database of these records.
fn audit(sandbox: &Sandbox, records: &[Value], args: &[&str]) -> Ran {
    let database = sandbox.database(records);
    let fixed = ["audit", "--as-of", NOW, "--db", &database];
    sandbox.run(&[&fixed[..], args].concat())
}

fn flaw_and_malware() -> [Value; 2] {
    [
        record("PYSEC-2026-10", "flask", "3.1.3"),
        record_of_all("MAL-2026-1", "evil"),
    ]
}

#[test]
fn an_environment_is_looked_up() {
    let sandbox = Sandbox::new();
    let folder = |stem: &str| format!("{PACKAGES}/{stem}.dist-info");
    install(&sandbox, &folder("flask-3.1.2"), "Flask", "3.1.2");
    install(&sandbox, &folder("evil-1"), "evil", "1");
    install(&sandbox, &folder("click-8"), "click", "8");
    let args = ["--environment", ".venv", "--format", "concise"];
    audit(&sandbox, &flaw_and_malware(), &args)
        .ends_with(1)
        .says("flask-3.1.2.dist-info/METADATA:3:10: error[vulnerable-release] `flask` 3.1.2 is affected by PYSEC-2026-10")
        .says("evil-1.dist-info/METADATA:3:10: error[known-malware] `evil` 1 is published as malware")
        .says("judged 3 of 3 from .venv");
    install(&sandbox, &folder("flask-3.1.2"), "Flask", "3.1.3");
    let args = ["--environment", ".venv", "--format", "concise"];
    audit(&sandbox, &flaw_and_malware(), &args)
        .ends_with(1)
        .says("its METADATA is that of `flask` 3.1.3")
        .never_says("vulnerable-release]");
}

#[test]
fn a_document_is_looked_up() {
    let sandbox = Sandbox::new();
    let component = |purl: &str, name: &str| json!({"type": "library", "name": name, "purl": purl});
    let document = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6",
        "components": [
            component("pkg:pypi/Flask@3.1.2", "Flask"),
            component("pkg:pypi/evil@1", "evil"),
            component("pkg:npm/evil@1", "evil"),
        ]
    });
    sandbox.write("sbom.cdx.json", document.to_string());
    let ran = audit(
        &sandbox,
        &flaw_and_malware(),
        &["--format", "json", "sbom.cdx.json"],
    );
    let report = ran.ends_with(1).json();
    let found: Vec<_> = report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|finding| finding["fingerprint"].as_str().unwrap_or(""))
        .collect();
    assert_eq!(
        found,
        [
            "vulnerable-release:sbom.cdx.json:flask:unknown-severity/PYSEC-2026-10",
            "known-malware:sbom.cdx.json:evil:release/MAL-2026-1"
        ]
    );
    assert_eq!(report["summary"]["judged"], 2);
}

/// A copy, a branch or a patched build keeps the flaws of the version that it says it is.
#[test]
fn what_is_installed_from_elsewhere_is_looked_up_by_its_version() {
    for (direct, from) in [
        (
            r#"{"url": "https://git.example/a", "vcs_info": {"vcs": "git", "commit_id": "00"}}"#,
            "vcs",
        ),
        (
            r#"{"url": "https://files.example/a-1.whl", "archive_info": {}}"#,
            "archive",
        ),
        (
            r#"{"url": "file:///srv/a", "dir_info": {"editable": true}}"#,
            "folder",
        ),
    ] {
        for (version, code) in [("3.1.2", 1), ("3.1.3", 0), ("3.1.2+ours", 1)] {
            let sandbox = Sandbox::new();
            let folder = format!("{PACKAGES}/flask-{version}.dist-info");
            install(&sandbox, &folder, "flask", version);
            sandbox.write(&format!("{folder}/direct_url.json"), direct);
            let ran = audit(&sandbox, &flaw_and_malware(), &["--environment", ".venv"]);
            assert_eq!(ran.code, code, "{from} {version}: {}", ran.all());
            ran.says("judged 1 of 1 from .venv");
        }
    }
    let component = |purl: &str| {
        format!(
            r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6",
            "components": [{{"type": "library", "name": "flask", "purl": "{purl}"}}]}}"#
        )
    };
    for qualifier in [
        "vcs_url=git%2Bhttps://git.example/a",
        "download_url=https://files.example/a-1.whl",
        "repository_url=https://corp.example/simple",
    ] {
        let sandbox = Sandbox::new();
        sandbox.write(
            "sbom.json",
            component(&format!("pkg:pypi/flask@3.1.2?{qualifier}")),
        );
        audit(&sandbox, &flaw_and_malware(), &["sbom.json"])
            .ends_with(1)
            .says("`flask` 3.1.2 is affected by PYSEC-2026-10");
        sandbox.write(
            "sbom.json",
            component(&format!("pkg:pypi/flask@3.1.3?{qualifier}")),
        );
        audit(&sandbox, &flaw_and_malware(), &["sbom.json"])
            .ends_with(0)
            .says("judged 1 of 1 from sbom.json");
    }
}

#[test]
fn a_release_that_is_recorded_twice_is_one_release() {
    let sandbox = Sandbox::new();
    let packages = "image/usr/lib/python3/dist-packages";
    install(
        &sandbox,
        &format!("{packages}/flask-3.1.2.dist-info"),
        "flask",
        "3.1.2",
    );
    let metadata = "Metadata-Version: 1.1\nName: flask\nVersion: 3.1.2\n";
    sandbox.write(&format!("{packages}/flask.egg-info/PKG-INFO"), metadata);
    let args = ["--environment", "image", "--format", "concise"];
    let ran = audit(&sandbox, &flaw_and_malware(), &args);
    ran.ends_with(1).says("judged 1 of 1 from image");
    assert_eq!(ran.stdout.matches("vulnerable-release]").count(), 1);
    // Another version is another release.
    let metadata = metadata.replace("3.1.2", "3.1.1");
    sandbox.write(&format!("{packages}/flask.egg-info/PKG-INFO"), metadata);
    let ran = audit(&sandbox, &flaw_and_malware(), &args);
    assert_eq!(ran.stdout.matches("vulnerable-release]").count(), 2);
}

/// What became of the releases of an environment that has one of each.
#[test]
fn the_counts_of_an_inventory_say_what_became_of_each_release() {
    let sandbox = Sandbox::new();
    let folder = |stem: &str| format!("{PACKAGES}/{stem}.dist-info");
    for name in ["click", "corp", "silent", "direct"] {
        install(&sandbox, &folder(&format!("{name}-1")), name, "1");
    }
    sandbox.write(
        &format!("{}/direct_url.json", folder("direct-1")),
        r#"{"url": "file:///srv/a", "dir_info": {}}"#,
    );
    sandbox.write(&format!("{}/RECORD", folder("broken-1")), "");
    sandbox.write(
        "pinproof.toml",
        "[[index]]\nname = \"inner\"\nonly = [\"corp\"]\n",
    );
    let mut unclear = record("PYSEC-2026-11", "silent", "0.5");
    unclear["affected"][0]["versions"] = json!(7);
    let args = ["--environment", ".venv", "--format", "json"];
    let ran = audit(&sandbox, &[unclear.clone()], &args);
    let file = |ran: &Ran| ran.json()["files"][0].clone();
    let counts = |file: &Value| {
        ["requirements", "judged", "internal", "excepted"].map(|key| file[key].as_u64())
    };
    // `silent` has a record that is not understood, `broken` has no metadata.
    assert_eq!(counts(&file(ran.ends_with(3))), [5, 2, 1, 0].map(Some));
    sandbox.write(
        "pinproof.toml",
        "[[index]]\nname = \"inner\"\nonly = [\"corp\"]\n\
         [[ignore]]\nrule = \"vulnerable-release\"\nmatch = \"silent\"\nreason = \"asked them\"\n\
         [[ignore]]\nrule = \"known-malware\"\nmatch = \"silent\"\nreason = \"asked them\"\n",
    );
    let ran = audit(&sandbox, &[unclear], &args);
    assert_eq!(counts(&file(ran.ends_with(3))), [5, 2, 1, 1].map(Some));
    ran.says("it has no METADATA");
}

/// A name of an index without an address here is judged where its advisories are there.
#[test]
fn a_bound_name_is_judged_by_the_advisories_of_its_index() {
    let sandbox = Sandbox::new();
    install(
        &sandbox,
        &format!("{PACKAGES}/corp-1.dist-info"),
        "corp",
        "1",
    );
    sandbox.write("own/CORP-1.json", record("CORP-1", "corp", "2").to_string());
    let index = "[[index]]\nname = \"inner\"\nonly = [\"corp\"]\n";
    let source = "[[advisories]]\nname = \"own\"\npath = \"own\"\nindexes = [\"inner\"]\n";
    let args = ["--environment", ".venv"];
    // The record of OSV is about another project of that name.
    let of_osv = record_of_all("MAL-2026-7", "corp");
    sandbox.write("pinproof.toml", index);
    audit(&sandbox, std::slice::from_ref(&of_osv), &args)
        .ends_with(0)
        .says("judged 0 of 1 from .venv")
        .says("1 internal");
    sandbox.write("pinproof.toml", format!("{index}{source}"));
    audit(&sandbox, &[of_osv], &args)
        .ends_with(1)
        .says("`corp` 1 is affected by CORP-1")
        .says("judged 1 of 1 from .venv")
        .never_says("MAL-2026-7");
}

/// A range has no version to look up, and takes malware whatever it takes.
#[test]
fn a_range_of_a_project_that_is_malware_is_found_once() {
    let sandbox = Sandbox::with_requirements("worse>=1\n");
    let mut same = record_of_all("GHSA-aaaa-bbbb-cccc", "worse");
    same["aliases"] = json!(["MAL-2026-2"]);
    let only_old = record("MAL-2026-3", "worse", "0.5");
    let records = [record_of_all("MAL-2026-2", "worse"), same, only_old];
    let ran = audit(&sandbox, &records, &["--format", "json"]);
    let report = ran.ends_with(1).json();
    let found = report["findings"].as_array().expect("a list");
    assert_eq!(found.len(), 1, "{report:#}");
    assert_eq!(
        found[0]["message"],
        "every version of `worse` is published as malware: MAL-2026-2"
    );
    // It is the first thing to do.
    audit(&sandbox, &records, &[])
        .ends_with(1)
        .says("remove worse: treat every machine that has it as compromised");
}
