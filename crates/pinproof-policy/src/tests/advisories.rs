//! `vulnerable-release` and `known-malware`: classes, doubt, what to do, exceptions, presets.

use pinproof_core::advisory::{Kind, Severity};
use pinproof_core::evidence::Openness;
use pinproof_core::manifest::Origin;
use pinproof_core::{Admission, Advisory, Finding, Level, Printable, Verdict};

use super::fixtures::{Project, configured, name, preset, time, version, wheel_page, world};
use super::records::{alias, listed, rated, record, undecidable, with, with_gap};
use crate::ignore::Ignore;
use crate::policy::{Policy, Preset, RuleConfig};
use crate::rule::SettingValue;
use crate::subject::Role;
use crate::{Evidence, find_rule};

const PINNED: &str = "acme==1.0 # ab\n";

fn evidence(records: Vec<Advisory>) -> Evidence {
    with(
        world(vec![wheel_page("acme", "1.0", "ab")]),
        "acme",
        records,
    )
}

fn decide(records: Vec<Advisory>) -> Verdict {
    Project::of(PINNED).decide_first(&evidence(records), &Policy::default())
}

fn decide_by(policy: &Policy, records: Vec<Advisory>) -> Verdict {
    Project::of(PINNED).decide_first(&evidence(records), policy)
}

/// `RULE/CASE/KEY` of each finding.
fn said(verdict: &Verdict) -> Vec<String> {
    let findings = verdict.findings.iter();
    findings
        .map(|finding| format!("{}/{}", finding.rule, finding.key))
        .collect()
}

fn questions(verdict: &Verdict) -> Vec<(&str, Openness)> {
    let questions = verdict.questions.iter();
    questions.map(|open| (open.rule, open.openness)).collect()
}

fn has(lines: &[Printable], text: &str) -> bool {
    lines.iter().any(|line| line.as_str().contains(text))
}

fn only(verdict: &Verdict) -> &Finding {
    assert_eq!(verdict.findings.len(), 1, "{:?}", said(verdict));
    &verdict.findings[0]
}

#[test]
fn records_that_are_linked_over_steps_are_one_finding_with_its_cve_first() {
    let verdict = decide(vec![
        alias(record("PYSEC-1", Some("1.1")), &["CVE-2026-1"]),
        alias(
            rated(record("GHSA-a", Some("1.1")), Some(Severity::Critical)),
            &["CVE-2026-1", "X-9"],
        ),
        alias(record("CORP-7", Some("1.1")), &["X-9"]),
        record("PYSEC-2", Some("1.2")),
    ]);
    let expected = [
        "vulnerable-release/known/CVE-2026-1",
        "vulnerable-release/known/PYSEC-2",
    ];
    assert_eq!(said(&verdict), expected);
    let first = &verdict.findings[0];
    assert_eq!(
        first.message.as_str(),
        "`acme` 1.0 is affected by CVE-2026-1, critical, fixed in 1.1"
    );
    assert!(has(&first.notes, "(also CORP-7, GHSA-a, PYSEC-1, X-9)"));
    assert!(has(&first.notes, "rated critical by a word of GHSA-a"));
}

/// The fix that one record names lies in the range of another one of the same flaw, which is not about
/// the version that is pinned.
#[test]
fn the_fix_is_one_that_no_record_of_the_flaw_is_about() {
    let verdict = decide(vec![
        alias(record("PYSEC-1", Some("1.1")), &["CVE-1"]),
        alias(listed("GHSA-a", &["1.1"]), &["CVE-1"]),
    ]);
    assert_eq!(only(&verdict).advisories.as_ref().unwrap().fixed, None);
}

#[test]
fn what_is_sure_beats_what_is_possible() {
    let both = decide(vec![
        alias(undecidable("PYSEC-1"), &["CVE-1"]),
        alias(record("GHSA-a", Some("1.1")), &["CVE-1"]),
    ]);
    assert_eq!(said(&both), ["vulnerable-release/known/CVE-1"]);
    let doubtful = decide(vec![undecidable("PYSEC-1")]);
    assert_eq!(said(&doubtful), ["vulnerable-release/possible/PYSEC-1"]);
    let finding = only(&doubtful);
    assert_eq!(finding.level, Level::Deny);
    assert!(finding.message.as_str().contains("may be affected"));
    assert!(has(&finding.notes, "PYSEC-1 has the boundary `2019-09-12`"));
}

