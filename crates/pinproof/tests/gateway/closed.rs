//! Closed mode: an allow-list of locks, and the gateway hands out what they have and nothing else.

use crate::clients::{BOTH, Clients, installed, said};
use crate::gateway::{Gateway, entries};
use crate::shelf::{File, Shelf};
use crate::support::Sandbox;

const LISTED: &str = "demo-1.0-py3-none-any.whl";
const OTHER: &str = "demo-2.0-py3-none-any.whl";

/// Two releases of a project in the list, and a project that is not.
fn files() -> Vec<File> {
    vec![
        File::wheel("demo", "1.0"),
        File::wheel("demo", "2.0"),
        File::wheel("stranger", "1.0"),
    ]
}

fn lock_of(files: &[&File]) -> String {
    files.iter().map(|file| file.locked()).collect()
}

fn closed(sandbox: &Sandbox) -> Shelf {
    let files = files();
    sandbox.write("pinproof.toml", "allow-list = [\"locks/*.txt\"]\n");
    sandbox.write("locks/web.txt", lock_of(&[&files[0]]));
    Shelf::with(&files)
}

#[test]
fn exactly_a_lock_is_installed() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let sandbox = Sandbox::new();
    let shelf = closed(&sandbox);
    let gateway = Gateway::before(&sandbox, &shelf.url());
    for client in BOTH {
        let into = format!("{client:?}");
        let index = gateway.simple();
        let lock = ["--require-hashes", "-r", "locks/web.txt"];
        clients
            .install(client, &sandbox, (&index, &into), &lock)
            .ends_with(0);
        assert_eq!(installed(&sandbox, &into, "demo").as_deref(), Some("1.0"));
        // Without a version: what the list has, and not the newest.
        let into = format!("{client:?}-unpinned");
        clients
            .install(client, &sandbox, (&index, &into), &["demo"])
            .ends_with(0);
        assert_eq!(installed(&sandbox, &into, "demo").as_deref(), Some("1.0"));
    }
    assert_eq!(shelf.fetched(), [LISTED]);
}

#[test]
fn another_release_of_a_listed_project_is_refused_and_both_clients_say_why() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let sandbox = Sandbox::new();
    let shelf = closed(&sandbox);
    let gateway = Gateway::before(&sandbox, &shelf.url());
    for client in BOTH {
        let index = gateway.simple();
        let ran = clients.install(client, &sandbox, (&index, "into"), &["demo==2.0"]);
        assert_ne!(ran.code, 0, "{}", ran.all());
        let why = format!("`{OTHER}` is in no lock of the allow-list [unlisted-release]");
        assert!(said(&ran).contains(&why), "{}", ran.all());
        assert_eq!(installed(&sandbox, "into", "demo"), None);
    }
    let why = gateway.get(&format!("/why/{OTHER}"), &[]).text();
    for words in ["the allow-list has `demo` 1.0", "`locks/*.txt`"] {
        assert!(why.contains(words), "{words}: {why}");
    }
}

#[test]
fn a_project_in_no_lock_is_refused_and_no_index_is_asked() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let sandbox = Sandbox::new();
    let shelf = closed(&sandbox);
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let answer = gateway.get("/simple/stranger/", &[]);
    assert_eq!(answer.status, 451);
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
    for client in BOTH {
        let index = gateway.simple();
        let ran = clients.install(client, &sandbox, (&index, "into"), &["stranger"]);
        assert_ne!(ran.code, 0, "{}", ran.all());
        let why = "`stranger` is in no lock of the allow-list [unlisted-release]";
        // pip shows nothing of an answer that is no page.
        assert!(
            client == BOTH[0] || said(&ran).contains(why),
            "{}",
            ran.all()
        );
    }
    assert!(shelf.asked().is_empty(), "{:?}", shelf.asked());
    drop(gateway);
    // An exception is one.
    let policy = "allow-list = [\"locks/*.txt\"]\n[[ignore]]\nrule = \"unlisted-release\"\nmatch = \"stranger\"\nreason = \"we try it\"\n";
    sandbox.write("pinproof.toml", policy);
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let path = gateway.path("stranger", "stranger-1.0-py3-none-any.whl");
    assert_eq!(gateway.get(&path, &[]).status, 200);
}

