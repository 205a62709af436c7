//! P2: the last line says how much was judged, from what, and what stayed open; nothing is never green.

use crate::support::{Index, Ran, Release, Sandbox};

fn flask() -> Release {
    Release::new("flask", "3.1.2")
}

fn click() -> Release {
    Release::new("click", "8.3.0")
}

#[test]
fn the_last_line_names_the_file_and_the_digest_of_its_bytes() {
    let index = Index::with(&[flask(), click()]);
    let sandbox = Sandbox::with_requirements(&(flask().locked() + &click().locked()));
    let digest = sandbox.sha256("requirements.txt");
    let ran = sandbox.check(&index, &[]);
    assert_eq!(
        ran.ends_with(0).last_line(),
        format!(
            "judged 2 of 2 from requirements.txt sha256:{}…; 0 questions unanswered",
            &digest[..12]
        )
    );
    let whole =
        format!("judged 2 of 2 from requirements.txt sha256:{digest}; 0 questions unanswered");
    assert_eq!(sandbox.check(&index, &["-v"]).last_line(), whole);
    assert_eq!(
        sandbox.check(&index, &["--format", "concise"]).last_line(),
        whole
    );
    let json = sandbox.check(&index, &["--format", "json"]).json();
    assert_eq!(json["files"][0]["sha256"], digest);
    assert_eq!(json["summary"]["judged"], 2);
}

#[test]
fn the_digest_is_that_of_the_bytes_and_not_of_the_text() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::new();
    let text = flask().locked().replace('\n', "\r\n");
    sandbox.write(
        "requirements.txt",
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
    );
    let ran = sandbox.check(&index, &["--format", "json"]);
    let digest = sandbox.sha256("requirements.txt");
    assert_eq!(ran.ends_with(0).json()["files"][0]["sha256"], digest);
}

#[test]
fn every_file_is_counted_apart() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements(&flask().locked());
    sandbox.write(
        "requirements-dev.txt",
        format!("{}not one\n", flask().locked()),
    );
    let ran = sandbox.check(&index, &[]);
    let dev = &sandbox.sha256("requirements-dev.txt")[..12];
    let main = &sandbox.sha256("requirements.txt")[..12];
    assert_eq!(
        ran.ends_with(3).last_line(),
        format!(
            "judged 1 of 2 from requirements-dev.txt sha256:{dev}…, \
             1 of 1 from requirements.txt sha256:{main}…; 1 question unanswered"
        )
    );
}

#[test]
fn many_files_are_summed_up() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::new();
    for name in ["a", "b", "c", "d"] {
        sandbox.write(&format!("requirements/{name}.txt"), flask().locked());
    }
    let ran = sandbox.check(&index, &[]);
    let last = ran.ends_with(0).last_line();
    assert!(
        last.starts_with("judged 4 of 4 requirements from 4 files"),
        "{last}"
    );
    assert!(
        last.contains(&sandbox.sha256("requirements/d.txt")[..12]),
        "{last}"
    );
}

#[test]
fn a_requirement_without_its_answer_is_not_judged_and_its_questions_are_counted() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements(&(flask().locked() + &click().locked()));
    sandbox
        .check(&index, &[])
        .ends_with(1)
        .says("error[unknown-project]");
    sandbox.write("pinproof.toml", corp_answers_for_click(&Index::refused()));
    let installer = ["--allow", "name-outside-namespace"];
    let ran = sandbox.check(&index, &installer);
    ran.ends_with(3).says("UNDECIDED");
    let last = ran.last_line();
    assert!(
        last.starts_with("judged 1 of 2 from requirements.txt"),
        "{last}"
    );
    let json = sandbox
        .check(&index, &[&installer[..], &["--format", "json"]].concat())
        .json();
    let denying = |question: &&serde_json::Value| question["level"] == "deny";
    let open = json["questions"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(denying);
    let open: Vec<_> = open.collect();
    assert_eq!(json["summary"]["unanswered"], open.len());
    assert!(
        last.ends_with(&format!("; {} questions unanswered", open.len())),
        "{last}"
    );
    assert!(
        open.iter().all(|question| question["project"] == "click"),
        "{}",
        ran.all()
    );
    assert!(
        open.iter()
            .any(|question| question["rule"] == "unknown-release"),
        "{}",
        ran.all()
    );
}

