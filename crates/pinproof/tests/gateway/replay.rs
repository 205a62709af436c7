//! `pinproof serve replay`: what another policy would have answered, and no more than is known.

use insta::assert_snapshot;
use serde_json::Value;

use crate::gateway::Gateway;
use crate::shelf::{File, Shelf};
use crate::support::{NOW, Ran, Sandbox, record_of_all};
use crate::validator::Validator;

const OLD: &str = "demo-1.0-py3-none-any.whl";
const STRANGER: &str = "stranger-1.0-py3-none-any.whl";

/// A gateway that was asked for a few files.
struct Used {
    sandbox: Sandbox,
    shelf: Shelf,
}

impl Used {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(more: &[&str]) -> Self {
        let sandbox = Sandbox::new();
        sandbox.write("pinproof.toml", "");
        let listed = File::wheel("demo", "1.0");
        sandbox.write("locks/web.txt", listed.locked());
        sandbox.write("closed.toml", "allow-list = [\"locks/*.txt\"]\n");
        let shelf = Shelf::with(&[
            listed,
            File::wheel("demo", "2.0").uploaded("2026-10-30T00:00:00Z"),
            File::wheel("stranger", "1.0"),
        ]);
        let used = Self { sandbox, shelf };
        let gateway = used.start(more);
        Self::ask(&gateway);
        assert_eq!(gateway.stop(), 0);
        used
    }

    fn start(&self, more: &[&str]) -> Gateway {
        let index = ["--index-url", &self.shelf.url()];
        Gateway::start(&self.sandbox, &[&index[..], more].concat())
    }

    fn ask(gateway: &Gateway) {
        for (project, file, times) in [("demo", OLD, 3), ("stranger", STRANGER, 2)] {
            let path = gateway.path(project, file);
            for _ in 0..times {
                assert_eq!(gateway.get(&path, &[]).status, 200);
            }
        }
    }

    fn replay(&self, more: &[&str]) -> Ran {
        let usual = ["serve", "replay", "--data", "data", "--as-of", NOW];
        let index = ["--index-url", &self.shelf.url()];
        self.sandbox.run(&[&usual[..], &index, more].concat())
    }
}

