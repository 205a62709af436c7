//! What is chosen.

mod support;

use pinproof_resolve::problem::PrereleaseMode::{Allow, Disallow, IfNecessary, IfNecessaryOrNamed};
use pinproof_resolve::problem::Strategy;
use pinproof_resolve::{Failure, solve};
use support::{World, constraint, name, outcome, problem, root, version};

#[test]
fn takes_the_highest_that_fits() {
    let world = World::of(&[
        ("a 1.0", &[]),
        ("a 2.0", &["b<2"]),
        ("a 3.0", &["b>=3"]),
        ("b 1.0", &[]),
        ("b 2.0", &[]),
    ]);
    assert_eq!(outcome(&world, &problem(&["a"])), "a 2.0, b 1.0");
    assert_eq!(outcome(&world, &problem(&["a", "b>=2"])), "a 1.0, b 2.0");
    let mut lowest = problem(&["a"]);
    lowest.strategy = Strategy::Lowest;
    assert_eq!(outcome(&world, &lowest), "a 1.0");
}

#[test]
fn extras_bring_their_requirements() {
    let world = World::of(&[
        ("a 1.0", &["b; extra == 'x'", "c; extra == 'y'"]),
        (
            "a 2.0",
            &[
                "b>1; extra == 'x'",
                "c; extra == 'y'",
                "a[x,y]; extra == 'all'",
            ],
        ),
        ("b 1.0", &[]),
        ("c 1.0", &[]),
    ]);
    assert_eq!(outcome(&world, &problem(&["a"])), "a 2.0");
    assert_eq!(outcome(&world, &problem(&["a[x]"])), "a[x] 1.0, b 1.0");
    assert_eq!(outcome(&world, &problem(&["a[Y]"])), "a[y] 2.0, c 1.0");
    let mut world = world;
    world.add("b 2.0", &["a[all]"]);
    assert_eq!(
        outcome(&world, &problem(&["a[all]"])),
        "a[all,x,y] 2.0, b 2.0, c 1.0"
    );
}

#[test]
fn an_extra_that_is_not_there_is_told() {
    let world = World::of(&[("a 1.0", &[]), ("b 1.0", &["a[fast]"])]);
    let solution = solve(&problem(&["b"]), &mut world.clone()).unwrap();
    let unknown: Vec<_> = solution.unknown_extras.into_iter().collect();
    assert_eq!(unknown, [(name("a"), "fast".parse().unwrap())]);
    assert_eq!(solution.chosen[&name("a")].extras.len(), 1);
}

