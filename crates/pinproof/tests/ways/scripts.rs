//! The scripts of the action for GitHub and of the component for GitLab, run by bash: what they leave, and what they do
//! with inputs that want to be more than inputs.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::documents::{all_texts, text, yaml};
use crate::support::{Index, NOW, Release, Sandbox, quiet_db};
use crate::tools::{Tools, both, output, skip};

/// Whatever is put into the text of a script is run by the shell.
#[test]
fn no_input_is_part_of_a_script() {
    let Some(tools) = Tools::new() else { return };
    let mut scripts = 0;
    for file in ["action.yml", "templates/pinproof.yml"] {
        for (at, text) in all_texts(&yaml(&tools, &text(file))) {
            if at.ends_with("/run") || at.ends_with("/script") {
                scripts += 1;
                assert!(
                    !text.contains("${{") && !text.contains("$[["),
                    "{file}{at}: {text}"
                );
            }
        }
    }
    assert_eq!(scripts, 5);
}

/// The script of a step of the action, to be run by bash as GitHub runs it.
fn step(tools: &Tools, name: &str) -> String {
    let documents = yaml(tools, &text("action.yml"));
    let mut steps = documents[0]["runs"]["steps"]
        .as_array()
        .expect("steps")
        .iter();
    let step = steps.find(|step| step["name"] == name).expect("the step");
    step["run"].as_str().expect("a script").to_owned()
}

/// Runs a script in the project; what it sets as outputs, and what it says.
fn bash(sandbox: &Sandbox, script: &str, variables: &[(&str, &str)]) -> (String, Output) {
    let outputs = sandbox.home().join("outputs");
    std::fs::write(&outputs, "").expect("a file");
    let ran = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
        .current_dir(sandbox.project())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", sandbox.home())
        .env("RUNNER_TEMP", sandbox.home())
        .env("GITHUB_OUTPUT", &outputs)
        .env("PINPROOF_AS_OF", NOW)
        .env("PINPROOF_DB", quiet_db())
        .envs(variables.iter().copied())
        .output()
        .expect("bash runs");
    (std::fs::read_to_string(outputs).expect("outputs"), ran)
}

/// A program that writes down its arguments, one a line, and ends with 1.
fn witness(sandbox: &Sandbox) -> PathBuf {
    let path = sandbox.home().join("witness");
    let script = "#!/bin/sh\nprintf '%s\\n' \"$@\" . >> \"$HOME/arguments\"\nexit 1\n";
    std::fs::write(&path, script).expect("a program");
    output(Command::new("chmod").arg("755").arg(&path));
    path
}

/// Inputs that a shell would run, split or expand, if it got to see them.
const HOSTILE: &str = "$(touch ran); `touch ran` && touch ran | * \"';--output=x";

#[test]
fn hostile_inputs_of_the_action_arrive_as_arguments() {
    let Some(tools) = Tools::new() else { return };
    let sandbox = Sandbox::new();
    let witness = witness(&sandbox).display().to_string();
    let script = step(&tools, "Judge the project");
    let paths = format!("{HOSTILE}\n-A\n");
    let variables = [
        ("PROGRAM", witness.as_str()),
        ("COMMAND", "audit"),
        ("ARGS", "--group\na b"),
        ("PATHS", &paths),
    ];
    let (outputs, ran) = bash(&sandbox, &script, &variables);
    assert!(ran.status.success(), "{}", both(&ran));
    assert_eq!(outputs, "exit-code=1\n", "there is no file to upload");
    let arguments = std::fs::read_to_string(sandbox.home().join("arguments")).expect("arguments");
    let first = format!("audit\n--format\ntext\n--group\na b\n--\n{HOSTILE}\n-A\n.\n");
    assert!(arguments.starts_with(&first), "{arguments}");
    assert!(!sandbox.project().join("ran").exists());

    let refused = [
        ("PROGRAM", witness.as_str()),
        ("COMMAND", HOSTILE),
        ("ARGS", ""),
        ("PATHS", "."),
    ];
    let (_, ran) = bash(&sandbox, &script, &refused);
    assert_eq!(ran.status.code(), Some(2), "{}", both(&ran));
}

