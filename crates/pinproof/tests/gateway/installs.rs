//! What clients install through the gateway, and what they are told where they do not.

use crate::clients::{BOTH, Client, Clients, installed, said};
use crate::gateway::{Gateway, entries};
use crate::shelf::{File, Shelf};
use crate::support::Sandbox;

/// Two days before the time of the tests.
const YOUNG: &str = "2026-10-30T00:00:00Z";
const TOO_YOUNG: &str =
    "`demo` 2.0 is 2 days old, younger than the cooldown of 7 days [recent-release]";

fn demo() -> Shelf {
    Shelf::with(&[
        File::wheel("demo", "1.0"),
        File::wheel("demo", "2.0").uploaded(YOUNG),
        File::sdist("built", "1.0", "open('/tmp/never', 'w')\n"),
    ])
}

#[test]
fn an_unpinned_install_takes_the_newest_release_that_is_admitted() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let (sandbox, shelf) = (Sandbox::new(), demo());
    let gateway = Gateway::before(&sandbox, &shelf.url());
    for client in BOTH {
        let into = format!("{client:?}");
        let ran = clients.install(client, &sandbox, (&gateway.simple(), &into), &["demo"]);
        ran.ends_with(0);
        assert_eq!(
            installed(&sandbox, &into, "demo").as_deref(),
            Some("1.0"),
            "{}",
            ran.all()
        );
    }
    assert_eq!(shelf.fetched(), ["demo-1.0-py3-none-any.whl"]);
}

#[test]
fn an_exact_pin_of_a_refused_release_fails_and_says_why() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let (sandbox, shelf) = (Sandbox::new(), demo());
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let link = format!("{}/why/demo-2.0-py3-none-any.whl", gateway.url);
    for client in BOTH {
        let ran = clients.install(
            client,
            &sandbox,
            (&gateway.simple(), "into"),
            &["demo==2.0"],
        );
        assert_ne!(ran.code, 0, "{}", ran.all());
        assert!(said(&ran).contains(TOO_YOUNG), "{}", ran.all());
        assert!(said(&ran).replace(' ', "").contains(&link), "{}", ran.all());
        assert_eq!(installed(&sandbox, "into", "demo"), None);
    }
    assert!(shelf.fetched().is_empty(), "{:?}", shelf.fetched());
    let page = gateway.get("/why/demo-2.0-py3-none-any.whl", &[]).text();
    for words in [
        "as preset `recommended` has it: cooldown = &quot;7 days&quot;",
        "recent-release",
        "its cooldown ends 2026-11-06",
        "1.0 is its newest release",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[test]
fn the_project_of_a_lock_with_a_refused_pin_fails_and_an_upgrade_moves_on() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let (sandbox, shelf) = (Sandbox::new(), demo());
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let project = |needs: &str| {
        sandbox.write(
            "pyproject.toml",
            format!(
                "[project]\nname = \"app\"\nversion = \"1\"\nrequires-python = \">=3.9\"\ndependencies = [\"{needs}\"]\n"
            ),
        );
    };
    let index = gateway.simple();
    let lock = [
        "lock",
        "--no-cache",
        "--python",
        "/usr/bin/python3",
        "--default-index",
        &index,
    ];
    project("demo==2.0");
    let ran = clients.uv(&sandbox, &lock);
    assert_ne!(ran.code, 0, "{}", ran.all());
    assert!(said(&ran).contains(TOO_YOUNG), "{}", ran.all());
    project("demo");
    clients
        .uv(&sandbox, &[&lock[..], &["--upgrade"]].concat())
        .ends_with(0);
    let locked = sandbox.read("uv.lock");
    assert!(locked.contains("demo-1.0-py3-none-any.whl"), "{locked}");
}

#[test]
fn a_lock_that_reads_metadata_only_is_told_as_well() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let sandbox = Sandbox::new();
    let index = Shelf::with(&[
        File::needing("demo", "1.0", &["other"]),
        File::needing("demo", "2.0", &[]).uploaded(YOUNG),
        File::needing("other", "1.0", &[]),
    ]);
    let gateway = Gateway::before(&sandbox, &index.url());
    let simple = gateway.simple();
    let compile = |needs: &str| {
        sandbox.write("wishes.in", needs);
        let args = [
            "pip",
            "compile",
            "--no-cache",
            "--python",
            "/usr/bin/python3",
            "--default-index",
            &simple,
        ];
        clients.uv(
            &sandbox,
            &[&args[..], &["--generate-hashes", "wishes.in"]].concat(),
        )
    };
    let ran = compile("demo==2.0");
    assert_ne!(ran.code, 0, "{}", ran.all());
    assert!(said(&ran).contains(TOO_YOUNG), "{}", ran.all());
    let ran = compile("demo");
    ran.ends_with(0)
        .says("demo==1.0")
        .says("other==1.0")
        .says("# via demo");
    // Nothing but metadata was read, and that through the gateway.
    assert!(
        gateway.log().contains("demo-1.0-py3-none-any.whl.metadata"),
        "{}",
        gateway.log()
    );
    let log = gateway.log();
    let wheels = log.lines().filter(|line| line.contains(".whl "));
    assert_eq!(wheels.count(), 0, "{log}");
}

