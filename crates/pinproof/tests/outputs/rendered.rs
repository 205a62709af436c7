//! What a comment becomes: `cmark-gfm`, which GitHub renders with, in an environment of the build folder.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde::Deserialize;

const PROJECT: &str = "cmarkgfm==2025.10.22";

/// Renders stdin, and prints what a reader of the page has to know as JSON.
const SCRIPT: &str = "\
import json, sys
from html.parser import HTMLParser
import cmarkgfm
from cmarkgfm.cmark import Options
html = cmarkgfm.github_flavored_markdown_to_html(sys.stdin.read(), options=Options.CMARK_OPT_UNSAFE)
class Page(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags, self.prose, self.code, self.open, self.columns = [], [], [], [], []
    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.open.append(tag)
        if tag == 'tr': self.columns.append(0)
        if tag in ('td', 'th'): self.columns[-1] += 1
        if attributes: self.tags.append(tag + ' with attributes')
    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag
    def handle_data(self, text):
        (self.code if 'code' in self.open else self.prose).append(text)
page = Page()
page.feed(html)
page.close()
assert not page.open, page.open
print(json.dumps({'tags': sorted(set(page.tags)), 'prose': ' '.join(page.prose), 'code': page.code, 'columns': sorted(set(page.columns))}))
";

/// A comment as a reader sees it.
#[derive(Debug, Deserialize)]
pub(crate) struct Rendered {
    /// The elements that there are; those with attributes are named once more.
    pub(crate) tags: Vec<String>,
    /// The text outside of code, in which names and links are looked for.
    pub(crate) prose: String,
    /// The text of each piece of code.
    pub(crate) code: Vec<String>,
    /// The numbers of cells that rows have.
    pub(crate) columns: Vec<usize>,
}

/// Renders a comment; says so where that is not possible, and fails where `CI=true`.
pub(crate) fn rendered(markdown: &str) -> Option<Rendered> {
    static MADE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let python = match MADE.get_or_init(make) {
        Ok(python) => python,
        Err(why) => {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
            #[expect(clippy::print_stderr, reason = "a test that skips says so")]
            {
                eprintln!("skipped: {why}");
            }
            return None;
        }
    };
    let mut child = Command::new(python)
        .args(["-X", "utf8", "-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(markdown.as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "not well-formed: {markdown}");
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

fn make() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gfm");
    let python = folder.join("bin/python");
    if python.exists() && run(&python, &["-c", "import cmarkgfm"]).is_ok() {
        return Ok(python);
    }
    let shown = folder.display().to_string();
    run(Path::new("python3"), &["-m", "venv", "--clear", &shown])?;
    let install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    run(&python, &[&install[..], &[PROJECT]].concat())?;
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
