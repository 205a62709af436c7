//! Names that resemble others: what is said of which, and what the age of a project changes.

use pinproof_core::evidence::{Answer, Openness};
use pinproof_core::{Admission, Level, Printable, Verdict};

use super::fixtures::{
    INDEX, Project, asked, bound, file, name, page, preset, time, unavailable, wheel_page, world,
};
use crate::Evidence;
use crate::lookalike::{How, Target, Tier, popular, rank, resembled};
use crate::policy::{Policy, Preset};

/// What the rule says of a project that was first uploaded at that time.
fn judged(project: &str, uploaded: &str, policy: &Policy) -> Verdict {
    let mut wheel = file(
        &format!("{}-1.0-py3-none-any.whl", project.replace('-', "_")),
        "ab",
    );
    wheel.uploaded_at = Some(time(uploaded));
    let evidence = world(vec![page(project, &[("1.0", vec![wheel])])]);
    Project::of(&format!("{project}==1.0 # ab\n")).decide_first(&evidence, policy)
}

/// Its level for the rule, and whether it refuses.
fn level(verdict: &Verdict) -> Option<(Level, bool)> {
    let mut findings = verdict.findings.iter();
    let finding = findings.find(|finding| finding.rule == "lookalike-name")?;
    Some((finding.level, finding.refuses))
}

const YESTERDAY: &str = "2026-10-31T00:00:00Z";
const LONG_AGO: &str = "2020-01-01T00:00:00Z";

#[test]
fn only_a_strong_resemblance_of_a_new_project_is_denied() {
    let policy = Policy::default();
    let said = |project, uploaded| level(&judged(project, uploaded, &policy));
    assert_eq!(said("reqeusts", YESTERDAY), Some((Level::Deny, true)));
    assert_eq!(said("reqeusts", LONG_AGO), Some((Level::Warn, false)));
    assert_eq!(
        said("install-pytest", YESTERDAY),
        Some((Level::Warn, false))
    );
    assert_eq!(said("install-pytest", LONG_AGO), None);
    assert_eq!(said("requests", YESTERDAY), None);
    // Popular itself, and far below the one that it resembles.
    assert_eq!(said("tdqm", YESTERDAY), Some((Level::Warn, false)));
    assert_eq!(said("tdqm", LONG_AGO), None);
}

#[test]
fn a_project_stops_being_new_at_a_known_time() {
    let verdict = judged("reqeusts", YESTERDAY, &Policy::default());
    assert_eq!(
        verdict.next_change_at,
        Some(time("2026-11-07T00:00:00Z")),
        "the cooldown is over first"
    );
    let edge =
        |uploaded| level(&judged("reqeusts", uploaded, &Policy::default())).map(|(level, _)| level);
    assert_eq!(edge("2026-08-03T00:00:00Z"), Some(Level::Warn));
    assert_eq!(edge("2026-08-03T00:00:01Z"), Some(Level::Deny));
}

#[test]
fn the_finding_says_which_name_how_it_differs_and_how_old_the_project_is() {
    let verdict = judged("reqeusts", YESTERDAY, &Policy::default());
    let finding = verdict
        .findings
        .iter()
        .find(|finding| finding.rule == "lookalike-name")
        .unwrap();
    assert_eq!(
        finding.message.as_str(),
        "`reqeusts` is easily mistaken for `requests`, and it is new"
    );
    let notes: Vec<&str> = finding.notes.iter().map(Printable::as_str).collect();
    assert_eq!(
        notes,
        [
            "`u` and `e` are swapped; `requests` is number 6 of the most downloaded projects of PyPI",
            "`reqeusts` was first uploaded 1 day ago, 2026-10-31T00:00:00Z; it is not among the 15,000 most \
             downloaded projects of PyPI",
        ]
    );
    assert_eq!(finding.help[0].as_str(), "did you mean `requests`?");
}

#[test]
fn a_name_that_does_not_exist_is_asked_about_by_unknown_project_only() {
    let mut evidence = Evidence::default();
    evidence.add_project(INDEX.to_owned(), name("reqeusts"), Answer::Absent);
    let verdict = Project::of("reqeusts==1.0 # ab\n").decide_first(&evidence, &Policy::default());
    assert_eq!(verdict.findings.len(), 1);
    assert_eq!(verdict.findings[0].rule, "unknown-project");
    assert_eq!(
        verdict.findings[0].help[0].as_str(),
        "did you mean `requests`?"
    );
    assert!(!asked(&verdict).contains(&"lookalike-name"));
}

#[test]
fn without_an_age_a_strong_resemblance_is_an_open_question() {
    let open = |project: &str, answer| {
        let mut evidence = Evidence::default();
        evidence.add_project(INDEX.to_owned(), name(project), answer);
        let verdict = Project::of(&format!("{project}==1.0 # ab\n"))
            .decide_first(&evidence, &Policy::default());
        let question = verdict
            .questions
            .iter()
            .find(|question| question.rule == "lookalike-name");
        let question = question.map(|question| (question.openness, question.level));
        (level(&verdict), question, verdict.admission)
    };
    let warned = Some((Level::Warn, false));
    let down = open("reqeusts", unavailable());
    assert_eq!(
        down,
        (
            warned,
            Some((Openness::Unavailable, Level::Deny)),
            Admission::Undecided
        )
    );
    let mut timeless = wheel_page("reqeusts", "1.0", "ab");
    timeless.publishes.upload_times = false;
    for file in timeless
        .files
        .values_mut()
        .flat_map(|release| &mut release.files)
    {
        file.uploaded_at = None;
    }
    let mut summaries = timeless.releases.to_vec();
    for release in &mut summaries {
        release.first_upload = None;
    }
    timeless.releases = summaries.into();
    let silent = open("reqeusts", Answer::Known(std::sync::Arc::new(timeless)));
    assert_eq!(
        (silent.0, silent.1),
        (warned, Some((Openness::Unsupported, Level::Warn)))
    );
    // A weak resemblance would be a warning at most.
    assert_eq!(
        (
            open("install-pytest", unavailable()).0,
            open("install-pytest", unavailable()).1
        ),
        (warned, None)
    );
}

