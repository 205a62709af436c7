//! Worlds that have something for every rule, and the policies that they are judged by.

use serde_json::{Value, json};

use super::fixture::{File, Fixture};
use crate::support::{Offered, Wheel, record, record_of_all};

/// Two days before the time of the tests.
const YOUNG: &str = "2026-10-30T00:00:00Z";

/// What a policy may say of what the rules find.
pub(super) const POLICIES: [&str; 14] = [
    "",
    "preset = \"strict\"\n",
    "preset = \"observe\"\n",
    "[rules.recent-release]\ncooldown = \"36 hours\"\n",
    "[rules.recent-release]\nexcept = [\"young\", \"late\"]\n",
    "[rules]\nrecent-release = \"allow\"\nbuild-required = \"allow\"\nknown-malware = \"allow\"\n",
    "[rules]\nrecent-release = { level = \"deny\", refuse = false }\nbuild-required = { level = \"warn\", refuse = false }\n",
    "[rules]\nvulnerable-release = { level = \"deny\", refuse = true }\narchived-project = { level = \"warn\", refuse = true }\n",
    "[rules.vulnerable-release]\nthreshold = \"critical\"\n",
    "[rules.late-file]\nolder-than = \"9000 days\"\n",
    "[rules]\nyanked-release = { level = \"deny\", refuse = true }\n",
    "[rules]\nbuild-required = { deny-from = 2027-01-01 }\nlate-file = { deny-from = 2026-01-01 }\n",
    "[[ignore]]\nrule = \"recent-release\"\nmatch = \"young\"\nreason = \"ours\"\nuntil = 2026-12-01\n\
     [[ignore]]\nrule = \"known-malware\"\nmatch = \"wicked\"\nreason = \"a test of the scanner\"\nuntil = 2026-10-01\n\
     [[ignore]]\nrule = \"build-required\"\nmatch = \"built\"\nreason = \"we read it\"\n",
    "preset = \"strict\"\n[[ignore]]\nrule = \"quarantined-project\"\nmatch = \"quarantined\"\nreason = \"we know why\"\n\
     [rules]\nlookalike-name = \"deny\"\n",
];

/// A wheel of a version.
pub(super) fn wheel(version: &str, wheel: &Wheel) -> File {
    File {
        version: version.to_owned(),
        offered: wheel.offered(),
    }
}

fn sdist(project: &str, version: &str, uploaded: &str) -> File {
    let offered = Offered::sdist(project, version, &[]);
    File {
        version: version.to_owned(),
        offered: Offered {
            uploaded: uploaded.to_owned(),
            ..offered
        },
    }
}

fn with_status(name: &str, status: &'static str) -> File {
    let mut file = wheel("1.0", &Wheel::new(name, "1.0"));
    file.offered.status = Some(status);
    file
}

fn with_hashes(name: &str, hashes: impl Fn(&Offered) -> Value) -> File {
    let mut file = wheel("1.0", &Wheel::new(name, "1.0"));
    file.offered.hashes = Some(hashes(&file.offered));
    file
}

