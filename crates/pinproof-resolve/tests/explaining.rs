//! What a person reads where nothing fits; each text is the whole of it.

mod support;

use pinproof_core::Printable;
use pinproof_resolve::conflict::Hint;
use pinproof_resolve::problem::PrereleaseMode;
use pinproof_resolve::{Conflict, Failure, Problem, solve};
use support::{World, constraint, name, problem, root, version};

fn conflict(world: &World, problem: &Problem) -> Conflict {
    match solve(problem, &mut world.clone()) {
        Err(Failure::Conflict(conflict)) => *conflict,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn assert_told(world: &World, problem: &Problem, expected: &[&str]) {
    let told = conflict(world, problem).to_string();
    let told: Vec<&str> = told.lines().map(str::trim_start).collect();
    assert_eq!(told[0], "no versions fit together");
    assert_eq!(&told[1..], expected, "\n{}", told.join("\n"));
}

fn flask() -> World {
    World::of(&[
        ("flask 2.0", &[]),
        ("flask 3.0", &[]),
        ("flask 3.1.2", &[]),
        ("old-ext 1.0", &["flask<3"]),
        ("old-ext 1.4", &["flask<3"]),
    ])
}

#[test]
fn a_root_against_what_a_project_needs() {
    let problem = problem(&["flask>=3", "old-ext"]);
    assert_told(
        &flask(),
        &problem,
        &[
            "requirements.in asks for `flask>=3` and `old-ext`",
            "every version of `old-ext` needs `flask<3`",
            "no version of `flask` fits `flask>=3` and `flask<3`",
            "help: if `old-ext` works with it, override `flask<3` by `flask>=3`",
        ],
    );
    let conflict = conflict(&flask(), &problem);
    let chains: Vec<String> = conflict
        .chains
        .iter()
        .map(|chain| {
            let steps: Vec<&str> = chain.iter().map(Printable::as_str).collect();
            steps.join(" → ")
        })
        .collect();
    let expected = [
        "requirements.in → flask>=3",
        "requirements.in → old-ext 1.0 and 1.4 → flask<3",
    ];
    assert_eq!(chains, expected);
}

#[test]
fn one_requirement_that_nothing_meets() {
    assert_told(
        &flask(),
        &problem(&["flask>=9"]),
        &[
            "requirements.in asks for `flask>=9`",
            "no version of `flask` fits `flask>=9`; there are 2.0 to 3.1.2",
        ],
    );
}

#[test]
fn two_roots() {
    let mut problem = problem(&["flask>=3", "flask~=2.0"]);
    problem.roots[1].label = "dev.in".to_owned();
    assert_told(
        &flask(),
        &problem,
        &[
            "dev.in asks for `flask~=2.0`",
            "requirements.in asks for `flask>=3`",
            "no version of `flask` fits `flask~=2.0` and `flask>=3`",
        ],
    );
}

#[test]
fn a_project_that_does_not_exist() {
    let world = World::of(&[("a 1", &["typo"]), ("a 2", &["typo>=2"])]);
    assert_told(
        &world,
        &problem(&["a"]),
        &[
            "requirements.in asks for `a`",
            "`a` 2 needs `typo>=2`",
            "`a` 1 needs `typo`",
            "there is no `typo`: it is not on PyPI",
        ],
    );
}

#[test]
fn several_ways_that_all_end() {
    let world = World::of(&[
        ("a 1", &[]),
        ("a 2", &["b>=2"]),
        ("a 3", &["b>=3"]),
        ("b 1", &[]),
        ("b 2", &["d"]),
        ("b 3", &["c<2"]),
        ("c 1", &[]),
        ("c 2", &[]),
    ]);
    assert_told(
        &world,
        &problem(&["a>=2", "c>=2"]),
        &[
            "requirements.in asks for `a>=2` and `c>=2`",
            "`a` 3 needs `b>=3`",
            "`a` 2 needs `b>=2`",
            "`b` 3 needs `c<2`",
            "`b` 2 needs `d`",
            "no version of `c` fits `c>=2` and `c<2`",
            "there is no `d`: it is not on PyPI",
            "help: if `b` works with it, override `c<2` by `c>=2`",
        ],
    );
}

#[test]
fn an_extra_is_told_as_its_project() {
    let needs: &[&str] = &["c<2; extra == 'x'"];
    let world = World::of(&[
        ("a 1", needs),
        ("a 2", needs),
        ("a 3", needs),
        ("b 1", &["a<=2"]),
        ("c 1", &[]),
        ("c 2", &[]),
    ]);
    assert_told(
        &world,
        &problem(&["a[x]", "c>=2"]),
        &[
            "requirements.in asks for `a[x]` and `c>=2`",
            "every version of `a[x]` needs `c<2`",
            "no version of `c` fits `c>=2` and `c<2`",
            "help: if `a` works with it, override `c<2` by `c>=2`",
        ],
    );
    assert_told(
        &world,
        &problem(&["a[x]>=3", "b"]),
        &[
            "requirements.in asks for `a[x]>=3` and `b`",
            "`b` 1 needs `a<=2`",
            "no version of `a` fits `a[x]>=3` and `a<=2`",
            "help: if `b` works with it, override `a<=2` by `a[x]>=3`",
        ],
    );
}

#[test]
fn versions_that_are_left_out() {
    let world = World::of(&[
        ("x 2.9", &[]),
        ("x 3.0", &[]),
        ("x 3.1", &[]),
        ("x 3.2", &[]),
        ("x 3.3", &[]),
        ("y 1", &["x>=3"]),
    ])
    .unreadable("x 3.3", "what it needs is only known to its build")
    .barred("x 3.2", "younger than 7 days, until 2026-12-01")
    .barred("x 3.1", "it needs Python >=3.13")
    .yanked("x 3.0");
    let problem = problem(&["y"]);
    assert_told(
        &world,
        &problem,
        &[
            "requirements.in asks for `y`",
            "`y` 1 needs `x>=3`",
            "no version of `x` fits `x>=3`: 3.3 is left out: what it needs is only known to its build; \
             3.2 is left out: younger than 7 days, until 2026-12-01; \
             3.1 is left out: it needs Python >=3.13; \
             3.0 is left out: it was withdrawn by its authors",
            "help: pin `x==3.0` if you want it although it was withdrawn",
        ],
    );
    let conflict = conflict(&world, &problem);
    let left_out = conflict
        .left_out
        .iter()
        .map(|left| left.version.to_string());
    assert_eq!(left_out.collect::<Vec<_>>(), ["3.3", "3.2", "3.1", "3.0"]);
    let hint = Hint::Yanked {
        project: name("x"),
        version: version("3.0"),
    };
    assert_eq!(conflict.hints, [hint]);
}

#[test]
fn alike_reasons_are_told_once() {
    let mut world = World::of(&[("x 1", &[])]);
    for number in 2..9 {
        world.add(&format!("x {number}"), &[]);
        world = world.barred(&format!("x {number}"), "it needs Python >=3.13");
    }
    assert_told(
        &world,
        &problem(&["x>=2"]),
        &[
            "requirements.in asks for `x>=2`",
            "no version of `x` fits `x>=2`: 2 to 8 are left out: it needs Python >=3.13",
        ],
    );
}

#[test]
fn prereleases_that_would_fit() {
    let world = World::of(&[("x 2.9", &[]), ("x 3.0rc1", &[]), ("y 1", &["x>2.9"])]);
    let mut problem = problem(&["y"]);
    problem.prereleases = PrereleaseMode::IfNecessaryOrNamed;
    assert_told(
        &world,
        &problem,
        &[
            "requirements.in asks for `y`",
            "`y` 1 needs `x>2.9`",
            "no version of `x` fits `x>2.9`: 3.0rc1 is left out: it is a pre-release",
            "help: allow pre-releases, or name one (`x>=3.0rc1`): 3.0rc1 would fit",
        ],
    );
    problem.prereleases = PrereleaseMode::Disallow;
    let told = conflict(&world, &problem).to_string();
    assert!(
        told.ends_with("help: allow pre-releases: 3.0rc1 would fit"),
        "{told}"
    );
}

#[test]
fn constraints_and_overrides_have_their_place() {
    let world = World::of(&[("x 2", &[]), ("x 3", &[]), ("y 1", &["x>=3"])]);
    let mut limited = problem(&["y"]);
    limited.constraints.push(constraint("x<3"));
    assert_told(
        &world,
        &limited,
        &[
            "requirements.in asks for `y`",
            "constraints.txt allows only `x<3`",
            "`y` 1 needs `x>=3`",
            "no version of `x` fits `x<3` and `x>=3`",
        ],
    );
    limited.overrides.push(root("x>5"));
    limited.overrides[0].label = "overrides.txt".to_owned();
    limited.constraints.clear();
    assert_told(
        &world,
        &limited,
        &[
            "requirements.in asks for `y`",
            "`y` 1 needs `x`, for which the override `x>5` (overrides.txt) counts",
            "no version of `x` fits `x>5`; there are 2 and 3",
        ],
    );
    limited.roots = vec![root("x")];
    assert_told(
        &world,
        &limited,
        &[
            "the override `x>5` (overrides.txt) takes the place of requirements on `x`",
            "no version of `x` fits `x>5`; there are 2 and 3",
        ],
    );
}

#[test]
fn alternatives_of_a_project_are_not_added_up() {
    let world = World::of(&[
        ("a 1", &["d<2"]),
        ("a 2", &["d>3"]),
        ("b 1", &["a"]),
        ("d 1", &[]),
        ("d 2", &[]),
        ("d 4", &[]),
    ]);
    assert_told(
        &world,
        &problem(&["b", "d==2"]),
        &[
            "requirements.in asks for `b` and `d==2`",
            "`b` 1 needs `a`",
            "`a` 2 needs `d>3`",
            "`a` 1 needs `d<2`",
            "no version of `d` fits `d==2` and one of `d>3` or `d<2`",
            "help: if `a` works with it, override `d>3` by `d==2`",
        ],
    );
}

#[test]
fn many_versions_are_told_in_one_sentence() {
    let mut world = World::default();
    for number in 1..40 {
        world.add(&format!("a {number}"), &[&format!("b=={number}")]);
        world.add(&format!("b {number}"), &[&format!("c=={number}")]);
        world.add(&format!("c {number}"), &[]);
    }
    assert_told(
        &world,
        &problem(&["a>3", "c==2"]),
        &[
            "requirements.in asks for `a>3` and `c==2`",
            "`a` 4 to 39 need one of `b==39`, `b==38`, `b==37`, `b==36` or 32 more",
            "`b` 4 to 39 need one of `c==39`, `c==38`, `c==37`, `c==36` or 32 more",
            "no version of `c` fits `c==2` and one of `c==39`, `c==38`, `c==37`, `c==36` or 32 more",
        ],
    );
}

#[test]
fn an_explanation_is_bounded_and_says_so() {
    let mut world = World::default();
    for number in 0..300 {
        let next = format!("p{}", number + 1);
        world.add(&format!("p{number} 1"), &[&next]);
    }
    let conflict = conflict(&world, &problem(&["p0"]));
    assert_eq!(conflict.sentences.len(), 20);
    assert_eq!(conflict.untold, 282);
    let last = conflict.sentences.last().map(Printable::as_str);
    assert_eq!(last, Some("there is no `p300`: it is not on PyPI"));
    assert!(conflict.to_string().len() < 2_000);
}

#[test]
fn text_from_outside_is_escaped() {
    let world = World::of(&[("x 1", &[])]).barred("x 1", "\u{202e}evil\u{1b}[2J");
    let mut problem = problem(&["x"]);
    problem.roots[0].label = "a\u{1b}b".to_owned();
    let told = conflict(&world, &problem).to_string();
    assert!(
        !told.contains('\u{1b}') && !told.contains('\u{202e}'),
        "{told}"
    );
    assert!(told.contains("a\\u{1b}b asks for `x`"), "{told}");
}

#[test]
fn a_project_that_needs_another_version_of_itself() {
    let world = World::of(&[("a 1", &["a==2"]), ("a 2", &["a==1"])]);
    assert_told(
        &world,
        &problem(&["a"]),
        &[
            "requirements.in asks for `a`",
            "no version of `a` can be chosen: 2 is left out: it needs `a==1`, another version of itself; \
             1 is left out: it needs `a==2`, another version of itself",
        ],
    );
}

#[test]
fn an_extra_that_cannot_be_had() {
    let address = "c @ https://files.example/c-1-py3-none-any.whl ; extra == 'x'";
    let world = World::of(&[
        ("a 1", &[address]),
        ("a 2", &[address]),
        ("b 1", &["a[x]>=2"]),
    ]);
    assert_told(
        &world,
        &problem(&["b"]),
        &[
            "requirements.in asks for `b`",
            "`b` 1 needs `a[x]>=2`",
            "`a[x]` 2 is left out: it needs `c @ https://files.example/c-1-py3-none-any.whl`, and no \
             requirement of yours names that address",
            "no choice of versions is all of this at once",
        ],
    );
}