#[test]
fn a_flaw_that_is_only_possible_is_no_worse_than_a_sure_one() {
    let low = rated(undecidable("PYSEC-1"), Some(Severity::Low));
    assert_eq!(only(&decide(vec![low])).level, Level::Warn);
    let unrated = rated(undecidable("PYSEC-1"), None);
    assert_eq!(only(&decide(vec![unrated])).level, Level::Deny);
}

#[test]
fn the_threshold_decides_the_level_and_unknown_is_never_below_it() {
    let threshold = |severity| {
        let mut config = RuleConfig::default();
        let value = SettingValue::Severity(severity);
        config.settings.insert("threshold".to_owned(), value);
        configured("vulnerable-release", config)
    };
    let level = |policy: &Policy, severity| {
        let verdict = decide_by(policy, vec![rated(record("PYSEC-1", None), severity)]);
        only(&verdict).level
    };
    let critical = threshold(Severity::Critical);
    assert_eq!(level(&critical, Some(Severity::High)), Level::Warn);
    assert_eq!(level(&critical, Some(Severity::Critical)), Level::Deny);
    assert_eq!(level(&critical, None), Level::Deny);
    let low = threshold(Severity::Low);
    assert_eq!(level(&low, Some(Severity::Low)), Level::Deny);
    assert_eq!(level(&Policy::default(), Some(Severity::Low)), Level::Warn);
    assert_eq!(
        level(&Policy::default(), Some(Severity::Medium)),
        Level::Deny
    );
}

#[test]
fn the_help_names_a_version_that_no_advisory_is_about() {
    let verdict = decide(vec![
        record("PYSEC-1", Some("1.1")),
        record("PYSEC-2", Some("2.0")),
    ]);
    for finding in &verdict.findings {
        assert!(has(
            &finding.help,
            "raise `acme` to 2.0, the smallest version"
        ));
    }
    let verdict = decide(vec![
        record("PYSEC-1", Some("1.1")),
        record("PYSEC-2", None),
    ]);
    let help = |at: usize| &verdict.findings[at].help;
    assert!(has(
        help(0),
        "raise `acme` to 1.1; another known vulnerability has no fix"
    ));
    assert!(has(help(1), "no fix is named"));
}

/// `ultralytics`, December 2024: a release with a fix may be the one that was taken over.
#[test]
fn nobody_is_told_to_take_malware() {
    let verdict = decide(vec![
        record("PYSEC-1", Some("1.1")),
        listed("MAL-1", &["1.1"]),
    ]);
    let finding = only(&verdict);
    assert!(!has(&finding.help, "raise"), "{:?}", finding.help);
    assert!(has(
        &finding.notes,
        "1.1, which is named as the fix, is published as malware: MAL-1"
    ));
    assert_eq!(finding.advisories.as_ref().unwrap().safe, None);
}

#[test]
fn malware_is_refused_and_a_flaw_is_not() {
    let verdict = decide(vec![record("PYSEC-1", None)]);
    assert_eq!(
        (verdict.level(), verdict.admission),
        (Level::Deny, Admission::Admitted)
    );
    let verdict = decide(vec![listed("MAL-1", &["1.0"])]);
    assert_eq!(said(&verdict), ["known-malware/release/MAL-1"]);
    assert_eq!(
        (verdict.level(), verdict.admission),
        (Level::Deny, Admission::Refused)
    );
    let other = decide(vec![listed("MAL-1", &["1.1"])]);
    assert_eq!(
        (said(&other).len(), other.admission),
        (0, Admission::Admitted)
    );
}

/// The record of malware has fewer versions than its alias: what only the alias has is malware too.
#[test]
fn a_record_of_malware_makes_malware_of_its_class() {
    let verdict = decide(vec![
        alias(listed("MAL-1", &["0.9"]), &["GHSA-a"]),
        listed("GHSA-a", &["0.9", "1.0"]),
    ]);
    assert_eq!(said(&verdict), ["known-malware/release/GHSA-a"]);
    assert_eq!(
        only(&verdict).advisories.as_ref().unwrap().kind,
        Kind::Malware
    );
}

