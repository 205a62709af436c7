//! Which versions an advisory is about, against the walk that the OSV specification writes down; fixes,
//! classes and severities.

use pinproof_core::Version;
use pinproof_core::advisory::{
    Advisory, Affected, Boundary, Event, Kind, Match, Range, Rating, RatingKind, Severity, classes,
    worst,
};
use proptest::prelude::*;

fn version(text: &str) -> Version {
    text.parse().expect("a version")
}

fn at(text: &str) -> Boundary {
    match text {
        "0" => Boundary::Zero,
        "*" => Boundary::Infinity,
        _ => Boundary::Version(version(text)),
    }
}

/// Events as `+1.0` (introduced), `-2.0` (fixed), `=3.0` (last affected), `<4.0` (limit).
fn events(text: &str) -> Vec<Event> {
    let event = |word: &str| {
        let (kind, boundary) = word.split_at(1);
        match kind {
            "+" => Event::Introduced(at(boundary)),
            "-" => Event::Fixed(at(boundary)),
            "=" => Event::LastAffected(at(boundary)),
            _ => Event::Limit(at(boundary)),
        }
    };
    text.split_whitespace().map(event).collect()
}

fn advisory(ranges: &[&str], versions: &[&str]) -> Advisory {
    let of = |text: &&str| match text.strip_prefix('?') {
        Some(boundary) => Range::Undecidable(boundary.to_owned()),
        None => Range::of_events(events(text)),
    };
    Advisory {
        id: "EX-1".to_owned(),
        aliases: Vec::new(),
        kind: Kind::Vulnerability,
        summary: String::new(),
        ratings: Vec::new(),
        published: None,
        modified: None,
        withdrawn: None,
        affected: vec![Affected::new(
            ranges.iter().map(of).collect(),
            versions.iter().copied(),
        )],
        imports: Vec::new(),
    }
}

fn is_affected(advisory: &Advisory, text: &str) -> bool {
    matches!(advisory.affects(&version(text)), Match::Yes(_))
}

#[test]
fn one_version_with_two_events() {
    let cases = [
        ("+0 -2.0 +2.0 -3.0", "2.0", true),
        ("+1.0 =1.0", "1.0", true),
        ("+1.0 =1.0", "1.0.1", false),
        ("+0 =1.0 -1.0", "1.0", false),
        ("+0 -0", "0.1", true),
    ];
    for (events, version, expected) in cases {
        assert_eq!(
            is_affected(&advisory(&[events], &[]), version),
            expected,
            "{events} {version}"
        );
    }
}

#[test]
fn a_local_version_is_a_build_of_its_public_version() {
    let last = advisory(&["+0 =2.0.1"], &[]);
    assert!(is_affected(&last, "2.0.1+cu118"));
    assert!(!is_affected(&last, "2.0.1.post1"));
    let fixed = advisory(&["+0 -2.0.1"], &[]);
    assert!(!is_affected(&fixed, "2.0.1+cu118"));
    let listed = advisory(&[], &["2.0.1", "3.0+cu118"]);
    assert!(is_affected(&listed, "2.0.1+cu118"));
    assert!(is_affected(&listed, "3.0+CU118"));
    assert!(!is_affected(&listed, "3.0"));
    assert!(!is_affected(&listed, "3.0+cpu"));
    let last_local = advisory(&["+0 =2.0.1+b"], &[]);
    assert!(is_affected(&last_local, "2.0.1+a"));
    assert!(!is_affected(&last_local, "2.0.1+c"));
}

#[test]
fn a_version_that_is_none() {
    let mark = |ranges: &[&str]| match advisory(ranges, &["0.7.10p1"]).affects_text("0.7.10p2") {
        Match::Yes(_) => '+',
        Match::Possibly(_) => '?',
        Match::No => '-',
    };
    assert_eq!(
        (mark(&["+0"]), mark(&["+0 -1"]), mark(&[])),
        ('+', '?', '-')
    );
    assert_eq!(
        advisory(&["+0 -1"], &["0.7.10p1"]).affects_text("0.7.10p1"),
        Match::Yes(None)
    );
}

