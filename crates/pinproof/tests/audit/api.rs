//! `--online`: an OSV server that answers badly, in part, or in many pages.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::support::{Asked, Ran, Reply, Sandbox, Server};
use crate::world::{ago, is_undecided, project, record_of};

const CLEAN: &str = "flask==2.2.5\nclick==8.1.3\n";

fn online(sandbox: &Sandbox, url: &str, more: &[&str]) -> Ran {
    let args = ["audit", "requirements.txt", "--online", "--osv-url", url];
    sandbox.run_without_db(&[&args[..], more].concat())
}

fn clean() -> Sandbox {
    Sandbox::with_requirements(CLEAN)
}

fn record(path: &str) -> Reply {
    match path {
        "/v1/vulns/PYSEC-2026-7" => {
            Reply::ok(record_of("PYSEC-2026-7", "flask", "2.2.5", &ago(1)).to_string())
        }
        "/v1/vulns/PYSEC-2026-8" => {
            Reply::ok(record_of("PYSEC-2026-8", "flask", "2.2.4", &ago(1)).to_string())
        }
        _ => Reply::status(404),
    }
}

/// The questions of a batch: name and page token.
fn questions(asked: &Asked) -> Vec<(String, Option<String>)> {
    let batch: Value = serde_json::from_slice(&asked.body).expect("JSON");
    let queries = batch["queries"].as_array().expect("queries");
    let question = |query: &Value| {
        let token = query["page_token"].as_str().map(str::to_owned);
        (
            query["package"]["name"]
                .as_str()
                .expect("a name")
                .to_owned(),
            token,
        )
    };
    queries.iter().map(question).collect()
}

/// Answers batches with what `answer` says to each question.
fn answering(answer: impl Fn(&str, Option<&str>) -> Value + Send + Sync + 'static) -> Server {
    Server::new(move |asked| match asked.path.as_str() {
        "/v1/querybatch" => {
            let results = questions(asked)
                .iter()
                .map(|(name, token)| answer(name, token.as_deref()))
                .collect::<Vec<_>>();
            Reply::ok(json!({"results": results}).to_string())
        }
        path => record(path),
    })
}

#[test]
fn an_honest_server_is_believed_and_named() {
    let server = answering(|name, _| match name {
        "flask" => json!({"vulns": [{"id": "PYSEC-2026-7", "modified": "2026-10-31T23:00:00Z"}]}),
        _ => json!({}),
    });
    let sandbox = project();
    let ran = online(&sandbox, &server.url(), &[]);
    ran.ends_with(1)
        .says("`flask` 2.2.2 is affected by PYSEC-2026-7");
    ran.says(&format!("advisories of osv: asked {}", server.url()));
    ran.says("raise flask 2.2.2 -> 2.2.5");
    assert_eq!(server.asked(), ["/v1/querybatch", "/v1/vulns/PYSEC-2026-7"]);
}

#[track_caller]
fn tells_nothing(batch: Reply, why: &str) {
    let server = Server::new(move |asked| match asked.path.as_str() {
        "/v1/querybatch" => batch.clone(),
        path => record(path),
    });
    is_undecided(&online(&clean(), &server.url(), &[]), why);
}

#[test]
fn a_server_that_gives_no_answer_tells_nothing() {
    let refused = online(&clean(), &Server::refused(), &[]);
    is_undecided(
        &refused,
        "no answer from osv about click, flask: connection refused",
    );
    tells_nothing(Reply::Hangs, "timed out after 1 s");
    tells_nothing(
        Reply::BreaksOff(b"{\"results\": [{}, {}".to_vec()),
        "truncated",
    );
    tells_nothing(Reply::status(500), "answered 500");
    tells_nothing(Reply::status(429), "answered 429");
    tells_nothing(Reply::status(404), "answered 404");
}

#[test]
fn an_answer_that_is_none_tells_nothing() {
    let none = "the answer is not what an OSV server answers";
    for answer in [
        "{}",
        "[]",
        "null",
        "",
        "<html>Please log in</html>",
        "{\"results\": {}}",
    ] {
        tells_nothing(Reply::ok(answer), none);
    }
    tells_nothing(Reply::ok("{\"results\": [{}, null]}"), none);
    tells_nothing(Reply::ok("{\"results\": [{\"vulns\": [{}]}, {}]}"), none);
}

#[test]
fn half_of_the_answers_are_no_answer() {
    tells_nothing(
        Reply::ok("{\"results\": [{}]}"),
        "answered 1 of 2 questions",
    );
    tells_nothing(Reply::ok("{\"results\": []}"), "answered 0 of 2 questions");
    tells_nothing(
        Reply::ok("{\"results\": [{}, {}, {}]}"),
        "answered 3 of 2 questions",
    );
}

