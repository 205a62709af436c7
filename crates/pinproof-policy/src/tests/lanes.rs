//! The advisory lane: which young release passes as the fix of a published flaw, and which does not.

use pinproof_core::advisory::{Affected, Boundary, Event, Range};
use pinproof_core::evidence::{Answer, Source, Unavailable};
use pinproof_core::{Admission, Advisory, Verdict};

use super::fixtures::{
    Project, configured, file, found, name, now, page, preset, time, version, world,
};
use super::records::{alias, listed, record, undecidable, with, with_gap};
use crate::policy::{Policy, Preset, RuleConfig};
use crate::subject::{DistributionSubject, ReleaseSubject, Subject};
use crate::{Evidence, decide};

/// 1.0 and 1.9 are old; 1.1 and 2.0 are two days old.
fn young() -> Evidence {
    let mut releases = Vec::new();
    for (number, is_young) in [("1.0", false), ("1.1", true), ("1.9", false), ("2.0", true)] {
        let mut wheel = file(&format!("acme-{number}-py3-none-any.whl"), "ab");
        if is_young {
            wheel.uploaded_at = Some(time("2026-10-30T00:00:00Z"));
        }
        releases.push((number, vec![wheel]));
    }
    world(vec![page("acme", &releases)])
}

fn judge(number: &str, records: Vec<Advisory>) -> Verdict {
    judge_on(number, &with(young(), "acme", records))
}

fn judge_on(number: &str, evidence: &Evidence) -> Verdict {
    Project::of(&format!("acme=={number} # ab\n")).decide_first(evidence, &Policy::default())
}

/// Whether the release passes; if not, it is refused as every young one.
fn passes(verdict: &Verdict) -> bool {
    let is_reported = found(verdict).contains(&"recent-release");
    assert_eq!(is_reported, verdict.lanes.is_empty(), "{verdict:?}");
    assert_eq!(
        is_reported,
        verdict.admission == Admission::Refused,
        "{verdict:?}"
    );
    !is_reported
}

fn between(id: &str, introduced: &str, fixed: &str) -> Advisory {
    let at = |text: &str| Boundary::Version(version(text));
    let events = vec![Event::Introduced(at(introduced)), Event::Fixed(at(fixed))];
    Advisory {
        affected: vec![Affected::new(vec![Range::of_events(events)], [])],
        ..record(id, None)
    }
}

#[test]
fn the_smallest_fix_passes_until_its_cooldown_ends() {
    let fix = alias(record("PYSEC-1", Some("2.0")), &["CVE-2026-1"]);
    let verdict = judge("2.0", vec![fix]);
    assert!(passes(&verdict));
    assert!(verdict.findings.is_empty());
    let lane = &verdict.lanes[0];
    assert_eq!(
        (lane.rule, &lane.version),
        ("recent-release", &version("2.0"))
    );
    assert_eq!(lane.fixes[0].as_str(), "CVE-2026-1");
    assert_eq!(lane.ends_at, time("2026-11-06T00:00:00Z"));
    assert_eq!(verdict.next_change_at, Some(lane.ends_at));
}

#[test]
fn an_old_release_needs_no_lane() {
    let verdict = judge("1.9", vec![record("PYSEC-1", Some("1.9"))]);
    assert!(verdict.lanes.is_empty() && verdict.findings.is_empty());
}

/// A branch that is kept up has a smallest fix of its own.
#[test]
fn every_branch_has_its_smallest_fix() {
    let backport = Advisory {
        affected: vec![
            between("", "0", "1.1").affected.remove(0),
            between("", "1.5", "2.0").affected.remove(0),
        ],
        ..record("PYSEC-1", None)
    };
    assert!(passes(&judge("1.1", vec![backport.clone()])));
    assert!(passes(&judge("2.0", vec![backport])));
}

#[test]
fn a_release_that_is_later_than_the_smallest_fix_waits() {
    assert!(!passes(&judge("2.0", vec![record("PYSEC-1", Some("1.9"))])));
    assert!(!passes(&judge(
        "2.0",
        vec![record("PYSEC-1", Some("1.9.1"))]
    )));
    assert!(!passes(&judge("2.0", Vec::new())));
}