#[test]
fn other_bytes_of_a_listed_version_are_refused() {
    let sandbox = Sandbox::new();
    let files = [
        File::wheel("demo", "1.0"),
        File::wheel_for("demo", "1.0", "py2-none-any"),
    ];
    sandbox.write("pinproof.toml", "allow-list = [\"requirements.txt\"]\n");
    sandbox.write("requirements.txt", lock_of(&[&files[0]]));
    let shelf = Shelf::with(&files);
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let listed = gateway.listed("demo", LISTED);
    assert_eq!(listed["yanked"], false, "{listed}");
    let other = gateway.listed("demo", "demo-1.0-py2-none-any.whl");
    let reason = other["yanked"].as_str().expect("a reason");
    assert!(
        reason.contains("is in no lock of the allow-list"),
        "{reason}"
    );
}

#[test]
fn a_lock_that_changes_is_read_again_and_a_broken_one_changes_nothing() {
    let sandbox = Sandbox::new();
    let shelf = closed(&sandbox);
    let gateway = Gateway::before(&sandbox, &shelf.url());
    let digest = |gateway: &Gateway| gateway.page("demo")["_pinproof"]["policy"].clone();
    let before = digest(&gateway);
    assert_eq!(
        gateway.listed("demo", OTHER)["_pinproof"]["admission"],
        "refused"
    );
    let json = ["Accept: application/vnd.pypi.simple.v1+json"];
    let etag = |gateway: &Gateway| {
        let answer = gateway.get("/simple/demo/", &json);
        answer.header("etag").expect("a validator").to_owned()
    };
    let etag_before = etag(&gateway);

    sandbox.write("locks/web.txt", "demo>=1\n");
    gateway.hang_up();
    gateway
        .wait_for("the policy that was in effect stays: locks/web.txt:1:1: `demo` is not pinned");
    assert_eq!(digest(&gateway), before);
    assert_eq!(etag(&gateway), etag_before);

    let files = files();
    sandbox.write("locks/web.txt", lock_of(&[&files[0]]));
    sandbox.write("locks/more.txt", lock_of(&[&files[1], &files[2]]));
    gateway.hang_up();
    gateway.wait_for("another policy is in effect: ");
    assert_ne!(digest(&gateway), before);
    assert_ne!(etag(&gateway), etag_before);
    assert_eq!(
        gateway.listed("demo", OTHER)["_pinproof"]["admission"],
        "admitted"
    );
    assert_eq!(gateway.get("/simple/stranger/", &[]).status, 200);
}

#[test]
fn the_rest_of_the_policy_is_read_again_too_and_unasked() {
    let sandbox = Sandbox::new();
    sandbox.write("pinproof.toml", "contact = \"one@acme.example\"\n");
    let shelf = Shelf::with(&[File::wheel("demo", "2.0").uploaded("2026-10-30T00:00:00Z")]);
    let gateway = Gateway::before(&sandbox, &shelf.url());
    assert_eq!(
        gateway.listed("demo", OTHER)["_pinproof"]["admission"],
        "refused"
    );
    sandbox.write("pinproof.toml", "rules = { recent-release = \"allow\" }\n");
    // Nobody asks for it: it is looked at every ten seconds.
    gateway.wait_for("another policy is in effect: ");
    assert_eq!(
        gateway.listed("demo", OTHER)["_pinproof"]["admission"],
        "admitted"
    );
}

#[test]
fn two_machines_with_the_same_locks_have_the_same_policy() {
    let files = files();
    let digest = |policy: &str, locks: &[(&str, String)]| {
        let sandbox = Sandbox::new();
        sandbox.write("pinproof.toml", policy);
        for (path, text) in locks {
            sandbox.write(path, text);
        }
        let shown = sandbox.run(&["config", "show"]);
        shown.ends_with(0);
        shown.json()["policy-digest"].clone()
    };
    let lock = lock_of(&[&files[0], &files[2]]);
    let pylock = format!(
        "lock-version = \"1.0\"\ncreated-by = \"hand\"\n\n{}",
        [&files[2], &files[0]].map(|file| format!(
            "[[packages]]\nname = \"{}\"\nversion = \"{}\"\n[[packages.wheels]]\nname = \"{}\"\nurl = \"https://files.invalid/{}\"\nhashes = {{ sha256 = \"{}\" }}\n\n",
            file.project, file.version, file.name, file.name, file.sha256()
        )).concat()
    );
    let one = digest("allow-list = [\"a.txt\"]\n", &[("a.txt", lock.clone())]);
    let other = digest(
        "allow-list = [\"pylock.toml\"]\n",
        &[("pylock.toml", pylock)],
    );
    assert_eq!(one, other);
    let (first, second) = (lock_of(&[&files[2]]), lock_of(&[&files[0]]));
    let two = digest(
        "allow-list = [\"l/**\"]\n",
        &[("l/a.txt", first.clone()), ("l/b.txt", second)],
    );
    assert_eq!(one, two);
    let less = digest("allow-list = [\"a.txt\"]\n", &[("a.txt", first)]);
    assert_ne!(one, less);
}

