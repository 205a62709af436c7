//! What findings about advisories say of imports, and that nothing else depends on it.

use std::collections::BTreeSet;

use pinproof_core::{Advisory, Printable, ProjectImports, Verdict};

use super::fixtures::{Project, configured, now, wheel_page, world};
use super::records::{listed, record, with};
use crate::policy::{Policy, RuleConfig};
use crate::{Evidence, modules_to_look_for};

fn evidence(project: &str, records: Vec<Advisory>) -> Evidence {
    let world = world(vec![wheel_page(project, "1.0", "ab")]);
    with(world, project, records)
}

fn imports(places: &[(&str, &str, usize)], looked_at: usize, left_out: usize) -> ProjectImports {
    let mut imports = ProjectImports::default();
    imports.looked_at = looked_at;
    imports.left_out = left_out;
    for (module, file, line) in places {
        imports.add(module, &Printable::new(file), *line);
    }
    imports
}

fn judge(project: &str, records: Vec<Advisory>, imports: Option<ProjectImports>) -> Verdict {
    let mut evidence = evidence(project, records);
    if let Some(imports) = imports {
        evidence.add_imports(imports);
    }
    let text = format!("{project}==1.0 # ab\n");
    Project::of(&text).decide_first(&evidence, &Policy::default())
}

/// The notes of the only finding that speak of imports.
fn said(verdict: &Verdict) -> Vec<&str> {
    assert_eq!(verdict.findings.len(), 1);
    let notes = verdict.findings[0].notes.iter().map(Printable::as_str);
    notes.filter(|note| note.contains("import")).collect()
}

fn flaw() -> Vec<Advisory> {
    vec![record("PYSEC-1", Some("1.1"))]
}

#[test]
fn a_finding_names_the_first_file_that_imports_the_module() {
    let places = [
        ("yaml", "b.py", 7),
        ("yaml", "a.py", 9),
        ("yaml", "a.py", 3),
    ];
    let verdict = judge("pyyaml", flaw(), Some(imports(&places, 5, 0)));
    assert_eq!(
        said(&verdict),
        ["`yaml`: imported by a.py:9 and 1 more file"]
    );
    let class = verdict.findings[0].advisories.as_ref().unwrap();
    let imported = class.imported.as_ref().unwrap();
    assert_eq!((imported.files, imported.looked_at), (2, 5));
    assert!(!imported.is_guess);
}

#[test]
fn what_is_not_imported_is_said_with_what_that_does_not_mean() {
    let verdict = judge("pyyaml", flaw(), Some(imports(&[], 5, 0)));
    let note = "`yaml`: no file of the project imports it; that says nothing about what other dependencies do";
    assert_eq!(said(&verdict), [note]);
    let verdict = judge(
        "acme-web",
        flaw(),
        Some(imports(&[("acme.web", "a.py", 1)], 1, 0)),
    );
    let note = "`acme_web` or `acme.web`, a guess from the project's name: imported by a.py:1";
    assert_eq!(said(&verdict), [note]);
}

#[test]
fn files_that_were_not_looked_at_are_said() {
    let verdict = judge("pyyaml", flaw(), Some(imports(&[], 1, 2)));
    assert!(said(&verdict)[0].contains("; only 1 file was looked at; that says nothing"));
    let verdict = judge(
        "pyyaml",
        flaw(),
        Some(imports(&[("yaml", "a.py", 1)], 4, 1)),
    );
    assert_eq!(
        said(&verdict),
        ["`yaml`: imported by a.py:1; only 4 files were looked at"]
    );
}

#[test]
fn where_there_is_no_python_or_nobody_looked_nothing_is_said() {
    assert!(said(&judge("pyyaml", flaw(), None)).is_empty());
    assert!(said(&judge("pyyaml", flaw(), Some(imports(&[], 0, 0)))).is_empty());
}

/// The record knows better than the table which part has the flaw; what is no name of a module is left.
#[test]
fn modules_that_a_record_names_come_first() {
    let named = |modules: &[&str]| {
        let records = vec![Advisory {
            imports: modules.iter().map(|name| (*name).to_owned()).collect(),
            ..record("PYSEC-1", None)
        }];
        judge(
            "pyyaml",
            records,
            Some(imports(&[("yaml", "a.py", 1)], 1, 0)),
        )
    };
    assert!(said(&named(&["yaml.loader"]))[0].starts_with("`yaml.loader`: no file"));
    assert_eq!(
        said(&named(&["no module\u{1b}"])),
        ["`yaml`: imported by a.py:1"]
    );
}

#[test]
fn malware_says_it_too() {
    let verdict = judge(
        "pyyaml",
        vec![listed("MAL-1", &["1.0"])],
        Some(imports(&[("yaml", "a.py", 1)], 1, 0)),
    );
    assert_eq!(said(&verdict), ["`yaml`: imported by a.py:1"]);
    let mut evidence = evidence("pyyaml", vec![record("MAL-1", None)]);
    evidence.add_imports(imports(&[("yaml", "a.py", 1)], 1, 0));
    let verdict = Project::of("pyyaml\n").decide_first(&evidence, &Policy::default());
    assert!(verdict.findings.iter().any(|finding| {
        finding
            .notes
            .iter()
            .any(|note| note.as_str() == "`yaml`: imported by a.py:1")
    }));
}

#[test]
fn nothing_but_the_notes_depends_on_imports() {
    let records = || vec![record("PYSEC-1", None), listed("MAL-1", &["1.0"])];
    let without = judge("pyyaml", records(), None);
    let unused = judge("pyyaml", records(), Some(imports(&[], 9, 9)));
    let used = judge(
        "pyyaml",
        records(),
        Some(imports(&[("yaml", "a.py", 1)], 9, 0)),
    );
    for other in [unused, used] {
        assert_eq!(other.admission, without.admission);
        assert_eq!(other.evidence_digest, without.evidence_digest);
        assert_eq!(other.questions, without.questions);
        let findings = |verdict: &Verdict| -> Vec<_> {
            let findings = verdict.findings.iter();
            findings
                .map(|found| {
                    (
                        found.level,
                        found.refuses,
                        found.fingerprint(),
                        found.message.clone(),
                    )
                })
                .collect()
        };
        assert_eq!(findings(&other), findings(&without));
    }
}

fn wanted(text: &str, evidence: &Evidence, policy: &Policy) -> BTreeSet<String> {
    let project = Project::of(text);
    let requirements = project.requirements();
    modules_to_look_for(requirements.iter(), evidence, policy, now())
}

#[test]
fn modules_are_looked_for_only_where_a_finding_will_be() {
    let recommended = Policy::default();
    let flaw = evidence("pyyaml", flaw());
    assert_eq!(
        wanted("pyyaml==1.0\n", &flaw, &recommended),
        BTreeSet::from(["yaml".to_owned()])
    );
    assert!(wanted("pyyaml==1.1\n", &flaw, &recommended).is_empty());
    assert!(wanted("pyyaml\n", &flaw, &recommended).is_empty());
    assert!(wanted("flask==1.0\n", &flaw, &recommended).is_empty());
    let malware = evidence("pyyaml", vec![record("MAL-1", None)]);
    assert!(!wanted("pyyaml\n", &malware, &recommended).is_empty());
    let allow = RuleConfig {
        level: Some(pinproof_core::Level::Allow),
        ..RuleConfig::default()
    };
    let mut policy = configured("vulnerable-release", allow.clone());
    assert!(!wanted("pyyaml==1.0\n", &flaw, &policy).is_empty());
    policy.rules.insert("known-malware", allow);
    assert!(wanted("pyyaml==1.0\n", &flaw, &policy).is_empty());
}
