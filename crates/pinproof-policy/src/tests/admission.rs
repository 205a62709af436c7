//! Report and admission are two answers of one verdict.

use pinproof_core::{Admission, Answer, Level};

use super::fixtures::{
    INDEX, Project, configured, file, found, name, now, page, preset, quarantined, time,
    unavailable, version, wheel_page, world,
};
use crate::policy::{Policy, Preset, RuleConfig};
use crate::subject::{DistributionSubject, ReleaseSubject, Subject};
use crate::{Evidence, decide, decide_files};

fn young() -> Evidence {
    let mut wheel = file("flask-3.1.2-py3-none-any.whl", "ab");
    wheel.uploaded_at = Some(time("2026-10-30T00:00:00Z"));
    world(vec![page("flask", &[("3.1.2", vec![wheel])])])
}

fn yanked() -> Evidence {
    let mut wheel = file("flask-3.1.2-py3-none-any.whl", "ab");
    wheel.yanked = Some(Some("broken".to_owned()));
    let older = file("flask-3.1.1-py3-none-any.whl", "cd");
    world(vec![page(
        "flask",
        &[("3.1.2", vec![wheel]), ("3.1.1", vec![older])],
    )])
}

fn pinned() -> Project {
    Project::of("flask==3.1.2 # ab\n")
}

#[test]
fn a_warning_may_refuse_and_a_denial_may_not() {
    let verdict = pinned().decide_first(&young(), &Policy::default());
    assert_eq!(verdict.level(), Level::Warn);
    assert_eq!(verdict.admission, Admission::Refused);
    assert_eq!(verdict.next_change_at, Some(time("2026-11-06T00:00:00Z")));

    let lax = configured(
        "recent-release",
        RuleConfig {
            level: Some(Level::Deny),
            refuse: Some(false),
            ..RuleConfig::default()
        },
    );
    let verdict = pinned().decide_first(&young(), &lax);
    assert_eq!(verdict.level(), Level::Deny);
    assert_eq!(verdict.admission, Admission::Admitted);
}

#[test]
fn a_yanked_release_is_no_choice_but_a_pin_stays() {
    let verdict = pinned().decide_first(&yanked(), &Policy::default());
    assert_eq!(found(&verdict), ["yanked-release"]);
    assert_eq!(verdict.admission, Admission::Admitted);
    let help = verdict.findings[0].help[0].as_str();
    assert_eq!(help, "3.1.1 is the newest release that the policy allows");
    let strict = pinned().decide_first(&yanked(), &preset(Preset::Strict));
    assert_eq!(strict.admission, Admission::Admitted);
}

#[test]
fn nothing_enters_while_a_refusing_rule_has_no_answer() {
    let mut down = Evidence::default();
    down.add_project(INDEX.to_owned(), name("flask"), unavailable());
    let verdict = pinned().decide_first(&down, &Policy::default());
    assert_eq!(verdict.admission, Admission::Undecided);
    let strict = pinned().decide_first(&down, &preset(Preset::Strict));
    assert_eq!(strict.admission, Admission::Undecided);
    let observe = pinned().decide_first(&down, &preset(Preset::Observe));
    assert_eq!(observe.admission, Admission::Admitted);
}

#[test]
fn what_an_index_never_publishes_refuses_only_in_strict() {
    let mut facts = wheel_page("flask", "3.1.2", "ab");
    facts.publishes.project_status = false;
    let evidence = world(vec![facts]);
    let verdict = pinned().decide_first(&evidence, &Policy::default());
    assert_eq!(verdict.admission, Admission::Admitted);
    assert_eq!(verdict.questions[0].level, Level::Warn);
    let strict = pinned().decide_first(&evidence, &preset(Preset::Strict));
    assert_eq!(strict.admission, Admission::Refused);
    assert_eq!(strict.questions[0].level, Level::Deny);
}

#[test]
fn observe_refuses_nothing() {
    let evidence = world(vec![quarantined(wheel_page("flask", "3.1.2", "cd"))]);
    let denied = pinned().decide_first(&evidence, &Policy::default());
    assert_eq!(denied.level(), Level::Deny);
    assert_eq!(denied.admission, Admission::Refused);
    let observed = pinned().decide_first(&evidence, &preset(Preset::Observe));
    assert_eq!(found(&observed).len(), found(&denied).len());
    assert_eq!(observed.level(), Level::Warn);
    assert_eq!(observed.admission, Admission::Admitted);
}

