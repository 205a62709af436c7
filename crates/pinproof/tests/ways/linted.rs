//! The action for GitHub, the component for GitLab and the Dockerfile: what linters and schemas say of them.

use std::path::Path;
use std::process::Output;

use tempfile::TempDir;
use xtask::workspace;

use crate::documents::{all_texts, text, yaml};
use crate::tools::{Tools, both, output};

/// The first block of a chapter that is this file.
fn shown(chapter: &str, file: &str) -> String {
    let text = text(chapter);
    let (_, rest) = text
        .split_once(&format!("```yaml file={file}\n"))
        .expect("the block");
    rest.split_once("```").expect("its end").0.to_owned()
}

/// A folder that has the action, the hooks and the workflow of the guide where linters look for them.
fn repository() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: String| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    let workflow = ".github/workflows/pinproof.yml";
    write("action.yml", text("action.yml"));
    write(".pre-commit-hooks.yaml", text(".pre-commit-hooks.yaml"));
    write(
        ".pre-commit-config.yaml",
        shown("docs/guide/ways/pre-commit.md", ".pre-commit-config.yaml"),
    );
    write(workflow, shown("docs/guide/ways/github.md", workflow));
    folder
}

#[test]
fn zizmor_has_nothing_to_say_of_what_runs_on_github() {
    let Some(tools) = Tools::new() else { return };
    let folder = repository();
    let run = |folder: &Path| {
        let options = [
            "--offline",
            "--no-config",
            "--no-ignores",
            "--strict-collection",
            "--collect=all",
            "--persona",
            "auditor",
        ];
        tools
            .command("zizmor")
            .args(options)
            .arg(folder)
            .output()
            .expect("it runs")
    };
    let ran = run(folder.path());
    let said = both(&ran);
    assert!(ran.status.success(), "{said}");
    for file in ["action.yml", "pinproof.yml", ".pre-commit-hooks.yaml"] {
        assert!(
            said.contains(&format!("{file}\n")),
            "{file} is audited: {said}"
        );
    }
    // It would say so, if there was anything.
    let injected = text("action.yml").replace("exit \"$CODE\"", "exit ${{ inputs.command }}");
    std::fs::write(folder.path().join("action.yml"), injected).expect("a file");
    assert!(both(&run(folder.path())).contains("template-injection"));
}

/// `vendor.NAME` are the schemas that `check-jsonschema` brings.
fn validate(tools: &Tools, schema: &str, file: &Path) -> Output {
    let schema = format!("vendor.{schema}");
    let mut command = tools.command("check-jsonschema");
    command
        .args(["--builtin-schema", &schema])
        .arg(file)
        .output()
        .expect("it runs")
}

#[test]
fn actions_and_workflows_are_of_their_schemas() {
    let Some(tools) = Tools::new() else { return };
    let folder = repository();
    let cases = [
        ("github-actions", "action.yml"),
        ("github-workflows", ".github/workflows/pinproof.yml"),
    ];
    for (schema, name) in cases {
        let path = folder.path().join(name);
        let ran = validate(&tools, schema, &path);
        assert!(ran.status.success(), "{}", both(&ran));
        let broken = std::fs::read_to_string(&path)
            .expect("it")
            .replace("runs", "rnus");
        std::fs::write(&path, broken).expect("a file");
        assert!(
            !validate(&tools, schema, &path).status.success(),
            "{schema} refuses nothing"
        );
    }
    let hooks = workspace::root().join(".pre-commit-hooks.yaml");
    output(
        tools
            .command("pre-commit")
            .arg("validate-manifest")
            .arg(hooks),
    );
}

#[test]
fn every_action_is_named_by_its_commit() {
    let Some(tools) = Tools::new() else { return };
    let workflow = shown(
        "docs/guide/ways/github.md",
        ".github/workflows/pinproof.yml",
    );
    let mut documents = yaml(&tools, &text("action.yml"));
    documents.extend(yaml(&tools, &workflow));
    let uses: Vec<_> = all_texts(&documents)
        .into_iter()
        .filter(|(at, _)| at.ends_with("/uses"))
        .collect();
    assert!(uses.len() > 2, "{uses:?}");
    for (_, action) in uses.iter().filter(|(_, action)| !action.starts_with("$/")) {
        let (_, commit) = action.split_once('@').expect("a revision");
        assert!(
            commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()),
            "{action}"
        );
    }
}

/// The component has a head with the inputs, and jobs in which they stand. No service of GitLab's is here to ask; the
/// schema of its pipelines is, and it knows the heads too.
#[test]
fn the_component_is_a_head_and_a_pipeline() {
    let Some(tools) = Tools::new() else { return };
    let text = text("templates/pinproof.yml");
    let (head, jobs) = text.split_once("\n---\n").expect("two documents");
    let documents = yaml(&tools, &text);
    let inputs = documents[0]["spec"]["inputs"].as_object().expect("inputs");
    let mut filled = jobs.to_owned();
    for name in inputs.keys() {
        let place = format!("$[[ inputs.{name} ]]");
        assert!(filled.contains(&place), "{name} is used");
        filled = filled.replace(&place, "value");
    }
    assert!(!filled.contains("$[["), "every input is declared: {filled}");
    for key in ["default", "variables", "stages", "workflow"] {
        assert!(
            documents[1].get(key).is_none(),
            "a component has no {key} of its own"
        );
    }
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [("head.yml", head), ("jobs.yml", &filled)] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        let ran = validate(&tools, "gitlab-ci", &path);
        assert!(ran.status.success(), "{}", both(&ran));
    }
    let job = &documents[1]["pinproof"];
    assert_eq!(
        job["artifacts"]["reports"]["codequality"],
        "gl-code-quality-report.json"
    );
    assert_eq!(
        job["artifacts"]["when"], "always",
        "a red job shows its findings"
    );
}

/// No builder is here to run it; what can be read from it is what matters most.
#[test]
fn the_image_is_pinned_by_whoever_builds_it_and_runs_as_nobody() {
    let dockerfile = text("Dockerfile");
    let lines = |word: &str| -> Vec<&str> {
        let lines = dockerfile
            .lines()
            .filter_map(|line| line.strip_prefix(word));
        lines.map(str::trim).collect()
    };
    assert_eq!(lines("FROM "), ["${BUILD_IMAGE} AS build", "${RUN_IMAGE}"]);
    assert_eq!(
        lines("ARG "),
        ["BUILD_IMAGE", "RUN_IMAGE"],
        "no default that nobody has pinned"
    );
    assert_eq!(lines("USER "), ["65534:65534"]);
    let ignore = text(".dockerignore");
    assert!(
        ignore.lines().any(|line| line == "*"),
        "nothing is sent unless it is named"
    );
    for line in lines("COPY ")
        .iter()
        .filter(|line| !line.starts_with("--from"))
    {
        let mut words: Vec<_> = line.split(' ').collect();
        words.pop();
        for source in words {
            assert!(workspace::root().join(source).exists(), "{source}");
            assert!(
                ignore.lines().any(|line| line == format!("!{source}")),
                "{source} is sent"
            );
        }
    }
}
