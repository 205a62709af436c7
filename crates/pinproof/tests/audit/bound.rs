//! Names that are bound to an index: the public records are about other projects of the same names.

use crate::world::{audit, build, flask, project, record};

const BOUND: &str = "[[index]]\nname = \"corp\"\nonly = [\"flask\"]\n";

/// Nobody publishes advisories for that index: it is said, and no failure.
#[test]
fn without_a_source_for_the_index_it_is_a_warning_and_in_strict_a_denial() {
    let sandbox = project();
    build(&sandbox, "osv", &[flask()]);
    sandbox.write("pinproof.toml", BOUND);
    let ran = audit(&sandbox, &["--db", "osv.db"]);
    ran.ends_with(0).never_says("PYSEC-2026-7");
    assert!(ran.last_line().contains("1 of 2"), "{}", ran.all());
    sandbox.write("pinproof.toml", format!("preset = \"strict\"\n{BOUND}"));
    let ran = audit(&sandbox, &["--db", "osv.db"]);
    ran.ends_with(1).says("has no source of advisories");
}

#[test]
fn an_index_with_an_address_is_no_source_of_advisories_either() {
    let sandbox = project();
    build(&sandbox, "osv", &[flask()]);
    let address = "url = \"https://corp.example/simple/\"\n";
    sandbox.write("pinproof.toml", format!("{BOUND}{address}"));
    let ran = audit(&sandbox, &["--db", "osv.db"]);
    ran.ends_with(0)
        .says("warning: index `corp` has no source of advisories; not known: known-malware, vulnerable-release");
    ran.never_says("PYSEC-2026-7");
    // Nobody may read it as "known to be fine".
    ran.never_says("CLEAN").says(
        "PASSED  0 denied, 0 warned, 0 ignored, 0 unanswered; the flaws of 1 requirement are not known",
    );
    sandbox.write(
        "pinproof.toml",
        format!("preset = \"strict\"\n{BOUND}{address}"),
    );
    audit(&sandbox, &["--db", "osv.db"])
        .ends_with(1)
        .says("error: index `corp` has no source of advisories");
}

/// The names of the default index are the public ones.
#[test]
fn the_default_index_has_public_names() {
    let sandbox = project();
    build(&sandbox, "osv", &[flask()]);
    let default =
        "[[index]]\nname = \"mirror\"\ndefault = true\nurl = \"https://mirror.example/simple/\"\n";
    sandbox.write("pinproof.toml", default);
    audit(&sandbox, &["--db", "osv.db"])
        .ends_with(1)
        .says("PYSEC-2026-7");
}

#[test]
fn a_source_for_the_index_speaks_of_its_names_and_the_public_one_does_not() {
    let sandbox = project();
    build(&sandbox, "osv", &[flask()]);
    build(&sandbox, "corp", &[record("ACME-1", "flask", "3.0")]);
    let source = "[[advisories]]\nname = \"corp\"\npath = \"corp.db\"\nindexes = [\"corp\"]\n";
    sandbox.write("pinproof.toml", format!("{BOUND}{source}"));
    let ran = audit(&sandbox, &["--db", "osv.db"]);
    ran.ends_with(1).says("`flask` 2.2.2 is affected by ACME-1");
    ran.never_says("PYSEC-2026-7");
}
