//! Metadata that was made to cost much, or to break something.

mod support;

use std::sync::Arc;

use pinproof_core::requirement::Pep508;
use pinproof_core::{Printable, ProjectName, Version};
use pinproof_resolve::provider::{
    Dependencies, ListedVersion, Needs, Standing, Unanswered, Versions,
};
use pinproof_resolve::{Failure, Limits, Provider, TooMuch, solve, solve_within};
use support::{World, outcome, problem, version};

/// A world that is made up while it is asked.
struct Invented<F>(u32, F);

impl<F: FnMut(&ProjectName, &Version) -> Vec<Pep508>> Provider for Invented<F> {
    fn versions(&mut self, _: &ProjectName) -> Result<Versions, Unanswered> {
        let listed = (1..=self.0).map(|number| ListedVersion {
            version: version(&number.to_string()),
            yanked: false,
        });
        Ok(Versions::Known(listed.collect()))
    }

    fn standing(&mut self, _: &ProjectName, _: &Version) -> Result<Standing, Unanswered> {
        Ok(Standing::Good)
    }

    fn dependencies(
        &mut self,
        project: &ProjectName,
        version: &Version,
    ) -> Result<Dependencies, Unanswered> {
        let requires = (self.1)(project, version);
        let extras = Vec::new();
        Ok(Dependencies::Known(Arc::new(Needs { requires, extras })))
    }

    fn foresee(&mut self, _: &[ProjectName]) {}
}

fn needs(text: &str) -> Vec<Pep508> {
    vec![text.parse().expect("a requirement")]
}

#[test]
fn an_endless_chain_of_projects_ends_at_the_limit() {
    let mut count = 0;
    let mut endless = Invented(1, move |_: &ProjectName, _: &Version| {
        count += 1;
        needs(&format!("p{count}"))
    });
    let limits = Limits {
        projects: 500,
        ..Limits::default()
    };
    let failure = solve_within(&problem(&["p0"]), &mut endless, &limits).unwrap_err();
    assert_eq!(
        failure.to_string(),
        "the requirements lead to more than 500 projects; the last one is `p500`"
    );
}

#[test]
fn an_endless_chain_of_extras_ends_at_the_limit() {
    let mut count = 0;
    let mut endless = Invented(1, move |_: &ProjectName, _: &Version| {
        count += 1;
        (0..300)
            .flat_map(|at| needs(&format!("p{count}[x{at}]")))
            .collect()
    });
    let limits = Limits {
        extras: 1_000,
        ..Limits::default()
    };
    let failure = solve_within(&problem(&["p0"]), &mut endless, &limits).unwrap_err();
    assert!(
        matches!(
            failure,
            Failure::TooMuch(TooMuch::Extras { limit: 1_000, .. })
        ),
        "{failure}"
    );
}

#[test]
fn a_search_without_end_ends_at_the_limit() {
    // Each project has many versions, and each of them needs another of the next one.
    let mut wide = Invented(60, |project: &ProjectName, version: &Version| {
        let number: u32 = project.as_str()[1..].parse().expect("a number");
        let version: u32 = version.to_string().parse().expect("a number");
        let next = number + 1;
        let other = (number + 2) % 9;
        if number >= 8 {
            return needs(&format!("p{other}!={version}"));
        }
        let below = version * 7 % 60;
        let mut both = needs(&format!("p{next}<{below}"));
        both.extend(needs(&format!("p{other}>{below}")));
        both
    });
    let limits = Limits {
        steps: 2_000,
        ..Limits::default()
    };
    match solve_within(&problem(&["p0", "p4", "p8"]), &mut wide, &limits) {
        Err(Failure::TooMuch(TooMuch::Steps(2_000)) | Failure::Conflict(_)) => {}
        other => panic!("{other:?}"),
    }
    let limits = Limits {
        steps: 3,
        ..Limits::default()
    };
    let failure = solve_within(&problem(&["p0", "p4", "p8"]), &mut wide, &limits).unwrap_err();
    assert_eq!(
        failure.to_string(),
        "the search for versions that fit together took more than 3 steps"
    );
}

#[test]
fn a_search_among_ever_more_releases_ends_at_the_limit() {
    let mut many = Invented(
        600,
        |project: &ProjectName, version: &Version| match project.as_str() {
            "a" => needs(&format!("b=={version}")),
            "b" => needs(&format!("c=={version}")),
            _ => needs("d>600"),
        },
    );
    let limits = Limits {
        effort: 10_000,
        ..Limits::default()
    };
    let failure = solve_within(&problem(&["a"]), &mut many, &limits).unwrap_err();
    assert!(
        matches!(failure, Failure::TooMuch(TooMuch::Effort(10_000))),
        "{failure}"
    );
}

