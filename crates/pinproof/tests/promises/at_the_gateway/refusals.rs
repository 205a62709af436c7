//! P8 at the gateway: a refusal names the project, the rule, the evidence, who can lift it and what to take instead, in
//! the words of `check` and `lock`.

use serde_json::Value;

use super::{YOUNG, with_both};
use crate::clients::{Clients, said};
use crate::gateway::Gateway;
use crate::support::{NOW, Offered, Sandbox, Shelf, Wheel, lock, record, record_of_all};

const CONTACT: &str = "contact = \"the platform team, #supply-chain\"\n";
const MESSAGE: &str = "`demo` 2.0 is 2 days old, younger than the cooldown of 7 days";
const WHEEL: &str = "demo-2.0-py3-none-any.whl";

fn demo() -> Vec<Offered> {
    vec![
        Wheel::new("demo", "0.9").offered(),
        Wheel::new("demo", "1.0").offered(),
        Wheel::new("demo", "1.1").yanked("broken").offered(),
        Wheel::new("demo", "1.2rc1").offered(),
        Wheel::new("demo", "2.0").uploaded(YOUNG).offered(),
    ]
}

fn with_contact() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("pinproof.toml", CONTACT);
    sandbox
}

/// The problem document of a refused file.
fn problem(gateway: &Gateway, project: &str, filename: &str) -> Value {
    let answer = gateway.get(&gateway.path(project, filename), &[]);
    assert_eq!(answer.status, 403, "{}", answer.text());
    serde_json::from_slice(&answer.body).expect("JSON")
}

fn texts(value: &Value) -> Vec<String> {
    let lines = value.as_array().expect("a list").iter();
    lines
        .map(|line| line.as_str().expect("text").to_owned())
        .collect()
}

#[test]
fn the_five_things_are_the_same_in_check_lock_and_gateway() {
    let (sandbox, shelf) = (with_contact(), Shelf::with(&demo()));
    let young = demo().pop().expect("a file");
    let line = format!("demo==2.0 --hash=sha256:{}\n", young.sha256());
    sandbox.write("requirements.txt", line);
    let url = shelf.url();
    let check = [
        "check",
        "--format",
        "json",
        "--index-url",
        &url,
        "--as-of",
        NOW,
    ];
    let report = sandbox
        .run(&[&check[..], &["requirements.txt"]].concat())
        .json();
    let finding = &report["findings"][0];
    assert_eq!(finding["message"], MESSAGE);
    let gateway = Gateway::before(&sandbox, &url);
    let problem = problem(&gateway, "demo", WHEEL);
    let listed = gateway.listed("demo", WHEEL);
    let own = &listed["_pinproof"];
    // The project and the reason.
    assert_eq!(own["reason"], finding["message"]);
    let detail = problem["detail"].as_str().expect("text");
    assert!(detail.contains(MESSAGE), "{detail}");
    // The rule.
    assert_eq!(own["rule"], finding["rule"]);
    assert_eq!(problem["rule"], finding["rule"]);
    // Who can lift it.
    assert_eq!(problem["contact"], report["contact"]);
    // What to do, and until when it is so.
    let help = texts(&problem["help"]);
    for line in texts(&finding["help"]) {
        assert!(help.contains(&line), "{line}: {help:?}");
    }
    assert_eq!(problem["until"], report["next_change_at"]);
    assert_eq!(own["until"], report["next_change_at"]);
    // What to take instead: final, not withdrawn, admitted.
    assert_eq!(
        finding["help"][0],
        "`demo` 1.0 is its newest release past the cooldown"
    );
    assert_eq!(problem["next-allowed"], "1.0");
    assert_eq!(own["next-allowed"], "1.0");
    assert_eq!(problem["next-allowed-at"], Value::Null);
    // The evidence, and all of it for people.
    let why = gateway.get(&format!("/why/{WHEEL}"), &[]).text();
    let evidence = texts(&finding["notes"]);
    let more = "the platform team, #supply-chain".to_owned();
    for words in evidence.iter().chain(&help).chain([&more]) {
        let shown = words.replace('"', "&quot;");
        assert!(why.contains(&shown), "{words}: {why}");
    }
    assert_eq!(why.matches("`demo` 1.0 is ").count(), 1, "said once: {why}");
    // A lock takes what the gateway advises, and says why not the other one.
    sandbox.write("requirements.in", "demo\n");
    lock(
        &sandbox,
        &shelf,
        &["requirements.in", "--to", "requirements.txt", "--upgrade"],
    )
    .ends_with(0)
    .says(&format!(
        "2.0 is held back, until 2026-11-06T00:00:00Z: {MESSAGE} [recent-release]"
    ));
    assert!(sandbox.read("requirements.txt").contains("demo==1.0 "));
}

