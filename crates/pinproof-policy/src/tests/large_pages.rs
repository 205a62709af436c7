//! A page of thousands of entries costs what its entries cost, and no more: what is found once for all of them is what
//! the plain definition finds for each.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use pinproof_core::evidence::{Answer, Source};
use pinproof_core::{FileFacts, ProjectFacts, ProjectHistory, ReleaseFacts, Verdict, Version};
use proptest::prelude::*;

use super::fixtures::{INDEX, file, name, now, page, world};
use crate::digest::OfPage;
use crate::evidence::Evidence;
use crate::policy::Policy;
use crate::subject::{DistributionSubject, ReleaseSubject};

fn uploaded(filename: &str, hours_ago: i64) -> FileFacts {
    FileFacts {
        uploaded_at: Some(ago(hours_ago)),
        ..file(filename, "ab")
    }
}

fn judged(facts: &ProjectFacts, evidence: &Evidence) -> Vec<Verdict> {
    let policy = Policy::default();
    let judge = crate::Judge::new(facts, evidence, &policy, now());
    let digest = OfPage::new(facts, evidence);
    let releases = facts.files.iter();
    releases
        .flat_map(|(version, release)| judge.files(&subject(facts, version, release), &digest))
        .collect()
}

fn subject<'a>(
    facts: &'a ProjectFacts,
    version: &'a Version,
    release: &'a ReleaseFacts,
) -> ReleaseSubject<'a> {
    ReleaseSubject {
        project: &facts.project,
        version,
        page: facts,
        release,
        requirement: None,
    }
}

fn ago(hours: i64) -> Timestamp {
    now()
        .checked_sub(SignedDuration::from_hours(hours))
        .unwrap()
}

/// A release of the page: its age in hours, that by the first sight of it, and what else keeps it from being advice.
fn release() -> impl Strategy<Value = (Option<i64>, Option<i64>, bool, bool)> {
    let hours = || proptest::option::weighted(0.9, prop_oneof![1..160_i64, 170..3_000_i64]);
    (hours(), hours(), any::<bool>(), any::<bool>())
}

proptest! {
    #[test]
    fn what_is_found_once_is_what_each_would_find(
        releases in proptest::collection::vec((release(), proptest::collection::vec(1..2_000_i64, 0..4)), 1..12),
        is_watched: bool,
        trusts_upload_times: bool,
    ) {
        let mut history = ProjectHistory::new(Source::new(INDEX), now());
        history.trusts_upload_times = trusts_upload_times;
        let mut listed = Vec::new();
        for (at, ((age, seen, yanked, pre), more)) in releases.iter().enumerate() {
            let number = format!("1.{at}{}", if *pre && at % 3 == 0 { "rc1" } else { "" });
            let first = format!("m-{number}-py3-none-any.whl");
            if let Some(seen) = seen {
                history.later.insert(first.clone(), ago(*seen));
            }
            let first = FileFacts {
                uploaded_at: age.map(ago),
                yanked: yanked.then_some(None),
                ..file(&first, "ab")
            };
            let wheel = |(at, hours): (usize, &i64)| uploaded(&format!("m-{number}-{at}-cp31{}-abi3-win32.whl", at % 2), *hours);
            let files: Vec<_> = std::iter::once(first).chain(more.iter().enumerate().map(wheel)).collect();
            listed.push((number, files));
        }
        let listed: Vec<_> = listed.iter().map(|(number, files)| (number.as_str(), files.clone())).collect();
        let facts = page("m", &listed);
        let mut evidence = world(vec![facts.clone()]);
        evidence.add_advisories(name("m"), Answer::Known(Arc::default()));
        if is_watched {
            evidence.add_history(name("m"), Arc::new(history));
        }
        let policy = Policy::default();
        let each = facts.files.iter().flat_map(|(version, release)| {
            release.files.iter().map(|file| {
                let subject = DistributionSubject { release: subject(&facts, version, release), file };
                crate::decide(&crate::Subject::Distribution(&subject), &evidence, &policy, now())
            }).collect::<Vec<_>>()
        });
        prop_assert_eq!(judged(&facts, &evidence), each.collect::<Vec<_>>());
    }
}

#[test]
fn what_is_young_by_its_first_sight_is_no_advice() {
    let wheel = |number: &str| format!("m-{number}-py3-none-any.whl");
    let listed =
        ["1.0", "1.1", "1.2"].map(|number| (number, vec![uploaded(&wheel(number), 5_000)]));
    let facts = page("m", &listed);
    let advice = |is_watched: bool| {
        let mut evidence = world(vec![facts.clone()]);
        let mut history = ProjectHistory::new(Source::new(INDEX), ago(9_000));
        history.later.insert(wheel("1.1"), ago(2));
        history.later.insert(wheel("1.2"), ago(1));
        history.trusts_upload_times = !is_watched;
        evidence.add_history(name("m"), Arc::new(history));
        let verdicts = judged(&facts, &evidence);
        let help = |verdict: &Verdict| {
            let recent = verdict
                .findings
                .iter()
                .find(|finding| finding.rule == "recent-release");
            recent.map(|finding| finding.help[0].to_string())
        };
        verdicts.iter().map(help).collect::<Vec<_>>()
    };
    let older = Some("`m` 1.0 is its newest release past the cooldown".to_owned());
    assert_eq!(advice(true), [None, older.clone(), older]);
    assert_eq!(advice(false), [None, None, None]);
}

/// Work for each pair of entries would keep this test busy for many minutes.
const MANY: usize = 20_000;

fn of_one_release(hours: fn(usize) -> i64) -> ProjectFacts {
    let name = |at: usize| format!("m-1.0-{at}-cp3{at}-abi3-linux_x86_64.whl");
    let files = (0..MANY).map(|at| uploaded(&name(at), hours(at)));
    page("m", &[("1.0", files.collect())])
}

/// How many files each of the rules speaks of.
fn spoken_of(facts: &ProjectFacts, rule: &str) -> usize {
    let verdicts = judged(facts, &world(vec![facts.clone()]));
    assert_eq!(verdicts.len(), MANY);
    let speaks = |verdict: &&Verdict| verdict.findings.iter().any(|found| found.rule == rule);
    verdicts.iter().filter(speaks).count()
}

#[test]
fn thousands_of_young_releases_are_decided_about() {
    let numbers: Vec<_> = (0..MANY).map(|at| format!("1.{at}")).collect();
    let wheel = |number: &str| vec![uploaded(&format!("m-{number}-py3-none-any.whl"), 1)];
    let releases: Vec<_> = numbers
        .iter()
        .map(|number| (number.as_str(), wheel(number)))
        .collect();
    assert_eq!(spoken_of(&page("m", &releases), "recent-release"), MANY);
}

#[test]
fn thousands_of_files_of_one_release_are_decided_about() {
    assert_eq!(spoken_of(&of_one_release(|_| 5_000), "late-file"), 0);
    // No project has so many wheels that came first: each later one is taken to be in the place of one of them.
    let half = of_one_release(|at| if at % 2 == 0 { 5_000 } else { 2_000 });
    assert_eq!(spoken_of(&half, "late-file"), MANY / 2);
    let one = of_one_release(|at| if at == 0 { 5_000 } else { 2_000 });
    assert_eq!(spoken_of(&one, "late-file"), 0);
}