/// An exception for `click` from a rule.
fn excepted(rule: &str) -> String {
    format!(
        "[[ignore]]\nrule = \"{rule}\"\nmatch = \"click\"\nowner = \"web team\"\n\
         until = 2026-12-31\nreason = \"corp is moved\"\n"
    )
}

/// The rules that ask an index about a pinned requirement.
const PAGE_RULES: [&str; 10] = [
    "archived-project",
    "build-required",
    "deprecated-project",
    "hash-mismatch",
    "late-file",
    "quarantined-project",
    "recent-release",
    "unknown-project",
    "unknown-release",
    "yanked-release",
];

fn corp_answers_for_click(url: &str) -> String {
    format!("[[index]]\nname = \"corp\"\nurl = \"{url}\"\nonly = [\"click\"]\n")
}

#[track_caller]
fn is_not_green(ran: &Ran) {
    ran.ends_with(2).says("nothing to judge");
    assert!(
        ran.last_line().starts_with("judged 0 of 0"),
        "{}",
        ran.all()
    );
    for green in ["CLEAN", "PASSED"] {
        ran.never_says(green);
    }
}

#[test]
fn nothing_to_judge_is_never_green() {
    let index = Index::with(&[flask()]);
    for text in [
        "",
        "\n",
        "# only a comment\n",
        "--no-index\n",
        "-c other.txt\n",
    ] {
        let sandbox = Sandbox::with_requirements(text);
        sandbox.write("other.txt", "flask==3.1.2\n");
        is_not_green(&sandbox.check(&index, &[]));
        is_not_green(&sandbox.check(&index, &["--exit-zero"]));
        is_not_green(&sandbox.check(&index, &["-qq"]));
        is_not_green(&sandbox.check(&index, &["requirements.txt"]));
    }
}

#[test]
fn an_empty_folder_and_inputs_that_match_nothing_are_not_green() {
    let index = Index::with(&[]);
    let sandbox = Sandbox::new();
    is_not_green(&sandbox.check(&index, &[]));
    sandbox.write("pinproof.toml", "inputs = [\"locks/*.txt\"]\n");
    sandbox.write("requirements.txt", flask().locked());
    is_not_green(&sandbox.check(&index, &[]));
}

#[test]
fn what_is_left_out_is_not_judged_and_alone_not_green() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::new();
    let project =
        "[project]\nname = \"x\"\nversion = \"1\"\n[dependency-groups]\ndev = [\"flask\"]\n";
    sandbox.write("pyproject.toml", project);
    sandbox
        .check(&index, &[])
        .ends_with(1)
        .says("judged: group `dev`");
    let ran = sandbox.check(&index, &["--no-groups"]);
    is_not_green(&ran);
    ran.says("left out by choice: group `dev`");
}

#[test]
fn json_tells_nothing_from_clean() {
    let index = Index::with(&[]);
    let ran = Sandbox::with_requirements("# nothing\n").check(&index, &["--format", "json"]);
    let json = ran.ends_with(2).json();
    assert_eq!(json["exit_code"], 2);
    assert_eq!(json["summary"]["requirements"], 0);
}