#[test]
fn a_record_about_no_earlier_release_of_the_project_opens_no_lane() {
    assert!(!passes(&judge(
        "2.0",
        vec![between("PYSEC-1", "1.9.5", "2.0")]
    )));
    assert!(passes(&judge(
        "2.0",
        vec![between("PYSEC-1", "1.5", "2.0")]
    )));
}

#[test]
fn a_record_that_is_not_known_now_opens_no_lane() {
    let fix = || record("PYSEC-1", Some("2.0"));
    let published = |published: Option<&str>, modified: Option<&str>| Advisory {
        published: published.map(time),
        modified: modified.map(time),
        ..fix()
    };
    assert!(!passes(&judge(
        "2.0",
        vec![published(Some("2026-11-02T00:00:00Z"), None)]
    )));
    assert!(!passes(&judge("2.0", vec![published(None, None)])));
    assert!(!passes(&judge(
        "2.0",
        vec![published(None, Some("2026-11-02T00:00:00Z"))]
    )));
    assert!(passes(&judge(
        "2.0",
        vec![published(None, Some("2026-10-31T00:00:00Z"))]
    )));
    let withdrawn = |at: &str| Advisory {
        withdrawn: Some(time(at)),
        ..fix()
    };
    assert!(!passes(&judge(
        "2.0",
        vec![withdrawn("2026-10-31T00:00:00Z")]
    )));
    assert!(passes(&judge(
        "2.0",
        vec![withdrawn("2026-11-02T00:00:00Z")]
    )));
}

#[test]
fn a_record_that_nobody_can_decide_opens_no_lane_nor_does_one_beside_it() {
    assert!(!passes(&judge("2.0", vec![undecidable("PYSEC-1")])));
    let half = Advisory {
        affected: vec![
            record("", Some("2.0")).affected.remove(0),
            undecidable("").affected.remove(0),
        ],
        ..record("PYSEC-1", None)
    };
    assert!(!passes(&judge("2.0", vec![half])));
    let linked = vec![
        record("PYSEC-1", Some("2.0")),
        alias(undecidable("GHSA-a"), &["PYSEC-1"]),
    ];
    assert!(!passes(&judge("2.0", linked)));
}

/// Two records of one flaw that do not agree: the fix is where both say so.
#[test]
fn a_fix_that_another_record_of_the_flaw_denies_is_none() {
    let disputed = |fixed: &str| {
        vec![
            record("PYSEC-1", Some("1.1")),
            alias(record("GHSA-a", Some(fixed)), &["PYSEC-1"]),
        ]
    };
    assert!(!passes(&judge("1.1", disputed("2.0"))));
    assert!(passes(&judge("2.0", disputed("2.0"))));
}

#[test]
fn malware_opens_no_lane_nor_does_what_is_linked_to_it() {
    assert!(!passes(&judge("2.0", vec![record("MAL-1", Some("2.0"))])));
    let linked = vec![
        alias(record("PYSEC-1", Some("2.0")), &["MAL-1"]),
        listed("MAL-1", &["1.0"]),
    ];
    assert!(!passes(&judge("2.0", linked)));
}

/// A list without a range names no fix.
#[test]
fn a_version_that_is_merely_not_listed_is_no_fix() {
    assert!(!passes(&judge(
        "2.0",
        vec![listed("PYSEC-1", &["1.0", "1.9"])]
    )));
}

