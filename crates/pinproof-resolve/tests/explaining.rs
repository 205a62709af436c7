//! What a person reads where nothing fits.

mod support;

use pinproof_resolve::problem::PrereleaseMode;
use support::{World, constraint, outcome, problem, root};

#[test]
fn show() {
    let p = |w: &World, roots: &[&str]| println!("{}\n", outcome(w, &problem(roots)));
    let w = World::of(&[
        ("flask 2.0", &[]),
        ("flask 3.0", &[]),
        ("flask 3.1.2", &[]),
        ("old-ext 1.0", &["flask<3"]),
        ("old-ext 1.4", &["flask<3"]),
    ]);
    p(&w, &["flask>=3", "old-ext"]);
    p(&w, &["flask>=9"]);
    p(&w, &["nothere"]);
    p(&w, &["flask>=3", "flask<3"]);
    let w = World::of(&[
        ("a 1", &[]),
        ("a 2", &["b>=2"]),
        ("a 3", &["b>=3"]),
        ("b 1", &[]),
        ("b 2", &["d"]),
        ("b 3", &["c<2"]),
        ("c 1", &[]),
        ("c 2", &[]),
    ]);
    p(&w, &["a>=2", "c>=2"]);
    let w = World::of(&[
        ("a 1", &["c<2; extra == 'x'"]),
        ("a 2", &["c<2; extra == 'x'"]),
        ("a 3", &["c<2; extra == 'x'"]),
        ("c 1", &[]),
        ("c 2", &[]),
    ]);
    p(&w, &["a[x]", "c>=2"]);
    p(&w, &["a[x]>=2", "a<2"]);
    let w = World::of(&[
        ("x 2.9", &[]),
        ("x 3.0", &[]),
        ("x 3.1", &[]),
        ("x 3.2", &[]),
        ("y 1", &["x>=3"]),
    ])
    .barred("x 3.2", "younger than 7 days, until 2026-12-01")
    .barred("x 3.1", "younger than 7 days, until 2026-11-29")
    .yanked("x 3.0");
    p(&w, &["y"]);
    let w = World::of(&[("x 2.9", &[]), ("x 3.0", &[]), ("x 3.1", &[])])
        .unreadable("x 3.0", "its metadata would need a build")
        .unreadable("x 3.1", "its metadata would need a build");
    p(&w, &["x>=3"]);
    let w = World::of(&[("x 2.9", &[]), ("x 3.0rc1", &[]), ("y 1", &["x>2.9"])]);
    let mut q = problem(&["y"]);
    q.prereleases = PrereleaseMode::IfNecessaryOrNamed;
    println!("{}\n", outcome(&w, &q));
    let mut q = problem(&["y"]);
    q.constraints.push(constraint("x<2.9"));
    println!("{}\n", outcome(&w, &q));
    q.overrides.push(root("x>5"));
    println!("{}\n", outcome(&w, &q));
    let w = World::of(&[
        ("a 1", &["b==1", "c"]),
        ("b 1", &["d>=2"]),
        ("b 2", &[]),
        ("c 1", &["d<2"]),
        ("c 2", &["e"]),
        ("e 1", &["d<1"]),
        ("d 0.9", &[]),
        ("d 1", &[]),
        ("d 2", &[]),
    ]);
    p(&w, &["a"]);
    let mut w = World::default();
    for n in 1..40 {
        w.add(&format!("a {n}"), &[&format!("b=={n}")]);
        w.add(&format!("b {n}"), &[&format!("c=={n}")]);
        w.add(&format!("c {n}"), &[]);
    }
    p(&w, &["a", "c==99"]);
    p(&w, &["a>3", "c==2"]);
}
