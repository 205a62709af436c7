//! Dependency trees: extras, cycles, environments, and what is not known.

use std::collections::BTreeSet;

use pinproof_core::manifest::{Origin, Scope};

use super::fixtures::{Project, found, name, needs, needs_build};
use crate::Evidence;
use crate::policy::Policy;
use crate::tree::Tree;

fn tree(project: &Project, releases: &[(&str, &str, &[&str])]) -> Tree {
    let mut evidence = Evidence::default();
    for (project, number, requires) in releases {
        needs(&mut evidence, project, number, requires);
    }
    project.file().tree(&evidence).cloned().unwrap()
}

fn missing(tree: &Tree) -> Vec<&str> {
    tree.missing
        .keys()
        .map(pinproof_core::ProjectName::as_str)
        .collect()
}

#[test]
fn a_cycle_is_walked_once() {
    let project = Project::with_inputs("a==1\nb==1\n", "a\n");
    let tree = tree(&project, &[("a", "1", &["b"]), ("b", "1", &["a"])]);
    assert_eq!(tree.is_complete(), Some(true));
    assert_eq!(tree.unneeded, Some(BTreeSet::new()));
}

#[test]
fn an_extra_that_a_dependency_asks_for_is_followed() {
    let project = Project::of("a==1\nb==1\n");
    let tree = tree(
        &project,
        &[
            ("a", "1", &["b[fast]"]),
            ("b", "1", &["c; extra == 'fast'", "d; extra == 'slow'"]),
        ],
    );
    assert_eq!(missing(&tree), ["c"]);
    assert_eq!(tree.missing[&name("c")].project, name("b"));
}

#[test]
fn an_extra_that_asks_for_an_extra_of_its_own_project_is_followed() {
    let project = Project::of("a[all]==1\n");
    let requires: &[&str] = &["a[web]; extra == 'all'", "b; extra == 'web'"];
    assert_eq!(missing(&tree(&project, &[("a", "1", requires)])), ["b"]);
}

/// A compiled lock says `celery`, its input says `celery[redis]`.
#[test]
fn the_extras_of_the_inputs_count() {
    let project = Project::with_inputs("celery==5\n", "celery[redis]\n");
    let requires: &[&str] = &["redis; extra == 'redis'"];
    assert_eq!(
        missing(&tree(&project, &[("celery", "5", requires)])),
        ["redis"]
    );
}

#[test]
fn what_another_platform_needs_is_not_missing_here() {
    let project = Project::of("click==8\n");
    let requires: &[&str] = &["colorama; platform_system == 'Windows'"];
    let tree = tree(&project, &[("click", "8", requires)]);
    assert!(tree.missing.is_empty());
    assert_eq!(
        tree.elsewhere.keys().collect::<Vec<_>>(),
        [&name("colorama")]
    );
    assert_eq!(tree.is_complete(), Some(true));
}

#[test]
fn a_pin_for_another_platform_does_not_fill_a_gap_here() {
    let project = Project::of("click==8\ncolorama==1 ; sys_platform == 'win32'\n");
    let tree = tree(
        &project,
        &[("click", "8", &["colorama"]), ("colorama", "1", &[])],
    );
    assert_eq!(missing(&tree), ["colorama"]);
}

/// A universal lock pins two releases of one project; only one of them is for the target.
#[test]
fn what_the_release_for_another_environment_needs_is_not_missing_here() {
    let project =
        Project::of("numpy==1 ; python_version < '3.9'\nnumpy==2 ; python_version >= '3.9'\n");
    let tree = tree(
        &project,
        &[("numpy", "1", &["legacy"]), ("numpy", "2", &[])],
    );
    assert!(tree.missing.is_empty());
    assert_eq!(tree.elsewhere.keys().collect::<Vec<_>>(), [&name("legacy")]);
}

#[test]
fn an_invalid_dependency_is_said_and_completeness_is_not_claimed() {
    let project = Project::with_inputs("a==1\nb==1\n", "a\n");
    let tree = tree(&project, &[("a", "1", &["b >>> 1"]), ("b", "1", &[])]);
    assert_eq!(tree.invalid, [(name("a"), "b >>> 1".to_owned())]);
    assert_eq!(tree.is_complete(), None);
    assert_eq!(tree.unneeded, None);
}

#[test]
fn a_release_that_only_a_build_could_read_may_need_anything() {
    let project = Project::with_inputs("a==1\nb==1\n", "a\n");
    let mut evidence = Evidence::default();
    needs_build(&mut evidence, "a", "1");
    needs(&mut evidence, "b", "1", &[]);
    let file = project.file();
    let tree = file.tree(&evidence).unwrap();
    assert_eq!(tree.unreadable, BTreeSet::from([name("a")]));
    assert_eq!(tree.is_complete(), None);
    assert_eq!(tree.unneeded, None);
    let verdict = project.decide_file(&evidence, &Policy::default());
    assert_eq!(found(&verdict), ["incomplete-tree"]);
}

#[test]
fn a_leftover_that_could_not_be_read_is_still_a_leftover() {
    let project = Project::with_inputs("a==1\nleftover==1\n", "a\n");
    let mut evidence = Evidence::default();
    needs(&mut evidence, "a", "1", &[]);
    needs_build(&mut evidence, "leftover", "1");
    let file = project.file();
    let unneeded = file.tree(&evidence).unwrap().unneeded.clone();
    assert_eq!(unneeded, Some(BTreeSet::from([name("leftover")])));
}

#[test]
fn a_limit_is_no_input_that_needs_a_pin() {
    let mut project = Project::with_inputs("a==1\nb==1\n", "a\nb<2\n");
    let (_, inputs) = project.inputs.as_mut().unwrap();
    inputs.requirements[1].scope = Scope::Constraint;
    let tree = tree(&project, &[("a", "1", &[]), ("b", "1", &[])]);
    assert_eq!(tree.unneeded, Some(BTreeSet::from([name("b")])));
}

#[test]
fn an_input_without_a_name_may_need_anything() {
    let mut project = Project::with_inputs("a==1\nb==1\n", "a\nx\n");
    let (_, inputs) = project.inputs.as_mut().unwrap();
    inputs.requirements[1].name = None;
    inputs.requirements[1].origin = Origin::Path(".".to_owned());
    let tree = tree(&project, &[("a", "1", &[]), ("b", "1", &[])]);
    assert_eq!(tree.unneeded, None);
}

#[test]
fn a_requirement_without_a_name_leaves_a_gap() {
    let mut project = Project::of("a==1\nb==1\n");
    project.manifest.requirements[1].name = None;
    project.manifest.requirements[1].origin = Origin::Path("./b".to_owned());
    assert_eq!(tree(&project, &[("a", "1", &[])]).is_complete(), None);
}

#[test]
fn a_file_with_a_range_states_no_tree() {
    let project = Project::of("a==1\nb>=1\n");
    assert!(project.file().tree(&Evidence::default()).is_none());
    assert!(Project::of("").file().tree(&Evidence::default()).is_none());
}