#[test]
fn the_fix_is_the_smallest_that_nothing_contradicts() {
    // Ranges and listed versions, and the fix for each installed version.
    let cases = [
        ("+1.0 -1.5.1 +2.0 -2.3", "", "1.2", "1.5.1"),
        ("+1.0 -1.5.1 +2.0 -2.3", "", "2.1", "2.3"),
        ("+1.0 -1.5.1 +2.0 -2.3", "", "1.9", ""),
        // The fix of one range lies in another.
        ("+0 -1.5, +1.2 -2.0", "", "1.1", "2.0"),
        // One range does not say what fixes it, another does.
        ("+0 =1.4, +0 -1.5", "", "1.3", "1.5"),
        ("+0 =1.4, +0 -1.3", "", "1.2", ""),
        ("+0 -1.5, +0", "", "1.3", ""),
        // The list has what no range has.
        ("+1.0 -1.5", "0.9", "0.9", "1.5"),
        ("+1.0 -1.5", "1.6", "1.6", ""),
        ("+0 -1.5, ?2019-09-12", "", "1.0", ""),
    ];
    for (ranges, listed, installed, expected) in cases {
        let ranges: Vec<_> = ranges.split(", ").collect();
        let listed: Vec<_> = listed.split_whitespace().collect();
        let advisory = advisory(&ranges, &listed);
        let fix = advisory
            .fix_for(&version(installed))
            .map(ToString::to_string);
        assert_eq!(
            fix.unwrap_or_default(),
            expected,
            "{ranges:?} {listed:?} {installed}"
        );
    }
}

#[test]
fn classes_follow_aliases_over_any_number_of_steps() {
    let record = |id: &str, aliases: &[&str]| Advisory {
        id: id.to_owned(),
        aliases: aliases.iter().map(ToString::to_string).collect(),
        ..advisory(&[], &["1"])
    };
    let records = [
        record("A", &["X"]),
        record("B", &["Y"]),
        record("C", &["D"]),
        record("X", &["Z"]),
        record("E", &["Z", "Y"]),
    ];
    let all: Vec<_> = records.iter().collect();
    assert_eq!(classes(&all), [vec![0, 1, 3, 4], vec![2]]);
    assert_eq!(classes(&[]), Vec::<Vec<usize>>::new());
}

#[test]
fn the_worst_rating_says_from_which_record_it_is() {
    let rated = |id: &str, ratings: &[(RatingKind, u8)]| Advisory {
        id: id.to_owned(),
        ratings: ratings
            .iter()
            .map(|(kind, score)| Rating {
                kind: *kind,
                text: String::new(),
                score: Some(*score),
                severity: Severity::of_score(*score),
            })
            .collect(),
        ..advisory(&[], &["1"])
    };
    let records = [
        rated("A", &[(RatingKind::CvssV2, 100), (RatingKind::CvssV4, 63)]),
        rated("B", &[(RatingKind::CvssV3, 91), (RatingKind::CvssV3, 98)]),
        rated("C", &[]),
    ];
    let (severity, rating, of) = worst(&records).unwrap();
    assert_eq!(
        (severity, rating.score, of.id.as_str()),
        (Severity::Critical, Some(98), "B")
    );
    assert!(worst([&records[2], &rated("D", &[(RatingKind::CvssV3, 0)])]).is_none());
}

/// What the specification writes: <https://ossf.github.io/osv-schema/#evaluation>. For versions without a
/// local segment, where we differ.
fn walk(mut events: Vec<Event>, version: &Version) -> bool {
    let is_before = |limit: &Boundary| match limit {
        Boundary::Zero => false,
        Boundary::Version(limit) => version < limit,
        Boundary::Infinity => true,
    };
    let limits: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Limit(limit) => Some(is_before(limit)),
            _ => None,
        })
        .collect();
    if !limits.is_empty() && !limits.contains(&true) {
        return false;
    }
    let here = Boundary::Version(version.clone());
    let key = |event: &Event| match event {
        Event::Fixed(at) => (at.clone(), 0),
        Event::Introduced(at) => (at.clone(), 1),
        Event::LastAffected(at) | Event::Limit(at) => (at.clone(), 2),
    };
    events.sort_by_key(key);
    events.iter().fold(false, |affected, event| match event {
        Event::Introduced(at) if here >= *at => true,
        Event::Fixed(at) if here >= *at => false,
        Event::LastAffected(at) if here > *at => false,
        _ => affected,
    })
}

fn any_boundary() -> impl Strategy<Value = Boundary> {
    prop_oneof![
        1 => Just(Boundary::Zero),
        1 => Just(Boundary::Infinity),
        8 => any_version().prop_map(Boundary::Version),
    ]
}