/// A gateway asks about one file, without a requirement; its page is evidence enough.
#[test]
fn a_distribution_is_judged_with_its_project_and_its_release() {
    let facts = quarantined(wheel_page("flask", "3.1.2", "ab"));
    let number = version("3.1.2");
    let release = &facts.files[&number];
    let subject = DistributionSubject {
        release: ReleaseSubject {
            project: &facts.project,
            version: &number,
            page: &facts,
            release,
            requirement: None,
        },
        file: &release.files[0],
    };
    let subject = Subject::Distribution(&subject);
    let mut evidence = Evidence::default();
    evidence.add_advisories(name("flask"), Answer::Known(std::sync::Arc::default()));
    let verdict = decide(&subject, &evidence, &Policy::default(), now());
    assert_eq!(found(&verdict), ["quarantined-project"]);
    assert!(verdict.questions.is_empty());
    assert_eq!(verdict.admission, Admission::Refused);
}

/// A wheel, a source distribution, one that is late and one that is withdrawn.
#[test]
fn the_files_of_a_release_are_judged_together_as_each_is_alone() {
    let mut late = file("flask-3.1.2-py2-none-any.whl", "cd");
    late.uploaded_at = Some(now());
    let mut withdrawn = file("flask-3.1.2-cp314-none-any.whl", "ef");
    withdrawn.yanked = Some(None);
    let files = vec![
        file("flask-3.1.2-py3-none-any.whl", "ab"),
        file("flask-3.1.2.tar.gz", "12"),
        late,
        withdrawn,
    ];
    let facts = quarantined(page("flask", &[("3.1.2", files)]));
    let number = version("3.1.2");
    let release = ReleaseSubject {
        project: &facts.project,
        version: &number,
        page: &facts,
        release: &facts.files[&number],
        requirement: None,
    };
    let evidence = Evidence::default();
    for preset in Preset::ALL.map(preset) {
        let together = decide_files(&release, &evidence, &preset, now());
        let each = release.release.files.iter().map(|file| {
            let subject = DistributionSubject {
                release: release.clone(),
                file,
            };
            decide(&Subject::Distribution(&subject), &evidence, &preset, now())
        });
        assert_eq!(together, each.collect::<Vec<_>>());
        assert_ne!(found(&together[0]), found(&together[1]));
    }
}

/// The clock of the verdict, and a hostile index that gives a time at the end of time.
#[test]
fn a_time_near_the_end_of_time_is_young_and_no_crash() {
    let mut wheel = file("flask-3.1.2-py3-none-any.whl", "ab");
    wheel.uploaded_at = Some(jiff::Timestamp::MAX);
    let evidence = world(vec![page("flask", &[("3.1.2", vec![wheel])])]);
    let verdict = pinned().decide_first(&evidence, &Policy::default());
    assert_eq!(found(&verdict), ["recent-release"]);
    assert_eq!(verdict.admission, Admission::Refused);
}

#[test]
fn the_same_evidence_gives_the_same_verdict() {
    let first = pinned().decide_first(&young(), &Policy::default());
    let second = pinned().decide_first(&young(), &Policy::default());
    assert_eq!(first, second);
    let strict = preset(Preset::Strict);
    assert_ne!(&*first.policy_digest, strict.digest());
    let other = pinned().decide_first(&yanked(), &Policy::default());
    assert_ne!(first.evidence_digest, other.evidence_digest);
}

/// A rule that reports first refuses what a warning of it would refuse, also in preset `strict`.
#[test]
fn a_rule_that_denies_from_a_day_on_refuses_as_a_warning_until_then() {
    let mut policy = preset(Preset::Strict);
    let config = RuleConfig {
        deny_from: Some("2026-11-02".parse().unwrap()),
        ..RuleConfig::default()
    };
    let rule = crate::find_rule("unneeded-pin").unwrap();
    policy.rules.insert(rule.name, config);
    let at = |now: &str| policy.effective(rule, &rule.cases[0], time(now));
    assert_eq!(
        at("2026-11-01T23:59:59Z"),
        (Level::Warn, crate::Refusal::Never)
    );
    assert_eq!(
        at("2026-11-02T00:00:00Z"),
        (Level::Deny, crate::Refusal::Always)
    );
}
