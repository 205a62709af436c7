//! Addresses that want to be something else: each is a name that does not exist, and no upstream hears of it.

use crate::gateway::Gateway;
use crate::hostile_clients::Besieged;
use crate::shelf::{File, Shelf};
use crate::support::Sandbox;

#[test]
fn paths_lead_to_nothing_but_what_is_there() {
    let besieged = Besieged::start(&[]);
    let zeros = "0".repeat(64);
    for path in [
        "/simple/../../../../etc/passwd".to_owned(),
        "/simple/../".to_owned(),
        "/simple/%2e%2e/".to_owned(),
        "/simple/%2e%2e%2f%2e%2e%2fetc%2fpasswd/".to_owned(),
        "/simple/..%5c..%5cwindows/".to_owned(),
        "/simple/demo%2f/".to_owned(),
        "/simple/demo%2f..%2fother/".to_owned(),
        "/simple/demo%00/".to_owned(),
        "/simple/%00/".to_owned(),
        "/simple/demo%252f/".to_owned(),
        "//simple/demo/".to_owned(),
        "/simple//demo/".to_owned(),
        "/simple/demo//".to_owned(),
        "/./simple/demo/".to_owned(),
        "/simple/demo/.".to_owned(),
        "/simple/demo;x=1/".to_owned(),
        "/simple/%ff%fe/".to_owned(),
        "/simple/%c0%ae%c0%ae/".to_owned(),
        "/simple/%f0%9d%95%95emo/".to_owned(),
        "/simple/%/".to_owned(),
        "/simple/%zz/".to_owned(),
        format!("/simple/{}/", "a".repeat(1_500)),
        format!("/simple/{}/", "-_.".repeat(400)),
        format!("/simple{}", "/a".repeat(900)),
        format!("/files/{zeros}/..%2f..%2fstore.sqlite3"),
        format!("/files/{zeros}/../../store.sqlite3"),
        format!("/files/{zeros}/{}", "%2e".repeat(300)),
        format!("/files/{zeros}/demo-1.0-py3-none-any.whl%00.metadata"),
        format!("/files/{zeros}/.metadata"),
        format!("/files/..%2f{zeros}/demo-1.0-py3-none-any.whl"),
        format!("/files/{zeros}/{}-1.0.zip", "-1".repeat(200)),
        "/files/%2e%2e/%2e%2e".to_owned(),
        "/files/../lock/x".to_owned(),
        "/why/..%2f..%2fetc%2fpasswd".to_owned(),
        "/why/%ff".to_owned(),
        format!("/why/{}.zip", "-".repeat(900)),
    ] {
        let answer = besieged.gateway.get(&path, &[]);
        assert!(
            matches!(answer.status, 400 | 404),
            "{path}: {}",
            answer.status
        );
        assert!(!answer.body.is_empty(), "{path}: no reason");
        assert!(!answer.text().contains("SQLite format") && !answer.text().contains("root:"));
    }
    besieged.is_as_ever();
}

#[test]
fn an_address_that_is_too_long_is_414() {
    let besieged = Besieged::start(&[]);
    for length in [2_100, 8_000, 50_000] {
        let answer = besieged
            .gateway
            .get(&format!("/simple/{}/", "a".repeat(length)), &[]);
        assert_eq!(answer.status, 414, "{length}");
        let answer = besieged
            .gateway
            .get(&format!("/simple/demo/?{}", "a".repeat(length)), &[]);
        assert_eq!(answer.status, 414, "{length}");
    }
    let longest = besieged
        .gateway
        .get(&format!("/simple/{}/", "a".repeat(200_000)), &[]);
    assert!(
        matches!(longest.status, 414 | 431 | 0),
        "{}",
        longest.status
    );
    besieged.is_as_ever();
}

/// Whoever asks as a proxy is asked is answered by us, and nobody else is asked.
#[test]
fn an_address_with_a_host_is_ours_all_the_same() {
    let besieged = Besieged::start(&[]);
    for target in [
        "http://evil.example/simple/demo/",
        "https://me:secret@evil.example:1/simple/demo/",
    ] {
        let answer = besieged.head(&[&format!("GET {target} HTTP/1.1"), "Accept: text/html"]);
        assert_eq!(answer.status, 200, "{target}");
        assert!(!answer.text().contains("evil"), "{}", answer.text());
    }
    let moved = besieged.head(&["GET http://evil.example/simple/Demo/ HTTP/1.1"]);
    assert_eq!(moved.header("location"), Some("../demo/"));
    besieged.is_as_ever();
}

#[test]
fn nothing_in_a_name_becomes_a_header() {
    let besieged = Besieged::start(&[]);
    let zeros = "0".repeat(64);
    for path in [
        "/simple/demo%0d%0aX-Evil:%20yes/".to_owned(),
        "/simple/De.mo%0d%0aX-Evil:%20yes".to_owned(),
        "/simple/De%0amo%0dX-Evil:%20yes/".to_owned(),
        "/simple/%E5%98%8D%E5%98%8AX-Evil:yes/".to_owned(),
        format!("/files/{zeros}/demo-1.0%0d%0aX-Evil:%20yes-py3-none-any.whl"),
        format!("/files/{zeros}%0d%0aX-Evil:%20yes/demo-1.0-py3-none-any.whl"),
        "/why/demo-1.0%0d%0aX-Evil:%20yes.zip".to_owned(),
        "/%0d%0aX-Evil:%20yes".to_owned(),
    ] {
        let answer = besieged.gateway.get(&path, &[]);
        assert!(
            matches!(answer.status, 400 | 404),
            "{path}: {}",
            answer.status
        );
        assert_eq!(answer.header("x-evil"), None, "{path}");
        let is_plain = |c: char| c.is_ascii_graphic() || c == ' ';
        assert!(answer.phrase.chars().all(is_plain), "{:?}", answer.phrase);
    }
    besieged.is_as_ever();
}

/// A name that is none is no question to anybody.
#[test]
fn no_upstream_hears_of_a_name_that_is_none() {
    let (sandbox, shelf) = (Sandbox::new(), Shelf::with(&[File::wheel("demo", "1.0")]));
    let gateway = Gateway::before(&sandbox, &shelf.url());
    for path in [
        "/simple/..%2fdemo/",
        "/simple/%00/",
        "/simple/-demo-/",
        "/why/..%2f",
        "/files/00/..%2f-1.0.zip",
    ] {
        assert_eq!(gateway.get(path, &[]).status, 404, "{path}");
    }
    assert!(shelf.asked().is_empty(), "{:?}", shelf.asked());
}
