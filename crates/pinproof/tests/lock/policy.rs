//! The policy chooses: what it refuses is no candidate, what it denies is avoided, and no name is asked where it
//! does not belong.

use serde_json::{Value, json};

use crate::support::{
    MODIFIED, NOW, Offered, PUBLISHED, Ran, Sandbox, Shelf, Wheel, asking, lock, lock_for, record,
    record_of,
};

fn wheel(name: &str, version: &str) -> Offered {
    Wheel::new(name, version).offered()
}

/// The version that the lock of the sandbox pins.
fn pinned(sandbox: &Sandbox, name: &str) -> String {
    let text = sandbox.read("requirements.txt");
    let start = format!("{name}==");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(start.as_str()));
    let line = line.unwrap_or_else(|| panic!("{name} is not in\n{text}"));
    line.split(' ').next().expect("a version").to_owned()
}

/// A record about the versions from `introduced` until before `fixed`.
fn between(id: &str, project: &str, introduced: &str, fixed: &str) -> Value {
    let mut record = record(id, project, fixed);
    record["affected"][0]["ranges"][0]["events"] =
        json!([{"introduced": introduced}, {"fixed": fixed}]);
    record
}

fn malware(project: &str, version: &str) -> Value {
    json!({
        "id": "MAL-2026-7", "published": PUBLISHED, "modified": MODIFIED,
        "affected": [{"package": {"ecosystem": "PyPI", "name": project}, "versions": [version]}]
    })
}

#[test]
fn an_internal_name_is_asked_of_its_index_only_wherever_it_comes_from() {
    // An attacker has the internal names too, and a public release needs one of them.
    let public = Shelf::with(&[
        Wheel::new("flask", "3.0").requires("acme-db").offered(),
        wheel("acme-web", "9999.0"),
        wheel("acme-db", "9999.0"),
    ]);
    let corp = Shelf::with(&[
        Wheel::new("acme-web", "1.0").requires("flask").offered(),
        wheel("acme-db", "2.0"),
        wheel("flask", "9999.0"),
    ]);
    let sandbox = asking("acme-web\n");
    let config = format!(
        "[[index]]\nname = \"corp\"\nurl = \"{}\"\nonly = [\"acme-*\"]\n",
        corp.url()
    );
    sandbox.write("pinproof.toml", config);
    lock_with_corp(&sandbox, &public.url(), &corp.url()).ends_with(0);
    let versions = ["acme-web", "acme-db", "flask"].map(|name| pinned(&sandbox, name));
    assert_eq!(versions, ["1.0", "2.0", "3.0"]);
    let foreign =
        |shelf: &Shelf, word: &str| shelf.requests().iter().any(|path| path.contains(word));
    assert!(!foreign(&public, "acme"), "{:?}", public.requests());
    assert!(!foreign(&corp, "flask"), "{:?}", corp.requests());
}

/// Locks for an installer that asks `corp`.
fn lock_with_corp(sandbox: &Sandbox, public: &str, corp: &str) -> Ran {
    let args = [
        "lock",
        "--index-url",
        public,
        "--as-of",
        NOW,
        "--retries",
        "0",
    ];
    sandbox.run_with(&args, &[("PIP_INDEX_URL", corp)])
}

/// Where whoever installs would ask the public index, an internal name does not even get into the lock.
#[test]
fn an_internal_name_is_not_locked_for_an_installer_that_asks_elsewhere() {
    let public = Shelf::with(&[
        Wheel::new("flask", "3.0").requires("acme-db").offered(),
        wheel("acme-db", "9999.0"),
    ]);
    let corp = Shelf::with(&[wheel("acme-db", "2.0")]);
    let config = format!(
        "[[index]]\nname = \"corp\"\nurl = \"{}\"\nonly = [\"acme-*\"]\n",
        corp.url()
    );
    for asked in ["acme-db\n", "flask\n"] {
        let sandbox = asking(asked);
        sandbox.write("pinproof.toml", &config);
        lock(&sandbox, &public, &[])
            .ends_with(1)
            .says("`acme-db` belongs to index `corp`")
            .says("name-outside-namespace");
    }
    assert!(
        !public.requests().iter().any(|path| path.contains("acme")),
        "{:?}",
        public.requests()
    );
}