#[test]
fn a_project_that_is_all_malware_is_found_without_a_version() {
    let records = vec![
        alias(record("MAL-1", None), &["GHSA-a"]),
        record("GHSA-a", None),
    ];
    let evidence = evidence(records);
    let verdict = Project::of("acme>=1\n").decide_first(&evidence, &Policy::default());
    let malware = verdict
        .findings
        .iter()
        .find(|found| found.rule == "known-malware");
    let malware = malware.unwrap();
    assert_eq!(malware.key, "project/MAL-1");
    assert!(malware.refuses && has(&malware.help, "treat that machine as compromised"));
    assert_eq!(malware.advisories.as_ref().unwrap().ids.len(), 2);
    let ignored = Policy {
        ignores: vec![ignore("known-malware", Some("ghsa-A"))],
        ..Policy::default()
    };
    let verdict = Project::of("acme>=1\n").decide_first(&evidence, &ignored);
    assert!(
        verdict
            .findings
            .iter()
            .all(|found| found.rule != "known-malware")
    );
}

/// Nobody can tell which version will be there; but where no advisory is about any, that is an answer.
#[test]
fn a_range_leaves_a_question_only_if_there_is_an_advisory() {
    let allowing = configured(
        "unpinned-requirement",
        RuleConfig {
            level: Some(Level::Allow),
            ..RuleConfig::default()
        },
    );
    let excepting = Policy {
        ignores: vec![ignore("unpinned-requirement", None)],
        ..Policy::default()
    };
    let asked = |policy: &Policy, records| {
        let verdict = Project::of("acme>=1\n").decide_first(&evidence(records), policy);
        let open = questions(&verdict);
        open.contains(&("vulnerable-release", Openness::Unavailable))
    };
    let flaw = || vec![record("PYSEC-1", Some("1.1"))];
    assert!(asked(&allowing, flaw()));
    assert!(asked(&excepting, flaw()));
    assert!(
        !asked(&Policy::default(), flaw()),
        "unpinned-requirement says it"
    );
    assert!(!asked(&allowing, Vec::new()));
}

#[test]
fn an_inline_exception_for_the_range_does_not_hide_the_question() {
    let mut project = Project::of("acme>=1\nflask==3 # ab\n");
    let evidence = evidence(vec![record("PYSEC-1", Some("1.1"))]);
    let open = |project: &Project| {
        let verdict = project.decide_first(&evidence, &Policy::default());
        questions(&verdict).contains(&("vulnerable-release", Openness::Unavailable))
    };
    assert!(!open(&project));
    project.ignore_inline(0, "unpinned-requirement", "reviewed by hand");
    assert!(open(&project));
}

#[test]
fn the_input_of_a_lock_is_judged_with_its_lock() {
    let project = Project {
        role: Role::InputOf(Printable::new("requirements.txt")),
        ..Project::of("acme>=1\n")
    };
    let allowing = configured(
        "unpinned-requirement",
        RuleConfig {
            level: Some(Level::Allow),
            ..RuleConfig::default()
        },
    );
    let verdict = project.decide_first(&evidence(vec![record("PYSEC-1", None)]), &allowing);
    assert!(
        verdict
            .questions
            .iter()
            .all(|open| open.rule != "vulnerable-release")
    );
}

#[test]
fn a_url_is_judged_by_the_version_in_its_file_name() {
    let at = |filename: &str, policy: &Policy| {
        let mut project = Project::of(PINNED);
        project.manifest.requirements[0].origin = Origin::Url {
            shown: Printable::new("https://files.example/acme"),
            filename: filename.to_owned(),
            plain_http: false,
        };
        project.decide_first(&evidence(vec![record("PYSEC-1", Some("1.1"))]), policy)
    };
    let recommended = Policy::default();
    let of_rule = |verdict: &Verdict| {
        let mut findings = verdict.findings.iter();
        findings
            .find(|finding| finding.rule == "vulnerable-release")
            .cloned()
    };
    let found = of_rule(&at("acme-1.0-py3-none-any.whl", &recommended)).unwrap();
    assert_eq!(found.version, Some(version("1.0")));
    assert!(of_rule(&at("acme-1.1.tar.gz", &recommended)).is_none());
    let unknown = at("main.zip", &recommended);
    assert!(questions(&unknown).contains(&("vulnerable-release", Openness::Unsupported)));
    let mut excepted = ignore("vulnerable-release", None);
    excepted.project = Some((name("acme"), "<1.1".parse().unwrap()));
    let policy = Policy {
        ignores: vec![excepted],
        ..Policy::default()
    };
    assert!(of_rule(&at("acme-1.0-py3-none-any.whl", &policy)).is_none());
}

