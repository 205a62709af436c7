//! No rule passes in silence over evidence that it did not get.

use std::collections::BTreeSet;

use pinproof_core::evidence::{Answer, Openness};
use pinproof_core::{Admission, Level};

use super::fixtures::{
    INDEX, Project, asked, found, name, now, page, preset, unavailable, version, wheel_page, world,
};
use crate::policy::{Policy, Preset};
use crate::rule::{Check, Need};
use crate::subject::{Route, Subject};
use crate::{Evidence, RULES, decide};

/// The rules that need the page of every requirement; `lookalike-name` needs it for some names only, and
/// has a test of its own.
fn page_rules() -> BTreeSet<&'static str> {
    let rules = RULES.iter().map(|page| page.rule);
    rules
        .filter(|rule| rule.needs.contains(&Need::IndexPage) && rule.name != "lookalike-name")
        .map(|rule| rule.name)
        .collect()
}

fn open(evidence: &Evidence, route: Route, openness: Openness) -> BTreeSet<&'static str> {
    let project = Project {
        route,
        ..Project::of("flask==3.1.2 # ab\n")
    };
    let policy = Policy {
        freeze: Some(now()),
        ..Policy::default()
    };
    let verdict = project.decide_first(evidence, &policy);
    assert!(found(&verdict).is_empty(), "{:?}", verdict.findings);
    assert!(
        verdict
            .questions
            .iter()
            .all(|question| question.openness == openness)
    );
    asked(&verdict).into_iter().collect()
}

#[test]
fn every_rule_that_needs_the_page_says_that_the_index_gave_none() {
    let mut down = Evidence::default();
    down.add_project(INDEX.to_owned(), name("flask"), unavailable());
    let pypi = Route::Indexes(vec![INDEX.to_owned()]);
    assert_eq!(open(&down, pypi, Openness::Unavailable), page_rules());
}

#[test]
fn evidence_that_nobody_gathered_is_no_evidence() {
    let pypi = Route::Indexes(vec![INDEX.to_owned()]);
    assert_eq!(
        open(&Evidence::default(), pypi, Openness::Unavailable),
        page_rules()
    );
    let nobody = Route::Indexes(Vec::new());
    assert_eq!(
        open(&Evidence::default(), nobody, Openness::Unavailable),
        page_rules()
    );
}

#[test]
fn an_index_without_an_address_and_no_index_at_all_are_said() {
    let corp = Route::WithoutAddress("corp".to_owned());
    assert_eq!(
        open(&Evidence::default(), corp, Openness::Unsupported),
        page_rules()
    );
    assert_eq!(
        open(&Evidence::default(), Route::Nowhere, Openness::Unsupported),
        page_rules()
    );
}

/// The page lists the release; the files of it were forgotten when the evidence was gathered.
#[test]
fn a_release_whose_files_were_not_asked_for_is_an_open_question() {
    let mut facts = wheel_page("flask", "3.1.2", "ab");
    facts.files.clear();
    let verdict =
        Project::of("flask==3.1.2 # ab\n").decide_first(&world(vec![facts]), &Policy::default());
    let about_releases = RULES
        .iter()
        .map(|page| page.rule)
        .filter(|rule| matches!(rule.check, Check::Release(_) | Check::Distribution(_)))
        .filter(|rule| rule.needs.contains(&Need::IndexPage));
    for rule in about_releases {
        assert!(asked(&verdict).contains(&rule.name), "{}", rule.name);
    }
    for rule in ["hash-mismatch", "build-required"] {
        assert!(asked(&verdict).contains(&rule), "{rule}");
    }
    assert_eq!(verdict.admission, Admission::Undecided);
}

#[test]
fn an_empty_page_is_an_unknown_release_and_not_a_clean_one() {
    let evidence = world(vec![page("flask", &[])]);
    for text in ["flask==3.1.2 # ab\n", "flask>=3\n", "flask\n"] {
        let verdict = Project::of(text).decide_first(&evidence, &Policy::default());
        assert!(found(&verdict).contains(&"unknown-release"), "{text}");
        assert_eq!(verdict.admission, Admission::Refused);
    }
}

/// `==2.0` accepts `2.0+cu128`, but no rule has looked at that release.
#[test]
fn a_pin_is_not_taken_for_a_local_version() {
    let evidence = world(vec![wheel_page("torch", "2.0+cu128", "ab")]);
    let verdict = Project::of("torch==2.0 # ab\n").decide_first(&evidence, &Policy::default());
    assert_eq!(found(&verdict), ["unknown-release"]);
}

