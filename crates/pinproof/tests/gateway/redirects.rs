//! Where an index leads the gateway: not inside, if it is outside itself.

use crate::gateway::Gateway;
use crate::shelf::{self, File, JSON};
use crate::support::Sandbox;
use crate::upstream::{Request, Upstream, honest, page, says};

/// An index outside: nothing here knows the name but the proxy.
const OUTSIDE: &str = "http://index.example/simple/";
const ACCEPT: &str = "Accept: application/vnd.pypi.simple.v1+json";
const WHEEL: &str = "demo-1.0-py3-none-any.whl";

/// A gateway that reaches the world through a proxy, and everything on this machine by itself.
fn behind(sandbox: &Sandbox, proxy: &Upstream) -> Gateway {
    sandbox.write(
        "pinproof.toml",
        "[cache]\nfresh-for = \"0 minutes\"\n[rules]\ninsecure-index = \"allow\"\n",
    );
    let proxy = proxy.simple().replace("simple/", "");
    let variables = [
        ("http_proxy", &*proxy),
        ("no_proxy", "127.0.0.1,localhost,::1"),
    ];
    Gateway::start_with(sandbox, &["--index-url", OUTSIDE], &variables)
}

/// The addresses of a machine inside, as an index might write them.
fn inside(upstream: &Upstream) -> Vec<String> {
    let url = upstream.simple();
    let port = url
        .trim_end_matches("/simple/")
        .rsplit(':')
        .next()
        .expect("a port");
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "[::ffff:127.0.0.1]",
        "127.0.0.1.",
        "10.0.0.1",
        "169.254.169.254",
    ]
    .map(|host| format!("http://{host}:{port}"))
    .into()
}

#[test]
fn an_index_outside_leads_nobody_inside() {
    let secret = Upstream::honest(&[File::wheel("demo", "1.0")]);
    let (sandbox, proxy) = (Sandbox::new(), Upstream::honest(&[]));
    let gateway = behind(&sandbox, &proxy);
    for (number, origin) in inside(&secret).into_iter().enumerate() {
        let to = format!("{origin}/simple/demo/");
        proxy.behaves(move |_, stream| says(stream, 302, &[("Location", &to)], b""));
        let answer = gateway.get(&format!("/simple/demo-{number}/"), &[ACCEPT]);
        assert_eq!(answer.status, 503, "{origin}: {}", answer.text());
        assert!(
            answer.text().contains("in a private network"),
            "{origin}: {}",
            answer.text()
        );
        // A file on a page, its metadata and its provenance, too.
        let file = File::wheel("demo", "1.0");
        let text = shelf::page("demo", std::slice::from_ref(&file));
        let hash = "b".repeat(64);
        let text = text.replace("../../files", &format!("{origin}/files")).replace(
            "\"yanked\"",
            &format!("\"core-metadata\": {{\"sha256\": \"{hash}\"}}, \"provenance\": \"{origin}/p\", \"yanked\""),
        );
        proxy.behaves(move |_, stream| page(stream, &text));
        let path = gateway.path("demo", WHEEL);
        for path in [
            path.clone(),
            format!("{path}.metadata"),
            format!("{path}.provenance"),
        ] {
            let answer = gateway.get(&path, &[]);
            assert_eq!(answer.status, 503, "{origin}{path}: {}", answer.text());
            assert!(
                answer.text().contains("in a private network"),
                "{origin}: {}",
                answer.text()
            );
        }
    }
    assert!(
        secret.headers("host").is_empty(),
        "{:?}",
        secret.headers("host")
    );
}

#[test]
fn an_index_outside_may_lead_to_others_outside_and_its_credentials_stay() {
    let file = File::wheel("demo", "1.0");
    let files = honest(std::slice::from_ref(&file));
    let text = shelf::page("demo", std::slice::from_ref(&file));
    let text = text.replace("../../files", "http://files.example/files");
    let proxy = Upstream::new(move |request: &Request, stream| match &*request.path {
        "http://index.example/simple/demo/" => says(
            stream,
            302,
            &[("Location", "http://other.example/demo/")],
            b"",
        ),
        "http://other.example/demo/" => {
            says(stream, 200, &[("Content-Type", JSON)], text.as_bytes())
        }
        path => {
            let path = path
                .strip_prefix("http://files.example")
                .unwrap_or("/no")
                .to_owned();
            files(&request.at(&path), stream)
        }
    });
    let sandbox = Sandbox::new();
    let gateway = behind(&sandbox, &proxy);
    let answer = gateway.get(&gateway.path("demo", WHEEL), &[]);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.body, file.bytes);
}

#[test]
fn an_index_inside_may_name_files_elsewhere_and_its_credentials_stay() {
    let file = File::wheel("demo", "1.0");
    let elsewhere = Upstream::honest(std::slice::from_ref(&file));
    let text = shelf::page("demo", std::slice::from_ref(&file));
    let files = elsewhere.simple().replace("simple/", "files");
    let text = text.replace("../../files", &files);
    let index = Upstream::new(move |_, stream| page(stream, &text));
    let sandbox = Sandbox::new();
    let url = index.simple().replace("http://", "http://me:hunter2@");
    let gateway = Gateway::before(&sandbox, &url);
    let answer = gateway.get(&gateway.path("demo", WHEEL), &[]);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(index.headers("authorization").iter().all(Option::is_some));
    assert_eq!(elsewhere.headers("authorization"), [None]);
}

#[test]
fn what_begins_with_tls_stays_with_it() {
    // Nobody here speaks TLS: a certificate or a version that is wrong looks the same from here.
    let (sandbox, upstream) = (
        Sandbox::new(),
        Upstream::honest(&[File::wheel("demo", "1.0")]),
    );
    let index = upstream.simple().replace("http://", "https://");
    let gateway = Gateway::before(&sandbox, &index);
    let answer = gateway.get("/simple/demo/", &[ACCEPT]);
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(
        answer.text().contains("no trusted connection"),
        "{}",
        answer.text()
    );
    // Nor is it asked again without.
    assert!(
        upstream.headers("host").iter().all(Option::is_none),
        "{:?}",
        upstream.headers("host")
    );
}