fn why_none(verdict: &Verdict) -> String {
    let findings = verdict.findings.iter();
    let recent = findings.filter(|finding| finding.rule == "recent-release");
    let notes = recent.flat_map(|finding| &finding.notes);
    notes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn without_advisories_a_young_release_stays_refused_and_the_finding_says_why() {
    let about = |answer| {
        let mut evidence = young();
        evidence.add_advisories(name("acme"), answer);
        judge_on("2.0", &evidence)
    };
    let source = Source::new("osv");
    let unavailable = about(Answer::Unavailable(Unavailable::new(
        &source,
        "it is not there",
    )));
    assert!(!passes(&unavailable));
    assert!(why_none(&unavailable).contains("osv: it is not there"));
    let unsupported = about(Answer::Unsupported(Source::new("index `corp`")));
    assert!(!passes(&unsupported));
    assert!(why_none(&unsupported).contains("index `corp` has no advisories about it"));
    for verdict in [unavailable, unsupported] {
        let mut open = verdict.questions.iter();
        assert!(open.all(|question| question.rule != "recent-release"));
    }
    let known = judge("2.0", Vec::new());
    assert!(!why_none(&known).contains("not known"));
}

/// A source that is out of date may have taken the record back; another one's word counts all the same.
#[test]
fn a_source_with_a_gap_opens_no_lane() {
    let fix = || vec![record("PYSEC-1", Some("2.0"))];
    let stale = judge_on("2.0", &with_gap(young(), "acme", fix(), "osv"));
    assert!(!passes(&stale));
    assert!(why_none(&stale).contains("osv: it is too old"));
    let other = judge_on("2.0", &with_gap(young(), "acme", fix(), "corp"));
    assert!(!other.lanes.is_empty());
    assert!(!found(&other).contains(&"recent-release"));
}

#[test]
fn a_missing_database_is_no_question_about_the_age_of_an_old_release() {
    let mut evidence = young();
    let source = Source::new("osv");
    evidence.add_advisories(
        name("acme"),
        Answer::Unavailable(Unavailable::new(&source, "it is not there")),
    );
    let verdict = judge_on("1.9", &evidence);
    assert!(verdict.findings.is_empty());
    let mut open = verdict.questions.iter();
    assert!(open.all(|question| question.rule != "recent-release"));
}

/// In `strict` a warning would be a denial, so the lane is no finding.
#[test]
fn the_lane_is_open_in_every_preset() {
    let evidence = with(young(), "acme", vec![record("PYSEC-1", Some("2.0"))]);
    for preset in Preset::ALL.map(preset) {
        let verdict = Project::of("acme==2.0 # ab\n").decide_first(&evidence, &preset);
        assert!(found(&verdict).is_empty(), "{verdict:?}");
        assert_eq!(verdict.lanes.len(), 1);
    }
    let allowed = configured(
        "recent-release",
        RuleConfig {
            level: Some(pinproof_core::Level::Allow),
            ..RuleConfig::default()
        },
    );
    let verdict = Project::of("acme==2.0 # ab\n").decide_first(&evidence, &allowed);
    assert!(verdict.lanes.is_empty());
}

/// What a gateway asks about has no requirement, and gets the same answer.
#[test]
fn a_distribution_by_itself_passes_too() {
    let evidence = with(young(), "acme", vec![record("PYSEC-1", Some("2.0"))]);
    let route = crate::subject::Route::Indexes(vec![super::fixtures::INDEX.to_owned()]);
    let page = evidence.project(&route, &name("acme")).known().unwrap();
    let number = version("2.0");
    let release = &page.files[&number];
    let subject = DistributionSubject {
        release: ReleaseSubject {
            project: &page.project,
            version: &number,
            page,
            release,
            requirement: None,
        },
        file: &release.files[0],
    };
    let verdict = decide(
        &Subject::Distribution(&subject),
        &evidence,
        &Policy::default(),
        now(),
    );
    assert!(passes(&verdict));
    let without = with(young(), "acme", Vec::new());
    let refused = decide(
        &Subject::Distribution(&subject),
        &without,
        &Policy::default(),
        now(),
    );
    assert!(!passes(&refused));
    assert_ne!(verdict.evidence_digest, refused.evidence_digest);
}

/// The lane rests on which earlier releases there are, so the digest of the evidence has them.
#[test]
fn the_digest_knows_the_releases_that_open_the_lane() {
    let records = || vec![between("PYSEC-1", "1.5", "2.0")];
    let two_days_old = |earlier: &str| {
        let mut wheel = file("acme-2.0-py3-none-any.whl", "ab");
        wheel.uploaded_at = Some(time("2026-10-30T00:00:00Z"));
        let old = file(&format!("acme-{earlier}-py3-none-any.whl"), "cd");
        let page = page("acme", &[(earlier, vec![old]), ("2.0", vec![wheel])]);
        judge_on("2.0", &with(world(vec![page]), "acme", records()))
    };
    let (open, closed) = (two_days_old("1.9"), two_days_old("1.0"));
    assert!(passes(&open) && !passes(&closed));
    assert_ne!(open.evidence_digest, closed.evidence_digest);
}