#[test]
fn pip_and_uv_show_what_to_take_and_where_there_is_more() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let (sandbox, shelf) = (with_contact(), Shelf::with(&demo()));
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let link = format!("{}/why/{WHEEL}", gateway.url);
    with_both(&clients, (&sandbox, &gateway), &["demo==2.0"], |ran, _| {
        assert_ne!(ran.code, 0, "{}", ran.all());
        let words = format!("{MESSAGE} [recent-release]; 1.0 is admitted; see");
        assert!(said(ran).contains(&words), "{}", ran.all());
        assert!(said(ran).replace(' ', "").contains(&link), "{}", ran.all());
    });
}

#[test]
fn where_nothing_may_be_taken_it_says_when_or_that_nothing_is_known() {
    let (sandbox, files) = (
        with_contact(),
        [
            Wheel::new("newborn", "1.0").uploaded(YOUNG).offered(),
            Wheel::new("newborn", "1.1")
                .uploaded("2026-10-31T00:00:00Z")
                .offered(),
            Wheel::new("wicked", "1.0").offered(),
            Wheel::new("mended", "1.0").offered(),
            Wheel::new("mended", "2.0").offered(),
            Wheel::new("early", "1.0rc1").offered(),
            Wheel::new("early", "2.0").uploaded(YOUNG).offered(),
            Offered {
                uploaded: YOUNG.to_owned(),
                ..Offered::sdist("built", "1.0", &[])
            },
        ],
    );
    let records = [
        record_of_all("MAL-2026-1", "wicked"),
        record("MAL-2026-2", "mended", "2.0"),
    ];
    let (shelf, database) = (Shelf::with(&files), sandbox.database(&records));
    let gateway = Gateway::start(&sandbox, &["--db", &database, "--index-url", &shelf.url()]);
    let says = |project: &str, version: &str, (next, at): (Value, Value), words: &str| {
        let filename = format!("{project}-{version}-py3-none-any.whl");
        let problem = problem(&gateway, project, &filename);
        assert_eq!(
            (&problem["next-allowed"], &problem["next-allowed-at"]),
            (&next, &at)
        );
        let why = gateway.get(&format!("/why/{filename}"), &[]).text();
        assert!(why.contains(words), "{words}: {why}");
    };
    let newborn = (Value::from("1.0"), Value::from("2026-11-06T00:00:00Z"));
    says(
        "newborn",
        "1.1",
        newborn,
        "no release of `newborn` is admitted now; 1.0 may be from 2026-11-06T00:00:00Z on",
    );
    let none = (Value::Null, Value::Null);
    says("wicked", "1.0", none, "no release of `wicked` is admitted");
    let mended = (Value::from("2.0"), Value::Null);
    says(
        "mended",
        "1.0",
        mended,
        "`mended` 2.0 is the newest release that is admitted",
    );
    // A pre-release is better than nothing.
    let early = (Value::from("1.0rc1"), Value::Null);
    says(
        "early",
        "2.0",
        early,
        "`early` 1.0rc1 is the newest release that is admitted",
    );
    // A source distribution stays one when its cooldown is over.
    let built = problem(&gateway, "built", "built-1.0.tar.gz");
    assert_eq!(
        (&built["next-allowed"], &built["next-allowed-at"]),
        (&Value::Null, &Value::Null)
    );
    // Nobody needs advice about what may be had.
    let admitted = gateway.listed("mended", "mended-2.0-py3-none-any.whl");
    assert!(
        admitted["_pinproof"].get("next-allowed").is_none(),
        "{admitted}"
    );
}