#[test]
fn too_many_requirements_are_refused() {
    let mut many = Invented(1, |_: &ProjectName, _: &Version| {
        (0..50).flat_map(|at| needs(&format!("p{at}"))).collect()
    });
    let limits = Limits {
        requirements_per_release: 49,
        ..Limits::default()
    };
    let failure = solve_within(&problem(&["a"]), &mut many, &limits).unwrap_err();
    assert_eq!(failure.to_string(), "`a 1` has more than 49 requirements");
    let limits = Limits {
        requirements: 1_000,
        ..Limits::default()
    };
    let failure = solve_within(&problem(&["a"]), &mut many, &limits).unwrap_err();
    let expected = "the releases that were looked at have more than 1000 requirements";
    assert_eq!(failure.to_string(), expected);
}

#[test]
fn comparisons_of_versions_are_bounded() {
    let mut many = Invented(1_000, |_: &ProjectName, _: &Version| {
        needs(&format!("b{}", ">=1,".repeat(1_000)))
    });
    let limits = Limits {
        comparisons: 100_000,
        ..Limits::default()
    };
    let failure = solve_within(&problem(&["a"]), &mut many, &limits).unwrap_err();
    let expected = "the requirements would take more than 100000 comparisons of versions";
    assert_eq!(failure.to_string(), expected);
}

#[test]
fn two_thousand_requirements_are_no_matter() {
    let mut many = Invented(3, |project: &ProjectName, _: &Version| {
        match project.as_str() {
            "a" => (0..2_000)
                .flat_map(|at| needs(&format!("p{at}>1")))
                .collect(),
            _ => needs("a"),
        }
    });
    let solution = solve(&problem(&["a"]), &mut many).expect("a solution");
    assert_eq!(solution.chosen.len(), 2_001);
}

#[test]
fn ten_thousand_versions_that_all_fail_are_no_matter() {
    let mut many = Invented(10_000, |project: &ProjectName, _: &Version| {
        match project.as_str() {
            "a" => needs("b>20000"),
            _ => Vec::new(),
        }
    });
    let failure = solve(&problem(&["a"]), &mut many).unwrap_err();
    let told = failure.to_string();
    let expected = "no versions fit together\n  \
        requirements.in asks for `a`\n  \
        every version of `a` needs `b>20000`\n  \
        no version of `b` fits `b>20000`; there are 1 to 10000";
    assert_eq!(told, expected);
}

#[test]
fn a_proof_as_long_as_the_search_is_told_and_dropped() {
    // Each version fails for a reason of its own, so no two steps of the proof are alike.
    let mut many = Invented(
        600,
        |project: &ProjectName, version: &Version| match project.as_str() {
            "a" => needs(&format!("b=={version}")),
            "b" => needs(&format!("c=={version}")),
            "c" => needs("d>4000"),
            _ => Vec::new(),
        },
    );
    let failure = solve(&problem(&["a"]), &mut many).unwrap_err();
    let Failure::Conflict(conflict) = failure else {
        panic!("{failure}");
    };
    assert!(conflict.to_string().len() < 1_000, "{conflict}");
    let last = conflict.sentences.last().map(Printable::as_str);
    assert_eq!(
        last,
        Some("no version of `d` fits `d>4000`; there are 1 to 600")
    );
}

#[test]
fn circles_are_no_matter() {
    let world = World::of(&[
        ("a 1", &["b[x]", "a"]),
        (
            "b 1",
            &[
                "c",
                "b[y]; extra == 'x'",
                "b[x]; extra == 'y'",
                "b; extra == 'x'",
            ],
        ),
        ("c 1", &["a>=1", "b<2"]),
    ]);
    assert_eq!(outcome(&world, &problem(&["a"])), "a 1, b[x,y] 1, c 1");
}

#[test]
fn a_list_without_versions_is_like_no_project() {
    let mut empty = Invented(0, |_: &ProjectName, _: &Version| Vec::new());
    let failure = solve(&problem(&["a"]), &mut empty).unwrap_err();
    assert_eq!(
        failure.to_string(),
        "no versions fit together\n  requirements.in asks for `a`\n  `a` has no versions"
    );
}
