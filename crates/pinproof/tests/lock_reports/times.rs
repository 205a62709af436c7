//! A lock as of a time knows what was there at that time, whatever the policy lets in.

use super::support::{Index, NOW, Release};
use super::{lock, project};

#[test]
fn what_was_published_later_is_not_chosen() {
    let sandbox = project("web\n");
    sandbox.write("pinproof.toml", "preset = \"observe\"\n");
    let later = Release::new("web", "2.0").uploaded("2026-11-01T00:00:01Z");
    let world = Index::with(&[
        Release::new("web", "1.0"),
        Release::new("web", "1.1").uploaded(NOW),
        later,
    ]);
    lock(&sandbox, &world, &[]).ends_with(0);
    assert!(sandbox.read("requirements.txt").contains("\nweb==1.1 "));
}

#[test]
fn a_file_that_was_added_later_has_no_hash() {
    let sandbox = project("web\n");
    sandbox.write("pinproof.toml", "preset = \"observe\"\n");
    let early = Release::new("web", "1.0");
    let late = Release::new("web", "1.0")
        .tag("cp312-cp312-manylinux_2_17_x86_64")
        .uploaded("2026-11-02T00:00:00Z");
    let world = Index::with(&[early.clone(), late.clone()]);
    lock(&sandbox, &world, &[]).ends_with(0);
    let locked = sandbox.read("requirements.txt");
    assert!(locked.contains(&early.sha256()), "{locked}");
    assert!(!locked.contains(&late.sha256()), "{locked}");
}