#[test]
fn the_action_installs_one_version_by_its_hash() {
    let Some(tools) = Tools::new() else { return };
    let sandbox = Sandbox::new();
    let script = step(&tools, "Install pinproof");
    // In the place of Python: makes an environment whose Python writes down what it is to install.
    let python = "#!/bin/sh\nmkdir -p \"$3/bin\"\nprintf '#!/bin/sh\\necho \"$@\"\\n' > \"$3/bin/python\"\nchmod 755 \"$3/bin/python\"\n";
    sandbox.write_home("bin/python3", python);
    output(
        Command::new("chmod")
            .arg("755")
            .arg(sandbox.home().join("bin/python3")),
    );
    let path = format!("{}:/usr/bin:/bin", sandbox.home().join("bin").display());
    let digest = "ab".repeat(32);
    let variables = [
        ("PATH", path.as_str()),
        ("VERSION", "1.2.3"),
        ("HASHES", &digest),
    ];
    let (outputs, ran) = bash(&sandbox, &script, &variables);
    assert!(ran.status.success(), "{}", both(&ran));
    let folder = sandbox.home().join("pinproof");
    let wanted = std::fs::read_to_string(folder.join("requirements.txt")).expect("requirements");
    assert_eq!(wanted, format!("pinproof==1.2.3 --hash=sha256:{digest}\n"));
    for option in [
        "--isolated",
        "--no-deps",
        "--only-binary :all:",
        "--require-hashes",
    ] {
        assert!(both(&ran).contains(option), "{option}: {}", both(&ran));
    }
    assert_eq!(
        outputs,
        format!("program={}/bin/pinproof\n", folder.display())
    );

    for (version, hashes) in [
        (">=1", ""),
        ("1.0 @ file:///x", ""),
        ("1\n-r /x", ""),
        ("$(touch ran)", ""),
        ("1.0", "md5:ab"),
    ] {
        let variables = [
            ("PATH", path.as_str()),
            ("VERSION", version),
            ("HASHES", hashes),
        ];
        let (_, ran) = bash(&sandbox, &script, &variables);
        assert_eq!(
            ran.status.code(),
            Some(2),
            "{version} {hashes}: {}",
            both(&ran)
        );
    }
    assert!(!sandbox.project().join("ran").exists());
}

/// Both pipelines with the real binary: the report for people, the file for the service, and the exit code.
#[test]
fn the_pipelines_judge_a_project_and_leave_the_file_that_their_service_reads() {
    let Some(tools) = Tools::new() else { return };
    let binary = env!("CARGO_BIN_EXE_pinproof");
    let help = output(Command::new(binary).args(["check", "--help"]));
    if !help.contains("sarif") {
        return skip("this pinproof writes no SARIF");
    }
    let flask = Release::new("flask", "3.1.2");
    let index = Index::with(std::slice::from_ref(&flask));
    let folder = Path::new(binary)
        .parent()
        .expect("a folder")
        .display()
        .to_string();
    let path = format!("{folder}:/usr/bin:/bin");
    let url = index.url();
    for (requirements, code) in [(flask.locked(), 0), (flask.pinned(), 1)] {
        let sandbox = Sandbox::with_requirements(&requirements);
        let common = [("PATH", path.as_str()), ("PINPROOF_INDEX_URL", &url)];
        let github = [
            ("PROGRAM", "pinproof"),
            ("COMMAND", "check"),
            ("ARGS", "--no-progress"),
            ("PATHS", "requirements.txt"),
        ];
        let (outputs, ran) = bash(
            &sandbox,
            &step(&tools, "Judge the project"),
            &[common.as_slice(), &github].concat(),
        );
        let sarif = sandbox.home().join("pinproof.sarif");
        assert_eq!(
            outputs,
            format!("exit-code={code}\nsarif-file={}\n", sarif.display()),
            "{}",
            both(&ran)
        );
        assert!(both(&ran).contains("judged 1 of 1"), "{}", both(&ran));
        assert_eq!(results(&sarif, "/runs/0/results"), code);

        let gitlab = [
            ("PINPROOF_JOB_VERSION", "installed"),
            ("PINPROOF_JOB_COMMAND", "check"),
            ("PINPROOF_JOB_PATH", "requirements.txt"),
        ];
        let (_, ran) = bash(
            &sandbox,
            &component_script(&tools),
            &[common.as_slice(), &gitlab].concat(),
        );
        assert_eq!(
            ran.status.code(),
            Some(i32::try_from(code).expect("small")),
            "{}",
            both(&ran)
        );
        assert_eq!(
            results(&sandbox.project().join("gl-code-quality-report.json"), ""),
            code
        );
    }
}

fn results(file: &Path, at: &str) -> usize {
    let text = std::fs::read_to_string(file).expect("a file for the service");
    let value: Value = serde_json::from_str(&text).expect("JSON");
    value
        .pointer(at)
        .and_then(Value::as_array)
        .expect("a list")
        .len()
}

/// The parts of the script, in one shell as a runner has them.
fn component_script(tools: &Tools) -> String {
    let documents = yaml(tools, &text("templates/pinproof.yml"));
    let parts = documents[1]["pinproof"]["script"]
        .as_array()
        .expect("parts")
        .iter();
    let parts: Vec<_> = parts.map(|part| part.as_str().expect("text")).collect();
    parts.join("\n")
}