/// If nothing can be compared, the files of the release are judged all the same.
#[test]
fn hashes_of_an_unpublished_algorithm_do_not_hide_the_files() {
    let mut facts = wheel_page("flask", "3.1.2", "ab");
    for release in facts.files.values_mut() {
        for file in &mut release.files {
            file.hashes.clear();
            file.yanked = Some(None);
        }
    }
    let verdict =
        Project::of("flask==3.1.2 # ab\n").decide_first(&world(vec![facts]), &Policy::default());
    assert_eq!(found(&verdict), ["yanked-release"]);
    assert_eq!(asked(&verdict), ["hash-mismatch"]);
    assert_eq!(verdict.questions[0].openness, Openness::Unsupported);
}

#[test]
fn a_question_has_the_level_of_its_rule() {
    let mut down = Evidence::default();
    down.add_project(INDEX.to_owned(), name("flask"), unavailable());
    let project = Project::of("flask==3.1.2 # ab\n");
    let level = |policy: &Policy, rule: &str| {
        let verdict = project.decide_first(&down, policy);
        let question = verdict
            .questions
            .iter()
            .find(|question| question.rule == rule);
        question.map(|question| question.level)
    };
    let recommended = Policy::default();
    assert_eq!(
        level(&recommended, "quarantined-project"),
        Some(Level::Deny)
    );
    assert_eq!(level(&recommended, "recent-release"), Some(Level::Warn));
    assert_eq!(
        level(&preset(Preset::Strict), "recent-release"),
        Some(Level::Deny)
    );
    assert_eq!(
        level(&preset(Preset::Observe), "quarantined-project"),
        Some(Level::Warn)
    );
}

#[test]
fn the_metadata_of_a_tree_that_nobody_gathered_is_an_open_question() {
    let project = Project::with_inputs("flask==3.1.2 # ab\n", "flask\n");
    let evidence = world(vec![wheel_page("flask", "3.1.2", "ab")]);
    let verdict = project.decide_file(&evidence, &Policy::default());
    assert_eq!(asked(&verdict), ["incomplete-tree", "unneeded-pin"]);
}

/// "No metadata" counts as "no such release" only where the index said that there is none.
#[test]
fn absent_metadata_is_believed_only_if_the_page_agrees() {
    let project = Project::of("flask==3.1.2 # ab\n");
    let with = |answer| {
        let mut evidence = Evidence::default();
        evidence.add_project(INDEX.to_owned(), name("flask"), answer);
        evidence.add_metadata(
            INDEX.to_owned(),
            (name("flask"), version("3.1.2")),
            Answer::Absent,
        );
        asked(&project.decide_file(&evidence, &Policy::default()))
    };
    let listed = std::sync::Arc::new(wheel_page("flask", "3.1.2", "ab"));
    assert_eq!(with(Answer::Known(listed)), ["incomplete-tree"]);
    assert_eq!(with(unavailable()), ["incomplete-tree"]);
    assert!(with(Answer::Absent).is_empty());
}

#[test]
fn equal_questions_are_asked_once() {
    let mut facts = wheel_page("flask", "3.1.2", "ab");
    facts.publishes.upload_times = false;
    for release in facts.files.values_mut() {
        let copy = release.files[0].clone();
        release.files.push(copy);
        release
            .files
            .iter_mut()
            .for_each(|file| file.uploaded_at = None);
    }
    let verdict =
        Project::of("flask==3.1.2 # ab\n").decide_first(&world(vec![facts]), &Policy::default());
    assert_eq!(asked(&verdict), ["late-file", "recent-release"]);
}

#[test]
fn a_rule_at_allow_asks_nothing() {
    let mut policy = Policy::default();
    for page in RULES {
        let config = crate::policy::RuleConfig {
            level: Some(Level::Allow),
            ..Default::default()
        };
        policy.rules.insert(page.rule.name, config);
    }
    let project = Project::of("flask==3.1.2\n");
    let verdict = project.decide_first(&Evidence::default(), &policy);
    assert!(verdict.questions.is_empty() && verdict.findings.is_empty());
    assert_eq!(verdict.admission, Admission::Admitted);
    assert!(!crate::needs(&policy, Need::IndexPage));
    let file = project.file();
    let verdict = decide(&Subject::File(&file), &Evidence::default(), &policy, now());
    assert!(verdict.questions.is_empty() && verdict.findings.is_empty());
}