fn any_version() -> impl Strategy<Value = Version> {
    "(1!)?[0-3](\\.[0-2])?((a|rc)1)?(\\.post1)?(\\.dev1)?".prop_map(|text| version(&text))
}

fn any_events() -> impl Strategy<Value = Vec<Event>> {
    let event = (0..4, any_boundary()).prop_map(|(kind, boundary)| match kind {
        0 => Event::Introduced(boundary),
        1 => Event::Fixed(boundary),
        2 => Event::LastAffected(boundary),
        _ => Event::Limit(boundary),
    });
    proptest::collection::vec(event, 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn intervals_are_what_the_specification_walks(events in any_events(), version in any_version()) {
        let advisory = Advisory {
            affected: vec![Affected::new(vec![Range::of_events(events.clone())], [])],
            ..advisory(&[], &[])
        };
        let is_affected = matches!(advisory.affects(&version), Match::Yes(_));
        prop_assert_eq!(is_affected, walk(events, &version));
    }

    /// A fix is greater, not affected, an end that the record names, and what it ends is affected.
    #[test]
    fn a_fix_is_one(ranges in proptest::collection::vec(any_events(), 1..4), installed in any_version()) {
        let ranges: Vec<_> = ranges.into_iter().map(Range::of_events).collect();
        let advisory = Advisory {
            affected: vec![Affected::new(ranges, ["1.0", "2.1"])],
            ..advisory(&[], &[])
        };
        if let Some(fix) = advisory.fix_for(&installed) {
            prop_assert!(*fix > installed);
            prop_assert_eq!(advisory.affects(fix), Match::No);
            prop_assert!(matches!(advisory.affects(&installed), Match::Yes(_)));
            let mut fixes = advisory.affected.iter().flat_map(Affected::intervals).filter_map(|interval| interval.fixed());
            prop_assert!(fixes.any(|other| other == fix));
        }
    }
}

#[test]
fn a_range_of_requirements_meets_what_is_affected_or_it_does_not() {
    for (ranges, versions, accepted, meets) in [
        (
            &["+0 -2.2.5 +2.3 -2.3.2"][..],
            &[][..],
            ">=2.2.5,<2.3",
            false,
        ),
        (&["+0 -2.2.5 +2.3 -2.3.2"], &[], ">=2.3.2", false),
        (&["+0 -2.2.5 +2.3 -2.3.2"], &[], "", true),
        (&["+1.0 =1.0"], &[], "!=1.0", true),
        (&["+1.0 -2.0"], &[], ">1.5", true),
        (&["+1.0 -2.0"], &[], "<1.0", false),
        (&[], &["1.4"], "~=1.3", true),
        (&[], &["1.4"], ">=1.5", false),
        (&[], &["old"], ">=9", true),
        (&["?x"], &[], ">=9", true),
    ] {
        let accepted = accepted.parse().expect("specifiers");
        let advisory = advisory(ranges, versions);
        assert_eq!(
            advisory.meets(&accepted),
            meets,
            "{ranges:?} {versions:?} {accepted:?}"
        );
    }
}

proptest! {
    /// A version that is accepted and affected is never lost.
    #[test]
    fn what_meets_in_one_version_meets(
        bounds in prop::collection::vec((0_u8..4, 0_u8..6), 1..5),
        clauses in prop::collection::vec((prop::sample::select(vec!["==", "!=", ">=", "<=", ">", "<", "~="]), 0_u8..6), 0..3),
        at in 0_u8..6,
        suffix in prop::sample::select(vec!["", ".1", ".post1", "rc1"]),
    ) {
        let word = |(kind, at): &(u8, u8)| format!("{}{at}.0", ["+", "-", "=", "<"][usize::from(*kind)]);
        let range: Vec<String> = bounds.iter().map(word).collect();
        let clauses: Vec<String> = clauses.iter().map(|(operator, at)| format!("{operator}{at}.0")).collect();
        let accepted: pinproof_core::Specifiers = clauses.join(",").parse().expect("specifiers");
        let advisory = advisory(&[&range.join(" ")], &[]);
        let version = version(&format!("{at}.0{suffix}"));
        let is_accepted = accepted.contains(&version, pinproof_core::specifier::Prereleases::Allow);
        if is_accepted && advisory.affects(&version) != Match::No {
            prop_assert!(advisory.meets(&accepted));
        }
    }
}
