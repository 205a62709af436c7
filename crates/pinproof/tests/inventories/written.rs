//! The bills of materials that pinproof writes: valid, the same every time, and read again as they were.

use serde_json::{Value, json};

use crate::support::{Index, Mood, NOW, Release, Sandbox};

fn flask() -> Release {
    Release::new("flask", "3.1.2").requires("click")
}

fn click() -> Release {
    Release::new("click", "8.3.0")
}

fn lock() -> String {
    flask().locked() + "    # via -r main.in\n" + &click().locked() + "    # via flask\n"
}

/// A project that has something of everything.
pub(crate) fn mixed() -> Sandbox {
    let sandbox = Sandbox::with_requirements(&lock());
    sandbox.write(
        "pyproject.toml",
        "[project]\nname = \"Shop\"\nversion = \"1\"\ndependencies = [\"flask\", \"range>=1\", \"torch==2.1+cpu\"]\n\
         [build-system]\nrequires = [\"builder==1\"]\n",
    );
    sandbox.write(
        "requirements/direct.txt",
        "acme @ git+https://me:secret@git.example/acme@main\nother @ https://files.example/other-1.whl#sha256=00\n\
         ./here\nweak==1 --hash=md5:00000000000000000000000000000000\nblake==1 --hash=sha224:00\n",
    );
    sandbox
}

fn sbom(sandbox: &Sandbox, args: &[&str]) -> Value {
    sandbox
        .run(&[&["sbom", "--as-of", NOW], args].concat())
        .json()
}

fn component<'a>(document: &'a Value, name: &str) -> &'a Value {
    let mut components = document["components"].as_array().expect("a list").iter();
    components
        .find(|component| component["name"] == name)
        .expect("the component")
}

fn needs<'a>(document: &'a Value, of: &str) -> Option<&'a Value> {
    let mut dependencies = document["dependencies"].as_array().expect("a list").iter();
    dependencies
        .find(|dependency| dependency["ref"] == of)
        .map(|dependency| &dependency["dependsOn"])
}

#[test]
fn a_lock_becomes_components_with_hashes_and_a_graph() {
    let sandbox = Sandbox::with_requirements(&lock());
    let document = sbom(&sandbox, &[]);
    assert_eq!(document["metadata"]["timestamp"], "2026-11-01T00:00:00Z");
    assert_eq!(
        document["metadata"]["component"]["name"],
        "requirements.txt"
    );
    let digest = format!(
        "requirements.txt sha256:{}",
        sandbox.sha256("requirements.txt")
    );
    assert_eq!(document["metadata"]["properties"][0]["value"], digest);
    let flask_ref = "pkg:pypi/flask@3.1.2";
    assert_eq!(
        *component(&document, "flask"),
        json!({
            "type": "library", "bom-ref": flask_ref, "name": "flask", "version": "3.1.2", "purl": flask_ref,
            "externalReferences": [{
                "type": "distribution", "url": "https://pypi.org/simple/flask/",
                "comment": "the distributions that are accepted, by their hashes",
                "hashes": [{"alg": "SHA-256", "content": flask().sha256()}]
            }],
            "evidence": {"occurrences": [{"location": "requirements.txt", "line": 1}]}
        })
    );
    assert_eq!(
        needs(&document, flask_ref),
        Some(&json!(["pkg:pypi/click@8.3.0"]))
    );
    assert_eq!(needs(&document, "pkg:pypi/click@8.3.0"), Some(&json!([])));
    assert_eq!(needs(&document, "pinproof:root"), Some(&json!([flask_ref])));
    // Whether the lock is complete is known only where the metadata was asked for.
    assert_eq!(document["compositions"][0]["aggregate"], "unknown");
}

#[test]
fn a_check_knows_the_graph_from_metadata_and_whether_it_is_complete() {
    let index = Index::with(&[flask(), click()]);
    let sandbox = Sandbox::with_requirements(&(flask().locked() + &click().locked()));
    assert_eq!(sbom(&sandbox, &[])["dependencies"], json!([]));
    let checked = sandbox
        .check(&index, &["--format", "cyclonedx"])
        .ends_with(0)
        .json();
    assert_eq!(
        needs(&checked, "pkg:pypi/flask@3.1.2"),
        Some(&json!(["pkg:pypi/click@8.3.0"]))
    );
    assert_eq!(
        needs(&checked, "pinproof:root"),
        Some(&json!(["pkg:pypi/flask@3.1.2"]))
    );
    assert_eq!(checked["compositions"][0]["aggregate"], "complete");
    let part = Sandbox::with_requirements(&flask().locked());
    let checked = part
        .check(&index, &["--format", "cyclonedx"])
        .ends_with(1)
        .json();
    assert_eq!(checked["compositions"][0]["aggregate"], "incomplete");
}

