//! Nothing to judge, files that cannot be read, and lines that are not understood.

use insta::assert_snapshot;

use crate::support::{Index, Sandbox};
use crate::{check, flask, locked, shown};

#[test]
fn nothing_there() {
    let sandbox = Sandbox::new();
    assert_snapshot!(shown(&sandbox.run(&["check"]), None), @r"
    exit 2
    COULD NOT RUN  0 denied, 0 warned, 0 ignored, 0 unanswered
    nothing to judge: no requirement was found
    looked for: *requirements*.txt and .in, requirements/*.txt and .in, constraints*.txt, pyproject.toml, environment.yml, and the locks of all tools
    judged 0 of 0 requirements; 0 questions unanswered
    ");
}

#[test]
fn an_empty_file() {
    assert_snapshot!(check(&[], "# nothing yet\n", &[]), @r"
    exit 2
    requirements.txt: empty

    COULD NOT RUN  0 denied, 0 warned, 0 ignored, 0 unanswered
    nothing to judge: no requirement was found
    judged 0 of 0 requirements; 0 questions unanswered
    ");
}

#[test]
fn named_files_that_cannot_be_read() {
    let index = Index::with(&flask());
    let sandbox = Sandbox::with_requirements(&locked());
    sandbox.write("latin.txt", b"# caf\xe9\nflask==3.1.2\n");
    sandbox.write(
        "pyproject.toml",
        "[project]\nname = \"x\"\ndependencies = [\"flask\"\n",
    );
    let paths = [
        "requirements.txt",
        "latin.txt",
        "missing.txt",
        "pyproject.toml",
        "setup.cfg",
    ];
    assert_snapshot!(shown(&sandbox.check(&index, &paths), Some(&index)), @r"
    exit 2
    requirements.txt: a lock file
      3 requirements, 3 pinned, 3 hashed, complete for Python 3.14 on linux-x86_64
      on other platforms it would also need colorama

    error: setup.cfg: this version does not read a setuptools configuration
      = help: write its requirements to pyproject.toml or to a requirements file

    error: latin.txt:1:6: this is not UTF-8 text
      = help: save the file as UTF-8

    error: missing.txt: there is no such file

    error: pyproject.toml:3:24: unclosed array, expected `]`

    COULD NOT RUN  0 denied, 0 warned, 0 ignored, 0 unanswered
    judged 3 of 3 from requirements.txt sha256:49a568f637ca…; 0 questions unanswered
    ");
}

#[test]
fn found_files_that_cannot_be_read() {
    let index = Index::with(&flask());
    let sandbox = Sandbox::with_requirements(&locked());
    sandbox.write("requirements-dev.txt", b"# caf\xe9\nflask==3.1.2\n");
    sandbox.write(
        "pyproject.toml",
        "[project]\nname = \"x\"\ndependencies = [\"flask\"\n",
    );
    sandbox.write("setup.cfg", "");
    assert_snapshot!(shown(&sandbox.check(&index, &[]), Some(&index)), @"
    exit 3
    requirements.txt: a lock file
      3 requirements, 3 pinned, 3 hashed, complete for Python 3.14 on linux-x86_64
      on other platforms it would also need colorama

    warning[skipped-input]: `setup.cfg` is not judged: this version does not read a setuptools
                            configuration
    --> setup.cfg

    error[not-understood]: pyproject.toml: line 3, column 24: unclosed array, expected `]`

    error[not-understood]: requirements-dev.txt: line 1, column 6: this is not UTF-8 text
      = help: save the file as UTF-8

    UNDECIDED  0 denied, 1 warned, 0 ignored, 2 unanswered
    `pinproof explain skipped-input` says more
    judged 3 of 3 from requirements.txt sha256:49a568f637ca…; 2 questions unanswered
    ");
}

#[test]
fn lines_that_are_not_understood() {
    let text = locked() + "requests 2.32\n--frobnicate\n-e git+https://h.example/x.git\nname @\n";
    assert_snapshot!(check(&flask(), &text, &[]), @r#"
    exit 3
    requirements.txt: a lock file
      3 requirements, 3 pinned, 3 hashed, complete for Python 3.14 on linux-x86_64
      on other platforms it would also need colorama

    error[not-understood]: requirements.txt:4:1: expected a version specifier such as `>=1.0`, `@`
                           before a URL, `;` before a marker, or the end at `2.32`

    error[not-understood]: requirements.txt:5:1: no option of a requirements file; pip stops at it

    error[not-understood]: requirements.txt:6:1: an editable repository needs a name
      = help: write `-e "NAME @ git+https://…"`, or end the address in `#egg=NAME`

    error[not-understood]: requirements.txt:7:1: expected a URL after `@`

    UNDECIDED  0 denied, 0 warned, 0 ignored, 4 unanswered
    judged 3 of 7 from requirements.txt sha256:c06986606d5d…; 4 questions unanswered
    "#);
}
