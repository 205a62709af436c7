//! Environments of conda: what they hand to pip, and what is nobody's to judge.

use insta::assert_snapshot;

use crate::support::{Index, Sandbox};
use crate::{flask, shown};

#[test]
fn a_found_environment() {
    let index = Index::with(&flask());
    let sandbox = Sandbox::new();
    sandbox.write(
        "environment.yaml",
        "name: shop\ndependencies:\n  - python=3.11\n  - numpy\n  - pip:\n      - flask==3.1.2\n      - click>=8\n      - |\n        attrs\n",
    );
    assert_snapshot!(shown(&sandbox.check(&index, &[]), Some(&index)), @"
    exit 1
    environment.yaml: not a lock file: only part of it is pinned, for what it leaves to pip
      2 requirements, 1 pinned, 0 hashed
      2 conda packages (not judged)

    error[unpinned-requirement]: `click>=8` allows more than one version
     --> environment.yaml:7:14
      |
    7 |       - click>=8
      |              ^^^ not pinned
      |
      = help: pin it to one version with `==`

    error[unhashed-requirement]: `flask` is pinned, but has no hash
     --> environment.yaml:6:14
      |
    6 |       - flask==3.1.2
      |              ^^^^^^^ no hash
      |
      = help: write `--hash=sha256:…` behind it, or leave `-r` and a lock with hashes to pip

    error[not-understood]: environment.yaml:9:9: a line for pip that YAML folds or escapes is not read
      = help: write it on one line, as it stands in a requirements file

    FAILED  2 denied, 0 warned, 0 ignored, 1 unanswered
    `pinproof explain unpinned-requirement` says more
    judged 2 of 3 from environment.yaml sha256:404d1dfbbbb9…; 1 question unanswered
    ");
}

#[test]
fn an_environment_that_leaves_a_lock_to_pip() {
    let index = Index::with(&flask());
    let sandbox = Sandbox::with_requirements(&crate::locked());
    let environment = "dependencies: [python=3.11, pip, { pip: [-r requirements.txt] }]\n";
    sandbox.write("environment.yml", environment);
    assert_snapshot!(shown(&sandbox.check(&index, &[]), Some(&index)), @"
    exit 0
    environment.yml: a lock file, for what it leaves to pip
      3 requirements, 3 pinned, 3 hashed, complete for Python 3.14 on linux-x86_64
      on other platforms it would also need colorama
      2 conda packages (not judged)
    requirements.txt: part of environment.yml, and judged with it

    CLEAN  0 denied, 0 warned, 0 ignored, 0 unanswered
    judged 3 of 3 from requirements.txt sha256:49a568f637ca…; 0 questions unanswered
    ");
}

#[test]
fn an_environment_of_conda_alone() {
    let sandbox = Sandbox::new();
    sandbox.write("environment.yml", "dependencies:\n  - numpy\n");
    assert_snapshot!(shown(&sandbox.run(&["check", "--offline"]), None), @"
    exit 2
    environment.yml: nothing in it is for pip
      1 conda package (not judged)

    COULD NOT RUN  0 denied, 0 warned, 0 ignored, 0 unanswered
    nothing to judge: no requirement was found
    judged 0 of 0 requirements; 0 questions unanswered
    ");
}

#[test]
fn no_yaml() {
    let sandbox = Sandbox::new();
    sandbox.write("environment.yml", "dependencies:\n\t- numpy\n");
    let args = ["check", "--offline", "environment.yml"];
    assert_snapshot!(shown(&sandbox.run(&args), None), @"
    exit 2
    error: environment.yml:2:2: tabs disallowed within this context (block indentation)

    COULD NOT RUN  0 denied, 0 warned, 0 ignored, 0 unanswered
    nothing to judge: no requirement was found
    judged 0 of 0 requirements; 0 questions unanswered
    ");
}
