//! The report for programs.

use insta::assert_snapshot;

use crate::support::{Index, Sandbox};
use crate::{flask, shown};

#[test]
fn as_json() {
    let index = Index::with(&flask());
    let sandbox = Sandbox::with_requirements(
        "flask==3.1.2\nflask>=4 # pinproof: ignore[unknown-release] soon\n!!\n",
    );
    sandbox.write("pinproof.toml", "contact = \"the platform team\"\n");
    let ran = sandbox.check(&index, &["--format", "json"]);
    let mut text = shown(&ran, Some(&index));
    for digest in digests(&text.clone()) {
        text = text.replace(&digest, "[DIGEST]");
    }
    assert_snapshot!(text, @r#"
    exit 1
    {
      "version": 1,
      "pinproof": "0.1.0",
      "exit_code": 1,
      "policy_digest": "sha256:[DIGEST]",
      "decided_at": "2026-11-01T00:00:00Z",
      "next_change_at": null,
      "contact": "the platform team",
      "base": null,
      "summary": {
        "requirements": 3,
        "judged": 2,
        "internal": 0,
        "excepted": 0,
        "denied": 2,
        "warned": 0,
        "ignored": 1,
        "ignored_questions": 0,
        "existing": 0,
        "unanswered": 1
      },
      "files": [
        {
          "path": "requirements.txt",
          "sha256": "[DIGEST]",
          "role": "installed",
          "of": null,
          "inventory": null,
          "lock": {
            "by_commit": 0,
            "elsewhere": [],
            "hashed": 0,
            "hashes": 0,
            "is_freeze_output": false,
            "kind": "partly-pinned",
            "local": 0,
            "missing": 0,
            "pinned": 1,
            "requirements": 2,
            "tool": null,
            "unneeded": null
          },
          "environment": "Python 3.14 on linux-x86_64",
          "requirements": 3,
          "judged": 2,
          "internal": 0,
          "excepted": 0,
          "foreign": 0,
          "scope": [],
          "left_out": []
        }
      ],
      "errors": [],
      "findings": [
        {
          "rule": "unpinned-requirement",
          "level": "deny",
          "refuses": false,
          "message": "`flask>=4` allows more than one version",
          "fingerprint": "unpinned-requirement:requirements.txt:flask:range",
          "baseline": null,
          "project": "flask",
          "release": null,
          "places": [
            {
              "file": "requirements.txt",
              "line": 2,
              "column": 6,
              "end_line": 2,
              "end_column": 9
            }
          ],
          "notes": [],
          "help": [
            "pin it to one version with `==`"
          ],
          "advisories": null
        },
        {
          "rule": "unhashed-requirement",
          "level": "deny",
          "refuses": true,
          "message": "`flask` is pinned, but has no hash",
          "fingerprint": "unhashed-requirement:requirements.txt:flask:unhashed",
          "baseline": null,
          "project": "flask",
          "release": "3.1.2",
          "places": [
            {
              "file": "requirements.txt",
              "line": 1,
              "column": 6,
              "end_line": 1,
              "end_column": 13
            }
          ],
          "notes": [],
          "help": [
            "`pinproof check --fix` adds the hashes that the index publishes"
          ],
          "advisories": null
        }
      ],
      "ignored": [
        {
          "reason": "soon",
          "owner": null,
          "until": null,
          "finding": {
            "rule": "unknown-release",
            "level": "deny",
            "refuses": true,
            "message": "no release of `flask` on [INDEX]/simple satisfies `>=4`",
            "fingerprint": "unknown-release:requirements.txt:flask:none-fits",
            "baseline": null,
            "project": "flask",
            "release": null,
            "places": [
              {
                "file": "requirements.txt",
                "line": 2,
                "column": 6,
                "end_line": 2,
                "end_column": 9
              }
            ],
            "notes": [],
            "help": [
              "3.1.2 is the newest release that the policy allows"
            ],
            "advisories": null
          }
        }
      ],
      "ignored_questions": [],
      "questions": [
        {
          "rule": "not-understood",
          "level": "deny",
          "source": "requirements.txt",
          "openness": "unavailable",
          "why": "expected a project name: letters, digits, `-`, `_` and `.`",
          "baseline": null,
          "project": null,
          "places": [
            {
              "file": "requirements.txt",
              "line": 3,
              "column": 1,
              "end_line": 3,
              "end_column": 3
            }
          ]
        }
      ],
      "lanes": [],
      "decisions": [
        {
          "file": "requirements.txt",
          "line": 1,
          "name": "flask",
          "release": "3.1.2",
          "needed_by": [],
          "admission": "refused",
          "evidence_digest": "sha256:[DIGEST]"
        },
        {
          "file": "requirements.txt",
          "line": 2,
          "name": "flask",
          "release": null,
          "needed_by": [],
          "admission": "admitted",
          "evidence_digest": "sha256:[DIGEST]"
        }
      ],
      "sources": [
        {
          "name": "[INDEX]/simple",
          "address": "http://[INDEX]/simple/",
          "asked": 1,
          "oldest_answer": "2026-11-01T00:00:00Z"
        }
      ],
      "advisories": [
        {
          "name": "osv",
          "server": null,
          "as_of": "2026-10-31T12:00:00Z",
          "records": 1,
          "not_understood": 0,
          "digest": "sha256:[DIGEST]",
          "trouble": null
        }
      ],
      "advice": []
    }
    "#);
}

/// The runs of 64 hexadecimal digits in a text.
fn digests(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_hexdigit());
    words
        .filter(|word| word.len() == 64)
        .map(str::to_owned)
        .collect()
}