#[test]
fn a_name_of_an_index_that_is_down_is_asked_of_nobody_else() {
    let public = Shelf::with(&[wheel("acme-web", "9999.0")]);
    let sandbox = asking("acme-web\n");
    let down = crate::support::Index::refused();
    sandbox.write(
        "pinproof.toml",
        format!("[[index]]\nname = \"corp\"\nurl = \"{down}\"\nonly = [\"acme-*\"]\n"),
    );
    lock_with_corp(&sandbox, &public.url(), &down)
        .ends_with(3)
        .says("undecided: no answer about `acme-web`");
    sandbox.write(
        "pinproof.toml",
        "[[index]]\nname = \"corp\"\nonly = [\"acme-*\"]\n",
    );
    lock_with_corp(&sandbox, &public.url(), &down)
        .ends_with(3)
        .says("acme-web")
        .says("corp");
    assert_eq!(public.asked(), [""; 0]);
    assert!(!sandbox.project().join("requirements.txt").exists());
}

#[test]
fn a_lookalike_is_not_chosen_and_the_real_name_is_said() {
    let young = "2026-10-01T00:00:00Z";
    let lookalike = Wheel::new("reqeusts", "1.0").uploaded(young);
    let shelf = Shelf::with(&[
        lookalike.offered(),
        Wheel::new("shop", "2.0").requires("reqeusts").offered(),
        wheel("shop", "1.0"),
    ]);
    let direct = asking("reqeusts\n");
    lock(&direct, &shelf, &[])
        .ends_with(1)
        .says("lookalike-name")
        .says("requests");
    assert!(!direct.project().join("requirements.txt").exists());
    // Nobody needs it, if an older release does without.
    let transitive = asking("shop\n");
    lock(&transitive, &shelf, &[]).ends_with(0);
    assert_eq!(pinned(&transitive, "shop"), "1.0");
}

#[test]
fn a_quarantined_project_is_not_chosen() {
    let mut suspect = wheel("elm", "1.0");
    suspect.status = Some("quarantined");
    let shelf = Shelf::with(&[
        suspect,
        Wheel::new("ash", "2.0").requires("elm").offered(),
        wheel("ash", "1.0"),
    ]);
    let sandbox = asking("ash\n");
    lock(&sandbox, &shelf, &[]).ends_with(0);
    assert_eq!(pinned(&sandbox, "ash"), "1.0");
    lock(&asking("elm\n"), &shelf, &[])
        .ends_with(1)
        .says("[quarantined-project]");
}

#[test]
fn known_malware_is_never_chosen() {
    let shelf = Shelf::with(&[wheel("flask", "3.0"), wheel("flask", "3.1")]);
    let sandbox = asking("flask\n");
    let db = sandbox.database(&[malware("flask", "3.1")]);
    let ran = lock(&sandbox, &shelf, &["--db", &db]);
    ran.ends_with(0)
        .says(" = flask                  3.0                  3.1 is held back: ")
        .says("[known-malware]");
    assert_eq!(pinned(&sandbox, "flask"), "3.0");
    // Also where it is locked already, and where nothing else fits.
    let locked = wheel("flask", "3.1").sha256();
    let before = format!("flask==3.1 --hash=sha256:{locked}\n");
    sandbox.write("requirements.txt", &before);
    lock(&sandbox, &shelf, &["--db", &db]).ends_with(0);
    assert_eq!(pinned(&sandbox, "flask"), "3.0");
    sandbox.write("requirements.txt", &before);
    sandbox.write("requirements.in", "flask>3.0\n");
    lock(&sandbox, &shelf, &["--db", &db])
        .ends_with(1)
        .says("[known-malware]")
        .says("requirements.txt is as it was");
    assert_eq!(sandbox.read("requirements.txt"), before);
}

