//! What configures pip and uv on a machine and in a project: each finding says where the setting stands.

mod support;

use support::{Index, Ran, Release, Sandbox};

const EXTRA: &str = "https://extra.example/simple/";
const PLAIN: &str = "http://plain.example/simple/";

fn flask() -> Release {
    Release::new("flask", "3.1.2")
}

/// The rules that spoke, each with the place of its finding.
fn spoke(ran: &Ran) -> Vec<(String, String)> {
    let json = ran.json();
    let findings = json["findings"].as_array().expect("a list");
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let place = |finding: &serde_json::Value| text(&finding["places"][0]["file"]);
    let spoke = findings
        .iter()
        .map(|finding| (text(&finding["rule"]), place(finding)));
    spoke.collect()
}

/// A locked project, whose own file asks the index of the test: so a machine's default is not asked.
fn check(sandbox: &Sandbox, variables: &[(&str, &str)]) -> Ran {
    let index = Index::with(&[flask()]);
    sandbox.write("requirements.txt", flask().locked());
    let args = ["--index-url", &index.url(), "--format", "json"];
    sandbox.check_as_configured(&args, variables)
}

#[track_caller]
fn is_found(sandbox: &Sandbox, variables: &[(&str, &str)], expected: &[(&str, &str)]) {
    let ran = check(sandbox, variables);
    let expected: Vec<_> = expected
        .iter()
        .map(|(rule, place)| ((*rule).to_owned(), (*place).to_owned()))
        .collect();
    assert_eq!(spoke(&ran), expected, "{}", ran.all());
    ran.ends_with(i32::from(!expected.is_empty()));
}

#[test]
fn a_machine_without_settings_gives_no_finding() {
    is_found(&Sandbox::new(), &[], &[]);
}

#[test]
fn variables_of_pip() {
    let cases = [
        ("PIP_EXTRA_INDEX_URL", EXTRA, "mixed-indexes"),
        ("PIP_FIND_LINKS", "https://links.example/", "mixed-indexes"),
        ("PIP_INDEX_URL", PLAIN, "insecure-index"),
        ("PIP_TRUSTED_HOST", "corp.example", "insecure-index"),
    ];
    for (variable, value, rule) in cases {
        is_found(&Sandbox::new(), &[(variable, value)], &[(rule, variable)]);
    }
}

#[test]
fn variables_of_uv() {
    let cases = [
        ("UV_EXTRA_INDEX_URL", EXTRA, "mixed-indexes"),
        ("UV_INDEX", EXTRA, "mixed-indexes"),
        ("UV_INDEX_STRATEGY", "unsafe-best-match", "mixed-indexes"),
        ("UV_INDEX_URL", PLAIN, "insecure-index"),
        ("UV_DEFAULT_INDEX", PLAIN, "insecure-index"),
        ("UV_INSECURE_HOST", "corp.example", "insecure-index"),
    ];
    for (variable, value, rule) in cases {
        is_found(&Sandbox::new(), &[(variable, value)], &[(rule, variable)]);
    }
}

#[test]
fn files_of_pip() {
    for path in [".config/pip/pip.conf", ".pip/pip.conf"] {
        let sandbox = Sandbox::new();
        sandbox.write_home(path, &format!("[global]\nextra-index-url = {EXTRA}\n"));
        is_found(
            &sandbox,
            &[],
            &[("mixed-indexes", &format!("[SANDBOX]/home/{path}"))],
        );
        sandbox.write_home(path, &format!("[install]\nindex-url = {PLAIN}\n"));
        is_found(
            &sandbox,
            &[],
            &[("insecure-index", &format!("[SANDBOX]/home/{path}"))],
        );
        sandbox.write_home(path, &format!("[list]\nindex-url = {PLAIN}\n"));
        is_found(&sandbox, &[], &[]);
    }
}

