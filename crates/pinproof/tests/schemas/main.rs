//! What is published as a schema holds for what is written and read: reports and configurations.
//!
//! The validator is the reference implementation for Python, which a virtual environment of the build folder
//! holds; without Python or an index the tests say so and pass, except where `CI=true`.

#[path = "../support/mod.rs"]
mod support;

mod validator;

use support::{Index, Mood, NOW, Release, Sandbox, record, record_of_all};
use validator::Validator;

fn flask() -> Release {
    Release::new("flask", "3.1.2")
}

fn schema(of: &str) -> String {
    Sandbox::new()
        .run(&["config", "schema", of])
        .ends_with(0)
        .stdout
        .clone()
}

/// Reports that have every kind of entry, in a format.
fn reports(format: &[&str]) -> Vec<String> {
    let honest = Index::with(&[
        flask().requires("click"),
        Release::new("requests", "2.0").yanked("old"),
    ]);
    let silent = Index::in_mood(Mood::Status(500), &[]);
    let sandbox = Sandbox::with_requirements(
        "flask==3.1.2  # pinproof: ignore[unhashed-requirement] see #1\nrequests==2.0\nnope>=1\n!!\n-r missing.txt\n\
         --extra-index-url https://extra.example/\n",
    );
    sandbox.write("pyproject.toml", "[project]\nname = \"x\"\nversion = \"1\"\ndependencies = [\"flask\"]\n[dependency-groups]\ndev = [\"click\"]\n");
    sandbox.write("setup.py", "");
    sandbox.write("pinproof.toml", "contact = \"us\"\n");
    let lock = Sandbox::with_requirements(&flask().locked());
    lock.write("old.txt", format!("!!\n{}", flask().pinned()));
    let against = ["--base", "old.txt", "requirements.txt"];
    let check = |sandbox: &Sandbox, index: &Index, args: &[&str]| {
        sandbox.check(index, &[format, args].concat())
    };
    let reports = [
        check(&sandbox, &honest, &["--no-groups"]),
        check(&sandbox, &silent, &[]),
        check(&lock, &honest, &[]),
        check(&lock, &Index::with(&[flask()]), &["requirements.txt"]),
        check(&lock, &honest, &against),
        check(&Sandbox::new(), &honest, &[]),
    ];
    assert_eq!(reports.each_ref().map(|ran| ran.code), [2, 2, 1, 0, 0, 2]);
    let reports = reports.into_iter().map(|ran| ran.stdout);
    reports.chain([audit(&Sandbox::new(), format)]).collect()
}

/// A report with findings of advisories.
fn audit(sandbox: &Sandbox, format: &[&str]) -> String {
    let example = |path: &str| format!("{}/../../examples/{path}", env!("CARGO_MANIFEST_DIR"));
    let build = ["db", "build", &example("advisories"), "-o", "advisories.db"];
    sandbox.run(&build).ends_with(0);
    let lock = example("lock-of-2023/requirements.txt");
    let then = ["--as-of", "2024-07-12"];
    let args = [
        &["audit", &lock, "--db", "advisories.db"][..],
        &then,
        format,
    ]
    .concat();
    let ran = sandbox.run_without_db(&args);
    ran.ends_with(1).says("CVE-");
    ran.stdout
}

#[test]
fn reports_are_what_their_schema_says() {
    let Some(validator) = Validator::new() else {
        return;
    };
    let schema = schema("report");
    for report in reports(&["--format", "json"]).into_iter().chain(audits()) {
        assert_eq!(validator.errors(&schema, &report), "", "{report}");
    }
}

/// Audits with flaws and malware, rated and not, accepted and not, and with advisories that are not there.
fn audits() -> Vec<String> {
    let sandbox = Sandbox::with_requirements("flask==3.1.2\nclick==1\nodd==1\nworse>=1\nevil==1\n");
    sandbox.write(
        "pinproof.toml",
        "[[ignore]]\nrule = \"vulnerable-release\"\nmatch = \"click\"\nreason = \"no\"\n\
         justification = \"code_not_present\"\nowner = \"web\"\nuntil = 2027-01-01\n",
    );
    let mut rated = record("PYSEC-2026-1", "flask", "3.1.3");
    rated["aliases"] = serde_json::json!(["CVE-2026-1"]);
    rated["database_specific"] = serde_json::json!({"severity": "HIGH"});
    let database = sandbox.database(&[
        rated,
        record("PYSEC-2026-2", "click", "2"),
        record("PYSEC-2026-3", "odd", "not a version"),
        record_of_all("MAL-2026-1", "evil"),
        record_of_all("MAL-2026-2", "worse"),
    ]);
    let audit = |database: &str| {
        sandbox.run(&[
            "audit", "--as-of", NOW, "--format", "json", "--db", database,
        ])
    };
    let audits = [audit(&database), audit("gone.db")];
    assert_eq!(audits.each_ref().map(|ran| ran.code), [1, 3]);
    audits.into_iter().map(|ran| ran.stdout).collect()
}

