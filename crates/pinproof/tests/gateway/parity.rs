//! Given the same evidence, the gateway says what `check` says: about every file, by every policy.
//!
//! A fixture is an index with files, advisories and a policy. The gateway is asked for its verdict on each file, and
//! `check` for the one on a line that pins exactly this file. Where the two differ on purpose, [`fixture`] has the list.

mod fixture;
mod pages;
mod random;
mod worlds;

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
