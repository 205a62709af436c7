//! P15: no name is taken from two sources, and a bound name is never asked of another index.

use crate::support::{Index, Release, Sandbox};

fn flask() -> Release {
    Release::new("flask", "3.1.2")
}

fn internal() -> Release {
    Release::new("acme-web", "1.0")
}

/// A setting of the machine: pip asks a gateway for every name.
const GATEWAY: (&str, &str) = ("PIP_INDEX_URL", "https://gateway.example/simple/");

const WITHOUT_ADDRESS: &str = "[[index]]\nname = \"corp\"\nonly = [\"acme-*\"]\n";

fn bound_to(url: &str) -> String {
    format!("[[index]]\nname = \"corp\"\nurl = \"{url}\"\nonly = [\"acme-*\"]\n")
}

#[test]
fn each_index_is_asked_about_its_own_names_only() {
    // The public index has the internal name too, as after an attack (A3).
    let public = Index::with(&[flask(), Release::new("acme-web", "9999.0"), internal()]);
    let corp = Index::with(&[internal(), flask()]);
    let sandbox = Sandbox::with_requirements(&(internal().locked() + &flask().locked()));
    sandbox.write("pinproof.toml", bound_to(&corp.url()));
    sandbox.check(&public, &[]);
    assert_eq!(public.asked(), ["flask"]);
    assert_eq!(corp.asked(), ["acme-web"]);
}

#[test]
fn a_bound_name_is_not_asked_elsewhere_even_if_its_index_does_not_have_it_or_is_down() {
    let public = Index::with(&[internal()]);
    let empty = Index::with(&[]);
    let sandbox = Sandbox::with_requirements(&internal().locked());
    sandbox.write("pinproof.toml", bound_to(&empty.url()));
    sandbox
        .check(&public, &[])
        .ends_with(1)
        .says("error[unknown-project]");
    assert_eq!(empty.asked(), ["acme-web"]);
    sandbox.write("pinproof.toml", bound_to(&Index::refused()));
    let down = sandbox.check(&public, &["--allow", "name-outside-namespace"]);
    down.ends_with(3).says("no answer from");
    assert_eq!(public.asked(), [""; 0]);
}

#[test]
fn a_bound_name_in_a_file_that_asks_elsewhere_is_denied() {
    let public = Index::with(&[internal()]);
    let corp = Index::with(&[internal()]);
    let text = format!("--index-url {}\n{}", public.url(), internal().locked());
    let sandbox = Sandbox::with_requirements(&text);
    sandbox.write("pinproof.toml", bound_to(&corp.url()));
    let ran = sandbox.check_as_configured(&[], &[]);
    ran.ends_with(1)
        .says("error[name-outside-namespace]: `acme-web` belongs to index `corp`");
    assert_eq!(public.asked(), [""; 0]);
    assert_eq!(corp.asked(), ["acme-web"]);
}

#[test]
fn names_of_an_index_without_an_address_are_one_line_and_nobody_is_asked() {
    let public = Index::with(&[internal(), flask(), Release::new("acme-db", "2.0")]);
    let text = internal().locked() + &Release::new("acme-db", "2.0").locked() + &flask().locked();
    let sandbox = Sandbox::with_requirements(&text);
    sandbox.write("pinproof.toml", WITHOUT_ADDRESS);
    let args = ["--index-url", &public.url()];
    let ran = sandbox.check_as_configured(&args, &[GATEWAY]);
    ran.ends_with(0)
        .says("2 internal requirements: no public index was asked about them\n");
    let lines = ran
        .stdout
        .lines()
        .filter(|line| line.contains("internal") || line.contains("corp"));
    // That one, and the last line of the report.
    assert_eq!(lines.count(), 2, "{}", ran.all());
    assert!(
        ran.last_line().starts_with("judged 1 of 3 from") && ran.last_line().contains("2 internal"),
        "{}",
        ran.all()
    );
    ran.never_says("acme-web");
    assert_eq!(public.asked(), ["flask"]);
    let args = [&args[..], &["--format", "json"]].concat();
    let json = sandbox.check_as_configured(&args, &[GATEWAY]).json();
    assert_eq!(json["summary"]["internal"], 2);
    assert_eq!(json["files"][0]["judged"], 1);
}

