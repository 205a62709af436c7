//! The comment: what a reader sees of it, and that no text of a file acts in it.

use std::fmt::Write as _;

use crate::rendered::rendered;
use crate::support::{Index, Mood, Release, Sandbox};
use crate::{click, flask, half_hashed, index};

const MARKDOWN: [&str; 2] = ["--format", "markdown"];

/// Everything that a comment of ours is made of.
const ELEMENTS: [&str; 15] = [
    "code", "details", "h3", "li", "p", "strong", "sub", "summary", "table", "tbody", "td", "th",
    "thead", "tr", "ul",
];

#[test]
fn the_verdict_comes_first_and_every_block_is_a_row() {
    let ran = half_hashed().check(&index(), &MARKDOWN);
    ran.ends_with(1);
    assert!(
        ran.stdout
            .starts_with("<!-- pinproof:check -->\n### pinproof: FAILED\n\n1 denied, 0 warned,"),
        "{}",
        ran.stdout
    );
    ran.says("- `requirements.txt`: not a lock file")
        .says("| **denied** | `unhashed-requirement` | `requirements.txt:2:6` | `click` is pinned, but has no hash |\n")
        .says("Help: `pinproof check --fix` adds the hashes that the index publishes\n")
        .says("\n`pinproof explain unhashed-requirement` says more\n");
    let clean = Sandbox::with_requirements(&(flask().locked() + &click().locked()));
    let ran = clean.check(&index(), &MARKDOWN);
    ran.ends_with(0)
        .says("### pinproof: CLEAN")
        .never_says("\n|");
}

#[test]
fn what_stayed_open_and_what_is_not_read_have_tables_too() {
    let silent = Index::in_mood(Mood::Status(503), &[]);
    let sandbox = Sandbox::with_requirements(&(flask().locked() + &click().locked() + "!!\n"));
    let ran = sandbox.check(&silent, &MARKDOWN);
    ran.ends_with(3)
        .says("### pinproof: UNDECIDED")
        .says("| **open** | `requirements.txt:3:1` | ")
        .says("| **open** | not decided: ")
        .says(" no answer from ");
    let ran = sandbox.check(&index(), &[&MARKDOWN[..], &["missing.txt"]].concat());
    ran.ends_with(2)
        .says("### pinproof: COULD NOT RUN")
        .says("| **not read** | `missing.txt` | ");
}

#[test]
fn with_a_base_what_was_there_is_counted() {
    let sandbox = half_hashed();
    sandbox.write("old.txt", sandbox.read("requirements.txt"));
    let args = ["--base", "old.txt", "requirements.txt"];
    let ran = sandbox.check(&index(), &[&MARKDOWN[..], &args].concat());
    ran.ends_with(0)
        .says("Already in `old.txt`, not counted: 1 denied\n")
        .never_says("<details>");
}

/// Names, reasons and paths as somebody would write them who wants to be seen.
const HOSTILE: [&str; 12] = [
    "@octocat look",
    "see #1 and GH-2 and owner/name#3",
    "![x](https://evil.example/p.png)",
    "[x](javascript:alert(1)) <https://evil.example>",
    "https://evil.example/ www.evil.example a@evil.example",
    "<img src=x onerror=alert(1)><script>alert(1)</script>",
    "</details></code></td>|| a | b |\\| `` ` ```",
    "``` <details open> ~~~",
    "**bold** __bold__ ~~gone~~ $x^2$ :smile: [^1]",
    "0123456789abcdef0123456789abcdef01234567",
    "&lt;b&gt; &#64;octocat &commat;octocat",
    "- [ ] a\\",
];

#[test]
fn no_text_from_outside_acts() {
    let mut text = String::new();
    let mut releases = vec![flask(), click()];
    for (at, hostile) in HOSTILE.iter().enumerate() {
        let _ = writeln!(text, "p{at}==1  # pinproof: ignore[{hostile}] x");
        let _ = writeln!(text, "{hostile}");
        releases.push(Release::new(&format!("p{at}"), "1").yanked(hostile));
    }
    let sandbox = Sandbox::with_requirements(&text);
    let path = "requirements/`|@octocat<b>#1.txt";
    sandbox.write(path, flask().pinned());
    let args = ["requirements.txt", path];
    let ran = sandbox.check(&Index::with(&releases), &[&MARKDOWN[..], &args].concat());
    let Some(page) = rendered(&ran.stdout) else {
        return;
    };
    for tag in &page.tags {
        assert!(ELEMENTS.contains(&tag.as_str()), "{tag}: {}", ran.stdout);
    }
    assert!(
        page.columns.iter().all(|columns| [3, 4].contains(columns)),
        "{page:?}"
    );
    for acting in [
        "@", "#", "://", "www.", "GH-", "0123456", "evil", "|", "[", "*", "~", "$", "<",
    ] {
        assert!(!page.prose.contains(acting), "{acting}: {}", page.prose);
    }
    // It is shown all the same, as it was written.
    for shown in ["@octocat", "![x](https://evil.example/p.png)", path] {
        let is_there = page.code.iter().any(|code| code.contains(shown));
        assert!(is_there, "{shown}: {:?}", page.code);
    }
}

#[test]
fn a_comment_has_a_limit_and_what_does_not_fit_is_said() {
    let sandbox = Sandbox::new();
    for file in 0..40 {
        let lines: Vec<String> = (0..100).map(|at| format!("p{at}=={file}\n")).collect();
        sandbox.write(&format!("requirements/r{file:02}.txt"), lines.concat());
    }
    let args = [&MARKDOWN[..], &["--offline", "-A", "unknown-project"]].concat();
    let ran = sandbox.check_as_configured(&args, &[]);
    ran.ends_with(1).says("lines do not fit into a comment**");
    assert!(
        ran.stdout.len() > 55_000 && ran.stdout.len() < 65_536,
        "{}",
        ran.stdout.len()
    );
    assert!(
        ran.last_line().starts_with("<sub>judged 0 of 4000 "),
        "{}",
        ran.last_line()
    );
    if let Some(page) = rendered(&ran.stdout) {
        assert!(
            page.tags.iter().all(|tag| ELEMENTS.contains(&tag.as_str())),
            "{page:?}"
        );
    }
}
