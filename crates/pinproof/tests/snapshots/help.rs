//! What `--help` says.

use insta::assert_snapshot;

use crate::shown;
use crate::support::Sandbox;

fn run(args: &[&str]) -> String {
    shown(&Sandbox::new().run(args), None)
}

#[test]
fn of_the_whole() {
    assert_snapshot!(run(&["-h"]), @"
    exit 0
    Secures the software supply chain of Python projects

    Usage: pinproof [OPTIONS] <COMMAND>

    Commands:
      check        Every supply-chain risk of a project, in one report
      audit        Known vulnerabilities and known malware in a project
      lock         Requirements in, a complete lock with hashes out; no package code runs on the way
      download     Files of a lock or of a release, held to their hashes, into a folder
      install      Installs a lock into an environment: verified wheels only, all of them or none
      db           The database of advisories
      serve        A package index that hands out what the policy admits, and says why not
      doctor       Whether the clients of this machine go through a gateway, proven with a harmless
                   project
      run          A command behind a gateway of its own, with the policy of this folder
      sbom         What a project installs, as a bill of materials in CycloneDX 1.6; nobody is asked
      exposed      Whether a release was ever locked or installed here, when it came, and when it went
      explain      What a rule says, why, and what to do; without a rule, the table of rules
      config       The configuration: what is in effect, its schema, a template
      cache        The cache of index answers
      completions  Completions for a shell
      help         Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help (see more with '--help')
      -V, --version  Print version

    Configuration:
          --config <FILE>  Read this configuration instead of the nearest one [env: PINPROOF_CONFIG=]
          --no-config      Read no configuration [env: PINPROOF_NO_CONFIG=]

    Evidence:
          --index-url <URL>    Ask this index instead of PyPI [env: PINPROOF_INDEX_URL]
          --index <NAME=URL>   The address of an index that the configuration names; may be repeated
                               [env: PINPROOF_INDEX]
          --offline            Ask nobody: cached answers count up to `[cache] max-age` [env:
                               PINPROOF_OFFLINE=]
          --db <FILE>          Look advisories up in this database instead of OSV's [env: PINPROOF_DB]
          --online             Ask an OSV server instead of a database: it learns what the project
                               depends on, and knows the present only [env: PINPROOF_ONLINE=]
          --osv-url <URL>      The server of --online [default: that of OSV] [env: PINPROOF_OSV_URL]
          --timeout <SECONDS>  Seconds that an index may take before it counts as silent [env:
                               PINPROOF_TIMEOUT=] [default: 15]
          --retries <N>        How often a request is repeated after a failure that may pass [env:
                               PINPROOF_RETRIES=] [default: 2]
          --as-of <TIME>       Decide as of this time, such as 2026-11-01T00:00:00Z [env:
                               PINPROOF_AS_OF=]
          --cache-dir <DIR>    Keep index answers here [env: PINPROOF_CACHE_DIR=]

    Output:
          --format <FORMAT>  How the report is written [env: PINPROOF_FORMAT=] [default: text] [possible
                             values: text, concise, json, sarif, github, gitlab, markdown, html,
                             cyclonedx, vex]
      -o, --output <FILE>    Write the report to this file [env: PINPROOF_OUTPUT=]
          --color <COLOR>    When to use colour [env: PINPROOF_COLOR=] [default: auto] [possible values:
                             auto, always, never]
      -q, --quiet...         Say less: no notes on stderr; twice, no report where nothing is denied
                             [env: PINPROOF_QUIET=]
      -v, --verbose...       Say more: every place of a finding, what was ignored, full digests [env:
                             PINPROOF_VERBOSE=]
          --no-progress      Show no progress [env: PINPROOF_NO_PROGRESS=]

    Exit codes: 0 nothing denied · 1 something denied · 2 could not run · 3 a denying rule could not be
    answered
    ");
}

#[test]
fn of_the_check() {
    assert_snapshot!(run(&["check", "-h"]), @"
    exit 0
    Every supply-chain risk of a project, in one report

    Usage: pinproof check [OPTIONS] [PATH]...

    Arguments:
      [PATH]...  Files and folders to judge [default: this folder, unless an environment is named]

    Options:
      -h, --help  Print help (see more with '--help')

    Rules:
          --only <RULE>   Ask only this rule; may be repeated [env: PINPROOF_ONLY=]
      -A, --allow <RULE>  Do not ask this rule [env: PINPROOF_ALLOW=]
      -W, --warn <RULE>   Show what this rule finds, without failing [env: PINPROOF_WARN=]
      -D, --deny <RULE>   Fail on what this rule finds [env: PINPROOF_DENY=]

    What is judged:
          --environment <DIR>    Judge what is installed in this folder, such as a virtual environment;
                                 may be repeated [env: PINPROOF_ENVIRONMENT=]
          --group <GROUP>        Judge this dependency group of pyproject.toml, and no other group [env:
                                 PINPROOF_GROUP=]
          --extra <EXTRA>        Judge this extra of pyproject.toml, and no other extra [env:
                                 PINPROOF_EXTRA=]
          --no-groups            Judge no dependency group: what ships, without what develops it [env:
                                 PINPROOF_NO_GROUPS=]
          --no-extras            Judge no extra [env: PINPROOF_NO_EXTRAS=]
          --python <VERSION>     The Python version to judge dependency trees for [default: the file's
                                 head, else 3.14] [env: PINPROOF_PYTHON=]
          --platform <PLATFORM>  The platform to judge dependency trees for [default: linux-x86_64]
                                 [env: PINPROOF_PLATFORM=]

    What counts:
          --base <REF|FILE>  Count only what this git revision, or this older file, does not have too
                             [env: PINPROOF_BASE=]
          --baseline <FILE>  Count only what this file of known findings does not have [env:
                             PINPROOF_BASELINE=]
          --write-baseline   Write what is found to the file of --baseline [env:
                             PINPROOF_WRITE_BASELINE=]

    Changes:
          --fix   Add the hashes that the index publishes to exactly pinned lines [env: PINPROOF_FIX=]
          --diff  Show what --fix would change, and change nothing [env: PINPROOF_DIFF=]

    Output:
          --statistics       Count findings by rule instead of listing them [env: PINPROOF_STATISTICS=]
          --exit-zero        End with 0 where it would be 1 or 3; what could not run still ends with 2
                             [env: PINPROOF_EXIT_ZERO=]
          --format <FORMAT>  How the report is written [env: PINPROOF_FORMAT=] [default: text] [possible
                             values: text, concise, json, sarif, github, gitlab, markdown, html,
                             cyclonedx, vex]
      -o, --output <FILE>    Write the report to this file [env: PINPROOF_OUTPUT=]
          --color <COLOR>    When to use colour [env: PINPROOF_COLOR=] [default: auto] [possible values:
                             auto, always, never]
      -q, --quiet...         Say less: no notes on stderr; twice, no report where nothing is denied
                             [env: PINPROOF_QUIET=]
      -v, --verbose...       Say more: every place of a finding, what was ignored, full digests [env:
                             PINPROOF_VERBOSE=]
          --no-progress      Show no progress [env: PINPROOF_NO_PROGRESS=]

    Configuration:
          --config <FILE>  Read this configuration instead of the nearest one [env: PINPROOF_CONFIG=]
          --no-config      Read no configuration [env: PINPROOF_NO_CONFIG=]

    Evidence:
          --index-url <URL>    Ask this index instead of PyPI [env: PINPROOF_INDEX_URL]
          --index <NAME=URL>   The address of an index that the configuration names; may be repeated
                               [env: PINPROOF_INDEX]
          --offline            Ask nobody: cached answers count up to `[cache] max-age` [env:
                               PINPROOF_OFFLINE=]
          --db <FILE>          Look advisories up in this database instead of OSV's [env: PINPROOF_DB]
          --online             Ask an OSV server instead of a database: it learns what the project
                               depends on, and knows the present only [env: PINPROOF_ONLINE=]
          --osv-url <URL>      The server of --online [default: that of OSV] [env: PINPROOF_OSV_URL]
          --timeout <SECONDS>  Seconds that an index may take before it counts as silent [env:
                               PINPROOF_TIMEOUT=] [default: 15]
          --retries <N>        How often a request is repeated after a failure that may pass [env:
                               PINPROOF_RETRIES=] [default: 2]
          --as-of <TIME>       Decide as of this time, such as 2026-11-01T00:00:00Z [env:
                               PINPROOF_AS_OF=]
          --cache-dir <DIR>    Keep index answers here [env: PINPROOF_CACHE_DIR=]
    ");
}

#[test]
fn without_a_command_it_is_the_help_and_could_not_run() {
    let sandbox = Sandbox::new();
    let nothing = sandbox.run(&[]);
    assert_eq!(nothing.ends_with(2).stderr, sandbox.run(&["-h"]).stdout);
}

#[test]
fn the_long_help_has_every_option_of_the_short_one() {
    let sandbox = Sandbox::new();
    for (long, short) in [
        (&["--help"][..], &["-h"][..]),
        (&["check", "--help"], &["check", "-h"]),
    ] {
        let (long, short) = (sandbox.run(long), sandbox.run(short));
        let words = short.stdout.split([' ', '\n', ',']);
        let options: Vec<_> = words.filter(|word| word.starts_with("--")).collect();
        assert!(options.len() > 10, "{}", short.all());
        let missing: Vec<_> = options
            .into_iter()
            .filter(|option| !long.stdout.contains(option))
            .collect();
        assert_eq!(missing, [""; 0]);
    }
}

#[test]
fn of_the_others_is_short() {
    let commands: &[&[&str]] = &[
        &["explain"],
        &["config"],
        &["config", "show"],
        &["config", "schema"],
        &["config", "init"],
        &["cache"],
        &["cache", "dir"],
        &["cache", "clean"],
        &["completions"],
    ];
    let own = |command: &&[&str]| {
        let ran = Sandbox::new().run(&[*command, &["--help"][..]].concat());
        let shared = ran
            .ends_with(0)
            .stdout
            .find("\nConfiguration:")
            .expect("the global options");
        format!(
            "$ pinproof {} --help\n{}",
            command.join(" "),
            &ran.stdout[..shared]
        )
    };
    let all: Vec<_> = commands.iter().map(own).collect();
    assert_snapshot!(all.join("\n"), @"
    $ pinproof explain --help
    What a rule says, why, and what to do; without a rule, the table of rules

    Usage: pinproof explain [OPTIONS] [RULE]

    Arguments:
      [RULE]
              The rule

    Options:
      -h, --help
              Print help (see a summary with '-h')

    $ pinproof config --help
    The configuration: what is in effect, its schema, a template

    Usage: pinproof config [OPTIONS] <COMMAND>

    Commands:
      show    The configuration in effect, with the digest of its policy
      schema  The JSON schema of pinproof.toml, of a report, or of a baseline
      init    Writes a commented pinproof.toml into this folder
      help    Print this message or the help of the given subcommand(s)

    Options:
      -h, --help
              Print help (see a summary with '-h')

    $ pinproof config show --help
    The configuration in effect, with the digest of its policy

    Usage: pinproof config show [OPTIONS]

    Options:
      -h, --help
              Print help (see a summary with '-h')

    $ pinproof config schema --help
    The JSON schema of pinproof.toml, of a report, or of a baseline

    Usage: pinproof config schema [OPTIONS] [OF]

    Arguments:
      [OF]
              Which schema

              Possible values:
              - config:    pinproof.toml
              - report:    `check --format json`
              - exposed:   `exposed --format json`
              - download:  `download --format json` and `install --format json`
              - lock:      `lock --format json`
              - doctor:    `doctor --format json`
              - serve-log: A line on stderr of `serve --format json`
              - baseline:  The file of `check --baseline`
              - replay:    `serve replay --format json`
              
              [default: config]

    Options:
      -h, --help
              Print help (see a summary with '-h')

    $ pinproof config init --help
    Writes a commented pinproof.toml into this folder

    Usage: pinproof config init [OPTIONS]

    Options:
      -h, --help
              Print help (see a summary with '-h')

    $ pinproof cache --help
    The cache of index answers

    Usage: pinproof cache [OPTIONS] <COMMAND>

    Commands:
      dir    Where it is, and how large
      clean  Removes it
      help   Print this message or the help of the given subcommand(s)

    Options:
      -h, --help
              Print help (see a summary with '-h')

    $ pinproof cache dir --help
    Where it is, and how large

    Usage: pinproof cache dir [OPTIONS]

    Options:
      -h, --help
              Print help (see a summary with '-h')

    $ pinproof cache clean --help
    Removes it

    Usage: pinproof cache clean [OPTIONS]

    Options:
      -h, --help
              Print help (see a summary with '-h')

    $ pinproof completions --help
    Completions for a shell

    Usage: pinproof completions [OPTIONS] <SHELL>

    Arguments:
      <SHELL>
              The shell
              
              [possible values: bash, elvish, fish, powershell, zsh]

    Options:
      -h, --help
              Print help (see a summary with '-h')
    ");
}