/// The report without what differs with every rule and every port.
fn shown(ran: &Ran) -> String {
    let lines = ran.stdout.lines();
    let lines = lines.take_while(|line| !line.starts_with("policy in effect"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_a_closed_mode_would_refuse_is_said_with_how_often_it_was_asked_for() {
    let used = Used::new();
    let ran = used.replay(&["--policy", "closed.toml"]);
    ran.ends_with(1);
    assert_snapshot!(shown(&ran), @"
    newly refused: 1 file, answered 2 times
      unlisted-release: 1 file, answered 2 times
      - stranger-1.0-py3-none-any.whl (answered 2 times): `stranger` is in no lock of the allow-list [unlisted-release]

    WOULD CHANGE  closed.toml: 1 newly refused, 0 newly admitted, 2 unchanged, 0 not decided, 0 not as answered; 3 files of 2 projects decided again
    each for the time of its last answer, on the pages that are kept and the advisories as they are now
    ");
}

#[test]
fn what_a_milder_policy_would_admit_is_said() {
    let used = Used::new();
    used.sandbox
        .write("mild.toml", "[rules]\nrecent-release = \"allow\"\n");
    let ran = used.replay(&["--policy", "mild.toml"]);
    ran.ends_with(1);
    assert_snapshot!(shown(&ran), @"
    newly admitted: 1 file, answered once
      recent-release: 1 file, answered once
      - demo-2.0-py3-none-any.whl (answered once): refused so far: `demo` 2.0 is 2 days old, younger than the cooldown of 7 days [recent-release]

    WOULD CHANGE  mild.toml: 0 newly refused, 1 newly admitted, 2 unchanged, 0 not decided, 0 not as answered; 3 files of 2 projects decided again
    each for the time of its last answer, on the pages that are kept and the advisories as they are now
    ");
}

#[test]
fn the_same_policy_changes_nothing() {
    let used = Used::new();
    let ran = used.replay(&["--policy", "pinproof.toml"]);
    ran.ends_with(0);
    assert_snapshot!(shown(&ran), @"
    NO CHANGE  pinproof.toml: 0 newly refused, 0 newly admitted, 3 unchanged, 0 not decided, 0 not as answered; 3 files of 2 projects decided again
    each for the time of its last answer, on the pages that are kept and the advisories as they are now
    ");
}

#[test]
fn evidence_that_changed_since_is_no_difference_between_the_policies() {
    let used = Used::new();
    let database = used
        .sandbox
        .database(&[record_of_all("MAL-2026-1", "stranger")]);
    let ran = used.replay(&["--policy", "pinproof.toml", "--db", &database]);
    ran.ends_with(0);
    assert_snapshot!(shown(&ran), @"
    not as it was answered, by the policy in effect either: 1 file, answered 2 times
      known-malware: 1 file, answered 2 times
      - stranger-1.0-py3-none-any.whl (answered 2 times): answered admitted, now refused: `stranger` 1.0 is published as malware: MAL-2026-1 [known-malware]; it was answered on other evidence than there is now

    NO CHANGE  pinproof.toml: 0 newly refused, 0 newly admitted, 2 unchanged, 0 not decided, 1 not as answered; 3 files of 2 projects decided again
    each for the time of its last answer, on the pages that are kept and the advisories as they are now
    ");
    // Here the two policies differ as well.
    used.sandbox
        .write("trusting.toml", "[rules]\nknown-malware = \"allow\"\n");
    let ran = used.replay(&["--policy", "trusting.toml", "--db", &database]);
    ran.ends_with(1)
        .says("; tried admitted; it was answered on other evidence than there is now");
}

#[test]
fn what_nobody_can_decide_is_no_pass() {
    let used = Used::new();
    let ran = used.replay(&["--policy", "pinproof.toml", "--db", "missing.db"]);
    ran.ends_with(3)
        .notes("what rests on advisories cannot be decided")
        .says("UNDECIDED");
    // Without the address of the gateway's index, it is another index.
    let usual = [
        "serve",
        "replay",
        "--data",
        "data",
        "--policy",
        "closed.toml",
    ];
    let ran = used.sandbox.run(&usual);
    ran.ends_with(3);
    assert_snapshot!(shown(&ran), @"
    not decided: 3 files, answered 6 times
      no rule: 3 files, answered 6 times
      - demo-1.0-py3-none-any.whl (answered 3 times): no page of index `PyPI` is kept of it; `--index-url` and `--index` say which one the gateway asks
      - stranger-1.0-py3-none-any.whl (answered 2 times): no page of index `PyPI` is kept of it; `--index-url` and `--index` say which one the gateway asks
      - demo-2.0-py3-none-any.whl (answered once): no page of index `PyPI` is kept of it; `--index-url` and `--index` say which one the gateway asks

    UNDECIDED  closed.toml: 0 newly refused, 0 newly admitted, 0 unchanged, 3 not decided, 0 not as answered; 3 files of 2 projects decided again
    each for the time of its last answer, on the pages that are kept and the advisories as they are now
    ");
}

#[test]
fn only_later_answers_or_every_pinned_file() {
    let used = Used::new();
    let later = ["--policy", "closed.toml", "--since", "2026-11-02"];
    used.replay(&later)
        .ends_with(2)
        .notes("there is nothing to decide again: the log has no such answer");
    let since = ["--policy", "closed.toml", "--since", NOW];
    used.replay(&since)
        .ends_with(1)
        .says("3 files of 2 projects");
    let all = used.replay(&["--policy", "closed.toml", "--all"]);
    all.ends_with(1).says("each for now, on the pages").says(
        "stranger-1.0-py3-none-any.whl (not asked for): `stranger` is in no lock of the allow-list",
    );
}

#[test]
fn a_shadow_is_no_answer_and_a_gateway_may_run() {
    let used = Used::with(&["--shadow", "closed.toml"]);
    let gateway = used.start(&[]);
    let ran = used.replay(&["--policy", "closed.toml", "--format", "json"]);
    ran.ends_with(1);
    let report = ran.json();
    assert_eq!(report["newly_refused"]["files"], 1, "{report}");
    assert_eq!(report["newly_refused"]["times"], 2, "{report}");
    assert_eq!(report["not_as_answered"]["files"], 0, "{report}");
    let refused: &Value = &report["newly_refused"]["listed"][0];
    assert_eq!(refused["filename"], STRANGER);
    assert_eq!(refused["answered"]["admission"], "admitted");
    // The policy that was tried becomes the one in effect: its answers are answers then.
    drop(gateway);
    used.sandbox
        .write("pinproof.toml", "allow-list = [\"locks/*.txt\"]\n");
    let gateway = used.start(&[]);
    let path = gateway.path("demo", OLD);
    assert_eq!(gateway.get(&path, &[]).status, 200);
    assert_eq!(gateway.stop(), 0);
    let ran = used.replay(&["--policy", "closed.toml", "--format", "json"]);
    let report = ran.ends_with(0).json();
    assert_eq!(report["not_as_answered"]["files"], 1, "{report}");
    let note = &report["not_as_answered"]["listed"][0]["note"];
    assert_eq!(note, "another policy answered");
}

#[test]
fn what_is_written_for_programs_is_what_the_schema_says() {
    let Some(validator) = Validator::new() else {
        return;
    };
    let used = Used::new();
    let schema = used.sandbox.run(&["config", "schema", "replay"]).stdout;
    for policy in ["closed.toml", "pinproof.toml"] {
        for more in [&["--all"][..], &[]] {
            let usual = ["--policy", policy, "--format", "json"];
            let report = used.replay(&[&usual[..], more].concat()).stdout;
            assert_eq!(validator.errors(&schema, &report), "", "{report}");
        }
    }
}

#[test]
fn a_policy_or_a_store_that_cannot_be_read_ends_with_2() {
    let used = Used::new();
    used.replay(&["--policy", "nowhere.toml"])
        .ends_with(2)
        .notes("nowhere.toml: there is no such file");
    used.sandbox
        .write("bad.toml", "allow-list = [\"gone.txt\"]\n");
    used.replay(&["--policy", "bad.toml"])
        .ends_with(2)
        .notes("bad.toml:1:15: the allow-list names `gone.txt`, and no file is there");
    let elsewhere = [
        "serve",
        "replay",
        "--data",
        "empty",
        "--policy",
        "closed.toml",
    ];
    used.sandbox.run(&elsewhere).ends_with(2);
    used.replay(&["--policy", "closed.toml", "--format", "sarif"])
        .ends_with(2)
        .notes("answers as text or json");
}