/// Files about which the rules have something to say, most of them in a project of their own.
fn files() -> Vec<File> {
    let plain = |name: &str| wheel("1.0", &Wheel::new(name, "1.0"));
    let young =
        |name: &str, version: &str| wheel(version, &Wheel::new(name, version).uploaded(YOUNG));
    let sha256 = |offered: &Offered| offered.sha256();
    vec![
        plain("good"),
        plain("young"),
        young("young", "2.0"),
        young("newborn", "1.0"),
        wheel(
            "1.0",
            &Wheel::new("hours", "1.0").uploaded("2026-10-31T23:00:00Z"),
        ),
        wheel(
            "1.0",
            &Wheel::new("tomorrow", "1.0").uploaded("2026-11-02T00:00:00Z"),
        ),
        wheel("1.0", &Wheel::new("ageless", "1.0").uploaded("")),
        wheel("0.9", &Wheel::new("ageless", "0.9")),
        wheel(
            "1.0",
            &Wheel::new("withdrawn", "1.0").yanked("it <breaks> \"logins\""),
        ),
        wheel("1.0", &Wheel::new("partly", "1.0").yanked("one of two")),
        wheel("1.0", &Wheel::new("partly", "1.0").tag("py2-none-any")),
        plain("flawed"),
        wheel("2.0", &Wheel::new("flawed", "2.0").uploaded(YOUNG)),
        plain("wicked"),
        wheel("2.0", &Wheel::new("wicked", "2.0")),
        plain("wholly-wicked"),
        sdist("built", "1.0", "2020-01-01T00:00:00Z"),
        sdist("built-too", "1.0", YOUNG),
        wheel("1.0", &Wheel::new("both", "1.0")),
        sdist("both", "1.0", "2020-01-01T00:00:00Z"),
        plain("late"),
        wheel(
            "1.0",
            &Wheel::new("late", "1.0")
                .tag("py2-none-any")
                .uploaded(YOUNG),
        ),
        with_status("quarantined", "quarantined"),
        with_status("archived", "archived"),
        with_status("deprecated", "deprecated"),
        with_status("odd-status", "on-holiday"),
        wheel("1.0", &Wheel::new("requestz", "1.0").uploaded(YOUNG)),
        plain("djangoo"),
        with_hashes(
            "strong",
            |file| json!({"sha256": sha256(file), "md5": "0".repeat(32)}),
        ),
        with_hashes("weak", |_| json!({"md5": "0".repeat(32)})),
        with_hashes("bare", |_| json!({})),
        wheel(
            "1!2.0.post1+local.1",
            &Wheel::new("odd-version", "1!2.0.post1+local.1"),
        ),
        wheel("2.0rc1", &Wheel::new("candidate", "2.0rc1")),
        wheel("1.0", &Wheel::new("picky", "1.0").python(">=2.7,<3")),
    ]
}

fn records() -> Vec<Value> {
    let mut severe = record("PYSEC-2020-1", "flawed", "2.0");
    severe["database_specific"] = json!({"severity": "HIGH"});
    let mut mild = record("PYSEC-2020-2", "late", "2.0");
    mild["database_specific"] = json!({"severity": "LOW"});
    vec![
        severe,
        mild,
        record("MAL-2020-1", "wicked", "2.0"),
        record_of_all("MAL-2020-2", "wholly-wicked"),
    ]
}

/// All of them, by one policy.
pub(super) fn mixed(policy: &str) -> Fixture {
    Fixture {
        records: records(),
        ..Fixture::new(&format!("{policy:?}"), policy, files())
    }
}

/// Two indexes, one of which has names of its own.
pub(super) fn bound() -> Vec<Fixture> {
    let policy = "[[index]]\nname = \"main\"\ndefault = true\n\n[[index]]\nname = \"corp\"\nonly = [\"acme-*\"]\n";
    let public = || vec![wheel("1.0", &Wheel::new("demo", "1.0"))];
    let own = || {
        vec![
            wheel("1.0", &Wheel::new("acme-core", "1.0")),
            wheel("2.0", &Wheel::new("acme-core", "2.0").uploaded(YOUNG)),
            wheel("1.0", &Wheel::new("acme-yanked", "1.0").yanked("broken")),
        ]
    };
    let with = |more: &str| Fixture {
        indexes: vec![("main", public()), ("corp", own())],
        ..Fixture::new(
            &format!("bound, {more:?}"),
            &format!("{policy}{more}"),
            Vec::new(),
        )
    };
    vec![
        with(""),
        with("\n[rules.recent-release]\nexcept = [\"acme-*\"]\n"),
        with(
            "\n[[ignore]]\nrule = \"recent-release\"\nmatch = \"acme-core\"\nreason = \"our own\"\nuntil = 2026-11-01\n",
        ),
    ]
}
