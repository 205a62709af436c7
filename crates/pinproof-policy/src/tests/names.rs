//! Bound names: who would be asked, and where that is an attack's way in.

use pinproof_core::Place;
use pinproof_core::manifest::Origin;

use super::fixtures::{Project, bound, found, url, wheel_page, world};
use crate::policy::{IndexPolicy, Policy};
use crate::subject::ClientIndex;

const CORP: &str = "https://pypi.corp.example/simple/";
const PYPI: &str = "https://pypi.example/simple/";

fn policy(indexes: Vec<IndexPolicy>) -> Policy {
    Policy {
        indexes,
        ..Policy::default()
    }
}

/// Whether the rule speaks when `acme-web` is asked of these addresses.
fn is_outside(text: &str, asked: &[&str], policy: &Policy) -> bool {
    let mut project = Project::of(text);
    project.client = asked
        .iter()
        .map(|address| ClientIndex {
            address: url(address),
            place: None,
            is_pypi: false,
        })
        .collect();
    speaks(&project, policy)
}

fn speaks(project: &Project, policy: &Policy) -> bool {
    let evidence = world(vec![wheel_page("acme-web", "1.0", "ab")]);
    let verdict = project.decide_first(&evidence, policy);
    found(&verdict).contains(&"name-outside-namespace")
}

#[test]
fn a_bound_name_is_asked_of_its_index_only() {
    let policy = policy(vec![bound("corp", Some(CORP), &["acme-*"])]);
    assert!(is_outside("acme-web==1.0\n", &[PYPI], &policy));
    assert!(is_outside("acme-web==1.0\n", &[CORP, PYPI], &policy));
    assert!(!is_outside("acme-web==1.0\n", &[CORP], &policy));
    assert!(!is_outside(
        "acme-web==1.0\n",
        &["https://me@pypi.corp.example/simple"],
        &policy
    ));
    assert!(!is_outside("flask==3.1.2\n", &[PYPI], &policy));
    assert!(!is_outside("acme-web==1.0\n", &[], &policy));
}

/// Mixed indexes with bound names and hashes are settled, and then nothing is outside either.
#[test]
fn a_hash_holds_a_name_that_its_index_is_asked_for_too() {
    let policy = policy(vec![bound("corp", Some(CORP), &["acme-*"])]);
    assert!(!is_outside("acme-web==1.0 # ab\n", &[PYPI, CORP], &policy));
    assert!(is_outside("acme-web==1.0 # ab\n", &[PYPI], &policy));
}

#[test]
fn without_an_address_only_what_is_sure_is_said() {
    let unknown = || bound("corp", None, &["acme-*"]);
    let one = policy(vec![unknown()]);
    assert!(!is_outside("acme-web==1.0\n", &[PYPI], &one));
    assert!(is_outside("acme-web==1.0\n", &[PYPI, CORP], &one));
    let two = policy(vec![unknown(), bound("public", Some(PYPI), &[])]);
    assert!(is_outside("acme-web==1.0\n", &[PYPI], &two));
}

#[test]
fn a_url_is_outside_and_a_folder_is_not() {
    let policy = policy(vec![bound("corp", Some(CORP), &["acme-*"])]);
    let with = |origin| {
        let mut project = Project::of("acme-web==1.0 # ab\n");
        project.manifest.requirements[0].origin = origin;
        speaks(&project, &policy)
    };
    assert!(with(Origin::Url {
        shown: "https://files.example/acme_web-1.0-py3-none-any.whl".into(),
        filename: "acme_web-1.0-py3-none-any.whl".to_owned(),
        plain_http: false,
    }));
    assert!(with(Origin::Vcs {
        shown: "https://git.example/acme/web".into(),
        revision: None,
        is_open: false,
    }));
    assert!(!with(Origin::Path("../web".to_owned())));
}

/// Every other name belongs to the default index, but a mirror that the machine sets is the machine's affair.
#[test]
fn only_the_file_is_held_to_the_default_index() {
    let default = IndexPolicy {
        default: true,
        ..bound("public", Some(PYPI), &[])
    };
    let policy = policy(vec![default, bound("corp", Some(CORP), &["corp-*"])]);
    let with = |address: &str, in_file: bool| {
        let mut project = Project::of("acme-web==1.0 # ab\n");
        let in_project = Place::in_file(&project.source, project.manifest.requirements[0].span, "");
        let machine = Place {
            span: None,
            ..in_project.clone()
        };
        project.client = vec![ClientIndex {
            address: url(address),
            place: Some(if in_file { in_project } else { machine }),
            is_pypi: false,
        }];
        speaks(&project, &policy)
    };
    assert!(with("https://other.example/simple/", true));
    assert!(!with("https://other.example/simple/", false));
    assert!(!with(PYPI, true));
    assert!(
        !with(CORP, true),
        "a bound index beside the default is the matter of mixed-indexes"
    );
}
