//! Exceptions: what they cover, and what they do not.

use jiff::civil::date;
use pinproof_core::verdict::IgnoreRef;
use pinproof_core::{Admission, Place, Printable, Span};

use super::fixtures::{
    INDEX, Project, asked, file, found, name, page, time, unavailable, wheel_page, world,
};
use crate::ignore::Ignore;
use crate::policy::Policy;
use crate::{Evidence, find_rule};

fn ignore(rule: &str, matching: Option<(&str, &str)>) -> Ignore {
    Ignore {
        id: None,
        justification: None,
        rule: find_rule(rule).unwrap().name,
        project: matching.map(|(project, versions)| (name(project), versions.parse().unwrap())),
        file: None,
        reason: Printable::new("see #812"),
        owner: None,
        until: None,
        place: Place {
            origin: Printable::new("pinproof.toml"),
            span: Some(Span::new(0, 10)),
            label: Printable::default(),
        },
    }
}

fn policy(ignore: Ignore) -> Policy {
    Policy {
        ignores: vec![ignore],
        ..Policy::default()
    }
}

fn young() -> Evidence {
    let mut wheel = file("flask-3.1.2-py3-none-any.whl", "ab");
    wheel.uploaded_at = Some(time("2026-10-30T00:00:00Z"));
    world(vec![page("flask", &[("3.1.2", vec![wheel])])])
}

fn pinned() -> Project {
    Project::of("flask==3.1.2 # ab\n")
}

#[test]
fn an_ignored_finding_neither_counts_nor_refuses() {
    let verdict = pinned().decide_first(&young(), &policy(ignore("recent-release", None)));
    assert!(verdict.findings.is_empty());
    assert_eq!(verdict.ignored.len(), 1);
    assert_eq!(verdict.ignored[0].exception.by, IgnoreRef::Configured(0));
    assert_eq!(verdict.admission, Admission::Admitted);
}

#[test]
fn an_exception_covers_its_project_and_versions_only() {
    let is_covered = |matching| {
        let policy = policy(ignore("recent-release", Some(matching)));
        pinned().decide_first(&young(), &policy).findings.is_empty()
    };
    assert!(is_covered(("flask", "")));
    assert!(is_covered(("flask", "==3.1.2")));
    assert!(is_covered(("flask", "<4")));
    assert!(!is_covered(("flask", "<3.1.2")));
    assert!(!is_covered(("werkzeug", "")));
}

#[test]
fn an_exception_for_another_file_or_rule_covers_nothing() {
    let mut elsewhere = ignore("recent-release", None);
    elsewhere.file = Some("other.txt".to_owned());
    assert_eq!(
        found(&pinned().decide_first(&young(), &policy(elsewhere))),
        ["recent-release"]
    );
    let other_rule = policy(ignore("yanked-release", None));
    assert_eq!(
        found(&pinned().decide_first(&young(), &other_rule)),
        ["recent-release"]
    );
}

/// A verdict that rests on an exception is to be asked again when the exception ends.
#[test]
fn an_exception_ends_after_its_last_day() {
    let mut dated = ignore("recent-release", None);
    dated.until = Some(date(2026, 11, 1));
    let verdict = pinned().decide_first(&young(), &policy(dated.clone()));
    assert!(verdict.findings.is_empty());
    assert_eq!(verdict.next_change_at, Some(time("2026-11-02T00:00:00Z")));
    dated.until = Some(date(2026, 10, 31));
    let verdict = pinned().decide_first(&young(), &policy(dated));
    assert_eq!(found(&verdict), ["recent-release"]);
    assert_eq!(verdict.admission, Admission::Refused);
}

#[test]
fn an_exception_covers_an_open_question_too() {
    let mut down = Evidence::default();
    down.add_project(INDEX.to_owned(), name("flask"), unavailable());
    let all = pinned().decide_first(&down, &Policy::default());
    let covered = pinned().decide_first(&down, &policy(ignore("quarantined-project", None)));
    assert_eq!(covered.questions.len(), all.questions.len() - 1);
    let by = covered
        .ignored_questions
        .iter()
        .map(|one| one.exception.by.clone());
    assert_eq!(by.collect::<Vec<_>>(), [IgnoreRef::Configured(0)]);
    // Which versions a question is about nobody knows.
    let narrow = policy(ignore("quarantined-project", Some(("flask", "<3"))));
    assert_eq!(
        pinned().decide_first(&down, &narrow).questions.len(),
        all.questions.len()
    );
}

#[test]
fn a_comment_covers_its_own_line_only() {
    let mut project = Project::of("flask==3.1.2\nclick==8.3.0\n");
    project.ignore_inline(0, "unhashed-requirement", "see #812");
    let pages = vec![
        wheel_page("flask", "3.1.2", "ab"),
        wheel_page("click", "8.3.0", "cd"),
    ];
    let evidence = world(pages);
    let policy = Policy::default();
    assert!(project.decide_first(&evidence, &policy).findings.is_empty());
    let second = crate::Subject::Requirement(&project.requirements()[1]);
    let verdict = crate::decide(&second, &evidence, &policy, super::fixtures::now());
    assert_eq!(found(&verdict), ["unhashed-requirement"]);
}

#[test]
fn a_comment_without_a_reason_covers_nothing() {
    let mut project = Project::of("flask==3.1.2\n");
    project.ignore_inline(0, "unhashed-requirement", "  ");
    let evidence = world(vec![wheel_page("flask", "3.1.2", "ab")]);
    let verdict = project.decide_first(&evidence, &Policy::default());
    assert_eq!(found(&verdict), ["unhashed-requirement"]);
}

/// Spans are places in one file: the comment of a file says nothing about the same bytes of another.
#[test]
fn a_comment_covers_nothing_in_another_file() {
    let mut including = Project::of("flask==3.1.2 # ab\nclick\n");
    including.ignore_inline(0, "unpinned-requirement", "see #812");
    let mut included = Project::of("werkzeug>3.1\n");
    included.source =
        pinproof_core::SourceFile::new("more.txt", String::new(), "werkzeug>3.1\n".to_owned());
    let mut subject = including.file();
    subject.requirements.extend(included.requirements());
    let subject = crate::Subject::File(&subject);
    let now = super::fixtures::now();
    let verdict = crate::decide(&subject, &Evidence::default(), &Policy::default(), now);
    assert_eq!(
        found(&verdict),
        ["unpinned-requirement", "unpinned-requirement"]
    );
    assert!(verdict.ignored.is_empty());
}

/// The comment at the first line is no exception for the file as a whole.
#[test]
fn a_comment_covers_no_question_about_another_release() {
    let mut project = Project::of("flask==3.1.2 # ab\nclick==8.3.0 # cd\n");
    project.ignore_inline(0, "incomplete-tree", "see #812");
    let verdict = project.decide_file(&Evidence::default(), &Policy::default());
    let projects: Vec<_> = verdict
        .questions
        .iter()
        .filter_map(|q| q.project.clone())
        .collect();
    assert_eq!(asked(&verdict), ["incomplete-tree"]);
    assert_eq!(projects, [name("click")]);
}
