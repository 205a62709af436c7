//! The tree as nested lists: the way to what is wrong lies open, quiet parts of a large tree are folded.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use pinproof_core::{Printable, ProjectName};
use pinproof_engine::Report;

use super::escape::esc;
use super::tree::{Node, Risk, Tree};
use crate::output::wording::{count, listing};

/// A tree with more releases is folded where nothing is to be said.
const SMALL: usize = 60;
/// Levels that are shown: browsers give up at some depth, and no reader goes there.
const DEEPEST: usize = 40;
/// Releases that are drawn.
const DRAWN: usize = 5_000;
/// Others that need a release too.
const ALSO: usize = 3;

/// Where the page speaks of a project.
pub(super) type Anchors<'a> = BTreeMap<&'a ProjectName, usize>;

/// Writes the section of the tree; nothing without releases.
pub(super) fn write(html: &mut String, report: &Report, anchors: &Anchors<'_>) {
    let tree = Tree::of(report);
    if tree.nodes.is_empty() {
        return;
    }
    let releases = count(tree.nodes.len(), "release", "releases");
    let said = tree.nodes.iter().filter(|node| node.risk != Risk::Quiet);
    let said = said.count();
    let _ = writeln!(html, "<section>\n<h2>What brings what</h2>");
    let known = if tree.is_known {
        "Each stands below the release that needs it on the shortest way."
    } else {
        "Nothing that was read says which of them needs which."
    };
    let _ = writeln!(
        html,
        "<p class=\"quiet\">{releases}, {said} of them with something to say. {known}</p>"
    );
    Picture {
        tree: &tree,
        anchors,
        folds: tree.nodes.len() > SMALL,
        left: DRAWN,
    }
    .write(html);
    html.push_str("</section>\n");
}

struct Picture<'a> {
    tree: &'a Tree<'a>,
    anchors: &'a Anchors<'a>,
    folds: bool,
    left: usize,
}

/// What is still to be written; a stack of these instead of recursion, whose depth a file would choose.
enum Step {
    Release { at: usize, depth: usize },
    Text(&'static str),
}

impl Picture<'_> {
    fn write(mut self, html: &mut String) {
        let is_quiet = |at: &&usize| self.folds && self.tree.nodes[**at].worst == Risk::Quiet;
        let (quiet, said): (Vec<&usize>, Vec<&usize>) = self.tree.roots.iter().partition(is_quiet);
        let all = |roots: &[&usize]| {
            let below = roots.iter().map(|at| self.tree.nodes[**at].below + 1);
            below.sum::<usize>()
        };
        let quiet_releases = all(&quiet);
        self.list(html, &said);
        if !quiet.is_empty() {
            let quiet_releases = count(quiet_releases, "release", "releases");
            let more = if said.is_empty() { "" } else { " more" };
            let _ = writeln!(
                html,
                "<details class=\"folded\"><summary>{quiet_releases}{more} without anything to say</summary>"
            );
            self.list(html, &quiet);
            html.push_str("</details>\n");
        }
        let drawn = DRAWN - self.left;
        let missing = self.tree.nodes.len() - drawn;
        if missing > 0 {
            let missing = count(missing, "release is", "releases are");
            let _ = writeln!(html, "<p class=\"quiet\">{missing} not drawn.</p>");
        }
    }

    fn list(&mut self, html: &mut String, roots: &[&usize]) {
        let mut steps = vec![Step::Text("</ul>\n")];
        steps.extend(
            roots
                .iter()
                .rev()
                .map(|at| Step::Release { at: **at, depth: 1 }),
        );
        html.push_str("<ul class=\"tree\">\n");
        while let Some(step) = steps.pop() {
            match step {
                Step::Text(text) => html.push_str(text),
                Step::Release { at, depth } if self.left > 0 => {
                    self.left -= 1;
                    self.release(html, at, depth, &mut steps);
                }
                Step::Release { .. } => {}
            }
        }
    }

    fn release(&self, html: &mut String, at: usize, depth: usize, steps: &mut Vec<Step>) {
        let node = &self.tree.nodes[at];
        let class = if node.risk == Risk::Quiet {
            "is-quiet"
        } else {
            "is-said"
        };
        let name = self.name(node);
        let goes_on = !node.children.is_empty() && depth < DEEPEST;
        if !goes_on {
            let cut = match node.below {
                0 => String::new(),
                below => format!(" <span class=\"also\">and {below} below</span>"),
            };
            let _ = writeln!(html, "<li class=\"{class}\">{name}{cut}</li>");
            return;
        }
        if self.folds && node.worst == Risk::Quiet {
            let below = node.below;
            let _ = writeln!(
                html,
                "<li class=\"{class}\"><details><summary>{name} <span class=\"also\">and {below} below</span></summary>\n<ul>"
            );
            steps.push(Step::Text("</ul></details></li>\n"));
        } else {
            let _ = writeln!(html, "<li class=\"{class}\">{name}\n<ul>");
            steps.push(Step::Text("</ul></li>\n"));
        }
        let children = node.children.iter().rev();
        steps.extend(children.map(|on| Step::Release {
            at: *on,
            depth: depth + 1,
        }));
    }

    fn name(&self, node: &Node<'_>) -> String {
        let version = node.release.version.as_ref();
        let version = version.map_or_else(String::new, |version| format!(" {version}"));
        let text = esc(format!("{}{version}", node.release.name));
        let anchor = node
            .project
            .as_ref()
            .and_then(|name| self.anchors.get(name));
        let mut name = match anchor {
            Some(at) => format!("<a class=\"release\" href=\"#block-{at}\">{text}</a>"),
            None if node.risk == Risk::Open => {
                format!("<a class=\"release\" href=\"#what-stayed-open\">{text}</a>")
            }
            None => format!("<span class=\"release\">{text}</span>"),
        };
        if let Some((class, word)) = badge(node.risk) {
            let _ = write!(name, " <span class=\"badge {class}\">{word}</span>");
        }
        if !node.also.is_empty() {
            let others = node
                .also
                .iter()
                .map(|at| &self.tree.nodes[*at].release.name);
            let others: Vec<Printable> = others.cloned().collect();
            let others = esc(listing(&others, ALSO));
            let _ = write!(name, " <span class=\"also\">also for {others}</span>");
        }
        name
    }
}

fn badge(risk: Risk) -> Option<(&'static str, &'static str)> {
    Some(match risk {
        Risk::Quiet => return None,
        Risk::Existing => ("existing", "already there"),
        Risk::Warned => ("warned", "warned"),
        Risk::Open => ("open", "open"),
        Risk::Denied => ("denied", "denied"),
    })
}