#[test]
fn the_file_that_a_variable_names() {
    let sandbox = Sandbox::new();
    sandbox.write_home(
        "other.conf",
        &format!("[global]\nextra-index-url = {EXTRA}\n"),
    );
    let path = sandbox.home().join("other.conf").display().to_string();
    let variables = [("PIP_CONFIG_FILE", path.as_str())];
    is_found(
        &sandbox,
        &variables,
        &[("mixed-indexes", "[SANDBOX]/home/other.conf")],
    );
}

#[test]
fn the_variable_that_turns_files_off() {
    let sandbox = Sandbox::new();
    sandbox.write_home(
        ".config/pip/pip.conf",
        &format!("[global]\nextra-index-url = {EXTRA}\n"),
    );
    is_found(&sandbox, &[("PIP_CONFIG_FILE", "/dev/null")], &[]);
    sandbox.write_home(
        ".config/uv/uv.toml",
        &format!("extra-index-url = [\"{EXTRA}\"]\n"),
    );
    is_found(
        &sandbox,
        &[("PIP_CONFIG_FILE", "/dev/null"), ("UV_NO_CONFIG", "1")],
        &[],
    );
}

#[test]
fn of_two_levels_the_later_one_counts() {
    let sandbox = Sandbox::new();
    sandbox.write_home(
        ".config/pip/pip.conf",
        &format!("[global]\nindex-url = {PLAIN}\n"),
    );
    is_found(
        &sandbox,
        &[("PIP_INDEX_URL", "https://corp.example/simple/")],
        &[],
    );
}

#[test]
fn files_of_uv() {
    let texts = [
        (
            format!("extra-index-url = [\"{EXTRA}\"]\n"),
            "mixed-indexes",
        ),
        (
            format!("[[index]]\nname = \"x\"\nurl = \"{EXTRA}\"\n"),
            "mixed-indexes",
        ),
        (
            format!("[pip]\nextra-index-url = [\"{EXTRA}\"]\n"),
            "mixed-indexes",
        ),
        (
            "index-strategy = \"unsafe-best-match\"\n".to_owned(),
            "mixed-indexes",
        ),
        (format!("index-url = \"{PLAIN}\"\n"), "insecure-index"),
        (
            "allow-insecure-host = [\"corp.example\"]\n".to_owned(),
            "insecure-index",
        ),
    ];
    for (text, rule) in texts {
        let sandbox = Sandbox::new();
        sandbox.write_home(".config/uv/uv.toml", &text);
        is_found(
            &sandbox,
            &[],
            &[(rule, "[SANDBOX]/home/.config/uv/uv.toml")],
        );
        let sandbox = Sandbox::new();
        sandbox.write("uv.toml", &text);
        let ran = check(&sandbox, &[]);
        let [(found, place)] = &spoke(&ran)[..] else {
            panic!("{}", ran.all())
        };
        assert_eq!(found, rule, "{text}");
        assert!(place.ends_with("uv.toml"), "{place}");
    }
}

#[test]
fn an_explicit_index_of_uv_mixes_nothing() {
    let sandbox = Sandbox::new();
    let text = format!("[[index]]\nname = \"x\"\nurl = \"{EXTRA}\"\nexplicit = true\n");
    sandbox.write_home(".config/uv/uv.toml", &text);
    is_found(&sandbox, &[], &[]);
}

#[test]
fn the_project_itself() {
    let project = "[project]\nname = \"x\"\nversion = \"1\"\ndependencies = [\"flask\"]\n";
    let tables = [
        (
            format!("[tool.uv]\nextra-index-url = [\"{EXTRA}\"]\n"),
            "mixed-indexes",
            6,
        ),
        (
            format!("[[tool.uv.index]]\nname = \"x\"\nurl = \"{EXTRA}\"\n"),
            "mixed-indexes",
            7,
        ),
        (
            format!("[tool.uv]\nindex-url = \"{PLAIN}\"\n"),
            "insecure-index",
            6,
        ),
        (
            "[tool.uv]\nindex-strategy = \"unsafe-first-match\"\n".to_owned(),
            "mixed-indexes",
            6,
        ),
    ];
    for (table, rule, line) in tables {
        let index = Index::with(&[flask()]);
        let sandbox = Sandbox::new();
        sandbox.write("pyproject.toml", format!("{project}{table}"));
        let ran = sandbox.check(
            &index,
            &["--format", "json", "--allow", "unpinned-requirement"],
        );
        let json = ran.ends_with(1).json();
        let finding = &json["findings"][0];
        assert_eq!(finding["rule"], rule, "{}", ran.all());
        assert_eq!(finding["places"][0]["file"], "pyproject.toml");
        assert_eq!(finding["places"][0]["line"], line, "{table}");
    }
}

