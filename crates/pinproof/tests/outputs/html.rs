//! The page: whole in itself, with nothing in it that acts, and with the tree of what brings what.

use std::fmt::Write as _;

use crate::support::{Index, Mood, Release, Sandbox};
use crate::{click, flask, half_hashed, index};

const HTML: [&str; 2] = ["--format", "html"];

/// Every element of ours.
const ELEMENTS: &[&str] = &[
    "a", "article", "body", "code", "details", "footer", "h1", "h2", "h3", "head", "header",
    "html", "li", "main", "mark", "meta", "p", "pre", "section", "span", "strong", "style",
    "summary", "table", "tbody", "td", "th", "thead", "title", "tr", "ul",
];
const ATTRIBUTES: &[&str] = &[
    "charset",
    "class",
    "content",
    "href",
    "http-equiv",
    "id",
    "lang",
    "name",
];

/// The deepest nesting of a page; fails if an element or an attribute is not one of ours, is not closed, or
/// leads out of the page.
#[track_caller]
fn depth(page: &str) -> usize {
    let page = page.strip_prefix("<!DOCTYPE html>").expect("a document");
    let (before, style) = page.split_once("<style>").expect("a style");
    let (_, after) = style.split_once("</style>").expect("its end");
    let mut open: Vec<&str> = Vec::new();
    let mut deepest = 0;
    for tag in format!("{before}{after}").split('<').skip(1) {
        let (tag, text) = tag.split_once('>').expect("tags end");
        assert!(!text.contains('>'), "raw: {text}");
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(ELEMENTS[place(name)]));
            continue;
        }
        let mut quoted = attributes.split('"');
        while let (Some(attribute), Some(value)) = (quoted.next(), quoted.next()) {
            let attribute = attribute.trim().trim_end_matches('=');
            assert!(ATTRIBUTES.contains(&attribute), "{attribute}: {tag}");
            assert!(
                attribute != "href" || value.starts_with('#'),
                "leads out: {tag}"
            );
        }
        let name = ELEMENTS[place(name)];
        if name != "meta" {
            open.push(name);
            deepest = deepest.max(open.len());
        }
    }
    assert_eq!(open, [""; 0]);
    deepest
}

fn place(name: &str) -> usize {
    let mut elements = ELEMENTS.iter();
    elements
        .position(|element| *element == name)
        .unwrap_or_else(|| panic!("<{name}> is none of ours"))
}

#[test]
fn a_page_is_whole_in_itself() {
    let ran = half_hashed().check(&index(), &HTML);
    ran.ends_with(1)
        .says("content=\"default-src 'none'; style-src 'unsafe-inline'\"")
        .says("<title>FAILED: requirements.txt (pinproof check)</title>")
        .says("<li><strong>1</strong>denied</li>")
        .says("<h3><span class=\"badge denied\">denied</span><code>click</code> is pinned, but has no hash</h3>")
        .says("<span class=\"number\">   2  </span>click<mark>==8.3.0</mark>\n")
        .says("prefers-color-scheme: dark")
        .says("@media print");
    depth(&ran.stdout);
    for outside in ["<script", "<link", "<img", "src=", "url(", "@import"] {
        ran.never_says(outside);
    }
}

#[test]
fn the_tree_has_the_risk_on_it_and_leads_to_the_finding() {
    let lock =
        flask().locked() + "    # via -r main.in\n" + &click().pinned() + "    # via flask\n";
    let ran = Sandbox::with_requirements(&lock).check(&index(), &HTML);
    ran.says(
        "<ul class=\"tree\">\n\
         <li class=\"is-quiet\"><span class=\"release\">flask 3.1.2</span>\n<ul>\n\
         <li class=\"is-said\"><a class=\"release\" href=\"#block-0\">click 8.3.0</a> <span class=\"badge denied\">denied</span></li>\n\
         </ul></li>\n</ul>\n",
    );
    ran.says("<article class=\"is-denied\" id=\"block-0\">");
    ran.says("2 releases, 1 of them with something to say.");
}

