//! Settings of the machine that let another index answer.

use insta::assert_snapshot;

use crate::support::Sandbox;
use crate::{locked, shown};

const EXTRA: &str = "https://me:secret@extra.example/simple/";

#[test]
fn a_variable() {
    let sandbox = Sandbox::with_requirements(&locked());
    let only = ["--only", "mixed-indexes"];
    let ran = sandbox.check_as_configured(&only, &[("PIP_EXTRA_INDEX_URL", EXTRA)]);
    assert_snapshot!(shown(&ran, None), @"
    exit 1
    requirements.txt: pinned and hashed; no rule was asked whether its dependency tree is complete
      3 requirements, 3 pinned, 3 hashed

    error[mixed-indexes]: package indexes are mixed: any of them may answer for any name
    --> PIP_EXTRA_INDEX_URL
     = note: `https://extra.example/simple/` may answer for every name
     = help: name what it may serve under `[[index]]` in pinproof.toml and hash every requirement,
             or use one index that answers for every name

    FAILED  1 denied, 0 warned, 0 ignored, 0 unanswered
    `pinproof explain mixed-indexes` says more
    judged 3 of 3 from requirements.txt sha256:49a568f637ca…; 0 questions unanswered
    ");
}

#[test]
fn a_file_of_pip_and_one_of_uv() {
    let sandbox = Sandbox::with_requirements(&locked());
    let conf = format!("[global]\nextra-index-url = {EXTRA}\ntrusted-host = extra.example\n");
    sandbox.write_home(".config/pip/pip.conf", &conf);
    sandbox.write_home(
        ".config/uv/uv.toml",
        "index-strategy = \"unsafe-best-match\"\n",
    );
    let ran = sandbox.check_as_configured(&["--only", "mixed-indexes,insecure-index"], &[]);
    assert_snapshot!(shown(&ran, None), @"
    exit 1
    requirements.txt: pinned and hashed; no rule was asked whether its dependency tree is complete
      3 requirements, 3 pinned, 3 hashed

    error[mixed-indexes]: package indexes are mixed: any of them may answer for any name
    --> [SANDBOX]/home/.config/pip/pip.conf
     = note: `https://extra.example/simple/` may answer for every name
     = help: name what it may serve under `[[index]]` in pinproof.toml and hash every requirement,
             or use one index that answers for every name

    error[insecure-index]: `extra.example` is trusted without a certificate: anybody on the way can
                           answer for it
    --> [SANDBOX]/home/.config/pip/pip.conf
     = note: its certificate is not checked
     = help: remove it; if the certificate is your own, name its authority with pip's `--cert` or
             `SSL_CERT_FILE`

    error[mixed-indexes]: `index-strategy = unsafe-best-match` lets every index answer for every name
    --> [SANDBOX]/home/.config/uv/uv.toml
     = help: remove it: uv's default takes a name from the first index that has it

    FAILED  3 denied, 0 warned, 0 ignored, 0 unanswered
    `pinproof explain mixed-indexes` says more
    judged 3 of 3 from requirements.txt sha256:49a568f637ca…; 0 questions unanswered
    ");
}

#[test]
fn a_file_that_is_not_understood() {
    let sandbox = Sandbox::with_requirements(&locked());
    sandbox.write_home(
        ".config/pip/pip.conf",
        "[global\nindex-url = https://corp.example/\n",
    );
    // The folder of the test may have a long name, and where a line is folded depends on it.
    let wide = [("COLUMNS", "160")];
    let ran = sandbox.check_as_configured(&["--only", "mixed-indexes"], &wide);
    assert_snapshot!(shown(&ran, None), @"
    exit 3
    requirements.txt: pinned and hashed; no rule was asked whether its dependency tree is complete
      3 requirements, 3 pinned, 3 hashed

    error[not-understood]: [SANDBOX]/home/.config/pip/pip.conf: a setting stands before the first [section]

    UNDECIDED  0 denied, 0 warned, 0 ignored, 1 unanswered
    judged 3 of 3 from requirements.txt sha256:49a568f637ca…; 1 question unanswered
    ");
    let lines =
        sandbox.check_as_configured(&["--only", "mixed-indexes", "--format", "concise"], &[]);
    assert_snapshot!(shown(&lines, None), @r"
    exit 3
    [SANDBOX]/home/.config/pip/pip.conf: error[not-understood] a setting stands before the first [section]
    judged 3 of 3 from requirements.txt sha256:49a568f637cafe3e100a7e4d24ad2ceb288e80f2bab42a01d1f3f0e7699cf26d; 1 question unanswered
    ");
}
