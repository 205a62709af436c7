//! P8: a refusal names the project, the rule, the evidence, who can lift it and what to take instead.

use crate::support::{Index, Release, Sandbox};

const CONTACT: &str = "contact = \"the platform team, #supply-chain\"\n";

fn old() -> Release {
    Release::new("flask", "3.1.1")
}

fn young() -> Release {
    Release::new("flask", "3.1.2").uploaded("2026-10-30T00:00:00Z")
}

fn with_contact(requirements: &str, rules: &str) -> Sandbox {
    let sandbox = Sandbox::with_requirements(requirements);
    sandbox.write("pinproof.toml", format!("{CONTACT}{rules}"));
    sandbox
}

#[test]
fn a_denied_release_explains_itself() {
    let index = Index::with(&[old(), young()]);
    let sandbox = with_contact(&young().locked(), "[rules]\nrecent-release = \"deny\"\n");
    let ran = sandbox.check(&index, &[]);
    ran.ends_with(1)
        .says("error[recent-release]: `flask` 3.1.2 is 2 days old");
    ran.says(
        "= note: `flask` was uploaded 2026-10-30T00:00:00Z; its cooldown ends 2026-11-06T00:00:00Z",
    );
    ran.says("= help: `flask` 3.1.1 is its newest release past the cooldown");
    ran.says("who can lift a refusal: the platform team, #supply-chain");
}

#[test]
fn a_warning_that_refuses_says_whom_to_ask_too() {
    let index = Index::with(&[old(), young()]);
    let ran = with_contact(&young().locked(), "").check(&index, &[]);
    ran.ends_with(0).says("warning[recent-release]");
    ran.says("who can lift a refusal: the platform team, #supply-chain");
}

#[test]
fn without_a_refusal_nobody_has_to_be_asked() {
    let index = Index::with(&[old().yanked("broken")]);
    let ran = with_contact(&old().locked(), "").check(&index, &[]);
    ran.ends_with(0)
        .says("warning[yanked-release]")
        .never_says("who can lift");
}

#[test]
fn json_has_the_same_five_things() {
    let index = Index::with(&[old(), young()]);
    let sandbox = with_contact(&young().locked(), "");
    let json = sandbox
        .check(&index, &["--format", "json"])
        .ends_with(0)
        .json();
    assert_eq!(json["contact"], "the platform team, #supply-chain");
    let finding = &json["findings"][0];
    assert_eq!(finding["rule"], "recent-release");
    assert_eq!(finding["project"], "flask");
    assert_eq!(finding["release"], "3.1.2");
    assert_eq!(finding["refuses"], true);
    assert_eq!(finding["places"][0]["file"], "requirements.txt");
    let note = "`flask` was uploaded 2026-10-30T00:00:00Z; its cooldown ends 2026-11-06T00:00:00Z";
    assert_eq!(finding["notes"][0], note);
    assert_eq!(
        finding["help"][0],
        "`flask` 3.1.1 is its newest release past the cooldown"
    );
    assert_eq!(json["decisions"][0]["admission"], "refused");
    assert_eq!(json["next_change_at"], "2026-11-06T00:00:00Z");
}

#[test]
fn the_release_to_take_is_one_that_the_policy_allows() {
    let withdrawn = Release::new("flask", "3.1.1").yanked("broken");
    let oldest = Release::new("flask", "3.1.0");
    let candidate = Release::new("flask", "3.2.0rc1");
    let index = Index::with(&[oldest, withdrawn, young(), candidate]);
    let ran = with_contact(&young().locked(), "").check(&index, &[]);
    ran.says("= help: `flask` 3.1.0 is its newest release past the cooldown");
}

#[test]
fn when_there_is_no_other_release_it_says_so() {
    let index = Index::with(&[young()]);
    let ran = with_contact(&young().locked(), "").check(&index, &[]);
    ran.says("= help: no other release of `flask` is past the cooldown");
}

#[test]
fn a_release_that_is_not_there_names_the_newest_allowed() {
    let index = Index::with(&[old(), young()]);
    let missing = Release::new("flask", "9999.0");
    let ran = with_contact(&missing.locked(), "").check(&index, &[]);
    ran.ends_with(1)
        .says("error[unknown-release]: `flask` 9999.0 is not on");
    ran.says("3.1.1").says("who can lift a refusal");
}

#[test]
fn a_yanked_release_quotes_its_authors_and_names_another() {
    let index = Index::with(&[
        old(),
        Release::new("flask", "3.1.2").yanked("breaks logins"),
    ]);
    let sandbox = with_contact(&Release::new("flask", "3.1.2").locked(), "");
    let ran = sandbox.check(&index, &[]);
    ran.ends_with(0).says("they say: breaks logins");
    ran.says("3.1.1 is the newest release that the policy allows");
}
