//! `pinproof db serve` answers what it can, and refuses what it cannot: an empty answer would say that all is well.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::support::{MODIFIED, Sandbox, Served};
use crate::world::{build, flask, project, record};

/// Sends a request without a `Content-Type`, as pip-audit does; the status and the JSON of the answer.
fn send(served: &Served, method: &str, path: &str, body: &str) -> (u16, Value) {
    let address = served
        .url
        .trim_start_matches("http://")
        .trim_end_matches('/');
    let mut connection = TcpStream::connect(address).expect("the server listens");
    let length = body.len();
    write!(
        connection,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .expect("it reads");
    let mut text = String::new();
    connection.read_to_string(&mut text).expect("it answers");
    let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let body = serde_json::from_str(body).unwrap_or(Value::Null);
    (status.expect("a status"), body)
}

fn query(served: &Served, query: &Value) -> (u16, Value) {
    send(served, "POST", "/v1/query", &query.to_string())
}

fn served(sandbox: &Sandbox) -> Served {
    let mut withdrawn = record("PYSEC-2026-8", "flask", "9");
    withdrawn["withdrawn"] = json!("2026-10-31T00:00:00Z");
    build(sandbox, "osv", &[flask(), withdrawn]);
    Served::start(sandbox, "osv.db", &[])
}

fn of_pypi(name: &str, version: &str) -> Value {
    json!({"package": {"name": name, "ecosystem": "PyPI"}, "version": version})
}

#[test]
fn a_question_is_answered_with_records_as_they_were_published() {
    let sandbox = project();
    let served = served(&sandbox);
    let found = (200, json!({"vulns": [flask()]}));
    assert_eq!(query(&served, &of_pypi("flask", "2.2.2")), found);
    assert_eq!(
        query(&served, &of_pypi("Flask", "2.2.4.post1+local")),
        found
    );
    assert_eq!(query(&served, &of_pypi("flask", "2.2.5")), (200, json!({})));
    assert_eq!(query(&served, &of_pypi("click", "1")), (200, json!({})));
    let purl = json!({"package": {"purl": "pkg:pypi/flask@2.2.2"}});
    assert_eq!(query(&served, &purl), found);
    let all = json!({"package": {"name": "flask", "ecosystem": "PyPI"}});
    assert_eq!(query(&served, &all), found);
    let batch = json!({"queries": [of_pypi("click", "1"), of_pypi("flask", "2.2.2")]});
    let answer = send(&served, "POST", "/v1/querybatch", &batch.to_string());
    let ids = json!({"results": [{}, {"vulns": [{"id": "PYSEC-2026-7", "modified": MODIFIED}]}]});
    assert_eq!(answer, (200, ids));
    assert_eq!(
        send(&served, "GET", "/v1/vulns/PYSEC-2026-7", ""),
        (200, flask())
    );
}

#[test]
fn what_cannot_be_answered_is_refused() {
    let sandbox = project();
    let served = served(&sandbox);
    let questions = [
        json!({"package": {"name": "flask", "ecosystem": "npm"}, "version": "2.2.2"}),
        json!({"package": {"name": "flask"}, "version": "2.2.2"}),
        json!({"package": {"purl": "pkg:npm/flask@2.2.2"}}),
        json!({"package": {"name": "no name", "ecosystem": "PyPI"}, "version": "1"}),
        json!({"commit": "6879efc2c1596d11a6a6ad296f80063b558d5e0f"}),
        json!({}),
        json!([]),
    ];
    for question in questions {
        let (status, answer) = query(&served, &question);
        assert_eq!(
            (status, &answer["code"]),
            (400, &json!(3)),
            "{question}: {answer}"
        );
        let batch = json!({"queries": [of_pypi("flask", "2.2.2"), question]});
        let (status, _) = send(&served, "POST", "/v1/querybatch", &batch.to_string());
        assert_eq!(status, 400, "{batch}");
    }
    let many = json!({"queries": vec![of_pypi("flask", "1"); 1001]});
    assert_eq!(
        send(&served, "POST", "/v1/querybatch", &many.to_string()).0,
        400
    );
    assert_eq!(send(&served, "POST", "/v1/query", "{").0, 400);
    assert_eq!(send(&served, "GET", "/v1/vulns/PYSEC-2026-99", "").0, 404);
    assert_eq!(
        send(&served, "GET", "/v1/vulns/..%2F..%2Fetc%2Fpasswd", "").0,
        404
    );
}

/// What is damaged while it is served is an error of the server, and no empty answer.
#[test]
fn a_database_that_is_damaged_answers_nothing() {
    let sandbox = project();
    let served = served(&sandbox);
    let path = sandbox.project().join("osv.db");
    let length = std::fs::metadata(&path).expect("the database").len();
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(path)
        .expect("the database");
    file.set_len(length - 400).expect("shorter");
    file.set_len(length).expect("as long as before");
    let (status, answer) = query(&served, &of_pypi("flask", "2.2.2"));
    assert_eq!((status, &answer["code"]), (500, &json!(13)), "{answer}");
}