#[test]
fn presets_and_exceptions_count() {
    let strict = judged("reqeusts", LONG_AGO, &preset(Preset::Strict));
    assert_eq!(level(&strict), Some((Level::Deny, true)));
    let observe = judged("reqeusts", YESTERDAY, &preset(Preset::Observe));
    assert_eq!(level(&observe), Some((Level::Warn, false)));
}

#[test]
fn a_bound_name_resembles_nothing_and_is_resembled() {
    let policy = Policy {
        indexes: vec![bound(
            "corp",
            None,
            &["acme-billing", "requestz", "widgets-*"],
        )],
        ..Policy::default()
    };
    let found = |text: &str| {
        resembled(&name(text), &policy).map(|found| (found.target, found.how, found.tier))
    };
    for own in ["acme-billing", "requestz", "widgets-core", "widgets"] {
        assert_eq!(found(own), None, "{own}");
    }
    let corp = |name: &str| Target::Bound {
        name: name.to_owned(),
        index: "corp".to_owned(),
    };
    assert_eq!(
        found("acme-biling"),
        Some((corp("acme-billing"), How::Omitted('l'), Tier::High))
    );
    assert_eq!(
        found("acmebilling"),
        Some((corp("acme-billing"), How::Separators, Tier::High))
    );
    assert_eq!(found("widgte-core"), None);
    assert_eq!(
        found("wigdets-core"),
        Some((corp("widgets-"), How::Swapped('d', 'g'), Tier::Medium))
    );
    assert_eq!(
        found("widgetscore"),
        Some((corp("widgets-"), How::Separators, Tier::Medium))
    );
    // Everything may be bound, to a mirror; then every name would be one's own.
    let mirror = Policy {
        indexes: vec![bound("mirror", None, &["*"])],
        ..Policy::default()
    };
    assert!(resembled(&name("reqeusts"), &mirror).is_some());
}

#[test]
fn each_kind_of_difference_is_told_by_its_name() {
    let found = |text: &str| {
        let found = resembled(&name(text), &Policy::default())?;
        let target = match found.target {
            Target::Project { project, .. } => project.name,
            Target::Module(module) => module,
            Target::Bound { .. } => "bound",
        };
        Some((target, found.how.to_string()))
    };
    let cases = [
        ("urlIib3", "urllib3", "it has characters that look alike"),
        ("nurnpy", "numpy", "it has characters that look alike"),
        ("scikitlearn", "scikit-learn", "only the separators differ"),
        ("reqeusts", "requests", "`u` and `e` are swapped"),
        ("reqests", "requests", "a `u` is missing"),
        ("requessts", "requests", "a `s` is doubled"),
        ("requesrts", "requests", "it has one more `r`"),
        ("requezts", "requests", "`z` stands for `s`"),
        ("panda-s", "pandas", "only the separators differ"),
        ("request", "requests", "only an `s` at the end differs"),
        ("mitmproxy2", "mitmproxy", "only a number differs"),
        ("beautifulsoop", "beautifulsoup4", "`o` stands for `u`"),
        (
            "oauthlib-requests",
            "requests-oauthlib",
            "it has the same words in another order",
        ),
        (
            "python-flask",
            "flask",
            "only a word such as `python` differs",
        ),
        (
            "pythonkafka",
            "kafka-python",
            "only a word such as `python` differs",
        ),
        ("fast-httpx", "httpx", "only `fast` is added"),
        ("cv2", "opencv-python", "it is the same word"),
        ("openvc", "opencv-python", "`c` and `v` are swapped"),
        ("subprocess", "subprocess", "it is the same word"),
    ];
    for (text, target, how) in cases {
        assert_eq!(found(text), Some((target, how.to_owned())), "{text}");
    }
    for honest in [
        "requests",
        "flask",
        "cu12",
        "a",
        "widgets-ledger",
        "zope-interface",
        &"x".repeat(10_000),
    ] {
        assert_eq!(found(honest), None, "{honest}");
    }
}

#[test]
fn the_lists_are_as_the_code_needs_them() {
    assert_eq!(popular().count(), 14_985);
    let spellings: Vec<Vec<u8>> = popular()
        .map(|project| crate::lookalike::spelling(project.name))
        .collect();
    assert!(spellings.is_sorted());
    assert_eq!(rank(&name("boto3")), Some(1));
    for line in include_str!("../../data/other-names.txt").lines() {
        let (other, project) = line.split_once(' ').unwrap();
        assert!(rank(&name(project)).is_some(), "{project}");
        assert_eq!(name(other).as_str(), other);
    }
    for module in include_str!("../../data/python-modules.txt").lines() {
        assert_eq!(name(module).as_str(), module);
    }
}
