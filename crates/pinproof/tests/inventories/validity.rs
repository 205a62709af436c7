//! What is written is what the published schema of CycloneDX says, by its reference implementation.

use crate::support::{Index, NOW, Release, Sandbox};
use crate::tools::{Tools, output};
use crate::vulnerabilities::{accepted, audit, project};
use crate::written::mixed;

/// Reads a document, and prints what the reference implementation has against it.
const VALIDATE: &str = "\
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1], encoding='utf-8').read())
if error is not None:
    print(str(error)[:2000])
";

fn errors(tools: &Tools, document: &str) -> String {
    let sandbox = Sandbox::new();
    sandbox.write("written.json", document);
    let path = sandbox.project().join("written.json");
    output(tools.command("python").args(["-c", VALIDATE]).arg(path))
}

#[test]
fn bills_of_materials_are_what_the_published_schema_says() {
    let Some(tools) = Tools::new() else { return };
    let sandbox = mixed();
    let folder = "env/lib/python3.12/site-packages/flask-3.1.2.dist-info/METADATA";
    sandbox.write(
        folder,
        "Metadata-Version: 2.1\nName: flask\nVersion: 3.1.2\nRequires-Dist: click\n",
    );
    sandbox.write(
        "evil.txt",
        "weird @ https://h.example/\u{202e}x\u{1b}.whl\n",
    );
    let flask = Release::new("flask", "3.1.2").requires("click");
    let index = Index::with(&[flask, Release::new("click", "8.3.0")]);
    let url = index.url();
    let runs: [&[&str]; 5] = [
        &["sbom"],
        &["sbom", "--environment", "env"],
        &["sbom", "evil.txt"],
        &["sbom", "gone.txt"],
        &[
            "check",
            "--index-url",
            &url,
            "--retries",
            "0",
            "--format",
            "cyclonedx",
        ],
    ];
    for args in runs {
        let written = sandbox.run(args).stdout;
        assert_eq!(errors(&tools, &written), "", "{args:?}: {written}");
    }
    // The validator does object to what is wrong.
    let written = sandbox.run(&["sbom"]).stdout;
    for (right, wrong) in [
        ("\"library\"", "\"book\""),
        ("\"SHA-256\"", "\"SHA-224\""),
        ("urn:uuid:", "urn:"),
    ] {
        assert_ne!(
            errors(&tools, &written.replacen(right, wrong, 1)),
            "",
            "{wrong}"
        );
    }
}

#[test]
fn vulnerabilities_are_what_the_published_schema_says() {
    let Some(tools) = Tools::new() else { return };
    let gaps = Sandbox::with_requirements("fine==1\nnot one\n-r gone.txt\n\u{202e}\n");
    let missing = ["audit", "--as-of", NOW, "--db", "gone.db", "--format"];
    let mut written = Vec::new();
    for format in ["cyclonedx", "vex"] {
        written.push(audit(&project(), &["--format", format]).stdout);
        written.push(audit(&accepted(), &["--format", format]).stdout);
        written.push(gaps.run(&[&missing[..], &[format]].concat()).stdout);
    }
    for document in &written {
        assert_eq!(errors(&tools, document), "", "{document}");
    }
    let document = &written[1];
    for (right, wrong) in [
        ("\"not_affected\"", "\"fine\""),
        ("\"code_not_reachable\"", "\"because\""),
        ("\"CVSSv31\"", "\"CVSS 3.1\""),
        ("\"critical\"", "\"dreadful\""),
        ("\"will_not_fix\"", "\"no\""),
        ("\"affects\"", "\"affected\""),
    ] {
        let changed = document.replacen(right, wrong, 1);
        assert_ne!(&changed, document, "{right}");
        assert_ne!(errors(&tools, &changed), "", "{wrong}");
    }
}