#[test]
fn every_page_is_read() {
    let server = answering(|name, token| match (name, token) {
        ("flask", None) => json!({"vulns": [{"id": "PYSEC-2026-8"}], "next_page_token": "two"}),
        ("flask", Some("two")) => json!({"next_page_token": "three"}),
        ("flask", Some("three")) => json!({"vulns": [{"id": "PYSEC-2026-7"}]}),
        _ => json!({"vulns": [], "next_page_token": ""}),
    });
    let ran = online(&project(), &server.url(), &[]);
    ran.ends_with(1).says("PYSEC-2026-7").says("PYSEC-2026-8");
    assert!(
        ran.last_line().starts_with("judged 2 of 2"),
        "{}",
        ran.all()
    );
}

#[test]
fn pages_without_end_are_no_answer() {
    let server = answering(|_, _| json!({"next_page_token": "again"}));
    let ran = online(&clean(), &server.url(), &[]);
    is_undecided(&ran, "an answer has more pages than anybody reads");
}

#[test]
fn a_server_that_asks_to_wait_is_asked_again() {
    for header in [Vec::new(), vec![("Retry-After", "1".to_owned())]] {
        let tries = AtomicUsize::new(0);
        let server = Server::new(move |asked| match asked.path.as_str() {
            "/v1/querybatch" if tries.fetch_add(1, Ordering::Relaxed) == 0 => {
                Reply::Says(429, header.clone(), Vec::new())
            }
            "/v1/querybatch" => {
                Reply::ok("{\"results\": [{}, {\"vulns\": [{\"id\": \"PYSEC-2026-7\"}]}]}")
            }
            path => record(path),
        });
        let sandbox = project();
        let mut command = sandbox.command(&["audit", "--online", "--osv-url", &server.url()]);
        let output = command
            .args(["--timeout", "5", "--retries", "1"])
            .output()
            .expect("a run");
        assert_eq!(output.status.code(), Some(1), "{output:?}");
    }
}

#[test]
fn one_that_asks_to_wait_for_an_hour_tells_nothing() {
    let header = vec![("Retry-After", "3600".to_owned())];
    tells_nothing(Reply::Says(429, header, Vec::new()), "answered 429");
}

/// What the server lists and does not give is open for the projects it lists it for; the rest is judged.
#[test]
fn a_record_that_is_not_given_is_open() {
    let listed = |name: &str, _: Option<&str>| match name {
        "flask" => json!({"vulns": [{"id": "PYSEC-2026-7"}, {"id": "PYSEC-2026-99"}]}),
        _ => json!({}),
    };
    let server = answering(listed);
    let ran = online(&clean(), &server.url(), &[]);
    ran.ends_with(3)
        .says("no answer from osv about flask: the record PYSEC-2026-99: answered 404");
    assert!(
        ran.last_line().starts_with("judged 1 of 2"),
        "{}",
        ran.all()
    );
    // Together with a finding, both are said.
    let ran = online(&project(), &server.url(), &[]);
    ran.ends_with(1)
        .says("PYSEC-2026-7, severity unknown")
        .says("PYSEC-2026-99");
}

#[test]
fn a_record_that_is_something_else_is_open() {
    let bodies = [
        ("<html></html>".to_owned(), "is not understood"),
        ("{}".to_owned(), "is not understood"),
        (
            record_of("PYSEC-2026-9", "flask", "1.0", &ago(1)).to_string(),
            "asked for the record PYSEC-2026-7, and got PYSEC-2026-9",
        ),
    ];
    for (body, why) in bodies {
        let server = Server::new(move |asked| match asked.path.as_str() {
            "/v1/querybatch" => {
                Reply::ok("{\"results\": [{}, {\"vulns\": [{\"id\": \"PYSEC-2026-7\"}]}]}")
            }
            _ => Reply::ok(body.clone()),
        });
        let ran = online(&clean(), &server.url(), &[]);
        ran.ends_with(3)
            .says("no answer from osv about flask")
            .says(why);
    }
}

/// A server knows the present only, and a database would not be asked at all.
#[test]
fn a_server_cannot_tell_what_was_known_then() {
    let server = answering(|_, _| json!({}));
    for more in [["--as-of", "2026-10-01"], ["--db", "osv.db"]] {
        online(&clean(), &server.url(), &more).ends_with(2);
    }
    online(&clean(), &server.url(), &["--offline"]).ends_with(2);
    assert!(server.asked().is_empty());
}

/// Names that are bound to an index are nobody else's business.
#[test]
fn names_that_are_bound_to_an_index_are_not_sent() {
    let server = Server::new(|asked| match asked.path.as_str() {
        "/v1/querybatch" => {
            assert_eq!(questions(asked), [("click".to_owned(), None)]);
            Reply::ok("{\"results\": [{}]}")
        }
        _ => Reply::status(404),
    });
    let sandbox = clean();
    sandbox.write(
        "pinproof.toml",
        "[[index]]\nname = \"corp\"\nonly = [\"flask\"]\n",
    );
    online(&sandbox, &server.url(), &[]).ends_with(0);
}
