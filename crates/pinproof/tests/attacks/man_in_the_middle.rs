//! A1, man in the middle: an index without TLS, and somebody between it and the installer.

use crate::clients::{BOTH, Client};
use crate::lab::Lab;
use crate::shelf::{File, JSON, page};
use crate::support::{Reply, Server};

const INDEX: &str = "http://index.example/simple/";

/// Answers whatever is asked of the index in its name, with a wheel of its own.
fn attacker() -> Server {
    let files = [("demo/__init__.py", "version = \"evil\"\n")];
    let evil = File::wheel_of("demo", "1.0", "py3-none-any", &files);
    Server::new(
        move |asked| match asked.path.strip_prefix("http://index.example") {
            Some("/simple/demo/") => {
                let kind = vec![("Content-Type", JSON.to_owned())];
                let files = std::slice::from_ref(&evil);
                Reply::Says(200, kind, page("demo", files).into_bytes())
            }
            Some(path) if path == format!("/files/{}", evil.name) => Reply::ok(evil.bytes.clone()),
            _ => Reply::status(404),
        },
    )
}

/// pip warns and does not ask, unless it is told to trust the host; uv asks.
fn demo(client: Client) -> &'static [&'static str] {
    match client {
        Client::Pip => &["--trusted-host", "index.example", "demo==1.0"],
        Client::Uv => &["demo==1.0"],
    }
}

/// A gateway whose index is `named` so asks nobody, and says why.
fn is_refused(lab: &Lab, named: &[&str]) {
    let gateway = lab.gateway_with(named);
    let reasons = [
        "No matching distribution found",
        "is on plain http, so it is not asked",
    ];
    for (client, reason) in BOTH.into_iter().zip(reasons) {
        lab.installs(client, (&gateway.simple(), "demo"), &["demo==1.0"])
            .got_nothing(reason);
    }
    let answer = gateway.get("/simple/demo/", &[]);
    assert_eq!(answer.status, 451, "{}", answer.text());
    assert!(
        answer.phrase.contains("[insecure-index]"),
        "{}",
        answer.phrase
    );
}

#[test]
fn an_index_without_tls_is_not_asked() {
    let attacker = attacker();
    let attack = "somebody between the installer and an index without TLS";
    let Some(lab) = Lab::behind(attack, &attacker.url()) else {
        return;
    };
    for client in BOTH {
        lab.installs(client, (INDEX, "demo"), demo(client))
            .got("evil");
    }
    let before = attacker.asked().len();
    is_refused(&lab, &["--index-url", INDEX]);
    lab.sandbox.write(
        "pinproof.toml",
        "[[index]]\nname = \"main\"\ndefault = true\n",
    );
    is_refused(&lab, &["--index", &format!("main={INDEX}")]);
    assert_eq!(attacker.asked().len(), before, "nobody was asked");
}

#[test]
fn check_and_lock_refuse_the_index_and_hashes_hold() {
    let attacker = attacker();
    let attack = "an index without TLS: what check, lock and hashes do";
    let Some(lab) = Lab::behind(attack, &attacker.url()) else {
        return;
    };
    let honest = File::wheel("demo", "1.0");
    let settings = format!("--index-url {INDEX}\n--trusted-host index.example\n");
    lab.sandbox
        .write("requirements.txt", settings.clone() + &honest.locked());
    for (client, said) in BOTH.into_iter().zip(["DO NOT MATCH", "Hash mismatch"]) {
        lab.installs(client, (INDEX, "demo"), demo(client))
            .got("evil");
        let locked = ["--require-hashes", "-r", "requirements.txt"];
        lab.installs(client, (INDEX, "demo"), &locked)
            .got_nothing(said);
    }
    let before = attacker.asked().len();
    let ran = lab.pinproof(&["check", "requirements.txt"], (1, "error[insecure-index]"));
    ran.says("is an address without TLS: anybody on the way can change the answer");
    ran.says("`index.example` is trusted without a certificate");
    std::fs::remove_file(lab.sandbox.project().join("requirements.txt")).expect("it was there");
    lab.sandbox
        .write("requirements.in", settings + "demo==1.0\n");
    let lock = ["lock", "requirements.in", "--python", "3.11"];
    lab.pinproof(&lock, (1, "insecure-index"));
    assert!(!lab.sandbox.project().join("requirements.txt").exists());
    assert_eq!(attacker.asked().len(), before, "nobody was asked");
}