#[test]
fn a_source_distribution_is_refused_unless_an_exception_names_it() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let (sandbox, shelf) = (Sandbox::new(), demo());
    let gateway = Gateway::before(&sandbox, &shelf.url());
    for client in BOTH {
        let ran = clients.install(
            client,
            &sandbox,
            (&gateway.simple(), "into"),
            &["built==1.0"],
        );
        assert_ne!(ran.code, 0, "{}", ran.all());
        let why = "`built-1.0.zip` is a source distribution: installing it runs its code [build-required]";
        assert!(said(&ran).contains(why), "{}", ran.all());
    }
    assert!(shelf.fetched().is_empty());
    drop(gateway);
    sandbox.write(
        "pinproof.toml",
        "[[ignore]]\nrule = \"build-required\"\nmatch = \"built\"\nreason = \"we read it\"\n",
    );
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let path = gateway.path("built", "built-1.0.zip");
    assert_eq!(gateway.get(&path, &[]).status, 200);
    assert_eq!(gateway.listed("built", "built-1.0.zip")["yanked"], false);
}

#[test]
fn what_is_decided_is_in_the_log_before_anybody_hears_of_it() {
    let (sandbox, shelf) = (Sandbox::new(), demo());
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let young = gateway.path("demo", "demo-2.0-py3-none-any.whl");
    assert_eq!(gateway.get(&young, &[]).status, 403);
    let old = gateway.path("demo", "demo-1.0-py3-none-any.whl");
    assert_eq!(gateway.get(&old, &[]).status, 200);
    // It is killed: nothing is left to be written at the end.
    drop(gateway);
    let entries = entries(&sandbox);
    assert_eq!(entries.len(), 2, "{entries:?}");
    assert_eq!(entries[0]["filename"], "demo-2.0-py3-none-any.whl");
    assert_eq!(entries[0]["admission"], "refused");
    assert_eq!(entries[0]["rule"], "recent-release");
    assert_eq!(entries[1]["filename"], "demo-1.0-py3-none-any.whl");
    assert_eq!(entries[1]["admission"], "admitted");
    sandbox
        .run(&["serve", "log", "verify", "--data", "data"])
        .ends_with(0);
}

#[test]
fn it_says_how_to_use_it_and_ends_when_it_is_asked_to() {
    let (sandbox, shelf) = (Sandbox::new(), demo());
    let gateway = Gateway::before(&sandbox, &shelf.url());
    assert_eq!(gateway.get("/health", &[]).status, 200);
    assert_eq!(gateway.get("/ready", &[]).status, 200);
    assert!(
        gateway
            .get("/", &[])
            .text()
            .contains("pip install --index-url")
    );
    assert!(
        gateway.log().contains(" 200 GET /health "),
        "{}",
        gateway.log()
    );
    assert_eq!(gateway.stop(), 0);
}

#[test]
fn nothing_is_decided_without_advisories_that_a_rule_asks_for() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let (sandbox, shelf) = (Sandbox::new(), demo());
    let more = ["--db", "missing.db", "--index-url", &shelf.url()];
    let gateway = Gateway::start(&sandbox, &more);
    let ready = gateway.get("/ready", &[]);
    assert_eq!(ready.status, 503);
    assert!(ready.text().contains("missing.db"), "{}", ready.text());
    let file = gateway.listed("demo", "demo-1.0-py3-none-any.whl");
    assert_eq!(file["_pinproof"]["admission"], "undecided", "{file}");
    let refused = gateway.get(&gateway.path("demo", "demo-1.0-py3-none-any.whl"), &[]);
    assert_eq!(refused.status, 503);
    assert!(refused.header("retry-after").is_some());
    // pip repeats what is answered with 503, and in the end it says only that.
    for client in BOTH {
        let ran = clients.install(
            client,
            &sandbox,
            (&gateway.simple(), "into"),
            &["demo==1.0"],
        );
        assert_ne!(ran.code, 0, "{}", ran.all());
        let says_why = said(&ran).contains("not decided yet");
        assert!(says_why || client == Client::Pip, "{}", ran.all());
    }
}