#[test]
fn a_list_that_cannot_be_read_ends_the_start_with_the_place_and_what_to_do() {
    let hash = "a".repeat(64);
    let cases = [
        (
            "locks/a.txt",
            None,
            "pinproof.toml:1:15: the allow-list names `locks/a.txt`, and no file is there",
            "correct the path",
        ),
        (
            "locks/a.txt",
            Some("demo>=1\n".to_owned()),
            "locks/a.txt:1:1: `demo` is not pinned",
            "`pinproof lock` makes one",
        ),
        (
            "locks/a.txt",
            Some(format!("demo==1.0 --hash=sha256:{hash}\nwhat is this\n")),
            "locks/a.txt:2:1: a file of the allow-list is not understood",
            "",
        ),
        (
            "locks/a.txt",
            Some(format!("demo==1.0 --hash=md5:{}\n", &hash[..32])),
            "locks/a.txt:1:1: `demo` has only weak hashes",
            "",
        ),
        (
            "locks/a.txt",
            Some("# nothing\n".to_owned()),
            "locks/a.txt: a file of the allow-list locks nothing",
            "make the lock anew",
        ),
        (
            "locks/a.txt",
            Some("-r https://acme.example/more.txt\n".to_owned()),
            "locks/a.txt:1:",
            "keep the file in the project",
        ),
        (
            "locks/a.txt",
            Some("-r missing.txt\n".to_owned()),
            "locks/missing.txt: a file of the allow-list: there is no such file",
            "",
        ),
        ("uv.lock", Some("version = \n".to_owned()), "uv.lock:1:", ""),
        (
            "pyproject.toml",
            Some("[project]\nname = \"app\"\n".to_owned()),
            "pyproject.toml: a file of the allow-list is no lock",
            "an allow-list names locks",
        ),
    ];
    for (path, text, message, hint) in cases {
        let sandbox = Sandbox::new();
        sandbox.write("pinproof.toml", format!("allow-list = [\"{path}\"]\n"));
        if let Some(text) = text {
            sandbox.write(path, text);
        }
        for command in [
            &["serve", "--listen", "127.0.0.1:0", "--data", "data"][..],
            &["check", "--offline"],
        ] {
            let ran = sandbox.run(command);
            assert_eq!(ran.code, 2, "{path}: {}", ran.all());
            ran.notes(message).notes(hint);
        }
    }
    let sandbox = Sandbox::new();
    sandbox.write("pinproof.toml", "allow-list = []\n");
    sandbox
        .run(&["config", "show"])
        .ends_with(2)
        .notes("an `allow-list` without lock files would refuse everything");
}

#[test]
fn a_freeze_serves_the_world_as_of_a_day() {
    let Some(clients) = Clients::get() else {
        return;
    };
    let sandbox = Sandbox::new();
    sandbox.write("pinproof.toml", "freeze = 2026-09-01\n");
    let shelf = Shelf::with(&[
        File::wheel("demo", "1.0"),
        File::wheel("demo", "2.0").uploaded("2026-09-02T00:00:00Z"),
    ]);
    let gateway = Gateway::before(&sandbox, &shelf.url());
    for client in BOTH {
        let (index, into) = (gateway.simple(), format!("{client:?}"));
        clients
            .install(client, &sandbox, (&index, &into), &["demo"])
            .ends_with(0);
        assert_eq!(installed(&sandbox, &into, "demo").as_deref(), Some("1.0"));
        let ran = clients.install(client, &sandbox, (&index, "into"), &["demo==2.0"]);
        assert_ne!(ran.code, 0, "{}", ran.all());
        let why = format!(
            "`{OTHER}` was uploaded after the freeze at 2026-09-01T00:00:00Z [release-after-freeze]"
        );
        assert!(said(&ran).contains(&why), "{}", ran.all());
    }
    drop(gateway);
    // The lock chooses as of that day, and a check of a later pin says so.
    sandbox.write("requirements.in", "demo\n");
    let usual = ["--index-url", &shelf.url(), "--as-of", crate::support::NOW];
    sandbox
        .run(&[&["lock", "requirements.in"][..], &usual].concat())
        .ends_with(0)
        .says("uploaded after the freeze");
    assert!(sandbox.read("requirements.txt").contains("demo==1.0"));
    sandbox.write("requirements.txt", File::wheel("demo", "2.0").locked());
    sandbox
        .run(&[&["check", "requirements.txt"][..], &usual].concat())
        .ends_with(1)
        .says("`demo` 2.0 was uploaded after the freeze at 2026-09-01T00:00:00Z");
}

