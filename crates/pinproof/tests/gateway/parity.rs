//! Given the same evidence, the gateway says what `check` says: about every file, by every policy.
//!
//! A fixture is an index with files, advisories and a policy. The gateway is asked for its verdict on each file, and
//! `check` for the one on a line that pins exactly this file. Where the two differ on purpose, [`fixture`] has the list.

mod fixture;
mod pages;
mod random;
mod worlds;

use crate::gateway::Gateway;
use crate::support::{NOW, Sandbox, Shelf, Wheel};
use fixture::Fixture;
use worlds::{POLICIES, bound, mixed};

/// Fails with everything that differs.
#[track_caller]
fn all_agree(fixtures: &[Fixture]) {
    let mut compared = 0;
    let mut differences = Vec::new();
    for fixture in fixtures {
        let outcome = fixture.compare();
        compared += outcome.files;
        differences.extend(outcome.differences);
    }
    assert!(compared >= fixtures.len(), "only {compared} files compared");
    let count = differences.len();
    assert!(
        differences.is_empty(),
        "{count} differences\n{}",
        differences.join("\n")
    );
}

#[test]
fn check_and_gateway_agree_about_every_file_by_every_policy() {
    let fixtures: Vec<Fixture> = POLICIES.iter().map(|policy| mixed(policy)).collect();
    all_agree(&fixtures);
}

#[test]
fn they_agree_about_names_that_are_bound_to_an_index() {
    all_agree(&bound());
}

/// By design in other words: `check` sees that the installer would ask elsewhere, and the gateway is the one that is asked.
/// Both name the same rule and index, both refuse, and neither asks anybody.
#[test]
fn both_refuse_a_bound_name_whose_index_has_no_address() {
    let public = Shelf::with(&[Wheel::new("acme-core", "9999.0").offered()]);
    let sandbox = Sandbox::new();
    let policy = "[[index]]\nname = \"main\"\ndefault = true\n[[index]]\nname = \"corp\"\nonly = [\"acme-*\"]\n";
    sandbox.write("pinproof.toml", policy);
    sandbox.write(
        "requirements.txt",
        format!("acme-core==1.0 --hash=sha256:{}\n", "0".repeat(64)),
    );
    let main = format!("main={}", public.url());
    let check = [
        "check", "--format", "json", "--as-of", NOW, "--index", &main,
    ];
    let report = sandbox.run(&check).json();
    assert_eq!(report["decisions"][0]["admission"], "refused", "{report}");
    let findings = report["findings"].as_array().expect("findings");
    let of_rule = |one: &&serde_json::Value| one["rule"] == "name-outside-namespace";
    let finding = findings.iter().find(of_rule).expect("a finding");
    let named = "`acme-core` belongs to index `corp`";
    let said = finding["message"].as_str().expect("text");
    assert!(
        said.contains(named) && finding["refuses"] == true,
        "{finding}"
    );
    let gateway = Gateway::start(&sandbox, &["--index", &main]);
    let answer = gateway.get("/simple/acme-core/", &[]);
    assert_eq!(answer.status, 451, "{}", answer.text());
    let problem: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(problem["rule"], "name-outside-namespace", "{problem}");
    let detail = problem["detail"].as_str().expect("text");
    assert!(detail.contains(named), "{problem}");
    assert!(public.asked().is_empty(), "{:?}", public.asked());
}

#[test]
fn they_agree_about_the_worlds_of_the_rule_pages() {
    let fixtures = pages::all();
    let count = fixtures.len();
    assert!(
        count > 30,
        "only {count} worlds: the pages are read wrongly"
    );
    all_agree(&fixtures);
}

#[test]
fn they_agree_about_worlds_that_nobody_thought_of() {
    let seeds = std::env::var("PINPROOF_SEEDS").ok();
    let seeds = seeds.map_or(10, |seeds| seeds.parse().expect("a number"));
    let fixtures: Vec<Fixture> = (0..seeds).map(random::world).collect();
    all_agree(&fixtures);
}