#[test]
fn exposures_are_what_their_schema_says() {
    let Some(validator) = Validator::new() else {
        return;
    };
    let schema = schema("exposed");
    let sandbox = Sandbox::new();
    sandbox.write("venv/a-1.dist-info/METADATA", "Name: a\nVersion: 1\n");
    sandbox.write("venv/b-1.dist-info/METADATA", "");
    if sandbox.init().is_some() {
        sandbox.write("requirements.txt", "a==1\n");
        sandbox.commit();
        sandbox.write("requirements.txt", "a==2\n");
        sandbox.commit();
    }
    let look = [".", "nowhere", "--environment", "venv", "--format", "json"];
    let ran = sandbox.run(&[&["exposed", "a==1"][..], &look].concat());
    assert_eq!(validator.errors(&schema, &ran.stdout), "", "{}", ran.all());
    sandbox.write("requirements.txt", "a==1\n");
    sandbox.write("cache/http-v2/x", "");
    sandbox.write("cache/wheels/0/a-1-py3-none-any.whl", "");
    let look = [".", "--cache", "cache", "--format", "json"];
    let ran = sandbox.run(&[&["exposed", "a==1"][..], &look].concat());
    assert_eq!(validator.errors(&schema, &ran.stdout), "", "{}", ran.all());
    let advisory = ["exposed", "PYSEC-2026-1", "--as-of", support::NOW];
    let ran = sandbox.run(&[&advisory[..], &look].concat());
    assert_eq!(ran.json()["asked"]["kind"], "advisory");
    assert_eq!(validator.errors(&schema, &ran.stdout), "", "{}", ran.all());
    assert_ne!(validator.errors(&schema, "{}"), "");
}

#[test]
fn baselines_are_what_their_schema_says() {
    let Some(validator) = Validator::new() else {
        return;
    };
    let schema = schema("baseline");
    let young = Release::new("requests", "2.0").uploaded("2026-10-31T00:00:00Z");
    let sandbox = Sandbox::with_requirements(&(flask().pinned() + &young.pinned()));
    let write = ["--baseline", "known.json", "--write-baseline"];
    sandbox.check(&Index::with(&[flask(), young]), &write);
    let text = sandbox.read("known.json");
    assert!(text.contains("\"pin\""), "{text}");
    assert_eq!(validator.errors(&schema, &text), "", "{text}");
    for wrong in ["\"rule\"", "\"version\"", "\"pin\""] {
        let changed = text.replacen(wrong, "\"other\"", 1);
        assert_ne!(validator.errors(&schema, &changed), "", "{changed}");
    }
}

#[test]
fn the_schema_of_reports_is_no_empty_promise() {
    let Some(validator) = Validator::new() else {
        return;
    };
    let schema = schema("report");
    let report = &reports(&["--format", "json"])[0];
    let wrong = [
        report.replacen("\"level\": \"deny\"", "\"level\": 1", 1),
        report.replacen("\"fingerprint\"", "\"fingerprints\"", 1),
        report.replacen("\"exit_code\": 2", "\"exit_code\": \"2\"", 1),
        report.replacen("\"summary\"", "\"sumary\"", 1),
    ];
    for changed in wrong {
        assert_ne!(&changed, report);
        assert_ne!(validator.errors(&schema, &changed), "", "{changed}");
    }
}

#[test]
fn sarif_logs_are_what_the_standard_says() {
    let Some(validator) = Validator::new() else {
        return;
    };
    let schema = validator.sarif();
    for report in reports(&["--format", "sarif", "--verbose"]) {
        assert_eq!(validator.errors(&schema, &report), "", "{report}");
    }
    let report = &reports(&["--format", "sarif", "--verbose"])[0];
    let wrong = [
        report.replacen("\"level\": \"error\"", "\"level\": \"deny\"", 1),
        report.replacen("\"startLine\": 1", "\"startLine\": 0", 1),
        report.replacen("\"text\"", "\"txt\"", 1),
        report.replacen("\"inSource\"", "\"inline\"", 1),
    ];
    for changed in wrong {
        assert_ne!(&changed, report);
        assert_ne!(validator.errors(&schema, &changed), "", "{changed}");
    }
}