#[test]
fn a_lock_is_chosen_from_the_list() {
    let sandbox = Sandbox::new();
    let shelf = closed(&sandbox);
    let usual = ["--index-url", &shelf.url(), "--as-of", crate::support::NOW];
    sandbox.write("requirements.in", "demo\n");
    sandbox
        .run(&[&["lock", "requirements.in"][..], &usual].concat())
        .ends_with(0);
    assert!(sandbox.read("requirements.txt").contains("demo==1.0"));
    sandbox.write("requirements.in", "demo\nstranger\n");
    let lock = ["lock", "requirements.in"];
    sandbox
        .run(&[&lock[..], &usual].concat())
        .ends_with(1)
        .says("`stranger` is in no lock of the allow-list");
    // Whoever makes the list chooses without it.
    let free = ["-A", "unlisted-release"];
    sandbox
        .run(&[&lock[..], &usual, &free].concat())
        .ends_with(0);
    assert!(sandbox.read("requirements.txt").contains("stranger==1.0"));
}

#[test]
fn a_shadow_policy_is_logged_and_shown_and_changes_no_answer() {
    let (plain, shadowed) = (Sandbox::new(), Sandbox::new());
    let shelf = closed(&shadowed);
    shadowed.write("pinproof.toml", "");
    shadowed.write(
        "next.toml",
        "allow-list = [\"locks/*.txt\"]\n[rules]\nrecent-release = \"allow\"\n",
    );
    let young = File::wheel("young", "1.0").uploaded("2026-10-30T00:00:00Z");
    let mut all = files();
    all.push(young);
    let shelf = {
        drop(shelf);
        Shelf::with(&all)
    };
    let without = Gateway::before(&plain, &shelf.url());
    let with = Gateway::start(
        &shadowed,
        &["--index-url", &shelf.url(), "--shadow", "next.toml"],
    );
    let accept = ["Accept: application/vnd.pypi.simple.v1+html"];
    for path in ["/simple/demo/", "/simple/stranger/", "/simple/young/"] {
        let [a, b] = [&without, &with].map(|gateway| gateway.get(path, &accept));
        let own = |text: String, gateway: &Gateway| text.replace(&gateway.url, "");
        assert_eq!(a.status, b.status);
        assert_eq!(own(a.text(), &without), own(b.text(), &with));
    }
    let other = with.path("demo", OTHER);
    assert_eq!(with.get(&other, &[]).status, 200);
    let listed = with.path("demo", LISTED);
    assert_eq!(with.get(&listed, &[]).status, 200);
    let why = with.get(&format!("/why/{OTHER}"), &[]).text();
    assert!(
        why.contains("Under the shadow policy it would be <strong>refused</strong>: `demo-2.0-py3-none-any.whl` is in no lock of the allow-list [unlisted-release]"),
        "{why}"
    );
    let why = with.get(&format!("/why/{LISTED}"), &[]).text();
    assert!(!why.contains("shadow"), "{why}");
    drop(with);
    let entries = entries(&shadowed);
    let seen: Vec<_> = entries
        .iter()
        .map(|entry| {
            let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
            (text("filename"), text("admission"), entry["shadow"] == true)
        })
        .collect();
    let expected = [
        // What a page withholds is logged with it; the file is refused by both, so there is no other entry.
        ("young-1.0-py3-none-any.whl", "refused", false),
        (OTHER, "admitted", false),
        (OTHER, "refused", true),
        (LISTED, "admitted", false),
    ];
    let expected =
        expected.map(|(name, admission, shadow)| (name.to_owned(), admission.to_owned(), shadow));
    assert_eq!(seen, expected);
    assert_ne!(entries[1]["policy"], entries[2]["policy"]);
    shadowed
        .run(&["serve", "log", "verify", "--data", "data"])
        .ends_with(0)
        .says("the log is whole");
}