#[test]
fn tells_who_asks() {
    let world = World::of(&[
        ("a 1", &["b"]),
        ("b 1", &["c", "b[z]", "a; extra == 'z'"]),
        ("c 1", &[]),
    ]);
    let mut problem = problem(&["a", "c"]);
    problem.roots[1].label = "dev.in".to_owned();
    let chosen = solve(&problem, &mut world.clone()).unwrap().chosen;
    let who = |project: &str| {
        let chosen = &chosen[&name(project)];
        let needed_by = chosen.needed_by.iter().map(|name| name.as_str().to_owned());
        needed_by
            .chain(chosen.roots.iter().cloned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(who("a"), "b requirements.in");
    assert_eq!(who("b"), "a");
    assert_eq!(who("c"), "b dev.in");
}

#[test]
fn markers_are_those_of_the_environment() {
    let world = World::of(&[
        (
            "a 1",
            &["b; sys_platform == 'win32'", "c; python_version >= '3.12'"],
        ),
        ("b 1", &[]),
        ("c 1", &[]),
    ]);
    assert_eq!(outcome(&world, &problem(&["a"])), "a 1, c 1");
    assert_eq!(
        outcome(&world, &problem(&["b", "a; os_name == 'nt'"])),
        "b 1"
    );
}

#[test]
fn prereleases_are_for_where_nothing_else_fits() {
    let world = World::of(&[
        ("a 1.0", &[]),
        ("a 2.0rc1", &[]),
        ("b 1.0a1", &[]),
        ("b 1.0.dev3", &[]),
    ]);
    let with = |mode, roots: &[&str]| {
        let mut problem = problem(roots);
        problem.prereleases = mode;
        solve(&problem, &mut world.clone()).map_or("none".to_owned(), |found| support::pins(&found))
    };
    let expectations = [
        (IfNecessary, "a", "a 1.0"),
        (IfNecessary, "a>1.0", "a 2.0rc1"),
        (IfNecessary, "a>=1.0a1", "a 1.0"),
        (IfNecessary, "b", "b 1.0a1"),
        (IfNecessaryOrNamed, "a", "a 1.0"),
        (IfNecessaryOrNamed, "a>1.0", "none"),
        (IfNecessaryOrNamed, "a>=1.0a1", "a 2.0rc1"),
        (IfNecessaryOrNamed, "a!=1.0a1", "a 1.0"),
        (IfNecessaryOrNamed, "b", "b 1.0a1"),
        (Allow, "a", "a 2.0rc1"),
        (Disallow, "a", "a 1.0"),
        (Disallow, "a>1.0", "none"),
        (Disallow, "a==2.0rc1", "none"),
        (Disallow, "b", "none"),
    ];
    for (mode, root, expected) in expectations {
        assert_eq!(with(mode, &[root]), expected, "{mode:?} {root}");
    }
}

#[test]
fn a_withdrawn_version_is_only_for_who_names_it() {
    let world = World::of(&[("a 1.0", &[]), ("a 2.0", &[]), ("b 1", &["a==2.0"])]).yanked("a 2.0");
    assert_eq!(outcome(&world, &problem(&["a"])), "a 1.0");
    assert_eq!(outcome(&world, &problem(&["a==2.0"])), "a 2.0");
    assert_eq!(outcome(&world, &problem(&["b", "a==2.0"])), "a 2.0, b 1");
    let mut local = world.clone();
    local.add("a 2.0+cpu", &[]);
    let local = local.yanked("a 2.0+cpu");
    assert_eq!(outcome(&local, &problem(&["a==2.0"])), "a 2.0");
    assert!(solve(&problem(&["a>=2"]), &mut world.clone()).is_err());
    assert!(solve(&problem(&["b"]), &mut world.clone()).is_err());
    let mut constrained = problem(&["b"]);
    constrained.constraints.push(constraint("a==2.0"));
    assert_eq!(outcome(&world, &constrained), "a 2.0, b 1");
    let mut preferred = problem(&["b"]);
    preferred.preferences.insert(name("a"), version("2.0"));
    assert_eq!(outcome(&world, &preferred), "a 2.0, b 1");
}

#[test]
fn local_versions_are_versions_of_their_public_one() {
    let world = World::of(&[
        ("a 1.0", &[]),
        ("a 1.0+cpu", &[]),
        ("a 1.1+gpu", &[]),
        ("a 1.2.post1", &[]),
    ]);
    for (root, expected) in [
        ("a==1.0", "a 1.0+cpu"),
        ("a==1.1", "a 1.1+gpu"),
        ("a===1.0", "a 1.0"),
        ("a<=1.1", "a 1.1+gpu"),
        ("a<1.1", "a 1.0+cpu"),
        ("a>1.1", "a 1.2.post1"),
        ("a~=1.0", "a 1.2.post1"),
    ] {
        assert_eq!(outcome(&world, &problem(&[root])), expected, "{root}");
    }
    assert!(solve(&problem(&["a>1.2"]), &mut world.clone()).is_err());
    assert!(solve(&problem(&["a===1.1"]), &mut world.clone()).is_err());
}

#[test]
fn what_is_barred_is_never_chosen_and_what_is_poor_is_chosen_last() {
    let world = World::of(&[("a 1", &[]), ("a 2", &[]), ("a 3", &[]), ("a 4rc1", &[])])
        .barred("a 3", "younger than 7 days")
        .poor("a 2");
    assert_eq!(outcome(&world, &problem(&["a"])), "a 1");
    assert_eq!(outcome(&world, &problem(&["a>1"])), "a 2");
    assert_eq!(outcome(&world, &problem(&["a>2"])), "a 4rc1");
    assert!(solve(&problem(&["a==3"]), &mut world.clone()).is_err());
}

#[test]
fn a_preference_counts_unless_it_is_poor_or_does_not_fit() {
    let world = World::of(&[("a 1", &[]), ("a 2", &[]), ("a 3", &[])]).poor("a 2");
    for (preferred, root, expected) in [
        ("1", "a", "a 1"),
        ("1", "a>1", "a 3"),
        ("2", "a", "a 3"),
        ("2", "a<3", "a 1"),
        ("9", "a", "a 3"),
    ] {
        let mut problem = problem(&[root]);
        problem.preferences.insert(name("a"), version(preferred));
        assert_eq!(outcome(&world, &problem), expected, "{preferred} {root}");
    }
}

#[test]
fn constraints_limit_and_do_not_ask() {
    let world = World::of(&[("a 1", &[]), ("b 1", &[]), ("b 2", &[]), ("c 1", &["b"])]);
    let mut problem = problem(&["a"]);
    problem.constraints.push(constraint("b<2"));
    problem
        .constraints
        .push(constraint("b<1; sys_platform == 'win32'"));
    assert_eq!(outcome(&world, &problem), "a 1");
    problem.roots.push(root("c"));
    assert_eq!(outcome(&world, &problem), "a 1, b 1, c 1");
}

#[test]
fn overrides_take_the_place_of_requirements() {
    let world = World::of(&[
        ("a 1", &["b<2", "d; sys_platform == 'win32'"]),
        ("b 1", &[]),
        ("b 2", &["e; extra == 'x'"]),
        ("d 1", &[]),
        ("e 1", &[]),
    ]);
    let solved = |roots: &[&str], overrides: &[&str]| {
        let mut problem = problem(roots);
        problem.overrides = overrides.iter().map(|text| root(text)).collect();
        outcome(&world, &problem)
    };
    assert_eq!(solved(&["a"], &["b>=2"]), "a 1, b 2");
    assert_eq!(solved(&["a", "b==1"], &["b[x]"]), "a 1, b[x] 2, e 1");
    assert_eq!(solved(&["a"], &["b>=2; sys_platform == 'win32'"]), "a 1");
    // What is not needed here stays so.
    assert_eq!(solved(&["a"], &["d==1", "e==1"]), "a 1, b 1");
}

#[test]
fn excludes_leave_out() {
    let world = World::of(&[("a 1", &["b", "missing"]), ("b 1", &[])]);
    let mut problem = problem(&["a", "b"]);
    problem.excludes.extend([name("b"), name("missing")]);
    assert_eq!(outcome(&world, &problem), "a 1");
}

#[test]
fn an_address_counts_where_a_root_names_it() {
    let url = "https://files.example/a-1.0-py3-none-any.whl";
    let world = World::of(&[
        ("a 1.0rc1", &[]),
        ("b 1", &[]),
        ("b 2", &[&format!("a @ {url}")]),
    ]);
    assert_eq!(outcome(&world, &problem(&["b"])), "b 1");
    let named = problem(&["b", &format!("a @ {url}")]);
    assert_eq!(outcome(&world, &named), "a 1.0rc1, b 2");
    let with_hash = problem(&["b", &format!("a @ {url}#sha256=ab")]);
    assert_eq!(outcome(&world, &with_hash), "a 1.0rc1, b 2");
    let other = problem(&["b", "a @ https://elsewhere.example/a-1.0-py3-none-any.whl"]);
    assert_eq!(outcome(&world, &other), "a 1.0rc1, b 1");
    let both = problem(&[&format!("a @ {url}"), "a @ https://elsewhere.example/a.whl"]);
    assert!(matches!(
        solve(&both, &mut world.clone()),
        Err(Failure::Conflict(_))
    ));
}

#[test]
fn what_cannot_be_read_is_not_chosen() {
    let world = World::of(&[("a 1", &[]), ("a 2", &["a<2"]), ("a 3", &[])])
        .unreadable("a 3", "its metadata needs a build");
    assert_eq!(outcome(&world, &problem(&["a"])), "a 1");
}

#[test]
fn a_question_without_an_answer_ends_the_search() {
    let mut world = World::of(&[("a 1", &[]), ("a 2", &["silent"])]);
    world.silent = Some(name("silent"));
    let failure = solve(&problem(&["a"]), &mut world).unwrap_err();
    assert!(matches!(failure, Failure::Unanswered(_)), "{failure}");
    assert_eq!(failure.to_string(), "the index of `silent` did not answer");
}

#[test]
fn asks_no_more_than_it_needs() {
    let mut world = World::of(&[
        ("a 1", &[]),
        ("a 2", &["b", "c[x]"]),
        ("b 1", &[]),
        ("c 1", &[]),
        ("c 2", &["d; extra == 'x'"]),
        ("d 1", &[]),
    ]);
    solve(&problem(&["a"]), &mut world).unwrap();
    let expected = [
        "foresee a",
        "versions a",
        "standing a 2",
        "needs a 2",
        "foresee b c",
        "versions b",
        "versions c",
        "standing b 1",
        "needs b 1",
        "standing c 2",
        "needs c 2",
        "foresee d",
        "versions d",
        "standing d 1",
        "needs d 1",
    ];
    assert_eq!(world.asked, expected);
}

#[test]
fn an_extra_follows_its_project_without_asking_about_other_versions() {
    let mut world = World::default();
    for number in 1..50 {
        world.add(&format!("a {number}"), &["b; extra == 'x'"]);
    }
    world.add("b 1", &[]);
    world.add("c 1", &["a<=3"]);
    world.add("c 2", &["a<=3"]);
    solve(&problem(&["a[x]", "c"]), &mut world).unwrap();
    let about_a = world.asked.iter().filter(|asked| asked.contains("needs a"));
    assert_eq!(
        about_a.cloned().collect::<Vec<_>>(),
        ["needs a 49", "needs a 3"]
    );
}

#[test]
fn what_is_in_many_conflicts_is_decided_before_what_is_at_fault() {
    let mut world = World::of(&[("a 1", &[]), ("a 2", &[]), ("b 1", &[]), ("c 1", &[])]);
    for number in 2..12 {
        world.add(&format!("b {number}"), &["a==1"]);
        world.add(&format!("inner {number}"), &["a==1"]);
    }
    world.add("inner 1", &[]);
    world.add("outer 1", &["inner"]);
    assert_eq!(outcome(&world, &problem(&["a", "b"])), "a 1, b 11");
    let indirect = outcome(&world, &problem(&["a", "outer"]));
    assert_eq!(indirect, "a 1, inner 11, outer 1");
    // The search began again, and asked nobody twice.
    solve(&problem(&["a", "outer"]), &mut world).unwrap();
    let questions = world
        .asked
        .iter()
        .collect::<std::collections::BTreeSet<_>>();
    assert_eq!(questions.len(), world.asked.len(), "{:?}", world.asked);
}