#[test]
fn a_large_tree_is_folded_where_nothing_is_to_be_said() {
    let mut lock = String::new();
    for at in 0..100 {
        let release = Release::new(&format!("p{at:02}"), "1");
        let line = if at == 77 {
            release.pinned()
        } else {
            release.locked()
        };
        let by = if at < 10 {
            "-r main.in".to_owned()
        } else {
            format!("p{:02}", at % 10)
        };
        let _ = writeln!(lock, "{line}    # via {by}");
    }
    let sandbox = Sandbox::with_requirements(&lock);
    let args = [&HTML[..], &["--offline", "--only", "unhashed-requirement"]].concat();
    let ran = sandbox.check_as_configured(&args, &[]);
    ran.says("100 releases, 1 of them with something to say.")
        .says("<summary>90 releases more without anything to say</summary>");
    let (said, _) = ran.stdout.split_once("class=\"folded\"").unwrap();
    assert!(
        said.contains(">p07 1</span>") && said.contains(">p77 1</a>"),
        "{said}"
    );
    assert!(!said.contains(">p06 1</span>"), "{said}");
    depth(&ran.stdout);
}

/// Chains that a file may make as long as it likes, and circles.
#[test]
fn a_chain_has_an_end_and_a_circle_is_drawn_once() {
    let mut lock = String::from("p0==1  # via p1\n");
    for at in 1..20_000 {
        let _ = writeln!(lock, "p{at}==1  # via p{}", at - 1);
    }
    let sandbox = Sandbox::with_requirements(&lock);
    let args = [&HTML[..], &["--offline", "--only", "yanked-release"]].concat();
    let ran = sandbox.check_as_configured(&args, &[]);
    assert!(depth(&ran.stdout) < 200);
    assert!(ran.stdout.len() < 4_000_000, "{}", ran.stdout.len());
    ran.says("20000 releases");
}

#[test]
fn what_stayed_open_what_is_accepted_and_what_is_not_read_are_on_the_page() {
    let silent = Index::in_mood(Mood::Status(503), &[]);
    let sandbox = Sandbox::with_requirements(
        "flask==3.1.2  # pinproof: ignore[unhashed-requirement] see #1\n!!\n",
    );
    let ran = sandbox.check(&silent, &[&HTML[..], &[".", "missing.txt"]].concat());
    ran.ends_with(2)
        .says("<span class=\"badge denied\">COULD NOT RUN</span>")
        .says("<h2>What cannot be read</h2>")
        .says("<td><code>missing.txt</code></td>")
        .says("<h2>What stayed open</h2>")
        .says("no answer from ")
        .says("<h2>What is accepted</h2>")
        .says("<td>see #1</td>")
        .says("href=\"#what-stayed-open\">flask 3.1.2</a> <span class=\"badge open\">open</span>");
    depth(&ran.stdout);
}

#[test]
fn with_a_base_what_was_there_is_drawn_as_such() {
    let sandbox = half_hashed();
    sandbox.write("old.txt", sandbox.read("requirements.txt"));
    let args = ["--base", "old.txt", "requirements.txt"];
    let ran = sandbox.check(&index(), &[&HTML[..], &args].concat());
    ran.ends_with(0)
        .says("<p>Already in <code>old.txt</code>, not counted: 1 denied</p>")
        .says("<span class=\"badge existing\">already there</span>")
        .never_says("<article");
}

#[test]
fn no_text_from_outside_is_markup() {
    let hostile = [
        "</pre><script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='x",
        "`<b>`",
        "&lt;b&gt; &#60;b&#62;",
        "--><style>*{}</style>",
    ];
    let mut text = String::new();
    let mut releases = vec![flask()];
    for (at, hostile) in hostile.iter().enumerate() {
        let _ = writeln!(text, "p{at}==1  # pinproof: ignore[{hostile}] x\n{hostile}");
        releases.push(Release::new(&format!("p{at}"), "1").yanked(hostile));
    }
    let sandbox = Sandbox::with_requirements(&text);
    let path = "requirements/\"<b>'&.txt";
    sandbox.write(path, flask().pinned());
    let args = ["requirements.txt", path];
    let ran = sandbox.check(&Index::with(&releases), &[&HTML[..], &args].concat());
    depth(&ran.stdout);
    ran.says("&lt;script&gt;alert(1)&lt;/script&gt;")
        .says("requirements/&quot;&lt;b&gt;&#39;&amp;.txt");
}
