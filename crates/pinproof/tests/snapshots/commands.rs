//! Pages, the cache, completions, and calls that are wrong.

use insta::assert_snapshot;

use crate::shown;
use crate::support::Sandbox;

fn run(args: &[&str]) -> String {
    shown(&Sandbox::new().run(args), None)
}

#[test]
fn the_table_of_rules() {
    assert_snapshot!(run(&["explain"]), @"
    exit 0
    mixed-indexes               deny  refuses  more than one index may answer for a name
    insecure-index              deny  refuses  plain HTTP, or `trusted-host`
    unchecked-hashes            deny  refuses  a setting turns hash checking off
    name-outside-namespace      deny  refuses  a name bound to, or reserved for, another index
    unknown-project             deny  refuses  the index does not have it; anybody may register it
    lookalike-name              deny  refuses  easily mistaken for a popular, bound or standard-library name: denied for a new project
    known-malware               deny  refuses  published as malware
    quarantined-project         deny  refuses  the index suspects malware
    changed-file                deny  refuses  other bytes than the first that were seen under this name
    revived-project             deny  refuses  the name was gone and came back
    metadata-mismatch           deny  refuses  the metadata that the index offers is not that of the file
    vulnerable-release          deny           a known vulnerability
    unknown-release             deny  refuses  the index has the project but not this version
    hash-mismatch               deny  refuses  none of its hashes is one that the index publishes: denied; some are not: shown
    unlisted-release            deny  refuses  in no lock of the allow-list
    release-after-freeze        deny  refuses  uploaded after the freeze date
    unpinned-requirement        deny           allows more than one version
    stale-lockfile              deny           the lock does not satisfy its inputs, or was made from others
    unlocked-build-requirement  warn           needed to build the project, and not pinned
    unhashed-requirement        deny  refuses  pinned, but no hash
    weak-hash                   deny  refuses  only md5, sha1 or shorter
    unpinned-vcs                deny  refuses  a repository without a full commit id
    direct-url                  deny  refuses  taken from a URL: denied without a hash, shown with one
    incomplete-tree             deny           a pinned release needs a project that the file does not pin
    unneeded-pin                warn           no declared input needs it
    build-required              warn  refuses  no wheel fits, or it is a source distribution: installing would run code
    yanked-release              warn  refuses  withdrawn by its authors
    recent-release              warn  refuses  younger than the cooldown
    late-file                   warn  refuses  added to a release long after its other files
    vanished-release            warn  refuses  disappeared from its index without being yanked
    archived-project            warn           no further releases are expected, also no fixes
    deprecated-project          warn           obsolete by the word of its maintainers, possibly superseded
    unused-ignore               warn           an exception that covers nothing, or names a rule that does not exist
    expired-ignore              deny           an exception whose last day is over
    skipped-input               warn           a file that was found, and is not judged

    `pinproof explain RULE` prints the page of a rule.
    ");
}

#[test]
fn a_page() {
    assert_snapshot!(run(&["explain", "unpinned-vcs"]), @r"
    exit 0
    unpinned-vcs

    Subject: a requirement
    Case `unpinned`: deny, refuses

    A requirement is taken from a repository by a branch, a tag, an abbreviated commit id, or by nothing at all. Only a full commit id, 40 or 64 hexadecimal digits, names one state of the code.

    Why it matters

    A branch moves with every commit. A tag can be moved by everybody who may push, and by everybody who has stolen such an account: in March 2025 the tags of a widely used GitHub action were all moved to a malicious commit, and every build that used a tag ran it (A4, A6). A full commit id is a hash of the content and of everything before it.

    What to do

    Write the full commit id after `@`. `git rev-parse main` prints it.

    The id then stands for the hash of the requirement. pip's hash mode does not know it and refuses the line, and installing from a repository builds it, which `build-required` reports. Better still: take a release from an index.

    What it does without an answer

    It asks nobody.

    Examples

    A branch

    ```text file=requirements.txt
    acme-web @ git+https://git.example/acme/web@main
    ```

    ```text report
    deny unpinned-vcs requirements.txt:1:12
    ```

    Whatever is there today

    ```text file=requirements.txt
    acme-web @ git+https://git.example/acme/web
    ```

    ```text report
    deny unpinned-vcs requirements.txt:1:12
    ```

    An abbreviated commit id

    ```text file=requirements.txt
    acme-web @ git+https://git.example/acme/web@1a2b3c4d
    ```

    ```text report
    deny unpinned-vcs requirements.txt:1:12
    ```

    A full commit id

    ```text file=requirements.txt
    acme-web @ git+https://git.example/acme/web@0123456789abcdef0123456789abcdef01234567
    ```

    ```text report
    nothing
    ```
    ");
}

#[test]
fn a_rule_that_does_not_exist() {
    assert_snapshot!(run(&["explain", "yanked"]), @r"
    exit 2
    --- stderr
    error: unknown rule `yanked`
    hint: did you mean `yanked-release`?
    ");
    assert_snapshot!(run(&["check", "--deny", "xyz"]), @r"
    exit 2
    --- stderr
    error: unknown rule `xyz`
    hint: `pinproof explain` lists the rules
    ");
}

#[test]
fn wrong_calls() {
    assert_snapshot!(run(&["check", "--fixx"]), @r"
    exit 2
    --- stderr
    error: unexpected argument '--fixx' found

      tip: a similar argument exists: '--fix'

    Usage: pinproof check --fix [PATH]...

    For more information, try '--help'.
    ");
    assert_snapshot!(run(&["check", "--as-of", "yesterday"]), @r"
    exit 2
    --- stderr
    error: invalid value 'yesterday' for '--as-of <TIME>': it is written 2026-11-01 or 2026-11-01T12:00:00Z

    For more information, try '--help'.
    ");
    assert_snapshot!(run(&["check", "--index-url", "pypi.org/simple"]), @r"
    exit 2
    --- stderr
    error: invalid value 'pypi.org/simple' for '--index-url <URL>': `pypi.org/simple` is not an address of an index: it is not a URL

    For more information, try '--help'.
    ");
    assert_snapshot!(run(&["chekc"]), @r"
    exit 2
    --- stderr
    error: unrecognized subcommand 'chekc'

      tip: a similar subcommand exists: 'check'

    Usage: pinproof [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
}

#[test]
fn the_cache() {
    let sandbox = Sandbox::new();
    assert_snapshot!(shown(&sandbox.run(&["cache", "dir"]), None), @r"
    exit 0
    [SANDBOX]/home/.cache/pinproof
    --- stderr
    note: 0 entries, 0 bytes
    ");
    assert_snapshot!(shown(&sandbox.run(&["cache", "clean"]), None), @r"
    exit 0
    --- stderr
    note: removed 0 entries, 0 bytes
    ");
}

#[test]
fn completions_begin_as_their_shells_expect() {
    let first = |shell: &str| {
        let ran = Sandbox::new().run(&["completions", shell]);
        ran.ends_with(0)
            .stdout
            .lines()
            .find(|line| !line.is_empty())
            .unwrap_or("")
            .to_owned()
    };
    let shells = ["bash", "elvish", "fish", "powershell", "zsh"];
    let lines: Vec<_> = shells
        .map(|shell| format!("{shell}: {}", first(shell)))
        .into();
    assert_snapshot!(lines.join("\n"), @r"
    bash: _pinproof() {
    elvish: use builtin;
    fish: # Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
    powershell: using namespace System.Management.Automation
    zsh: #compdef pinproof
    ");
}