/// The policy says that the names are nobody else's business: that is no failure, and no praise either.
#[test]
fn a_file_of_internal_names_is_not_said_to_be_judged() {
    let index = Index::with(&[]);
    let sandbox = Sandbox::with_requirements(&(flask().locked() + &click().locked()));
    let internal = "[[index]]\nname = \"corp\"\nonly = [\"flask\", \"click\"]\n";
    sandbox.write("pinproof.toml", internal);
    let gateway = [("PIP_INDEX_URL", "https://gateway.example/simple/")];
    let args = ["--index-url", &index.url()];
    let ran = sandbox.check_as_configured(&args, &gateway);
    ran.ends_with(0).never_says("CLEAN");
    let sha256 = sandbox.sha256("requirements.txt");
    assert_eq!(
        ran.last_line(),
        format!(
            "judged 0 of 2 from requirements.txt sha256:{}… (not judged: 2 internal); \
             0 questions unanswered",
            &sha256[..12]
        )
    );
    assert_eq!(index.asked(), [""; 0]);
}

/// `--no-index` in a file is no word of the policy: nobody was asked, so nobody can say that all is well.
#[test]
fn a_file_that_turns_indexes_off_is_undecided() {
    let index = Index::with(&[flask()]);
    let text = format!("--no-index\n--find-links wheels\n{}", flask().locked());
    let sandbox = Sandbox::with_requirements(&text);
    let ran = sandbox.check_as_configured(&[], &[]);
    ran.ends_with(3)
        .says("UNDECIDED")
        .says("no answer from an index about flask: `no-index` leaves none to ask");
    assert!(
        ran.last_line().starts_with("judged 0 of 1"),
        "{}",
        ran.all()
    );
    // The way out that the report names.
    let ran = sandbox.check(&index, &[]);
    ran.ends_with(0);
    assert!(
        ran.last_line().starts_with("judged 1 of 1"),
        "{}",
        ran.all()
    );
}

/// No rule denies in preset `observe`, so no question of one is open; still nothing was judged.
#[test]
fn where_no_rule_denies_nothing_judged_is_not_green_either() {
    let sandbox = Sandbox::with_requirements(&flask().locked());
    sandbox.write("pinproof.toml", "preset = \"observe\"\n");
    let refused = Index::refused();
    let ran = sandbox.check_as_configured(&["--index-url", &refused], &[]);
    ran.ends_with(3).says("UNDECIDED");
    assert!(
        ran.last_line().starts_with("judged 0 of 1"),
        "{}",
        ran.all()
    );
}

#[test]
fn questions_that_an_exception_covers_are_counted_and_their_requirement_is_not_judged() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements(&(flask().locked() + &click().locked()));
    let mut policy = corp_answers_for_click(&Index::refused());
    for rule in PAGE_RULES {
        policy += &excepted(rule);
    }
    sandbox.write("pinproof.toml", policy);
    let args = [
        "--allow",
        "name-outside-namespace",
        "--allow",
        "incomplete-tree",
    ];
    let ran = sandbox.check(&index, &args);
    let ignored = format!("{0} ignored ({0} open questions)", PAGE_RULES.len());
    ran.ends_with(0).says(&ignored);
    assert!(
        ran.last_line()
            .starts_with("judged 1 of 2 from requirements.txt")
            && ran.last_line().contains("(not judged: 1 by exception)"),
        "{}",
        ran.all()
    );
    let json = sandbox
        .check(&index, &[&args[..], &["--format", "json"]].concat())
        .json();
    assert_eq!(json["summary"]["ignored_questions"], PAGE_RULES.len());
    let first = &json["ignored_questions"][0];
    assert_eq!(first["owner"], "web team");
    assert_eq!(first["until"], "2026-12-31");
    assert_eq!(first["reason"], "corp is moved");
    assert_eq!(first["question"]["project"], "click");
}

/// What no rule was asked is not said to have failed.
#[test]
fn a_tree_that_no_rule_asks_about_is_not_said_to_be_unknown() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements(&flask().locked());
    let ran = sandbox.check(&index, &["--only", "unhashed-requirement"]);
    ran.ends_with(0)
        .says("requirements.txt: pinned and hashed; no rule was asked whether its dependency tree is complete")
        .never_says("could not be checked")
        .never_says("a lock file");
    assert_eq!(index.asked(), [""; 0]);
}