#[test]
fn a_vulnerable_release_is_avoided_and_reported_where_it_cannot_be() {
    let shelf = Shelf::with(&[wheel("flask", "3.0"), wheel("flask", "3.1")]);
    let sandbox = asking("flask\n");
    let db = sandbox.database(&[between("PYSEC-2026-7", "flask", "3.1", "3.2")]);
    let ran = lock(&sandbox, &shelf, &["--db", &db]);
    ran.ends_with(0)
        .says("3.1 is held back: ")
        .says("PYSEC-2026-7")
        .says("[vulnerable-release]");
    assert_eq!(pinned(&sandbox, "flask"), "3.0");
    // It fails a check, and does not stop a company from installing.
    sandbox.write("requirements.in", "flask>3.0\n");
    let ran = lock(&sandbox, &shelf, &["--db", &db]);
    ran.ends_with(1)
        .says("Wrote requirements.txt")
        .says(" ! flask                  3.1")
        .says("[vulnerable-release]");
    assert_eq!(pinned(&sandbox, "flask"), "3.1");
}

#[test]
fn a_withdrawn_release_is_chosen_only_if_exactly_it_is_asked_for() {
    let withdrawn = Wheel::new("flask", "3.1")
        .yanked("breaks the login")
        .offered();
    let local = Wheel::new("flask", "3.2+acme")
        .yanked("breaks it, too")
        .offered();
    let shelf = Shelf::with(&[wheel("flask", "3.0"), withdrawn, local]);
    for (asked, chosen) in [
        ("flask\n", "3.0"),
        ("flask>=3,<=3.1\n", "3.0"),
        ("flask==3.1\n", "3.1"),
        ("flask==3.2+acme\n", "3.2+acme"),
    ] {
        let sandbox = asking(asked);
        let ran = lock(&sandbox, &shelf, &[]);
        assert_eq!(pinned(&sandbox, "flask"), chosen, "{}", ran.all());
    }
    let sandbox = asking("flask==3.1\n");
    lock(&sandbox, &shelf, &[])
        .ends_with(0)
        .says("withdrawn by its authors (yanked) [yanked-release]");
    for asked in ["flask>3.0\n", "flask==3.2\n", "flask==3.1.*\n"] {
        lock(&asking(asked), &shelf, &[])
            .ends_with(1)
            .says("withdrawn by its authors");
    }
}

#[test]
fn without_any_database_nothing_is_written() {
    let shelf = Shelf::with(&[wheel("flask", "3.0")]);
    let sandbox = asking("flask\n");
    let old = format!("flask==2.0 --hash=sha256:{}\n", "a".repeat(64));
    sandbox.write("requirements.txt", &old);
    let args = ["lock", "--index-url", &shelf.url(), "--as-of", NOW];
    sandbox
        .run_without_db(&args)
        .ends_with(3)
        .says("`pinproof db update`")
        .says("requirements.txt is as it was");
    assert_eq!(sandbox.read("requirements.txt"), old);
    let offline = [&args[..], &["--offline"]].concat();
    sandbox.run_without_db(&offline).ends_with(3);
    // Preset `observe` refuses nothing, so nothing has to be known.
    sandbox.write("pinproof.toml", "preset = \"observe\"\n");
    sandbox.run_without_db(&args);
    assert_eq!(pinned(&sandbox, "flask"), "3.0");
}

#[test]
fn an_old_database_still_chooses_and_the_alarm_is_loud() {
    let shelf = Shelf::with(&[wheel("flask", "3.0"), wheel("flask", "3.1")]);
    let sandbox = asking("flask\n");
    let mut record = malware("flask", "3.1");
    for key in ["published", "modified"] {
        record[key] = json!("2026-06-01T00:00:00Z");
    }
    let db = sandbox.database(&[
        record,
        record_of("PYSEC-2026-1", "elm", "1", "2026-06-01T00:00:00Z"),
    ]);
    let ran = lock(&sandbox, &shelf, &["--db", &db]);
    ran.says("warning: advisories of osv are not up to date")
        .says("known to be bad may have been chosen");
    assert_eq!(pinned(&sandbox, "flask"), "3.0");
    assert_ne!(ran.code, 0, "{}", ran.all());
}