fn ignore(rule: &str, id: Option<&str>) -> Ignore {
    Ignore {
        id: id.map(str::to_owned),
        justification: None,
        rule: find_rule(rule).unwrap().name,
        project: None,
        file: None,
        reason: Printable::new("see #812"),
        owner: None,
        until: None,
        place: pinproof_core::Place {
            origin: Printable::new("pinproof.toml"),
            span: None,
            label: Printable::default(),
        },
    }
}

#[test]
fn an_exception_by_any_id_covers_its_flaw_and_no_other() {
    let policy = |id: &str| Policy {
        ignores: vec![ignore("vulnerable-release", Some(id))],
        ..Policy::default()
    };
    let records = || {
        vec![
            alias(record("PYSEC-1", Some("1.1")), &["CVE-2026-1", "GHSA-a"]),
            record("PYSEC-2", Some("1.1")),
        ]
    };
    for id in ["PYSEC-1", "cve-2026-1", "GHSA-A"] {
        let verdict = decide_by(&policy(id), records());
        assert_eq!(said(&verdict), ["vulnerable-release/known/PYSEC-2"], "{id}");
        assert_eq!(verdict.ignored.len(), 1, "{id}");
    }
    let verdict = decide_by(&policy("PYSEC-3"), records());
    assert_eq!((verdict.findings.len(), verdict.ignored.len()), (2, 0));
}

/// `unused-ignore` reports what covered nothing.
#[test]
fn an_exception_covers_nothing_once_the_fix_is_in() {
    let policy = Policy {
        ignores: vec![ignore("vulnerable-release", Some("PYSEC-1"))],
        ..Policy::default()
    };
    let verdict = decide_by(&policy, vec![record("PYSEC-1", Some("1.0"))]);
    assert!(verdict.findings.is_empty() && verdict.ignored.is_empty());
}

#[test]
fn an_exception_for_one_advisory_answers_no_open_question() {
    let policy = Policy {
        ignores: vec![ignore("vulnerable-release", Some("PYSEC-1"))],
        ..Policy::default()
    };
    let evidence = with_gap(Evidence::default(), "acme", Vec::new(), "osv");
    let verdict = Project::of(PINNED).decide_first(&evidence, &policy);
    assert!(questions(&verdict).contains(&("vulnerable-release", Openness::Unavailable)));
}

#[test]
fn a_gap_leaves_the_question_open_and_hides_no_finding() {
    let world = world(vec![wheel_page("acme", "1.0", "ab")]);
    let evidence = with_gap(world, "acme", vec![record("PYSEC-1", None)], "osv");
    let verdict = Project::of(PINNED).decide_first(&evidence, &Policy::default());
    assert_eq!(said(&verdict), ["vulnerable-release/known/PYSEC-1"]);
    let expected = [
        ("known-malware", Openness::Unavailable),
        ("vulnerable-release", Openness::Unavailable),
    ];
    assert_eq!(questions(&verdict), expected);
    assert_eq!(verdict.admission, Admission::Undecided);
}

#[test]
fn records_that_are_withdrawn_or_not_yet_published_say_nothing() {
    let withdrawn = Advisory {
        withdrawn: Some(time("2026-10-31T00:00:00Z")),
        ..record("PYSEC-1", None)
    };
    let future = Advisory {
        published: Some(time("2026-11-02T00:00:00Z")),
        ..record("PYSEC-2", None)
    };
    let later = Advisory {
        withdrawn: Some(time("2026-11-02T00:00:00Z")),
        ..record("PYSEC-3", None)
    };
    let undated = Advisory {
        published: None,
        ..record("PYSEC-4", None)
    };
    let verdict = decide(vec![withdrawn, future, later, undated]);
    let expected = [
        "vulnerable-release/known/PYSEC-3",
        "vulnerable-release/known/PYSEC-4",
    ];
    assert_eq!(said(&verdict), expected);
}

#[test]
fn strict_refuses_what_it_denies_and_observe_only_shows() {
    let low = || vec![rated(record("PYSEC-1", None), Some(Severity::Low))];
    let strict = decide_by(&preset(Preset::Strict), low());
    assert_eq!(
        (strict.level(), strict.admission),
        (Level::Deny, Admission::Refused)
    );
    let observe = preset(Preset::Observe);
    for records in [
        low(),
        vec![record("MAL-1", None)],
        vec![undecidable("PYSEC-1")],
    ] {
        let verdict = decide_by(&observe, records);
        assert_eq!(
            (verdict.level(), verdict.admission),
            (Level::Warn, Admission::Admitted)
        );
    }
}