const GOOD: &[&str] = &[
    "",
    "required-version = \">=0.1\"\npreset = \"strict\"\ncontact = \"us\"\npython = \"3.13\"\nplatform = \"linux-x86_64\"\n",
    "inputs = [\"requirements/*.txt\"]\nexclude = [\"docs/**\"]\nextras = [\"socks\"]\ngroups = []\n",
    "[[index]]\nname = \"pypi\"\ndefault = true\n[[index]]\nname = \"corp\"\nurl = \"https://corp.example/simple/\"\nonly = [\"acme-*\"]\n",
    "[rules]\nyanked-release = \"deny\"\nlate-file = { level = \"allow\" }\nweak-hash = { deny-from = 2027-01-01 }\n[rules.recent-release]\ncooldown = \"14 days\"\nexcept = [\"acme-*\"]\nrefuse = false\n",
    "[[ignore]]\nrule = \"yanked-release\"\nmatch = \"jinja2<3\"\nfile = \"requirements.txt\"\nreason = \"#812\"\nowner = \"web\"\nuntil = 2026-12-01\n",
    "[cache]\nfresh-for = \"10 minutes\"\nmax-age = \"36 hours\"\n",
];

const BAD: &[&str] = &[
    "preset = \"harsh\"\n",
    "contcat = \"us\"\n",
    "inputs = \"requirements.txt\"\n",
    "[rules]\nyanked-release = \"denied\"\n",
    "[rules]\nno-such-rule = \"deny\"\n",
    "[rules]\nweak-hash = { deny-from = true }\n",
    "[[ignore]]\nrule = \"yanked-release\"\n",
    "[[index]]\nname = \"corp\"\nonly = \"acme-*\"\n",
    "[[index]]\nonly = [\"acme-*\"]\n",
];

/// Whether the binary itself takes a configuration.
fn is_taken(config: &str) -> bool {
    let sandbox = Sandbox::new();
    sandbox.write("pinproof.toml", config);
    let ran = sandbox.run(&["config", "show"]);
    assert!(ran.code == 0 || ran.code == 2, "{}", ran.all());
    ran.code == 0
}

#[test]
fn the_schema_and_the_binary_agree_on_configurations() {
    let Some(validator) = Validator::new() else {
        return;
    };
    let schema = schema("config");
    let template = Sandbox::new();
    template.run(&["config", "init"]).ends_with(0);
    let template = template.read("pinproof.toml");
    let example =
        std::fs::read_to_string("../../examples/good-project/pinproof.toml").expect("the example");
    for good in GOOD
        .iter()
        .copied()
        .chain([template.as_str(), example.as_str()])
    {
        assert!(is_taken(good), "{good}");
        assert_eq!(validator.errors_of_toml(&schema, good), "", "{good}");
    }
    for bad in BAD {
        assert!(!is_taken(bad), "{bad}");
        assert_ne!(validator.errors_of_toml(&schema, bad), "", "{bad}");
    }
}

#[test]
fn downloads_are_what_their_schema_says() {
    let Some(validator) = Validator::new() else {
        return;
    };
    let schema = schema("download");
    let index = Index::with(&[
        flask(),
        Release::new("young", "1.0").uploaded("2026-10-31T00:00:00Z"),
    ]);
    let url = index.url();
    let lock = flask().locked() + "young==1.0\nwhat is this\n-r missing.txt\n";
    let sandbox = Sandbox::with_requirements(&lock);
    let usual = [
        "--index-url",
        &url,
        "--as-of",
        support::NOW,
        "--format",
        "json",
        "--retries",
        "0",
    ];
    let runs: [&[&str]; 3] = [
        &["download", "-r", "requirements.txt", "-d", "wheels"],
        &["download", "flask", "young", "--no-deps", "-d", "wheels"],
        &["download", "nobody", "--no-deps", "-d", "wheels"],
    ];
    for run in runs {
        let ran = sandbox.run(&[run, &usual].concat());
        assert_eq!(validator.errors(&schema, &ran.stdout), "", "{}", ran.all());
    }
    sandbox.write("bin/python", "");
    let named = [
        "--python-exe",
        "bin/python",
        "--python",
        "3.12",
        "--platform",
        "linux",
    ];
    let install = ["install", "-r", "requirements.txt", "--installer", "pip"];
    let ran = sandbox.run(&[&install[..], &named, &usual].concat());
    assert_eq!(ran.json()["installed"]["end"], "not_started");
    assert_eq!(validator.errors(&schema, &ran.stdout), "", "{}", ran.all());
    assert_ne!(validator.errors(&schema, "{}"), "");
}
