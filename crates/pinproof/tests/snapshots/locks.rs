//! Files that are locks, and files that are nearly locks.

use insta::assert_snapshot;

use crate::support::{Index, Sandbox};
use crate::{check, flask, locked, release, shown};

#[test]
fn a_good_lock() {
    assert_snapshot!(check(&flask(), &locked(), &[]), @r"
    exit 0
    requirements.txt: a lock file
      3 requirements, 3 pinned, 3 hashed, complete for Python 3.14 on linux-x86_64
      on other platforms it would also need colorama

    CLEAN  0 denied, 0 warned, 0 ignored, 0 unanswered
    judged 3 of 3 from requirements.txt sha256:49a568f637ca…; 0 questions unanswered
    ");
}

#[test]
fn a_good_lock_with_everything_said() {
    assert_snapshot!(check(&flask(), &locked(), &["--verbose"]), @"
    exit 0
    requirements.txt: a lock file
      3 requirements, 3 pinned, 3 hashed, complete for Python 3.14 on linux-x86_64
      on other platforms it would also need colorama
    advisories of osv: 1 record, as of 2026-10-31T12:00:00Z
    asked [INDEX]/simple about 3 projects

    CLEAN  0 denied, 0 warned, 0 ignored, 0 unanswered
    judged 3 of 3 from requirements.txt sha256:49a568f637cafe3e100a7e4d24ad2ceb288e80f2bab42a01d1f3f0e7699cf26d; 0 questions unanswered
    ");
}

#[test]
fn a_good_lock_and_no_words() {
    assert_snapshot!(check(&flask(), &locked(), &["-qq"]), @"exit 0");
}

#[test]
fn the_output_of_pip_freeze() {
    let freeze =
        "blinker==1.9.0\nclick==8.3.0\nflask==3.1.2\nitsdangerous==2.2.0\nmarkupsafe==3.0.3\n";
    let mut releases = flask();
    releases.extend([
        release("itsdangerous", "2.2.0"),
        release("markupsafe", "3.0.3"),
    ]);
    assert_snapshot!(check(&releases, freeze, &[]), @"
    exit 1
    requirements.txt: not a lock file: pinned, but without hashes (this looks like the output of
                      `pip freeze`)
      5 requirements, 5 pinned, 0 hashed, judged for Python 3.14 on linux-x86_64
      on other platforms it would also need colorama

    error[unhashed-requirement]: pinned, but no hash: 5 times
     --> requirements.txt:1:8
      |
    1 | blinker==1.9.0
      |        ^^^^^^^ no hash
    2 | click==8.3.0
      |      ^^^^^^^ no hash
    3 | flask==3.1.2
      |      ^^^^^^^ no hash
      |
      = note: and 2 more: itsdangerous, markupsafe
      = help: `pinproof check --fix` adds the hashes that the index publishes

    FAILED  5 denied, 0 warned, 0 ignored, 0 unanswered
    `pinproof explain unhashed-requirement` says more
    judged 5 of 5 from requirements.txt sha256:8258b04eeefc…; 0 questions unanswered
    ");
}

#[test]
fn partly_hashed() {
    let text = locked().replacen("--hash", "# --hash", 1);
    assert_snapshot!(check(&flask(), &text, &[]), @r"
    exit 1
    requirements.txt: not a lock file: only part of it is hashed
      3 requirements, 3 pinned, 2 hashed, judged for Python 3.14 on linux-x86_64
      on other platforms it would also need colorama

    error[unhashed-requirement]: `blinker` is pinned, but has no hash
     --> requirements.txt:1:8
      |
    1 | blinker==1.9.0 # --hash=sha256:9a7d9b6e6eb3a5163659fb91627a3015bcb33804dd0ca4265aebbf3ba2d074ad
      |        ^^^^^^^ no hash
      |
      = help: `pinproof check --fix` adds the hashes that the index publishes

    FAILED  1 denied, 0 warned, 0 ignored, 0 unanswered
    `pinproof explain unhashed-requirement` says more
    judged 3 of 3 from requirements.txt sha256:a458b8e92d16…; 0 questions unanswered
    ");
}

#[test]
fn an_incomplete_tree() {
    let text = flask()[2].locked();
    assert_snapshot!(check(&flask(), &text, &[]), @r"
    exit 1
    requirements.txt: not a lock file: its dependency tree is incomplete
      1 requirement, 1 pinned, 1 hashed, incomplete for Python 3.14 on linux-x86_64

    error[incomplete-tree]: a pinned release needs a project that the file does not pin: 2 times
     --> requirements.txt:1:1
      |
    1 | flask==3.1.2 --hash=sha256:a660c820fa8a6b266bee74dc0152d5cb23a3f468946f4f8e01970f8eba1212c6
      | ^^^^^
      | |
      | needs `blinker`
      | needs `click`
      |
      = note: `flask` requires `blinker>=1.9`
      = note: `flask` requires `click>=8`
      = help: compile the lock again with every dependency in it

    FAILED  2 denied, 0 warned, 0 ignored, 0 unanswered
    `pinproof explain incomplete-tree` says more
    judged 1 of 1 from requirements.txt sha256:1515f95547cc…; 0 questions unanswered
    ");
}

#[test]
fn a_tree_that_is_incomplete_elsewhere() {
    let index = Index::with(&flask());
    let sandbox = Sandbox::with_requirements(&locked());
    let ran = sandbox.check(
        &index,
        &["--platform", "windows-x86_64", "--python", "3.13"],
    );
    assert_snapshot!(shown(&ran, Some(&index)), @r"
    exit 1
    requirements.txt: not a lock file: its dependency tree is incomplete
      3 requirements, 3 pinned, 3 hashed, incomplete for Python 3.13 on windows-x86_64

    error[incomplete-tree]: `colorama` is needed on Python 3.13 on windows-x86_64, but not pinned
     --> requirements.txt:2:1
      |
    2 | click==8.3.0 --hash=sha256:6780ba3383f549c5ac7be1ee92605d046beed2a113501537d4737900af6415ee
      | ^^^^^ needs `colorama`
      |
      = note: `click` requires `colorama; platform_system == 'Windows'`
      = help: compile the lock again with every dependency in it

    FAILED  1 denied, 0 warned, 0 ignored, 0 unanswered
    `pinproof explain incomplete-tree` says more
    judged 3 of 3 from requirements.txt sha256:49a568f637ca…; 0 questions unanswered
    ");
}

#[test]
fn leftovers_that_no_input_needs() {
    let index = Index::with(&flask());
    let sandbox = Sandbox::with_requirements(&locked());
    sandbox.write("requirements.in", "click\n");
    assert_snapshot!(shown(&sandbox.check(&index, &[]), Some(&index)), @r"
    exit 0
    requirements.in: the input of requirements.txt
    requirements.txt: a lock file, with 2 leftovers that no declared input needs
      3 requirements, 3 pinned, 3 hashed, complete for Python 3.14 on linux-x86_64
      on other platforms it would also need colorama

    warning[unneeded-pin]: no declared input needs it: 2 times
     --> requirements.txt:1:1
      |
    1 | blinker==1.9.0 --hash=sha256:9a7d9b6e6eb3a5163659fb91627a3015bcb33804dd0ca4265aebbf3ba2d074ad
      | ^^^^^^^ needed by no input
    2 | click==8.3.0 --hash=sha256:6780ba3383f549c5ac7be1ee92605d046beed2a113501537d4737900af6415ee
    3 | flask==3.1.2 --hash=sha256:a660c820fa8a6b266bee74dc0152d5cb23a3f468946f4f8e01970f8eba1212c6
      | ^^^^^ needed by no input
      |
      = note: whatever is installed can attack, needed or not
      = help: remove it, or name it in the input file if the project imports it

    PASSED  0 denied, 2 warned, 0 ignored, 0 unanswered
    `pinproof explain unneeded-pin` says more
    judged 1 of 1 from requirements.in sha256:275650a206a5…, 3 of 3 from requirements.txt sha256:49a568f637ca…; 0 questions unanswered
    ");
}

#[test]
fn ranges() {
    assert_snapshot!(check(&flask(), "flask>=3\nclick\nblinker~=1.9\n", &[]), @"
    exit 1
    requirements.txt: not a lock file: it pins nothing
      3 requirements, 0 pinned, 0 hashed

    error[unpinned-requirement]: none of the 3 requirements is pinned, and no lock file pins them
     --> requirements.txt:1:6
      |
    1 | flask>=3
      |      ^^^ allows more than one version
      |
      = note: `requirements.txt` is read as a manifest: what it installs changes from day to day
      = help: rename it to `requirements.in`, and make a lock of that:
              `pinproof lock requirements.in`; `uv pip compile --generate-hashes` and pip-compile
              make one too

    FAILED  1 denied, 0 warned, 0 ignored, 0 unanswered
    `pinproof explain unpinned-requirement` says more
    judged 3 of 3 from requirements.txt sha256:51e6a148283f…; 0 questions unanswered
    ");
}

#[test]
fn a_lock_with_warnings() {
    let young = release("click", "8.3.0").uploaded("2026-10-30T00:00:00Z");
    let withdrawn = release("blinker", "1.9.0").yanked("breaks signals");
    let text = young.locked() + &withdrawn.locked();
    let releases = [
        young,
        withdrawn,
        release("click", "8.2.0"),
        release("blinker", "1.8.0"),
    ];
    assert_snapshot!(check(&releases, &text, &[]), @r"
    exit 0
    requirements.txt: a lock file
      2 requirements, 2 pinned, 2 hashed, complete for Python 3.14 on linux-x86_64

    warning[recent-release]: `click` 8.3.0 is 2 days old, younger than the cooldown of 7 days
     --> requirements.txt:1:6
      |
    1 | click==8.3.0 --hash=sha256:6780ba3383f549c5ac7be1ee92605d046beed2a113501537d4737900af6415ee
      |      ^^^^^^^ too young
      |
      = note: `click` was uploaded 2026-10-30T00:00:00Z; its cooldown ends 2026-11-06T00:00:00Z
      = help: `click` 8.2.0 is its newest release past the cooldown

    warning[yanked-release]: `blinker` 1.9.0 was withdrawn by its authors (yanked)
     --> requirements.txt:2:8
      |
    2 | blinker==1.9.0 --hash=sha256:9a7d9b6e6eb3a5163659fb91627a3015bcb33804dd0ca4265aebbf3ba2d074ad
      |        ^^^^^^^ yanked
      |
      = note: they say: breaks signals
      = help: 1.8.0 is the newest release that the policy allows

    PASSED  0 denied, 2 warned, 0 ignored, 0 unanswered
    `pinproof explain recent-release` says more
    judged 2 of 2 from requirements.txt sha256:21ecb340d2ca…; 0 questions unanswered
    ");
}

#[test]
fn internal_names() {
    let index = Index::with(&flask());
    let text =
        locked() + &release("acme-web", "1.0").locked() + &release("acme-db", "2.0").locked();
    let sandbox = Sandbox::with_requirements(&text);
    sandbox.write(
        "pinproof.toml",
        "[[index]]\nname = \"corp\"\nonly = [\"acme-*\"]\n",
    );
    assert_snapshot!(shown(&sandbox.check(&index, &[]), Some(&index)), @r"
    exit 1
    requirements.txt: not known to be a lock file: its dependency tree could not be checked
      5 requirements, 5 pinned, 5 hashed, completeness for Python 3.14 on linux-x86_64 not known
      on other platforms it would also need colorama
    2 internal requirements: no public index was asked about them

    error[name-outside-namespace]: a name bound to, or reserved for, another index: 2 times
     --> requirements.txt:4:1
      |
    4 | acme-web==1.0 --hash=sha256:334b4fac0bfd9e7dbe660f6ddfc8e0e8e894877a7cac86bf22abaf343ea214b9
      | ^^^^^^^^ belongs to `corp`
    5 | acme-db==2.0 --hash=sha256:c2ba6505db4d2d9d45f1666ae291a3e169b8f36137d7491434a8b7e721349b89
      | ^^^^^^^ belongs to `corp`
      |
      = note: whoever registers the name there first is installed instead
      = note: that is the installer's own default: no setting names another index
      = help: set the address of index `corp`, and let the installer ask only that

    FAILED  2 denied, 0 warned, 0 ignored, 0 unanswered
    `pinproof explain name-outside-namespace` says more
    judged 3 of 5 from requirements.txt sha256:cf695c42c6be… (not judged: 2 internal); 0 questions unanswered
    ");
}

/// The notes of pinproof name the inputs as seen from the folder of the lock, and these tell which pins are
/// needed; a need that is for another platform only is missing nowhere.
#[test]
fn the_inputs_of_locks_of_pinproof() {
    let releases = [
        release("app", "1"),
        release("left", "2"),
        release("win", "3"),
    ];
    let index = Index::with(&releases);
    let [app, left, win] = releases.map(|release| release.sha256());
    let digest = "0".repeat(64);
    let sandbox = Sandbox::new();
    sandbox.write("of/main.in", "app\n");
    let requirements = format!(
        "# This file was generated by pinproof with the following command:\n\
         #    pinproof lock\n\
         # input: ../of/main.in sha256:{digest}\n\
         app==1 --hash=sha256:{app}\n\
         left==2 --hash=sha256:{left}\n"
    );
    sandbox.write("locks/requirements.txt", requirements);
    let wheels = |name: &str, sha256: &str| {
        let file = format!("{name}-py3-none-any.whl");
        format!(
            "wheels = [{{ name = \"{file}\", url = \"https://f.example/{file}\", hashes = {{ sha256 = \"{sha256}\" }} }}]"
        )
    };
    let pylock = format!(
        "lock-version = \"1.0\"\ncreated-by = \"pinproof\"\n\
         [[packages]]\nname = \"app\"\nversion = \"1\"\n{}\ndependencies = [{{ name = \"win\" }}]\n\
         [[packages]]\nname = \"left\"\nversion = \"2\"\n{}\ndependencies = []\n\
         [[packages]]\nname = \"win\"\nversion = \"3\"\n{}\nmarker = \"sys_platform == 'win32'\"\ndependencies = []\n\
         [tool.pinproof]\ninputs = [{{ path = \"../of/main.in\", sha256 = \"{digest}\" }}]\n",
        wheels("app-1", &app),
        wheels("left-2", &left),
        wheels("win-3", &win),
    );
    sandbox.write("locks/pylock.toml", pylock);
    for lock in ["locks/requirements.txt", "locks/pylock.toml"] {
        let ran = sandbox.check(&index, &[lock]);
        ran.ends_with(0)
            .says("complete for Python 3.14 on linux-x86_64, made by pinproof")
            .says("warning[unneeded-pin]: `left` is pinned, but nothing asks for it")
            .says("0 denied, 1 warned");
    }
}
