//! One bad project in every format for people, and what is refused or mended in it.

use insta::assert_snapshot;

use crate::support::{Index, Release, Sandbox};
use crate::{check, flask, release, shown};

const BAD: &str = "\
--extra-index-url http://packages.acme.example/simple/
--trusted-host packages.acme.example

flask>=2.0
click==8.3.0 --hash=md5:d41d8cd98f00b204e9800998ecf8427e
djangorestframewrok==3.15.2
blinker==1.9.0 --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000
acme-reports @ git+https://git.acme.example/reports.git@main
docopt==0.6.2
requests 2.32
";

fn releases() -> Vec<Release> {
    let mut releases = flask();
    releases.push(release("docopt", "0.6.2").sdist_only());
    releases
}

#[test]
fn as_text() {
    assert_snapshot!(check(&releases(), BAD, &[]), @"
    exit 1
    requirements.txt: not a lock file: only part of it is pinned
      6 requirements, 4 pinned, 1 hashed
    warning: [INDEX]/simple publishes no md5 hashes; not known: hash-mismatch

    error[mixed-indexes]: package indexes are mixed: any of them may answer for any name
     --> requirements.txt:1:1
      |
    1 | --extra-index-url http://packages.acme.example/simple/
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = note: `http://packages.acme.example/simple/` may answer for all 6 requirements
      = help: name what it may serve under `[[index]]` in pinproof.toml and hash every requirement,
              or use one index that answers for every name

    error[insecure-index]: `http://packages.acme.example/simple/` is an address without TLS: anybody on
                           the way can change the answer
     --> requirements.txt:1:1
      |
    1 | --extra-index-url http://packages.acme.example/simple/
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ no encryption, no proof of who answers
      |
      = help: use its `https:` address

    error[insecure-index]: `packages.acme.example` is trusted without a certificate: anybody on the way
                           can answer for it
     --> requirements.txt:2:1
      |
    2 | --trusted-host packages.acme.example
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ its certificate is not checked
      |
      = help: remove it; if the certificate is your own, name its authority with pip's `--cert` or
              `SSL_CERT_FILE`

    error[unpinned-requirement]: `flask>=2.0` allows more than one version
     --> requirements.txt:4:6
      |
    4 | flask>=2.0
      |      ^^^^^ not pinned
      |
      = help: pin it to one version with `==`

    error[weak-hash]: `click` is held only to md5, which is too weak
     --> requirements.txt:5:21
      |
    5 | click==8.3.0 --hash=md5:d41d8cd98f00b204e9800998ecf8427e
      |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ too weak
      |
      = note: pip takes sha256, sha384 and sha512 for `--hash`
      = help: replace it by the sha256 that the index publishes

    error[unhashed-requirement]: pinned, but no hash: 2 times
     --> requirements.txt:6:20
      |
    6 | djangorestframewrok==3.15.2
      |                    ^^^^^^^^ no hash
    ...
    9 | docopt==0.6.2
      |       ^^^^^^^ no hash
      |
      = help: `pinproof check --fix` adds the hashes that the index publishes

    error[unknown-project]: `djangorestframewrok` does not exist on [INDEX]/simple
     --> requirements.txt:6:1
      |
    6 | djangorestframewrok==3.15.2
      | ^^^^^^^^^^^^^^^^^^^ anybody may register this name
      |
      = help: did you mean `djangorestframework`?
      = help: check the spelling; if the name is yours, bind it to your index under `[[index]]`

    error[hash-mismatch]: the hash of `blinker` 1.9.0 is none that [INDEX]/simple publishes
     --> requirements.txt:7:23
      |
    7 | blinker==1.9.0 --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000
      |                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = note: not published
      = note: the release has 1 file, the newest uploaded 2020-01-01T00:00:00Z
      = help: find out where the hash came from before you replace it: other bytes under a known
              name and version are what an attack looks like

    error[unpinned-vcs]: `acme-reports` is held to `main`, which can be moved to other code
     --> requirements.txt:8:16
      |
    8 | acme-reports @ git+https://git.acme.example/reports.git@main
      |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ a branch or tag
      |
      = note: taken from git+https://git.acme.example/reports.git@main
      = help: write the full commit id after `@`: 40 hexadecimal digits, or 64

    warning[build-required]: `acme-reports` is installed from a repository: that builds it, and runs its
                             code
     --> requirements.txt:8:16
      |
    8 | acme-reports @ git+https://git.acme.example/reports.git@main
      |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ runs code at install time
      |
      = help: pinproof never builds: take a release with a wheel, or build one yourself where
              nothing can be stolen and publish it on your own index

    warning[build-required]: `docopt` 0.6.2 has no wheel that is accepted here: installing it runs its
                             code
     --> requirements.txt:9:7
      |
    9 | docopt==0.6.2
      |       ^^^^^^^ no wheel fits
      |
      = note: an installer builds `docopt-0.6.2.tar.gz`
      = help: pinproof never builds: take a release with a wheel, or build one yourself where
              nothing can be stolen and publish it on your own index

    error[not-understood]: requirements.txt:10:1: expected a version specifier such as `>=1.0`, `@`
                           before a URL, `;` before a marker, or the end at `2.32`

    FAILED  10 denied, 2 warned, 0 ignored, 1 unanswered
    `pinproof explain mixed-indexes` says more
    judged 6 of 7 from requirements.txt sha256:4a2f6692ccfa…; 1 question unanswered
    ");
}

#[test]
fn as_text_in_colour() {
    let short = "flask>=2.0\nclick==8.3.0\n!!\n";
    let ran = check(&flask(), short, &["--color", "always"]);
    assert_snapshot!(ran.replace('\u{1b}', "␛"), @"
    exit 1
    ␛[1mrequirements.txt␛[0m: ␛[1m␛[31mnot a lock file: only part of it is pinned␛[0m
      2 requirements, 1 pinned, 0 hashed

    ␛[1m␛[91merror[unpinned-requirement]␛[0m␛[1m: `flask>=2.0` allows more than one version␛[0m
     ␛[1m␛[94m--> ␛[0mrequirements.txt:1:6
      ␛[1m␛[94m|␛[0m
    ␛[1m␛[94m1␛[0m ␛[1m␛[94m|␛[0m flask>=2.0
      ␛[1m␛[94m|␛[0m      ␛[1m␛[91m^^^^^␛[0m ␛[1m␛[91mnot pinned␛[0m
      ␛[1m␛[94m|␛[0m
      ␛[1m␛[94m= ␛[0m␛[1mhelp␛[0m: pin it to one version with `==`

    ␛[1m␛[91merror[unhashed-requirement]␛[0m␛[1m: `click` is pinned, but has no hash␛[0m
     ␛[1m␛[94m--> ␛[0mrequirements.txt:2:6
      ␛[1m␛[94m|␛[0m
    ␛[1m␛[94m2␛[0m ␛[1m␛[94m|␛[0m click==8.3.0
      ␛[1m␛[94m|␛[0m      ␛[1m␛[91m^^^^^^^␛[0m ␛[1m␛[91mno hash␛[0m
      ␛[1m␛[94m|␛[0m
      ␛[1m␛[94m= ␛[0m␛[1mhelp␛[0m: `pinproof check --fix` adds the hashes that the index publishes

    ␛[1m␛[31merror[not-understood]␛[0m␛[1m: requirements.txt:3:1: expected a project name: letters, digits, `-`, `_` and
                           `.`␛[0m

    ␛[1m␛[31mFAILED␛[0m  2 denied, 0 warned, 0 ignored, 1 unanswered
    `pinproof explain unpinned-requirement` says more
    judged 2 of 3 from requirements.txt sha256:a41f4ab4001b…; 1 question unanswered
    ");
}

#[test]
fn as_lines() {
    assert_snapshot!(check(&releases(), BAD, &["--format", "concise"]), @"
    exit 1
    requirements.txt:1:1: error[mixed-indexes] package indexes are mixed: any of them may answer for any name
    requirements.txt:1:1: error[insecure-index] `http://packages.acme.example/simple/` is an address without TLS: anybody on the way can change the answer
    requirements.txt:2:1: error[insecure-index] `packages.acme.example` is trusted without a certificate: anybody on the way can answer for it
    requirements.txt:4:6: error[unpinned-requirement] `flask>=2.0` allows more than one version
    requirements.txt:5:21: error[weak-hash] `click` is held only to md5, which is too weak
    requirements.txt:6:20: error[unhashed-requirement] `djangorestframewrok` is pinned, but has no hash
    requirements.txt:6:1: error[unknown-project] `djangorestframewrok` does not exist on [INDEX]/simple
    requirements.txt:7:23: error[hash-mismatch] the hash of `blinker` 1.9.0 is none that [INDEX]/simple publishes
    requirements.txt:8:16: error[unpinned-vcs] `acme-reports` is held to `main`, which can be moved to other code
    requirements.txt:8:16: warning[build-required] `acme-reports` is installed from a repository: that builds it, and runs its code
    requirements.txt:9:7: error[unhashed-requirement] `docopt` is pinned, but has no hash
    requirements.txt:9:7: warning[build-required] `docopt` 0.6.2 has no wheel that is accepted here: installing it runs its code
    requirements.txt:5:6: warning[hash-mismatch] [INDEX]/simple: publishes no md5 hashes
    requirements.txt:10:1: error[not-understood] expected a version specifier such as `>=1.0`, `@` before a URL, `;` before a marker, or the end at `2.32`
    judged 6 of 7 from requirements.txt sha256:4a2f6692ccfa810a5c20f143f27d6c995fd4a14034ccd20b4e94105fddd7d62b; 1 question unanswered
    ");
}

#[test]
fn as_counts() {
    assert_snapshot!(check(&releases(), BAD, &["--statistics"]), @"
    exit 1
    requirements.txt: not a lock file: only part of it is pinned
      6 requirements, 4 pinned, 1 hashed
    warning: [INDEX]/simple publishes no md5 hashes; not known: hash-mismatch

         1  deny   hash-mismatch
         2  deny   insecure-index
         1  deny   mixed-indexes
         2  deny   unhashed-requirement
         1  deny   unknown-project
         1  deny   unpinned-requirement
         1  deny   unpinned-vcs
         1  deny   weak-hash
         2  warn   build-required

    FAILED  10 denied, 2 warned, 0 ignored, 1 unanswered
    `pinproof explain mixed-indexes` says more
    judged 6 of 7 from requirements.txt sha256:4a2f6692ccfa…; 1 question unanswered
    ");
}

#[test]
fn a_project_without_a_lock() {
    let index = Index::with(&flask());
    let sandbox = Sandbox::new();
    sandbox.write(
        "pyproject.toml",
        "[project]\nname = \"shop\"\nversion = \"1\"\ndependencies = [\"flask>=3\"]\n\
         [dependency-groups]\ndev = [\"click\"]\n[build-system]\nrequires = [\"blinker\"]\n",
    );
    assert_snapshot!(shown(&sandbox.check(&index, &["--no-groups"]), Some(&index)), @r#"
    exit 1
    pyproject.toml: not a lock file: a manifest, and no lock pins what it needs
      2 requirements, 0 pinned, 0 hashed
      judged: build requirements, dependencies
      left out by choice: group `dev`

    error[unpinned-requirement]: the only requirement allows more than one version, and no lock file
                                 pins it
     --> pyproject.toml:4:23
      |
    4 | dependencies = ["flask>=3"]
      |                       ^^^ allows more than one version
      |
      = note: `pyproject.toml` is read as a manifest: what it installs changes from day to day
      = help: make a lock of it: `pinproof lock pyproject.toml`; `uv pip compile --generate-hashes`
              and pip-compile make one too

    warning[unlocked-build-requirement]: `blinker` builds the project, and no version of it is pinned
     --> pyproject.toml:8:14
      |
    8 | requires = ["blinker"]
      |              ^^^^^^^ not pinned
      |
      = note: its code runs wherever the project is built, with what the build may read and write
      = help: pin it to one version with `==`

    FAILED  1 denied, 1 warned, 0 ignored, 0 unanswered
    `pinproof explain unpinned-requirement` says more
    judged 2 of 2 from pyproject.toml sha256:7abe7d29d660…; 0 questions unanswered
    "#);
}

#[test]
fn refusals_with_somebody_to_ask() {
    let index = Index::with(&[
        release("flask", "3.1.1"),
        release("flask", "3.1.2").uploaded("2026-10-30T00:00:00Z"),
    ]);
    let sandbox = Sandbox::with_requirements(&release("flask", "3.1.2").locked());
    let config = "contact = \"the platform team, #supply-chain\"\n[rules]\nrecent-release = \"deny\"\n\
                  [[ignore]]\nrule = \"weak-hash\"\nreason = \"see #1\"\n\
                  [[ignore]]\nrule = \"yanked-release\"\nreason = \"see #2\"\nowner = \"web\"\nuntil = 2026-10-01\n";
    sandbox.write("pinproof.toml", config);
    assert_snapshot!(shown(&sandbox.check(&index, &[]), Some(&index)), @r"
    exit 1
    requirements.txt: a lock file
      1 requirement, 1 pinned, 1 hashed, complete for Python 3.14 on linux-x86_64

    error[recent-release]: `flask` 3.1.2 is 2 days old, younger than the cooldown of 7 days
     --> requirements.txt:1:6
      |
    1 | flask==3.1.2 --hash=sha256:a660c820fa8a6b266bee74dc0152d5cb23a3f468946f4f8e01970f8eba1212c6
      |      ^^^^^^^ too young
      |
      = note: `flask` was uploaded 2026-10-30T00:00:00Z; its cooldown ends 2026-11-06T00:00:00Z
      = help: `flask` 3.1.1 is its newest release past the cooldown

    error[expired-ignore]: the exception from `yanked-release` ended on 2026-10-01
     --> pinproof.toml:7:1
      |
    7 | [[ignore]]
      | ^^^^^^^^^^
      |
      = note: accepted by web: see #2
      = help: decide again: extend `until`, or remove the exception and mend the finding

    warning[unused-ignore]: the exception from `weak-hash` covers nothing
     --> pinproof.toml:4:1
      |
    4 | [[ignore]]
      | ^^^^^^^^^^
      |
      = note: accepted: see #1
      = help: remove it: what it was for is gone

    FAILED  2 denied, 1 warned, 0 ignored, 0 unanswered
    `pinproof explain recent-release` says more
    who can lift a refusal: the platform team, #supply-chain
    judged 1 of 1 from requirements.txt sha256:1515f95547cc…; 0 questions unanswered
    ");
}

#[test]
fn a_fix_that_leaves_one_line() {
    let index = Index::with(&[
        release("flask", "3.1.2").uploaded("2026-10-30T00:00:00Z"),
        release("click", "8.3.0"),
    ]);
    let sandbox = Sandbox::with_requirements("flask==3.1.2\nclick==8.3.0\n");
    assert_snapshot!(shown(&sandbox.check(&index, &["--diff"]), Some(&index)), @r"
    exit 1
    --- a/requirements.txt
    +++ b/requirements.txt
    @@ -1,2 +1,3 @@
     flask==3.1.2
    -click==8.3.0
    +click==8.3.0 \
    +    --hash=sha256:6780ba3383f549c5ac7be1ee92605d046beed2a113501537d4737900af6415ee
    requirements.txt: not a lock file: pinned, but without hashes
      2 requirements, 2 pinned, 0 hashed, judged for Python 3.14 on linux-x86_64

    error[unhashed-requirement]: pinned, but no hash: 2 times
     --> requirements.txt:1:6
      |
    1 | flask==3.1.2
      |      ^^^^^^^ no hash
    2 | click==8.3.0
      |      ^^^^^^^ no hash
      |
      = help: `pinproof check --fix` adds the hashes that the index publishes

    warning[recent-release]: `flask` 3.1.2 is 2 days old, younger than the cooldown of 7 days
     --> requirements.txt:1:6
      |
    1 | flask==3.1.2
      |      ^^^^^^^ too young
      |
      = note: `flask` was uploaded 2026-10-30T00:00:00Z; its cooldown ends 2026-11-06T00:00:00Z
      = help: no other release of `flask` is past the cooldown

    FAILED  2 denied, 1 warned, 0 ignored, 0 unanswered
    `pinproof explain unhashed-requirement` says more
    judged 2 of 2 from requirements.txt sha256:d486b31a0fac…; 0 questions unanswered
    --- stderr
    note: would add 1 hash to 1 requirement of requirements.txt, as published by [INDEX]/simple
    warning: requirements.txt:1: `flask` got no hashes: recent-release: `flask` 3.1.2 is 2 days old, younger than the cooldown of 7 days
    ");
}
