//! Files that came late, and files that do not fit.

use pinproof_core::{Admission, FileFacts, Platform};

use super::fixtures::{Project, file, found, page, python, time, world};
use crate::policy::Policy;

fn uploaded(filename: &str, pair: &str, day: &str) -> FileFacts {
    FileFacts {
        uploaded_at: Some(time(&format!("{day}T00:00:00Z"))),
        ..file(filename, pair)
    }
}

/// What is said of a release with an old file and a late one, both accepted.
fn late(old: &str, new: &str, day: &str) -> (Vec<&'static str>, Admission) {
    let files = vec![uploaded(old, "ab", "2026-01-01"), uploaded(new, "cd", day)];
    let evidence = world(vec![page("m", &[("1.0", files)])]);
    let verdict = Project::of("m==1.0 # ab cd\n").decide_first(&evidence, &Policy::default());
    let rules = found(&verdict)
        .into_iter()
        .filter(|rule| *rule == "late-file");
    (rules.collect(), verdict.admission)
}

const CP313: &str = "m-1.0-cp313-cp313-manylinux_2_17_x86_64.whl";
const CP314: &str = "m-1.0-cp314-cp314-manylinux_2_17_x86_64.whl";
const REBUILD: &str = "m-1.0-1-cp314-cp314-manylinux_2_17_x86_64.manylinux2014_x86_64.whl";
const PURE: &str = "m-1.0-py3-none-any.whl";
const SDIST: &str = "m-1.0.tar.gz";

#[test]
fn a_late_file_is_refused_while_it_is_young() {
    let (rules, admission) = late(CP313, CP314, "2026-10-30");
    assert_eq!((rules.len(), admission), (1, Admission::Refused));
    let (rules, _) = late(CP313, CP314, "2026-01-15");
    assert!(rules.is_empty(), "14 days are not late");
}

#[test]
fn a_settled_file_is_shown_if_it_takes_the_place_of_an_older_one() {
    let is_shown = |old, new| !late(old, new, "2026-06-01").0.is_empty();
    assert!(is_shown(CP314, REBUILD), "the same tags");
    assert!(is_shown(PURE, CP314), "the older one served everybody");
    assert!(is_shown(CP313, PURE), "the new one serves everybody");
    assert!(is_shown(PURE, SDIST), "a source distribution");
    assert!(!is_shown(CP313, CP314), "a wheel for another Python");
    assert!(!is_shown(SDIST, CP314), "the first wheel for its Python");
    assert_eq!(late(CP314, REBUILD, "2026-06-01").1, Admission::Admitted);
}

#[test]
fn each_late_file_has_a_fingerprint_of_its_own() {
    let files = vec![
        uploaded(CP313, "ab", "2026-01-01"),
        uploaded(CP314, "cd", "2026-10-30"),
        uploaded(PURE, "ef", "2026-10-30"),
    ];
    let evidence = world(vec![page("m", &[("1.0", files)])]);
    let verdict = Project::of("m==1.0 # ab cd ef\n").decide_first(&evidence, &Policy::default());
    assert_eq!(found(&verdict), ["late-file", "late-file"]);
    assert_ne!(
        verdict.findings[0].fingerprint(),
        verdict.findings[1].fingerprint()
    );
    assert_eq!(verdict.next_change_at, Some(time("2026-11-06T00:00:00Z")));
}

fn build_notes(files: Vec<FileFacts>, change: impl FnOnce(&mut Project)) -> Option<Vec<String>> {
    let evidence = world(vec![page("m", &[("1.0", files)])]);
    let mut project = Project::of("m==1.0\n");
    change(&mut project);
    let verdict = project.decide_first(&evidence, &Policy::default());
    let finding = verdict
        .findings
        .iter()
        .find(|finding| finding.rule == "build-required")?;
    Some(finding.notes.iter().map(ToString::to_string).collect())
}

#[test]
fn the_wheels_that_exist_are_named() {
    let files = vec![
        file("m-1.0-cp313-cp313-win_amd64.whl", "ab"),
        file("m-1.0-cp314-cp314-macosx_11_0_arm64.whl", "cd"),
        file(SDIST, "ef"),
    ];
    let notes = build_notes(files, |_| {}).unwrap();
    assert_eq!(
        notes,
        [
            "its wheels are for cp313, cp314 on Windows, macOS",
            "an installer builds `m-1.0.tar.gz`"
        ]
    );
}

#[test]
fn a_wheel_for_the_stated_environment_is_enough() {
    assert_eq!(
        build_notes(vec![file(CP314, "ab"), file(SDIST, "cd")], |_| {}),
        None
    );
    let on_alpine = |project: &mut Project| {
        project.target = pinproof_core::Environment::of_target(python(3, 14), Platform::MuslX86_64);
    };
    assert!(build_notes(vec![file(CP314, "ab"), file(SDIST, "cd")], on_alpine).is_some());
}

#[test]
fn a_file_for_another_python_does_not_fit() {
    let with = |required: &str| {
        let pure = FileFacts {
            requires_python: Some(required.to_owned()),
            ..file(PURE, "ab")
        };
        build_notes(vec![pure], |_| {}).is_none()
    };
    assert!(with(">=3.9"));
    assert!(with(">=3.14.2"), "a later patch release of the same Python");
    assert!(!with("<3.14"));
    assert!(with("not a specifier"), "installers take it as none");
}

#[test]
fn a_requirement_for_another_environment_is_left_alone() {
    let evidence = world(vec![page("m", &[("1.0", vec![file(SDIST, "ab")])])]);
    let project = Project::of("m==1.0 ; sys_platform == 'win32' # ab\n");
    let verdict = project.decide_first(&evidence, &Policy::default());
    assert!(found(&verdict).is_empty());
}
