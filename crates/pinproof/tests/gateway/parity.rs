//! Given the same evidence, the gateway says what `check` says.

use std::collections::BTreeSet;

use crate::gateway::Gateway;
use crate::shelf::{File, Shelf, usual};
use crate::support::{Sandbox, record};

/// Files about which the rules have something to say, each in its own project.
fn files() -> Vec<File> {
    vec![
        File::wheel("good", "1.0"),
        File::wheel("young", "1.0").uploaded("2026-10-30T00:00:00Z"),
        File::wheel("withdrawn", "1.0").yanked(),
        File::wheel("flawed", "1.0"),
        File::sdist("built", "1.0", ""),
        File::wheel("late", "1.0"),
        File::wheel_for("late", "1.0", "py2-none-any").uploaded("2026-10-30T00:00:00Z"),
    ]
}

#[test]
fn check_and_gateway_agree_about_every_file() {
    let (sandbox, files) = (Sandbox::new(), files());
    let shelf = Shelf::with(&files);
    let database = sandbox.database(&[record("PYSEC-2020-1", "flawed", "2.0")]);
    let url = shelf.url();
    for config in ["", "preset = \"strict\"\n", "preset = \"observe\"\n"] {
        sandbox.write("pinproof.toml", config);
        let gateway = Gateway::start(&sandbox, &["--db", &database, "--index-url", &url]);
        for file in &files {
            sandbox.write("requirements.txt", file.locked());
            let told = ["check", "--format", "json", "--db", &database];
            let checked = sandbox.run(&[&told[..], &usual(&url)].concat()).json();
            let listed = gateway.listed(&file.project, &file.name);
            let page = gateway.page(&file.project);
            let policy = page["_pinproof"]["policy"].as_str().expect("a digest");
            assert_eq!(checked["policy_digest"], format!("sha256:{policy}"));
            let admission = &listed["_pinproof"]["admission"];
            assert_eq!(
                &checked["decisions"][0]["admission"], admission,
                "{config} {listed}\n{checked}"
            );
            let of_check = refusing(&checked);
            if let Some(rule) = listed["_pinproof"]["rule"].as_str() {
                let mut told = of_check.iter().filter(|(name, _)| name == rule);
                let reason = listed["_pinproof"]["reason"].as_str().expect("a reason");
                // What needs a build is said of a release by one and of its file by the other.
                let is_same = |message: &str| message == reason || rule == "build-required";
                assert!(
                    told.any(|(_, message)| is_same(message)),
                    "{listed}\n{checked}"
                );
            }
        }
    }
}

/// The rules that refuse something in a check, with what they say.
fn refusing(report: &serde_json::Value) -> BTreeSet<(String, String)> {
    let findings = report["findings"].as_array().expect("findings").iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("").to_owned();
    findings
        .filter(|finding| finding["refuses"] == true)
        .map(|finding| (text(&finding["rule"]), text(&finding["message"])))
        .collect()
}