#[test]
fn nobody_is_asked_and_what_is_missing_is_said() {
    let index = Index::in_mood(Mood::Status(500), &[]);
    let url = index.url();
    let sandbox = Sandbox::with_requirements(&lock());
    sandbox.run(&["sbom", "--index-url", &url]).ends_with(0);
    assert_eq!(index.asked(), [""; 0]);

    sandbox.write("setup.cfg", "");
    let ran = sandbox.run(&["sbom"]);
    assert_eq!(
        ran.ends_with(0).notes("skipped-input").json()["compositions"][0]["aggregate"],
        "incomplete"
    );

    let broken = Sandbox::with_requirements(&(lock() + "not one\n"));
    let ran = broken.run(&["sbom"]);
    assert_eq!(
        ran.ends_with(3).notes("not-understood").json()["compositions"][0]["aggregate"],
        "incomplete"
    );

    let missing = Sandbox::with_requirements(&(lock() + "-r gone.txt\n"));
    let ran = missing.run(&["sbom"]);
    assert_eq!(
        ran.ends_with(2).notes("gone.txt").json()["compositions"][0]["aggregate"],
        "incomplete"
    );
    Sandbox::new().run(&["sbom"]).ends_with(2);
}

#[test]
fn what_is_no_release_of_an_index_is_not_called_one() {
    let document = sbom(&mixed(), &[]);
    assert_eq!(document["metadata"]["component"]["name"], "shop");
    let purl = |name: &str| component(&document, name)["purl"].as_str();
    assert_eq!(purl("torch"), Some("pkg:pypi/torch@2.1%2Bcpu"));
    assert_eq!(purl("range"), Some("pkg:pypi/range"));
    assert_eq!(
        purl("acme"),
        Some("pkg:pypi/acme?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Facme%40main")
    );
    assert_eq!(
        purl("other"),
        Some("pkg:pypi/other?download_url=https:%2F%2Ffiles.example%2Fother-1.whl%23sha256%3D00")
    );
    assert_eq!(purl("./here"), None);
    let names: Vec<_> = document["components"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["name"])
        .collect();
    // Once: the lock pins what the project asks for. What only builds the project is no part of it.
    assert_eq!(names.iter().filter(|name| **name == "flask").count(), 1);
    assert!(!names.contains(&&json!("builder")));
    assert!(!document.to_string().contains("secret"));
}

#[test]
fn the_index_of_the_policy_is_named_and_that_of_the_machine_is_not() {
    let sandbox = Sandbox::with_requirements("acme==1\nlocal==1\npublic==1\n");
    sandbox.write(
        "pinproof.toml",
        "[[index]]\nname = \"corp\"\nurl = \"https://me:secret@corp.example/simple\"\nonly = [\"acme\"]\n\
         [[index]]\nname = \"inner\"\nonly = [\"local\"]\n",
    );
    let ran = sandbox.run_with(
        &["sbom"],
        &[("PIP_INDEX_URL", "https://mirror.example/simple")],
    );
    let document = ran.json();
    let purl = |name: &str| component(&document, name)["purl"].as_str();
    assert_eq!(
        purl("acme"),
        Some("pkg:pypi/acme@1?repository_url=https:%2F%2Fcorp.example%2Fsimple%2F")
    );
    assert_eq!(purl("public"), Some("pkg:pypi/public@1"));
    // Nobody knows where it is: the bare name would be that of somebody else's project.
    assert_eq!(purl("local"), None);
    ran.never_says("mirror").never_says("secret");
}

#[test]
fn the_same_releases_give_the_same_bytes() {
    let sandbox = mixed();
    let first = sandbox.run(&["sbom", "--as-of", NOW]).stdout;
    assert_eq!(sandbox.run(&["sbom", "--as-of", NOW]).stdout, first);
    sandbox.run(&["sbom", "--as-of", NOW, "-o", "bom.json"]);
    assert_eq!(sandbox.read("bom.json"), first);
    let serial = |document: &Value| document["serialNumber"].to_string();
    let document: Value = serde_json::from_str(&first).expect("JSON");
    // Another day is no other document; other bytes are.
    let later = sandbox.run(&["sbom", "--as-of", "2026-12-01"]).json();
    assert_eq!(serial(&later), serial(&document));
    sandbox.write("requirements.txt", lock() + "# more\n");
    assert_ne!(serial(&sbom(&sandbox, &[])), serial(&document));
}

#[test]
fn what_is_written_is_read_again() {
    let index = Index::with(&[flask(), click()]);
    let sandbox = Sandbox::with_requirements(&lock());
    sandbox.run(&["sbom", "-o", "bom.cdx.json"]).ends_with(0);
    let report = sandbox
        .check(&index, &["--format", "json", "bom.cdx.json"])
        .ends_with(0)
        .json();
    assert_eq!(report["summary"]["judged"], 2);
    assert_eq!(
        report["decisions"][0]["needed_by"],
        json!(["requirements.txt", "flask"])
    );
    let again = sbom(&sandbox, &["bom.cdx.json"]);
    let first = sbom(&sandbox, &["requirements.txt"]);
    let without_places = |document: &Value| {
        let mut components = document["components"].clone();
        for component in components.as_array_mut().into_iter().flatten() {
            component["evidence"] = Value::Null;
            component["externalReferences"][0]["url"] = Value::Null;
        }
        components
    };
    assert_eq!(without_places(&again), without_places(&first));
}