fn young_and_old() -> Shelf {
    Shelf::with(&[
        wheel("flask", "3.0"),
        Wheel::new("flask", "3.1")
            .uploaded("2026-10-30T00:00:00Z")
            .offered(),
    ])
}

fn with_config(config: &str, more: &[&str]) -> (String, Ran) {
    let (shelf, sandbox) = (young_and_old(), asking("flask\n"));
    sandbox.write("pinproof.toml", config);
    let ran = lock(&sandbox, &shelf, more);
    (pinned(&sandbox, "flask"), ran)
}

#[test]
fn the_policy_says_what_is_refused() {
    let chosen = |config: &str| with_config(config, &[]).0;
    assert_eq!(chosen(""), "3.0");
    assert_eq!(chosen("preset = \"strict\"\n"), "3.0");
    assert_eq!(chosen("preset = \"observe\"\n"), "3.1");
    assert_eq!(chosen("[rules]\nrecent-release = \"allow\"\n"), "3.1");
    assert_eq!(
        chosen("[rules]\nrecent-release = { level = \"warn\", refuse = false }\n"),
        "3.1"
    );
    // Denied and not refused: avoided where there is a choice.
    assert_eq!(
        chosen("[rules]\nrecent-release = { level = \"deny\", refuse = false }\n"),
        "3.0"
    );
    assert_eq!(
        chosen("[rules]\nrecent-release = { cooldown = \"1 day\" }\n"),
        "3.1"
    );
    assert_eq!(
        chosen("[rules]\nrecent-release = { except = [\"flask\"] }\n"),
        "3.1"
    );
    assert_eq!(with_config("", &["-A", "recent-release"]).0, "3.1");
    let (_, strict) = with_config("preset = \"strict\"\n", &[]);
    strict.ends_with(0);
}

#[test]
fn a_rule_that_only_warns_refuses_if_the_policy_says_so() {
    let mut archived = wheel("ash", "2.0");
    archived.status = Some("archived");
    let shelf = Shelf::with(&[
        archived,
        Wheel::new("shop", "2.0").requires("ash").offered(),
        wheel("shop", "1.0"),
    ]);
    let sandbox = asking("shop\n");
    lock(&sandbox, &shelf, &[])
        .ends_with(0)
        .says("[archived-project]");
    assert_eq!(pinned(&sandbox, "shop"), "2.0");
    sandbox.write(
        "pinproof.toml",
        "[rules]\narchived-project = { level = \"warn\", refuse = true }\n",
    );
    lock(&sandbox, &shelf, &["--upgrade"]).ends_with(0);
    assert_eq!(pinned(&sandbox, "shop"), "1.0");
}

/// What a lock cannot mend is refused before anybody is asked, and the lock that is there stays.
#[test]
fn inputs_that_no_choice_can_mend_are_refused() {
    let shelf = Shelf::with(&[wheel("flask", "3.0")]);
    let repository = "elm @ git+https://git.example/elm@main\n";
    let commit = "elm @ git+https://git.example/elm@0123456789012345678901234567890123456789\n";
    for (input, reason) in [
        (repository, "`elm` is taken from a repository"),
        (commit, "`elm` is taken from a repository"),
        ("-e ./elm\n", "requirements.in:1:"),
        (
            "--extra-index-url https://other.example/simple/\n",
            "[mixed-indexes]",
        ),
        (
            "--index-url http://plain.example/simple/\n",
            "[insecure-index]",
        ),
        ("--trusted-host other.example\n", "[insecure-index]"),
    ] {
        let sandbox = asking(&format!("{input}flask\n"));
        let old = format!("flask==2.0 --hash=sha256:{}\n", "a".repeat(64));
        sandbox.write("requirements.txt", &old);
        let asked = shelf.requests().len();
        let url = shelf.url();
        let ran = if input.starts_with("--index-url") {
            sandbox.run(&["lock", "--as-of", NOW])
        } else {
            lock_for(&sandbox, &url, &[])
        };
        ran.ends_with(1)
            .says(reason)
            .says("requirements.txt is as it was");
        assert_eq!(sandbox.read("requirements.txt"), old, "{input}");
        assert_eq!(shelf.requests().len(), asked, "{input}: nobody was asked");
    }
}