#[test]
fn a_setting_is_reported_once_however_many_files_there_are() {
    let sandbox = Sandbox::new();
    for name in ["a", "b", "c"] {
        sandbox.write(&format!("requirements/{name}.txt"), flask().locked());
    }
    let variables = [("PIP_EXTRA_INDEX_URL", EXTRA)];
    is_found(
        &sandbox,
        &variables,
        &[("mixed-indexes", "PIP_EXTRA_INDEX_URL")],
    );
}

#[test]
fn a_file_with_an_index_of_its_own_forgets_those_of_the_machine_but_the_finding_stays() {
    let index = Index::with(&[flask()]);
    let extra = Index::with(&[]);
    let text = format!("--index-url {}\n{}", index.url(), flask().locked());
    let sandbox = Sandbox::with_requirements(&text);
    let url = extra.url();
    let ran = sandbox.check_as_configured(&[], &[("PIP_EXTRA_INDEX_URL", &url)]);
    ran.ends_with(1).says("--> PIP_EXTRA_INDEX_URL");
    assert_eq!(index.asked(), ["flask"]);
    assert_eq!(extra.asked(), [""; 0]);
}

#[test]
fn the_index_of_the_machine_is_the_one_that_is_asked() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements(&flask().locked());
    let url = index.url();
    sandbox
        .check_as_configured(&[], &[("PIP_INDEX_URL", &url)])
        .ends_with(0);
    assert_eq!(index.asked(), ["flask"]);
}

#[test]
fn settings_that_cannot_be_read_are_an_open_question() {
    let cases = [
        (".config/pip/pip.conf", "[global\nindex-url = x\n"),
        (".config/uv/uv.toml", "index-url = \n"),
    ];
    for (path, text) in cases {
        let sandbox = Sandbox::new();
        sandbox.write_home(path, text);
        let ran = check(&sandbox, &[]);
        let json = ran.ends_with(3).json();
        let question = &json["questions"][0];
        assert_eq!(question["rule"], "not-understood", "{}", ran.all());
        assert_eq!(question["source"], format!("[SANDBOX]/home/{path}"));
        sandbox
            .check_as_configured(&["--offline"], &[])
            .says(&format!("[SANDBOX]/home/{path}"));
    }
}

/// What the policy and the command line say is pinproof's own: it is not asked there.
#[test]
fn an_address_without_tls_that_pinproof_is_given_is_a_finding_and_not_asked() {
    let sandbox = Sandbox::with_requirements("acme-web==1.0 --hash=sha256:ab12\n");
    sandbox.write("requirements.txt", Release::new("acme-web", "1.0").locked());
    let policy = format!("[[index]]\nname = \"corp\"\nonly = [\"acme-*\"]\nurl = \"{PLAIN}\"\n");
    sandbox.write("pinproof.toml", &policy);
    let quiet = ["--allow", "name-outside-namespace"];
    let ran = sandbox.check_as_configured(&quiet, &[]);
    ran.ends_with(1)
        .says(" --> pinproof.toml:4:7")
        .says("`http://plain.example/simple/` is an address without TLS")
        .says("no answer from corp about acme-web: its address has no TLS, so it is not asked");
    assert!(
        ran.last_line().starts_with("judged 0 of 1"),
        "{}",
        ran.all()
    );
    let json = sandbox
        .check_as_configured(&[&quiet[..], &["--format", "json"]].concat(), &[])
        .json();
    assert_eq!(json["findings"][0]["rule"], "insecure-index");
    assert_eq!(json["findings"][0]["places"][0]["line"], 4);
    assert_eq!(json["sources"].as_array().map(Vec::len), Some(0));
    sandbox.write("pinproof.toml", policy.replace("http:", "https:"));
    for args in [
        vec!["--index", "corp=http://plain.example/simple/"],
        vec!["--no-config", "--index-url", PLAIN],
    ] {
        let option = args[args.len() - 2];
        let args = [&quiet[..], &args, &["--format", "json"]].concat();
        let ran = sandbox.check_as_configured(&args, &[]);
        assert_eq!(
            spoke(&ran),
            [("insecure-index".to_owned(), option.to_owned())],
            "{}",
            ran.all()
        );
        assert_eq!(ran.json()["summary"]["judged"], 0);
    }
}

