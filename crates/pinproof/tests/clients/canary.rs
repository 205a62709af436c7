//! The canary of a gateway, as whoever asks for it meets it.

use crate::gateway::Gateway;
use crate::shelf::{File, Shelf};
use crate::support::Sandbox;

const FILE: &str = "pinproof_canary-1-py3-none-any.whl";

#[test]
fn the_canary_says_whose_answer_it_is_and_nobody_else_is_asked() {
    let (sandbox, shelf) = (
        Sandbox::new(),
        Shelf::with(&[File::wheel("pinproof-canary", "1")]),
    );
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let page = gateway.page("pinproof-canary");
    let about = &page["_pinproof"];
    assert_eq!(about["canary"], true);
    assert_eq!(about["gateway"], gateway.url.as_str());
    let policy = about["policy"].as_str().expect("a digest");
    assert_eq!(policy.len(), 64, "{page}");
    let why = format!(
        "pinproof: protection is on: the canary is refused by policy {}; see {}/why/pinproof-canary",
        &policy[..16],
        gateway.url
    );
    let file = gateway.listed("pinproof-canary", FILE);
    assert_eq!(file["yanked"], why.as_str());
    let path = gateway.path("pinproof-canary", FILE);
    let other = path.replace("-1-py3", "-2-py3");
    for path in [path.clone(), format!("{path}.metadata"), other] {
        let answer = gateway.get(&path, &[]);
        assert_eq!(
            (answer.status, answer.phrase.as_str()),
            (403, why.as_str()),
            "{path}"
        );
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
        let problem: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!(problem["detail"], why.as_str());
    }
    let html = gateway.get("/simple/pinproof-canary/", &["Accept: text/html"]);
    assert_eq!(html.status, 200);
    assert!(
        html.text().contains(&format!("data-yanked=\"{why}\"")),
        "{}",
        html.text()
    );
    assert_eq!(html.header("cache-control"), Some("no-store"));
    let absent = gateway.get("/simple/pinproof-canary-absent/", &[]);
    assert_eq!(absent.status, 404);
    let page = gateway.get("/why/pinproof-canary", &[]);
    assert!(page.text().contains(policy), "{}", page.text());
    assert_eq!(gateway.get(&format!("/why/{FILE}"), &[]).status, 200);
    assert_eq!(gateway.get("/simple/Pinproof_Canary/", &[]).status, 301);
    assert_eq!(shelf.asked(), Vec::<String>::new());
    assert_eq!(shelf.fetched(), Vec::<String>::new());
}
