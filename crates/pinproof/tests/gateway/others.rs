//! Poetry and PDM, configured as their users would.

use std::path::Path;

use crate::clients::said;
use crate::gateway::Gateway;
use crate::shelf::{File, Shelf};
use crate::support::{Ran, Sandbox, environment};

fn started(sandbox: &Sandbox) -> (Shelf, Gateway) {
    let young = File::wheel("demo", "2.0").uploaded("2026-10-30T00:00:00Z");
    let shelf = Shelf::with(&[File::wheel("demo", "1.0"), young]);
    let gateway = Gateway::before(sandbox, &shelf.url());
    (shelf, gateway)
}

fn project(sandbox: &Sandbox, needs: &str, source: &str) {
    sandbox.write(
        "pyproject.toml",
        format!(
            "[project]\nname = \"app\"\nversion = \"1\"\nrequires-python = \">=3.9,<4\"\ndependencies = [\"{needs}\"]\n{source}"
        ),
    );
}

fn run(sandbox: &Sandbox, program: &Path, args: &[&str]) -> Ran {
    sandbox.run_program(
        program,
        args,
        &[("CI", "true"), ("PDM_CHECK_UPDATE", "false")],
    )
}

#[test]
fn poetry_locks_what_is_admitted_and_says_why_not_the_rest() {
    let Some(poetry) = environment("poetry", &["poetry==2.5.1"]) else {
        return;
    };
    let (sandbox, poetry) = (Sandbox::new(), poetry.join("poetry"));
    let (_shelf, gateway) = started(&sandbox);
    let source = format!(
        "[tool.poetry]\npackage-mode = false\n[[tool.poetry.source]]\nname = \"gate\"\nurl = \"{}\"\npriority = \"primary\"\n",
        gateway.simple()
    );
    let lock = ["lock", "--no-interaction"];
    project(&sandbox, "demo", &source);
    run(&sandbox, &poetry, &lock).ends_with(0);
    let locked = sandbox.read("poetry.lock");
    assert!(locked.contains("demo-1.0-py3-none-any.whl"), "{locked}");
    assert!(!locked.contains("2.0-py3"), "{locked}");
    project(&sandbox, "demo==2.0", &source);
    let ran = run(&sandbox, &poetry, &lock);
    assert_ne!(ran.code, 0, "{}", ran.all());
    let why = "`demo` 2.0 is 2 days old, younger than the cooldown of 7 days [recent-release]";
    assert!(said(&ran).contains(why), "{}", ran.all());
}

#[test]
fn pdm_locks_what_is_admitted() {
    let Some(pdm) = environment("pdm", &["pdm[locked]==2.24.2"]) else {
        return;
    };
    let (sandbox, pdm) = (Sandbox::new(), pdm.join("pdm"));
    let (_shelf, gateway) = started(&sandbox);
    let source = format!(
        "[[tool.pdm.source]]\nname = \"pypi\"\nurl = \"{}\"\n",
        gateway.simple()
    );
    project(&sandbox, "demo", &source);
    run(&sandbox, &pdm, &["lock"]).ends_with(0);
    let locked = sandbox.read("pdm.lock");
    assert!(locked.contains("demo-1.0-py3-none-any.whl"), "{locked}");
    project(&sandbox, "demo==2.0", &source);
    let ran = run(&sandbox, &pdm, &["lock"]);
    assert_ne!(ran.code, 0, "{}", ran.all());
    // PDM takes the rule in brackets for markup of its own.
    let why = "`demo` 2.0 is 2 days old, younger than the cooldown of 7 days";
    assert!(said(&ran).contains(why), "{}", ran.all());
}
