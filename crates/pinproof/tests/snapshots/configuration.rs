//! `config`, and what a configuration that is wrong gets.

use insta::assert_snapshot;

use crate::shown;
use crate::support::{Ran, Sandbox};

#[test]
fn the_configuration() {
    let sandbox = Sandbox::new();
    assert_snapshot!(shown(&sandbox.run(&["config", "init"]), None), @r"
    exit 0
    --- stderr
    note: wrote pinproof.toml
    ");
    assert_snapshot!(sandbox.read("pinproof.toml"), @r#"
    # The policy of this project. Every key is optional; the values in comments are the defaults
    # or examples. `pinproof config schema` prints the schema for editors.

    # The versions of pinproof that may judge this project, such as ">=0.1".
    # required-version = ">=0.1"

    # The starting point for every rule: `recommended` (default), `strict` or `observe`.
    # preset = "recommended"

    # Files to judge, relative to this file, with `*` and `**`; without it they are discovered.
    # inputs = ["requirements/*.txt"]

    # Files that discovery leaves out, relative to this file; each is reported as skipped.
    # exclude = []

    # Lock files, relative to this file, with `*` and `**`: nothing else than what they have may enter.
    # allow-list = ["requirements.txt", "locks/*.txt"]

    # What was uploaded after this moment is refused; a day stands for its beginning (UTC).
    # freeze = 2026-11-01

    # Who can lift a refusal; shown with every refusal.
    # contact = "security@acme.example"

    # The Python version that dependency trees are judged for, such as "3.13".
    # python = "3.14"

    # The platform that dependency trees are judged for, such as "linux-x86_64".
    # platform = "linux-x86_64"

    # The extras of pyproject.toml that are judged; without it, all.
    # extras = []

    # The dependency groups of pyproject.toml that are judged; without it, all.
    # groups = []

    # An index, and the names that only it may answer.
    # [[index]]
    # name = "acme"    # Its name in findings and in `--index NAME=URL`.
    # url = "https://index.acme.example/simple/"    # Its Simple API address. It belongs to the machine: the policy digest does not contain it.
    # only = ["acme-*"]    # Names and prefixes such as "acme-*" that only this index may answer.
    # default = true    # Whether it answers for every name that no other index is bound to.
    # upload-times = "trusted"    # Whether a gateway believes the upload times it gives: those of PyPI are `trusted`, others `claimed` by default.

    # A source of advisories besides OSV, or what differs for OSV itself.
    # [[advisories]]
    # name = "acme-security"    # Its name in reports; `osv` changes the public source that is asked anyway.
    # path = "security/advisories"    # A folder, zip archive or record in OSV's format, or a database of `pinproof db build`, relative to this file.
    # url = "https://advisories.acme.example/export/"    # The address of an export laid out as OSV's: `all.zip` and `modified_id.csv` below it.
    # max-age = "7 days"    # How old its newest record may be; 7 days for `osv`, any age for others.
    # indexes = []    # Names of `[[index]]` tables whose projects it speaks of too.
    # enabled = true    # Whether it is asked; true by default.

    # Levels: a rule's name, and "allow", "warn", "deny" or a table with `level`, `refuse` and the rule's own settings.
    [rules]
    # mixed-indexes = "deny"    # more than one index may answer for a name
    # insecure-index = "deny"    # plain HTTP, or `trusted-host`
    # unchecked-hashes = "deny"    # a setting turns hash checking off
    # name-outside-namespace = "deny"    # a name bound to, or reserved for, another index
    # unknown-project = "deny"    # the index does not have it; anybody may register it
    # lookalike-name = "deny"    # easily mistaken for a popular, bound or standard-library name: denied for a new project
    # known-malware = "deny"    # published as malware
    # quarantined-project = "deny"    # the index suspects malware
    # changed-file = "deny"    # other bytes than the first that were seen under this name
    # revived-project = "deny"    # the name was gone and came back
    # metadata-mismatch = "deny"    # the metadata that the index offers is not that of the file
    # vulnerable-release = "deny"    # a known vulnerability
    # unknown-release = "deny"    # the index has the project but not this version
    # hash-mismatch = "deny"    # none of its hashes is one that the index publishes: denied; some are not: shown
    # unlisted-release = "deny"    # in no lock of the allow-list
    # release-after-freeze = "deny"    # uploaded after the freeze date
    # unpinned-requirement = "deny"    # allows more than one version
    # stale-lockfile = "deny"    # the lock does not satisfy its inputs, or was made from others
    # unlocked-build-requirement = "warn"    # needed to build the project, and not pinned
    # unhashed-requirement = "deny"    # pinned, but no hash
    # weak-hash = "deny"    # only md5, sha1 or shorter
    # unpinned-vcs = "deny"    # a repository without a full commit id
    # direct-url = "deny"    # taken from a URL: denied without a hash, shown with one
    # incomplete-tree = "deny"    # a pinned release needs a project that the file does not pin
    # unneeded-pin = "warn"    # no declared input needs it
    # build-required = "warn"    # no wheel fits, or it is a source distribution: installing would run code
    # yanked-release = "warn"    # withdrawn by its authors
    # recent-release = "warn"    # younger than the cooldown
    # late-file = "warn"    # added to a release long after its other files
    # vanished-release = "warn"    # disappeared from its index without being yanked
    # archived-project = "warn"    # no further releases are expected, also no fixes
    # deprecated-project = "warn"    # obsolete by the word of its maintainers, possibly superseded
    # unused-ignore = "warn"    # an exception that covers nothing, or names a rule that does not exist
    # expired-ignore = "deny"    # an exception whose last day is over
    # skipped-input = "warn"    # a file that was found, and is not judged

    # An exception. One that covers nothing reports itself.
    # [[ignore]]
    # rule = "recent-release"    # The rule to silence.
    # match = "jinja2<2.10.1"    # The project, with versions if it is about some only: "jinja2<2.10.1".
    # id = "CVE-2019-10906"    # The advisory it is about, by any of its ids: "CVE-2019-10906".
    # file = "…"    # The file it is about, as reports show it.
    # reason = "…"    # Why it is accepted; mandatory.
    # owner = "…"    # Who accepted it.
    # until = 2027-01-31    # The last day on which it counts (UTC).
    # justification = "code_not_reachable"    # Why a vulnerability does not matter here, in the words of CycloneDX; VEX carries it.

    # What `pinproof lock` does with a project, whoever needs it. It changes no verdict.
    # [[override]]
    # requirement = "urllib3>=2.6"    # A requirement that takes the place of every other one about its project: "urllib3>=2.6".
    # without = "acme-backport"    # A project that is left out.
    # reason = "…"    # Why; mandatory.
    # until = 2027-01-31    # The last day on which it counts (UTC); then the requirements of others count again.

    # How long answers of indexes count.
    # [cache]
    # fresh-for = "10 minutes"    # How long an answer counts without asking again; 10 minutes by default.
    # max-age = "7 days"    # How old an answer may be with `--offline`, and in a gateway while its index is silent; 7 days by default.
    "#);
    assert_snapshot!(shown(&sandbox.run(&["config", "init"]), None), @r"
    exit 2
    --- stderr
    error: pinproof.toml is there already
    hint: `pinproof config show` prints what is in effect
    ");
    sandbox.write("pinproof.toml", "contact = \"us\"\n[[index]]\nname = \"corp\"\nurl = \"https://me:secret@corp.example/\"\nonly = [\"acme-*\"]\n");
    let ran = sandbox.run(&["config", "show", "--index", "other=https://x.example/"]);
    let text = shown(&ran, None);
    let rules = text
        .find("    \"rules\": {")
        .zip(text.find("  \"policy-digest\""));
    let (start, end) = rules.expect("rules, then the digest");
    assert_snapshot!(format!("{}    …\n  }},\n{}", &text[..start], &text[end..]), @r#"
    exit 0
    {
      "file": "[SANDBOX]/project/pinproof.toml",
      "machine": {
        "cache-dir": "[SANDBOX]/home/.cache/pinproof",
        "index": {
          "corp": "https://corp.example/"
        }
      },
      "policy": {
        "advisories": [
          {
            "indexes": [],
            "max-age": 168,
            "name": "osv"
          }
        ],
        "ignore": [],
        "index": [
          {
            "default": false,
            "name": "corp",
            "only": [
              "acme-*"
            ]
          }
        ],
        …
      },
      "policy-digest": "sha256:07801538eaa1fea5601eba27dd33ba4e5352179bf46d11a3ea5d046be5a70baa"
    }
    "#);
}

#[test]
fn the_first_lines_of_the_schemas() {
    assert_snapshot!(head(&Sandbox::new().run(&["config", "schema"]), 12), @r#"
    {
      "$schema": "http://json-schema.org/draft-07/schema#",
      "additionalProperties": false,
      "properties": {
        "advisories": {
          "description": "A source of advisories besides OSV, or what differs for OSV itself.",
          "items": {
            "additionalProperties": false,
            "properties": {
              "enabled": {
                "description": "Whether it is asked; true by default.",
                "type": "boolean"
    "#);
    assert_snapshot!(head(&Sandbox::new().run(&["config", "schema", "report"]), 12), @r#"
    {
      "$defs": {
        "ActionV1": {
          "description": "What to do about a release.",
          "oneOf": [
            {
              "const": "remove",
              "description": "Remove it, and treat every machine that has it as compromised.",
              "type": "string"
            },
            {
              "const": "raise",
    "#);
}

fn head(ran: &Ran, lines: usize) -> String {
    let head: Vec<_> = ran.ends_with(0).stdout.lines().take(lines).collect();
    head.join("\n")
}

#[test]
fn configuration_errors() {
    let sandbox = Sandbox::with_requirements("flask==3.1.2\n");
    sandbox.write(
        "pinproof.toml",
        "preset = \"harsh\"\ncontcat = \"us\"\n\n[rules]\nunhashed-requirment = \"warn\"\nlate-file = { levle = \"warn\" }\n\
         recent-release = { cooldown = \"a week\" }\n\n[[ignore]]\nrule = \"weak-hash\"\n\n[[index]]\nname = \"corp\"\n",
    );
    assert_snapshot!(shown(&sandbox.run(&["check"]), None), @r#"
    exit 2
    --- stderr
    error: unknown preset `harsh`: it is one of recommended, strict, observe
     --> pinproof.toml:1:10
      |
    1 | preset = "harsh"
      |          ^^^^^^^

    error: unknown key `contcat`
     --> pinproof.toml:2:1
      |
    2 | contcat = "us"
      | ^^^^^^^
      |
      = help: did you mean `contact`?

    error: unknown rule `unhashed-requirment`
     --> pinproof.toml:5:1
      |
    5 | unhashed-requirment = "warn"
      | ^^^^^^^^^^^^^^^^^^^
      |
      = help: did you mean `unhashed-requirement`?

    error: unknown key `levle`
     --> pinproof.toml:6:15
      |
    6 | late-file = { levle = "warn" }
      |               ^^^^^
      |
      = help: did you mean `level`?

    error: `a week` is not a span of time such as "7 days", "36 hours" or "10 minutes"
     --> pinproof.toml:7:31
      |
    7 | recent-release = { cooldown = "a week" }
      |                               ^^^^^^^^

    error: an `[[ignore]]` needs a reason
     --> pinproof.toml:9:1
      |
    9 | [[ignore]]
      | ^^^^^^^^^^
      |
      = help: add `reason = "…"`: the next reader has to decide whether it still holds

    error: an `[[index]]` needs `only = ["acme-*"]` or `default = true`
      --> pinproof.toml:12:1
       |
    12 | [[index]]
       | ^^^^^^^^^
       |
       = help: without either, no name would be asked of it
    "#);
    sandbox.write("pinproof.toml", "preset = \n");
    assert_snapshot!(shown(&sandbox.run(&["check"]), None), @r"
    exit 2
    --- stderr
    error: not valid TOML: string values must be quoted, expected literal string
     --> pinproof.toml:1:10
      |
    1 | preset =
      |          ^
    ");
    sandbox.write("pinproof.toml", "required-version = \">=99\"\n");
    assert_snapshot!(shown(&sandbox.run(&["check"]), None), @r"
    exit 2
    --- stderr
    error: this is pinproof 0.1.0, and the project requires >=99
    hint: install a version that `required-version` accepts
    ");
    sandbox.write("pyproject.toml", "[tool.pinproof]\npreset = \"strict\"\n");
    assert_snapshot!(shown(&sandbox.run(&["check"]), None), @r"
    exit 2
    --- stderr
    error: pinproof.toml and [tool.pinproof] in pyproject.toml both configure this project: keep one
    ");
    assert_snapshot!(shown(&sandbox.run(&["check", "--config", "missing.toml"]), None), @r"
    exit 2
    --- stderr
    error: missing.toml: there is no such file
    ");
}