/// Nobody asks the index of the policy, and pip asks PyPI: whoever registers the name there is installed.
#[test]
fn a_bound_name_whose_index_has_no_address_is_denied_where_the_installer_asks_pypi() {
    let public = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements(&(internal().locked() + &flask().locked()));
    sandbox.write("pinproof.toml", WITHOUT_ADDRESS);
    let ran = sandbox.check(&public, &[]);
    ran.ends_with(1)
        .says("error[name-outside-namespace]: `acme-web` belongs to index `corp`, but the installer asks")
        .says("that is the installer's own default: no setting names another index");
    assert_eq!(public.asked(), ["flask"]);
    // Another address may be the index's own: nobody can tell.
    let args = ["--index-url", &public.url()];
    sandbox.check_as_configured(&args, &[GATEWAY]).ends_with(0);
    // The names that the policy leaves to PyPI itself are not outside.
    sandbox.write("pinproof.toml", WITHOUT_ADDRESS.replace("corp", "pypi"));
    sandbox
        .check(&public, &[])
        .never_says("name-outside-namespace");
}

#[test]
fn an_address_on_the_command_line_makes_the_internal_names_known() {
    let public = Index::with(&[flask()]);
    let corp = Index::with(&[internal()]);
    let sandbox = Sandbox::with_requirements(&(internal().locked() + &flask().locked()));
    sandbox.write("pinproof.toml", WITHOUT_ADDRESS);
    let named = format!("corp={}", corp.url());
    let ran = sandbox.check(
        &public,
        &["--index", &named, "--allow", "name-outside-namespace"],
    );
    ran.ends_with(0).never_says("internal requirement");
    assert_eq!(corp.asked(), ["acme-web"]);
    assert_eq!(public.asked(), ["flask"]);
}

#[test]
fn the_most_exact_binding_wins() {
    let (first, second) = (Index::with(&[internal()]), Index::with(&[internal()]));
    let public = Index::with(&[]);
    let sandbox = Sandbox::with_requirements(&internal().locked());
    let exact = format!(
        "{}[[index]]\nname = \"web\"\nurl = \"{}\"\nonly = [\"acme-web\"]\n",
        bound_to(&first.url()),
        second.url()
    );
    sandbox.write("pinproof.toml", exact);
    sandbox.check(&public, &[]);
    assert_eq!(first.asked(), [""; 0]);
    assert_eq!(second.asked(), ["acme-web"]);
}

#[test]
fn spelling_does_not_unbind_a_name() {
    let public = Index::with(&[internal()]);
    let corp = Index::with(&[internal()]);
    for spelled in ["ACME_Web", "acme.web", "Acme--Web"] {
        let text = internal().locked().replace("acme-web", spelled);
        let sandbox = Sandbox::with_requirements(&text);
        sandbox.write("pinproof.toml", bound_to(&corp.url()));
        sandbox.check(&public, &[]);
        assert_eq!(public.asked(), [""; 0], "{spelled}");
        assert_eq!(corp.asked(), ["acme-web"], "{spelled}");
    }
}

#[test]
fn an_extra_index_is_denied_and_asked_only_in_turn() {
    let (first, second) = (Index::with(&[flask()]), Index::with(&[flask()]));
    let text = format!(
        "--index-url {}\n--extra-index-url {}\n{}",
        first.url(),
        second.url(),
        flask().locked()
    );
    let ran = Sandbox::with_requirements(&text).check_as_configured(&[], &[]);
    ran.ends_with(1)
        .says("error[mixed-indexes]: package indexes are mixed");
    ran.says(" --> requirements.txt:2:1");
}

/// Two indexes may have another release of the same name and version: each file is judged on its own.
#[test]
fn metadata_belongs_to_the_index_that_gave_it() {
    let first = Index::with(&[internal().tag("py3-none-linux_x86_64").requires("acme-db")]);
    let second = Index::with(&[internal()]);
    let sandbox = Sandbox::new();
    let text = |index: &Index, release: Release| {
        format!("--index-url {}\n{}", index.url(), release.locked())
    };
    let needy = internal().tag("py3-none-linux_x86_64");
    for (needs_more, needs_nothing) in [("a.txt", "b.txt"), ("b.txt", "a.txt")] {
        sandbox.write(needs_more, text(&first, needy.clone()));
        sandbox.write(needs_nothing, text(&second, internal()));
        let ran = sandbox.check_as_configured(&["a.txt", "b.txt"], &[]);
        ran.ends_with(1)
            .says(&format!(
                "{needs_more}: not a lock file: its dependency tree is incomplete"
            ))
            .says(&format!("{needs_nothing}: a lock file"));
    }
}