/// Where the policy accepts the address, it is asked: nothing else would be known about its names.
#[test]
fn an_address_without_tls_that_the_policy_accepts_is_asked() {
    let sandbox = Sandbox::new();
    sandbox.write("requirements.txt", Release::new("acme-web", "1.0").locked());
    let policy = format!("[[index]]\nname = \"corp\"\nonly = [\"acme-*\"]\nurl = \"{PLAIN}\"\n");
    let accepted = "[[ignore]]\nrule = \"insecure-index\"\nfile = \"pinproof.toml\"\nreason = \"in the rack\"\n";
    for more in ["[rules]\ninsecure-index = \"allow\"\n", accepted] {
        sandbox.write("pinproof.toml", format!("{policy}{more}"));
        let ran = sandbox.check_as_configured(&["--allow", "name-outside-namespace"], &[]);
        // Nobody answers at the proxy of the sandbox, but it was tried.
        ran.ends_with(3)
            .says("no answer from corp about acme-web")
            .never_says("so it is not asked");
    }
}

/// Addresses of this machine are left alone, as in a project's own files.
#[test]
fn loopback_and_folders_of_this_machine_need_no_tls() {
    let index = Index::with(&[flask()]);
    let sandbox = Sandbox::with_requirements(&flask().locked());
    let policy = format!(
        "[[index]]\nname = \"here\"\nonly = [\"flask\"]\nurl = \"{}\"\n",
        index.url()
    );
    sandbox.write("pinproof.toml", policy);
    let ran = sandbox.check_as_configured(&["--allow", "name-outside-namespace"], &[]);
    ran.ends_with(0).never_says("insecure-index");
    assert_eq!(index.asked(), ["flask"]);
}

/// The installer's own index is not asked either: what comes from there is anybody's.
#[test]
fn an_index_of_the_project_without_tls_is_not_asked() {
    let text = format!("--index-url {PLAIN}\n{}", flask().locked());
    let sandbox = Sandbox::with_requirements(&text);
    let ran = sandbox.check_as_configured(&[], &[]);
    ran.ends_with(1)
        .says("error[insecure-index]")
        .says("so it is not asked");
}

#[test]
fn a_repository_without_tls_is_a_finding_at_its_line() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let text = format!(
        "web @ git+http://git.example/web@{commit}\n\
         db @ git+http://git.example/db@main\n\
         here @ git+http://localhost/here@{commit}\n"
    );
    let sandbox = Sandbox::with_requirements(&text);
    let json = sandbox
        .check_as_configured(&["--format", "json"], &[])
        .json();
    let findings = json["findings"].as_array().expect("a list");
    let said: Vec<_> = findings
        .iter()
        .filter(|finding| finding["rule"] == "insecure-index")
        .map(|finding| {
            (
                finding["level"].clone(),
                finding["places"][0]["line"].clone(),
            )
        })
        .collect();
    assert_eq!(
        serde_json::json!(said),
        serde_json::json!([["deny", 2], ["warn", 1]])
    );
}
